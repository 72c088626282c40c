//! Folds the list of files: by directory and extension, then directories alike.

use std::collections::BTreeMap;

use smith_task_schema::profile::{FileGroup, FileKind};

use crate::column::tally::most_frequent;
use crate::source::kind::extension;
use crate::source::numbering::numbered;
use crate::source::walk::Found;

/// So many directories alike are folded into one line.
const FOLD_FROM: usize = 5;
/// With more groups than this, extensions are folded too.
const MANY_GROUPS: usize = 24;
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
    loop {
        let before = groups.len();
        groups = merge(groups, |(directory, extension)| Some((wider(directory)?, extension.clone())));
        if groups.len() == before {
            break;
        }
    }
    if groups.len() > MANY_GROUPS {
        groups = merge(groups, |(directory, _)| {
            Some((wider(directory).unwrap_or_else(|| directory.clone()), String::from("*")))
        });
    }
    groups.into_iter().map(|(key, members)| describe(key, &members, files)).collect()
}

/// The directory with its last named part folded: `a/b` becomes `a/*`, `a/b/*` becomes `a/*/*`.
fn wider(directory: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').collect();
    let last = parts.iter().rposition(|part| *part != "*" && !part.is_empty())?;
    parts[last] = "*";
    Some(parts.join("/"))
}

/// Merges the groups that `widen` gives the same key, where there are enough of them.
fn merge(groups: BTreeMap<Key, Members>, widen: impl Fn(&Key) -> Option<Key>) -> BTreeMap<Key, Members> {
    let mut alike: BTreeMap<Key, usize> = BTreeMap::new();
    for key in groups.keys().filter_map(&widen) {
        *alike.entry(key).or_default() += 1;
    }
    let mut merged: BTreeMap<Key, Members> = BTreeMap::new();
    for (key, members) in groups {
        let wide = widen(&key).filter(|wide| alike.get(wide).is_some_and(|&count| count >= FOLD_FROM));
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
    directory.split('/').any(|part| part == "*")
}

/// The part of a directory that stands where the folded one begins.
fn folded_part(folded: &str, directory: &str) -> String {
    let start = folded.split('/').take_while(|part| *part != "*").count();
    directory.split('/').skip(start).collect::<Vec<_>>().join("/")
}

fn pattern(group: &FileGroup, members: &[usize], files: &[(Found, FileKind)]) -> String {
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return String::new() };
    let (first, last) = (&files[*first].0, &files[*last].0);
    let slash = if group.directory.is_empty() { "" } else { "/" };
    if members.len() == 1 && !is_folded(&group.directory) {
        return first.relative.clone();
    }
    if let Some(names) = numbered(members.iter().map(|&index| files[index].0.name())) {
        return format!("{}{slash}{names}", group.directory);
    }
    if is_folded(&group.directory) {
        let dot = if group.extension.is_empty() { "" } else { "." };
        return format!("{}/*{dot}{}", group.directory, group.extension);
    }
    format!("{} … {}", first.relative, last.name())
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
        assert_eq!((folded.len(), folded[0].pattern.as_str()), (1, "code/*/*.*"));
    }
}
