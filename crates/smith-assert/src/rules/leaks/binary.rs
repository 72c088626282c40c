//! The answers in the bytes of files that no reader knows, and in pickles.

use smith_data::{TextColumn, pickled};
use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::tables::{orders, side_files};
use super::{agrees, ending, place};
use crate::AssertError;
use crate::leakage::agree::agreement;
use crate::leakage::bytes::{Needle, find, needles};
use crate::leakage::sheet::Sheet;
use crate::leakage::target::Target;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{PublicFile, Subject};

pub(in crate::rules) const ANSWER_BYTES: RuleInfo = RuleInfo {
    code: "A202",
    name: "answers-in-binary-files",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No binary file or pickle in public/ holds the answers one behind the other, as numbers of any size or as \
             text, or beside their ids.",
    why: "Label arrays are often left beside the data in the format of the original dataset.",
    mend: "Remove the labels of the test examples from that file, or the file, in prepare.py.",
    references: &[literature::LEAKAGE, literature::NPY],
};

/// Largest file that is searched, in bytes, and of all together.
const MAX_BYTES: u64 = 128 << 20;
const MAX_TOTAL: u64 = 256 << 20;
/// Endings of files that may hold a pickle.
const PICKLES: [&str; 7] = ["pkl", "pickle", "p", "joblib", "pt", "pth", "npy"];

/// `A202`.
pub(in crate::rules) fn answer_bytes(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public, split) = (cx.pair()?, cx.public()?, cx.split()?);
    let sheet = Sheet::of(pair);
    let mut wanted: Vec<(&'static str, Vec<Needle>)> = Vec::new();
    for (order, places) in orders(&sheet, pair, split) {
        let mut rows: Vec<(usize, usize)> =
            places.iter().enumerate().filter_map(|(row, place)| Some(((*place)?, row))).collect();
        rows.sort_unstable();
        // A sample of the answers does not stand one behind the other.
        if rows.len() == sheet.all {
            let in_order = |target: &Target| needles(&target.of_rows(rows.iter().map(|(_, row)| *row)));
            wanted.extend(sheet.targets.iter().map(|target| (order, in_order(target))));
        }
    }
    let (mut findings, mut searched, mut skipped, mut left) = (Vec::new(), 0_usize, 0_usize, MAX_TOTAL);
    for file in side_files(public) {
        if file.bytes > MAX_BYTES.min(left) {
            skipped += 1;
            continue;
        }
        left -= file.bytes;
        searched += 1;
        let location = public.location(&file.path);
        let bytes = std::fs::read(&location).map_err(AssertError::io(&location))?;
        let hit = wanted.iter().find_map(|(order, needles)| Some((order, find(&bytes, needles)?)));
        if let Some((order, notation)) = hit {
            let message = format!("it holds the answers in the order {order}, as {notation}. {}", info.mend);
            findings.push(info.finding(place(cx, &file.path), message));
        } else if PICKLES.contains(&ending(file).as_str()) || bytes.starts_with(b"\x80") {
            findings.extend(in_pickle(info, cx, &sheet, file, &pickled(&location).unwrap_or_default()));
        }
    }
    Ok(Report::from(findings)
        .with(Figure::new("files searched for the answers byte by byte", searched as f64))
        .with(Figure::new("files too large to be searched", skipped as f64)))
}

/// Values of a pickle that stand behind the ids, or in the order of the answers.
fn in_pickle(
    info: &RuleInfo,
    cx: &Subject,
    sheet: &Sheet,
    file: &PublicFile,
    values: &[String],
) -> Option<Finding> {
    let ids: TextColumn = values.iter().map(String::as_str).collect();
    let behind = sheet.find(&ids).unwrap_or_default();
    for target in &sheet.targets {
        for distance in [1, 2, 3] {
            let given: Vec<Option<&str>> = behind
                .iter()
                .map(|at| at.and_then(|at| values.get(at.checked_add(distance)?)).map(String::as_str))
                .collect();
            if let Some(found) = agreement(target, &given, false) {
                let message = format!("behind each id its pickle {}. {}", agrees(&found), info.mend);
                return Some(info.finding(place(cx, &file.path), message));
            }
        }
        let is_all = sheet.rows.len() == sheet.all;
        let changes = target.cells.windows(2).filter(|pair| pair.first() != pair.last()).count();
        if is_all
            && changes >= 12
            && target.rows() >= 40
            && values.windows(target.rows()).any(|part| part == target.cells)
        {
            let message = format!("its pickle holds the answers in their order. {}", info.mend);
            return Some(info.finding(place(cx, &file.path), message));
        }
    }
    None
}
