//! Pictures and recordings that are those of training examples: the same bytes, or the same content.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rayon::prelude::*;
use smith_data::alike::{Picture, Sound};
use smith_task_schema::hash;

use super::copies::{Twins, by_first_alike, by_key};
use super::overlaps;
use super::random::spread;
use super::raw_files::RawFiles;
use super::turned::{self, Turned};
use crate::subject::{Examples, Public};

/// Files of each side that are decoded, spread evenly, and their bytes in all.
const MAX_FILES: usize = 4_000;
const MAX_BYTES: u64 = 64 << 20;
/// Bytes of files of equal size that are read to compare them whole.
const MAX_COMPARED_BYTES: u64 = 1 << 30;
/// Larger pictures are not decoded.
const MAX_PIXELS: u64 = 12_000_000;
const PICTURES: [&str; 9] = ["png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "ppm"];
const SOUNDS: [&str; 8] = ["wav", "flac", "mp3", "ogg", "m4a", "aac", "aif", "aiff"];

/// What the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    Picture,
    Sound,
}

impl Medium {
    /// True for a file of this kind, by its ending.
    pub(crate) fn has(self, path: &str) -> bool {
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match self {
            Self::Picture => PICTURES.contains(&ending.as_str()),
            Self::Sound => SOUNDS.contains(&ending.as_str()),
        }
    }
}

/// The files of a medium of a side: the first row that names each, with its position among the public files.
pub(crate) fn files(side: &Examples, public: &Public, medium: Medium) -> Vec<(usize, usize)> {
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    for (row, file) in side.files.iter().enumerate() {
        if let Some(file) = file.map(|file| file as usize)
            && public.files.get(file).is_some_and(|file| medium.has(&file.path))
        {
            rows.entry(file).or_insert(row);
        }
    }
    rows.into_iter().map(|(file, row)| (row, file)).collect()
}

/// Twins by bytes; files of one size are read, of as many sizes as the limit allows.
pub(crate) fn same_bytes(
    train: &[(usize, usize)],
    test: &[(usize, usize)],
    public: &Public,
    root: &Path,
) -> Twins {
    let size = |file: usize| public.files.get(file).map_or(0, |file| file.bytes);
    let mut of_size: HashMap<u64, usize> = HashMap::new();
    train.iter().chain(test).for_each(|(_, file)| *of_size.entry(size(*file)).or_insert(0) += 1);
    let mut left = MAX_COMPARED_BYTES;
    let key = |(row, file): &(usize, usize)| {
        let bytes = size(*file);
        let alone = of_size.get(&bytes).is_none_or(|count| *count < 2);
        if alone || bytes > left {
            return (*row, format!("file {file}"));
        }
        left -= bytes;
        let path = public.files.get(*file).map(|file| root.join(&file.path));
        let hashed = path.and_then(|path| hash::file(&path).ok());
        (*row, hashed.unwrap_or_else(|| format!("file {file}")))
    };
    let mut key = key;
    // Test files first: there are fewer of them.
    let test: Vec<(usize, String)> = test.iter().map(&mut key).collect();
    let train: Vec<(usize, String)> = train.iter().map(&mut key).collect();
    by_key(&train, &test)
}

/// Twins by content, of some files of each side. None when not even ten of each can be decoded.
pub(crate) fn same_content(
    train: &[(usize, usize)],
    test: &[(usize, usize)],
    public: &Public,
    root: &Path,
    medium: Medium,
) -> Option<Twins> {
    let (train, test) = (affordable(train, public), affordable(test, public));
    let path = |file: usize| public.files.get(file).map(|file| root.join(&file.path));
    match medium {
        Medium::Picture => {
            let read =
                |side: &[(usize, usize)]| decoded(side, |file| Picture::read(&path(file)?, MAX_PIXELS));
            pictures(&read(&train), &read(&test))
        }
        Medium::Sound => {
            let read = |side: &[(usize, usize)]| decoded(side, |file| Sound::read(&path(file)?));
            sounds(&read(&train), &read(&test))
        }
    }
}

