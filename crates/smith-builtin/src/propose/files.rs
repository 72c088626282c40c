//! Targets that are folders, or beginnings of names, of files.

use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::Modality;
use smith_task_schema::profile::{AnnotationFormat, ClassFolders, DatasetProfile, FileKind};

use super::question::of_classes;
use super::reading::is_zip;
use super::{Considered, Draft};
use crate::plan::{About, Cells, Files, MediaKind, Plan, Source, Split, Target};

/// How much speaks for folders as classes.
const SCORE: f64 = 0.8;
/// Bytes of a text on average above which it is no example for a cell.
const LONG_TEXT: u64 = 200_000;
/// Name of the column of the class.
const TARGET: &str = "label";

/// Considers all divisions of files into classes.
pub(crate) fn consider(profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    for folders in &profile.class_folders {
        let place = if folders.directory.is_empty() { "the top folder" } else { folders.directory.as_str() };
        match draft(profile, about, folders) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => considered.refused.push(format!("folders of `{place}`: {reason}")),
        }
    }
}

fn draft(profile: &DatasetProfile, about: &About, folders: &ClassFolders) -> Result<Draft, String> {
    if folders.is_split {
        return Err("they are the parts of a split".to_owned());
    }
    if (folders.classes.len() as u64) < folders.total {
        return Err(format!("they are {} in number", folders.total));
    }
    if holds_masks(profile, folders) {
        return Err("masks of pictures lie in them".to_owned());
    }
    let (kind, modality) = match folders.kind {
        FileKind::Image => (MediaKind::Image, Modality::Image),
        FileKind::Audio => (MediaKind::Audio, Modality::Audio),
        FileKind::Video => (MediaKind::Video, Modality::Video),
        FileKind::Geometry => (MediaKind::Geometry, Modality::OtherStructured),
        FileKind::Text => (MediaKind::Text, Modality::NaturalLanguage),
        other => return Err(format!("there is no template for files of the kind {}", other.as_str())),
    };
    let (directory, depth) = place(folders)?;
    let (extensions, bytes, files) = extensions(profile, folders.kind, &directory);
    if extensions.is_empty() {
        return Err("their files were not found again".to_owned());
    }
    if kind == MediaKind::Text && bytes / files.max(1) > LONG_TEXT {
        return Err("their texts are too long for a table".to_owned());
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for class in &folders.classes {
        *counts.entry(last(&class.value).to_owned()).or_default() += class.count;
    }
    let question = of_classes(TARGET, Cells::Words, &counts)?;
    let prefixes = if folders.by_prefix { counts.keys().cloned().collect() } else { Vec::new() };
    let (archive, directory) = inside(directory)?;
    let source =
        Source::Files(Files { archive, directory, depth, kind, extensions, prefixes, classes: Vec::new() });
    let what = if folders.by_prefix { "the beginnings of file names" } else { "the folders" };
    let plan = Plan {
        about: about.clone(),
        source,
        target: Target { column: TARGET.to_owned(), ask: question.ask },
        metric: question.metric,
        split: Split::Stratified,
        features: Vec::new(),
        dropped: Vec::new(),
        rows: question.rows,
        reasons: vec![format!("{what} divide {} files into {} classes", question.rows, counts.len())],
        looks_once: false,
        mended: Vec::new(),
    };
    let score = if depth > 0 { SCORE - 0.2 } else { SCORE };
    Ok(Draft { score, formulation: question.formulation, modality, plan })
}

/// True where masks lie in one of the folders: they are no pictures of a class.
fn holds_masks(profile: &DatasetProfile, folders: &ClassFolders) -> bool {
    let masks = profile.annotations.iter().filter(|part| part.format == AnnotationFormat::Masks);
    let mut names = masks.flat_map(|part| part.path.split('/'));
    names.any(|name| folders.classes.iter().any(|class| last(&class.value) == name))
}

/// The last name of a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The archive of a directory, and the directory in it.
fn inside(directory: String) -> Result<(Option<String>, String), String> {
    let (archive, inner) = match directory.split_once("!/") {
        Some((archive, inner)) => (archive, inner),
        None => match directory.strip_suffix('!') {
            Some(archive) => (archive, ""),
            None => return Ok((None, directory)),
        },
    };
    if inner.contains("!/") || !is_zip(archive) {
        return Err("they lie in an archive that is no ZIP file".to_owned());
    }
    Ok((Some(archive.to_owned()), inner.to_owned()))
}

/// The directory and how many levels lie between it and the classes.
fn place(folders: &ClassFolders) -> Result<(String, usize), String> {
    let Some(stars) = folders.directory.find('*') else { return Ok((folders.directory.clone(), 0)) };
    let before = folders.directory.get(..stars).unwrap_or_default().trim_end_matches('/');
    let after: Vec<&str> = folders.directory.get(stars..).unwrap_or_default().split('/').collect();
    if after.iter().any(|part| *part != "*") {
        return Err("they lie at different depths".to_owned());
    }
    Ok((before.to_owned(), after.len()))
}

/// Extensions of the files of a kind below a directory, with their bytes and number.
fn extensions(profile: &DatasetProfile, kind: FileKind, directory: &str) -> (Vec<String>, u64, u64) {
    let below =
        |path: &str| directory.is_empty() || path == directory || path.starts_with(&format!("{directory}/"));
    let (mut found, mut bytes, mut files) = (BTreeSet::new(), 0_u64, 0_u64);
    for group in profile.groups.iter().filter(|group| group.kind == kind && below(&group.directory)) {
        bytes = bytes.saturating_add(group.bytes);
        files = files.saturating_add(group.files);
        if group.extension == "*" {
            let of_path = |path: &String| {
                path.rsplit_once('.').map(|(_, extension)| format!(".{}", extension.to_lowercase()))
            };
            found.extend(group.examples.iter().filter_map(of_path));
        } else if group.extension.is_empty() {
            found.insert(String::new());
        } else {
            found.insert(format!(".{}", group.extension));
        }
    }
    (found.into_iter().collect(), bytes, files)
}
