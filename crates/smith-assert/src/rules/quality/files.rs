//! The files of the test examples are there and whole.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use smith_data::signal::{Flaw, flaw, picture, sound};
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{percent, quoted, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::media::Medium;
use crate::quality::raw_files::RawFiles;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Public, Subject};

pub(in crate::rules) const FILES: RuleInfo = RuleInfo {
    code: "Q126",
    name: "test-files-whole",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where examples are files, each has its file, and in test no picture, sound or film is empty, cut off, unreadable \
             or blank, unless as many are in the training or the raw data.",
    why: "An example that cannot be read cannot be predicted, and its score is chance.",
    mend: "Copy every file wholly, or leave its example out of the test side.",
    references: &[literature::DATA_CHECKS],
};

/// Files of a side whose headers are read, spread evenly.
const MAX_FILES: usize = 5_000;
/// Files of a side that are decoded, and their bytes in all.
const MAX_DECODED: usize = 300;
const MAX_BYTES: u64 = 32 << 20;
/// Share of flawed test files from which on it is an error, and how many times that of the other data it must be.
const NOTABLE: f64 = 0.02;
const TIMES: f64 = 3.0;
/// The same for blank ones: night and silence exist.
const NOTABLE_BLANK: f64 = 0.1;
/// Raw files from which on they show what is usual.
const KNOWN_RAW: usize = 10;
/// Share of the training examples that may lack their file.
const FEW_MISSING: f64 = 0.02;
/// Files that a message names.
const NAMED: usize = 3;

/// `Q126`.
pub(in crate::rules) fn whole(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, public) = (cx.split()?, cx.public()?);
    let test = &split.test;
    if test.files.is_empty() {
        return Err(AssertError::not_run("the test examples are no files"));
    }
    let missing = without_file(test);
    let root = &cx.layout().public;
    let files = of_side(test, public, root);
    let flawed: Vec<(&PathBuf, Flaw)> =
        files.par_iter().filter_map(|path| Some((path, flaw(path)?))).collect();
    let blank = blank(&files);
    let mut report = Report::default()
        .with(Figure::new("test examples without a file", missing.len() as f64).bounded(Bound::AtMost(0.0)))
        .with(Figure::new("test files whose headers were read", files.len() as f64))
        .with(
            Figure::new("test files that are empty, cut off or broken", flawed.len() as f64)
                .bounded(Bound::AtMost(0.0)),
        )
        .with(Figure::new("share of the decoded test files that are blank", blank.share()));
    report.findings.extend(lacking(info, cx, "test", test, 0.0));
    report
        .findings
        .extend(split.train.as_ref().and_then(|train| lacking(info, cx, "training", train, FEW_MISSING)));
    if !flawed.is_empty() {
        report.findings.push(flaws(info, cx, &flawed, files.len())?);
    }
    report.findings.extend(blanks(info, cx, &blank)?);
    Ok(report)
}

/// Examples that have no file, while others of their side have.
fn without_file(side: &Examples) -> Vec<usize> {
    (0..side.files.len()).filter(|&row| side.files.get(row) == Some(&None)).collect()
}

/// An error where more than a share of the examples of a side lack their file, a warning where some do.
fn lacking(info: &RuleInfo, cx: &Subject, of: &str, side: &Examples, share: f64) -> Option<Finding> {
    let missing = without_file(side);
    let message = format!(
        "{} of {} {of} examples have no file, for instance {}. {}",
        missing.len(),
        side.files.len(),
        quoted(side.ids.get(*missing.first()?)),
        info.mend
    );
    let is_error = missing.len() as f64 > share * side.files.len() as f64;
    let severity = if is_error { Severity::Error } else { Severity::Warning };
    Some(weighed(info, severity, cx.name(&cx.layout().public), message))
}

/// The first files of the examples of a side, spread evenly.
fn of_side(side: &Examples, public: &Public, root: &Path) -> Vec<PathBuf> {
    let mut files: Vec<u32> = side.files.iter().flatten().copied().collect();
    files.sort_unstable();
    files.dedup();
    let step = files.len().div_ceil(MAX_FILES).max(1);
    let chosen = files.into_iter().step_by(step).filter_map(|at| public.files.get(at as usize));
    chosen.map(|file| root.join(&file.path)).collect()
}

/// The files of the training examples.
fn train_files(cx: &Subject) -> Result<Vec<PathBuf>, AssertError> {
    let (split, public) = (cx.split()?, cx.public()?);
    let train = split.train.as_ref();
    Ok(train.map(|train| of_side(train, public, &cx.layout().public)).unwrap_or_default())
}

