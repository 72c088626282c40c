//! Examples that are named by a digest: of their id, of the name of their file, of their text, or of the bytes of their
//! file.

use std::collections::HashMap;
use std::fmt::Write;

use md5::Md5;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use smith_data::{Frame, TextColumn};

use super::sheet::Sheet;
use crate::subject::{Examples, Public, Split};

/// Letters of a digest that are compared, and that it has at least.
const COMPARED: usize = 32;
const SHORTEST: usize = 6;
const LONGEST: usize = 128;
/// Cells of a column that are looked at before it counts as digests, and the share of them that must be.
const LOOKED_AT: usize = 300;
const SHARE: f64 = 0.9;
/// Columns of one table that may hold digests, and examples that are tried before all are.
const MAX_COLUMNS: usize = 3;
const TRIED: usize = 400;
/// Features whose texts are hashed.
const MAX_FEATURES: usize = 8;
/// Bytes of files that are hashed, of one and of all together.
const MAX_FILE: u64 = 16 << 20;
const MAX_FILES: u64 = 512 << 20;

/// What examples may be named by.
pub(crate) struct Digests<'s> {
    sheet: &'s Sheet,
    split: &'s Split,
    public: &'s Public,
    /// For each answer its row among the examples.
    rows: Vec<Option<usize>>,
}

/// Examples that were found.
pub(crate) struct Named {
    /// What the key is: `md5 of their id`.
    pub(crate) what: String,
    pub(crate) column: usize,
    pub(crate) rows: Vec<Option<usize>>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Crc32,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512, Self::Crc32];

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
            Self::Crc32 => "CRC-32",
        }
    }

    /// Letters of a whole digest.
    fn length(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
            Self::Sha512 => 128,
            Self::Crc32 => 8,
        }
    }

    fn of(self, bytes: &[u8], form: Form) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes), form),
            Self::Sha1 => hex(&Sha1::digest(bytes), form),
            Self::Sha256 => hex(&Sha256::digest(bytes), form),
            Self::Sha512 => hex(&Sha512::digest(bytes), form),
            Self::Crc32 => {
                let sum = crc32fast::hash(bytes);
                if form == Form::Number { sum.to_string() } else { hex(&sum.to_be_bytes(), form) }
            }
        }
    }
}

/// How the digests of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// So many letters of hexadecimal.
    Hex(usize),
    Number,
}

impl Form {
    /// What such digests may be made by.
    fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| match self {
            Self::Hex(length) => length <= kind.length() && (length == 8 || !matches!(kind, Kind::Crc32)),
            Self::Number => matches!(kind, Kind::Crc32),
        })
    }
}

fn hex(bytes: &[u8], form: Form) -> String {
    let Form::Hex(length) = form else { return String::new() };
    let length = length.min(COMPARED);
    let mut text = String::with_capacity(length + 2);
    for byte in bytes.iter().take(length.div_ceil(2)) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text.truncate(length);
    text
}

/// A cell as a digest: its name without folders and ending, in small letters.
fn digest(cell: &str) -> Option<String> {
    let name = cell.rsplit(['/', '\\']).next().unwrap_or(cell);
    let stem = name.split('.').next().unwrap_or(name);
    let fits =
        (SHORTEST..=LONGEST).contains(&stem.len()) && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| stem.to_ascii_lowercase())
}

fn form(column: &TextColumn) -> Option<Form> {
    let step = (column.len() / LOOKED_AT).max(1);
    let cells: Vec<&str> = (0..column.len()).step_by(step).map(|row| column.get(row)).collect();
    let digests: Vec<String> = cells.iter().filter_map(|cell| digest(cell)).collect();
    let first = digests.first()?.len();
    let most = SHARE * cells.len() as f64;
    let is_even = digests.iter().filter(|digest| digest.len() == first).count() as f64 >= most;
    let has_letters =
        digests.iter().filter(|digest| digest.bytes().any(|byte| byte.is_ascii_alphabetic())).count();
    if is_even && has_letters * 2 >= digests.len() {
        return Some(Form::Hex(first));
    }
    let sums = cells.iter().filter_map(|cell| cell.parse::<u32>().ok());
    let (sums, large) =
        sums.fold((0_usize, 0_usize), |(all, large), sum| (all + 1, large + usize::from(sum > 1 << 26)));
    (sums as f64 >= most && large * 10 >= sums * 9).then_some(Form::Number)
}

