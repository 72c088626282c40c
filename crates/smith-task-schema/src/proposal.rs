//! Proposals: what the Brainstormer writes as `brainstorming_<i>.md`.
//!
//! A proposal is Markdown for people with a TOML header between `+++` lines for programs. Every part
//! that the paper's Brainstormer prompt asks for (appendix A.4) is a section of its own, and
//! [`parse`] names each one that is missing or empty, so that the text can go back to its author.

use serde::{Deserialize, Serialize};

use crate::taxonomy::{Difficulty, Formulation, Modality};

/// The machine-readable header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalHeader {
    /// Short title, unique among the proposals of a dataset.
    pub title: String,
    /// What is predicted: a column, or a short phrase.
    pub target: String,
    /// What the data is made of.
    pub modality: Modality,
    /// What is asked.
    pub formulation: Formulation,
    /// Name of the metric.
    pub metric: String,
    /// Its direction.
    pub higher_is_better: bool,
    /// Level.
    pub difficulty: Difficulty,
    /// Free tags.
    pub tags: Vec<String>,
}

/// The sections that every proposal has, in order, with their headings.
pub const SECTIONS: [&str; 8] = [
    "Overview",
    "Data used",
    "Data processing",
    "Metric",
    "Justification",
    "Data ignored",
    "Difficulty",
    "Tags",
];

/// One proposed formulation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The machine-readable part.
    pub header: ProposalHeader,
    /// The sections by heading, in the order of [`SECTIONS`].
    pub sections: Vec<(String, String)>,
}

/// All that is wrong with a proposal's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.join("; "))]
pub struct ProposalError {
    /// One sentence each.
    pub problems: Vec<String>,
}

/// Reads a proposal.
///
/// # Errors
/// Names every problem at once: no header, a header that is no TOML or lacks a key, sections that are
/// missing or empty.
pub fn parse(text: &str) -> Result<Proposal, ProposalError> {
    let fail = |problem: String| ProposalError { problems: vec![problem] };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let rest = text
        .strip_prefix("+++")
        .ok_or_else(|| fail("the file must begin with a TOML header between two lines of +++".to_owned()))?;
    let (header, body) = rest
        .split_once("\n+++")
        .ok_or_else(|| fail("the TOML header has no closing line of +++".to_owned()))?;
    let mut problems = Vec::new();
    let header = match toml::from_str::<ProposalHeader>(header) {
        Ok(header) => {
            problems.extend(blank_fields(&header));
            Some(header)
        }
        Err(error) => {
            problems.push(format!("the TOML header cannot be read: {}", error.message()));
            None
        }
    };
    let found = split_sections(body);
    let mut sections = Vec::new();
    for name in SECTIONS {
        match found.iter().find(|(heading, _)| same_heading(heading, name)) {
            Some((_, content)) if !content.is_empty() => sections.push((name.to_owned(), content.clone())),
            Some(_) => problems.push(format!("the section \"## {name}\" is empty")),
            None => problems.push(format!("the section \"## {name}\" is missing")),
        }
    }
    match header {
        Some(header) if problems.is_empty() => Ok(Proposal { header, sections }),
        _ => Err(ProposalError { problems }),
    }
}

fn blank_fields(header: &ProposalHeader) -> Vec<String> {
    [("title", &header.title), ("target", &header.target), ("metric", &header.metric)]
        .iter()
        .filter(|(_, value)| value.trim().is_empty())
        .map(|(key, _)| format!("the header's \"{key}\" is empty"))
        .collect()
}

/// Level-two headings outside fenced code, with the text below each.
fn split_sections(body: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut fenced = false;
    for line in body.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        match line.strip_prefix("## ") {
            Some(heading) if !fenced => sections.push((heading.trim().to_owned(), String::new())),
            _ => {
                if let Some((_, content)) = sections.last_mut() {
                    content.push_str(line);
                    content.push('\n');
                }
            }
        }
    }
    for (_, content) in &mut sections {
        *content = content.trim().to_owned();
    }
    sections
}

/// Headings are compared by their letters: numbering, colons and case do not matter.
fn same_heading(written: &str, wanted: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
    };
    letters(written) == letters(wanted)
}

impl Proposal {
    /// The text below a heading of [`SECTIONS`]; empty for any other.
    #[must_use]
    pub fn section(&self, name: &str) -> &str {
        self.sections.iter().find(|(heading, _)| heading == name).map_or("", |(_, content)| content)
    }

    /// The file's text: [`parse`] gives the same proposal back.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        // A header of strings, a boolean and a list of strings always serialises.
        let header = toml::to_string(&self.header).unwrap_or_default();
        let mut out = format!("+++\n{header}+++\n");
        for (heading, content) in &self.sections {
            out.push_str(&format!("\n## {heading}\n\n{content}\n"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Proposal {
        Proposal {
            header: ProposalHeader {
                title: "Body mass".to_owned(),
                target: "body_mass_g".to_owned(),
                modality: Modality::Tabular,
                formulation: Formulation::Regression,
                metric: "RMSE".to_owned(),
                higher_is_better: false,
                difficulty: Difficulty::Intermediate,
                tags: vec!["biology".to_owned()],
            },
            sections: SECTIONS.iter().map(|s| ((*s).to_owned(), format!("about {s}"))).collect(),
        }
    }

    #[test]
    fn written_proposals_are_read_back() {
        let proposal = sample();
        assert_eq!(parse(&proposal.to_markdown()).unwrap(), proposal);
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let text = sample()
            .to_markdown()
            .replace("## Metric\n\nabout Metric", "## Metric\n")
            .replace("## Tags", "## Labels");
        let error = parse(&text.replace("metric = \"RMSE\"\n", "")).unwrap_err();
        let all = error.to_string();
        assert!(all.contains("missing field `metric`"), "{all}");
        assert!(all.contains("\"## Metric\" is empty"), "{all}");
        assert!(all.contains("\"## Tags\" is missing"), "{all}");
    }

    #[test]
    fn headings_inside_code_do_not_count() {
        let text = sample().to_markdown().replace("about Tags", "```\n## Overview\n```");
        assert!(parse(&text).unwrap().section("Tags").contains("## Overview"));
    }
}
