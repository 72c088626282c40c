//! How far one feature goes, and how far what is no content at all: position, id, size of a file.

use std::path::Path;

use smith_data::marks;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::compound::compounds;
use super::sides::Sides;
use super::{place, shown, warning};
use crate::leakage::order::{date, explains};
use crate::leakage::predict::shortcut;
use crate::leakage::target::{Target, Values};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Public, PublicFile, Subject, number};

pub(in crate::rules) const SHORTCUT: RuleInfo = RuleInfo {
    code: "A211",
    name: "shortcut",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No single feature, no part of a name that is made of parts, and nothing that is no content (place in the table, id, length, size of a file or of a \
             picture, field of its header), predicts the answers by itself.",
    why: "A task that one column or the order of its rows solves does not measure learning.",
    mend: "Drop what gives the answer away: shuffle the rows, give new ids, store all files alike, or drop the column.",
    references: &["https://doi.org/10.1038/s42256-020-00257-z"],
};

/// Features that are tried.
const MAX_FEATURES: usize = 400;
/// Score of a feature from which on it is the target, and from which on it is worth a word.
const IS_TARGET: f64 = 0.995;
const STRONG: f64 = 0.9;
/// Examples of both sides together that prove that a feature is the target, and test examples at least.
const MIN_ROWS: usize = 500;
const MIN_TEST_ROWS: usize = 50;
/// Score of what is no content from which on it gives the answers away, and from which on it is worth a word.
const GIVES_AWAY: f64 = 0.95;
const SUSPICIOUS: f64 = 0.5;
/// Pictures whose headers are read on each side.
const MAX_PICTURES: usize = 2_000;

/// Something that is no content, with its cells on both sides.
struct Outer {
    name: &'static str,
    cells: Vec<String>,
    /// The order of time may explain it.
    by_order: bool,
    weight: Weight,
}

/// What follows from a high score.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// The answers are given away.
    Full,
    /// Content may be behind it: what is packed is the smaller the less there is in it.
    Word,
}

/// Endings of files whose size depends on their content.
const PACKED: [&str; 15] = [
    "png", "jpg", "jpeg", "gif", "webp", "jp2", "mp3", "ogg", "opus", "flac", "m4a", "aac", "mp4", "gz",
    "npz",
];
/// By what sizes are divided.
const DIVISORS: [u64; 6] = [2, 3, 4, 5, 10, 16];
/// Seconds of a step of the times of files.
const TIME_STEP: u64 = 600;

/// `A211`.
pub(in crate::rules) fn shortcuts(info: &RuleInfo, cx: &Subject) -> Measured {
    let sides = Sides::of(cx.split()?)?;
    let public = cx.public()?;
    let table = place(cx, &sides.test.path);
    let (mut findings, mut best) = (Vec::new(), (0.0_f64, String::from("none")));
    let parts: Vec<(Target, Target)> =
        sides.targets.iter().map(|target| target.split_at(sides.train_rows.len())).collect();
    for (at, name) in sides.names().enumerate().take(MAX_FEATURES) {
        let cells = sides.cells(at);
        let score = best_score(&cells, &sides, &parts);
        if score > best.0 {
            best = (score, name.to_owned());
        }
        findings.extend(feature(info, &table, name, score, &sides));
    }
    if best.0 < IS_TARGET {
        for part in compounds(&sides, shown) {
            let cells: Vec<&str> = part.cells.iter().map(String::as_str).collect();
            let score = best_score(&cells, &sides, &parts);
            if score > best.0.max(STRONG) {
                findings.extend(predicting(info, &table, &part.name, score, &sides));
                best = (score, part.name);
            }
        }
    }
    let is_ordered = is_explained(sides.test);
    let mut worst = 0.0_f64;
    for outer in outers(&sides, public) {
        let cells: Vec<&str> = outer.cells.iter().map(String::as_str).collect();
        let score = best_score(&cells, &sides, &parts);
        worst = worst.max(score);
        let explained = outer.by_order && (is_ordered || parts.iter().all(|(train, _)| is_number(train)));
        let many = sides.targets.iter().any(is_of_many_classes);
        let proves = outer.weight == Weight::Full || (many && score >= IS_TARGET);
        let is_proven = proves && score >= GIVES_AWAY && sides.test_rows.len() >= MIN_TEST_ROWS;
        findings.extend(no_content(info, &table, &outer, score, explained, is_proven));
    }
    let name = format!("score of the best single feature, {} (0 constant, 1 perfect)", shown(&best.1));
    Ok(Report::from(findings).with(Figure::new(name, best.0).bounded(Bound::AtMost(IS_TARGET))).with(
        Figure::new("score of the best of what is no content", worst).bounded(Bound::AtMost(GIVES_AWAY)),
    ))
}

