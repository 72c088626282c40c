//! Records of the files for test that stand among those for train, where examples are found by no single column: pieces
//! of a record are predicted, or the file is one beside the examples.

use std::collections::{HashMap, HashSet};

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{description, percent, quoted, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::promises::promises_apart;
use crate::quality::rows;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{PublicTable, Subject};

pub(in crate::rules) const SAME_RECORDS: RuleInfo = RuleInfo {
    code: "Q105",
    name: "records-in-train",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No record of a file for test stands, with more columns, in another public file, and no group that the description keeps apart is in both.",
    why: "What is asked of a test example can be looked up in the record that holds more of it.",
    mend: "Write each record into the file of its own side only, and divide by the groups that the description names.",
    references: &[literature::REPRODUCIBILITY],
};

pub(in crate::rules) const EVEN_RECORDS: RuleInfo = RuleInfo {
    code: "Q128",
    name: "records-per-example",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Where each example has the same number of records in a file for train, it has no fewer in that for test.",
    why: "A candidate or a measurement that was left out cannot be ranked or used.",
    mend: "Write all records of the test examples, as of the training examples.",
    references: &[literature::DATA_CHECKS],
};

/// Share of the test records that stand in train, from which on it is told; fewer repeat by nature.
const TOLD: f64 = 0.2;
/// Share of records that must be one of a kind for their copies to be no chance.
const UNIQUE: f64 = 0.95;
/// Characters of the shared cells of a record, on average, that say enough.
const LEAST_CHARS: usize = 16;
const LEAST_ROWS: usize = 20;
/// Share of the keys with the same number of records.
const EVENLY: f64 = 0.97;
const LEAST_KEYS: usize = 20;
/// Members of a group, on average, and groups in all.
const LEAST_MEMBERS: f64 = 2.0;
const LEAST_GROUPS: usize = 5;
/// Share of the groups for test that are in train, though the description says none is.
const SHARED: f64 = 0.3;

/// A file for test beside one for train, by their names.
struct Sides<'a> {
    test: &'a PublicTable,
    train: &'a PublicTable,
    /// Positions of the columns that both have, in test and in train.
    shared: Vec<(usize, usize)>,
}

/// `Q105`.
pub(in crate::rules) fn in_train(info: &RuleInfo, cx: &Subject) -> Measured {
    let pairs = pairs(cx)?;
    let text = description(cx);
    // Where examples were found, their groups were looked at more closely.
    let are_unfound = super::sides(cx).is_err();
    let mut most = 0.0_f64;
    let mut findings = Vec::new();
    for sides in &pairs {
        let copied = sides.copied();
        most = most.max(copied);
        if copied >= TOLD && sides.train_has_more() {
            findings.push(told(info, cx, sides, copied));
        }
        if are_unfound {
            findings.extend(broken_promise(info, cx, sides, &text));
        }
    }
    findings.truncate(1);
    let figure =
        Figure::new("largest share of the records of a file for test that stand in one for train", most);
    Ok(Report::from(findings).with(figure.bounded(Bound::AtMost(TOLD))))
}

fn told(info: &RuleInfo, cx: &Subject, sides: &Sides<'_>, copied: f64) -> Finding {
    let message = format!(
        "{} of its records stand in {} too, with {} in addition. {}",
        percent(copied),
        quoted(&sides.train.path),
        sides.additions().iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "),
        info.mend
    );
    info.finding(cx.name_in_public(&sides.test.path), message)
}

fn broken_promise(info: &RuleInfo, cx: &Subject, sides: &Sides<'_>, text: &str) -> Option<Finding> {
    let (name, shared) = sides.shared_groups().into_iter().find(|(name, shared)| {
        *shared >= SHARED && promises_apart(text, name.trim_end_matches("_id").trim_end_matches('s'))
    })?;
    let message = format!(
        "the description says that no {name} is on both sides, but {} of those in it are in {} too. {}",
        percent(shared),
        quoted(&sides.train.path),
        info.mend
    );
    Some(info.finding(cx.name_in_public(&sides.test.path), message))
}

