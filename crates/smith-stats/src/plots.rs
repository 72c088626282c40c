//! Pictures of the figures, each as a Vega-Lite document and as SVG that needs no browser, with the same data in words.
//!
//! ```
//! use smith_stats::elo::{Battles, EloOptions, Winner, rate};
//! use smith_stats::plots;
//!
//! let mut battles = Battles::default();
//! battles.push("oak", "elm", Winner::A, 1.0, None, None)?;
//! battles.push("oak", "elm", Winner::B, 1.0, None, None)?;
//! let plot = plots::elo(&rate(&battles, &EloOptions::default())?);
//! assert!(plot.svg.starts_with("<svg"));
//! assert_eq!(plot.vega_lite["data"]["values"][0]["elo"], 1000.0);
//! # Ok::<(), smith_stats::StatsError>(())
//! ```

mod agreement;
mod axis;
mod corpus;
mod curves;
mod elo;
mod svg;

use serde_json::{Value, json};

pub use agreement::{bland_altman, rank_flow};
pub use corpus::{histogram, shares};
pub use curves::curves;
pub use elo::elo;

/// Colours that most people can tell apart (Okabe and Ito 2008, then Tol), used again from the start when they run out.
const COLOURS: [&str; 12] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#882255", "#999933",
    "#332288", "#117733", "#aa4499",
];
/// Most models that a picture shows.
const MAX_MODELS: usize = 60;
/// Most panels side by side.
const MAX_PANELS: usize = 12;

fn colour(index: usize) -> &'static str {
    COLOURS.get(index % COLOURS.len()).copied().unwrap_or("#000000")
}

/// The title of a category's panel, beside that of all together.
fn panel(category: &str) -> &str {
    if category == "overall" { "overall (the category)" } else { category }
}

/// One picture.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plot {
    /// What it shows, in a line.
    pub title: String,
    /// Its data in lines of text.
    pub text: String,
    /// The Vega-Lite document (version 5), with the data in it.
    pub vega_lite: Value,
    /// The picture as SVG.
    pub svg: String,
}

impl Plot {
    /// Shows the picture in a notebook of evcxr: the text first, for readers and programs without eyes, then the Vega-Lite
    /// document and the SVG, of which the notebook takes the best that it can show.
    #[expect(clippy::print_stdout, reason = "evcxr takes what is to be shown from stdout")]
    pub fn evcxr_display(&self) {
        for (mime, content) in [
            ("text/plain", self.text.clone()),
            ("application/vnd.vegalite.v5+json", self.vega_lite.to_string()),
            ("image/svg+xml", self.svg.clone()),
        ] {
            println!("EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT");
        }
    }
}

/// The frame of a Vega-Lite document around a part of it.
fn document(title: &str, values: &[Value], part: Value) -> Value {
    let mut document = json!({
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
        "data": { "values": values },
    });
    if let (Value::Object(document), Value::Object(part)) = (&mut document, part) {
        document.extend(part);
    }
    document
}

/// A figure with one decimal, and no minus before a zero.
fn tenth(figure: f64) -> String {
    format!("{:.1}", (figure * 10.0).round() / 10.0 + 0.0)
}

/// What is not shown, for the title; nothing when all is.
fn cut(shown: usize, all: usize, what: &str) -> String {
    if shown < all { format!(" ({shown} of {all} {what})") } else { String::new() }
}