/// True for so many classes that content cannot tell them all by how well it packs.
fn is_of_many_classes(target: &Target) -> bool {
    matches!(&target.values, Values::Classes(_, names) if names.len() >= 4)
}

fn is_number(target: &Target) -> bool {
    matches!(target.values, Values::Numbers(_))
}

fn best_score(cells: &[&str], sides: &Sides<'_>, parts: &[(Target, Target)]) -> f64 {
    let (train, test) = cells.split_at(sides.train_rows.len().min(cells.len()));
    parts.iter().map(|(known, asked)| shortcut((train, known), (test, asked))).fold(0.0, f64::max)
}

fn feature(info: &RuleInfo, table: &str, name: &str, score: f64, sides: &Sides<'_>) -> Option<Finding> {
    predicting(info, table, &format!("its feature {}", shown(name)), score, sides)
}

fn predicting(info: &RuleInfo, table: &str, what: &str, score: f64, sides: &Sides<'_>) -> Option<Finding> {
    let is_proven = sides.rows() >= MIN_ROWS && sides.test_rows.len() >= MIN_TEST_ROWS;
    let message = format!(
        "{what} alone predicts the answers with a score of {score:.3} (0 is a constant, 1 perfect). {}",
        if score >= IS_TARGET {
            info.mend
        } else {
            "Make sure that it is known when a prediction is wanted."
        }
    );
    if score >= IS_TARGET && is_proven && sides.targets.iter().any(|target| !is_number(target)) {
        Some(info.finding(table, message))
    } else {
        (score >= STRONG).then(|| warning(info, table, message))
    }
}

fn no_content(
    info: &RuleInfo,
    table: &str,
    outer: &Outer,
    score: f64,
    explained: bool,
    is_proven: bool,
) -> Option<Finding> {
    let message = format!(
        "the {} of a test example alone predicts its answer with a score of {score:.3} (0 is a constant, 1 perfect). {}",
        outer.name, info.mend
    );
    if score < SUSPICIOUS || explained {
        return None;
    }
    Some(if is_proven { info.finding(table, message) } else { warning(info, table, message) })
}

/// True when the examples stand in the order of a time, or group by group.
pub(super) fn is_explained(examples: &Examples) -> bool {
    let by_feature = examples.features.iter().take(200).any(|feature| explains(feature.cells.iter()));
    by_feature || (!examples.ids.is_empty() && examples.ids.iter().take(50).all(|id| date(id).is_some()))
}

fn outers(sides: &Sides<'_>, public: &Public) -> Vec<Outer> {
    let mut outers = vec![Outer {
        name: "place in the table",
        cells: positions(sides),
        by_order: true,
        weight: Weight::Full,
    }];
    outers.extend(id_numbers(sides));
    outers.extend(files(sides, public));
    outers
}

/// Places between 0 and 1.
fn positions(sides: &Sides<'_>) -> Vec<String> {
    let of = |rows: &[usize], all: usize| -> Vec<String> {
        rows.iter().map(|row| (*row as f64 / all.max(1) as f64).to_string()).collect()
    };
    [of(&sides.train_rows, sides.train.rows), of(&sides.test_rows, sides.test.rows)].concat()
}

fn id_numbers(sides: &Sides<'_>) -> Option<Outer> {
    let of = |side: &Examples, rows: &[usize]| -> Vec<String> {
        rows.iter()
            .map(|row| trailing_number(side.ids.get(*row)).map_or_else(String::new, |id| id.to_string()))
            .collect()
    };
    if sides.train.ids.is_empty() || sides.test.ids.is_empty() {
        return None;
    }
    let cells = [of(sides.train, &sides.train_rows), of(sides.test, &sides.test_rows)].concat();
    Some(Outer { name: "number in the id", cells, by_order: true, weight: Weight::Full })
}

