//! Writes a profile as prompt text under a budget.
//!
//! A line never says more than the profile does. What comes from the dataset is quoted ([`quote`]), so that it can
//! neither pass for a line of ours nor end the element that a prompt wraps around the whole.

pub(crate) mod columns;
pub(crate) mod display;
mod fit;
mod fold;
mod head;
mod media;
pub(crate) mod quote;
mod relations;
mod section;
mod structured;
mod tables;
mod targets;
mod tokens;
mod words;

use smith_task_schema::profile::{DatasetProfile, TableProfile};

use crate::overview::section::{Measure, Section};

pub use tokens::estimate_tokens;

/// How long an overview may be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OverviewOptions {
    /// Most tokens, by [`estimate_tokens`].
    pub max_tokens: usize,
}

impl Default for OverviewOptions {
    /// Four thousand tokens.
    fn default() -> Self {
        Self { max_tokens: 4_000 }
    }
}

impl OverviewOptions {
    /// An overview of at most so many tokens.
    #[must_use]
    pub fn tokens(max_tokens: usize) -> Self {
        Self { max_tokens }
    }
}

/// The profile as text for a prompt, at most `budget_bytes` long.
///
/// The same profile gives the same text. It opens with what the dataset is; then come what may be predicted, the
/// files, the tables, largest and most connected first, with some of their rows, the media and structures, the texts
/// and what the dataset says about itself, and what is odd. When the budget is short, the most telling parts stay,
/// every one of them gets a fair share, and what is left out is counted.
///
/// Names, values and texts of the dataset are quoted: short ones in backticks, longer ones line by line between
/// `<data source="…">` and `</data>`, with invisible characters replaced. No content can leave its quotation.
#[must_use]
pub fn overview(profile: &DatasetProfile, budget_bytes: usize) -> String {
    fit::fit(&sections(profile), budget_bytes, Measure { line: str::len })
}

/// The profile as text for a prompt, as [`overview`] writes it, in at most as many tokens as the options allow.
///
/// Tokens are counted by [`estimate_tokens`], an estimate on the high side: no model's vocabulary is needed.
#[must_use]
pub fn overview_within(profile: &DatasetProfile, options: &OverviewOptions) -> String {
    fit::fit(&sections(profile), options.max_tokens, Measure { line: estimate_tokens })
}

/// A titled part of an overview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is about.
    pub title: String,
    /// What there is to say.
    pub lines: Vec<String>,
}

/// What an overview says about everything but the dataset as a whole, its tables and what is odd, uncut: folders that
/// divide the files, keys between tables, media, annotations, arrays, graphs, shapes, texts, JSON and documents.
/// Quoted as in [`overview`].
#[must_use]
pub fn passages(profile: &DatasetProfile) -> Vec<Passage> {
    let mut sections: Vec<Section> = head::class_folders(profile).into_iter().collect();
    sections.extend(beside_tables(profile));
    sections.into_iter().map(Section::into_passage).collect()
}

/// How the columns of a table hang together, as an overview says it: keys, groups, order in time, copies, columns
/// that decide others, repeated rows.
#[must_use]
pub fn relation_lines(table: &TableProfile) -> Vec<String> {
    relations::relation_lines(table)
}

fn sections(profile: &DatasetProfile) -> Vec<Section> {
    let mut sections = vec![head::head(profile)];
    sections.extend(targets::targets(profile));
    sections.extend(head::files(profile));
    sections.extend(head::class_folders(profile));
    sections.extend(tables::tables(profile));
    sections.extend(beside_tables(profile));
    sections.extend(head::provenance(profile));
    sections.extend(head::findings(profile));
    sections
}

fn beside_tables(profile: &DatasetProfile) -> Vec<Section> {
    let mut sections: Vec<Section> = tables::foreign_keys(profile).into_iter().collect();
    sections.extend(profile.images.as_ref().map(media::images));
    sections.extend(profile.audio.as_ref().map(media::audio));
    sections.extend(profile.video.as_ref().map(media::video));
    sections.extend(profile.annotations.iter().map(media::annotation));
    sections.extend(structured::arrays(profile));
    sections.extend(structured::graphs(profile));
    sections.extend(profile.geometry.as_ref().map(structured::geometry));
    sections.extend(structured::corpora(profile));
    sections.extend(words::json(profile));
    sections.extend(words::texts(profile));
    sections.extend(words::documents(profile));
    sections
}