impl<'s> Digests<'s> {
    pub(crate) fn of(sheet: &'s Sheet, split: &'s Split, public: &'s Public) -> Self {
        Self { sheet, split, public, rows: sheet.rows_among(&split.test.ids) }
    }

    /// Examples that a column of a table names by a digest.
    pub(crate) fn rows(&self, frame: &Frame) -> Option<Named> {
        if !self.sheet.are_unique {
            return None;
        }
        let columns = frame.columns().iter().enumerate().take(64);
        let formed = columns.filter_map(|(at, column)| Some((at, column, form(column)?)));
        formed.take(MAX_COLUMNS).find_map(|(column, cells, form)| {
            let mut places: HashMap<String, usize> = HashMap::new();
            for (row, cell) in cells.iter().enumerate() {
                let key = match form {
                    Form::Hex(_) => digest(cell).map(|mut digest| {
                        digest.truncate(COMPARED);
                        digest
                    }),
                    Form::Number => Some(cell.to_owned()),
                };
                if let Some(key) = key {
                    places.entry(key).or_insert(row);
                }
            }
            let (what, rows) = self.search(&places, form)?;
            Some(Named { what, column, rows })
        })
    }

    fn search(&self, places: &HashMap<String, usize>, form: Form) -> Option<(String, Vec<Option<usize>>)> {
        let all = self.sheet.ids.len();
        for source in self.sources() {
            for kind in form.kinds() {
                let find = |row: usize| {
                    let bytes = source.bytes(self, row)?;
                    places.get(&kind.of(&bytes, form)).copied()
                };
                let step = all.div_ceil(TRIED).max(1);
                if !(0..all).step_by(step).any(|row| find(row).is_some()) {
                    continue;
                }
                let rows: Vec<Option<usize>> = (0..all).map(find).collect();
                if self.sheet.is_part(&rows) {
                    return Some((format!("{} of their {}", kind.name(), source.name), rows));
                }
            }
        }
        None
    }

    fn sources(&self) -> Vec<Source> {
        let mut sources = vec![Source::new("id", From::Id), Source::new("id without its ending", From::Bare)];
        let files = &self.split.test.files;
        if files.iter().any(Option::is_some) {
            sources.push(Source::new("path", From::Path));
            sources.push(Source::new("file's name", From::Name));
        }
        let features = self.split.test.features.iter().enumerate();
        let mut told: Vec<(usize, &str, usize)> = features
            .take(200)
            .map(|(at, feature)| {
                let mut cells: Vec<&str> = feature.cells.iter().take(2_000).collect();
                cells.sort_unstable();
                cells.dedup();
                (at, feature.name.as_str(), cells.len())
            })
            .collect();
        told.sort_by_key(|(_, _, distinct)| std::cmp::Reverse(*distinct));
        let rows = self.split.test.rows.min(2_000);
        let telling = told.into_iter().filter(|(_, _, distinct)| distinct * 2 >= rows).take(MAX_FEATURES);
        sources.extend(telling.map(|(at, name, _)| Source::new(&format!("`{name}`"), From::Feature(at))));
        let sizes = || {
            files.iter().flatten().filter_map(|at| self.public.files.get(*at as usize)).map(|file| file.bytes)
        };
        if sizes().count() > 0 && sizes().sum::<u64>() <= MAX_FILES && sizes().all(|bytes| bytes <= MAX_FILE)
        {
            sources.push(Source::new("file's bytes", From::Bytes));
        }
        sources
    }
}

