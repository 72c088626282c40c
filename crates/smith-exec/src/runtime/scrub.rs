//! Text without this machine's paths.

use std::path::Path;

/// Replaces paths by names.
#[derive(Debug)]
pub(super) struct Scrubber {
    /// Longest path first, so that a path inside another one wins.
    names: Vec<(String, String)>,
}

impl Scrubber {
    /// Replaces each absolute path, and what it stands for when links are followed, by its name. When
    /// one path has several names, the first counts.
    pub(super) fn new(paths: &[(&Path, &str)]) -> Self {
        let mut names: Vec<(String, String)> = Vec::new();
        for (path, name) in paths {
            let canonical = path.canonicalize().ok();
            for path in [Some(path.to_path_buf()), canonical].into_iter().flatten() {
                let text = path.to_string_lossy().trim_end_matches('/').to_owned();
                if text.len() > 1 && !names.iter().any(|(known, _)| *known == text) {
                    names.push((text, (*name).to_owned()));
                }
            }
        }
        // Stable, so that the order stays the caller's among equals.
        names.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Self { names }
    }

    /// `text` with every known path replaced.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut scrubbed = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(first) = rest.chars().next() {
            let found = if continues_a_name(before) { None } else { self.name_at(rest) };
            if let Some((path, name)) = found {
                scrubbed.push_str(name);
                rest = &rest[path.len()..];
                before = path.chars().next_back();
            } else {
                scrubbed.push(first);
                rest = &rest[first.len_utf8()..];
                before = Some(first);
            }
        }
        scrubbed
    }

    /// The known path that `text` starts with.
    fn name_at(&self, text: &str) -> Option<(&str, &str)> {
        if !text.starts_with('/') {
            return None;
        }
        let ends = |path: &String| text.strip_prefix(path.as_str()).is_some_and(ends_a_path);
        self.names.iter().find(|(path, _)| ends(path)).map(|(path, name)| (path.as_str(), name.as_str()))
    }
}

/// Whether a slash after this character lies within a longer path.
fn continues_a_name(before: Option<char>) -> bool {
    before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Whether the last name of a path ends before `rest`: `/a/b` is not in `/a/bc` nor in `/a/b.txt`, but
/// it is in a sentence that ends with `/a/b.`
fn ends_a_path(rest: &str) -> bool {
    let mut next = rest.chars();
    match next.next() {
        Some('.') => !next.next().is_some_and(char::is_alphanumeric),
        Some(c) => !(c.is_alphanumeric() || matches!(c, '_' | '-')),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(text: &str) -> String {
        let paths = [
            (Path::new("/nowhere/run"), "."),
            (Path::new("/nowhere/run/env"), "<python>"),
            (Path::new("/nowhere/tmp/"), "<tmp>"),
        ];
        Scrubber::new(&paths).scrub(text)
    }

    #[test]
    fn known_paths_get_their_names() {
        assert_eq!(scrub("File \"/nowhere/run/a.py\", line 1"), "File \"./a.py\", line 1");
        assert_eq!(scrub("/nowhere/run"), ".");
        assert_eq!(scrub("in /nowhere/tmp: /nowhere/tmp/x"), "in <tmp>: <tmp>/x");
    }

    #[test]
    fn the_longest_path_wins() {
        assert_eq!(scrub("/nowhere/run/env/bin/python"), "<python>/bin/python");
    }

    #[test]
    fn other_paths_stay() {
        for text in
            ["/nowhere/runs", "/nowhere/run.txt", "/nowhere/run-2", "/else/nowhere/run", "0x7f3a", "é/"]
        {
            assert_eq!(scrub(text), text);
        }
    }

    #[test]
    fn a_path_may_end_a_sentence() {
        assert_eq!(scrub("not in /nowhere/run. Sorry"), "not in .. Sorry");
    }

    #[test]
    fn links_are_known_by_both_names() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        let link = folder.path().join("link");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let text = format!("{} {}", real.display(), link.display());
        assert_eq!(Scrubber::new(&[(&link, ".")]).scrub(&text), ". .");
    }
}
