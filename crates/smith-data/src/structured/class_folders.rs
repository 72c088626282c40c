//! Directories whose sub-directories divide files of one kind, as classes or as parts of a split.

use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::profile::{ClassFolders, FileKind, ValueCount};

use crate::column::tally::most_frequent;
use crate::source::walk::Found;
use crate::structured::class_prefix;
use crate::structured::parts::part_of;
use crate::structured::tree::{Directory, main_kind};

/// Classes that are named.
const NAMED_CLASSES: usize = 200;
/// Divisions that are reported.
const MAX_DIVISIONS: usize = 16;
/// Directories below each other that are followed.
const MAX_DEPTH: usize = 12;

/// Files of one sample, where each has its directory.
const FILES_OF_A_SAMPLE: u64 = 20;

/// Names of directories that say what a file is for, not what it shows.
const ROLES: [&str; 40] = [
    "images",
    "image",
    "imgs",
    "img",
    "jpegimages",
    "photos",
    "pictures",
    "masks",
    "mask",
    "labels",
    "label",
    "annotations",
    "annotation",
    "annots",
    "xml",
    "xmls",
    "json",
    "jsons",
    "csv",
    "txt",
    "segmentations",
    "gt",
    "groundtruth",
    "ground_truth",
    "bboxes",
    "meta",
    "metadata",
    "data",
    "raw",
    "processed",
    "docs",
    "src",
    "scripts",
    "audio",
    "video",
    "videos",
    "text",
    "texts",
    "depth",
    "rgb",
];

/// The divisions of all files, from the top down. Directories in `annotated` hold annotations of their images: they
/// are sets of their own, not classes.
pub(crate) fn find(files: &[(Found, FileKind)], annotated: &BTreeSet<&str>) -> Vec<ClassFolders> {
    let tree = Directory::of(files);
    let mut found = Vec::new();
    look_into(&tree, "", 0, &mut found);
    found.retain(|division| {
        let is_set =
            |class: &&ValueCount| annotated.contains(join(&division.directory, &class.value).as_str());
        division.is_split
            || division.classes.iter().filter(is_set).count() * 2 < division.classes.len().max(1)
    });
    found.truncate(MAX_DIVISIONS);
    found
}

fn look_into(directory: &Directory<'_>, path: &str, depth: usize, found: &mut Vec<ClassFolders>) {
    if depth > MAX_DEPTH || found.len() >= MAX_DIVISIONS {
        return;
    }
    if let Some(split) = split(directory, path) {
        let kind = split.kind;
        found.push(split);
        if let Some(below) = below_parts(directory, path, kind) {
            found.extend(below);
            return;
        }
    } else if let Some(classes) = classes(directory, path) {
        let deeper = deeper_classes(directory, path, classes.kind);
        found.push(classes);
        found.extend(deeper);
        return;
    }
    found.extend(class_prefix::find(directory, path));
    for (name, below) in &directory.below {
        look_into(below, &join(path, name), depth + 1, found);
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}/{name}") }
}

fn division(path: String, kind: FileKind, counts: BTreeMap<String, u64>) -> ClassFolders {
    let mut division = ClassFolders::default();
    division.directory = path;
    division.kind = kind;
    division.total = counts.len() as u64;
    division.classes = most_frequent(counts, NAMED_CLASSES);
    division
}

/// Sub-directories with the number of their files of a kind.
fn counts(directory: &Directory<'_>, kind: FileKind) -> BTreeMap<String, u64> {
    let all = directory.below.iter().map(|(name, below)| ((*name).to_string(), below.count(kind)));
    all.filter(|(_, count)| *count > 0).collect()
}

/// The parts of a split, when that is what most files lie in.
fn split(directory: &Directory<'_>, path: &str) -> Option<ClassFolders> {
    let kind = kind_below(directory)?;
    let mut counts = counts(directory, kind);
    counts.retain(|name, _| part_of(name).is_some());
    let parts: BTreeSet<&str> = counts.keys().filter_map(|name| part_of(name)).collect();
    let files: u64 = counts.values().sum();
    if parts.len() < 2 || files * 3 < directory.count(kind) * 2 {
        return None;
    }
    let mut division = division(path.to_string(), kind, counts);
    division.is_split = true;
    Some(division)
}

