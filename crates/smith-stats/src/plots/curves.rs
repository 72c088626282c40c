//! Step-wise dynamics: mean curves with their bands.

use std::fmt::Write;

use serde_json::json;

use super::axis::Scale;
use super::svg::{Anchor, Svg, label};
use super::{MAX_PANELS, Plot, colour, cut, document, panel};
use crate::curves::{Curves, MeanCurve};

/// Most curves in one panel: more cannot be told apart.
const MAX_CURVES: usize = 14;
const PANEL: (f64, f64) = (260.0, 200.0);
const TOP: f64 = 60.0;
const INK: &str = "#111111";

/// The mean curve of every model with its band, a panel for all tasks and one for every category.
#[must_use]
pub fn curves(curves: &Curves) -> Plot {
    let all: Vec<(&str, &[MeanCurve])> = std::iter::once(("overall", curves.overall.as_slice()))
        .chain(curves.categories.iter().map(|(name, means)| (panel(name), means.as_slice())))
        .collect();
    let panels: Vec<(&str, &[MeanCurve])> = all.iter().copied().take(MAX_PANELS).collect();
    let models: Vec<&str> =
        curves.overall.iter().take(MAX_CURVES).map(|curve| curve.model.as_str()).collect();
    let title = format!(
        "Best score so far by step, normalised{}{}",
        cut(models.len(), curves.overall.len(), "models"),
        cut(panels.len(), all.len(), "panels")
    );
    let mut text = format!("{title}\n");
    let mut values = Vec::new();
    for (name, means) in &all {
        for curve in *means {
            let points: Vec<String> = curve.mean.iter().map(|mean| format!("{mean:.2}")).collect();
            let _ = writeln!(text, "{name}: {} ({} tasks) {}", curve.model, curve.tasks, points.join(" "));
            values.extend((1..).zip(curve.mean.iter().zip(&curve.band)).map(|(step, (mean, band))| {
                json!({
                    "category": name, "model": curve.model, "step": step, "mean": mean,
                    "low": band.map(|band| band.low), "high": band.map(|band| band.high),
                })
            }));
        }
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let x = json!({ "field": "step", "type": "quantitative", "axis": { "tickMinStep": 1 }, "scale": { "nice": false } });
    let color = json!({ "field": "model", "type": "nominal" });
    let vega_lite = document(
        &title,
        &values,
        json!({
            "facet": { "field": "category", "type": "nominal", "sort": names, "title": null }, "columns": 3,
            "spec": { "width": 220, "height": 160, "layer": [
                { "mark": { "type": "area", "opacity": 0.12 }, "encoding": {
                    "x": x, "color": color,
                    "y": { "field": "low", "type": "quantitative", "title": "best so far" }, "y2": { "field": "high" },
                } },
                { "mark": { "type": "line", "point": true }, "encoding": {
                    "x": x, "color": color, "y": { "field": "mean", "type": "quantitative", "title": "best so far" },
                } },
            ] },
        }),
    );
    let svg = draw(&title, &panels, &models);
    Plot { title, text, vega_lite, svg }
}

fn draw(title: &str, panels: &[(&str, &[MeanCurve])], models: &[&str]) -> String {
    let columns = panels.len().clamp(1, 3);
    let rows = panels.len().div_ceil(columns);
    let (width, height) = (PANEL.0 * columns as f64, (PANEL.1 + 60.0) * rows as f64);
    let mut svg = Svg::new(width + 260.0, TOP + height.max(18.0 * models.len() as f64), title);
    for (index, panel) in panels.iter().enumerate() {
        let left = PANEL.0 * (index % columns) as f64 + 46.0;
        let top = TOP + (PANEL.1 + 60.0) * (index / columns) as f64;
        draw_panel(&mut svg, (left, top), panel, models);
    }
    for (index, model) in models.iter().enumerate() {
        let y = TOP + 18.0 * index as f64 + 8.0;
        svg.line((width + 30.0, y), (width + 54.0, y), colour(index), 2.5);
        svg.text((width + 62.0, y + 4.0), &label(model), 11.0, Anchor::Start, INK);
    }
    svg.finish()
}

fn draw_panel(svg: &mut Svg, (left, top): (f64, f64), (name, means): &(&str, &[MeanCurve]), models: &[&str]) {
    let (right, bottom) = (left + PANEL.0 - 60.0, top + PANEL.1);
    let length = means.first().map_or(1, |curve| curve.mean.len());
    let across = Scale::between(1.0, (length as f64).max(1.5), left, right);
    let down = Scale::between(0.0, 1.0, bottom, top);
    svg.text((f64::midpoint(left, right), top - 8.0), &label(name), 12.0, Anchor::Middle, INK);
    // No half steps.
    across.draw_below(svg, top, bottom, (length as f64 - 1.0).clamp(0.5, 5.0));
    down.draw_beside(svg, left, right, 5.0);
    svg.text((f64::midpoint(left, right), bottom + 30.0), "step", 10.0, Anchor::Middle, INK);
    for curve in *means {
        let Some(index) = models.iter().position(|model| *model == curve.model) else { continue };
        let points = |of: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
            (0..length).filter_map(|step| Some((across.at(step as f64 + 1.0), down.at(of(step)?)))).collect()
        };
        let band = |step: usize| curve.band.get(step).copied().flatten();
        let mut around = points(&|step| band(step).map(|band| band.low));
        around.extend(points(&|step| band(step).map(|band| band.high)).into_iter().rev());
        svg.area(&around, colour(index));
        let line = points(&|step| curve.mean.get(step).copied());
        if let [only] = line.as_slice() {
            // A line through one point is none.
            svg.circle(*only, 4.0, colour(index));
        }
        svg.polyline(&line, colour(index), 2.0);
    }
}
