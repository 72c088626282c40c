//! Finds the columns whose values name files of the dataset.

use std::collections::{BTreeMap, HashMap, HashSet};

use smith_task_schema::profile::{ColumnKind, FileKind};

use crate::findings::Findings;
use crate::relations::names::stem_of;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Least share of the values that name a file, for values with an extension or a folder.
const MIN_SHARE: f64 = 0.5;
/// Least share of the values that name a file, for values that are only the beginning of its name.
const MIN_SHARE_STEM: f64 = 0.8;
/// Fewest whole numbers that name files: a few numbers are found everywhere.
const MIN_NUMBERS: usize = 5;
/// Values that show what stands around them in the names of files.
const AFFIX_VALUES: usize = 5;
/// Files that are looked through for what stands around a value.
const AFFIX_FILES: usize = 50_000;
/// Files that are missing and shown.
const EXAMPLES: usize = 3;

/// The data files that are no tables, by their names in several ways; for each name all their directories.
pub(crate) struct FileIndex<'a> {
    paths: HashMap<&'a str, Vec<&'a str>>,
    names: HashMap<&'a str, Vec<&'a str>>,
    stems: HashMap<&'a str, Vec<&'a str>>,
    in_directory: BTreeMap<&'a str, usize>,
    stem_list: Vec<&'a str>,
}

/// How values name files.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Path,
    Name,
    Stem,
    /// The stem with something constant around it: `0012` and `scan_0012_mask.png`.
    Affix(String, String),
}

struct Match<'a> {
    directories: HashMap<&'a str, usize>,
    share: f64,
    missing: Vec<&'a str>,
}

impl<'a> FileIndex<'a> {
    pub(crate) fn new(files: &'a [(Found, FileKind)]) -> Self {
        let mut index = Self {
            paths: HashMap::new(),
            names: HashMap::new(),
            stems: HashMap::new(),
            in_directory: BTreeMap::new(),
            stem_list: Vec::new(),
        };
        for (found, kind) in files {
            let is_media = matches!(
                kind,
                FileKind::Image
                    | FileKind::Audio
                    | FileKind::Video
                    | FileKind::Text
                    | FileKind::Array
                    | FileKind::Geometry
                    | FileKind::Other
            );
            if is_media {
                index.add(found);
            }
        }
        index
    }

    fn add(&mut self, found: &'a Found) {
        let directory = found.directory();
        let stem = stem_of(found.name());
        self.paths.entry(found.relative.as_str()).or_default().push(directory);
        self.names.entry(found.name()).or_default().push(directory);
        self.stems.entry(stem).or_default().push(directory);
        *self.in_directory.entry(directory).or_default() += 1;
        self.stem_list.push(stem);
    }

    /// Notes the directory of the files that each column names; files that are missing become findings.
    pub(crate) fn link(&self, table: &mut TableData, findings: &mut Findings) {
        if self.stem_list.len() < 2 {
            return;
        }
        let path = table.facts.path.clone();
        for (column, data) in table.facts.columns.iter_mut().zip(&table.columns) {
            let examples: Vec<&str> = column.examples.iter().map(String::as_str).collect();
            let written: Vec<&str> = data.written.iter().map(AsRef::as_ref).collect();
            let values = if written.is_empty() { &examples } else { &written };
            let Some(found) = self.matched(values, column.kind, column.unique) else { continue };
            let directory = self.directory(&found);
            if !found.missing.is_empty() {
                let shown: Vec<String> =
                    found.missing.iter().take(EXAMPLES).map(|value| format!("`{value}`")).collect();
                let message = format!(
                    "column `{}`: {} of {} different values name no file of `{directory}`, such as {}",
                    column.name,
                    found.missing.len(),
                    values.len(),
                    shown.join(", ")
                );
                findings.warn(&path, message);
            }
            column.names_files_share = Some(found.share);
            column.names_files_in = Some(directory);
        }
    }