/// The share of flawed files in the raw data, or in the training data where the raw ones are not known.
fn elsewhere(cx: &Subject) -> Result<f64, AssertError> {
    let share = |files: &[PathBuf]| {
        let flawed = files.par_iter().filter(|path| flaw(path).is_some()).count();
        flawed as f64 / files.len().max(1) as f64
    };
    let raw = RawFiles::read(cx)?.map(|raw| {
        let media = [Medium::Picture, Medium::Sound].map(|medium| raw.media(medium));
        media.concat().into_iter().map(Path::to_path_buf).collect::<Vec<_>>()
    });
    // Where the raw files are there, what was done to both sides alike is seen by them.
    match raw.filter(|files| files.len() >= KNOWN_RAW) {
        Some(raw) => Ok(share(&raw)),
        None => Ok(share(&train_files(cx)?)),
    }
}

fn flaws(
    info: &RuleInfo,
    cx: &Subject,
    flawed: &[(&PathBuf, Flaw)],
    all: usize,
) -> Result<Finding, AssertError> {
    let share = flawed.len() as f64 / all.max(1) as f64;
    let other = elsewhere(cx)?;
    let count = |kind: Flaw| flawed.iter().filter(|(_, own)| *own == kind).count();
    // Not one file is without content or end by an accident of its own when no other is.
    let is_of_another_format = flawed.len() == all && count(Flaw::Broken) == all;
    let is_error = (share >= NOTABLE && share > TIMES * other && !is_of_another_format)
        || (other == 0.0 && count(Flaw::Empty) + count(Flaw::Cut) > 0)
        // Nothing can be predicted of no bytes, wherever they come from.
        || count(Flaw::Empty) as f64 >= NOTABLE * all as f64;
    let named: Vec<String> = flawed.iter().take(NAMED).map(|(path, _)| quoted(&cx.name(path))).collect();
    let message = format!(
        "{} of {all} files of test examples ({}) are flawed: {} empty, {} cut off, {} broken; such as {}. In the training \
         and raw data it is {}. {}",
        flawed.len(),
        percent(share),
        count(Flaw::Empty),
        count(Flaw::Cut),
        count(Flaw::Broken),
        named.join(", "),
        percent(other),
        info.mend
    );
    let severity = if is_error { Severity::Error } else { Severity::Warning };
    let place = flawed.first().map_or_else(String::new, |(path, _)| cx.name(path));
    Ok(weighed(info, severity, place, message))
}

/// Files that were decoded, and those of them that show or sound nothing.
struct Blank {
    decoded: usize,
    files: Vec<PathBuf>,
}

impl Blank {
    fn share(&self) -> f64 {
        self.files.len() as f64 / self.decoded.max(1) as f64
    }
}

fn blank(files: &[PathBuf]) -> Blank {
    let bytes: u64 =
        files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum();
    let affordable = (files.len() as f64 * (MAX_BYTES as f64 / bytes.max(1) as f64).min(1.0)) as usize;
    let step = files.len().div_ceil(MAX_DECODED.min(affordable).max(1)).max(1);
    let chosen: Vec<&PathBuf> = files.iter().step_by(step).collect();
    let seen: Vec<(bool, &PathBuf)> =
        chosen.into_par_iter().filter_map(|path| Some((is_blank(path)?, path))).collect();
    Blank {
        decoded: seen.len(),
        files: seen.iter().filter(|(is_blank, _)| *is_blank).map(|(_, path)| (*path).clone()).collect(),
    }
}

/// True for a picture of one colour and for a sound without sound; none for what cannot be decoded.
fn is_blank(path: &Path) -> Option<bool> {
    const SIDE: u32 = 24;
    const SAMPLES: usize = 400_000;
    const SAME: f32 = 1.0 / 300.0;
    let name = path.to_string_lossy();
    if Medium::Picture.has(&name) {
        let points = picture(path, SIDE)?.points;
        let first = *points.first()?;
        let is_same = |point: &[f32; 3]| point.iter().zip(first).all(|(a, b)| (a - b).abs() < SAME);
        return Some(points.iter().all(is_same));
    }
    if Medium::Sound.has(&name) {
        let samples = sound(path, SAMPLES)?.samples;
        let first = *samples.first()?;
        return Some(samples.iter().all(|sample| (sample - first).abs() < f32::EPSILON));
    }
    None
}

fn blanks(info: &RuleInfo, cx: &Subject, test: &Blank) -> Result<Option<Finding>, AssertError> {
    const FEW: usize = 5;
    if test.share() < NOTABLE_BLANK || test.files.len() < FEW {
        return Ok(None);
    }
    let train = blank(&train_files(cx)?);
    let is_error = train.decoded >= 20 && test.share() > TIMES * train.share();
    let named: Vec<String> = test.files.iter().take(NAMED).map(|path| quoted(&cx.name(path))).collect();
    let message = format!(
        "{} of {} decoded files of test examples show one colour or sound nothing, such as {}; of the training examples \
         {}. {}",
        test.files.len(),
        test.decoded,
        named.join(", "),
        percent(train.share()),
        info.mend
    );
    let severity = if is_error { Severity::Error } else { Severity::Warning };
    let place = test.files.first().map_or_else(String::new, |path| cx.name(path));
    Ok(Some(weighed(info, severity, place, message)))
}
