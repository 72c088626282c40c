//! Folds the list of files: by directory and extension, then directories alike.

use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::profile::{FileGroup, FileKind};

use crate::column::tally::most_frequent;
use crate::source::kind::extension;
use crate::source::numbering::numbered;
use crate::source::walk::Found;

/// So many directories alike are folded into one line.
const FOLD_FROM: usize = 5;
/// With more groups than this, extensions are folded too, and then what is small.
const MANY_GROUPS: usize = 24;
/// With more groups than this, what has little in common is one group.
const MOST_GROUPS: usize = 60;
/// With more groups than this, they are not compared part by part.
const TOO_MANY_TO_COMPARE: usize = 5_000;
/// Parts of a path that are compared.
const MAX_FOLDED_PARTS: usize = 12;
/// Stands for a folded part.
const STAR: &str = "*";
/// Stands for a folded archive.
const STAR_ARCHIVE: &str = "*!";
/// Examples of a group.
const EXAMPLES: usize = 3;
/// Folded directories that are named.
const NAMED_DIRECTORIES: usize = 24;

/// Directory and extension, with `*` for what is folded.
type Key = (String, String);
/// Positions of files in their list.
type Members = Vec<usize>;

/// The groups of some files with their kinds, in order of directory and extension.
pub(crate) fn fold(files: &[(Found, FileKind)]) -> Vec<FileGroup> {
    let mut groups: BTreeMap<Key, Members> = BTreeMap::new();
    for (index, (found, _)) in files.iter().enumerate() {
        groups.entry((found.directory().to_string(), extension(found.name()))).or_default().push(index);
    }
    // Very many directories are brought down the cheap way first.
    while groups.len() > TOO_MANY_TO_COMPARE {
        let before = groups.len();
        groups =
            merge(groups, FOLD_FROM, |(directory, extension)| Some((wider(directory)?, extension.clone())));
        if groups.len() == before {
            break;
        }
    }
    while let Some(folded) = fold_alike(&groups) {
        groups = folded;
    }
    if groups.len() > MANY_GROUPS {
        groups = merge(groups, FOLD_FROM, |(directory, _)| Some((directory.clone(), String::from(STAR))));
        groups = merge(groups, FOLD_FROM, |(directory, _)| Some((wider(directory)?, String::from(STAR))));
    }
    if groups.len() > MANY_GROUPS {
        groups = fold_small(groups);
    }
    groups.into_iter().map(|(key, members)| describe(key, &members, files)).collect()
}

/// Folds the part of the path in which the most directories differ while all else is the same; none when no five do.
/// Of parts alike the last one: classes of a part rather than parts of a class.
fn fold_alike(groups: &BTreeMap<Key, Members>) -> Option<BTreeMap<Key, Members>> {
    let mut alike: BTreeMap<Key, (usize, usize)> = BTreeMap::new();
    for (directory, extension) in groups.keys() {
        for (position, folded) in foldings(directory) {
            let (count, at) = alike.entry((folded, extension.clone())).or_default();
            *count += 1;
            *at = position;
        }
    }
    alike.retain(|key, (count, _)| *count >= least(&key.0));
    let (&(count, position), _) = alike.iter().map(|(key, rank)| (rank, key)).max_by(|a, b| a.0.cmp(b.0))?;
    let chosen: BTreeSet<Key> =
        alike.into_iter().filter(|(_, rank)| *rank == (count, position)).map(|(key, _)| key).collect();
    let mut folded: BTreeMap<Key, Members> = BTreeMap::new();
    for ((directory, extension), members) in groups {
        let wide = foldings(directory)
            .map(|(_, folded)| (folded, extension.clone()))
            .find(|key| chosen.contains(key))
            .unwrap_or_else(|| (directory.clone(), extension.clone()));
        folded.entry(wide).or_default().extend(members);
    }
    folded.values_mut().for_each(|members| members.sort_unstable());
    (folded.len() < groups.len()).then_some(folded)
}

/// The directory with one of its parts folded, for every part that is not folded yet, with that part's position.
fn foldings(directory: &str) -> impl Iterator<Item = (usize, String)> {
    let parts: Vec<&str> = directory.split('/').take(MAX_FOLDED_PARTS).collect();
    let rest = directory.split('/').skip(MAX_FOLDED_PARTS).map(|part| format!("/{part}")).collect::<String>();
    (0..parts.len()).filter_map(move |position| {
        let star = star_for(parts[position])?;
        let mut parts = parts.clone();
        parts[position] = star;
        Some((position, format!("{}{rest}", parts.join("/"))))
    })
}

/// What stands for a part when it is folded; none for one that cannot be folded any more.
fn star_for(part: &str) -> Option<&'static str> {
    match part {
        "" | STAR | STAR_ARCHIVE => None,
        archive if archive.ends_with('!') => Some(STAR_ARCHIVE),
        _ => Some(STAR),
    }
}

