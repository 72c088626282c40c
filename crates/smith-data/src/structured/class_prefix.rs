//! Classes that the names of files begin with: `cat.1.jpg`, `dog.7.jpg`.

use std::collections::BTreeMap;

use smith_task_schema::profile::{ClassFolders, FileKind};

use crate::column::tally::most_frequent;
use crate::structured::parts::part_of;
use crate::structured::tree::Directory;

/// Files of a directory from which on beginnings are compared.
const MIN_FILES: usize = 20;
/// Classes that are named.
const NAMED_CLASSES: usize = 200;

/// Beginnings that cameras and programs give to everything.
const GENERIC: [&str; 28] = [
    "img",
    "image",
    "dsc",
    "dscn",
    "dscf",
    "photo",
    "pic",
    "picture",
    "frame",
    "file",
    "sample",
    "scan",
    "screenshot",
    "video",
    "audio",
    "clip",
    "rec",
    "record",
    "page",
    "doc",
    "id",
    "item",
    "data",
    "mask",
    "label",
    "vid",
    "mvi",
    "wp",
];

/// The division by beginnings of names in a directory, when there is one.
pub(crate) fn find(directory: &Directory<'_>, path: &str) -> Option<ClassFolders> {
    let media = [
        FileKind::Image,
        FileKind::Audio,
        FileKind::Video,
        FileKind::Text,
        FileKind::Geometry,
        FileKind::Array,
    ];
    let names = |kind: FileKind| -> Vec<&str> {
        directory.files.iter().filter(|(_, of)| *of == kind).map(|(name, _)| *name).collect()
    };
    let (kind, names) =
        media.map(|kind| (kind, names(kind))).into_iter().max_by_key(|(_, names)| names.len())?;
    let counts = counts(&names)?;
    let mut division = ClassFolders::default();
    division.directory = path.to_string();
    division.kind = kind;
    division.by_prefix = true;
    division.is_split = counts.keys().all(|name| part_of(name).is_some());
    division.total = counts.len() as u64;
    division.classes = most_frequent(counts, NAMED_CLASSES);
    Some(division)
}

/// Beginnings with their files, when they divide nearly all of the names.
fn counts(names: &[&str]) -> Option<BTreeMap<String, u64>> {
    if names.len() < MIN_FILES {
        return None;
    }
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for prefix in names.iter().filter_map(|name| prefix(name)) {
        *counts.entry(prefix.to_string()).or_default() += 1;
    }
    counts.retain(|_, count| *count >= 2);
    let divided: u64 = counts.values().sum();
    let (all, classes) = (names.len() as u64, counts.len() as u64);
    let largest = counts.values().copied().max().unwrap_or(0);
    let generic = counts.keys().filter(|name| GENERIC.contains(&name.to_lowercase().as_str())).count();
    let divides = classes >= 2
        && divided * 10 >= all * 9
        && divided >= classes * 3
        && largest * 100 <= divided * 98
        && generic * 2 < counts.len();
    divides.then_some(counts)
}

/// What stands before the number or the first separator of a name.
fn prefix(name: &str) -> Option<&str> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let end = stem.find(|c: char| c.is_ascii_digit() || "_-. ".contains(c))?;
    let prefix = stem.get(..end)?;
    (prefix.chars().count() >= 2 && prefix.chars().all(char::is_alphabetic)).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_divide() {
        let cats = (0..20).map(|i| format!("cat.{i}.jpg"));
        let dogs = (0..15).map(|i| format!("dog_{i}.jpg"));
        let names: Vec<String> = cats.chain(dogs).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(counts(&names).unwrap(), BTreeMap::from([("cat".into(), 20), ("dog".into(), 15)]));
    }

    #[test]
    fn what_does_not_divide() {
        let camera: Vec<String> = (0..40).map(|i| format!("{}_{i}.jpg", ["IMG", "DSC"][i % 2])).collect();
        let numbers: Vec<String> = (0..40).map(|i| format!("{i:05}.jpg")).collect();
        let one: Vec<String> = (0..40).map(|i| format!("tree_{i}.jpg")).collect();
        let titles: Vec<String> = (0..40_u8)
            .map(|i| format!("{}{}-story.txt", char::from(b'a' + i % 26), "bc".repeat(usize::from(i) + 1)))
            .collect();
        for names in [camera, numbers, one, titles] {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            assert_eq!(counts(&names), None, "{names:?}");
        }
    }
}
