//! A directory as text: names and sizes, with long levels folded.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use smith_task_schema::figure::grouped;

/// Directories, and files, that one level shows.
const SHOWN: usize = 10;
/// Lines that the whole text may have.
const LINES: usize = 300;

/// Draws the tree at `root` under the name `name`: at most ten directories and ten files a level, in the
/// order of their names, the rest counted. Links are left out.
///
/// # Errors
/// Any error of listing.
pub(super) fn draw(name: &str, root: &Path) -> io::Result<String> {
    let mut lines = vec![format!("{name}/")];
    draw_level(root, 1, &mut lines)?;
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.push("… and more".into());
    }
    Ok(lines.join("\n"))
}

/// Adds the lines below one directory, and no deeper once there are enough.
fn draw_level(directory: &Path, depth: usize, lines: &mut Vec<String>) -> io::Result<()> {
    if lines.len() > LINES {
        return Ok(());
    }
    let indent = "  ".repeat(depth);
    let (directories, files) = list(directory)?;
    for path in directories.iter().take(SHOWN) {
        lines.push(format!("{indent}{}/", name_of(path)));
        draw_level(path, depth + 1, lines)?;
    }
    fold(directories.len(), "directories", &indent, lines);
    for (path, bytes) in files.iter().take(SHOWN) {
        lines.push(format!("{indent}{} ({})", name_of(path), size(*bytes)));
    }
    fold(files.len(), "files", &indent, lines);
    Ok(())
}

fn fold(total: usize, what: &str, indent: &str, lines: &mut Vec<String>) {
    if total > SHOWN {
        lines.push(format!("{indent}… and {} more {what}", grouped((total - SHOWN) as u64)));
    }
}

type Level = (Vec<PathBuf>, Vec<(PathBuf, u64)>);

/// Directories, and files with their sizes in bytes, each sorted.
fn list(directory: &Path) -> io::Result<Level> {
    let (mut directories, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            directories.push(entry.path());
        } else if kind.is_file() {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    directories.sort_unstable();
    files.sort_unstable();
    Ok((directories, files))
}

fn name_of(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// A number of bytes in words, in powers of 1000.
pub(super) fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.95 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_long_levels() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..12 {
            fs::write(dir.path().join(format!("f{number:02}")), "abc").unwrap();
            fs::create_dir(dir.path().join(format!("d{number:02}"))).unwrap();
        }
        fs::write(dir.path().join("d03/inner.csv"), vec![b'x'; 1_500]).unwrap();
        let text = draw("public", dir.path()).unwrap();
        assert!(
            text.starts_with("public/\n  d00/\n  d01/\n  d02/\n  d03/\n    inner.csv (1.5 kB)\n  d04/\n"),
            "{text}"
        );
        assert!(text.contains("\n  d09/\n  … and 2 more directories\n  f00 (3 B)\n"), "{text}");
        assert!(text.ends_with("\n  f09 (3 B)\n  … and 2 more files"), "{text}");
    }

    #[test]
    fn a_wide_and_deep_tree_stays_short() {
        let dir = tempfile::tempdir().unwrap();
        for a in 0..10 {
            for b in 0..10 {
                for c in 0..5 {
                    fs::create_dir_all(dir.path().join(format!("{a}/{b}/{c}"))).unwrap();
                }
            }
        }
        let text = draw("public", dir.path()).unwrap();
        assert_eq!(text.lines().count(), LINES + 1);
        assert!(text.ends_with("\n… and more"));
    }

    #[test]
    fn writes_sizes_for_people() {
        let sizes =
            [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_960, "1.0 MB"), (2_500_000_000, "2.5 GB")];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
    }
}
