//! Gathers the profile of a dataset: lists its files, tells their kinds, looks into each kind.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use smith_task_schema::hash;
use smith_task_schema::profile::{DatasetProfile, FileKind};

use crate::error::DataError;
use crate::findings::Findings;
use crate::formats::{self, json};
use crate::media::{audio, images};
use crate::relations::links::FileIndex;
use crate::source::name::{dataset_name, is_generic};
use crate::source::walk::{Found, walk};
use crate::source::{group, kind};
use crate::table_data::TableData;
use crate::text::{documents, files as texts};

/// Tables of one directory and extension that are read: more are usually more of the same.
const TABLES_PER_GROUP: usize = 20;
/// JSON files of one directory and extension that are read.
const JSON_PER_GROUP: usize = 10;
/// Texts of one directory and extension that are read.
const TEXTS_PER_GROUP: usize = 3;
/// Texts that are read in all.
const TEXTS: usize = 24;
/// Documents that are read in all.
const DOCUMENTS: usize = 12;

/// How far a profile goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProfileOptions {
    /// Name of the dataset instead of [`dataset_name`].
    pub name: Option<String>,
    /// Rows of a table that are read. Facts are exact up to here; a longer table is flagged as read in part.
    pub max_table_rows: u64,
    /// Files that are opened to look inside. The digest reads all of them all the same.
    pub max_files_opened: usize,
}

impl Default for ProfileOptions {
    /// Two million rows of a table, five thousand files.
    fn default() -> Self {
        Self { name: None, max_table_rows: 2_000_000, max_files_opened: 5_000 }
    }
}

/// Profiles the dataset at `root`, a folder or a single file. Blocks, and reads every byte once for the digest.
///
/// What cannot be read becomes a finding of the profile. Links below `root` are not followed. When the folder is
/// called `raw` or `data`, the metadata files beside it are read too, as documents named `../NAME`.
///
/// # Errors
/// [`DataError::NotFound`], [`DataError::Empty`] when there is not a single file or the only one is empty,
/// [`DataError::NotAFile`] for a pipe or a device, [`DataError::Unreadable`] when `root` itself cannot be listed.
pub fn profile(root: &Path, options: &ProfileOptions) -> Result<DatasetProfile, DataError> {
    let mut findings = Findings::default();
    let files = walk(root, &mut findings)?;
    let bytes = files.iter().map(|found| found.bytes).sum();
    if files.is_empty() || (root.is_file() && bytes == 0) {
        return Err(DataError::Empty(root.to_path_buf()));
    }
    let name = options.name.clone().unwrap_or_else(|| dataset_name(root));
    let mut profile = DatasetProfile::new(name);
    profile.bytes = bytes;
    profile.files = files.len() as u64;
    profile.digest = digest(root, &files, &mut findings);
    let mut intake = Intake { options, findings, left_to_open: options.max_files_opened, tables: Vec::new() };
    let files = intake.classify(files);
    for (_, kind) in &files {
        *profile.kinds.entry(*kind).or_default() += 1;
    }
    profile.groups = group::fold(&files);
    intake.look_inside(root, &files, &mut profile);
    profile.findings = intake.findings.finish();
    Ok(profile)
}

/// The digest of everything; none, with a finding for each file that cannot be opened.
fn digest(root: &Path, files: &[Found], findings: &mut Findings) -> Option<String> {
    let digest = if root.is_file() { hash::file(root) } else { hash::tree_digest(root) };
    let error = match digest {
        Ok(digest) => return Some(digest),
        Err(error) => error,
    };
    findings.error("", format!("there is no digest, because a part cannot be read: {error}"));
    for found in files {
        if let Err(error) = File::open(&found.path) {
            findings.error(&found.relative, format!("cannot be opened: {error}"));
        }
    }
    None
}

/// What is needed while files are looked into.
struct Intake<'a> {
    options: &'a ProfileOptions,
    findings: Findings,
    left_to_open: usize,
    tables: Vec<TableData>,
}

