//! Answers in the names of files and folders, and in the ids.

use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::digits::digits_tell;
use super::{agrees, place, shown};
use crate::leakage::agree::{Relation, agreement};
use crate::leakage::digests;
use crate::leakage::sheet::Sheet;
use crate::leakage::target::Values;
use crate::leakage::tokens::{Part, parts};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{PublicFile, Subject};

pub(in crate::rules) const NAMES: RuleInfo = RuleInfo {
    code: "A204",
    name: "answers-in-names",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Neither the ids of the test examples nor the paths of their files have a part that says the answer, and no digit \
             or remainder of the ids goes with it.",
    why: "A name is read without looking at the example.",
    mend: "Give the test examples new names and ids in random order, and keep the names of classes out of their paths.",
    references: &[literature::WINNING_BY_IDS],
};

/// Remainders of numbers that are looked at.
const DIVISORS: std::ops::RangeInclusive<u64> = 2..=12;

/// `A204`.
pub(in crate::rules) fn names(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public) = (cx.pair()?, cx.public()?);
    let sheet = Sheet::of(pair);
    let files: Vec<PublicFile> = public.all_files().cloned().collect();
    let by_row = sheet.files(&files);
    let paths: Vec<Option<String>> =
        by_row.iter().map(|at| at.and_then(|at| files.get(at)).map(|file| file.path.clone())).collect();
    let ids: Vec<Option<String>> = sheet.ids.iter().cloned().map(Some).collect();
    let mut findings = Vec::new();
    let first = by_row.iter().flatten().next().and_then(|at| files.get(*at));
    if let Some(first) = first {
        let said = said(info, &sheet, &paths, &[], &place(cx, &first.path), "paths of the test files");
        findings.extend(said);
    }
    if findings.is_empty() && sheet.are_unique {
        let sample = cx.name(&cx.layout().sample_submission());
        findings.extend(said(
            info,
            &sheet,
            &ids,
            &remainders(&sheet.ids).into_iter().chain(ends(&sheet.ids)).collect::<Vec<_>>(),
            &sample,
            "ids of the test examples",
        ));
    }
    if findings.is_empty() && sheet.are_unique {
        findings.extend(digits_tell(info, cx, &sheet, cx.split()?));
        findings.extend(digests::hashed_answers(&cx.split()?.test).map(|what| {
            let message = format!(
                "the ids of the test examples are the {what}: whoever hashes each possible answer finds the right one. {}",
                info.mend
            );
            info.finding(cx.name(&cx.layout().sample_submission()), message)
        }));
    }
    Ok(Report::from(findings)
        .with(Figure::new(
            "test examples whose names were compared with their answers",
            sheet.ids.len() as f64,
        ))
        .with(Figure::new("of them with a file of their own", by_row.iter().flatten().count() as f64)))
}

/// A finding when the parts of texts, one for each answer, tell the answers.
pub(super) fn said(
    info: &RuleInfo,
    sheet: &Sheet,
    texts: &[Option<String>],
    more: &[Part],
    place: &str,
    what: &str,
) -> Option<Finding> {
    sheet.targets.iter().find_map(|target| {
        let classes: &[String] = match &target.values {
            Values::Classes(_, names) => names,
            Values::Numbers(_) => &[],
        };
        let parts = parts(texts, classes);
        let found = parts.iter().chain(more).find_map(|part| {
            let given: Vec<Option<&str>> = part.cells.iter().map(Option::as_deref).collect();
            let known = given.iter().flatten().count();
            let found = agreement(target, &given, false)?;
            // Numbers that rise with the answers are their order, of which another rule speaks.
            let is_said = matches!(found.relation, Relation::Same | Relation::Renamed);
            (is_said && known * 10 >= texts.iter().flatten().count() * 8).then_some((part, found))
        });
        let (part, found) = found?;
        let example = part.cells.iter().flatten().next().map_or_else(String::new, |cell| shown(cell));
        let message = format!(
            "the {what} tell {}: their {}, such as {example}, {}. {}",
            shown(&target.name),
            part.name,
            agrees(&found),
            info.mend
        );
        Some(info.finding(place, message))
    })
}

/// The first and the last letters of each id, as far as it is longer.
fn ends(ids: &[String]) -> Vec<Part> {
    let part = |name: String, cut: &dyn Fn(&str) -> Option<String>| Part {
        name,
        cells: ids.iter().map(|id| cut(id)).collect(),
    };
    let front = (1..=3).map(|n| {
        part(format!("first {n} letters"), &|id| id.get(..n).filter(|_| id.len() > n).map(str::to_owned))
    });
    let back = (1..=2).map(|n| {
        part(format!("last {n} letters"), &|id| {
            let at = id.len().checked_sub(n).filter(|at| *at > 0)?;
            id.get(at..).map(str::to_owned)
        })
    });
    front.chain(back).collect()
}

/// What is left of the last number of each id when it is divided.
fn remainders(ids: &[String]) -> Vec<Part> {
    let number = |id: &String| -> Option<u64> {
        let end = id.rfind(|c: char| c.is_ascii_digit())?;
        let digits = id.get(..=end)?;
        let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        digits.get(start..)?.parse().ok()
    };
    let numbers: Vec<Option<u64>> = ids.iter().map(number).collect();
    DIVISORS
        .map(|by| Part {
            name: format!("remainder of their number divided by {by}"),
            cells: numbers.iter().map(|number| number.map(|number| (number % by).to_string())).collect(),
        })
        .collect()
}
