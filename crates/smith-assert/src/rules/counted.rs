//! The counts that a description states, against the files.

use std::collections::{BTreeSet, HashSet};

use smith_task_schema::{Layer, Severity};

use super::wording::quoted;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Public, Subject};

pub(super) const COUNTS: RuleInfo = RuleInfo {
    code: "D111",
    name: "description-counts",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "Where the description states how many rows a file or how many files a directory has, it has as many.",
    why: "A wrong count makes participants look for data that is not there.",
    mend: "State the count that is there, or none.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// What rows are called whatever they hold.
const ROWS: &[&str] =
    &["rows", "records", "samples", "examples", "entries", "observations", "instances", "lines"];
/// What files are called.
const FILES: &[&str] = &[
    "files",
    "images",
    "pictures",
    "photos",
    "photographs",
    "scans",
    "clips",
    "recordings",
    "videos",
    "documents",
];
/// Words that make a count a vague one, or one of something else.
const VAGUE: &[&str] = &[
    "about",
    "around",
    "approximately",
    "roughly",
    "nearly",
    "over",
    "almost",
    "than",
    "least",
    "most",
    "first",
    "each",
    "per",
    "up",
    "every",
];
/// Counts of things that the task has its own word for: below it a number has too many meanings.
const MANY: usize = 100;
/// Cells that are read to know the numbers of different ones.
const MAX_CELLS: usize = 2_000_000;

/// A count and what is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Count {
    number: usize,
    unit: String,
}

/// `D111`.
pub(super) fn counts(info: &RuleInfo, cx: &Subject) -> Findings {
    let public = cx.public()?;
    let directories = directories(public);
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let lower = description.text.to_lowercase();
        let clauses = description.text.lines().zip(1_usize..).flat_map(|(line, at)| {
            line.split("; ").flat_map(|part| part.split(". ")).map(move |clause| (clause, at))
        });
        for (clause, at) in clauses {
            let Some(count) = stated(clause) else { continue };
            let Some((name, there)) = contradicted(public, &directories, &lower, clause, &count) else {
                continue;
            };
            let (number, unit) = (count.number, &count.unit);
            let message = format!(
                "it says that {} has {number} {unit}, and it has {there}. {}",
                quoted(name),
                info.mend
            );
            findings.push(info.finding(format!("{}:{at}", description.name), message));
        }
    }
    Ok(findings)
}

/// What a clause speaks of, and how many there are instead.
fn contradicted<'p>(
    public: &'p Public,
    directories: &BTreeSet<&'p str>,
    text: &str,
    line: &str,
    count: &Count,
) -> Option<(&'p str, usize)> {
    let tables: Vec<_> = public.tables.iter().filter(|table| line.contains(file_name(&table.path))).collect();
    let named: Vec<&str> = directories
        .iter()
        .copied()
        .filter(|directory| line.contains(&format!("{}/", file_name(directory))))
        .collect();
    let unit = count.unit.as_str();
    match (&tables[..], &named[..]) {
        ([table], _) if ROWS.contains(&unit) => {
            let rows = table.frame.rows();
            (!table.frame.is_cut() && rows != count.number).then_some((table.path.as_str(), rows))
        }
        ([], [directory]) if FILES.contains(&unit) => {
            let files = files_below(public, directory);
            (files != count.number).then_some((*directory, files))
        }
        ([table], []) if count.number >= MANY && is_word_of(text, unit) => {
            let rows = table.frame.rows();
            let is_known = table.frame.is_cut() || has_some(public, directories, count.number);
            (!is_known).then_some((table.path.as_str(), rows))
        }
        _ => None,
    }
}

/// Directories of `public/` and those above them.
fn directories(public: &Public) -> BTreeSet<&str> {
    let of = |file| {
        std::iter::successors(Some(file), |path: &&str| path.rsplit_once('/').map(|(above, _)| above)).skip(1)
    };
    public.files.iter().flat_map(|file| of(file.path.as_str())).collect()
}

fn files_below(public: &Public, directory: &str) -> usize {
    let is_below = |path: &str| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
    public.files.iter().filter(|file| is_below(&file.path)).count()
}

/// True for a plural that the text uses more than once: what its rows are.
fn is_word_of(text: &str, unit: &str) -> bool {
    let singular =
        unit.strip_suffix("ies").map_or_else(|| unit.trim_end_matches('s').to_owned(), |s| format!("{s}y"));
    unit.len() >= 4 && unit.ends_with('s') && text.matches(&singular).count() >= 2
}

/// True when something that can be counted has this number: rows of a table or of all, files, different cells of a column.
fn has_some(public: &Public, directories: &BTreeSet<&str>, number: usize) -> bool {
    let rows: Vec<usize> = public.tables.iter().map(|table| table.frame.rows()).collect();
    if rows.contains(&number) || rows.iter().sum::<usize>() == number || pairs(&rows).any(|sum| sum == number)
    {
        return true;
    }
    if directories.iter().any(|directory| files_below(public, directory) == number) {
        return true;
    }
    let mut left = MAX_CELLS;
    public.tables.iter().flat_map(|table| table.frame.columns()).any(|column| {
        left = left.saturating_sub(column.len());
        left > 0 && column.len() >= number && column.iter().collect::<HashSet<_>>().len() == number
    })
}

fn pairs(rows: &[usize]) -> impl Iterator<Item = usize> {
    rows.iter().enumerate().flat_map(|(at, a)| rows.iter().skip(at + 1).map(move |b| a + b))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `1,234 rows`, when it is the only count of the line and stated as exact.
fn stated(line: &str) -> Option<Count> {
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '~').to_lowercase())
        .collect();
    if words.iter().any(|word| VAGUE.contains(&word.as_str()) || word.starts_with('~')) {
        return None;
    }
    let number = |word: &String| word.replace([',', '_'], "").parse::<usize>().ok();
    let is_unit =
        |word: &&String| word.len() > 1 && word.ends_with('s') && word.chars().all(char::is_alphabetic);
    let found = words.windows(2).enumerate().filter_map(|(at, pair)| {
        let [count, unit] = pair else { return None };
        // `1 to 10 points` are none of them.
        let is_range = at.checked_sub(1).and_then(|at| words.get(at)).is_some_and(|word| word == "to");
        if is_range {
            return None;
        }
        let unit = Some(unit).filter(is_unit)?;
        Some(Count { number: number(count)?, unit: unit.clone() })
    });
    let found: Vec<Count> = found.collect();
    match &found[..] {
        [count] => Some(count.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_counts_are_told_from_vague_ones() {
        for (line, expected) in [
            ("`train.csv`: 1,234 rows with labels", Some((1234, "rows"))),
            ("train.csv (147 samples)", Some((147, "samples"))),
            ("`test.csv` has `gloss` of 12,500 definitions.", Some((12_500, "definitions"))),
            ("about 1000 rows", None),
            ("10 rows of 5 examples", None),
            ("rows of 10 cm", None),
            ("1 to 10 points", None),
        ] {
            let expected = expected.map(|(number, unit)| Count { number, unit: unit.to_owned() });
            assert_eq!(stated(line), expected, "{line}");
        }
    }
}
