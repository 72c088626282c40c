//! Tables of `public/` as one reads them: files that are parts of one table are put together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use smith_data::Frame;

use crate::subject::public::{Public, PublicTable, stem};

/// Words in a path that say which side a table belongs to.
const SIDES: [&str; 6] = ["train", "test", "valid", "eval", "labels", "parts"];

/// A table: one file, or the parts of one.
pub(super) struct Source<'a> {
    /// Path of the file, or of the directory of the parts.
    pub(super) path: String,
    pub(super) frame: Cow<'a, Frame>,
}

impl Source<'_> {
    /// Position of the column of a name, however it is written.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        position(&self.frame, name)
    }

    /// True when the path holds the word.
    pub(super) fn says(&self, word: &str) -> bool {
        self.path.to_lowercase().contains(word)
    }
}

/// Position of the column of a name: as it is written before any other case or punctuation.
pub(super) fn position(frame: &Frame, name: &str) -> Option<usize> {
    let plain = plain(name);
    frame.position(name).or_else(|| frame.names().iter().position(|own| self::plain(own) == plain))
}

/// A column's name without case and punctuation.
pub(super) fn plain(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { name.to_owned() } else { letters }
}

/// The tables, in order of the first file of each.
pub(super) fn sources(public: &Public) -> Vec<Source<'_>> {
    let mut of: BTreeMap<(String, &[String]), Vec<&PublicTable>> = BTreeMap::new();
    let mut order = Vec::new();
    for table in &public.tables {
        let key = (family(&table.path), table.frame.names());
        let members = of.entry(key.clone()).or_default();
        if members.is_empty() {
            order.push(key);
        }
        members.push(table);
    }
    order.into_iter().filter_map(|key| together(&of.remove(&key)?)).collect()
}

fn together<'a>(parts: &[&'a PublicTable]) -> Option<Source<'a>> {
    let first = *parts.first()?;
    if parts.len() == 1 {
        return Some(Source { path: first.path.clone(), frame: Cow::Borrowed(&first.frame) });
    }
    let mut frame = Frame::new(first.frame.names().to_vec());
    for part in parts {
        for row in 0..part.frame.rows() {
            frame.push_row(part.frame.columns().iter().map(|column| column.get(row)));
        }
    }
    let directory = first.path.rsplit_once('/').map(|(directory, _)| format!("{directory}/"));
    Some(Source { path: directory.unwrap_or_else(|| first.path.clone()), frame: Cow::Owned(frame) })
}

/// What parts of one table have in common: the directory when it is of one side, else the name without its numbers.
fn family(path: &str) -> String {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let own = directory.rsplit('/').next().unwrap_or("").to_lowercase();
    let is_of_a_side = SIDES.iter().any(|side| own.contains(side));
    let names_a_side = SIDES.iter().any(|side| name.to_lowercase().contains(side));
    if is_of_a_side && !names_a_side {
        return format!("{directory}/");
    }
    let bare = stem(stem(name)).trim_end_matches(|c: char| c.is_ascii_digit() || "-_. ".contains(c));
    format!("{directory}/{bare}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_a_family() {
        let cases = [
            ("train/part-0.csv", "train/part-1.csv", true),
            ("train/jan.csv", "train/feb.csv", true),
            ("train_1.csv", "train_2.csv", true),
            ("train.csv", "test.csv", false),
            ("data/train.csv", "data/test.csv", false),
            ("train/part-0.csv", "test/part-0.csv", false),
            ("split/train.csv", "split/train_labels.csv", false),
            ("stores.csv", "items.csv", false),
        ];
        for (a, b, together) in cases {
            assert_eq!(family(a) == family(b), together, "{a} {b}");
        }
    }

    #[test]
    fn names_are_compared_beyond_case_and_punctuation() {
        assert_eq!(plain("Sepal Length"), plain("sepal_length"));
        assert_ne!(plain("x1"), plain("x2"));
        assert_eq!(plain("%"), "%");
    }
}
