//! What a reviewer is shown, and where its quotations are looked up.

use std::path::Path;

use smith_task_schema::TaskLayout;

use crate::evidence::{Refusal, check};
use crate::excerpt::{Telling, beginning, excerpt, of_code, of_prose, shares};
use crate::files::{first_and_last, is_regular, listing, to_show};
use crate::order::order;

/// Bytes of a token: an estimate on the high side for any script.
const BYTES_OF_TOKEN: usize = 3;
/// Bytes of a source that are read; a longer one is an attack or a mistake.
const SOURCE: u64 = 1 << 20;
/// Files of each data directory whose beginning is shown.
const BEGINNINGS: usize = 8;

/// What kind of text a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Prose or code.
    Source,
    /// Rows and columns, or keys and values.
    Data,
    /// Names and sizes of files.
    List,
}

/// One file as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) shows: &'static str,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// The texts that a reviewer sees, by name.
#[derive(Debug, Clone, Default)]
pub struct Material {
    parts: Vec<Part>,
}

impl Material {
    /// Material of given texts, shown in full.
    #[must_use]
    pub fn from_texts(texts: &[(&str, &str)]) -> Self {
        let part = |(name, text): &(&str, &str)| Part {
            name: (*name).to_owned(),
            shows: IN_FULL,
            kind: Kind::Source,
            text: (*text).to_owned(),
        };
        Self::sealed(texts.iter().map(part).collect())
    }

    /// The sources of a task, lists of its files, and the first and last rows of its data, in at most about `tokens`
    /// tokens (of three bytes, an estimate on the high side). Of what is too long the most telling parts are kept. What
    /// cannot be read is left out: the assertions have spoken of it. Links are left out too, as they are from packages.
    #[must_use]
    pub fn of_task(task: &TaskLayout, tokens: usize) -> Self {
        let mut drafts: Vec<Draft> = Vec::new();
        drafts.extend(source(task, &task.description, of_prose, 4));
        drafts.extend(source(task, &task.prepare, of_code, 5));
        drafts.extend(source(task, &task.metric, of_code, 3));
        for (dir, largest_first) in [(&task.public, false), (&task.private, false), (&task.raw, true)] {
            drafts.push(list_of(task, dir));
            let files = to_show(dir, largest_first).into_iter().filter(|path| !is_description(path));
            drafts.extend(files.filter_map(|path| data(task, &path)).take(BEGINNINGS));
        }
        let wanted: Vec<_> = drafts.iter().map(|draft| (draft.part.text.len(), draft.weight)).collect();
        let shares = shares(&wanted, tokens.saturating_mul(BYTES_OF_TOKEN));
        Self::sealed(drafts.into_iter().zip(shares).map(|(draft, share)| draft.cut(share)).collect())
    }

    /// Sealed once, so that what is shown is what quotations are looked up in.
    fn sealed(mut parts: Vec<Part>) -> Self {
        for part in &mut parts {
            part.name = plain(&part.name);
            part.text = seal(&part.text);
        }
        Self { parts }
    }

    /// All texts between markers, in the order of a pass, counted from 0.
    #[must_use]
    pub fn to_prompt(&self, pass: u32) -> String {
        let mut out = String::new();
        for part in order(pass, self.parts.len()).into_iter().filter_map(|at| self.parts.get(at)) {
            let Part { name, shows, text, .. } = part;
            out.push_str(&format!(
                "<file name=\"{name}\" shows=\"{shows}\">\n{}\n</file>\n",
                text.trim_end()
            ));
        }
        out
    }

    /// Looks a quotation up in the file that it is said to come from. Runs of white space count as one blank, and
    /// nothing else may differ.
    ///
    /// # Errors
    /// Why the quotation is no evidence.
    pub fn check(&self, file: &str, quotation: &str) -> Result<(), Refusal> {
        check(self.named(file).ok_or(Refusal::UnknownFile)?, quotation)
    }

    /// The name under which a file was shown.
    pub(crate) fn name_of(&self, file: &str) -> Option<&str> {
        self.named(file).map(|part| part.name.as_str())
    }

    /// The file of a name, or the only one whose path ends in it.
    fn named(&self, file: &str) -> Option<&Part> {
        let wanted = plain(file.trim().trim_start_matches("./").trim_end_matches('/'));
        if let Some(exact) = self.parts.iter().find(|part| part.name.trim_end_matches('/') == wanted) {
            return Some(exact);
        }
        let suffix = format!("/{wanted}");
        let mut ending = self.parts.iter().filter(|part| part.name.trim_end_matches('/').ends_with(&suffix));
        ending.next().filter(|_| !wanted.is_empty() && ending.next().is_none())
    }
}