/// Serial numbers that are hashed.
const SERIALS: u32 = 200_000;
/// Share of the ids that must be found.
const FOUND: f64 = 0.9;
/// What may stand between an answer and a feature.
const BETWEEN: [&str; 8] = ["", "|", "-", "_", ":", " ", ",", ";"];
/// Examples by which a way to hash is tried, and is proved.
const FIRST_TRIED: usize = 6;
const PROVED_BY: usize = 60;
/// Letters of a cell that is hashed at most.
const LONGEST_CELL: usize = 100_000;

/// Ids in hexadecimal of one length, as much of them as is compared, and how they are written; bars of UUIDs and endings do
/// not count.
fn hexadecimal<'i>(ids: impl Iterator<Item = &'i str>) -> Option<(Vec<String>, Form)> {
    let ids: Option<Vec<String>> = ids.map(|id| digest(&id.replace('-', ""))).collect();
    let mut ids = ids?;
    let length = ids.first()?.len();
    let letters = ids.iter().filter(|id| id.bytes().any(|byte| byte.is_ascii_alphabetic())).count();
    if length < 8 || ids.iter().any(|id| id.len() != length) || letters * 2 < ids.len() {
        return None;
    }
    ids.iter_mut().for_each(|id| id.truncate(COMPARED));
    Some((ids, Form::Hex(length)))
}

/// Kinds that tell ids apart: checksums are too short for many.
fn sure_kinds(form: Form) -> impl Iterator<Item = Kind> {
    form.kinds().filter(|kind| !matches!(kind, Kind::Crc32))
}

/// The serial numbers whose digests these ids are, and by what they are made.
pub(crate) fn serials(ids: &[String]) -> Option<(&'static str, Vec<Option<u32>>)> {
    let (ids, form) = hexadecimal(ids.iter().map(String::as_str))?;
    sure_kinds(form).find_map(|kind| {
        let wanted: HashMap<&str, usize> = (0..).zip(&ids).map(|(at, id)| (id.as_str(), at)).collect();
        let mut found: Vec<Option<u32>> = vec![None; ids.len()];
        for serial in 0..SERIALS {
            let hashed = kind.of(serial.to_string().as_bytes(), form);
            if let Some(place) = wanted.get(hashed.as_str()).and_then(|at| found.get_mut(*at)) {
                *place = Some(serial);
            }
        }
        let all = found.iter().flatten().count() as f64;
        (all >= FOUND * ids.len() as f64).then(|| (kind.name(), found))
    })
}

/// What ids are made of, in words, where that is the answer with a feature: whoever hashes each possible answer knows it.
pub(crate) fn hashed_answers(examples: &Examples) -> Option<String> {
    let (ids, form) = hexadecimal(examples.ids.iter())?;
    let step = (ids.len() / PROVED_BY).max(1);
    let rows: Vec<usize> = (0..ids.len()).step_by(step).collect();
    let cell =
        |column: &TextColumn, row: usize| -> String { column.get(row).chars().take(LONGEST_CELL).collect() };
    let is_made = |kind: Kind, row: usize, text: &str| {
        ids.get(row).is_some_and(|id| kind.of(text.as_bytes(), form) == *id)
    };
    for target in &examples.targets {
        for feature in examples.features.iter().take(200) {
            let texts = |row: usize, between: &str, answer_first: bool| {
                let (answer, said) = (cell(target, row), cell(&feature.cells, row));
                if answer_first {
                    format!("{answer}{between}{said}")
                } else {
                    format!("{said}{between}{answer}")
                }
            };
            for (between, answer_first) in
                BETWEEN.iter().flat_map(|between| [(between, true), (between, false)])
            {
                for kind in sure_kinds(form) {
                    let made = |row: &&usize| is_made(kind, **row, &texts(**row, between, answer_first));
                    if !rows.iter().take(FIRST_TRIED).any(|row| made(&row)) {
                        continue;
                    }
                    if rows.iter().filter(made).count() as f64 >= FOUND * rows.len() as f64 {
                        return Some(format!("{} of the answer and `{}`", kind.name(), feature.name));
                    }
                }
            }
        }
    }
    None
}

/// Something of an example that is hashed.
struct Source {
    name: String,
    from: From,
}

