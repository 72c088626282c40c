//! From figures to pixels, with ticks at round numbers.

use super::svg::{Anchor, Svg};

const GRID: &str = "#e3e3e3";
const INK: &str = "#444444";

/// A linear scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    least: f64,
    greatest: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// From the range of these figures, widened a little, to the pixels `from` to `to`.
    pub(super) fn around(figures: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, greatest) = figures
            .into_iter()
            .filter(|figure| figure.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), figure| (l.min(figure), g.max(figure)));
        let (least, greatest) = if least <= greatest { (least, greatest) } else { (0.0, 1.0) };
        let width = greatest - least;
        let margin = if width > 0.0 { 0.06 * width } else { least.abs().max(1.0) * 0.1 };
        Self::between(least - margin, greatest + margin, from, to)
    }

    pub(super) fn between(least: f64, greatest: f64, from: f64, to: f64) -> Self {
        Self { least, greatest, from, to }
    }

    /// The same scale, so many pixels further on.
    pub(super) fn moved(&self, by: f64) -> Self {
        Self { from: self.from + by, to: self.to + by, ..*self }
    }

    pub(super) fn at(&self, figure: f64) -> f64 {
        self.from + (figure - self.least) / (self.greatest - self.least) * (self.to - self.from)
    }

    /// Round numbers within the range, about `wanted` of them, with the digits after the point that they need.
    pub(super) fn ticks(&self, wanted: f64) -> (Vec<f64>, usize) {
        let rough = (self.greatest - self.least) / wanted;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * power).into_iter().find(|step| *step >= rough);
        let step = step.filter(|step| step.is_normal()).unwrap_or(1.0);
        let digits = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
        let first = (self.least / step).ceil();
        let ticks = (0..50).map(|n| (first + f64::from(n)) * step).take_while(|tick| *tick <= self.greatest);
        // Adding zero takes the minus from a zero.
        (ticks.map(|tick| tick + 0.0).collect(), digits)
    }

    /// Grid lines across `top` to `bottom` with numbers below.
    pub(super) fn draw_below(&self, svg: &mut Svg, top: f64, bottom: f64, wanted: f64) {
        let (ticks, digits) = self.ticks(wanted);
        for tick in ticks {
            let x = self.at(tick);
            svg.line((x, top), (x, bottom), GRID, 1.0);
            svg.text((x, bottom + 14.0), &format!("{tick:.digits$}"), 10.0, Anchor::Middle, INK);
        }
    }

    /// Grid lines across `left` to `right` with numbers on the left.
    pub(super) fn draw_beside(&self, svg: &mut Svg, left: f64, right: f64, wanted: f64) {
        let (ticks, digits) = self.ticks(wanted);
        for tick in ticks {
            let y = self.at(tick);
            svg.line((left, y), (right, y), GRID, 1.0);
            svg.text((left - 6.0, y + 3.5), &format!("{tick:.digits$}"), 10.0, Anchor::End, INK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        for (least, greatest, ticks, digits) in [
            (680.0, 1260.0, vec![800.0, 1000.0, 1200.0], 0),
            (0.0, 1.0, vec![0.0, 0.5, 1.0], 1),
            (-0.03, 0.05, vec![-0.02, 0.0, 0.02, 0.04], 2),
        ] {
            assert_eq!(
                Scale::between(least, greatest, 0.0, 1.0).ticks(4.0),
                (ticks, digits),
                "{least} {greatest}"
            );
        }
    }

    #[test]
    fn scales_of_nothing_and_of_one_figure_have_a_width() {
        for figures in [vec![], vec![f64::NAN], vec![5.0], vec![0.0], vec![1e300, 1e300]] {
            let scale = Scale::around(figures.clone(), 0.0, 100.0);
            assert!(scale.at(0.5).is_finite() && scale.ticks(5.0).0.len() < 50, "{figures:?}");
        }
    }
}
