//! Answers in what stands beside the content of the test examples: texts in images and sounds, and small files of the
//! same name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use smith_data::{FrameLimits, frames, marks};
use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::members::members_tell;
use super::{agrees, ending, is_media, place, shown};
use crate::leakage::agree::{Relation, agreement};
use crate::leakage::sheet::Sheet;
use crate::leakage::target::{Target, Values};
use crate::leakage::tokens::{Part, parts};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Public, PublicFile, Subject};

pub(in crate::rules) const MARKS: RuleInfo = RuleInfo {
    code: "A203",
    name: "answers-in-metadata",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No text chunk, comment, EXIF, XMP, audio tag or field beside the content of a test file, no small file of the \
             same name, and neither time, mode nor owner of a test file in an archive says the answer.",
    why: "Metadata are read by any viewer; a model need not look at the picture then.",
    mend: "Write the test files without metadata, and leave out the annotation that belongs to each.",
    references: &[literature::LEAKAGE, literature::PNG],
};

/// Test examples whose files are opened.
const MAX_FILES: usize = 2_000;
/// Bytes that are read of a file that is no medium.
const MAX_TEXT: u64 = 4 << 10;

/// `A203`.
pub(in crate::rules) fn media_marks(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public) = (cx.pair()?, cx.public()?);
    let sheet = Sheet::of(pair);
    let mut by_ending: BTreeMap<String, Vec<PublicFile>> = BTreeMap::new();
    for file in public.all_files() {
        by_ending.entry(ending(file)).or_default().push(file.clone());
    }
    // A text that is the example itself may hold most of what is asked for: it is to be corrected, or put in order.
    let example =
        cx.split()?.test.files.iter().flatten().next().and_then(|at| public.files.get(*at as usize));
    let has_media = example.is_some_and(is_media);
    let (mut findings, mut opened, mut of) = (Vec::new(), 0_usize, 0_usize);
    for files in by_ending.values().filter(|files| files.len() > 5) {
        let found = sheet.files(files);
        let rows: Vec<(usize, &PublicFile)> =
            found.iter().enumerate().filter_map(|(row, at)| Some((row, files.get((*at)?)?))).collect();
        let step = rows.len().div_ceil(MAX_FILES).max(1);
        let chosen: Vec<(usize, &PublicFile)> = rows.iter().step_by(step).copied().collect();
        (opened, of) = (opened + chosen.len(), of + rows.len());
        let found = told(info, cx, public, &sheet, &chosen, has_media);
        findings.extend(found.or_else(|| written_otherwise(info, cx, public, &sheet, &chosen)));
    }
    findings.extend(members_tell(info, cx, public, &sheet));
    Ok(Report::from(findings)
        .with(Figure::new("test files whose metadata were read", opened as f64))
        .with(Figure::new("test files of which these were chosen", of as f64)))
}

/// What the chosen files say of the answers, place by place.
fn told(
    info: &RuleInfo,
    cx: &Subject,
    public: &Public,
    sheet: &Sheet,
    chosen: &[(usize, &PublicFile)],
    has_media: bool,
) -> Option<Finding> {
    let (_, first) = chosen.first()?;
    let is_media = is_media(first);
    let texts: Vec<Vec<(String, String)>> = chosen
        .iter()
        .map(|(_, file)| {
            let location = public.location(&file.path);
            if is_media { of_medium(&location) } else { of_text(file, &location) }
        })
        .collect();
    let places: BTreeSet<&String> = texts.iter().flatten().map(|(place, _)| place).take(100_000).collect();
    for target in &sheet.targets {
        let target = target.of_rows(chosen.iter().map(|(row, _)| *row));
        for at in places.iter().take(200) {
            let column: Vec<Option<String>> = texts
                .iter()
                .map(|texts| texts.iter().find(|(place, _)| place == *at).map(|(_, text)| text.clone()))
                .collect();
            if let Some(message) = said(info, &target, &column, at, (is_media, is_media || has_media)) {
                return Some(info.finding(place(cx, &first.path), message));
            }
        }
    }
    None
}