impl Intake<'_> {
    fn classify(&mut self, files: Vec<Found>) -> Vec<(Found, FileKind)> {
        files
            .into_iter()
            .map(|found| {
                let kind = self.kind_of(&found);
                (found, kind)
            })
            .collect()
    }

    fn kind_of(&mut self, found: &Found) -> FileKind {
        let by_name = kind::by_name(&found.relative);
        if found.bytes == 0 {
            if by_name != Some(FileKind::System) {
                self.findings.warn(&found.relative, "is empty");
            }
            return FileKind::System;
        }
        if let Some(kind) = by_name {
            return kind;
        }
        if self.left_to_open == 0 {
            return FileKind::Other;
        }
        self.left_to_open -= 1;
        kind::by_content(&found.path).unwrap_or_else(|error| {
            self.findings.error(&found.relative, format!("cannot be read: {error}"));
            FileKind::Other
        })
    }

    fn look_inside(&mut self, root: &Path, files: &[(Found, FileKind)], profile: &mut DatasetProfile) {
        let of_kind = |wanted: FileKind| -> Vec<&Found> {
            files.iter().filter(|(_, kind)| *kind == wanted).map(|(found, _)| found).collect()
        };
        self.read_documents(root, &of_kind(FileKind::Document), profile);
        self.read_tables(&of_kind(FileKind::Table));
        self.read_tables(&of_kind(FileKind::Database));
        self.read_json(&of_kind(FileKind::Json), profile);
        self.read_texts(&of_kind(FileKind::Text), profile);
        self.measure_media(&of_kind(FileKind::Image), &of_kind(FileKind::Audio), profile);
        self.tables.sort_by(|a, b| a.facts.path.cmp(&b.facts.path));
        let index = FileIndex::new(files);
        self.tables.iter_mut().for_each(|table| index.link(&mut table.facts));
        profile.tables = std::mem::take(&mut self.tables).into_iter().map(|table| table.facts).collect();
    }

    /// Some files of every directory and extension, in order of path, as far as files may still be opened.
    fn choose<'f>(&mut self, files: &[&'f Found], per_group: usize, total: usize) -> Vec<&'f Found> {
        let mut ranks: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut ranked: Vec<(usize, &Found)> = Vec::new();
        for &found in files {
            let rank = ranks.entry((found.directory(), kind::extension(found.name()))).or_default();
            if *rank < per_group {
                ranked.push((*rank, found));
            }
            *rank += 1;
        }
        ranked.sort_by(|a, b| (a.0, &a.1.relative).cmp(&(b.0, &b.1.relative)));
        ranked.truncate(total.min(self.left_to_open));
        self.left_to_open -= ranked.len();
        let mut chosen: Vec<&Found> = ranked.into_iter().map(|(_, found)| found).collect();
        chosen.sort_by(|a, b| a.relative.cmp(&b.relative));
        chosen
    }

    fn read_documents(&mut self, root: &Path, files: &[&Found], profile: &mut DatasetProfile) {
        let beside = metadata_beside(root);
        let mut chosen = self.choose(files, DOCUMENTS, DOCUMENTS);
        chosen.extend(&beside);
        // Metadata state a licence more plainly than prose does.
        chosen.sort_by_key(|found| (!documents::is_metadata(found.name()), found.relative.clone()));
        for found in chosen {
            match documents::read(found) {
                Ok((document, licence)) => {
                    profile.documents.push(document);
                    profile.licence = profile.licence.take().or(licence);
                }
                Err(error) => self.findings.error(&found.relative, format!("cannot be read: {error}")),
            }
        }
    }

    fn read_tables(&mut self, files: &[&Found]) {
        let chosen = self.choose(files, TABLES_PER_GROUP, usize::MAX);
        if chosen.len() < files.len() {
            let left_out = files.len() - chosen.len();
            self.findings.warn("", format!("{left_out} of {} tables were not opened", files.len()));
        }
        let max_rows = self.options.max_table_rows;
        for found in chosen {
            self.tables.extend(formats::read_tables(found, max_rows, &mut self.findings));
        }
    }

    fn read_json(&mut self, files: &[&Found], profile: &mut DatasetProfile) {
        for found in self.choose(files, JSON_PER_GROUP, usize::MAX) {
            let extension = kind::extension(found.name());
            let is_lines = extension.starts_with("jsonl") || extension.starts_with("ndjson");
            let format = packed(if is_lines { "jsonl" } else { "json" }, found);
            let profiled = json::profile(found, &format, self.options.max_table_rows, &mut self.findings);
            if let Some((json, tables)) = profiled {
                profile.json.push(json);
                self.tables.extend(tables);
            }
        }
    }

    fn read_texts(&mut self, files: &[&Found], profile: &mut DatasetProfile) {
        for found in self.choose(files, TEXTS_PER_GROUP, TEXTS) {
            match texts::profile(found) {
                Ok(text) => profile.texts.push(text),
                Err(error) => self.findings.error(&found.relative, format!("cannot be read: {error}")),
            }
        }
    }

    fn measure_media(&mut self, images: &[&Found], audio: &[&Found], profile: &mut DatasetProfile) {
        if !images.is_empty() {
            let opened = self.spread(images);
            profile.images = Some(images::summarise(images.len() as u64, &opened, &mut self.findings));
        }
        if !audio.is_empty() {
            let opened = self.spread(audio);
            profile.audio = Some(audio::summarise(audio, &opened, &mut self.findings));
        }
    }

    /// As many files as may still be opened, spread evenly over all of them.
    fn spread<'f>(&mut self, files: &[&'f Found]) -> Vec<&'f Found> {
        let count = files.len().min(self.left_to_open);
        self.left_to_open -= count;
        (0..count).map(|i| files[i * files.len() / count]).collect()
    }
}

/// The metadata files beside a folder that is called after its role.
fn metadata_beside(root: &Path) -> Vec<Found> {
    let parent = root.parent().filter(|_| root.is_dir() && is_generic(root));
    let Some(entries) = parent.and_then(|parent| parent.read_dir().ok()) else { return Vec::new() };
    let mut beside: Vec<Found> = entries
        .flatten()
        .filter(|entry| documents::is_metadata(&entry.file_name().to_string_lossy()))
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| {
            let relative = format!("../{}", entry.file_name().to_string_lossy());
            Found { path: entry.path(), relative, bytes: 0 }
        })
        .collect();
    beside.sort_by(|a, b| a.relative.cmp(&b.relative));
    beside
}

fn packed(format: &str, found: &Found) -> String {
    let gz = if found.name().to_lowercase().ends_with(".gz") { ".gz" } else { "" };
    format!("{format}{gz}")
}
