//! Targets that are the long texts from which passages are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smith_task_schema::Modality;
use smith_task_schema::profile::{ClassFolders, DatasetProfile, FileKind, TextProfile};

use super::question::{Question, of_classes};
use super::{Considered, Draft};
use crate::plan::{About, Cells, Dropped, Passages, Plan, Source, Split, Target};

/// How much speaks for texts as classes.
const SCORE: f64 = 0.35;
/// Texts that are asked for at most; more are a corpus of examples.
const MOST_TEXTS: u64 = 40;
/// Passages that a text must give.
const LEAST: u64 = 80;
/// Bytes of a passage, about, and its lines at most.
const BYTES: u64 = 600;
const MOST_LINES: u64 = 40;
/// Longest line on average that is one of prose or records.
const LONGEST_LINE: u64 = 4000;
/// How much speaks for folders of texts as classes of their passages.
const SCORE_OF_FOLDERS: f64 = 0.75;
/// Lines of a passage of such a text, and passages of one text at most.
const LINES: u64 = 10;
pub(crate) const MOST_PIECES: u64 = 200;
/// Texts that are looked at, their bytes in all, and those of one that is cut.
const MOST_FILES: u64 = 50_000;
const MOST_BYTES: u64 = 512 << 20;
pub(crate) const LARGEST: u64 = 4 << 20;
/// The column of their folder.
const LABEL: &str = "label";
/// The column of the names of texts, and that of the stretch of a text.
const TARGET: &str = "source";
const STRETCH: &str = "stretch";

/// Considers the long texts of the dataset, and folders of texts that are too few or too many to be examples.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    let has_folders = considered.drafts.iter().any(|draft| matches!(draft.plan.source, Source::Files(_)));
    let is_plain = |folders: &&ClassFolders| {
        folders.kind == FileKind::Text
            && !folders.is_split
            && !folders.by_prefix
            && !folders.directory.contains(['*', '!'])
    };
    for folders in profile.class_folders.iter().filter(is_plain).filter(|_| !has_folders) {
        match of_folders(root, about, &folders.directory) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => {
                considered
                    .refused
                    .push(format!("passages of the folders of `{}`: {reason}", folders.directory));
            }
        }
    }
    let groups = profile.groups.iter().filter(|group| group.kind == FileKind::Text);
    let texts: u64 = groups.map(|group| group.files).sum();
    if !(2..=MOST_TEXTS).contains(&texts) {
        return;
    }
    match draft(profile, about) {
        Ok(draft) => considered.drafts.push(draft),
        Err(reason) => considered.refused.push(format!("passages of its {texts} texts: {reason}")),
    }
}

fn draft(profile: &DatasetProfile, about: &About) -> Result<Draft, String> {
    let usable = |text: &&TextProfile| text.lines > 0 && !text.path.contains("!/") && !is_packed(&text.path);
    let long: Vec<&TextProfile> = profile.texts.iter().filter(usable).collect();
    let (bytes, lines) = long.iter().fold((0_u64, 0_u64), |(bytes, lines), text| {
        (bytes.saturating_add(text.bytes), lines.saturating_add(text.lines))
    });
    let line = bytes / lines.max(1);
    if line > LONGEST_LINE {
        return Err(format!("their lines are of {line} bytes on average"));
    }
    let per_passage = (BYTES / line.max(1)).clamp(1, MOST_LINES);
    let long: Vec<&TextProfile> = long.into_iter().filter(|text| text.lines / per_passage >= LEAST).collect();
    let names = names(&long);
    let counts: BTreeMap<String, u64> =
        names.iter().zip(&long).map(|(name, text)| (name.clone(), text.lines / per_passage)).collect();
    if counts.len() < 2 || counts.len() < long.len() {
        return Err(format!("fewer than two of them are long enough for {LEAST} passages"));
    }
    let question = of_classes(TARGET, Cells::Words, &counts)?;
    let reason = format!("{} long texts give {} passages", counts.len(), question.rows);
    let texts = names.into_iter().zip(&long).map(|(name, text)| (name, text.path.clone())).collect();
    let passages = Passages { texts, folders: None, lines: per_passage };
    Ok(asking(TARGET, question, SCORE, about, passages, reason))
}

