//! File and directory names in a description.

use std::collections::BTreeSet;

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Line, from 1.
    pub(super) line: usize,
    /// The name without quotes and punctuation; a directory ends in `/`.
    pub(super) name: String,
}

/// Endings by which a word counts as the name of a data file.
const EXTENSIONS: &[&str] = &[
    "csv", "tsv", "json", "jsonl", "ndjson", "parquet", "feather", "txt", "xml", "html", "xls", "xlsx", "h5",
    "hdf5", "npy", "npz", "pkl", "pickle", "db", "sqlite", "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff",
    "webp", "dcm", "nii", "wav", "mp3", "flac", "ogg", "m4a", "mp4", "avi", "mov", "mkv", "webm", "zip",
    "gz", "tar", "tgz", "7z", "bz2", "xz", "graphml", "obj", "ply", "pdb", "sdf", "fasta", "geojson", "arff",
    "mat", "py", "md",
];

/// Names of files (by their endings) and of directories (by a `/` at the end), line by line. URLs are left out.
pub(super) fn names(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let words =
            line.split(is_separator).filter(|word| !word.contains("://") && !word.starts_with("www."));
        let names = words.map(strip).filter(|word| (is_directory(word) || is_file(word)) && is_whole(word));
        found.extend(names.map(|name| Mention { line: index + 1, name: name.to_owned() }));
    }
    found
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '(' | ')' | '[' | ']' | ',' | ';' | '|' | '=' | '│' | '├' | '└' | '─'
        )
}

/// Punctuation around a name, and the places from which it may be named.
fn strip(word: &str) -> &str {
    let word = word.trim_end_matches(['.', ':', '!', '?']).trim_start_matches([':', '-', '•']);
    // Markdown's emphasis stands on both sides; a pattern's star on one.
    let word = word.strip_prefix("**").and_then(|inner| inner.strip_suffix("**")).unwrap_or(word);
    let word = word.strip_prefix("./").unwrap_or(word).trim_start_matches('/');
    word.strip_prefix("data/public/").or_else(|| word.strip_prefix("public/")).unwrap_or(word)
}

/// False for what a separator cut off: `id>.png` of `<image id>.png`.
fn is_whole(word: &str) -> bool {
    let balanced = |open: char, close: char| word.matches(open).count() == word.matches(close).count();
    balanced('<', '>') && balanced('{', '}') && !word.starts_with('_') && !word.contains(['\\', '%'])
}

/// Whether a name is one of many files of a kind that a text shows only as an example.
pub(super) fn is_one_of_many(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    MEDIA.contains(&ending.as_str())
}

/// Endings of files that come in thousands.
const MEDIA: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "dcm", "nii", "wav", "mp3", "flac", "ogg",
    "m4a", "mp4", "avi", "mov", "mkv", "webm", "npy", "txt", "json", "xml", "pdb", "html",
];

fn is_directory(word: &str) -> bool {
    word.strip_suffix('/')
        .is_some_and(|name| name.chars().any(char::is_alphanumeric) && !name.starts_with('<'))
}

fn is_file(word: &str) -> bool {
    let last = word.rsplit('/').next().unwrap_or_default();
    let Some((stem, extension)) = last.rsplit_once('.') else { return false };
    let known = EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    known && stem.chars().any(|c| c.is_alphanumeric() || matches!(c, '*' | '<' | '{'))
}

/// What there is below a directory.
pub(super) struct Present {
    paths: BTreeSet<String>,
}

impl Present {
    /// Out of the paths of files, with `/` between parts. Directories without a file do not count.
    pub(super) fn of<'p>(files: impl Iterator<Item = &'p String>) -> Self {
        let mut paths = BTreeSet::new();
        for file in files {
            paths.extend(file.match_indices('/').map(|(at, _)| file[..=at].to_owned()));
            paths.insert(file.clone());
        }
        Self { paths }
    }

    /// True when something has this name, at any depth. `*`, `<…>` and `{…}` stand for any text without `/`.
    pub(super) fn has(&self, name: &str) -> bool {
        if name.is_empty() {
            return true;
        }
        if !name.contains(['*', '<', '{']) {
            let below = format!("/{name}");
            return self.paths.iter().any(|path| path == name || path.ends_with(&below));
        }
        let pattern = pattern(name);
        self.paths.iter().any(|path| {
            let directory = usize::from(path.ends_with('/'));
            let inner = &path[..path.len() - directory];
            let tails = std::iter::once(0).chain(inner.match_indices('/').map(|(at, _)| at + 1));
            tails.into_iter().any(|start| matches(&pattern, &path[start..]))
        })
    }
}

/// The name in characters, with `*` for each placeholder.
fn pattern(name: &str) -> Vec<char> {
    let (mut out, mut closing) = (Vec::new(), None);
    for c in name.chars() {
        match (closing, c) {
            (Some(end), c) if c == end => closing = None,
            (Some(_), _) => {}
            (None, '<') => closing = Some('>'),
            (None, '{') => closing = Some('}'),
            (None, c) => {
                out.push(c);
                continue;
            }
        }
        if closing.is_none() {
            out.push('*');
        }
    }
    out
}

/// Wildcard matching in linear space; `*` matches any text without `/`.
fn matches(pattern: &[char], text: &str) -> bool {
    let mut reached: Vec<bool> = std::iter::once(true)
        .chain(pattern.iter().scan(true, |open, &c| {
            *open = *open && c == '*';
            Some(*open)
        }))
        .collect();
    for c in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, &p) in pattern.iter().enumerate() {
            let star = p == '*';
            let step = reached[at] && ((star && c != '/') || p == c);
            let stay = star && reached[at + 1] && c != '/';
            next[at + 1] = step || stay || (star && next[at]);
        }
        reached = next;
        if !reached.contains(&true) {
            return false;
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        names(text).into_iter().map(|mention| (mention.line, mention.name)).collect()
    }

    #[test]
    fn names_are_told_from_words() {
        let text = "Use `train.csv`, **test.csv** (see images/<id>.png).\n\
                    - public/audio/: e.g. a .csv and/or i.e. https://x.org/data.csv\n\
                    ├── meta.json. Version 1.0, node.js, [x.TXT](y.npy), <an id>.png, www.x.org/z.csv";
        let expected = [
            (1, "train.csv"),
            (1, "test.csv"),
            (1, "images/<id>.png"),
            (2, "audio/"),
            (3, "meta.json"),
            (3, "x.TXT"),
            (3, "y.npy"),
        ];
        assert_eq!(found(text), expected.map(|(line, name)| (line, name.to_owned())));
    }

    #[test]
    fn names_and_patterns_are_looked_up_at_any_depth() {
        let files = ["train.csv", "images/train/0001.png", "images/test/a-b.png"].map(str::to_owned);
        let present = Present::of(files.iter());
        for name in [
            "train.csv",
            "0001.png",
            "images/",
            "train/",
            "images/train/",
            "train/*.png",
            "<id>.png",
            "images/{split}/*",
            "",
        ] {
            assert!(present.has(name), "{name}");
        }
        for name in
            ["test.csv", "rain.csv", "images", "images/*.png", "*.jpg", "test/0001.png", "{a}/{b}/{c}/x.png"]
        {
            assert!(!present.has(name), "{name}");
        }
    }

    #[test]
    fn stars_match_as_much_as_they_need() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        for (pattern, text, expected) in [
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "ab", true),
            ("**", "", true),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("a*", "a/b", false),
            ("é*", "éü", true),
        ] {
            assert_eq!(matches(&chars(pattern), text), expected, "{pattern} {text}");
        }
    }
}
