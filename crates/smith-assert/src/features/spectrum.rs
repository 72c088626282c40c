//! Powers of frequencies by the fast Fourier transform. A library would choose its instructions by the processor, and
//! results would differ in the last digits from machine to machine.

use std::f32::consts::PI;

/// Samples of a window.
pub(super) const WINDOW: usize = 512;

/// Factors that every window needs.
pub(super) struct Spectrum {
    shape: Vec<f32>,
    turns: Vec<(f32, f32)>,
}

impl Spectrum {
    pub(super) fn new() -> Self {
        let shape = |at: usize| 0.5 - 0.5 * (2.0 * PI * at as f32 / WINDOW as f32).cos();
        let turn = |at: usize| {
            let angle = -2.0 * PI * at as f32 / WINDOW as f32;
            (angle.cos(), angle.sin())
        };
        Self { shape: (0..WINDOW).map(shape).collect(), turns: (0..WINDOW / 2).map(turn).collect() }
    }

    /// Power at each frequency up to half of the sampling rate of a window of [`WINDOW`] samples.
    pub(super) fn powers(&self, samples: &[f32]) -> Vec<f32> {
        let bits = WINDOW.trailing_zeros();
        let mut values: Vec<(f32, f32)> = (0..WINDOW)
            .map(|at| {
                let from = at.reverse_bits() >> (usize::BITS - bits);
                let value = samples.get(from).zip(self.shape.get(from)).map_or(0.0, |(a, b)| a * b);
                (value, 0.0)
            })
            .collect();
        let mut half = 1;
        while half < WINDOW {
            let step = WINDOW / (2 * half);
            for block in values.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for ((a, b), turn) in low.iter_mut().zip(high).zip(self.turns.iter().step_by(step)) {
                    let turned = (b.0 * turn.0 - b.1 * turn.1, b.0 * turn.1 + b.1 * turn.0);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
        values.iter().take(WINDOW / 2).map(|(re, im)| re * re + im * im).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_has_its_power_at_its_frequency() {
        let tone: Vec<f32> =
            (0..WINDOW).map(|at| (2.0 * PI * 40.0 * at as f32 / WINDOW as f32).sin()).collect();
        let powers = Spectrum::new().powers(&tone);
        let strongest = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
        assert_eq!(strongest, 40);
        // Of a sine of amplitude 1 under this window: (WINDOW / 4) squared.
        assert!((powers[40] - 16_384.0).abs() < 20.0, "{}", powers[40]);
    }
}
