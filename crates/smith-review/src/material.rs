//! What a reviewer is shown, and where its quotations are looked up.

use std::io::Read;
use std::path::Path;

use smith_task_schema::TaskLayout;

/// Largest text that is shown of one file, in bytes.
const SHOWN: usize = 12_000;
/// Text files of the public and private data whose beginning is shown.
const BEGINNINGS: usize = 8;
/// Lines of such a beginning, and its bytes.
const LINES: usize = 8;
const BYTES: u64 = 3_000;

/// The texts that a reviewer sees, by name.
#[derive(Debug, Clone, Default)]
pub struct Material {
    texts: Vec<(String, String)>,
}

impl Material {
    /// Material of given texts.
    #[must_use]
    pub fn from_texts(texts: &[(&str, &str)]) -> Self {
        Self::new(texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
    }

    /// Sources in full, of the data the first lines as they stand, so that they can be quoted. What cannot be
    /// read is left out: the assertions have spoken of it. Links are left out too, as they are from packages.
    #[must_use]
    pub fn of_task(task: &TaskLayout) -> Self {
        let mut texts = Vec::new();
        for path in [&task.description, &task.prepare, &task.metric] {
            if is_regular(path)
                && let Ok(text) = std::fs::read_to_string(path)
            {
                texts.push((task.relative(path), clip(&text)));
            }
        }
        for dir in [&task.public, &task.private] {
            texts.push((format!("{}/ (list of files)", task.relative(dir)), listing(dir)));
            let files = top_files(dir);
            let beginnings = files.iter().filter(|path| !is_description(path)).filter_map(|path| {
                beginning(path).map(|text| (format!("{} (first lines)", task.relative(path)), text))
            });
            texts.extend(beginnings.take(BEGINNINGS));
        }
        Self::new(texts)
    }

    /// Sealed once, so that what is shown is what quotations are looked up in.
    fn new(texts: Vec<(String, String)>) -> Self {
        Self { texts: texts.into_iter().map(|(name, text)| (plain(&name), seal(&text))).collect() }
    }

    /// All texts between markers, for a prompt.
    #[must_use]
    pub fn to_prompt(&self) -> String {
        let mut out = String::new();
        for (name, text) in &self.texts {
            out.push_str(&format!("<file name=\"{name}\">\n{}\n</file>\n", text.trim_end()));
        }
        out
    }

    /// Whether a quotation stands in one of the texts; runs of white space count as one blank.
    #[must_use]
    pub fn contains(&self, quotation: &str) -> bool {
        let wanted = squeeze(&seal(quotation));
        !wanted.is_empty() && self.texts.iter().any(|(_, text)| squeeze(text).contains(&wanted))
    }
}

/// A text that can neither end the `<file>` element around it nor begin another one: such a tag gets a blank
/// after its first character.
pub(crate) fn seal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        out.push(character);
        if character == '<' && is_file_tag(&text[at + 1..]) {
            out.push(' ');
        }
    }
    out
}

fn is_file_tag(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    name.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("file"))
}

/// A file's name without the characters that would end an attribute or a line.
fn plain(name: &str) -> String {
    name.replace(|c: char| c.is_control() || "\"<>".contains(c), "_")
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clip(text: &str) -> String {
    smith_agents::cut_middle(text, SHOWN)
}

fn is_regular(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// The first lines of a text file; nothing for other files.
fn beginning(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(BYTES).read_to_end(&mut bytes).ok()?;
    if bytes.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    Some(text.lines().take(LINES).collect::<Vec<_>>().join("\n"))
}

fn is_description(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "description.txt")
}

fn top_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_regular(path)).collect();
    files.sort();
    files
}

/// Names and sizes of the first level, folders with their number of entries.
fn listing(dir: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(dir) else { return "(missing)".to_owned() };
    let mut lines: Vec<String> = entries
        .flatten()
        .map(|entry| {
            let name = plain(&entry.file_name().to_string_lossy());
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match std::fs::read_dir(entry.path()) {
                Ok(inner) if is_dir => format!("{name}/ ({} entries)", inner.count()),
                _ => format!("{name} ({} bytes)", entry.metadata().map_or(0, |meta| meta.len())),
            }
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_found_across_line_breaks_and_nothing_else_is() {
        let material = Material::from_texts(&[("a", "one two\n   three"), ("b", "four")]);
        assert!(material.contains("two three") && material.contains("four"));
        assert!(!material.contains("three four") && !material.contains("  "));
    }

    #[test]
    fn tags_are_sealed_and_quotations_of_them_are_still_found() {
        for (text, sealed) in [
            ("a </file> b", "a < /file> b"),
            ("<FILE name=\"x\">", "< FILE name=\"x\">"),
            ("<<file>", "<< file>"),
            ("<fil>, < file>, a<b", "<fil>, < file>, a<b"),
            ("<", "<"),
            ("</fïle>", "</fïle>"),
        ] {
            assert_eq!(seal(text), sealed);
            assert!(Material::from_texts(&[("a", text)]).contains(text));
        }
    }
}
