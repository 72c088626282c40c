//! Writes the columns that may be worth predicting, over all tables.

use std::cmp::Ordering;

use smith_task_schema::profile::{DatasetProfile, TableProfile, TargetCandidate};

use crate::overview::display::{number_of, percent};
use crate::overview::quote;
use crate::overview::section::{Item, Section};

/// Candidates that are told.
const SHOWN: usize = 24;
/// Characters of a reason.
const REASON_CHARS: usize = 160;
/// Columns that give a target away, as far as they are named.
const GIVEN_AWAY: usize = 8;

/// The best candidates of all tables.
pub(crate) fn targets(profile: &DatasetProfile) -> Option<Section> {
    let mut all: Vec<(&TableProfile, &TargetCandidate)> = profile
        .tables
        .iter()
        .flat_map(|table| table.targets.iter().map(move |target| (table, target)))
        .collect();
    all.sort_by(|a, b| b.1.score.partial_cmp(&a.1.score).unwrap_or(Ordering::Equal));
    let more = all.len().saturating_sub(SHOWN);
    let one_table = profile.tables.len() == 1;
    let mut items: Vec<Item> = all
        .iter()
        .take(SHOWN)
        .map(|(table, target)| Item::line(line(table, target, one_table)).named(quote::name(&target.column)))
        .collect();
    if more > 0 {
        items.push(Item::line(format!("- and {more} weaker ones")).rank(2).things(0));
    }
    Section::new("## What may be predicted, most likely first (a heuristic's opinion)", items)
        .noun("candidate")
        .label("candidate targets")
        .priority(1, 6)
        .keep(3)
        .unless_empty()
}

fn line(table: &TableProfile, target: &TargetCandidate, one_table: bool) -> String {
    let of = if one_table { String::new() } else { format!(" of {}", quote::name(&table.path)) };
    let mut text = format!(
        "- {}{of}: {}, score {:.2}",
        quote::name(&target.column),
        quote::figure(target.formulation.as_str()),
        target.score
    );
    let classes = classes(target);
    let parts = [
        (!classes.is_empty()).then_some(classes),
        said("for", &target.reasons),
        said("caution", &target.cautions),
        given_away(&target.given_away_by),
    ];
    for part in parts.into_iter().flatten() {
        text += &format!("; {part}");
    }
    text
}

fn classes(target: &TargetCandidate) -> String {
    let mut facts: Vec<String> = target.classes.iter().map(|classes| format!("{classes} classes")).collect();
    facts.extend(target.smallest_class.map(|rows| format!("the smallest of {}", number_of(rows, "row"))));
    facts.extend(target.largest_share.map(|share| format!("the largest {}", percent(share))));
    facts.join(", ")
}

fn said(what: &str, sentences: &[String]) -> Option<String> {
    let list: Vec<String> = sentences.iter().map(|text| quote::sentence(text, REASON_CHARS)).collect();
    (!list.is_empty()).then(|| format!("{what}: {}", list.join(", ")))
}

fn given_away(columns: &[String]) -> Option<String> {
    let shown: Vec<String> = columns.iter().take(GIVEN_AWAY).map(|name| quote::name(name)).collect();
    let more = columns.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!shown.is_empty()).then(|| format!("given away by {}{more}", shown.join(", ")))
}