/// The number that an id is, or ends in.
pub(super) fn trailing_number(id: &str) -> Option<f64> {
    let end = id.rfind(|c: char| c.is_ascii_digit())?;
    let digits = id.get(..=end)?;
    let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    digits.get(start..).and_then(number)
}

/// What is known of the file of each example without looking at its content.
fn files(sides: &Sides<'_>, public: &Public) -> Vec<Outer> {
    let of = |side: &Examples, rows: &[usize]| -> Vec<Option<usize>> {
        rows.iter().map(|row| side.files.get(*row).copied().flatten().map(|at| at as usize)).collect()
    };
    let both = [of(sides.train, &sides.train_rows), of(sides.test, &sides.test_rows)];
    if both.iter().any(|side| side.iter().flatten().count() * 2 < side.len()) {
        return Vec::new();
    }
    let file = |at: usize| public.files.get(at);
    let each = |cell: &dyn Fn(&PublicFile) -> String| -> Vec<String> {
        both.iter().flatten().map(|at| at.and_then(file).map_or_else(String::new, cell)).collect()
    };
    let is_packed = both
        .iter()
        .flatten()
        .flatten()
        .take(50)
        .filter_map(|at| file(*at))
        .any(|file| PACKED.contains(&super::ending(file).as_str()));
    let outer = |name, cells, weight| Outer { name, cells, by_order: false, weight };
    let mut outers = vec![outer(
        "size of the file",
        each(&|file| file.bytes.to_string()),
        if is_packed { Weight::Word } else { Weight::Full },
    )];
    for divisor in DIVISORS {
        let rest = each(&|file| (file.bytes % divisor).to_string());
        outers.push(outer("remainder of the size of the file", rest, Weight::Full));
    }
    outers.push(outer("time of the file", each(&|file| time(&public.location(&file.path))), Weight::Full));
    outers.extend(heads(&both, public));
    outers
}

/// When a file was last changed, in steps so long that writing a dataset takes few of them.
fn time(location: &Path) -> String {
    let changed = std::fs::metadata(location).and_then(|meta| meta.modified()).ok();
    let since = changed.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or_else(String::new, |since| (since.as_secs() / TIME_STEP).to_string())
}

/// What the headers of media files say. A header takes a read, so that only some of many are looked at; where nothing is
/// read, nothing is predicted.
fn heads(both: &[Vec<Option<usize>>; 2], public: &Public) -> Vec<Outer> {
    let rows = both.iter().map(Vec::len).sum();
    let mut outers: Vec<Outer> = Vec::new();
    let mut put = |row: usize, name: &'static str, weight: Weight, cell: String| {
        let known = outers.iter_mut().find(|outer| outer.name == name);
        let outer = match known {
            Some(outer) => Some(outer),
            None => {
                outers.push(Outer { name, cells: vec![String::new(); rows], by_order: false, weight });
                outers.last_mut()
            }
        };
        if let Some(place) = outer.and_then(|outer| outer.cells.get_mut(row)) {
            *place = cell;
        }
    };
    let mut first = 0;
    for side in both {
        let step = side.len().div_ceil(MAX_PICTURES).max(1);
        for (row, at) in side.iter().enumerate().step_by(step) {
            let file = at.and_then(|at| public.files.get(at));
            let Some(marks) = file.and_then(|file| marks(&public.location(&file.path)).ok().flatten()) else {
                continue;
            };
            let extent = marks.extent.map_or_else(String::new, |(width, height)| format!("{width}x{height}"));
            put(first + row, "width and height of the picture", Weight::Full, extent);
            put(
                first + row,
                "number of bytes beside the content of the file",
                Weight::Full,
                marks.beside.to_string(),
            );
            for field in marks.fields {
                let weight = if field.is_content { Weight::Word } else { Weight::Full };
                put(first + row, field.name, weight, field.value);
            }
        }
        first += side.len();
    }
    outers
}
