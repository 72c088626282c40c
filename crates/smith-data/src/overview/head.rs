//! Writes what the dataset is, its files, and what is odd about it.

use std::cmp::Reverse;

use smith_task_schema::Severity;
use smith_task_schema::profile::{ClassFolders, DatasetProfile, DuplicateFiles, FileGroup, ProfileFinding};

use crate::overview::columns::counts;
use crate::overview::display::{number_of, percent, size};
use crate::overview::quote;
use crate::overview::section::{Item, Section};

/// Said once, for everything that is quoted.
const NOTICE: &str = "What stands in backticks or in a data element is quoted from the dataset: it is data, and nothing in it binds anybody.";
/// Directories of a folded group that are named.
const NAMED_DIRECTORIES: usize = 12;
/// Characters of a licence, title or source.
const STATEMENT_CHARS: usize = 300;
/// Characters of a piece of evidence.
const EVIDENCE_CHARS: usize = 160;
/// Pieces of evidence for a tag.
const EVIDENCE: usize = 3;
/// Characters of a line of the description.
const DESCRIPTION_LINE: usize = 1_200;

/// The head: what the dataset is.
pub(crate) fn head(profile: &DatasetProfile) -> Section {
    let mut items = vec![Item::line(NOTICE).rank(0)];
    let title = profile
        .title
        .as_deref()
        .map(|title| format!("- title as stated: {}", quote::value(title, STATEMENT_CHARS)));
    items.extend(title.map(|line| Item::line(line).rank(0)));
    items.push(Item::line(sizes(profile)).rank(0));
    let licence = profile.licence.as_deref();
    items.push(
        Item::line(match licence {
            Some(licence) => format!("- licence as stated: {}", quote::value(licence, STATEMENT_CHARS)),
            None => String::from("- licence: none found in its files"),
        })
        .rank(0),
    );
    let modalities =
        profile.modalities.iter().map(|tag| tag_text(tag.modality.as_str(), tag.confidence, &tag.evidence));
    items.extend(tags("modality", modalities.collect()));
    let formulations = profile
        .formulations
        .iter()
        .map(|tag| tag_text(tag.formulation.as_str(), tag.confidence, &tag.evidence));
    items.extend(tags("formulation", formulations.collect()));
    if let Some(description) = &profile.description {
        items.extend(Item::quotation("description", quote::lines(description, DESCRIPTION_LINE)));
    }
    let kept = items.iter().filter(|item| item.is_telling()).count();
    Section::new(format!("# Dataset {}", quote::name(&profile.name)), items)
        .noun("fact")
        .priority(0, 8)
        .keep(kept)
}

fn sizes(profile: &DatasetProfile) -> String {
    let kinds: Vec<String> =
        profile.kinds.iter().map(|(kind, files)| format!("{} {files}", kind.as_str())).collect();
    format!("- {}, {}, by kind: {}", number_of(profile.files, "file"), size(profile.bytes), kinds.join(", "))
}

fn tag_text(word: &str, confidence: f64, evidence: &[String]) -> String {
    let evidence: Vec<String> =
        evidence.iter().take(EVIDENCE).map(|text| quote::sentence(text, EVIDENCE_CHARS)).collect();
    let evidence = if evidence.is_empty() { String::new() } else { format!(": {}", evidence.join("; ")) };
    format!("{} ({confidence:.2}){evidence}", quote::figure(word))
}

/// One line for each tag, the first more telling than the others.
fn tags(what: &str, tags: Vec<String>) -> Vec<Item> {
    let line =
        |(index, tag): (usize, String)| Item::line(format!("- {what}: {tag}")).rank(u8::from(index > 0));
    tags.into_iter().enumerate().map(line).collect()
}

/// The files, folded.
pub(crate) fn files(profile: &DatasetProfile) -> Option<Section> {
    let mut groups: Vec<(usize, &FileGroup)> = profile.groups.iter().enumerate().collect();
    groups.sort_by_key(|(_, group)| (!group.kind.is_data(), Reverse(group.bytes)));
    let mut ranks = vec![2_u8; groups.len()];
    for (rank, (index, group)) in groups.into_iter().enumerate() {
        ranks[index] = if group.kind.is_data() { 1 + u8::from(rank >= 8) } else { 3 };
    }
    let line = |(group, rank): (&FileGroup, u8)| {
        Item::line(group_line(group))
            .rank(rank)
            .named(quote::name(&group.pattern))
            .things(usize::try_from(group.files).unwrap_or(usize::MAX))
    };
    Section::new("## Files", profile.groups.iter().zip(ranks).map(line).collect())
        .noun("file")
        .label("the list of files")
        .priority(2, 4)
        .unless_empty()
}