/// `Q128`.
pub(in crate::rules) fn even(info: &RuleInfo, cx: &Subject) -> Measured {
    let pairs = pairs(cx)?;
    let text = description(cx);
    let mut findings = Vec::new();
    for sides in pairs.iter().filter(|sides| !sides.train_has_more()) {
        for (test, train) in &sides.shared {
            let (Some(here), Some(there)) = (evenly(sides.test, *test), evenly(sides.train, *train)) else {
                continue;
            };
            if here >= there || there < 2 {
                continue;
            }
            let name = sides.test.frame.names().get(*test).map_or("", String::as_str);
            let message = format!(
                "it has {here} records for each {}, and {} has {there}. {}",
                quoted(name),
                quoted(&sides.train.path),
                info.mend
            );
            // The description counts what is in train, and not what is in test.
            let severity =
                if counts(&text, there) && !counts(&text, here) { Severity::Error } else { info.severity };
            findings.push(weighed(info, severity, cx.name_in_public(&sides.test.path), message));
        }
    }
    findings.truncate(1);
    Ok(Report::from(findings))
}

/// Files of which one names test and the other train, with their common columns; not run when there are none.
fn pairs(cx: &Subject) -> Result<Vec<Sides<'_>>, AssertError> {
    let public = cx.public()?;
    let says = |table: &PublicTable, word: &str| table.path.to_lowercase().contains(word);
    let is_test = |table: &&PublicTable| says(table, "test") && !says(table, "train");
    let is_train = |table: &&PublicTable| says(table, "train") && !says(table, "test");
    let tests = public.tables.iter().filter(is_test);
    let pairs = tests.flat_map(|test| {
        let trains = public.tables.iter().filter(is_train);
        trains.filter_map(move |train| Sides::of(test, train))
    });
    let pairs: Vec<Sides<'_>> = pairs.collect();
    if pairs.is_empty() {
        return Err(AssertError::not_run("public/ has no files for test and train with columns in common"));
    }
    Ok(pairs)
}

impl<'a> Sides<'a> {
    /// Nothing when there are few rows, or less than half of the columns of the one are in the other.
    fn of(test: &'a PublicTable, train: &'a PublicTable) -> Option<Self> {
        let names = test.frame.names().iter().enumerate();
        let shared: Vec<(usize, usize)> =
            names.filter_map(|(at, name)| Some((at, train.frame.position(name)?))).collect();
        let is_much = shared.len() >= 2 && shared.len() * 2 > test.frame.names().len();
        (is_much && test.frame.rows() >= LEAST_ROWS && train.frame.rows() >= LEAST_ROWS).then_some(Self {
            test,
            train,
            shared,
        })
    }

    fn additions(&self) -> Vec<&'a str> {
        let names = self.train.frame.names().iter();
        names.map(String::as_str).filter(|name| self.test.frame.position(name).is_none()).collect()
    }

    fn train_has_more(&self) -> bool {
        !self.additions().is_empty()
    }

    /// Share of the records of test that stand in train: in all common columns, or in all but those that number the
    /// records of both files.
    fn copied(&self) -> f64 {
        let is_number = |(test, train): &(usize, usize)| {
            distinct(self.test, *test) == self.test.frame.rows()
                && distinct(self.train, *train) == self.train.frame.rows()
        };
        let content: Vec<(usize, usize)> =
            self.shared.iter().copied().filter(|pair| !is_number(pair) || self.is_long(pair.0)).collect();
        if content.len() == self.shared.len() {
            return self.copied_by(&content);
        }
        [self.shared.as_slice(), &content]
            .into_iter()
            .map(|columns| self.copied_by(columns))
            .fold(0.0, f64::max)
    }

    fn is_long(&self, at: usize) -> bool {
        let Some(column) = self.test.frame.columns().get(at) else { return false };
        let chars: usize = column.iter().map(str::len).sum();
        chars >= LEAST_CHARS * column.len().max(1)
    }

    fn copied_by(&self, columns: &[(usize, usize)]) -> f64 {
        let (here, there): (Vec<usize>, Vec<usize>) = columns.iter().copied().unzip();
        let chars: usize = here
            .iter()
            .filter_map(|at| self.test.frame.columns().get(*at))
            .map(|column| column.iter().map(str::len).sum::<usize>())
            .sum();
        let rows = self.test.frame.rows();
        let tested = keys(self.test, &here);
        let different: HashSet<u64> = tested.iter().copied().collect();
        if here.is_empty() || chars < LEAST_CHARS * rows || (different.len() as f64) < UNIQUE * rows as f64 {
            return 0.0;
        }
        let known: HashSet<u64> = keys(self.train, &there).into_iter().collect();
        tested.iter().filter(|key| known.contains(key)).count() as f64 / rows as f64
    }

    /// Columns of both files whose values repeat, each with the share of those for test that are in train.
    fn shared_groups(&self) -> Vec<(String, f64)> {
        let share = |&(test, train): &(usize, usize)| {
            let values = |table: &'a PublicTable, at: usize| -> Option<HashSet<&'a str>> {
                Some(table.frame.columns().get(at)?.iter().filter(|cell| !cell.is_empty()).collect())
            };
            let (here, there) = (values(self.test, test)?, values(self.train, train)?);
            let is_group = here.len() >= LEAST_GROUPS
                && self.test.frame.rows() as f64 >= LEAST_MEMBERS * here.len() as f64;
            let shared = here.intersection(&there).count() as f64 / here.len().max(1) as f64;
            let name = self.test.frame.names().get(test)?.to_lowercase();
            is_group.then_some((name, shared))
        };
        self.shared.iter().filter_map(share).collect()
    }
}

