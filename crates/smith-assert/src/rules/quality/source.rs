//! Where the data come from: how much of them is used, what their licence says, and whether they speak of persons.

use std::io::Read;
use std::path::Path;

use smith_data::{alike, is_document};
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{description, percent, quoted, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::media::Medium;
use crate::quality::personal::signs;
use crate::quality::raw_use::uses;
use crate::quality::spread;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{PublicTable, Subject, list_files};

pub(in crate::rules) const USED: RuleInfo = RuleInfo {
    code: "Q140",
    name: "raw-data-used",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "A fair part of the raw data that the task is made of reaches participants, or the description says that a part is taken.",
    why: "A task over a sliver of its dataset wastes it; mostly a filter or a join lost the rest without anybody noticing.",
    mend: "Check filters and joins in prepare.py, use the rest, or say in the description that a subset is used.",
    references: &[literature::TRACTABILITY],
};

pub(in crate::rules) const LICENCE: RuleInfo = RuleInfo {
    code: "Q150",
    name: "licence-forbids",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "No document of the raw data forbids to pass them on or to change them, or restricts their use.",
    why: "A task gives the data to others in a changed form, which some licences do not allow.",
    mend: "Ask whether the task may be passed on, and name the licence in the description.",
    references: &["https://creativecommons.org/licenses/"],
};

pub(in crate::rules) const PERSONAL: RuleInfo = RuleInfo {
    code: "Q151",
    name: "personal-data",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "The public data show no e-mail addresses, telephone numbers, accounts, or names with dates of birth in quantity.",
    why: "Data about persons must not be passed on without need, and no model needs them.",
    mend: "Drop the column, or replace each value by a number.",
    references: &[literature::PERSONAL_DATA],
};

/// Share of the raw data below which nearly all of it is lost, and below which much is.
const LOST: f64 = 0.01;
const LITTLE: f64 = 0.2;
/// Words by which a description says that a part is taken.
const SUBSET: [&str; 12] = [
    "subset",
    "subsample",
    "sub-sample",
    "a sample of",
    "sampled from",
    "downsampl",
    "down-sampl",
    "random selection",
    "an excerpt",
    "a part of",
    "a fraction of",
    "a selection of",
];
/// Words that forbid, and words that restrict.
const FORBIDS: [&str; 17] = [
    "noderivatives",
    "no derivatives",
    "no-derivatives",
    "noderivs",
    "by-nc-nd",
    "by-nd",
    "do not distribute",
    "do not redistribute",
    "not be redistributed",
    "may not redistribute",
    "may not distribute",
    "not be distributed",
    "not for redistribution",
    "redistribution is prohibited",
    "redistribution is not permitted",
    "redistribution is not allowed",
    "redistribution prohibited",
];
const RESTRICTS: [&str; 6] = [
    "non-commercial",
    "noncommercial",
    "by-nc",
    "research purposes only",
    "academic use only",
    "research use only",
];
const MAX_DOCUMENTS: usize = 40;
const MAX_DOCUMENT_BYTES: u64 = 256 << 10;
/// Cells of a column, columns of a table, texts and pictures that are looked at.
const CELLS: usize = 1_500;
const COLUMNS: usize = 200;
const TEXT_FILES: usize = 300;
const PICTURES: usize = 400;
/// Pictures with a position from which on that is no accident.
const LOCATED: usize = 3;

/// `Q140`.
pub(in crate::rules) fn used(info: &RuleInfo, cx: &Subject) -> Measured {
    let raw = &cx.layout().raw;
    let paths = raw_files(cx)?;
    let uses = uses(raw, &paths, cx.public()?);
    if uses.is_empty() {
        return Err(AssertError::not_run("raw/ holds nothing that what is delivered can be compared with"));
    }
    let text = description(cx);
    let is_said = SUBSET.iter().any(|word| text.contains(word));
    let mut report = Report::default();
    for own in uses {
        let figure =
            Figure::new(format!("share of the {} {} that is delivered", own.raw, own.what), own.share());
        report.figures.push(figure.bounded(Bound::AtLeast(LOST)));
        if own.share() < LITTLE && !is_said {
            let severity = if own.share() < LOST { Severity::Error } else { Severity::Warning };
            let message = format!(
                "only {} of the {} {} reach public/, and the description does not say that a subset is used. {}",
                percent(own.share()),
                own.raw,
                own.what,
                info.mend
            );
            report.findings.push(weighed(info, severity, "prepare.py".to_owned(), message));
        }
    }
    Ok(report)
}

fn raw_files(cx: &Subject) -> Result<Vec<String>, AssertError> {
    let raw = &cx.layout().raw;
    if !raw.is_dir() {
        return Err(AssertError::not_run("raw/ is missing"));
    }
    let paths = list_files(raw)?;
    if paths.is_empty() { Err(AssertError::not_run("raw/ is empty")) } else { Ok(paths) }
}

/// `Q150`.
pub(in crate::rules) fn licence(info: &RuleInfo, cx: &Subject) -> Measured {
    let raw = &cx.layout().raw;
    let paths = raw_files(cx)?;
    let documents: Vec<&String> = paths
        .iter()
        .filter(|path| is_document(path.rsplit('/').next().unwrap_or(path)))
        .take(MAX_DOCUMENTS)
        .collect();
    let mut report = Report::default()
        .with(Figure::new("documents of the raw data that were read", documents.len() as f64));
    for path in documents {
        let text = beginning(&raw.join(path), MAX_DOCUMENT_BYTES).to_lowercase();
        let text = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(['‑', '–'], "-")
            .replace("by nc", "by-nc")
            .replace("by nd", "by-nd");
        let said = |words: &[&'static str]| words.iter().find(|word| text.contains(**word)).copied();
        let (what, words) = match (said(&FORBIDS), said(&RESTRICTS)) {
            (Some(words), _) => ("forbids to pass the data on or to change them", words),
            (None, Some(words)) => ("restricts what the data may be used for", words),
            (None, None) => continue,
        };
        let message = format!(
            "this document of the raw data seems to say something that {what} ({words:?}). {}",
            info.mend
        );
        report.findings.push(info.finding(cx.name(&raw.join(path)), message));
    }
    Ok(report)
}

fn beginning(path: &Path, limit: u64) -> String {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    if read.is_ok() { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() }
}

/// `Q151`.
pub(in crate::rules) fn personal(info: &RuleInfo, cx: &Subject) -> Measured {
    let public = cx.public()?;
    let root = &cx.layout().public;
    let mut report = Report::default();
    for table in &public.tables {
        report.findings.extend(of_table(info, cx, table));
    }
    let is_text = |path: &str| {
        [".txt", ".md", ".eml", ".html"].iter().any(|ending| path.to_lowercase().ends_with(ending))
    };
    let texts: Vec<&str> = public
        .files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| is_text(path) && path.contains('/'))
        .collect();
    let read: Vec<String> = spread(texts.len(), TEXT_FILES)
        .into_iter()
        .filter_map(|at| texts.get(at))
        .map(|path| beginning(&root.join(path), 16 << 10))
        .collect();
    for (sign, one) in signs(read.iter().flat_map(|text| text.lines())) {
        let message =
            format!("the texts of public/ hold {}, such as {}. {}", sign.words(), masked(&one), info.mend);
        report.findings.push(info.finding("public/", message));
    }
    let pictures: Vec<&str> =
        public.files.iter().map(|file| file.path.as_str()).filter(|path| Medium::Picture.has(path)).collect();
    let looked_at: Vec<&str> =
        spread(pictures.len(), PICTURES).into_iter().filter_map(|at| pictures.get(at).copied()).collect();
    let located = looked_at.iter().filter(|path| alike::has_position(&root.join(path))).count();
    report.figures.push(Figure::new(
        format!("pictures of {} whose metadata say where they were taken", looked_at.len()),
        located as f64,
    ));
    if located >= LOCATED {
        let message = format!(
            "the metadata of {located} of {} pictures say where they were taken; remove the metadata. {}",
            looked_at.len(),
            info.mend
        );
        report.findings.push(info.finding("public/", message));
    }
    report.figures.push(Figure::new("places with personal data in quantity", report.findings.len() as f64));
    Ok(report)
}

fn of_table(info: &RuleInfo, cx: &Subject, table: &PublicTable) -> Vec<Finding> {
    let path = cx.name_in_public(&table.path);
    let mut findings = Vec::new();
    let rows = spread(table.frame.rows(), CELLS);
    for (name, column) in table.frame.names().iter().zip(table.frame.columns()).take(COLUMNS) {
        for (sign, one) in signs(rows.iter().map(|row| column.get(*row))) {
            let message = format!(
                "the column {} holds {}, such as {}. {}",
                quoted(name),
                sign.words(),
                masked(&one),
                info.mend
            );
            findings.push(info.finding(path.clone(), message));
        }
    }
    let has = |words: &[&str]| {
        table.frame.names().iter().find(|name| {
            let lower = name.to_lowercase().replace([' ', '-'], "_");
            words.iter().any(|word| {
                lower == *word
                    || lower.ends_with(&format!("_{word}"))
                    || lower.starts_with(&format!("{word}_"))
            })
        })
    };
    let name = has(&[
        "first_name",
        "last_name",
        "firstname",
        "lastname",
        "surname",
        "full_name",
        "fullname",
        "patient_name",
    ]);
    if let Some((name, birth)) =
        name.zip(has(&["birth_date", "birthdate", "date_of_birth", "dob", "birthday"]))
    {
        let message = format!(
            "the columns {} and {} hold names with dates of birth. {}",
            quoted(name),
            quoted(birth),
            info.mend
        );
        findings.push(info.finding(path, message));
    }
    findings
}

/// The beginning of what was found: a message need not pass it on.
fn masked(found: &str) -> String {
    let shown: String = found.chars().take(3).collect();
    format!("{shown:?}…")
}
