//! Where examples come from in the raw data: the rows that they were made of, the files that they are copies of, and the
//! recordings that they were cut from. Columns and names that participants do not see may still name groups.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use smith_data::{Frame, TextColumn};
use smith_task_schema::hash as files;

use super::media::{self, Medium};
use super::overlaps::Rows;
use super::random::{hash, mixed, spread};
use super::raw_files::RawFiles;
use super::rows::of_cell;
use crate::subject::{Examples, Public, Split, stem};

/// Share of the examples of each side whose origin must be found.
const COVERAGE: f64 = 0.8;
/// Cells of a feature that are looked for in a raw column, and the share of them that it must hold.
const SOUGHT: usize = 200;
const HELD: f64 = 0.9;
/// Features that must agree for two rows to be the same.
const LEAST_FEATURES: usize = 2;
/// Files of each side whose bytes are compared, and bytes of all.
const MAX_FILES: usize = 6_000;
const MAX_BYTES: u64 = 512 << 20;
/// Clips for each raw recording from which on clips were cut out of recordings.
const CUT: f64 = 1.2;

/// A column that examples have in the raw data alone: its name, and its cells for the rows of train and of test.
pub(crate) struct Hidden {
    pub(crate) name: String,
    pub(crate) train: Vec<u64>,
    pub(crate) test: Vec<u64>,
}

/// Rows of both sides that are looked at.
pub(crate) struct Looked<'a> {
    pub(crate) train: &'a [usize],
    pub(crate) test: &'a [usize],
}

/// The names in the raw data of files that are copies of raw files, for the rows of both sides; an empty name where it is
/// not known. None when most are not known, or when the names are those of the public files. Blocks.
pub(crate) fn names(
    raw: &RawFiles,
    split: &Split,
    public: &Public,
    rows: &Looked<'_>,
) -> Option<(Vec<String>, Vec<String>)> {
    let train = split.train.as_ref()?;
    let file = |side: &Examples, row: usize| side.files.get(row).copied().flatten().map(|file| file as usize);
    let wanted: Vec<usize> = rows
        .train
        .iter()
        .filter_map(|row| file(train, *row))
        .chain(rows.test.iter().filter_map(|row| file(&split.test, *row)))
        .collect();
    let known = |at: &usize| public.files.get(*at);
    let bytes: u64 = wanted.iter().filter_map(known).map(|file| file.bytes).sum();
    if wanted.is_empty() || wanted.len() > MAX_FILES || bytes > MAX_BYTES {
        return None;
    }
    let sizes: HashSet<u64> = wanted.iter().filter_map(known).map(|file| file.bytes).collect();
    let of_raw = raw.files().par_iter().filter_map(|(path, place)| {
        let meta = std::fs::metadata(place).ok().filter(|meta| sizes.contains(&meta.len()))?;
        meta.is_file().then(|| files::file(place).ok()).flatten().map(|hash| (hash, path.as_str()))
    });
    let by_hash: HashMap<String, &str> = of_raw.collect::<Vec<_>>().into_iter().rev().collect();
    let name = |side: &Examples, row: &usize| -> String {
        let found = file(side, *row)
            .and_then(|at| known(&at))
            .and_then(|own| files::file(&public.location(&own.path)).ok());
        let path = found.and_then(|hash| by_hash.get(&hash).copied()).unwrap_or("");
        let below = path.rsplit_once("!/").map_or(path, |(_, below)| below);
        stem(below).to_owned()
    };
    let of_train: Vec<String> = rows.train.par_iter().map(|row| name(train, row)).collect();
    let of_test: Vec<String> = rows.test.par_iter().map(|row| name(&split.test, row)).collect();
    let found = |names: &[String]| {
        names.iter().filter(|name| !name.is_empty()).count() as f64 >= COVERAGE * names.len() as f64
    };
    (found(&of_train) && found(&of_test)).then_some((of_train, of_test))
}

/// Columns of raw tables that neither side has, for rows that can be told. `names` are those of [`names`], if known.
pub(crate) fn hidden(
    tables: &[Frame],
    split: &Split,
    rows: &Looked<'_>,
    names: Option<&(Vec<String>, Vec<String>)>,
) -> Vec<Hidden> {
    let Some(train) = split.train.as_ref() else { return Vec::new() };
    let shown: HashSet<String> = train
        .features
        .iter()
        .chain(&train.keys)
        .map(|feature| feature.name.to_lowercase())
        .chain(split.keys.iter().chain(&split.predicted).map(|name| name.to_lowercase()))
        .collect();
    let mut hidden = Vec::new();
    for table in tables.iter().filter(|table| table.rows() > 1) {
        let wanted: Vec<usize> = (0..table.names().len())
            .filter(|at| table.names().get(*at).is_some_and(|name| !shown.contains(&name.to_lowercase())))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let Some((of_train, of_test)) = origins(table, split, rows, names) else { continue };
        for at in wanted {
            let (Some(name), Some(column)) = (table.names().get(at), table.columns().get(at)) else {
                continue;
            };
            // An example without an origin is alone in its group.
            let cell = |side: u64| {
                move |(at, row): (usize, &Option<usize>)| {
                    row.map_or(mixed(side << 60 | at as u64), |row| hash(column.get(row)))
                }
            };
            hidden.push(Hidden {
                name: name.clone(),
                train: of_train.iter().enumerate().map(cell(1)).collect(),
                test: of_test.iter().enumerate().map(cell(2)).collect(),
            });
        }
    }
    hidden
}

type Origins = (Vec<Option<usize>>, Vec<Option<usize>>);

