//! Writes the columns that may be worth predicting, over all tables.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::profile::{DatasetProfile, TableProfile, TargetCandidate};

use crate::overview::display::{number_of, percent};
use crate::overview::quote;
use crate::overview::section::{Item, Section};

/// Candidates that are told one by one.
const SHOWN: usize = 16;
/// Candidates that are told one by one however weak they are.
const ALWAYS: usize = 3;
/// Score from which on a candidate is told by itself: below it stands what merely could be asked for.
pub(crate) const STRONG: f64 = 0.2;
/// Weaker candidates that are named together.
const NAMED: usize = 12;
/// Tables whose weaker candidates are named.
const NAMED_TABLES: usize = 4;
/// So many candidates of a table with the same caution share it.
const SHARED: usize = 3;
/// Characters of a reason.
const REASON_CHARS: usize = 160;
/// Columns that give a target away, as far as they are named.
const GIVEN_AWAY: usize = 8;

type Candidate<'p> = (&'p TableProfile, &'p TargetCandidate);

/// The best candidates of all tables; weaker ones in one line for each table, and cautions that many share once.
pub(crate) fn targets(profile: &DatasetProfile) -> Option<Section> {
    let mut all: Vec<Candidate<'_>> = profile
        .tables
        .iter()
        .flat_map(|table| table.targets.iter().map(move |target| (table, target)))
        .collect();
    all.sort_by(|a, b| b.1.score.partial_cmp(&a.1.score).unwrap_or(Ordering::Equal));
    let one_table = profile.tables.len() == 1;
    let told = all.iter().take_while(|(_, target)| target.score >= STRONG).count().clamp(ALWAYS, SHOWN);
    let (told, weaker) = all.split_at_checked(told).unwrap_or((&all, &[]));
    let shared = shared_cautions(&all);
    let mut items: Vec<Item> = told
        .iter()
        .map(|(table, target)| {
            let text = line(table, target, &shared, one_table);
            Item::line(text).named(quote::name(&target.column))
        })
        .collect();
    let is_told = |table: &str| told.iter().any(|(other, _)| other.path == table);
    items.extend(shared.iter().filter(|(table, _)| is_told(table)).map(|(table, caution)| {
        let whose = if one_table { String::new() } else { format!(" of {}", quote::name(table)) };
        let caution = quote::sentence(caution, REASON_CHARS);
        Item::line(format!("- caution for every candidate{whose}: {caution}")).rank(0).things(0)
    }));
    items.extend(weaker_lines(weaker, one_table));
    Section::new("## What may be predicted, most likely first (a heuristic's opinion)", items)
        .noun("candidate")
        .label("candidate targets")
        .priority(1, 6)
        .keep(3)
        .unless_empty()
}

/// Cautions that hold for a table rather than for a column of it, with its path.
fn shared_cautions<'p>(all: &[Candidate<'p>]) -> BTreeSet<(&'p str, &'p str)> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_table: BTreeMap<&str, usize> = BTreeMap::new();
    for (table, target) in all {
        *of_table.entry(&table.path).or_default() += 1;
        for caution in &target.cautions {
            *counts.entry((&table.path, caution)).or_default() += 1;
        }
    }
    let is_shared = |table: &str, count: usize| of_table.get(table).is_some_and(|&all| count == all);
    counts
        .into_iter()
        .filter(|&((table, _), count)| count >= SHARED && is_shared(table, count))
        .map(|(key, _)| key)
        .collect()
}

/// What else could be asked for, by table.
fn weaker_lines(weaker: &[Candidate<'_>], one_table: bool) -> Vec<Item> {
    let mut by_table: Vec<(&str, Vec<String>)> = Vec::new();
    for (table, target) in weaker {
        let name = quote::name(&target.column);
        let text = format!("{name} ({} {:.2})", quote::figure(target.formulation.as_str()), target.score);
        match by_table.iter_mut().find(|(path, _)| *path == table.path) {
            Some((_, list)) => list.push(text),
            None => by_table.push((&table.path, vec![text])),
        }
    }
    let (named, others) = by_table.split_at_checked(NAMED_TABLES).unwrap_or((&by_table, &[]));
    let mut items: Vec<Item> = named
        .iter()
        .map(|(path, list)| {
            let whose = if one_table { String::new() } else { format!(" of {}", quote::name(path)) };
            let shown: Vec<&str> = list.iter().take(NAMED).map(String::as_str).collect();
            let more = list.len() - shown.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let text = format!("- weaker{whose}: {}{more}", shown.join(", "));
            Item::line(text).rank(2).things(list.len())
        })
        .collect();
    let more: usize = others.iter().map(|(_, list)| list.len()).sum();
    if more > 0 {
        let tables = number_of(others.len() as u64, "further table");
        items.push(Item::line(format!("- and {more} weaker ones of {tables}")).rank(2).things(0));
    }
    items
}

fn line(
    table: &TableProfile,
    target: &TargetCandidate,
    shared: &BTreeSet<(&str, &str)>,
    one_table: bool,
) -> String {
    let of = if one_table { String::new() } else { format!(" of {}", quote::name(&table.path)) };
    let mut text = format!(
        "- {}{of}: {}, score {:.2}",
        quote::name(&target.column),
        quote::figure(target.formulation.as_str()),
        target.score
    );
    let classes = classes(target);
    let own = target.cautions.iter().filter(|caution| !shared.contains(&(&table.path, caution)));
    let parts = [
        (!classes.is_empty()).then_some(classes),
        said("for", reasons(target)),
        said("caution", own.map(String::as_str)),
        given_away(&target.given_away_by),
    ];
    for part in parts.into_iter().flatten() {
        text += &format!("; {part}");
    }
    text
}

/// What speaks for a target, but not the classes that are told anyway.
fn reasons(target: &TargetCandidate) -> impl Iterator<Item = &str> {
    let told = target.classes.map(|classes| format!("{classes} classes, the largest "));
    target.reasons.iter().filter_map(move |reason| match &told {
        Some(told) if reason.starts_with(told) => reason.split_once("; ").map(|(_, rest)| rest),
        _ => Some(reason.as_str()),
    })
}

fn classes(target: &TargetCandidate) -> String {
    let mut facts: Vec<String> = target.classes.iter().map(|classes| format!("{classes} classes")).collect();
    facts.extend(target.smallest_class.map(|rows| format!("the smallest of {}", number_of(rows, "row"))));
    facts.extend(target.largest_share.map(|share| format!("the largest {}", percent(share))));
    facts.join(", ")
}

fn said<'s>(what: &str, sentences: impl Iterator<Item = &'s str>) -> Option<String> {
    let list: Vec<String> = sentences.map(|text| quote::sentence(text, REASON_CHARS)).collect();
    (!list.is_empty()).then(|| format!("{what}: {}", list.join(", ")))
}

fn given_away(columns: &[String]) -> Option<String> {
    let shown: Vec<String> = columns.iter().take(GIVEN_AWAY).map(|name| quote::name(name)).collect();
    let more = columns.len() - shown.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!shown.is_empty()).then(|| format!("given away by {}{more}", shown.join(", ")))
}