/// Pictures of both sides in other views. None when not even ten of each can be decoded.
pub(crate) fn in_other_views(
    train: &[(usize, usize)],
    test: &[(usize, usize)],
    public: &Public,
    root: &Path,
) -> Option<Turned> {
    let read = |side: &[(usize, usize)]| {
        decoded(&affordable(side, public), |file| {
            turned::Print::read(&public.files.get(file).map(|file| root.join(&file.path))?)
        })
    };
    turned::turned(&read(train), &read(test))
}

/// Recordings of both sides that overlap. None when not even ten of each can be compared.
pub(crate) fn overlapping(
    train: &[(usize, usize)],
    test: &[(usize, usize)],
    public: &Public,
    root: &Path,
) -> Option<Twins> {
    let read = |side: &[(usize, usize)]| {
        decoded(&affordable(side, public), |file| {
            overlaps::Rows::read(&public.files.get(file).map(|file| root.join(&file.path))?)
        })
    };
    overlaps::overlaps(&read(train), &read(test))
}

/// Shares of the raw pictures that another one shows: in another view, and as it is.
pub(crate) fn views_in_raw(raw: &RawFiles) -> Option<(f64, f64)> {
    let files = raw.media(Medium::Picture);
    turned::within(&placed(&files, turned::Print::read))
}

/// Share of the raw recordings that overlap with another one.
pub(crate) fn overlaps_in_raw(raw: &RawFiles) -> Option<f64> {
    let files = raw.media(Medium::Sound);
    overlaps::within(&placed(&files, overlaps::Rows::read))
}

fn placed<T: Send>(files: &[&Path], read: impl Fn(&Path) -> Option<T> + Sync) -> Vec<(usize, T)> {
    files.par_iter().enumerate().filter_map(|(at, path)| Some((at, read(path)?))).collect()
}

/// As many files as the limits allow, spread evenly.
fn affordable(files: &[(usize, usize)], public: &Public) -> Vec<(usize, usize)> {
    let bytes: u64 =
        files.iter().filter_map(|(_, file)| public.files.get(*file)).map(|file| file.bytes).sum();
    let share = MAX_BYTES as f64 / bytes.max(1) as f64;
    let limit = MAX_FILES.min((files.len() as f64 * share.min(1.0)) as usize);
    spread(files.len(), limit).into_iter().filter_map(|at| files.get(at).copied()).collect()
}

fn decoded<T: Send>(side: &[(usize, usize)], read: impl Fn(usize) -> Option<T> + Sync) -> Vec<(usize, T)> {
    side.par_iter().filter_map(|(row, file)| Some((*row, read(*file)?))).collect()
}

fn rows<T>(side: &[(usize, T)]) -> Vec<usize> {
    side.iter().map(|(row, _)| *row).collect()
}

fn pictures(train: &[(usize, Picture)], test: &[(usize, Picture)]) -> Option<Twins> {
    if train.len() < 10 || test.len() < 10 {
        return None;
    }
    let mirrored: Vec<Picture> = test.iter().map(|(_, picture)| picture.mirrored()).collect();
    let known: Vec<&Picture> = train.iter().map(|(_, picture)| picture).collect();
    let all: Vec<&Picture> = known.iter().copied().chain(test.iter().map(|(_, picture)| picture)).collect();
    let turned: Vec<&Picture> = known.iter().copied().chain(&mirrored).collect();
    let (train, test) = (rows(train), rows(test));
    let mut twins = by_first_alike(&train, &test, &Picture::first_alike(&all));
    let of_mirrored = by_first_alike(&train, &test, &Picture::first_alike(&turned));
    for (own, other) in twins.test.iter_mut().zip(of_mirrored.test) {
        own.1 = own.1.or(other.1);
    }
    Some(twins)
}

fn sounds(train: &[(usize, Sound)], test: &[(usize, Sound)]) -> Option<Twins> {
    if train.len() < 10 || test.len() < 10 {
        return None;
    }
    let all: Vec<&Sound> = train.iter().chain(test).map(|(_, sound)| sound).collect();
    Some(by_first_alike(&rows(train), &rows(test), &Sound::first_alike(&all)))
}
