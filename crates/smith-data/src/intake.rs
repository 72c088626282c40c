//! Looks into the files of a dataset, kind by kind.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use smith_task_schema::profile::{DatasetProfile, FileKind, JsonProfile};

use crate::findings::Findings;
use crate::formats::{self, json, json_sample};
use crate::media::{audio, images, video};
use crate::options::ProfileOptions;
use crate::source::kind;
use crate::source::name::is_generic;
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;
use crate::text::{documents, files as texts};
use crate::{relations, structured};

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
/// Files from this size on are read one after the other, each on all cores; smaller ones side by side.
const LARGE_BYTES: u64 = 16 << 20;

/// What is needed while files are looked into.
pub(crate) struct Intake<'a> {
    options: &'a ProfileOptions,
    pub(crate) findings: Findings,
    left_to_open: usize,
    tables: Vec<TableData>,
    stated: documents::Stated,
}

/// What one file gave.
struct Gathered {
    tables: Vec<TableData>,
    json: Option<JsonProfile>,
    findings: Findings,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(options: &'a ProfileOptions, findings: Findings) -> Self {
        let left_to_open = options.max_files_opened;
        Self { options, findings, left_to_open, tables: Vec::new(), stated: documents::Stated::default() }
    }

    /// Fills in everything but the tags.
    pub(crate) fn look_inside(
        &mut self,
        root: &Path,
        files: &[(Found, FileKind)],
        profile: &mut DatasetProfile,
    ) {
        let of_kind = |wanted: FileKind| -> Vec<&Found> {
            files.iter().filter(|(_, kind)| *kind == wanted).map(|(found, _)| found).collect()
        };
        self.read_documents(root, &of_kind(FileKind::Document), profile);
        self.options.phase("reading tables");
        self.read_tables(&of_kind(FileKind::Table));
        self.read_tables(&of_kind(FileKind::Database));
        self.read_json(&of_kind(FileKind::Json), profile);
        self.options.phase("reading texts and media");
        self.read_texts(&of_kind(FileKind::Text), profile);
        self.measure_media(of_kind, profile);
        self.options.phase("relating what was found");
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
        let read = |found: &Found| {
            let mut findings = Findings::default();
            let progress = |bytes| self.options.read(bytes);
            let tables = formats::read_tables(found, max_rows, &progress, &mut findings);
            Gathered { tables, json: None, findings }
        };
        for file in side_by_side(&chosen, read) {
            self.findings.absorb(file.findings);
            self.tables.extend(file.tables);
        }
    }

    fn read_json(&mut self, files: &[&Found], profile: &mut DatasetProfile) {
        let chosen = self.choose(files, JSON_PER_GROUP, usize::MAX);
        let max_rows = self.options.max_table_rows;
        let read = |found: &Found| {
            let mut findings = Findings::default();
            let extension = kind::extension(found.name());
            let is_lines = extension.starts_with("jsonl") || extension.starts_with("ndjson");
            let format = reader::packed_format(if is_lines { "jsonl" } else { "json" }, &found.path);
            let (json, tables) = match json::profile(found, &format, max_rows, &mut findings) {
                Some((mut json, tables)) => {
                    json.sample = json_sample::sample(found);
                    (Some(json), tables)
                }
                None => (None, Vec::new()),
            };
            self.options.read(found.bytes);
            Gathered { tables, json, findings }
        };
        for file in side_by_side(&chosen, read) {
            self.findings.absorb(file.findings);
            profile.json.extend(file.json);
            self.tables.extend(file.tables);
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

/// What `read` makes of each file, in their order: small files side by side, large ones one after the other.
fn side_by_side(files: &[&Found], read: impl Fn(&Found) -> Gathered + Sync) -> Vec<Gathered> {
    let mut gathered: Vec<Option<Gathered>> =
        files.par_iter().map(|found| (found.bytes < LARGE_BYTES).then(|| read(found))).collect();
    for (found, place) in files.iter().zip(&mut gathered) {
        if place.is_none() {
            *place = Some(read(found));
        }
    }
    gathered.into_iter().flatten().collect()
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