    /// The way in which the values name most files, the plainest of equals.
    fn matched<'v>(&'v self, values: &[&'v str], kind: ColumnKind, unique: bool) -> Option<Match<'v>> {
        let is_number = kind == ColumnKind::Integer
            || (!values.is_empty() && values.iter().all(|value| value.bytes().all(|b| b.is_ascii_digit())));
        let may_name = matches!(
            kind,
            ColumnKind::Id
                | ColumnKind::Text
                | ColumnKind::Category
                | ColumnKind::Path
                | ColumnKind::Url
                | ColumnKind::Integer
        );
        if values.len() < 2 || !may_name {
            return None;
        }
        let with_path = [Way::Path, Way::Name].iter().find_map(|way| self.by(values, way, MIN_SHARE));
        if with_path.is_some() {
            return with_path;
        }
        if is_number && (values.len() < MIN_NUMBERS || !unique) {
            return None;
        }
        let stem = self.by(values, &Way::Stem, MIN_SHARE_STEM).filter(|found| self.is_thorough(found));
        stem.or_else(|| {
            let (before, after) = self.affix(values)?;
            self.by(values, &Way::Affix(before, after), MIN_SHARE_STEM)
                .filter(|found| self.is_thorough(found))
        })
    }

    fn by<'v>(&'v self, values: &[&'v str], way: &Way, least: f64) -> Option<Match<'v>> {
        let mut found = Match { directories: HashMap::new(), share: 0.0, missing: Vec::new() };
        let mut hits = 0;
        for value in values {
            let directories = self.look_up(value, way);
            if directories.is_empty() {
                found.missing.push(value);
                continue;
            }
            hits += 1;
            for directory in directories {
                *found.directories.entry(directory).or_default() += 1;
            }
        }
        found.share = f64::from(hits) / values.len().max(1) as f64;
        (hits >= 2 && found.share >= least).then_some(found)
    }

    fn look_up(&self, value: &str, way: &Way) -> &[&'a str] {
        let value = value.trim().trim_start_matches("./");
        let name = value.rsplit(['/', '\\']).next().unwrap_or(value);
        let found = match way {
            Way::Path => self.paths.get(value),
            Way::Name => self.names.get(name),
            Way::Stem => {
                self.stems.get(name).or_else(|| self.stems.get(stem_of(name)).filter(|_| is_file_name(name)))
            }
            Way::Affix(before, after) => self.stems.get(format!("{before}{name}{after}").as_str()),
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// True when the values name a good part of the files where they lead: a few words are found by chance.
    fn is_thorough(&self, found: &Match<'_>) -> bool {
        let (mut named, mut there) = (0, 0);
        for (directory, count) in &found.directories {
            named += count;
            there += self.in_directory.get(directory).copied().unwrap_or(0);
        }
        named * 10 >= there
    }

    /// What stands before and after the first values in the names of files, when it is the same for all.
    fn affix(&self, values: &[&str]) -> Option<(String, String)> {
        let mut common: Option<HashSet<(&str, &str)>> = None;
        for value in values.iter().take(AFFIX_VALUES).filter(|value| value.len() >= 2) {
            let around: HashSet<(&str, &str)> = self
                .stem_list
                .iter()
                .take(AFFIX_FILES)
                .filter_map(|stem| stem.split_once(value))
                .filter(|(before, after)| !ends_alphanumeric(before) && !starts_alphanumeric(after))
                .collect();
            common = Some(match common {
                Some(common) => common.intersection(&around).copied().collect(),
                None => around,
            });
        }
        let best = common?
            .into_iter()
            .min_by_key(|(before, after)| (before.len() + after.len(), *before, *after))?;
        Some((best.0.to_string(), best.1.to_string()))
    }

    /// The directory of nearly all of the files, or the one above all of them.
    fn directory(&self, found: &Match<'_>) -> String {
        let total: usize = found.directories.values().sum();
        let most = found
            .directories
            .iter()
            .max_by_key(|(directory, count)| (**count, std::cmp::Reverse(**directory)));
        if let Some((directory, count)) = most
            && count * 10 >= total * 9
        {
            return (*directory).to_string();
        }
        let mut directories = found.directories.keys();
        let mut above: Vec<&str> =
            directories.next().map_or_else(Vec::new, |first| first.split('/').collect());
        for directory in directories {
            let same = above.iter().zip(directory.split('/')).take_while(|(a, b)| **a == *b).count();
            above.truncate(same);
        }
        above.join("/")
    }
}

fn is_file_name(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| {
        (2..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn ends_alphanumeric(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn starts_alphanumeric(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::relations::testing;

    fn files(names: impl IntoIterator<Item = String>) -> Vec<(Found, FileKind)> {
        names
            .into_iter()
            .map(|relative| (Found { path: PathBuf::new(), relative, bytes: 9 }, FileKind::Image))
            .collect()
    }

    fn linked(names: impl IntoIterator<Item = String>, values: &[String]) -> (Option<(String, f64)>, usize) {
        let files = files(names);
        let rows: Vec<String> =
            values.iter().enumerate().map(|(i, value)| format!("{value},{}", i % 3)).collect();
        let mut table = testing::table("t.csv", "what,class", &rows);
        let mut findings = Findings::default();
        FileIndex::new(&files).link(&mut table, &mut findings);
        let column = &table.facts.columns[0];
        let found = column.names_files_in.clone().zip(column.names_files_share);
        assert_eq!(table.facts.columns[1].names_files_in, None);
        (found, findings.finish().len())
    }

    fn numbered(pattern: &str) -> Vec<String> {
        (1..=20).map(|i| pattern.replace('#', &format!("{i:05}"))).collect()
    }

    #[test]
    fn values_name_files_in_several_ways() {
        for (files, values) in [
            ("images/#.png", "images/#.png"),
            ("images/#.png", "#.png"),
            ("images/#.png", "/kaggle/input/x/#.png"),
            ("images/#.png", "#"),
            ("images/#.png", "#.jpg"),
            ("images/scan_#_small.png", "#"),
        ] {
            let (found, findings) = linked(numbered(files), &numbered(values));
            assert_eq!(found, Some(("images".to_string(), 1.0)), "{files} {values}");
            assert_eq!(findings, 0);
        }
    }

    #[test]
    fn missing_files_are_a_finding() {
        let mut values = numbered("#.png");
        values.push("lost.png".into());
        let (found, findings) = linked(numbered("a/#.png"), &values);
        assert_eq!((found.map(|f| (f.1 * 100.0).round()), findings), (Some(95.0), 1));
    }

    #[test]
    fn files_of_several_classes_lie_below_one_directory() {
        let names: Vec<String> =
            (1..=20).map(|i| format!("photos/{}/{i:05}.png", if i % 2 == 0 { "a" } else { "b" })).collect();
        assert_eq!(linked(names, &numbered("#.png")).0, Some(("photos".to_string(), 1.0)));
    }

    #[test]
    fn small_numbers_and_words_name_nothing() {
        let names: Vec<String> = (1..=50).map(|i| format!("img/{i}.png")).collect();
        let values: Vec<String> = (0..60).map(|i| (i % 5 + 1).to_string()).collect();
        assert_eq!(linked(names, &values).0, None);
    }
}