/// Archives are folded as soon as there are two alike.
fn least(folded: &str) -> usize {
    if folded.split('/').any(|part| part == STAR_ARCHIVE) { 2 } else { FOLD_FROM }
}

/// The directory with its last named part folded: `a/b` becomes `a/*`, `a/b/*` becomes `a/*/*`.
fn wider(directory: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').collect();
    let last = parts.iter().rposition(|part| star_for(part).is_some())?;
    parts[last] = star_for(parts[last])?;
    Some(parts.join("/"))
}

/// Keeps the largest groups and those at the top; the others are told by their depth and extension alone.
fn fold_small(groups: BTreeMap<Key, Members>) -> BTreeMap<Key, Members> {
    let mut sizes: Vec<(usize, &Key)> = groups.iter().map(|(key, members)| (members.len(), key)).collect();
    sizes.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let kept: BTreeSet<Key> = sizes.into_iter().take(MANY_GROUPS / 2).map(|(_, key)| key.clone()).collect();
    let by_depth = |(directory, extension): &Key| {
        let parts: Vec<&str> = directory.split('/').map(|part| star_for(part).unwrap_or(part)).collect();
        (parts.join("/"), extension.clone())
    };
    let is_kept = |key: &Key| key.0.is_empty() || kept.contains(key);
    let groups = merge(groups, 2, |key| (!is_kept(key)).then(|| by_depth(key)));
    if groups.len() <= MOST_GROUPS {
        return groups;
    }
    // Whatever is left over after that has nothing in common.
    merge(groups, 2, |key| (!kept.contains(key)).then(|| (String::from(STAR), String::from(STAR))))
}

/// Merges the groups that `widen` gives the same key, where there are at least so many of them.
fn merge(
    groups: BTreeMap<Key, Members>,
    from: usize,
    widen: impl Fn(&Key) -> Option<Key>,
) -> BTreeMap<Key, Members> {
    let mut alike: BTreeMap<Key, usize> = BTreeMap::new();
    for key in groups.keys().filter_map(&widen) {
        *alike.entry(key).or_default() += 1;
    }
    let mut merged: BTreeMap<Key, Members> = BTreeMap::new();
    for (key, members) in groups {
        let wide = widen(&key).filter(|wide| alike.get(wide).is_some_and(|&count| count >= from));
        merged.entry(wide.unwrap_or(key)).or_default().extend(members);
    }
    for members in merged.values_mut() {
        members.sort_unstable();
    }
    merged
}

fn describe((directory, extension): Key, members: &[usize], files: &[(Found, FileKind)]) -> FileGroup {
    let mut kinds: BTreeMap<FileKind, u64> = BTreeMap::new();
    let mut directories: BTreeMap<String, u64> = BTreeMap::new();
    let mut bytes = 0;
    for (found, kind) in members.iter().map(|&index| &files[index]) {
        bytes += found.bytes;
        *kinds.entry(*kind).or_default() += 1;
        *directories.entry(folded_part(&directory, found.directory())).or_default() += 1;
    }
    let kind = kinds.into_iter().max_by_key(|&(_, count)| count).map_or(FileKind::Other, |(kind, _)| kind);
    let mut group = FileGroup::new(directory, extension, kind);
    group.files = members.len() as u64;
    group.bytes = bytes;
    group.pattern = pattern(&group, members, files);
    group.examples = members.iter().take(EXAMPLES).map(|&index| files[index].0.relative.clone()).collect();
    if is_folded(&group.directory) {
        group.directories = directories.len() as u64;
        group.folded = most_frequent(directories, NAMED_DIRECTORIES);
    }
    group
}

fn is_folded(directory: &str) -> bool {
    directory.split('/').any(|part| matches!(part, STAR | STAR_ARCHIVE))
}

/// The part of a directory that stands where the folded one begins.
fn folded_part(folded: &str, directory: &str) -> String {
    let start = folded.split('/').take_while(|part| !matches!(*part, STAR | STAR_ARCHIVE)).count();
    directory.split('/').skip(start).collect::<Vec<_>>().join("/")
}

fn pattern(group: &FileGroup, members: &[usize], files: &[(Found, FileKind)]) -> String {
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return String::new() };
    let (first, last) = (&files[*first].0, &files[*last].0);
    let slash = if group.directory.is_empty() { "" } else { "/" };
    if members.len() == 1 && !is_folded(&group.directory) {
        return first.relative.clone();
    }
    let names: Vec<&str> = members.iter().map(|&index| files[index].0.name()).collect();
    if let Some(names) = numbered(&names) {
        return format!("{}{slash}{names}", group.directory);
    }
    if !is_folded(&group.directory) {
        return format!("{} … {}", first.relative, last.name());
    }
    let ending = if group.extension.is_empty() { String::new() } else { format!(".{}", group.extension) };
    let name = common_name(&names, &group.extension).unwrap_or_else(|| format!("*{ending}"));
    format!("{}{slash}{name}", group.directory)
}

