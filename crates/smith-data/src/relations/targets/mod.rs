//! Which columns of the tables may be worth predicting, and what speaks for and against each.
//!
//! Every piece of evidence has a weight between 0 and 1, the chance that it alone points at a target; they are taken
//! as independent. Only other files (a sample submission, a test file without the column) are decisive: without them a
//! score stays below 0.9.

mod layout;
mod outside;
mod sets;
mod shape;
mod survival;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::Formulation;
use smith_task_schema::profile::{
    ColumnKind, ColumnProfile, Document, ForeignKey, TableProfile, TargetCandidate,
};

use crate::relations::groups::list;
use crate::relations::sample::Sample;
use crate::relations::{names, time};
use crate::table_data::TableData;

use layout::Layout;
use outside::{Role, Said};
use sets::SetTarget;
use shape::Shape;

/// Most candidates of a table.
const MAX_TARGETS: usize = 12;
/// Least score of a candidate.
const MIN_SCORE: f64 = 0.1;
/// Greatest score without decisive evidence.
const UNDECIDED: f64 = 0.89;
/// Weight from which on evidence is decisive.
const DECISIVE: f64 = 0.9;

/// Writes the candidates of every table into its facts, best first.
pub(crate) fn add(tables: &mut [TableData], documents: &[Document], keys: &[ForeignKey]) {
    let facts: Vec<&TableProfile> = tables.iter().map(|table| &table.facts).collect();
    let said = outside::find(&facts, documents);
    let found: Vec<Vec<TargetCandidate>> =
        tables.iter().zip(&said).map(|(table, said)| of_table(table, said, keys)).collect();
    for (table, targets) in tables.iter_mut().zip(found) {
        table.facts.targets = targets;
    }
}

fn of_table(table: &TableData, said: &Said, keys: &[ForeignKey]) -> Vec<TargetCandidate> {
    if outside::role(&table.facts.path) == Role::Submission || table.facts.rows < 2 {
        return Vec::new();
    }
    let sample = Sample::of(table);
    let layout = Layout::of(&table.facts);
    let sets = sets::find(table);
    let in_sets: BTreeSet<&str> =
        sets.iter().flat_map(|set| set.together_with.iter().map(String::as_str)).collect();
    let mut drafts: Vec<Draft> = Vec::new();
    for (index, column) in table.facts.columns.iter().enumerate() {
        let set =
            sets.iter().filter(|set| set.column == column.name).max_by(|a, b| a.weight.total_cmp(&b.weight));
        let is_asked = said.contains_key(&column.name);
        if set.is_none() && !is_asked && in_sets.contains(column.name.as_str()) {
            continue;
        }
        let rows = table.facts.rows;
        let classes = layout
            .is_class_before_fractions(index)
            .then(|| shape::as_classes(column, sample.column(index), rows))
            .flatten();
        let shape = classes.or_else(|| shape::of(column, sample.column(index), rows));
        if let Some(draft) = draft(&table.facts, &layout, index, shape.as_ref(), set, said, keys) {
            drafts.push(draft);
        }
    }
    shorten(&mut drafts);
    for draft in &mut drafts {
        given_away(draft, &table.facts, &layout);
    }
    finish(drafts)
}

/// A candidate while evidence is gathered.
struct Draft {
    target: TargetCandidate,
    index: usize,
    evidence: Vec<(f64, String)>,
    factor: f64,
}

impl Draft {
    fn add(&mut self, weight: f64, reason: String) {
        self.evidence.push((weight, reason));
    }

    fn against(&mut self, factor: f64, caution: String) {
        self.factor *= factor;
        self.target.cautions.push(caution);
    }

    /// The score as far as it is known.
    fn score(&self) -> f64 {
        let is_decided = self.is_decided();
        let unlikely: f64 = self.evidence.iter().map(|(weight, _)| 1.0 - weight).product();
        let score = (1.0 - unlikely).min(if is_decided { 0.99 } else { UNDECIDED });
        score * if is_decided { self.factor.max(0.95) } else { self.factor }
    }

    fn is_decided(&self) -> bool {
        self.evidence.iter().any(|(weight, _)| *weight >= DECISIVE)
    }
}

