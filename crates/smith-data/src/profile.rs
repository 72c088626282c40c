//! Gathers the profile of a dataset: lists its files, tells their kinds, looks into each kind.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_task_schema::profile::{DatasetProfile, FileKind};

use crate::error::DataError;
use crate::findings::Findings;
use crate::formats::{csv as csv_table, json, json_sample, parquet_table};
use crate::media::{audio, images, video};
use crate::observe::ProfileObserver;
use crate::relations;
use crate::source::name::{dataset_name, is_generic};
use crate::source::walk::{Found, list};
use crate::source::{Sources, UnpackLimits, group, kind};
use crate::structured;
use crate::table_data::TableData;
use crate::tags;
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
    /// Rows of a table that are read; a longer table is flagged as read in part.
    pub max_table_rows: u64,
    /// Files that are opened to look inside. The digest reads all of them all the same.
    pub max_files_opened: usize,
    /// Images that are decoded to find those that look alike, spread evenly over all; fewer when they are large. The
    /// headers of all images are read all the same.
    pub max_images_compared: usize,
    /// Bytes that are unpacked from archives in all, on the disk of `unpack_in`. Never more than that disk has free
    /// less one gigabyte.
    pub max_unpacked_bytes: u64,
    /// Files that are unpacked from archives in all.
    pub max_archive_members: u64,
    /// Bytes that are unpacked for each byte of an archive, once there are more than a hundred million of them.
    pub max_unpacked_ratio: u64,
    /// Archives within archives that are opened: 1 opens those that lie in the folder.
    pub max_archive_depth: usize,
    /// Where archives are unpacked to, in a directory that is removed afterwards; by default where the system keeps
    /// temporary files.
    pub unpack_in: Option<PathBuf>,
    /// Told how far the profile has come.
    pub observer: Option<Arc<dyn ProfileObserver>>,
}

impl Default for ProfileOptions {
    /// Every row of a table, five thousand files, ten thousand images. Of archives twenty gigabytes, a million files, two hundred
    /// times their size, three deep.
    fn default() -> Self {
        let limits = UnpackLimits::default();
        Self {
            name: None,
            max_table_rows: u64::MAX,
            max_files_opened: 5_000,
            max_images_compared: 10_000,
            max_unpacked_bytes: limits.max_bytes,
            max_archive_members: limits.max_members,
            max_unpacked_ratio: limits.max_ratio,
            max_archive_depth: limits.max_depth,
            unpack_in: limits.directory,
            observer: None,
        }
    }
}

impl ProfileOptions {
    fn unpack_limits(&self) -> UnpackLimits {
        UnpackLimits {
            max_bytes: self.max_unpacked_bytes,
            max_members: self.max_archive_members,
            max_ratio: self.max_unpacked_ratio,
            max_depth: self.max_archive_depth,
            directory: self.unpack_in.clone(),
        }
    }
}

/// Profiles the dataset at `root`, a folder, an archive or any other single file. Blocks, and reads every byte once for the digest.
///
/// What cannot be read becomes a finding of the profile. Links below `root` are not followed. When the folder is
/// called `raw` or `data`, the metadata files beside it are read too, as documents named `../NAME`. Archives are
/// unpacked to a temporary directory, which is removed before this returns.
///
/// # Errors
/// [`DataError::NotFound`], [`DataError::Empty`] when there is not a single file or the only one is empty,
/// [`DataError::NotAFile`] for a pipe or a device, [`DataError::Unreadable`] when `root` itself cannot be listed.
pub fn profile(root: &Path, options: &ProfileOptions) -> Result<DatasetProfile, DataError> {
    let mut findings = Findings::default();
    let listing = list(root, &mut findings)?;
    let bytes = listing.bytes();
    if listing.files.is_empty() || (root.is_file() && bytes == 0) {
        return Err(DataError::Empty(root.to_path_buf()));
    }
    let name = options.name.clone().unwrap_or_else(|| dataset_name(root));
    let mut profile = DatasetProfile::new(name);
    profile.bytes = bytes;
    profile.files = listing.files.len() as u64;
    let mut sources = Sources::read(listing, &options.unpack_limits(), &|_| {}, &mut findings);
    structured::correct_kinds(&mut sources.files);
    profile.digest = sources.digest.take();
    profile.duplicate_files = sources.duplicates.take();
    let mut intake = Intake {
        options,
        findings,
        left_to_open: options.max_files_opened,
        tables: Vec::new(),
        stated: documents::Stated::default(),
    };
    for (_, kind) in &sources.files {
        *profile.kinds.entry(*kind).or_default() += 1;
    }
    profile.groups = group::fold(&sources.files);
    intake.look_inside(root, &sources.files, &mut profile);
    tags::add(&mut profile, &sources.files);
    sources.recheck(&mut intake.findings);
    profile.findings = intake.findings.finish();
    Ok(profile)
}