/// The one name that all files have, with a star for an extension that is folded.
fn common_name(names: &[&str], extension: &str) -> Option<String> {
    let is_folded = extension == STAR;
    let shown = |name: &&str| {
        let stem = name.rsplit_once('.').map_or(*name, |(stem, _)| stem);
        if is_folded { format!("{stem}.{STAR}") } else { (*name).to_string() }
    };
    let first = shown(names.first()?);
    names.iter().all(|name| shown(name) == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(paths: &[String]) -> Vec<FileGroup> {
        let mut files: Vec<(Found, FileKind)> = paths
            .iter()
            .map(|path| (Found { path: path.into(), relative: path.clone(), bytes: 10 }, FileKind::Image))
            .collect();
        files.sort_by(|a, b| a.0.relative.cmp(&b.0.relative));
        fold(&files)
    }

    #[test]
    fn one_directory_is_one_pattern() {
        let paths: Vec<String> = (1..=40).map(|i| format!("images/{i:06}.png")).collect();
        let groups = groups(&paths);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].pattern, "images/000001.png … 000040.png");
        assert_eq!((groups[0].files, groups[0].bytes, groups[0].directories), (40, 400, 1));
    }

    #[test]
    fn class_directories_are_folded_with_their_counts() {
        let mut paths: Vec<String> = Vec::new();
        for (class, count) in [("ant", 3), ("bee", 1), ("cat", 2), ("dog", 5), ("elk", 1)] {
            paths.extend((0..count).map(|i| format!("train/{class}/{i}.jpg")));
        }
        paths.push("readme.md".into());
        let groups = groups(&paths);
        assert_eq!(
            groups.iter().map(|g| g.pattern.as_str()).collect::<Vec<_>>(),
            ["readme.md", "train/*/0.jpg … 4.jpg"]
        );
        assert_eq!(groups[1].directories, 5);
        assert_eq!((groups[1].folded[0].value.as_str(), groups[1].folded[0].count), ("dog", 5));
        assert_eq!(groups[1].examples, ["train/ant/0.jpg", "train/ant/1.jpg", "train/ant/2.jpg"]);
    }

    #[test]
    fn few_directories_stay_apart() {
        let paths = ["ham/1.txt", "spam/1.txt", "spam/2.txt"].map(String::from);
        assert_eq!(groups(&paths).len(), 2);
    }

    #[test]
    fn deep_trees_and_many_extensions_are_folded() {
        let deep: Vec<String> = (0..60).map(|i| format!("s/{}/{}/x.png", i / 6, i % 6)).collect();
        let folded = groups(&deep);
        assert_eq!(folded.len(), 1);
        assert_eq!((folded[0].directory.as_str(), folded[0].directories), ("s/*/*", 60));
        let many: Vec<String> = (0..30).map(|i| format!("code/lang{i}/example.l{i}x")).collect();
        let folded = groups(&many);
        assert_eq!((folded.len(), folded[0].pattern.as_str()), (1, "code/*/example.*"));
    }

    #[test]
    fn the_part_that_differs_is_folded_wherever_it_stands() {
        let mut paths: Vec<String> = Vec::new();
        for voice in ["ann", "ben", "cleo", "dan", "eve", "fay"] {
            paths.extend((0..3).map(|i| format!("{voice}/letters/{i}.wav")));
            paths.extend((0..2).map(|i| format!("{voice}/digits/{i}.wav")));
        }
        let patterns: Vec<String> = groups(&paths).into_iter().map(|group| group.pattern).collect();
        assert_eq!(patterns, ["*/digits/0.wav … 1.wav", "*/letters/0.wav … 2.wav"]);
        let mut paths: Vec<String> = Vec::new();
        for part in ["test", "train"] {
            paths.extend((0..20).map(|class| format!("{part}/class{class}/x.png")));
        }
        let folded = groups(&paths);
        let seen: Vec<(&str, u64)> = folded.iter().map(|g| (g.directory.as_str(), g.directories)).collect();
        assert_eq!(seen, [("test/*", 20), ("train/*", 20)]);
        let packed = ["a.npy.gz!/a.npy", "b.npy.gz!/b.npy", "x.zip!/a/1.png"].map(String::from);
        let seen: Vec<String> = groups(&packed).into_iter().map(|group| group.directory).collect();
        assert_eq!(seen, ["*!", "x.zip!/a"]);
    }

    #[test]
    fn no_tree_makes_a_long_list() {
        let ragged: Vec<String> =
            (0..400).map(|i| format!("a{i}/b{i}/c{}/d{i}/x.e{}", i % 7, i % 61)).collect();
        assert!(groups(&ragged).len() <= MOST_GROUPS);
        let wide: Vec<String> = (0..300).map(|i| format!("case{i}/scan/{}.png", i % 5)).collect();
        let folded = groups(&wide);
        assert_eq!((folded.len(), folded[0].pattern.as_str()), (1, "*/scan/0.png … 4.png"));
    }
}
