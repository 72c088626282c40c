//! Examples that are files: the raw file of the same content.

use std::path::Path;

use smith_data::{Frame, TextColumn};

use super::{Origin, rows, sources};
use crate::quality::{hash_of_bytes as hash_of, spread};
use crate::subject::{Examples, Public, Raw, Split};

/// Files that are read of each side and of the raw data, and their greatest size.
const MAX_FILES: usize = 3_000;
const MAX_RAW_FILES: usize = 12_000;
const MAX_BYTES: u64 = 8 << 20;
/// Bytes that are read in all.
const MAX_TOTAL: u64 = 1 << 30;
/// Folders above a file that may be its class.
const FOLDERS: usize = 3;

/// The list of the raw files, by the content of which those of the examples are found.
pub(super) fn find(raw: &Raw, split: &Split, public: &Public) -> Option<Origin> {
    let train = split.train.as_ref()?;
    if train.files.is_empty() || split.test.files.is_empty() || raw.files.is_empty() {
        return None;
    }
    let mut left = MAX_TOTAL;
    let [train, test] = [train, &split.test].map(|side| contents(side, public, &mut left));
    let list = list(raw, &mut left);
    let features = [rows::Both { name: "content", train: &train.1, test: &test.1 }];
    let found = rows::find(&list, &features)?;
    let back = |rows: &[usize], pairs: Vec<(usize, usize)>| -> Vec<(usize, usize)> {
        pairs.into_iter().filter_map(|(row, raw)| Some((*rows.get(row)?, raw))).collect()
    };
    Some(Origin {
        path: "the files".to_owned(),
        rows: list.rows(),
        train: back(&train.0, found.train),
        test: back(&test.0, found.test),
        sources: sources::of_files(raw, &list, 1),
        list: Some(list),
    })
}

/// Rows with a file, and what stands for the content of each.
fn contents(side: &Examples, public: &Public, left: &mut u64) -> (Vec<usize>, TextColumn) {
    let with_file: Vec<(usize, u32)> =
        side.files.iter().enumerate().filter_map(|(row, file)| Some((row, (*file)?))).collect();
    let (mut rows, mut cells) = (Vec::new(), TextColumn::default());
    for at in spread(with_file.len(), MAX_FILES) {
        let Some((row, file)) = with_file.get(at) else { continue };
        let Some(file) = public.files.get(*file as usize) else { continue };
        if let Some(content) = content(&public.location(&file.path), left) {
            rows.push(*row);
            cells.push(&content);
        }
    }
    (rows, cells)
}

/// `content`, the path, the name and the folders above of each raw file.
fn list(raw: &Raw, left: &mut u64) -> Frame {
    let mut names = vec!["content".to_owned(), "path".to_owned()];
    names.extend((1..=FOLDERS).map(|above| format!("folder {above}")));
    let mut list = Frame::new(names);
    for at in spread(raw.files.len(), MAX_RAW_FILES) {
        let Some((path, location)) = raw.files.get(at) else { continue };
        let Some(content) = content(location, left) else { continue };
        let mut row = vec![content.as_str(), path.as_str()];
        row.extend(path.rsplit(['/', '\\']).skip(1).take(FOLDERS));
        list.push_row(row);
    }
    list
}

fn content(path: &Path, left: &mut u64) -> Option<String> {
    let bytes = std::fs::metadata(path).ok()?.len();
    if bytes == 0 || bytes > MAX_BYTES.min(*left) {
        return None;
    }
    *left -= bytes;
    let content = std::fs::read(path).ok()?;
    Some(format!("x{:016x}", hash_of(&content)))
}
