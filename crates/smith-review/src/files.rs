//! What lies in a directory of a task: lists of names, and the beginnings of text files. Links are not followed, and
//! everything is bounded, whatever the directory holds.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::excerpt::cut;
use crate::material::plain;

/// Entries of one directory that are looked at, and of a whole tree.
const ENTRIES: usize = 200_000;
const ALL_ENTRIES: usize = 500_000;
/// Directories below one that are looked into.
const DEPTH: usize = 3;
/// Directories of one level that are looked into, and files of one tree among which beginnings are chosen.
const BROAD: usize = 64;
const VISITED: usize = 5_000;
/// Files of which a beginning may be shown: most of them may turn out to be no text.
const TRIED: usize = 200;
/// Entries that a list names at the top, and in each directory below.
const NAMED: [usize; 2] = [40, 8];
/// Lines of all names of a list.
const LONGEST_LIST: usize = 120;
/// Bytes of a file, and of all files of a list, whose lines are counted.
const COUNTED: [u64; 2] = [32 << 20, 128 << 20];
/// Beginnings from one directory below the top: files there are mostly alike.
const ALIKE: usize = 2;
/// Lines at the beginning and at the end of a file.
const FIRST: usize = 8;
const LAST: usize = 3;
/// Bytes that are read at the beginning and at the end.
const HEAD: u64 = 6_000;
const TAIL: u64 = 3_000;
/// Bytes after which a row is cut; the first line, which mostly names the columns, may be longer.
const ROW: usize = 500;
const HEADER: usize = 3_000;