fn draft(
    table: &TableProfile,
    layout: &Layout<'_>,
    index: usize,
    shape: Option<&Shape>,
    set: Option<&SetTarget>,
    said: &Said,
    keys: &[ForeignKey],
) -> Option<Draft> {
    let column = table.columns.get(index)?;
    if set.is_none() && (shape.is_none() || !may_be_asked(table, column, said)) {
        return None;
    }
    let formulation = shape.map_or(Formulation::Generation, |shape| shape.formulation.clone());
    let target = TargetCandidate::new(column.name.as_str(), formulation, 0.0);
    let mut draft = Draft { target, index, evidence: Vec::new(), factor: 1.0 };
    for (weight, reason) in said.get(&column.name).into_iter().flatten() {
        draft.add(*weight, reason.clone());
    }
    if let Some((weight, reason)) = words::evidence(column).filter(|(weight, _)| {
        // One question of many is no sign of its own.
        !layout.is_numbered(column) && (set.is_none_or(|set| set.together_with.is_empty()) || *weight >= 0.5)
    }) {
        draft.add(weight, reason);
    }
    if let Some((weight, reason)) = layout.place(index) {
        draft.add(weight, reason);
    }
    if let Some(shape) = shape.filter(|_| set.is_none_or(|set| set.together_with.is_empty())) {
        draft.add(shape.weight, shape.reason.clone());
        (draft.target.classes, draft.target.smallest_class) = (shape.classes, shape.smallest);
        draft.target.largest_share = shape.largest_share;
    }
    if let Some(set) = set {
        take_set(&mut draft, set);
    }
    over_time(&mut draft, table, column);
    hold_against(&mut draft, table, layout, column, keys);
    Some(draft)
}

fn take_set(draft: &mut Draft, set: &SetTarget) {
    draft.add(set.weight, set.reason.clone());
    draft.target.formulation = set.formulation.clone();
    draft.target.together_with.clone_from(&set.together_with);
    draft.target.within.clone_from(&set.within);
    if set.classes.is_some() {
        draft.target.classes = set.classes;
        draft.target.smallest_class = None;
        draft.target.largest_share = None;
    }
}

/// False for keys, numbers of rows, the time of the rows, and what is hardly ever there.
fn may_be_asked(table: &TableProfile, column: &ColumnProfile, said: &Said) -> bool {
    if said.contains_key(&column.name) {
        return true;
    }
    let is_time = table.time.as_ref().is_some_and(|time| {
        time.column == column.name
            || time.with_columns.contains(&column.name)
            || time.series_columns.contains(&column.name)
    });
    let is_key = names::is_row_number(&column.name)
        || (names::is_key(&column.name)
            && column.kind != ColumnKind::Category
            && column.kind != ColumnKind::Boolean)
        || (column.unique && column.monotone.is_some() && column.kind == ColumnKind::Integer);
    let hardly_there = column.missing * 20 > table.rows * 19;
    !is_time && !is_key && !hardly_there && column.names_files_in.is_none()
}

/// Numbers of a series are asked for ahead.
fn over_time(draft: &mut Draft, table: &TableProfile, column: &ColumnProfile) {
    let Some(axis) = &table.time else { return };
    if !time::is_series(axis, table) {
        return;
    }
    if axis.across_columns.is_none() && draft.target.formulation == Formulation::Regression {
        let every =
            axis.frequency.as_deref().map_or_else(String::new, |frequency| format!(", every {frequency}"));
        let order = if axis.series_columns.is_empty() { "one series" } else { "several series" };
        draft.add(0.25, format!("values of {order} in order of `{}`{every}", axis.column));
        draft.target.formulation = Formulation::Forecasting;
    } else if axis.across_columns.is_some() && axis.to == column.name {
        draft.add(0.4, String::from("the last point of series that run across the columns"));
        draft.target.formulation = Formulation::Forecasting;
    }
}

/// What speaks against a column, or has to be seen to.
fn hold_against(
    draft: &mut Draft,
    table: &TableProfile,
    layout: &Layout<'_>,
    column: &ColumnProfile,
    keys: &[ForeignKey],
) {
    if column.missing > 0 {
        let share = column.missing as f64 / table.rows.max(1) as f64;
        let factor = if share > 0.5 {
            0.5
        } else if share > 0.2 {
            0.85
        } else {
            1.0
        };
        draft.against(factor, format!("{} of {} rows have no value", column.missing, table.rows));
    }
    if let Some(smallest) = draft.target.smallest_class.filter(|smallest| *smallest < 10) {
        let factor = if smallest < 2 { 0.8 } else { 0.95 };
        let rows = if smallest == 1 { "1 row" } else { &format!("{smallest} rows") };
        draft.against(factor, format!("the smallest class has {rows}"));
    }
    match draft.target.largest_share {
        Some(share) if share >= 0.999 => {
            draft.against(0.4, format!("{:.2} % of the rows have one class", 100.0 * share));
        }
        Some(share) if share >= 0.995 => {
            draft.against(0.7, format!("{:.1} % of the rows have one class", 100.0 * share));
        }
        Some(share) if share >= 0.9 => {
            draft.against(0.95, format!("{:.1} % of the rows have one class", 100.0 * share));
        }
        _ => {}
    }
    if layout.is_place(column) {
        draft.against(
            if table.columns.len() > 2 { 0.3 } else { 0.4 },
            String::from("with `x` and `y` it may be a place"),
        );
    } else if words::is_given(&column.name) {
        draft.against(0.4, String::from("its name is that of something given, such as a place or a date"));
    }
    if let Some(key) = keys.iter().find(|key| key.table == table.path && key.column == column.name) {
        draft
            .against(0.7, format!("it is a key of `{}`, whose other columns may give it away", key.to_table));
    }
    if outside::role(&table.path) == Role::Test {
        draft.factor *= 0.8;
    }
    for group in &table.group_columns {
        if group.column == column.name {
            draft.against(0.5, String::from("it gathers rows that belong together"));
        } else {
            draft
                .target
                .cautions
                .push(format!("rows of one `{}` belong together: no split may part them", group.column));
        }
    }
    if let Some(axis) = table.time.as_ref().filter(|axis| axis.across_columns.is_none() && axis.in_order) {
        draft.target.cautions.push(format!("the rows lie in order of `{}`: split by time", axis.column));
    }
}