/// What is needed while files are looked into.
struct Intake<'a> {
    options: &'a ProfileOptions,
    findings: Findings,
    left_to_open: usize,
    tables: Vec<TableData>,
    stated: documents::Stated,
}

impl Intake<'_> {
    fn look_inside(&mut self, root: &Path, files: &[(Found, FileKind)], profile: &mut DatasetProfile) {
        let of_kind = |wanted: FileKind| -> Vec<&Found> {
            files.iter().filter(|(_, kind)| *kind == wanted).map(|(found, _)| found).collect()
        };
        self.read_documents(root, &of_kind(FileKind::Document), profile);
        self.read_tables(&of_kind(FileKind::Table));
        self.read_json(&of_kind(FileKind::Json), profile);
        self.read_texts(&of_kind(FileKind::Text), profile);
        self.measure_media(of_kind, profile);
        self.tables.sort_by(|a, b| a.facts.path.cmp(&b.facts.path));
        self.describe_columns(files, profile);
        profile.foreign_keys =
            relations::add(&mut self.tables, files, &profile.documents, &mut self.findings);
        profile.limits.extend(relations::limits().map(|(name, size)| (name.to_string(), size)));
        structured::describe(files, &self.tables, profile, &mut self.findings);
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

    /// Tells what documents, and tables that describe others, state about the dataset and its columns.
    fn describe_columns(&mut self, files: &[(Found, FileKind)], profile: &mut DatasetProfile) {
        let describing = files
            .iter()
            .filter(|(_, kind)| matches!(kind, FileKind::Table | FileKind::Json | FileKind::Text))
            .filter(|(found, _)| documents::may_describe(found.name(), found.bytes))
            .take(DOCUMENTS);
        describing.for_each(|(found, _)| self.stated.merge(documents::stated_in_data(found)));
        self.stated.tell(profile);
        let mut tables: Vec<_> = self.tables.iter_mut().map(|table| &mut table.facts).collect();
        documents::describe(&self.stated.columns, &mut tables);
    }

    fn read_documents(&mut self, root: &Path, files: &[&Found], profile: &mut DatasetProfile) {
        let beside = metadata_beside(root);
        let mut chosen = self.choose(files, DOCUMENTS, DOCUMENTS);
        chosen.extend(&beside);
        chosen.sort_by_key(|found| documents::standing(&found.relative));
        for found in chosen {
            match documents::read(found) {
                Ok((document, stated)) => {
                    profile.documents.push(document);
                    self.stated.merge(stated);
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
            let table = if is_parquet(found) {
                parquet_table::profile(found, max_rows, &mut self.findings)
            } else {
                csv_table::profile(found, &packed("csv", found), max_rows, &mut self.findings)
            };
            self.tables.extend(table);
        }
    }

    fn read_json(&mut self, files: &[&Found], profile: &mut DatasetProfile) {
        for found in self.choose(files, JSON_PER_GROUP, usize::MAX) {
            let extension = kind::extension(found.name());
            let is_lines = extension.starts_with("jsonl") || extension.starts_with("ndjson");
            let format = packed(if is_lines { "jsonl" } else { "json" }, found);
            let profiled = json::profile(found, &format, self.options.max_table_rows, &mut self.findings);
            if let Some((mut json, table)) = profiled {
                json.sample = json_sample::sample(found);
                profile.json.push(json);
                self.tables.extend(table);
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

    fn measure_media<'f>(
        &mut self,
        of_kind: impl Fn(FileKind) -> Vec<&'f Found>,
        profile: &mut DatasetProfile,
    ) {
        let (pictures, sounds, videos) =
            (of_kind(FileKind::Image), of_kind(FileKind::Audio), of_kind(FileKind::Video));
        if !pictures.is_empty() {
            let measured = images::measure_all(&pictures);
            let compare = self.options.max_images_compared;
            profile.images = Some(images::summarise(&pictures, &measured, compare, &mut self.findings));
        }
        if !sounds.is_empty() {
            profile.audio = Some(audio::summarise(&sounds, &mut self.findings));
        }
        if !videos.is_empty() {
            profile.video = Some(video::summarise(&videos, &mut self.findings));
        }
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
    let ending = kind::split_compression(found.name()).map(|(_, ending)| format!(".{ending}"));
    format!("{format}{}", ending.unwrap_or_default())
}

fn is_parquet(found: &Found) -> bool {
    let mut magic = [0; 4];
    let by_content = File::open(&found.path).and_then(|mut file| file.read_exact(&mut magic)).is_ok();
    (by_content && &magic == b"PAR1") || matches!(kind::extension(found.name()).as_str(), "parquet" | "pq")
}