/// How the texts of one class begin, end or break their lines, and those of the others do not.
fn written_otherwise(
    info: &RuleInfo,
    cx: &Subject,
    public: &Public,
    sheet: &Sheet,
    chosen: &[(usize, &PublicFile)],
) -> Option<Finding> {
    let (_, first) = chosen.first()?;
    if is_media(first) {
        return None;
    }
    let styles: Vec<[&str; 3]> = chosen
        .iter()
        .map(|(_, file)| style(&std::fs::read(public.location(&file.path)).unwrap_or_default()))
        .collect();
    let names = ["the first bytes", "the kind of line ends", "the end"];
    sheet.targets.iter().find_map(|target| {
        let target = target.of_rows(chosen.iter().map(|(row, _)| *row));
        names.iter().enumerate().find_map(|(at, name)| {
            let given: Vec<Option<&str>> = styles.iter().map(|style| style.get(at).copied()).collect();
            let found = agreement(&target, &given, false)?;
            (!matches!(found.relation, Relation::Monotone | Relation::Parted)).then(|| {
                let message = format!(
                    "{name} of this and of other test files (not what they say, but how they are written) {} of {}. {}",
                    agrees(&found),
                    shown(&target.name),
                    info.mend
                );
                info.finding(place(cx, &first.path), message)
            })
        })
    })
}

/// How a text begins, breaks its lines, and ends.
fn style(bytes: &[u8]) -> [&'static str; 3] {
    let first = match bytes {
        [0xef, 0xbb, 0xbf, ..] => "a byte order mark",
        [b' ' | b'\t' | b'\n' | b'\r', ..] => "a blank",
        _ => "text",
    };
    let lines = if bytes.windows(2).any(|pair| pair == b"\r\n") { "CRLF" } else { "LF" };
    let last = match bytes {
        [.., b'\n', b'\n'] => "blank lines",
        [.., b'\n'] => "a line end",
        [.., b' ' | b'\t'] => "a blank",
        _ => "text",
    };
    [first, lines, last]
}

fn said(
    info: &RuleInfo,
    target: &Target,
    column: &[Option<String>],
    at: &str,
    (is_media, is_beside): (bool, bool),
) -> Option<String> {
    let classes: &[String] = match &target.values {
        // A document may well name what it is about.
        Values::Classes(_, names) if is_media => names,
        _ => &[],
    };
    let whole = is_beside.then(|| Part { name: "all of it".to_owned(), cells: column.to_vec() });
    whole.into_iter().chain(parts(column, classes)).find_map(|part| {
        let given: Vec<Option<&str>> = part.cells.iter().map(Option::as_deref).collect();
        let known = given.iter().flatten().count();
        let found = agreement(target, &given, false)?;
        let is_said = !matches!(found.relation, Relation::Monotone | Relation::Parted | Relation::OneClass);
        (is_said && known * 10 >= column.len() * 5).then(|| {
            let example = part.cells.iter().flatten().next().map_or_else(String::new, |cell| shown(cell));
            format!(
                "{} of this and of other test files ({}, such as {example}) {} of {}. {}",
                shown(at),
                part.name,
                agrees(&found),
                shown(&target.name),
                info.mend
            )
        })
    })
}

fn of_medium(location: &Path) -> Vec<(String, String)> {
    let Ok(Some(marks)) = marks(location) else { return Vec::new() };
    // Several texts of one place are one.
    let mut by_place: BTreeMap<String, String> = BTreeMap::new();
    for (place, text) in marks.texts {
        let all = by_place.entry(place).or_default();
        all.push_str(&text);
        all.push(' ');
    }
    // What the content itself has may well go with the class: that is a shortcut, not a label.
    let fields = marks.fields.into_iter().filter(|field| !field.is_content && !field.value.is_empty());
    by_place.into_iter().chain(fields.map(|field| (field.name.to_owned(), field.value))).collect()
}

/// A document by its fields, anything else by its first words.
fn of_text(file: &PublicFile, location: &Path) -> Vec<(String, String)> {
    let name = ending(file);
    if matches!(name.as_str(), "json" | "csv" | "npy" | "npz" | "mat") && file.bytes <= 1 << 20 {
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = (4, 64 << 10);
        let frames = frames(location, &limits).unwrap_or_default();
        let fields = frames.iter().flat_map(|frame| {
            let is_pairs = frame.names() == ["key", "value"];
            (0..frame.rows()).flat_map(move |row| {
                let cell = move |at: usize| frame.cell(row, at).to_owned();
                let by_name = frame.names().iter().enumerate().take(64);
                let fields: Vec<(String, String)> = if is_pairs {
                    vec![(cell(0), cell(1))]
                } else {
                    by_name.map(|(at, name)| (format!("{name} {row}"), cell(at))).collect()
                };
                fields
            })
        });
        return fields.take(64).collect();
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::open(location).and_then(|file| file.take(MAX_TEXT).read_to_end(&mut bytes));
    match (read, std::str::from_utf8(&bytes)) {
        (Ok(_), Ok(text)) => vec![(format!("the text of .{name}"), text.to_owned())],
        _ => Vec::new(),
    }
}