/// The kind of most files in the sub-directories.
fn kind_below(directory: &Directory<'_>) -> Option<FileKind> {
    let mut kinds: BTreeMap<FileKind, u64> = BTreeMap::new();
    for below in directory.below.values() {
        for (kind, count) in &below.kinds {
            *kinds.entry(*kind).or_default() += count;
        }
    }
    main_kind(&kinds)
}

/// The classes that the parts of a split have in common, and what divides those.
fn below_parts(directory: &Directory<'_>, path: &str, kind: FileKind) -> Option<Vec<ClassFolders>> {
    let mut pattern = join(path, "*");
    let mut parts: Vec<&Directory<'_>> = Vec::new();
    let mut deepest = 0;
    for (_, part) in
        directory.below.iter().filter(|(name, part)| part_of(name).is_some() && part.count(kind) > 0)
    {
        let (part, skipped) = past_single(part);
        deepest = deepest.max(skipped);
        parts.push(part);
    }
    (0..deepest).for_each(|_| pattern.push_str("/*"));
    let named: Vec<BTreeSet<&str>> = parts.iter().map(|part| part.below.keys().copied().collect()).collect();
    let largest = named.iter().max_by_key(|names| names.len())?;
    let alike = named.iter().filter(|names| {
        let shared = names.intersection(largest).count();
        shared * 2 >= names.len().max(1) && shared >= 2
    });
    if alike.count() < 2 {
        return None;
    }
    let merged = merge(&parts);
    let classes = classes(&merged, &pattern)?;
    let deeper = deeper_classes(&merged, &pattern, kind);
    Some(std::iter::once(classes).chain(deeper).collect())
}

/// The directory below that divides anything, past those that hold a single directory and nothing else.
fn past_single<'d, 'f>(mut directory: &'d Directory<'f>) -> (&'d Directory<'f>, usize) {
    let mut skipped = 0;
    while directory.below.len() == 1 && directory.files.is_empty() && skipped < MAX_DEPTH {
        let Some(only) = directory.below.values().next() else { break };
        directory = only;
        skipped += 1;
    }
    (directory, skipped)
}

/// Several directories as one.
fn merge<'f>(directories: &[&Directory<'f>]) -> Directory<'f> {
    let mut merged = Directory::default();
    for directory in directories {
        absorb(&mut merged, directory);
    }
    merged
}

fn absorb<'f>(into: &mut Directory<'f>, from: &Directory<'f>) {
    into.files.extend(&from.files);
    for (kind, count) in &from.kinds {
        *into.kinds.entry(*kind).or_default() += count;
    }
    for (name, below) in &from.below {
        absorb(into.below.entry(name).or_default(), below);
    }
}

/// The classes that sub-directories are, when they look like it.
fn classes(directory: &Directory<'_>, path: &str) -> Option<ClassFolders> {
    let kind = kind_below(directory)?;
    let counts = counts(directory, kind);
    (divides(directory, kind, &counts)).then(|| division(path.to_string(), kind, counts))
}

fn divides(directory: &Directory<'_>, kind: FileKind, counts: &BTreeMap<String, u64>) -> bool {
    let files: u64 = counts.values().sum();
    let directories = counts.len() as u64;
    let all: u64 = directory.below.values().map(Directory::total).sum();
    let pure = directory.below.values().filter(|below| below.main_kind() == Some(kind)).count();
    let with_several = counts.values().filter(|count| **count >= 2).count();
    directories >= 2
        && files >= 2 * directories
        && files * 5 >= all * 2
        && pure * 3 >= directory.below.len() * 2
        && with_several * 2 >= counts.len()
        // What lies beside the sub-directories is not divided by them.
        && files * 2 >= directory.count(kind)
        && !are_roles(counts)
        && !are_shards(counts)
        && !are_samples(directory, kind)
}

