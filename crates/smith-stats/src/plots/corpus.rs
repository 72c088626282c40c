//! Distributions of a corpus as bars.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use super::axis::Scale;
use super::svg::{Anchor, Svg, label};
use super::{Plot, colour, cut, document};
use crate::corpus::Share;

/// Most bars of one picture.
const MAX_BARS: usize = 40;
const INK: &str = "#111111";

/// Shares of a facet (modality, domain, formulation, metric) among verified tasks.
#[must_use]
pub fn shares(title: &str, shares: &[Share]) -> Plot {
    let bars: Vec<Bar> = shares
        .iter()
        .map(|share| Bar {
            name: share.value.clone(),
            length: share.share * 100.0,
            note: format!("{:.1} % ({})", share.share * 100.0, share.tasks),
        })
        .collect();
    picture(title, "share of tasks, %", &bars)
}

/// How often whole numbers (attempts, steps, tasks of a dataset) are there.
#[must_use]
pub fn histogram(title: &str, counts: &BTreeMap<u32, usize>) -> Plot {
    let bars: Vec<Bar> = counts
        .iter()
        .map(|(value, count)| Bar { name: value.to_string(), length: *count as f64, note: count.to_string() })
        .collect();
    picture(title, "count", &bars)
}

struct Bar {
    name: String,
    length: f64,
    note: String,
}

fn picture(title: &str, axis: &str, bars: &[Bar]) -> Plot {
    let shown = bars.len().min(MAX_BARS);
    let title = format!("{title}{}", cut(shown, bars.len(), "bars"));
    let mut text = format!("{title}\n");
    for bar in bars {
        let _ = writeln!(text, "{}: {}", bar.name, bar.note);
    }
    let values = bars.iter().map(|bar| json!({ "name": bar.name, "length": bar.length, "note": bar.note }));
    let order: Vec<&str> = bars.iter().map(|bar| bar.name.as_str()).collect();
    let y = json!({ "field": "name", "type": "nominal", "sort": order, "title": null });
    let x = json!({ "field": "length", "type": "quantitative", "title": axis });
    let layers = json!([
        { "mark": "bar", "encoding": { "x": x, "y": y } },
        { "mark": { "type": "text", "align": "left", "dx": 4 }, "encoding": { "x": x, "y": y, "text": { "field": "note" } } },
    ]);
    let vega_lite = document(&title, &values.collect::<Vec<_>>(), json!({ "width": 360, "layer": layers }));
    let svg = draw(&title, axis, bars.get(..shown).unwrap_or(bars));
    Plot { title, text, vega_lite, svg }
}

fn draw(title: &str, axis: &str, bars: &[Bar]) -> String {
    let (left, right, top, row) = (190.0, 560.0, 40.0, 22.0);
    let bottom = top + row * bars.len() as f64;
    let mut svg = Svg::new(680.0, bottom + 44.0, title);
    let longest = bars.iter().map(|bar| bar.length).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let across = Scale::between(0.0, longest * 1.02, left, right);
    across.draw_below(&mut svg, top, bottom, 5.0);
    svg.text(((left + right) / 2.0, bottom + 32.0), axis, 11.0, Anchor::Middle, INK);
    for (index, bar) in bars.iter().enumerate() {
        let y = top + row * index as f64;
        svg.text((left - 8.0, y + row / 2.0 + 4.0), &label(&bar.name), 11.0, Anchor::End, INK);
        svg.rect((left, y + 3.0), (across.at(bar.length) - left, row - 6.0), colour(0), 0.85);
        svg.text((across.at(bar.length) + 6.0, y + row / 2.0 + 4.0), &bar.note, 10.0, Anchor::Start, INK);
    }
    svg.finish()
}