/// Passages of the texts in the folders of a directory, each with its folder.
fn of_folders(root: &Path, about: &About, directory: &str) -> Result<Draft, String> {
    let counts = pieces(&root.join(directory))?;
    let question = of_classes(LABEL, Cells::Words, &counts)?;
    let reason = format!("{} folders hold texts of {} passages", counts.len(), question.rows);
    let passages = Passages { texts: BTreeMap::new(), folders: Some(directory.to_owned()), lines: LINES };
    Ok(asking(LABEL, question, SCORE_OF_FOLDERS, about, passages, reason))
}

/// The draft that asks which class passages are of, divided by stretches of their texts.
fn asking(
    column: &str,
    question: Question,
    score: f64,
    about: &About,
    passages: Passages,
    reason: String,
) -> Draft {
    let plan = Plan {
        about: about.clone(),
        source: Source::Passages(passages),
        target: Target { column: column.to_owned(), ask: question.ask },
        metric: question.metric,
        split: Split::Group { column: STRETCH.to_owned(), reason: "neighbours are alike".to_owned() },
        features: Vec::new(),
        dropped: vec![Dropped {
            name: STRETCH.to_owned(),
            reason: "it tells which passages stand together".to_owned(),
        }],
        rows: question.rows,
        reasons: vec![reason],
        looks_once: false,
        mended: Vec::new(),
    };
    Draft { score, formulation: question.formulation, modality: Modality::NaturalLanguage, plan }
}

/// Pieces that the texts of each folder give: those that prepare.py cuts.
fn pieces(directory: &Path) -> Result<BTreeMap<String, u64>, String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let (mut left, mut bytes) = (MOST_FILES, MOST_BYTES);
    let children = |path: &Path| -> Vec<PathBuf> {
        let entries =
            std::fs::read_dir(path).map(|entries| entries.flatten().map(|entry| entry.path()).collect());
        entries.unwrap_or_default()
    };
    for folder in children(directory) {
        let Some(name) = folder.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        let mut waiting =
            if folder.is_dir() && !folder.is_symlink() { children(&folder) } else { Vec::new() };
        while let Some(path) = waiting.pop() {
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                waiting.extend(children(&path));
                continue;
            }
            let size = std::fs::metadata(&path).map_or(0, |found| found.len());
            if left == 0 || size > bytes {
                return Err("its texts are too many to be looked at".to_owned());
            }
            // What has the name of a file beside it and more is made of that file.
            let is_made = path.with_extension("") != path && path.with_extension("").is_file();
            if is_made || size > LARGEST {
                continue;
            }
            (left, bytes) = (left - 1, bytes - size);
            let content = std::fs::read(&path).unwrap_or_default();
            let lines =
                content.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
            *counts.entry(name.clone()).or_default() += (lines as u64 / LINES).min(MOST_PIECES);
        }
    }
    counts.retain(|_, count| *count > 0);
    Ok(counts)
}

fn is_packed(path: &str) -> bool {
    [".gz", ".bz2", ".xz", ".zst"].iter().any(|end| path.ends_with(end))
}

/// The stems of the files, or their whole names where stems are not enough to tell them apart.
fn names(texts: &[&TextProfile]) -> Vec<String> {
    let file = |text: &&TextProfile| text.path.rsplit('/').next().unwrap_or(&text.path).to_owned();
    let stem = |text: &&TextProfile| {
        let file = file(text);
        file.split_once('.').map_or(file.clone(), |(stem, _)| stem.to_owned())
    };
    let stems: Vec<String> = texts.iter().map(stem).collect();
    let mut unique = stems.clone();
    unique.sort();
    unique.dedup();
    if unique.len() == stems.len() { stems } else { texts.iter().map(file).collect() }
}