fn are_roles(counts: &BTreeMap<String, u64>) -> bool {
    let roles = counts.keys().filter(|name| ROLES.contains(&name.to_lowercase().as_str())).count();
    roles * 2 > counts.len() || (roles > 0 && counts.len() == 2)
}

/// True for names that number pieces: `part-1`, `shard_03`, `00` … `ff`, and numbers over pieces of one size.
fn are_shards(counts: &BTreeMap<String, u64>) -> bool {
    let words =
        ["part", "shard", "chunk", "batch", "split", "fold", "block", "piece", "archive", "dir", "page"];
    let numbered = |name: &String| {
        let lower = name.to_lowercase();
        let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
        stem.len() < lower.len() && words.contains(&stem.trim_end_matches(['-', '_', ' ', '.']))
    };
    if counts.keys().all(numbered) {
        return true;
    }
    let digits = counts.keys().all(|name| name.bytes().all(|b| b.is_ascii_digit()));
    let wide = counts.keys().all(|name| name.len() >= 2);
    let hex = counts.keys().all(|name| name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit()));
    if hex && counts.len() > 100 {
        return true;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    let full = counts.values().filter(|count| **count == most).count();
    digits && wide && full * 10 >= counts.len() * 8
}

/// True for directories that hold one sample each: the names of their few files come back in each. Many files of the
/// same names are one thing said by several speakers, or seen by several instruments: that divides.
fn are_samples(directory: &Directory<'_>, kind: FileKind) -> bool {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut files = 0;
    for below in directory.below.values() {
        for (name, _) in below.files.iter().filter(|(name, of)| *of == kind && !is_numbered(name)) {
            *seen.entry((*name).to_string()).or_default() += 1;
            files += 1;
        }
    }
    let repeated: u64 = seen.values().filter(|count| **count >= 2).sum();
    let few = files <= FILES_OF_A_SAMPLE * directory.below.len() as u64;
    files >= 4
        && few
        && repeated * 10 >= files * 9
        && seen.values().any(|count| *count * 2 > directory.below.len() as u64)
}

/// True for `12.jpg` and `image_0012.jpg`, which come back in classes too.
fn is_numbered(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.bytes().last().is_some_and(|byte| byte.is_ascii_digit())
}