/// Columns that say the same, determine it, or add up with it.
fn given_away(draft: &mut Draft, table: &TableProfile, layout: &Layout<'_>) {
    let name = draft.target.column.clone();
    let name = name.as_str();
    let together: BTreeSet<&str> = draft.target.together_with.iter().map(String::as_str).collect();
    let copies = layout.copies_of(name);
    let mut by: BTreeMap<usize, String> = BTreeMap::new();
    let place =
        |name: &str| table.columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX);
    for copy in &copies {
        by.insert(place(copy), (*copy).to_string());
    }
    let mut codes = Vec::new();
    let mut parents = Vec::new();
    for rule in &table.determinations {
        let other = if rule.column == name {
            &rule.by
        } else if rule.one_to_one && rule.by == name {
            &rule.column
        } else {
            continue;
        };
        if rule.one_to_one {
            codes.push(other.as_str());
        } else {
            parents.push(other.as_str());
        }
        by.insert(place(other), other.clone());
    }
    let sums = sums_with(table, name);
    for other in &sums {
        by.insert(place(other), (*other).to_string());
    }
    by.retain(|_, other| !together.contains(other.as_str()) && *other != name);
    let strong = draft.evidence.iter().any(|(weight, _)| *weight >= 0.4);
    let mut hold = |names: &[&str], what: &str, factor: f64| {
        if !names.is_empty() {
            let factor = if strong { factor.sqrt() } else { factor };
            draft.against(factor, format!("{what} {}", list(names)));
        }
    };
    hold(&copies, "nearly the same as", 0.7);
    hold(&codes, "another code for it:", 0.6);
    hold(&parents, "determined by", 0.75);
    hold(&sums, "adds up with", 0.9);
    draft.target.given_away_by = by.into_values().collect();
}

/// The columns of a sum in which a column stands: with all of them the column is known.
fn sums_with<'t>(table: &'t TableProfile, name: &str) -> Vec<&'t str> {
    let mut with = Vec::new();
    for sum in &table.sums {
        let all: Vec<&str> = sum.parts.iter().chain(&sum.total).map(String::as_str).collect();
        if all.contains(&name) {
            with.extend(all.into_iter().filter(|other| *other != name));
        }
    }
    with.dedup();
    with
}

/// Keeps those that may still be among the best: what gives a column away is only asked for them.
fn shorten(drafts: &mut Vec<Draft>) {
    const KEPT: usize = 4 * MAX_TARGETS;
    drafts.sort_by(|a, b| b.score().total_cmp(&a.score()).then(b.index.cmp(&a.index)));
    drafts.truncate(KEPT);
}