pub(crate) fn is_regular(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Whether the name promises rows or records, which tell more than one document or picture of many.
fn is_table(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["csv", "tsv", "json", "jsonl", "ndjson", "arff"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

fn is_directory(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// The entries of a directory by name, and whether there are more than are looked at.
fn entries(dir: &Path) -> Option<(Vec<PathBuf>, bool)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).take(ENTRIES + 1).collect();
    let more = paths.len() > ENTRIES;
    paths.sort();
    Some((paths, more))
}

/// Names with sizes and lines, folders with the number of their entries and some of their names.
pub(crate) fn listing(dir: &Path) -> String {
    if !is_directory(dir) {
        return "(missing)".to_owned();
    }
    let (mut lines, mut budget) = (Vec::new(), COUNTED[1]);
    list(dir, 0, &mut lines, &mut budget);
    if lines.len() > LONGEST_LIST {
        let more = lines.len() - LONGEST_LIST;
        lines.truncate(LONGEST_LIST);
        lines.push(format!("[… {more} lines left out …]"));
    }
    lines.join("\n")
}

fn list(dir: &Path, depth: usize, lines: &mut Vec<String>, budget: &mut u64) {
    let Some((mut paths, more)) = entries(dir) else { return };
    let indent = "  ".repeat(depth);
    if more {
        // Which of them were looked at is chance.
        return lines.push(format!("{indent}[… more than {ENTRIES} entries left out …]"));
    }
    let named = if depth == 0 { NAMED[0] } else { NAMED[1] };
    if paths.len() > named {
        paths.sort_by_cached_key(|path| !is_table(path) && !is_directory(path));
    }
    for path in paths.iter().take(named) {
        let name = plain(&path.file_name().unwrap_or_default().to_string_lossy());
        if is_directory(path) {
            let count = entries(path).map_or(0, |(inner, _)| inner.len());
            lines.push(format!("{indent}{name}/ ({count} entries)"));
            if depth < DEPTH && lines.len() <= LONGEST_LIST {
                list(path, depth + 1, lines, budget);
            }
        } else if is_regular(path) {
            lines.push(format!("{indent}{name} ({})", size(path, budget)));
        } else {
            lines.push(format!("{indent}{name} (no regular file)"));
        }
    }
    if paths.len() > named {
        lines.push(format!("{indent}[… {} entries left out …]", paths.len() - named));
    }
}

fn size(path: &Path, budget: &mut u64) -> String {
    let bytes = std::fs::symlink_metadata(path).map_or(0, |found| found.len());
    if bytes > COUNTED[0] || bytes > *budget {
        return format!("{bytes} bytes");
    }
    *budget -= bytes;
    match count_lines(path) {
        Some(lines) => format!("{bytes} bytes, {lines} lines"),
        None => format!("{bytes} bytes"),
    }
}

/// The lines of a text file.
fn count_lines(path: &Path) -> Option<u64> {
    let mut file = File::open(path).ok()?.take(COUNTED[0]);
    let (mut chunk, mut lines, mut last) = (vec![0_u8; 1 << 16], 0_u64, b'\n');
    loop {
        let read = file.read(&mut chunk).ok()?;
        let bytes = chunk.get(..read)?;
        if bytes.contains(&0) {
            return None;
        }
        let Some(end) = bytes.last() else { break };
        last = *end;
        lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    Some(lines + u64::from(last != b'\n'))
}

/// The regular files below a directory, tables first, then those at its top, then by name.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let (mut files, mut level, mut seen) = (Vec::new(), vec![dir.to_path_buf()], 0);
    for _ in 0..=DEPTH {
        let mut next = Vec::new();
        for dir in level {
            let Some((paths, false)) = entries(&dir) else { continue };
            seen += paths.len();
            if seen > ALL_ENTRIES {
                break;
            }
            let (mut inner, mut found): (Vec<_>, Vec<_>) =
                paths.into_iter().partition(|path| is_directory(path));
            found.sort_by_key(|path| !is_table(path));
            let room = VISITED.saturating_sub(files.len());
            files.extend(found.into_iter().filter(|path| is_regular(path)).take(room));
            next.append(&mut inner);
        }
        next.truncate(BROAD);
        level = next;
    }
    files.sort_by_key(|path| !is_table(path));
    files
}

/// The files of which a beginning may be shown: tables first, or the largest ones.
pub(crate) fn to_show(dir: &Path, largest_first: bool) -> Vec<PathBuf> {
    let mut files = files_below(dir);
    if largest_first {
        let size = |path: &PathBuf| std::fs::symlink_metadata(path).map_or(0, |found| found.len());
        files.sort_by_cached_key(|path| std::cmp::Reverse(size(path)));
    }
    let mut shown: Vec<PathBuf> = Vec::new();
    for file in files {
        let place = file.parent();
        let alike = shown.iter().filter(|other| other.parent() == place).count();
        if place == Some(dir) || alike < ALIKE {
            shown.push(file);
        }
        if shown.len() == TRIED {
            break;
        }
    }
    shown
}

/// The first and the last lines of a text file; nothing for other files.
pub(crate) fn first_and_last(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let bytes = file.metadata().ok()?.len();
    let head = text_of(&mut file, HEAD)?;
    let mut lines: Vec<String> = Vec::new();
    for (at, line) in head.lines().take(FIRST).enumerate() {
        lines.push(cut(line, if at == 0 { HEADER } else { ROW }));
    }
    let all_shown = bytes <= HEAD && head.lines().count() <= FIRST;
    if !all_shown {
        let end = last_lines(&mut file, bytes, &head);
        lines.push("[… lines left out …]".to_owned());
        lines.extend(end);
    }
    Some(lines.join("\n"))
}

/// Whole lines at the end that are not among those of the beginning.
fn last_lines(file: &mut File, bytes: u64, head: &str) -> Vec<String> {
    let tail = if bytes <= HEAD {
        head.lines().skip(FIRST).map(str::to_owned).collect()
    } else {
        // The line in which reading begins is not whole.
        let start = bytes.saturating_sub(TAIL).max(HEAD);
        let text =
            file.seek(SeekFrom::Start(start)).ok().and_then(|_| text_of(file, TAIL)).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let skipped = tail.len().saturating_sub(LAST);
    tail.iter().skip(skipped).map(|line| cut(line, ROW)).collect()
}

/// Text from where the file stands; nothing when what is read is no text.
fn text_of(file: &mut File, limit: u64) -> Option<String> {
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let strange = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    (!bytes.contains(&0) && strange * 10 <= bytes.len()).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn a_list_tells_sizes_lines_and_names_of_folders() {
        let dir = written(&[
            ("b.csv", "id\n1\n2"),
            ("a.bin", "\u{0}\n"),
            ("pictures/cat/1.png", "\u{0}"),
            ("pictures/cat/2.png", "\u{0}"),
        ]);
        let list = listing(dir.path());
        assert_eq!(
            list,
            "a.bin (2 bytes)\nb.csv (6 bytes, 3 lines)\npictures/ (1 entries)\n  cat/ (2 entries)\n    1.png (1 bytes)\n    2.png (1 bytes)"
        );
        assert_eq!(listing(&dir.path().join("none")), "(missing)");
    }

    #[test]
    fn a_list_is_bounded() {
        let names: Vec<String> = (0..300).map(|n| format!("f{n:03}/a{n}.txt")).collect();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let list = listing(written(&files).path());
        assert!(list.contains("[… 260 entries left out …]"), "{list}");
        assert!(list.lines().count() <= LONGEST_LIST + 1);
    }

    #[test]
    fn a_table_is_found_among_hundreds_of_pictures() {
        let names: Vec<String> = (0..300).map(|n| format!("p{n:04}.png")).collect();
        let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "\u{0}")).collect();
        files.push(("train.csv", "id\n1\n"));
        let dir = written(&files);
        assert!(listing(dir.path()).starts_with("train.csv (5 bytes, 2 lines)\np0000.png"));
        assert!(to_show(dir.path(), false).first().is_some_and(|path| path.ends_with("train.csv")));
    }

    #[test]
    fn beginnings_and_ends_are_shown_and_nothing_twice() {
        let rows: String = (0..20).map(|row| format!("{row}\n")).collect();
        let long: String = (0..5_000).map(|row| format!("{row}\n")).collect();
        let binary = format!("{}\u{0}", "x".repeat(10));
        let dir = written(&[("short", "a\nb\n"), ("rows", &rows), ("long", &long), ("binary", &binary)]);
        let shown = |name: &str| first_and_last(&dir.path().join(name));
        assert_eq!(shown("short").unwrap(), "a\nb");
        let gap = "[… lines left out …]";
        assert_eq!(shown("rows").unwrap(), format!("0\n1\n2\n3\n4\n5\n6\n7\n{gap}\n17\n18\n19"));
        assert_eq!(shown("long").unwrap(), format!("0\n1\n2\n3\n4\n5\n6\n7\n{gap}\n4997\n4998\n4999"));
        assert_eq!(shown("binary"), None);
        std::fs::write(dir.path().join("compressed"), [0xff_u8, 0xfe, 0x9d].repeat(50)).unwrap();
        assert_eq!(shown("compressed"), None);
    }

    #[test]
    fn of_folders_full_of_files_a_few_are_shown() {
        let dir = written(&[("z.csv", "1"), ("a/1.txt", "123"), ("a/2.txt", "1"), ("a/3.txt", "12")]);
        let names = |largest: bool| {
            let files = to_show(dir.path(), largest);
            let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
            files.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(false), ["z.csv", "1.txt", "2.txt"]);
        assert_eq!(names(true), ["1.txt", "3.txt", "z.csv"]);
    }
}