/// The classes one level further down, named with their parents, when most of the classes are divided again.
fn deeper_classes(directory: &Directory<'_>, path: &str, kind: FileKind) -> Option<ClassFolders> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let (mut divided, mut within) = (0, 0);
    for (name, below) in &directory.below {
        let inner: BTreeMap<String, u64> = self::counts(below, kind);
        if inner.len() >= 2 && divides(below, kind, &inner) {
            divided += 1;
            within += inner.values().sum::<u64>();
            counts.extend(inner.into_iter().map(|(inner, count)| (format!("{name}/{inner}"), count)));
        }
    }
    let enough = divided >= 2 && within * 2 >= directory.count(kind);
    enough.then(|| division(join(path, "*"), kind, counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directory, number of classes, whether they are parts, and the classes with their files.
    type Level = (String, u64, bool, Vec<(String, u64)>);

    fn find_in(paths: &[String], kind: FileKind) -> Vec<Level> {
        let mut files: Vec<(Found, FileKind)> = paths
            .iter()
            .map(|path| (Found { path: path.into(), relative: path.clone(), bytes: 10 }, kind))
            .collect();
        files.sort_by(|a, b| a.0.relative.cmp(&b.0.relative));
        find(&files, &BTreeSet::new())
            .into_iter()
            .map(|found| {
                let classes = found.classes.iter().map(|class| (class.value.clone(), class.count)).collect();
                (found.directory, found.total, found.is_split, classes)
            })
            .collect()
    }

    /// So many files in each directory.
    fn paths(directories: &[(&str, u64)], name: impl Fn(u64) -> String) -> Vec<String> {
        let in_one = |(directory, count): &(&str, u64)| -> Vec<String> {
            (0..*count).map(|i| format!("{directory}/{}", name(i))).collect()
        };
        directories.iter().flat_map(in_one).collect()
    }

    fn jpg(i: u64) -> String {
        format!("{i:04}.jpg")
    }

    #[test]
    fn classes_of_any_kind() {
        for kind in [FileKind::Image, FileKind::Audio, FileKind::Text, FileKind::Geometry] {
            let found = find_in(&paths(&[("data/cats", 30), ("data/dogs", 20)], jpg), kind);
            assert_eq!(found, [("data".into(), 2, false, vec![("cats".into(), 30), ("dogs".into(), 20)])]);
        }
    }

    #[test]
    fn a_split_with_the_same_classes_below() {
        let directories = [("train/cat", 30), ("train/dog", 20), ("test/cat", 5), ("test/dog", 6)];
        let found = find_in(&paths(&directories, jpg), FileKind::Image);
        assert_eq!(found[0], (String::new(), 2, true, vec![("train".into(), 50), ("test".into(), 11)]));
        assert_eq!(found[1], ("*".into(), 2, false, vec![("cat".into(), 35), ("dog".into(), 26)]));
        let nested = [
            ("d/seg_train/seg_train/a", 9),
            ("d/seg_train/seg_train/b", 9),
            ("d/seg_test/seg_test/a", 3),
            ("d/seg_test/seg_test/b", 3),
        ];
        let found = find_in(&paths(&nested, jpg), FileKind::Image);
        assert_eq!((found[1].0.as_str(), found[1].1), ("d/*/*", 2));
    }

    #[test]
    fn a_split_without_classes() {
        let found = find_in(&paths(&[("x/train", 30), ("x/val", 5), ("x/test", 6)], jpg), FileKind::Image);
        assert_eq!((found.len(), found[0].2, found[0].1), (1, true, 3));
    }

    #[test]
    fn two_levels_are_both_reported() {
        let directories = [
            ("art/animals/birds", 8),
            ("art/animals/fish", 9),
            ("art/tools/hand", 4),
            ("art/tools/power", 5),
            ("art/food", 3),
        ];
        let found = find_in(&paths(&directories, |i| format!("p{i}.png")), FileKind::Image);
        let levels: Vec<(&str, u64)> = found.iter().map(|level| (level.0.as_str(), level.1)).collect();
        assert_eq!(levels, [("art", 3), ("art/*", 4)]);
        assert!(found[1].3.contains(&("animals/birds".into(), 8)));
    }

    #[test]
    fn what_is_no_class() {
        let shards: Vec<(String, u64)> =
            (0..12).map(|i| (format!("images/{i:04}"), if i == 11 { 3 } else { 10 })).collect();
        let shards: Vec<(&str, u64)> = shards.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert!(find_in(&paths(&shards, jpg), FileKind::Image).is_empty());
        let one_each: Vec<(String, u64)> = (0..12).map(|i| (format!("case{i}"), 1)).collect();
        let one_each: Vec<(&str, u64)> =
            one_each.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert!(find_in(&paths(&one_each, jpg), FileKind::Image).is_empty());
        let per_sample = paths(&[("s1", 3), ("s2", 3), ("s3", 3)], |i| {
            ["scan.png", "mask.png", "edge.png"][i as usize].into()
        });
        assert!(find_in(&per_sample, FileKind::Image).is_empty());
        for names in [["images", "masks"], ["part-1", "part-2"], ["batch_1", "batch_2"]] {
            let found = find_in(&paths(&[(names[0], 9), (names[1], 9)], jpg), FileKind::Image);
            assert!(found.is_empty(), "{names:?}");
        }
    }

    #[test]
    fn numbers_can_be_classes() {
        let digits: Vec<(String, u64)> = (0..10).map(|i| (i.to_string(), 50)).collect();
        let digits: Vec<(&str, u64)> = digits.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(find_in(&paths(&digits, jpg), FileKind::Image)[0].1, 10);
        let signs: Vec<(String, u64)> = (0..43).map(|i| (format!("{i:05}"), 20 + i * 7 % 31)).collect();
        let signs: Vec<(&str, u64)> = signs.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(find_in(&paths(&signs, jpg), FileKind::Image)[0].1, 43);
    }
}
