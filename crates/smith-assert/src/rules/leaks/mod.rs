//! Answers in public data, whatever carries them, and shortcuts to them.

mod aggregates;
pub(super) mod beside;
pub(super) mod binary;
mod compound;
pub(super) mod computed;
mod digits;
pub(super) mod features;
pub(super) mod forms;
pub(super) mod links;
pub(super) mod marks;
pub(super) mod masks;
pub(super) mod members;
pub(super) mod names;
pub(super) mod order;
pub(super) mod pairs;
pub(super) mod rows;
pub(super) mod sample;
pub(super) mod shortcut;
mod sides;
pub(super) mod tables;

use smith_data::words::safe_line;
use smith_task_schema::{Finding, Severity};

use crate::leakage::agree::Agreement;
use crate::rule::RuleInfo;
use crate::subject::{PublicFile, Subject};

/// Length to which names from the data are shown.
const SHOWN: usize = 60;
/// Endings of images, sounds and films, whose content is no table.
const MEDIA: [&str; 31] = [
    "png", "jpg", "jpeg", "jpe", "gif", "bmp", "webp", "tif", "tiff", "ppm", "pgm", "dcm", "nii", "svg",
    "wav", "flac", "mp3", "ogg", "opus", "m4a", "aac", "aif", "aiff", "mp4", "avi", "mov", "mkv", "webm",
    "mpg", "mpeg", "jp2",
];

/// A name from the data, between quotation marks.
fn shown(name: &str) -> String {
    format!("`{}`", safe_line(name, SHOWN))
}

/// A file of `public/` as it stands in findings.
fn place(cx: &Subject, path: &str) -> String {
    cx.name_in_public(path)
}

/// Ending of a file's name in lower case.
fn ending(file: &PublicFile) -> String {
    file.name().rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_lowercase())
}

fn is_media(file: &PublicFile) -> bool {
    MEDIA.contains(&ending(file).as_str())
}

/// `holds the answers of 100 % of the 63 test rows compared`.
fn agrees(agreement: &Agreement) -> String {
    let Agreement { relation, strength, rows } = agreement;
    format!("{} ({:.1} % agreement, {rows} rows compared)", relation.words(), strength * 100.0)
}

/// A finding that warns.
fn warning(info: &RuleInfo, path: impl Into<String>, message: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..info.finding(path, message) }
}
