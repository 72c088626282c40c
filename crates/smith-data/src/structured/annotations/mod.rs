//! Files that annotate images: boxes, outlines, masks, tracks.

mod box_table;
pub(crate) mod coco;
pub(crate) mod image_index;
pub(crate) mod labelme;
mod masks;
pub(crate) mod tally;
pub(crate) mod tracks;
pub(crate) mod voc;
pub(crate) mod yolo;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use rayon::prelude::*;
use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, FileKind};

use self::image_index::ImageIndex;
use self::tally::{Annotated, Tally};
use crate::findings::Findings;
use crate::source::encoding::decode_head;
use crate::source::kind::extension;
use crate::source::reader;
use crate::source::walk::Found;
use crate::spread::spread;
use crate::table_data::TableData;

/// Annotation files of one format that are read.
pub(crate) const MAX_FILES: usize = 50_000;
/// Files of a directory that are tried before it is taken for annotations.
const TRIED: usize = 8;
/// Annotation files that are in memory at once, besides one for each core.
const FILES_AT_ONCE: usize = 512;
/// Directories of one format that are told apart.
const MAX_DIRECTORIES: usize = 8;
/// Longest annotation file of one image.
const MAX_BYTES: u64 = 64 << 20;
/// JSON files that are looked at, whether they are COCO.
const MAX_JSON: usize = 2_000;
/// Texts that are looked at, whether they are tracks.
const MAX_TRACKS: usize = 2_000;
/// Findings of a format that are named one by one.
const NAMED_FAILURES: usize = 10;

/// What an annotated dataset consists of, and which files the annotations take.
#[derive(Default)]
pub(crate) struct Annotations<'f> {
    pub(crate) profiles: Vec<AnnotationProfile>,
    /// Paths of annotation files that are no data of another kind.
    pub(crate) taken: BTreeSet<&'f str>,
}

/// All annotations of a dataset.
pub(crate) fn profile<'f>(
    files: &'f [(Found, FileKind)],
    tables: &[TableData],
    findings: &mut Findings,
) -> Annotations<'f> {
    let images = ImageIndex::of(files);
    let mut annotations = Annotations::default();
    let of = |kind: FileKind| -> Vec<&Found> {
        files.iter().filter(|(_, of)| *of == kind).map(|(found, _)| found).collect()
    };
    let names = class_names(files);
    let no_names = BTreeMap::new();
    let json = of(FileKind::Json);
    add_coco(&json, &images, &mut annotations, findings);
    let is_xml = |found: &&Found| match extension(found.name()).as_str() {
        "xml" => true,
        "" => images.twin(found).is_some(),
        _ => false,
    };
    let xml: Vec<&Found> = of(FileKind::Text).into_iter().filter(is_xml).collect();
    let mut per_image = |files: &[&'f Found], format: AnnotationFormat, read: &Reader<'_>| {
        PerImage { format, read, images: &images, failures: 0 }.add(files, &mut annotations, findings);
    };
    per_image(&xml, AnnotationFormat::Voc, &|_, bytes| {
        if !bytes.windows(11).take(2_000).any(|start| start == b"<annotation") {
            return Ok(None);
        }
        voc::read(&decode_head(bytes))
    });
    per_image(&json, AnnotationFormat::Labelme, &|_, bytes| {
        let start = bytes.get(..bytes.len().min(8 << 10)).unwrap_or_default();
        let keys: [&[u8]; 3] = [b"\"shapes\"", b"\"imagePath\"", b"\"imageData\""];
        let has = |key: &[u8]| start.windows(key.len()).any(|bytes| bytes == key);
        Ok(if keys.into_iter().any(has) { labelme::read(bytes) } else { None })
    });
    let labels: Vec<&Found> = yolo_files(&of(FileKind::Text), &images);
    per_image(&labels, AnnotationFormat::Yolo, &|found, bytes| {
        Ok(yolo::read(bytes, names_near(&names, found.directory()).unwrap_or(&no_names)))
    });
    for profile in annotations.profiles.iter_mut().filter(|profile| profile.format == AnnotationFormat::Yolo)
    {
        profile.names = names_near(&names, &profile.path).cloned().unwrap_or_default();
    }
    annotations.profiles.extend(masks::profile(files));
    annotations.profiles.extend(tables.iter().filter_map(|table| box_table::profile(table, &images)));
    add_tracks(files, &images, &mut annotations, findings);
    annotations.profiles.sort_by(|a, b| (&a.path, a.format).cmp(&(&b.path, b.format)));
    annotations
}

