//! What the documents of a dataset state, gathered.

use smith_task_schema::profile::DatasetProfile;

use crate::overview::display::one_line;
use crate::text::documents::licence;

/// Characters of a title.
const TITLE_CHARS: usize = 200;
/// Characters of a description.
const DESCRIPTION_CHARS: usize = 1_500;
/// Characters of a statement of provenance.
const PROVENANCE_CHARS: usize = 400;
/// Statements of provenance that are kept.
const PROVENANCE: usize = 16;
/// Licences that are kept.
const LICENCES: usize = 8;

/// What a document says about a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnNote {
    /// The file or table that the document names; empty for none.
    pub(crate) table: String,
    /// The column as the document writes it.
    pub(crate) column: String,
    /// What is said.
    pub(crate) text: String,
    /// True for a list in prose, where a word before a colon may be anything: two such notes have to fit a table
    /// before either is believed.
    pub(crate) listed: bool,
}

/// What one or more documents state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) licences: Vec<String>,
    /// `source: …`, `doi: …`, as far as they were stated.
    pub(crate) provenance: Vec<String>,
    pub(crate) columns: Vec<ColumnNote>,
}

impl Stated {
    pub(crate) fn title(&mut self, text: &str) {
        let line = one_line(text, TITLE_CHARS);
        if self.title.is_none() && !line.is_empty() {
            self.title = Some(line);
        }
    }

    /// A description, its lines kept.
    pub(crate) fn description(&mut self, text: &str) {
        let text: String = text.trim().chars().take(DESCRIPTION_CHARS).collect();
        if self.description.is_none() && !text.is_empty() {
            self.description = Some(text);
        }
    }

    pub(crate) fn licence(&mut self, statement: &str) {
        self.add_licence(licence::normalised(statement));
    }

    pub(crate) fn add_licence(&mut self, licence: Option<String>) {
        if let Some(licence) = licence
            && self.licences.len() < LICENCES
            && !self.licences.iter().any(|known| known.eq_ignore_ascii_case(&licence))
        {
            self.licences.push(licence);
        }
    }

    /// A statement of where the data comes from, under the word that it was stated with.
    pub(crate) fn provenance(&mut self, what: &str, text: &str) {
        let text =
            one_line(text.trim_matches(|c: char| c.is_whitespace() || "`\"".contains(c)), PROVENANCE_CHARS);
        let known = |line: &String| line.split_once(": ").is_some_and(|(_, known)| known == text);
        if !text.is_empty() && self.provenance.len() < PROVENANCE && !self.provenance.iter().any(known) {
            self.provenance.push(format!("{what}: {text}"));
        }
    }

    pub(crate) fn column(&mut self, table: &str, column: &str, text: &str, listed: bool) {
        let (column, text) = (column.trim(), one_line(text, PROVENANCE_CHARS));
        if !column.is_empty() && !text.is_empty() && text != column {
            self.columns.push(ColumnNote {
                table: table.trim().to_string(),
                column: column.to_string(),
                text,
                listed,
            });
        }
    }

    /// Adds what another document states; what is there already stays.
    pub(crate) fn merge(&mut self, other: Self) {
        self.title = self.title.take().or(other.title);
        self.description = self.description.take().or(other.description);
        for licence in other.licences {
            self.add_licence(Some(licence));
        }
        for line in other.provenance {
            let (what, text) = line.split_once(": ").unwrap_or(("source", &line));
            self.provenance(what, text);
        }
        self.columns.extend(other.columns);
    }

    /// Writes everything but what is said of columns into the profile.
    pub(crate) fn tell(&self, profile: &mut DatasetProfile) {
        profile.title.clone_from(&self.title);
        profile.description.clone_from(&self.description);
        profile.licence = (!self.licences.is_empty()).then(|| self.licences.join("; "));
        profile.provenance.clone_from(&self.provenance);
    }
}