/// The row of a raw table that each example was made of: by name, else by the features that both have.
fn origins(
    table: &Frame,
    split: &Split,
    rows: &Looked<'_>,
    names: Option<&(Vec<String>, Vec<String>)>,
) -> Option<Origins> {
    let train = split.train.as_ref()?;
    let ids = |side: &Examples, rows: &[usize]| -> Vec<String> {
        rows.iter().map(|row| side.ids.get(*row).to_owned()).collect()
    };
    let own = (ids(train, rows.train), ids(&split.test, rows.test));
    names
        .into_iter()
        .chain([&own])
        .find_map(|names| by_name(table, names))
        .or_else(|| by_features(table, split, rows))
}

/// Names that are more than numbers, which any column may hold.
fn by_name(table: &Frame, (train, test): &(Vec<String>, Vec<String>)) -> Option<Origins> {
    let bare = |name: &str| hash(stem(name.rsplit('/').next().unwrap_or(name)));
    let says = |name: &&String| name.chars().any(char::is_alphabetic);
    if train.iter().chain(test).take(SOUGHT).filter(says).count() * 10
        < train.len().saturating_add(test.len()).min(SOUGHT) * 9
    {
        return None;
    }
    table.columns().iter().find_map(|column| {
        let mut places: HashMap<u64, usize> = HashMap::new();
        column.iter().enumerate().for_each(|(row, cell)| _ = places.entry(bare(cell)).or_insert(row));
        // Names of groups are no names of examples.
        if places.len() * 10 < column.len() * 9 {
            return None;
        }
        let of =
            |names: &[String]| names.iter().map(|name| places.get(&bare(name)).copied()).collect::<Vec<_>>();
        enough((of(train), of(test)))
    })
}

fn enough(origins: Origins) -> Option<Origins> {
    let found =
        |side: &[Option<usize>]| side.iter().flatten().count() as f64 >= COVERAGE * side.len().max(1) as f64;
    (found(&origins.0) && found(&origins.1)).then_some(origins)
}

fn by_features(table: &Frame, split: &Split, rows: &Looked<'_>) -> Option<Origins> {
    let train = split.train.as_ref()?;
    let shared: Vec<(&TextColumn, &TextColumn, &TextColumn)> = train
        .features
        .iter()
        .zip(&split.test.features)
        .filter_map(|(a, b)| Some((table.columns().get(table.position(&a.name)?)?, &a.cells, &b.cells)))
        .filter(|(raw, _, test)| is_held(test, raw))
        .collect();
    if shared.len() < LEAST_FEATURES {
        return None;
    }
    let key = |cells: &mut dyn Iterator<Item = &str>| {
        cells.fold(0_u64, |state, cell| mixed(state.rotate_left(13) ^ of_cell(cell)))
    };
    let mut places: HashMap<u64, Option<usize>> = HashMap::new();
    for row in 0..table.rows() {
        let own = key(&mut shared.iter().map(|(raw, ..)| raw.get(row)));
        // A key of several rows tells nothing.
        places.entry(own).and_modify(|place| *place = None).or_insert(Some(row));
    }
    let of_train = rows.train.iter().map(|row| {
        places.get(&key(&mut shared.iter().map(|(_, train, _)| train.get(*row)))).copied().flatten()
    });
    let of_test = rows
        .test
        .iter()
        .map(|row| places.get(&key(&mut shared.iter().map(|(.., test)| test.get(*row)))).copied().flatten());
    enough((of_train.collect(), of_test.collect()))
}

/// True when a raw column holds the cells of a feature as they are.
fn is_held(cells: &TextColumn, raw: &TextColumn) -> bool {
    let sought: HashSet<u64> =
        spread(cells.len(), SOUGHT).into_iter().map(|row| of_cell(cells.get(row))).collect();
    let found: HashSet<u64> = raw.iter().map(of_cell).filter(|cell| sought.contains(cell)).collect();
    found.len() as f64 >= HELD * sought.len() as f64
}

/// The raw recording that each clip was cut out of, as groups; none where clips were not cut. Blocks.
pub(crate) fn recordings(
    raw: &RawFiles,
    split: &Split,
    public: &Public,
    rows: &Looked<'_>,
) -> Option<Hidden> {
    let train = split.train.as_ref()?;
    let sources = raw.media(Medium::Sound);
    let clips = media::files(train, public, Medium::Sound).len()
        + media::files(&split.test, public, Medium::Sound).len();
    if sources.len() < 2 || (clips as f64) < CUT * sources.len() as f64 || clips > MAX_FILES {
        return None;
    }
    let known: Vec<(usize, Rows)> =
        sources.par_iter().enumerate().filter_map(|(at, path)| Some((at, Rows::read(path)?))).collect();
    let index = super::overlaps::Index::new(&known);
    let of = |side: &Examples, row: &usize| {
        let file =
            side.files.get(*row).copied().flatten().and_then(|file| public.files.get(file as usize))?;
        index.best(&Rows::read(&public.location(&file.path))?, None)
    };
    let of_train: Vec<Option<usize>> = rows.train.par_iter().map(|row| of(train, row)).collect();
    let of_test: Vec<Option<usize>> = rows.test.par_iter().map(|row| of(&split.test, row)).collect();
    let (of_train, of_test) = enough((of_train, of_test))?;
    let cell = |side: u64| {
        move |(at, row): (usize, &Option<usize>)| {
            row.map_or(mixed(side << 60 | at as u64), |row| mixed(row as u64 + 1))
        }
    };
    Some(Hidden {
        name: "recording".to_owned(),
        train: of_train.iter().enumerate().map(cell(1)).collect(),
        test: of_test.iter().enumerate().map(cell(2)).collect(),
    })
}