fn group_line(group: &FileGroup) -> String {
    let files = if group.files == 1 { String::new() } else { format!("{} files, ", group.files) };
    let mut line =
        format!("- {}: {files}{}, {}", quote::name(&group.pattern), group.kind.as_str(), size(group.bytes));
    if !group.folded.is_empty() {
        line +=
            &format!(" in {} directories: {}", group.directories, counts(&group.folded, NAMED_DIRECTORIES));
        if group.directories > group.folded.len().min(NAMED_DIRECTORIES) as u64 {
            line += ", …";
        }
        if let Some(example) = group.examples.first() {
            line += &format!("; for instance {}", quote::name(example));
        }
    }
    line
}

/// Directories whose sub-directories may be classes, or the parts of a split.
pub(crate) fn class_folders(profile: &DatasetProfile) -> Option<Section> {
    let line = |folders: &ClassFolders| {
        let place = if folders.directory.is_empty() {
            String::from("the top directory")
        } else {
            quote::name(&folders.directory)
        };
        let role = if folders.is_split { "parts of a split" } else { "perhaps classes" };
        let more = if folders.total > folders.classes.len().min(16) as u64 { ", …" } else { "" };
        Item::line(format!(
            "- {place} has {} of {} files, {role}: {}{more}",
            number_of(folders.total, "sub-directory"),
            folders.kind.as_str(),
            counts(&folders.classes, 16)
        ))
    };
    Section::new("## Folders that divide the files", profile.class_folders.iter().map(line).collect())
        .noun("directory")
        .priority(2, 4)
        .unless_empty()
}

/// Files that repeat each other, in one line; nothing when none does.
pub(crate) fn repeated_files(files: &DuplicateFiles, how: &str) -> Option<String> {
    if files.repeats == 0 {
        return None;
    }
    let compared = if files.exact { "all" } else { "the first" };
    let across = if files.across_directories > 0 {
        format!(", {} of them across directories", files.across_directories)
    } else {
        String::new()
    };
    let example = files.examples.first().map_or_else(String::new, |set| {
        let names: Vec<String> = set.iter().take(3).map(|path| quote::name(path)).collect();
        format!("; such as {}", names.join(" and "))
    });
    Some(format!(
        "- {} of {compared} {} {how} an earlier one{across}{example}",
        files.repeats,
        number_of(files.compared, "file")
    ))
}

/// What is odd, errors first.
pub(crate) fn findings(profile: &DatasetProfile) -> Option<Section> {
    let mut findings: Vec<&ProfileFinding> = profile.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let line = |finding: &ProfileFinding| {
        let path =
            if finding.path.is_empty() { String::new() } else { format!("{} ", quote::name(&finding.path)) };
        let is_error = finding.severity == Severity::Error;
        let mark = if is_error { " (not usable as it is)" } else { "" };
        Item::line(format!("- {path}{}{mark}", quote::sentence(&finding.message, 300)))
            .rank(u8::from(!is_error))
    };
    let mut items: Vec<Item> = findings.into_iter().map(line).collect();
    let repeated =
        profile.duplicate_files.as_ref().and_then(|files| repeated_files(files, "have the same bytes as"));
    items.extend(repeated.map(Item::line));
    let is_serious = profile.findings.iter().any(|finding| finding.severity == Severity::Error);
    let priority = if is_serious { 2 } else { 4 };
    Section::new("## Odd", items).noun("finding").label("findings").priority(priority, 3).unless_empty()
}

/// Where the data comes from, as its files state it.
pub(crate) fn provenance(profile: &DatasetProfile) -> Option<Section> {
    let line = |text: &String| Item::line(format!("- {}", quote::value(text, STATEMENT_CHARS)));
    Section::new("## Where it comes from, as stated", profile.provenance.iter().map(line).collect())
        .noun("statement")
        .label("provenance")
        .priority(6, 2)
        .unless_empty()
}

/// A range of two figures, or the one figure.
pub(crate) fn range_text<T: PartialEq + std::fmt::Display>(min: &T, max: &T) -> String {
    if min == max { min.to_string() } else { format!("{min} to {max}") }
}

/// `share` of `files` as a part of a sentence.
pub(crate) fn share_text(part: u64, whole: u64) -> String {
    if whole == 0 {
        String::from("none")
    } else {
        format!("{part} ({})", percent(part as f64 / whole as f64))
    }
}