const IN_FULL: &str = "all of it";

/// A part before it is known how much room it gets.
struct Draft {
    part: Part,
    telling: Option<Telling>,
    weight: usize,
}

impl Draft {
    fn cut(self, share: usize) -> Part {
        let mut part = self.part;
        if part.text.len() > share {
            part.text = match self.telling {
                Some(telling) => {
                    part.shows = "excerpts";
                    excerpt(&part.text, share, telling)
                }
                None => beginning(&part.text, share),
            };
        }
        part
    }
}

fn source(task: &TaskLayout, path: &Path, telling: Telling, weight: usize) -> Option<Draft> {
    let is_small = || std::fs::metadata(path).is_ok_and(|found| found.len() <= SOURCE);
    if !is_regular(path) || !is_small() {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let part = Part { name: task.relative(path), shows: IN_FULL, kind: Kind::Source, text };
    Some(Draft { part, telling: Some(telling), weight })
}

fn list_of(task: &TaskLayout, dir: &Path) -> Draft {
    let name = format!("{}/", task.relative(dir));
    let part = Part { name, shows: "names and sizes of files", kind: Kind::List, text: listing(dir) };
    Draft { part, telling: None, weight: 1 }
}

fn data(task: &TaskLayout, path: &Path) -> Option<Draft> {
    let text = first_and_last(path)?;
    let part = Part { name: task.relative(path), shows: "first and last lines", kind: Kind::Data, text };
    Some(Draft { part, telling: None, weight: 1 })
}

fn is_description(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "description.txt")
}

/// Elements of the prompt that hold text of others.
const ELEMENTS: [&str; 2] = ["file", "facts"];

/// A text that can neither end an element around it nor begin another one: such a tag gets a blank after its first
/// character.
pub(crate) fn seal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        out.push(character);
        if character == '<' && text.get(at + 1..).is_some_and(is_tag) {
            out.push(' ');
        }
    }
    out
}

fn is_tag(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    ELEMENTS.iter().any(|tag| name.get(..tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag)))
}

/// A file's name without the characters that would end an attribute or a line.
pub(crate) fn plain(name: &str) -> String {
    name.replace(|c: char| c.is_control() || "\"<>".contains(c), "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_sealed_and_quotations_of_them_are_still_found() {
        for (text, sealed) in [
            ("this is a </file> b", "this is a < /file> b"),
            ("<FILE name=\"the one\">", "< FILE name=\"the one\">"),
            ("these are <<file>", "these are << file>"),
            ("</facts> and more", "< /facts> and more"),
            ("<fil>, < file>, a<b, c", "<fil>, < file>, a<b, c"),
            ("no tag is here <", "no tag is here <"),
            ("</fïle> is no tag", "</fïle> is no tag"),
        ] {
            assert_eq!(seal(text), sealed);
            assert_eq!(Material::from_texts(&[("a", text)]).check("a", text), Ok(()), "{text}");
        }
    }

    #[test]
    fn files_are_found_by_name_or_by_the_end_of_their_path() {
        let texts = [
            ("description.txt", "one"),
            ("data/public/train.csv", "two"),
            ("data/public/", "three"),
            ("data/raw/a/rows.csv", "four"),
            ("data/raw/b/rows.csv", "five"),
        ];
        let material = Material::from_texts(&texts);
        for (file, name) in [
            ("description.txt", Some("description.txt")),
            ("./description.txt", Some("description.txt")),
            ("train.csv", Some("data/public/train.csv")),
            ("public/train.csv", Some("data/public/train.csv")),
            ("data/public", Some("data/public/")),
            ("public/", Some("data/public/")),
            ("rain.csv", None),
            ("rows.csv", None),
            ("a/rows.csv", Some("data/raw/a/rows.csv")),
            ("", None),
            ("/", None),
        ] {
            assert_eq!(material.name_of(file), name, "{file}");
        }
    }

    #[test]
    fn every_pass_sees_the_same_files_in_another_order() {
        let material = Material::from_texts(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let sorted = |pass| {
            let prompt = material.to_prompt(pass);
            let mut lines: Vec<String> = prompt.lines().map(str::to_owned).collect();
            lines.sort();
            (prompt, lines)
        };
        let passes: Vec<_> = (0..3).map(sorted).collect();
        assert!(passes.iter().all(|(_, lines)| *lines == passes[0].1));
        assert!(passes[0].0 != passes[1].0 && passes[1].0 != passes[2].0 && passes[0].0 != passes[2].0);
    }
}
