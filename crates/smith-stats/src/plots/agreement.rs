//! Agreement of rating sets: differences against means, and ranks from set to set.

use std::fmt::Write;

use serde_json::json;

use super::axis::Scale;
use super::svg::{Anchor, Svg, label};
use super::{MAX_MODELS, MAX_PANELS, Plot, colour, cut, document, tenth};
use crate::StatsError;
use crate::agreement::{self as figures, RatingTable};

const INK: &str = "#111111";

/// Bland and Altman's plot of two sets: the difference of each model's ratings against their mean, with the bias and the
/// limits of agreement.
///
/// # Errors
/// [`StatsError::InvalidK`] for a set that is not there (they are numbered from 0), and what
/// [`crate::agreement::bland_altman`] refuses.
pub fn bland_altman(table: &RatingTable, first: usize, second: usize) -> Result<Plot, StatsError> {
    let set = |k: usize| table.sets().get(k).ok_or(StatsError::InvalidK { k, len: table.sets().len() });
    let ((a, x), (b, y)) = (set(first)?, set(second)?);
    let limits = figures::bland_altman(x, y)?;
    let points: Vec<(&str, f64, f64)> = table
        .models()
        .iter()
        .zip(x.iter().zip(y))
        .map(|(model, (x, y))| (model.as_str(), f64::midpoint(*x, *y), x - y))
        .collect();
    let lines = [("upper limit", limits.upper), ("bias", limits.bias), ("lower limit", limits.lower)];
    let title = format!("Bland–Altman: {} less {}", label(a), label(b));
    let mut text = format!("{title}\n");
    for (name, value) in lines {
        let _ = writeln!(text, "{name} {}", tenth(value));
    }
    for (model, mean, difference) in &points {
        let _ = writeln!(text, "{model}: mean {mean:.1}, difference {difference:.1}");
    }
    let values = points
        .iter()
        .map(|(model, mean, difference)| json!({ "model": model, "mean": mean, "difference": difference }));
    let rules = lines.map(|(name, value)| json!({ "line": name, "value": value }));
    let vega_lite = document(
        &title,
        &values.collect::<Vec<_>>(),
        json!({ "width": 460, "height": 300, "layer": [
            { "data": { "values": rules }, "mark": { "type": "rule", "strokeDash": [5, 4] }, "encoding": {
                "y": { "field": "value", "type": "quantitative" }, "tooltip": [{ "field": "line" }, { "field": "value" }],
            } },
            { "mark": { "type": "point", "filled": true, "size": 60 }, "encoding": {
                "x": { "field": "mean", "type": "quantitative", "title": "mean of both", "scale": { "zero": false } },
                "y": { "field": "difference", "type": "quantitative", "title": "difference" },
                "tooltip": [{ "field": "model" }],
            } },
            { "mark": { "type": "text", "dy": -10 }, "encoding": {
                "x": { "field": "mean", "type": "quantitative" },
                "y": { "field": "difference", "type": "quantitative" },
                "text": { "field": "model" },
            } },
        ] }),
    );
    let svg = draw_differences(&title, &points, &lines);
    Ok(Plot { title, text, vega_lite, svg })
}

fn draw_differences(title: &str, points: &[(&str, f64, f64)], lines: &[(&str, f64)]) -> String {
    let (left, right, top, bottom) = (70.0, 560.0, 58.0, 380.0);
    let mut svg = Svg::new(680.0, 430.0, title);
    let across = Scale::around(points.iter().map(|point| point.1), left, right);
    let down = Scale::around(points.iter().map(|p| p.2).chain(lines.iter().map(|line| line.1)), bottom, top);
    across.draw_below(&mut svg, top, bottom, 6.0);
    down.draw_beside(&mut svg, left, right, 6.0);
    svg.text(((left + right) / 2.0, bottom + 34.0), "mean of both", 11.0, Anchor::Middle, INK);
    svg.text((12.0, top - 6.0), "difference", 11.0, Anchor::Start, INK);
    for (name, value) in lines {
        let y = down.at(*value);
        svg.dashed((left, y), (right, y), colour(1));
        svg.text(
            (right + 6.0, y + 4.0),
            &format!("{name} {}", tenth(*value)),
            11.0,
            Anchor::Start,
            colour(1),
        );
    }
    let places: Vec<(f64, f64)> =
        points.iter().take(MAX_MODELS).map(|point| (across.at(point.1), down.at(point.2))).collect();
    let lines: Vec<f64> = lines.iter().map(|line| down.at(line.1)).collect();
    let mut taken: Vec<Label> = Vec::new();
    for ((model, _, _), (x, y)) in points.iter().zip(&places) {
        svg.circle((*x, *y), 4.0, colour(0));
        let name = label(model);
        let chosen = best_place(&name, (*x, *y), (left, right), &|label| {
            let labels = taken.iter().filter(|other| other.meets(label)).count();
            let dots = places.iter().filter(|dot| label.touches(**dot)).count();
            let rules = lines.iter().filter(|line| label.lies_on(**line)).count();
            2 * (labels + dots) + rules
        });
        let (anchor, x) =
            if chosen.ends_there { (Anchor::End, chosen.to) } else { (Anchor::Start, chosen.from) };
        svg.text((x, chosen.base), &name, 10.0, anchor, INK);
        taken.push(chosen);
    }
    svg.finish()
}

