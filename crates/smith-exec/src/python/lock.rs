//! Lock files: pip's requirements format, narrowed to what fixes every byte that is installed.

use std::collections::BTreeSet;
use std::fmt;

/// A lock file whose every entry names one version and the hashes of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    entries: Vec<Entry>,
}

/// One version of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// As indexes spell it: `scikit-learn`.
    name: String,
    /// With its brackets, or empty.
    extras: String,
    version: String,
    /// Which Pythons and platforms it is for, if not for all.
    marker: Option<String>,
    /// `sha256:…`, at least one.
    hashes: Vec<String>,
}

/// What is wrong with a lock file, and in which line it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) line: usize,
    pub(super) what: String,
}

/// Options that change nothing here: they repeat what every installation is told anyway.
const HARMLESS: [&str; 4] =
    ["--only-binary :all:", "--only-binary=:all:", "--require-hashes", "--prefer-binary"];

/// Algorithms that both installers take, with the length of their hashes in hexadecimal digits.
const ALGORITHMS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];

impl Lock {
    pub(super) fn parse(text: &str) -> Result<Self, Flaw> {
        let mut entries = Vec::new();
        for (line, text) in logical_lines(text) {
            if let Some(entry) = entry(&text).map_err(|what| Flaw { line, what })? {
                entries.push(entry);
            }
        }
        Ok(Self { entries })
    }

    /// Whether every entry of `other` is one of this lock.
    #[cfg(test)]
    pub(super) fn holds(&self, other: &Self) -> bool {
        other.entries.iter().all(|entry| self.entries.contains(entry))
    }

    /// Names of the packages; some belong to other platforms or Pythons.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        self.entries.iter().map(|entry| entry.name.as_str()).collect()
    }
}

impl fmt::Display for Lock {
    /// The entries alone, without comments and options.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Entry { name, extras, version, marker, hashes } in &self.entries {
            write!(f, "{name}{extras}=={version}")?;
            if let Some(marker) = marker {
                write!(f, " ; {marker}")?;
            }
            for hash in hashes {
                write!(f, " \\\n    --hash={hash}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// Lines without comments, those that a backslash continues joined, each with the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let code = without_comment(line);
        // A comment ends a continued line, as it does for pip.
        let continued = if code.len() == line.len() { code.trim_end().strip_suffix('\\') } else { None };
        let (_, joined) = open.get_or_insert_with(|| (index + 1, String::new()));
        joined.push_str(continued.unwrap_or(code));
        joined.push(' ');
        if continued.is_none() {
            lines.extend(open.take());
        }
    }
    lines.extend(open);
    lines.retain(|(_, text)| !text.trim().is_empty());
    lines
}

/// A number sign begins a comment at the start of a line and after a blank.
fn without_comment(line: &str) -> &str {
    let begins = |&(at, _): &(usize, &str)| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

/// What one line says; nothing for a harmless option.
fn entry(line: &str) -> Result<Option<Entry>, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.first().is_some_and(|word| word.starts_with('-')) {
        return option(&words.join(" ")).map(|()| None);
    }
    let options = words.iter().position(|word| word.starts_with("--")).unwrap_or(words.len());
    let requirement = words[..options].join(" ");
    let (spec, marker) = match requirement.split_once(';') {
        Some((spec, marker)) => (spec.trim(), Some(marker.trim().to_owned())),
        None => (requirement.as_str(), None),
    };
    let (name, extras, version) = pin(spec)?;
    if marker.as_deref() == Some("") {
        return Err(format!("{name} has an empty marker"));
    }
    let hashes = hashes(&words[options..]).map_err(|what| format!("{name} {what}"))?;
    Ok(Some(Entry { name, extras, version, marker, hashes }))
}

fn option(line: &str) -> Result<(), String> {
    if HARMLESS.contains(&line) {
        return Ok(());
    }
    let name = line.split([' ', '=']).next().unwrap_or(line);
    Err(match name {
        "-e" | "--editable" => "an editable package is not fixed by a hash".to_owned(),
        "-r" | "--requirement" | "-c" | "--constraint" => {
            format!("`{name}` names another file; a lock file stands alone")
        }
        "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" | "--no-index"
        | "--trusted-host" => {
            format!(
                "`{name}` does not belong in a lock file: set where packages come from by variables of pip or uv"
            )
        }
        _ => format!("the option `{name}` is not allowed"),
    })
}

/// Name, extras and version of `name[extras]==version`.
fn pin(spec: &str) -> Result<(String, String, String), String> {
    let is_path = spec.starts_with(['.', '/', '~']) || spec.contains(['/', '\\']) || spec.ends_with(".whl");
    if spec.contains(['@', ':']) {
        return Err(format!("`{spec}` names an address, not a version"));
    }
    if is_path {
        return Err(format!("`{spec}` names a path, not a version"));
    }
    let end = spec.find(|c: char| !is_name(c)).unwrap_or(spec.len());
    let (name, rest) = spec.split_at(end);
    let outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !outer(name.chars().next()) || !outer(name.chars().next_back()) {
        return Err(format!("`{spec}` does not begin with the name of a package"));
    }
    let (extras, rest) =
        extras(rest.trim_start()).ok_or_else(|| format!("the extras of {name} are malformed"))?;
    let version = rest.trim_start().strip_prefix("==").map(str::trim_start);
    match version {
        Some(version) if is_version(version) => Ok((normal(name), extras, version.to_owned())),
        _ => Err(format!("{name} is not pinned to one version by `==`")),
    }
}

/// The extras with their brackets, and what comes after them.
fn extras(rest: &str) -> Option<(String, &str)> {
    let Some(inner) = rest.strip_prefix('[') else { return Some((String::new(), rest)) };
    let (names, rest) = inner.split_once(']')?;
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let whole = names.iter().all(|name| !name.is_empty() && name.chars().all(is_name));
    whole.then(|| (format!("[{}]", names.join(",")), rest))
}

fn hashes(words: &[&str]) -> Result<Vec<String>, String> {
    let mut hashes = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let hash = match word.strip_prefix("--hash") {
            Some("") => words.next().copied(),
            Some(rest) => rest.strip_prefix('='),
            None => return Err(format!("is followed by `{word}`, which is no hash")),
        };
        let hash = hash.filter(|hash| is_hash(hash));
        hashes.push(hash.ok_or("has a malformed hash; `--hash=sha256:…` is expected")?.to_owned());
    }
    if hashes.is_empty() {
        return Err("has no hash".to_owned());
    }
    Ok(hashes)
}

fn is_hash(hash: &str) -> bool {
    let Some((algorithm, digits)) = hash.split_once(':') else { return false };
    ALGORITHMS.contains(&(algorithm, digits.len())) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Without wildcards and second conditions.
fn is_version(version: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '!');
    version.starts_with(|c: char| c.is_ascii_alphanumeric()) && version.chars().all(fits)
}

/// A name as indexes spell it: lower case, with one dash in the place of dashes, dots and underlines.
fn normal(name: &str) -> String {
    let parts: Vec<&str> = name.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
    parts.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