/// True for text files that annotate images line by line, judged for each directory by some of its files.
pub(crate) fn yolo_paths(files: &[(Found, FileKind)]) -> BTreeSet<String> {
    let images = ImageIndex::of(files);
    if images.is_empty() {
        return BTreeSet::new();
    }
    let texts: Vec<&Found> = files
        .iter()
        .filter(|(_, kind)| matches!(kind, FileKind::Text | FileKind::Table))
        .map(|(found, _)| found)
        .collect();
    let mut paths = BTreeSet::new();
    for group in by_directory(&yolo_files(&texts, &images)).into_values() {
        let tried = spread(&group, TRIED);
        let read = |found: &&Found| small(found).ok().and_then(|bytes| yolo::read(&bytes, &BTreeMap::new()));
        let good = tried.iter().filter_map(read).filter(|found| found.objects > 0).count();
        if good > 0 && good * 5 >= tried.len() * 4 {
            paths.extend(group.iter().map(|found| found.relative.clone()));
        }
    }
    paths
}

/// Text files that have the name of an image.
fn yolo_files<'f>(texts: &[&'f Found], images: &ImageIndex<'_>) -> Vec<&'f Found> {
    let is_label = |found: &&&Found| extension(found.name()) == "txt" && images.twin(found).is_some();
    texts.iter().filter(is_label).copied().collect()
}

fn by_directory<'f>(files: &[&'f Found]) -> BTreeMap<&'f str, Vec<&'f Found>> {
    let mut groups: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    files.iter().for_each(|found| groups.entry(found.directory()).or_default().push(found));
    groups
}

/// A whole file, as far as one image's annotations may be large.
fn small(found: &Found) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader::open(&found.path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Names of classes by the directory of the file that lists them.
fn class_names(files: &[(Found, FileKind)]) -> BTreeMap<&str, BTreeMap<u64, String>> {
    let mut names = BTreeMap::new();
    let lists = files.iter().map(|(found, _)| found).filter(|found| yolo::may_list_names(found.name()));
    for found in lists.take(TRIED * 4) {
        let Ok(head) = reader::head(&found.path, 1 << 20) else { continue };
        let listed = yolo::names(&found.name().to_lowercase(), &decode_head(&head));
        if !listed.is_empty() {
            names.entry(found.directory()).or_insert(listed);
        }
    }
    names
}

/// The names in the nearest directory above, or the only ones there are.
fn names_near<'n>(
    names: &'n BTreeMap<&str, BTreeMap<u64, String>>,
    directory: &str,
) -> Option<&'n BTreeMap<u64, String>> {
    let mut here = directory;
    loop {
        if let Some(found) = names.get(here) {
            return Some(found);
        }
        let Some((above, _)) = here.rsplit_once('/') else { break };
        here = above;
    }
    names.get("").or_else(|| names.values().next().filter(|_| names.len() == 1))
}

/// Reads the annotations of one image: none when the file is something else, and what is wrong with it.
type Reader<'r> = dyn Fn(&Found, &[u8]) -> Result<Option<Annotated>, String> + Sync + 'r;

/// Reads the files of directories that each annotate an image.
struct PerImage<'r, 'f> {
    format: AnnotationFormat,
    read: &'r Reader<'r>,
    images: &'r ImageIndex<'f>,
    failures: usize,
}

impl PerImage<'_, '_> {
    fn attempt(&self, found: &Found) -> Result<Option<Annotated>, String> {
        small(found).map_err(|error| error.to_string()).and_then(|bytes| (self.read)(found, &bytes))
    }

    /// Adds the directories whose files are of the format.
    fn add<'f>(mut self, files: &[&'f Found], annotations: &mut Annotations<'f>, findings: &mut Findings) {
        for (directory, group) in by_directory_or_parent(files) {
            if spread(&group, TRIED).iter().any(|found| matches!(self.attempt(found), Ok(Some(_)))) {
                let profile = self.directory(&directory, &group, annotations, findings);
                annotations.profiles.push(profile);
            }
        }
        if self.failures > NAMED_FAILURES {
            let further = self.failures - NAMED_FAILURES;
            findings.error("", format!("{further} further annotation files cannot be read"));
        }
    }

    fn directory<'f>(
        &mut self,
        directory: &str,
        group: &[&'f Found],
        annotations: &mut Annotations<'f>,
        findings: &mut Findings,
    ) -> AnnotationProfile {
        let chosen = spread(group, MAX_FILES);
        let (mut tally, mut measured) = (Tally::default(), 0);
        for some in chosen.chunks(FILES_AT_ONCE) {
            let outcomes: Vec<_> = some.par_iter().map(|found| self.attempt(found)).collect();
            for (found, outcome) in some.iter().zip(outcomes) {
                match outcome {
                    Ok(Some(one)) => {
                        measured += 1;
                        self.count(found, one, &mut tally);
                        annotations.taken.insert(found.relative.as_str());
                    }
                    Ok(None) => {}
                    Err(error) => {
                        self.failures += 1;
                        if self.failures <= NAMED_FAILURES {
                            findings.error(&found.relative, format!("is no readable annotation: {error}"));
                        }
                    }
                }
            }
        }
        let all = if chosen.len() < group.len() { group.len() as u64 } else { measured };
        tally.finish(directory, self.format, all, measured)
    }

    fn count(&self, found: &Found, one: Annotated, tally: &mut Tally) {
        let named = one.image.as_deref().and_then(|name| self.images.find(name, found.directory()));
        if let Some(image) = named.or_else(|| self.images.twin(found)) {
            tally.found_in(image.directory());
        }
        tally.add(one);
    }
}