/// Scores, best first; of equals the later column, where authors put what they ask for.
fn finish(mut drafts: Vec<Draft>) -> Vec<TargetCandidate> {
    let decided = drafts.iter().any(Draft::is_decided);
    for draft in &mut drafts {
        let is_decided = draft.is_decided();
        // Where other files say what is asked for, the rest is at most a second task.
        let rest = if decided && !is_decided { 0.6 } else { 1.0 };
        draft.target.score = (draft.score() * rest * 100.0).round() / 100.0;
        draft.evidence.sort_by(|a, b| b.0.total_cmp(&a.0));
        draft.target.reasons = draft.evidence.iter().map(|(_, reason)| reason.clone()).collect();
    }
    drafts.retain(|draft| draft.target.score >= MIN_SCORE);
    drafts.sort_by(|a, b| b.target.score.total_cmp(&a.target.score).then(b.index.cmp(&a.index)));
    drafts.truncate(MAX_TARGETS);
    drafts.into_iter().map(|draft| draft.target).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Findings;
    use crate::relations::sample::mix;
    use crate::relations::{self, testing};

    fn targets(tables: Vec<TableData>, documents: &[Document]) -> Vec<Vec<TargetCandidate>> {
        let mut tables = tables;
        relations::add(&mut tables, &[], documents, &mut Findings::default());
        tables.into_iter().map(|table| table.facts.targets).collect()
    }

    fn first(header: &str, rows: &[String]) -> TargetCandidate {
        let found = targets(vec![testing::table("t.csv", header, rows)], &[]);
        found[0].first().cloned().unwrap_or_else(|| TargetCandidate::new("", Formulation::Generation, 0.0))
    }

    #[test]
    fn a_named_class_wins_over_features_and_keys() {
        let rows: Vec<String> = (0..200)
            .map(|i| format!("{i},{},{}.5,{}", mix(1, i) % 2, mix(2, i) % 90, ["f", "m"][i as usize % 2]))
            .collect();
        let target = first("PassengerId,Survived,Fare,Sex", &rows);
        assert_eq!(
            (target.column.as_str(), target.formulation.clone()),
            ("Survived", Formulation::Classification)
        );
        assert!((0.5..0.9).contains(&target.score), "{}", target.score);
        assert_eq!(target.classes, Some(2));
        assert!(target.reasons[0].contains("usual for a target"));
    }

    #[test]
    fn words_before_numbers_without_a_header() {
        let rows: Vec<String> = (0..200)
            .map(|i| {
                format!(
                    "{},{},{},{}",
                    (b'A' + (i % 7) as u8) as char,
                    mix(1, i) % 15,
                    mix(2, i) % 15,
                    mix(3, i) % 15
                )
            })
            .collect();
        let target = first("column_1,column_2,column_3,column_4", &rows);
        assert_eq!(target.column, "column_1");
        assert!(target.reasons[0].contains("first column and the only one of words"), "{:?}", target.reasons);
    }

    #[test]
    fn classes_before_series_without_a_header_are_whole_numbers_written_as_fractions() {
        let rows: Vec<String> = (0..80)
            .map(|i| {
                let steps: Vec<String> = (1..9).map(|k| format!("{}.5", mix(k, i) % 60)).collect();
                format!("{}.0,{}", i % 20 + 1, steps.join(","))
            })
            .collect();
        let header: Vec<String> = (1..10).map(|i| format!("column_{i}")).collect();
        let target = first(&header.join(","), &rows);
        assert_eq!((target.column.as_str(), target.classes), ("column_1", Some(20)));
        assert_eq!(target.formulation, Formulation::Classification);
    }

    #[test]
    fn copies_and_codes_give_a_target_away() {
        let rows: Vec<String> = (0..300)
            .map(|i| {
                let class = mix(1, i) % 3;
                format!(
                    "{}.5,c{class},{},{}",
                    mix(2, i) % 70,
                    ["low", "mid", "high"][class as usize],
                    mix(5, i) % 4
                )
            })
            .collect();
        let target = first("x,code,label,noise", &rows);
        assert_eq!((target.column.as_str(), target.given_away_by.join(" ")), ("label", "code".to_string()));
        assert!(
            target.cautions.iter().any(|caution| caution.contains("another code")),
            "{:?}",
            target.cautions
        );
    }

    #[test]
    fn other_files_decide() {
        let rows = |width: usize| -> Vec<String> {
            (0..60_u64)
                .map(|i| {
                    (0..width as u64)
                        .map(|c| if c == 0 { format!("{i}") } else { (mix(c, i) % 9).to_string() })
                        .collect::<Vec<_>>()
                        .join(",")
                })
                .collect()
        };
        let tables = vec![
            testing::table("train.csv", "id,label,rooms,loss", &rows(4)),
            testing::table("test.csv", "id,label,rooms", &rows(3)),
            testing::table("sample_submission.csv", "id,loss", &rows(2)),
        ];
        let found = targets(tables, &[]);
        assert_eq!(found[0][0].column, "loss");
        assert!(found[0][0].score >= 0.9 && found[0][1].score < 0.6, "{:?}", found[0]);
        assert_eq!(found[2], []);
    }

    #[test]
    fn constants_and_keys_are_never_asked_for() {
        let rows: Vec<String> = (0..50).map(|i| format!("k{i},0,{i}")).collect();
        assert_eq!(first("name,is_anomaly,id", &rows).column, "");
    }

    #[test]
    fn series_are_forecast() {
        let rows: Vec<String> =
            (0..80).map(|i| format!("20{:02}-{:02}-01,{}.5", i / 12, i % 12 + 1, mix(1, i) % 500)).collect();
        let target = first("month,passengers", &rows);
        assert_eq!((target.column.as_str(), target.formulation), ("passengers", Formulation::Forecasting));
        assert!(target.cautions.iter().any(|caution| caution.contains("split by time")));
    }
}