/// The number of records that (nearly) every value of a column has.
fn evenly(table: &PublicTable, at: usize) -> Option<usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for cell in table.frame.columns().get(at)?.iter().filter(|cell| !cell.is_empty()) {
        *counts.entry(cell).or_default() += 1;
    }
    let mut of: HashMap<usize, usize> = HashMap::new();
    counts.values().for_each(|count| *of.entry(*count).or_default() += 1);
    let (count, keys) = of.into_iter().max_by_key(|(count, keys)| (*keys, *count))?;
    (counts.len() >= LEAST_KEYS && keys as f64 >= EVENLY * counts.len() as f64).then_some(count)
}

fn distinct(table: &PublicTable, at: usize) -> usize {
    table.frame.columns().get(at).map_or(0, |column| column.iter().collect::<HashSet<_>>().len())
}

fn keys(table: &PublicTable, columns: &[usize]) -> Vec<u64> {
    rows::keys(columns.iter().filter_map(|at| table.frame.columns().get(*at)), table.frame.rows())
}

/// True when the text counts so many of something: `six cars`, `the 6 alternatives`.
fn counts(text: &str, number: usize) -> bool {
    const WORDS: [&str; 11] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let digits = number.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_number = |word: &str| word == digits || WORDS.get(number).is_some_and(|name| *name == word);
    let is_noun = |word: &str| word.chars().take_while(|c| c.is_alphabetic()).count() > 2;
    words.windows(2).any(|pair| matches!(pair, [own, next] if is_number(own) && is_noun(next)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(path: &str, text: &str) -> PublicTable {
        let mut lines = text.lines().map(|line| line.split(','));
        let names = lines.next().unwrap().map(str::to_owned).collect();
        let mut frame = smith_data::Frame::new(names);
        lines.for_each(|cells| frame.push_row(cells));
        PublicTable { path: path.to_owned(), frame }
    }

    fn records(from: usize, to: usize, tail: &str) -> String {
        (from..to).map(|at| format!("s{at},the words of sentence {at}{tail}\n")).collect()
    }

    #[test]
    fn a_record_that_train_has_with_more_is_copied() {
        let test = table("test.jsonl", &format!("id,words\n{}", records(0, 40, "")));
        let train = table("train.jsonl", &format!("id,words,class\n{}", records(10, 90, ",x")));
        let sides = Sides::of(&test, &train).unwrap();
        assert!(sides.train_has_more());
        assert!((sides.copied() - 0.75).abs() < 1e-9);
        let other = table("train.jsonl", &format!("id,words,class\n{}", records(50, 90, ",x")));
        assert!(Sides::of(&test, &other).unwrap().copied() < 1e-9);
    }

    #[test]
    fn records_are_counted_for_each_example() {
        let cars = |each: usize| -> String {
            let rows = (0..30).flat_map(|case| (0..each).map(move |car| format!("c{case},{car}\n")));
            format!("case,car\n{}", rows.collect::<String>())
        };
        assert_eq!(evenly(&table("train.csv", &cars(6)), 0), Some(6));
        assert_eq!(evenly(&table("test.csv", &cars(5)), 0), Some(5));
        assert!(counts("each case has six cars", 6) && !counts("each case has six cars", 5));
    }
}