/// Files by directory, or by the directory above with `/*` where there would be many.
fn by_directory_or_parent<'f>(files: &[&'f Found]) -> BTreeMap<String, Vec<&'f Found>> {
    let groups = by_directory(files);
    let fold = groups.len() > MAX_DIRECTORIES;
    let mut folded: BTreeMap<String, Vec<&Found>> = BTreeMap::new();
    for (directory, group) in groups {
        let name = match directory.rsplit_once('/') {
            Some((parent, _)) if fold => format!("{parent}/*"),
            None if fold => String::from("*"),
            _ => directory.to_string(),
        };
        folded.entry(name).or_default().extend(group);
    }
    folded
}

fn add_coco<'f>(
    json: &[&'f Found],
    images: &ImageIndex<'_>,
    annotations: &mut Annotations<'f>,
    findings: &mut Findings,
) {
    let candidates: Vec<&Found> =
        spread(json, MAX_JSON).into_iter().filter(|found| may_be_coco(found)).collect();
    let read: Vec<_> = candidates
        .par_iter()
        .map(|found| {
            let place =
                |name: &str| images.find(name, found.directory()).map(|image| image.directory().to_string());
            coco::read(|| reader::open(&found.path), &place)
        })
        .collect();
    for (found, outcome) in candidates.iter().zip(read) {
        // A file that cannot be opened has its finding from the reader of JSON.
        let Ok((Some(tally), error)) = outcome else { continue };
        if let Some(error) = error {
            findings.error(&found.relative, format!("the annotations are read up to a mistake: {error}"));
        }
        annotations.taken.insert(found.relative.as_str());
        annotations.profiles.push(tally.finish(&found.relative, AnnotationFormat::Coco, 1, 1));
    }
}

/// True for JSON that begins like an object with one of COCO's keys.
fn may_be_coco(found: &Found) -> bool {
    let Ok(head) = reader::head(&found.path, 32 << 10) else { return false };
    let text = String::from_utf8_lossy(&head);
    let keys = ["\"images\"", "\"annotations\"", "\"categories\""];
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
        && keys.iter().any(|key| text.contains(key))
}

fn add_tracks<'f>(
    files: &'f [(Found, FileKind)],
    images: &ImageIndex<'_>,
    annotations: &mut Annotations<'f>,
    findings: &mut Findings,
) {
    let candidates: Vec<&Found> = files
        .iter()
        .filter(|(found, kind)| {
            let text = matches!(kind, FileKind::Table | FileKind::Text);
            text && matches!(extension(found.name()).as_str(), "txt" | "csv")
        })
        .map(|(found, _)| found)
        .filter(|found| !annotations.taken.contains(found.relative.as_str()))
        .collect();
    for found in spread(&candidates, MAX_TRACKS) {
        let words = ["gt", "det", "mot", "track", "tracks", "tracking", "test", "results"];
        let lower = found.relative.to_lowercase();
        let named = lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
        if !reader::head(&found.path, 16 << 10).is_ok_and(|head| tracks::looks_like(&head, named)) {
            continue;
        }
        match reader::open(&found.path).and_then(tracks::read) {
            Ok(mut tracks) => {
                let home = found.directory().rsplit_once('/').map_or("", |(home, _)| home);
                for frame in &tracks.frames {
                    let near = |image: &&Found| image.relative.starts_with(home);
                    if let Some(image) = images.find(&format!("{frame:06}"), found.directory()).filter(near) {
                        tracks.tally.found_in(image.directory());
                    }
                }
                annotations.profiles.push(tracks.tally.finish(
                    &found.relative,
                    AnnotationFormat::Tracks,
                    1,
                    1,
                ));
            }
            Err(error) => findings.error(&found.relative, format!("the tracks cannot be read: {error}")),
        }
    }
}
