//! Ratings with their intervals, overall and by category.

use std::fmt::Write;

use serde_json::json;

use super::axis::Scale;
use super::svg::{Anchor, Svg, label};
use super::{MAX_MODELS, MAX_PANELS, Plot, colour, cut, document, panel};
use crate::elo::{Ratings, Standings};

const ROW: f64 = 22.0;
const PANEL: f64 = 210.0;
const NAMES: f64 = 190.0;
const TOP: f64 = 56.0;

/// Ratings as dots with the lines of their intervals, a panel for every category; models in the order of the overall
/// ratings.
#[must_use]
pub fn elo(standings: &Standings) -> Plot {
    let all: Vec<(&str, &Ratings)> = std::iter::once(("overall", &standings.overall))
        .chain(standings.categories.iter().map(|(name, ratings)| (panel(name), ratings)))
        .collect();
    let panels: Vec<(&str, &Ratings)> = all.iter().copied().take(MAX_PANELS).collect();
    let order: Vec<&str> =
        standings.overall.ratings.iter().take(MAX_MODELS).map(|rating| rating.model.as_str()).collect();
    let title = format!(
        "Elo ratings with {} % intervals{}{}{}",
        (standings.overall.level * 1e4).round() / 1e2,
        if standings.overall.ridged.is_some() { ", held together by a ridge" } else { "" },
        cut(order.len(), standings.overall.ratings.len(), "models"),
        cut(panels.len(), all.len(), "panels"),
    );
    let mut text = format!("{title}\n");
    let mut values = Vec::new();
    for (name, ratings) in &all {
        for rating in &ratings.ratings {
            let (low, high) = (rating.low, rating.high);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{name}: {} {:.1}{}",
                rating.model,
                rating.elo,
                low.zip(high).map_or_else(String::new, |(low, high)| format!(" [{low:.1}, {high:.1}]"))
            );
            values.push(json!({
                "category": name, "model": rating.model, "elo": rating.elo, "low": low, "high": high,
            }));
        }
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let models: Vec<&str> = standings.overall.ratings.iter().map(|rating| rating.model.as_str()).collect();
    let y = json!({ "field": "model", "type": "nominal", "sort": models, "title": null });
    let vega_lite = document(
        &title,
        &values,
        json!({
            "facet": { "column": { "field": "category", "type": "nominal", "sort": names, "title": null } },
            "spec": { "width": 180, "layer": [
                { "transform": [{ "filter": "isValid(datum.low) && isValid(datum.high)" }],
                  "mark": { "type": "rule" }, "encoding": {
                    "y": y,
                    "x": { "field": "low", "type": "quantitative", "title": "Elo", "scale": { "zero": false } },
                    "x2": { "field": "high" },
                } },
                { "mark": { "type": "point", "filled": true, "size": 50 }, "encoding": {
                    "y": y,
                    "x": { "field": "elo", "type": "quantitative", "title": "Elo", "scale": { "zero": false } },
                    "tooltip": [{ "field": "model" }, { "field": "elo", "format": ".1f" }],
                } },
            ] },
        }),
    );
    let svg = draw(&title, &panels, &order);
    Plot { title, text, vega_lite, svg }
}

fn draw(title: &str, panels: &[(&str, &Ratings)], order: &[&str]) -> String {
    let bottom = TOP + ROW * order.len() as f64;
    let mut svg = Svg::new(NAMES + PANEL * panels.len() as f64 + 20.0, bottom + 34.0, title);
    let ends = panels
        .iter()
        .flat_map(|(_, ratings)| &ratings.ratings)
        .flat_map(|rating| [Some(rating.elo), rating.low, rating.high].into_iter().flatten());
    let common = Scale::around(ends, 0.0, PANEL - 24.0);
    for (row, model) in order.iter().enumerate() {
        let y = TOP + ROW * (row as f64 + 0.5);
        svg.text((NAMES - 10.0, y + 4.0), &label(model), 11.0, Anchor::End, "#111111");
    }
    for (index, (name, ratings)) in panels.iter().enumerate() {
        let left = NAMES + PANEL * index as f64;
        let scale = common.moved(left);
        svg.text((left + PANEL / 2.0 - 12.0, TOP - 8.0), &label(name), 12.0, Anchor::Middle, "#111111");
        scale.draw_below(&mut svg, TOP, bottom, 4.0);
        for rating in &ratings.ratings {
            let Some(row) = order.iter().position(|model| *model == rating.model) else { continue };
            let y = TOP + ROW * (row as f64 + 0.5);
            if let (Some(low), Some(high)) = (rating.low, rating.high) {
                svg.line((scale.at(low), y), (scale.at(high), y), colour(0), 2.0);
            }
            svg.circle((scale.at(rating.elo), y), 4.0, colour(0));
        }
    }
    svg.finish()
}