/// The place beside a dot at which a name is in the way of the least, nearest places first; inside the picture in any case.
fn best_place(
    name: &str,
    (x, y): (f64, f64),
    (left, right): (f64, f64),
    cost: &dyn Fn(&Label) -> usize,
) -> Label {
    let outward = x > f64::midpoint(left, right);
    let mut best = Label::new(name, if outward { x - 8.0 } else { x + 8.0 }, outward, y - 6.0);
    let mut least = usize::MAX;
    for ends_there in [outward, !outward] {
        for base in [y - 6.0, y + 14.0, y + 4.0, y - 18.0, y + 26.0] {
            let label = Label::new(name, if ends_there { x - 8.0 } else { x + 8.0 }, ends_there, base);
            let outside = label.from < left || label.to > right + 110.0;
            let cost = cost(&label) + if outside { 100 } else { 0 };
            if cost < least {
                (best, least) = (label, cost);
            }
        }
    }
    best
}

/// The room that a name takes, about.
#[derive(Clone, Copy)]
struct Label {
    from: f64,
    to: f64,
    base: f64,
    ends_there: bool,
}

impl Label {
    fn new(name: &str, x: f64, ends_there: bool, base: f64) -> Self {
        let width = 6.0 * name.chars().count() as f64;
        let (from, to) = if ends_there { (x - width, x) } else { (x, x + width) };
        Self { from, to, base, ends_there }
    }

    fn meets(&self, other: &Self) -> bool {
        (self.base - other.base).abs() < 11.0 && self.from < other.to && other.from < self.to
    }

    /// Whether a dot is in its room.
    fn touches(&self, (x, y): (f64, f64)) -> bool {
        const RADIUS: f64 = 5.0;
        self.from < x + RADIUS
            && x - RADIUS < self.to
            && self.base - 9.0 < y + RADIUS
            && y - RADIUS < self.base + 2.0
    }

    /// Whether a line at this height goes through it.
    fn lies_on(&self, line: f64) -> bool {
        self.base - 9.0 < line && line < self.base + 2.0
    }
}

/// Ranks of the models from set to set, the highest rating on top; models that tie come in the order of the table.
#[must_use]
pub fn rank_flow(table: &RatingTable) -> Plot {
    let sets: Vec<(&str, Vec<usize>)> =
        table.sets().iter().take(MAX_PANELS).map(|(name, ratings)| (name.as_str(), ranks(ratings))).collect();
    let title = format!("Ranks by set{}", cut(sets.len(), table.sets().len(), "sets"));
    let mut text = format!("{title}\n");
    let mut values = Vec::new();
    for (index, model) in table.models().iter().enumerate() {
        let of = |ranks: &[usize]| ranks.get(index).map_or(0, |rank| rank + 1);
        let line: Vec<String> = sets.iter().map(|(name, ranks)| format!("{name} {}", of(ranks))).collect();
        let _ = writeln!(text, "{model}: {}", line.join(", "));
        values.extend(
            sets.iter().map(|(name, ranks)| json!({ "set": name, "model": model, "rank": of(ranks) })),
        );
    }
    let names: Vec<&str> = sets.iter().map(|(name, _)| *name).collect();
    let vega_lite = document(
        &title,
        &values,
        json!({
            "width": 120 * sets.len(), "height": 24 * table.models().len(),
            "mark": { "type": "line", "point": { "size": 70 } },
            "encoding": {
                "x": { "field": "set", "type": "nominal", "sort": names, "title": null },
                "y": { "field": "rank", "type": "quantitative", "scale": { "reverse": true, "zero": false } },
                "color": { "field": "model", "type": "nominal", "sort": table.models() },
            },
        }),
    );
    let svg = draw_flow(&title, table, &sets);
    Plot { title, text, vega_lite, svg }
}

/// Place of each rating from 0, the greatest first.
fn ranks(ratings: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ratings.len()).collect();
    order.sort_by(|&a, &b| (ratings[b] + 0.0).total_cmp(&(ratings[a] + 0.0)));
    let mut ranks = vec![0; ratings.len()];
    for (rank, model) in order.into_iter().enumerate() {
        ranks[model] = rank;
    }
    ranks
}

fn draw_flow(title: &str, table: &RatingTable, sets: &[(&str, Vec<usize>)]) -> String {
    let (left, top, gap, row) = (200.0, 64.0, 150.0, 26.0);
    let shown = table.models().len().min(MAX_MODELS);
    let width = left * 2.0 + gap * sets.len().saturating_sub(1) as f64;
    let mut svg = Svg::new(width, top + row * shown as f64 + 16.0, title);
    let place = |set: usize, rank: usize| (left + gap * set as f64, top + row * (rank as f64 + 0.5));
    for (set, (name, _)) in sets.iter().enumerate() {
        svg.text((place(set, 0).0, top - 8.0), &label(name), 12.0, Anchor::Middle, INK);
    }
    for (index, model) in table.models().iter().enumerate() {
        let points: Vec<(f64, f64)> = sets
            .iter()
            .enumerate()
            .filter_map(|(set, (_, ranks))| {
                ranks.get(index).filter(|rank| **rank < shown).map(|rank| place(set, *rank))
            })
            .collect();
        svg.polyline(&points, colour(index), 2.5);
        points.iter().for_each(|point| svg.circle(*point, 5.0, colour(index)));
        if let (Some(first), Some(last)) = (points.first(), points.last()) {
            svg.text((first.0 - 12.0, first.1 + 4.0), &label(model), 11.0, Anchor::End, INK);
            svg.text((last.0 + 12.0, last.1 + 4.0), &label(model), 11.0, Anchor::Start, INK);
        }
    }
    svg.finish()
}