#[derive(Clone, Copy)]
enum From {
    Id,
    Bare,
    Path,
    Name,
    Feature(usize),
    Bytes,
}

impl Source {
    fn new(name: &str, from: From) -> Self {
        Self { name: name.to_owned(), from }
    }

    fn bytes(&self, of: &Digests<'_>, row: usize) -> Option<Vec<u8>> {
        let id = of.sheet.ids.get(row)?;
        let text = |text: &str| Some(text.as_bytes().to_vec());
        let example = || of.rows.get(row).copied().flatten();
        let file = || {
            let at = of.split.test.files.get(example()?).copied().flatten()?;
            of.public.files.get(at as usize)
        };
        match self.from {
            From::Id => text(id),
            From::Bare => text(id.rsplit_once('.').map(|(stem, _)| stem)?),
            From::Path => text(&file()?.path),
            From::Name => text(file()?.name()),
            From::Feature(at) => {
                let cell = of.split.test.features.get(at)?.cells.get(example()?);
                if cell.is_empty() { None } else { text(cell) }
            }
            From::Bytes => std::fs::read(of.public.location(&file()?.path)).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Feature;

    #[test]
    fn digests_are_those_of_other_tools() {
        let of = |kind: Kind, length| kind.of(b"abc", Form::Hex(length));
        assert_eq!(of(Kind::Md5, 32), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(of(Kind::Sha1, 10), "a9993e3647");
        assert_eq!(of(Kind::Sha256, 7), "ba7816b");
        assert_eq!(of(Kind::Crc32, 8), "352441c2");
        assert_eq!(Kind::Crc32.of(b"abc", Form::Number), "891568578");
    }

    #[test]
    fn serial_numbers_are_found_behind_their_digests() {
        let ids = |text: &dyn Fn(u32) -> String| -> Vec<String> {
            [7, 900, 31, 150_000].map(|serial| Kind::Md5.of(text(serial).as_bytes(), Form::Hex(12))).into()
        };
        let found = serials(&ids(&|serial| serial.to_string()));
        assert_eq!(found, Some(("MD5", [7, 900, 31, 150_000].map(Some).into())));
        assert_eq!(serials(&ids(&|serial| format!("secret {serial}"))), None);
        assert_eq!(serials(&["1".into(), "2".into()]), None);
    }

    #[test]
    fn answers_are_found_behind_ids_that_hash_them() {
        let column = |cells: &[String]| -> TextColumn { cells.iter().map(String::as_str).collect() };
        let texts: Vec<String> = (0..50).map(|row| format!("text {row}")).collect();
        let answers: Vec<String> = (0..50).map(|row| ["a", "b"][row % 2].to_owned()).collect();
        let examples = |hashed: &dyn Fn(&str, &str) -> String| Examples {
            rows: 50,
            ids: column(
                &texts
                    .iter()
                    .zip(&answers)
                    .map(|(text, answer)| Kind::Sha1.of(hashed(text, answer).as_bytes(), Form::Hex(32)))
                    .collect::<Vec<_>>(),
            ),
            features: vec![Feature { name: "text".into(), cells: column(&texts) }],
            targets: vec![column(&answers)],
            ..Examples::default()
        };
        let found = hashed_answers(&examples(&|text, answer| format!("{answer}|{text}")));
        assert_eq!(found.as_deref(), Some("SHA-1 of the answer and `text`"));
        assert_eq!(hashed_answers(&examples(&|text, _| text.to_owned())), None);
    }

    #[test]
    fn columns_of_digests_are_told_from_others() {
        let column = |cells: &[&str]| -> TextColumn { cells.iter().copied().collect() };
        assert_eq!(form(&column(&["900150983c", "A9993e3647", "x/ba7816bf00.npy"])), Some(Form::Hex(10)));
        assert_eq!(form(&column(&["891568578", "3964322768"])), Some(Form::Number));
        assert_eq!(form(&column(&["1933", "1936", "2001"])), None);
        assert_eq!(form(&column(&["decade", "facade", "a word"])), None);
        assert_eq!(form(&column(&["20150101", "20150103"])), None);
    }
}
