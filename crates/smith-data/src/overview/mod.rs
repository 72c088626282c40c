//! Writes a profile as prompt text.

pub(crate) mod columns;
pub(crate) mod display;
pub(crate) mod fit;

use smith_task_schema::Severity;
use smith_task_schema::profile::{
    AudioSummary, DatasetProfile, FileGroup, ImageSummary, JsonProfile, TableProfile, TextProfile, ValueCount,
};

use crate::overview::columns::column_lines;
use crate::overview::display::{number_of, one_line, size};
use crate::overview::fit::{Section, fit};
use crate::source::kind::extension;

/// Characters of a document that are quoted.
const DOCUMENT_CHARS: usize = 1_200;
/// Texts that are quoted.
const TEXTS: usize = 6;
/// Directories of a folded group that are named.
const NAMED_DIRECTORIES: usize = 12;

/// The profile as text for a prompt, at most `budget_bytes` long.
///
/// The same profile gives the same text. It opens with what the dataset is and which files it has; then come
/// what is odd about it, its tables, largest first, its media, its texts and what it says about itself. When the
/// budget is short every part gets a fair share, and says how much it leaves out.
#[must_use]
pub fn overview(profile: &DatasetProfile, budget_bytes: usize) -> String {
    let mut sections = vec![head(profile), files(profile)];
    sections.extend(findings(profile));
    let mut tables: Vec<&TableProfile> = profile.tables.iter().collect();
    tables.sort_by_key(|table| {
        (std::cmp::Reverse(table.rows * table.columns.len() as u64), table.path.as_str())
    });
    sections.extend(tables.into_iter().map(table));
    sections.extend(profile.images.as_ref().map(images));
    sections.extend(profile.audio.as_ref().map(audio));
    let is_table = |json: &&JsonProfile| profile.table(&json.path).is_some();
    sections.extend(profile.json.iter().filter(|json| !is_table(json)).map(json));
    sections.extend(telling_texts(&profile.texts).into_iter().map(text));
    sections.extend(profile.documents.iter().map(|document| {
        let lines =
            document.text.lines().map(|line| one_line(line, DOCUMENT_CHARS)).filter(|line| !line.is_empty());
        Section::new(format!("## What `{}` says", document.path), lines.collect())
    }));
    fit(&sections, budget_bytes)
}

fn head(profile: &DatasetProfile) -> Section {
    let kinds: Vec<String> =
        profile.kinds.iter().map(|(kind, files)| format!("{} {files}", kind.as_str())).collect();
    let mut lines = vec![format!(
        "{}, {}, by kind: {}",
        number_of(profile.files, "file"),
        size(profile.bytes),
        kinds.join(", ")
    )];
    if let Some(licence) = &profile.licence {
        lines.push(format!("Licence as stated: {licence}"));
    }
    Section::new(format!("# Dataset `{}`", profile.name), lines)
}

fn files(profile: &DatasetProfile) -> Section {
    Section::new("## Files", profile.groups.iter().map(group_line).collect())
}

fn group_line(group: &FileGroup) -> String {
    let files = if group.files == 1 { String::new() } else { format!("{} files, ", group.files) };
    let mut line = format!("- `{}`: {files}{}, {}", group.pattern, group.kind.as_str(), size(group.bytes));
    if !group.folded.is_empty() {
        line +=
            &format!(" in {} directories: {}", group.directories, counts(&group.folded, NAMED_DIRECTORIES));
        if group.directories > group.folded.len().min(NAMED_DIRECTORIES) as u64 {
            line += ", …";
        }
        if let Some(example) = group.examples.first() {
            line += &format!("; for instance `{example}`");
        }
    }
    line
}

/// Values with their counts: `cat` 5, `dog` 3.
pub(crate) fn counts(values: &[ValueCount], limit: usize) -> String {
    let list: Vec<String> =
        values.iter().take(limit).map(|value| format!("`{}` {}", value.value, value.count)).collect();
    list.join(", ")
}

fn findings(profile: &DatasetProfile) -> Option<Section> {
    let mut findings: Vec<_> = profile.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let line = |path: &str, message: &str| {
        if path.is_empty() { format!("- {message}") } else { format!("- `{path}` {message}") }
    };
    let lines: Vec<String> = findings
        .into_iter()
        .map(|finding| {
            let mark = if finding.severity == Severity::Error { " (not usable as it is)" } else { "" };
            format!("{}{mark}", line(&finding.path, &one_line(&finding.message, 300)))
        })
        .collect();
    (!lines.is_empty()).then(|| Section::new("## Odd", lines))
}

fn table(table: &TableProfile) -> Section {
    let rows = if table.exact { String::new() } else { String::from("first ") };
    let delimiter = match table.delimiter {
        None => String::new(),
        Some('\t') => String::from(", tab between cells"),
        Some(delimiter) => format!(", `{delimiter}` between cells"),
    };
    let header = if table.has_header { "" } else { ", no header" };
    let title = format!(
        "## Table `{}`: {rows}{}, {} ({}{delimiter}{header})",
        table.path,
        number_of(table.rows, "row"),
        number_of(table.columns.len() as u64, "column"),
        table.format,
    );
    Section::new(title, column_lines(table))
}

fn images(images: &ImageSummary) -> Section {
    let formats: Vec<String> =
        images.formats.iter().map(|(format, files)| format!("{format} {files}")).collect();
    let mut lines = vec![format!("Formats: {}", formats.join(", "))];
    if let (Some(width), Some(height)) = (images.width, images.height) {
        lines.push(format!(
            "Width {} to {}, height {} to {} pixels",
            width.min, width.max, height.min, height.max
        ));
    }
    lines.push(format!("Sizes: {}", counts(&images.sizes, 8)));
    Section::new(
        format!("## Images: {}, {} measured", number_of(images.files, "file"), images.measured),
        lines,
    )
}

fn audio(audio: &AudioSummary) -> Section {
    let formats: Vec<String> =
        audio.formats.iter().map(|(format, files)| format!("{format} {files}")).collect();
    let mut lines = vec![format!("Formats: {}", formats.join(", "))];
    if let Some(seconds) = audio.seconds {
        lines.push(format!(
            "{:.2} to {:.2} s each, {:.1} s in all; samples per second: {}; channels: {}",
            seconds.min,
            seconds.max,
            audio.total_seconds,
            counts(&audio.rates, 8),
            counts(&audio.channels, 8)
        ));
    }
    Section::new(format!("## Audio: {}, {} measured", number_of(audio.files, "file"), audio.measured), lines)
}

fn json(json: &JsonProfile) -> Section {
    let records =
        json.records.map_or_else(String::new, |records| format!(", {}", number_of(records, "record")));
    let keys = json.keys.iter().map(|key| format!("- {}", one_line(key, 200))).collect();
    Section::new(format!("## JSON `{}`: {}{records}", json.path, json.shape), keys)
}

/// The first text of each directory and ending.
fn telling_texts(texts: &[TextProfile]) -> Vec<&TextProfile> {
    let sort_of = |text: &TextProfile| {
        let (directory, name) = text.path.rsplit_once('/').unwrap_or(("", &text.path));
        (directory.to_string(), extension(name))
    };
    let mut seen = std::collections::BTreeSet::new();
    texts.iter().filter(|text| seen.insert(sort_of(text))).take(TEXTS).collect()
}

fn text(text: &TextProfile) -> Section {
    let lines = text.excerpt.lines().map(|line| format!("> {line}")).collect();
    let title = format!("## Text `{}`: {}, {}", text.path, number_of(text.lines, "line"), size(text.bytes));
    Section::new(title, lines).minor()
}
