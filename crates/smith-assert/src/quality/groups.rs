//! Groups that examples belong to (patients, speakers, sessions), and what recognising the group gives away.

use std::collections::{BTreeMap, HashMap};

use smith_data::TextColumn;

use super::promises::promises_apart;
use super::random::{hash, spread};
use super::raw_files::RawFiles;
use super::raw_groups::{self, Looked};
use super::target::{Target, TargetKind};
use crate::subject::{Public, Split, stem};

/// Rows of each side that are looked at.
const MAX_ROWS: usize = 50_000;
/// Words in a column's name that say that it names who or what an example comes from.
const WORDS: [&str; 38] = [
    "patient",
    "subject",
    "participant",
    "person",
    "speaker",
    "user",
    "customer",
    "client",
    "household",
    "session",
    "recording",
    "device",
    "sensor",
    "document",
    "doc",
    "video",
    "clip",
    "episode",
    "case",
    "animal",
    "donor",
    "author",
    "individual",
    "specimen",
    "volunteer",
    "respondent",
    "visit",
    "trip",
    "conversation",
    "dialogue",
    "thread",
    "scene",
    "slide",
    "biopsy",
    "song",
    "artist",
    "article",
    "query",
];
/// Short forms, as parts of a name.
const SHORT: [&str; 8] = ["spk", "subj", "pat", "pid", "uid", "sid", "sess", "rec"];

/// A way to group the examples.
pub(crate) struct Grouping {
    /// What it is called in messages.
    pub(crate) name: String,
    /// The word that says that it names who or what an example comes from.
    pub(crate) word: Option<&'static str>,
    /// The word of which the description promises that its members stand on one side only.
    pub(crate) promised: Option<String>,
    /// True when it is read from the names of examples.
    pub(crate) from_names: bool,
    /// True when participants do not see it: it stands in the raw data alone.
    pub(crate) is_hidden: bool,
    train: Vec<u64>,
    test: Vec<u64>,
}

/// Rows that are looked at, the same for every grouping.
pub(crate) struct Grouped {
    train_rows: Vec<usize>,
    test_rows: Vec<usize>,
    pub(crate) groupings: Vec<Grouping>,
}

/// What a grouping gives away.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Giveaway {
    /// Share of the test examples whose group has training examples.
    pub(crate) overlap: f64,
    /// Such test examples.
    pub(crate) seen: usize,
    /// Groups with two training examples or more.
    pub(crate) groups: usize,
    /// Share of these groups whose training examples all have the same target.
    pub(crate) pure: f64,
    /// Share of the seen test examples that have the most frequent target of their group.
    pub(crate) looked_up: f64,
    /// Share that have the most frequent target of all.
    pub(crate) constant: f64,
    /// Different targets in train.
    pub(crate) targets: usize,
}

impl Grouped {
    /// Columns that say that they name groups, and parts of ids and of files' names that repeat.
    /// `text` is the description in lower case: what it promises of a column makes that column one of groups.
    pub(crate) fn of(split: &Split, public: &Public, text: &str) -> Option<Self> {
        let train = split.train.as_ref()?;
        let (train_rows, test_rows) = (spread(train.rows, MAX_ROWS), spread(split.test.rows, MAX_ROWS));
        let hashes =
            |column: &TextColumn, rows: &[usize]| rows.iter().map(|row| hash(column.get(*row))).collect();
        let keys = train.keys.iter().zip(&split.test.keys).filter(|_| split.keys.len() > 1);
        let columns = keys.chain(train.features.iter().zip(&split.test.features));
        let named = columns.filter_map(|(known, asked)| {
            let promised = thing_of(&asked.name).filter(|thing| promises_apart(text, thing));
            let word = word_of(&asked.name);
            (promised.is_some() || word.is_some()).then(|| Grouping {
                name: format!("column `{}`", asked.name),
                word,
                promised,
                from_names: false,
                is_hidden: false,
                train: hashes(&known.cells, &train_rows),
                test: hashes(&asked.cells, &test_rows),
            })
        });
        let mut groupings: Vec<Grouping> = named.collect();
        let names = |side: &crate::subject::Examples, rows: &[usize]| -> Vec<String> {
            rows.iter().map(|row| name_of(side, public, *row)).collect()
        };
        groupings.extend(of_names(&names(train, &train_rows), &names(&split.test, &test_rows)));
        for grouping in groupings.iter_mut().filter(|grouping| grouping.promised.is_none()) {
            grouping.promised = grouping.word.filter(|word| promises_apart(text, word)).map(str::to_owned);
        }
        Some(Self { train_rows, test_rows, groupings })
    }

    /// Adds groups that stand in the raw data alone: in columns that participants are not given, in the names of files
    /// that were renamed, and in recordings that clips were cut out of. Blocks.
    pub(crate) fn add_hidden(&mut self, raw: &RawFiles, split: &Split, public: &Public, text: &str) {
        let rows = Looked { train: &self.train_rows, test: &self.test_rows };
        let names = raw_groups::names(raw, split, public, &rows);
        let mut found = Vec::new();
        for own in raw_groups::hidden(&raw.tables(), split, &rows, names.as_ref()) {
            let promised = thing_of(&own.name).filter(|thing| promises_apart(text, thing));
            let word = word_of(&own.name);
            if promised.is_some() || word.is_some() {
                found.push((format!("column `{}` of the raw data", own.name), word, promised, own));
            }
        }
        if let Some(own) = raw_groups::recordings(raw, split, public, &rows) {
            let word = Some("recording");
            found.push(("the raw recording that it is cut out of".to_owned(), word, None, own));
        }
        let hidden = found.into_iter().map(|(name, word, promised, own)| Grouping {
            name,
            word,
            promised,
            from_names: false,
            is_hidden: true,
            train: own.train,
            test: own.test,
        });
        let mut hidden: Vec<Grouping> = hidden.collect();
        if let Some((of_train, of_test)) = &names {
            hidden.extend(of_names(of_train, of_test).into_iter().map(|own| Grouping {
                name: format!("{}, in the raw data", own.name),
                is_hidden: true,
                ..own
            }));
        }
        for grouping in hidden.iter_mut().filter(|grouping| grouping.promised.is_none()) {
            grouping.promised = grouping.word.filter(|word| promises_apart(text, word)).map(str::to_owned);
        }
        self.groupings.extend(hidden);
    }

    /// What a grouping gives away of the target.
    pub(crate) fn giveaway(&self, grouping: &Grouping, target: &Target) -> Giveaway {
        let of = |rows: &[usize], codes: &[u32], numbers: &[f64]| -> Vec<u64> {
            let code = |row: &usize| match target.kind {
                TargetKind::Numbers => numbers.get(*row).map_or(0, |x| (x + 0.0).to_bits()),
                _ => codes.get(*row).map_or(0, |code| u64::from(*code)),
            };
            rows.iter().map(code).collect()
        };
        let known = of(&self.train_rows, &target.train, &target.train_numbers);
        let asked = of(&self.test_rows, &target.test, &target.test_numbers);
        giveaway((&grouping.train, &known), (&grouping.test, &asked))
    }
}

type Side<'a> = (&'a [u64], &'a [u64]);

fn giveaway(train: Side<'_>, test: Side<'_>) -> Giveaway {
    let mut groups: HashMap<u64, BTreeMap<u64, usize>> = HashMap::new();
    let mut all: BTreeMap<u64, usize> = BTreeMap::new();
    for (group, target) in train.0.iter().zip(train.1) {
        *groups.entry(*group).or_default().entry(*target).or_insert(0) += 1;
        *all.entry(*target).or_insert(0) += 1;
    }
    let most = |counts: &BTreeMap<u64, usize>| {
        counts
            .iter()
            .max_by_key(|(target, count)| (**count, std::cmp::Reverse(**target)))
            .map(|(target, _)| *target)
    };
    let several: Vec<&BTreeMap<u64, usize>> =
        groups.values().filter(|own| own.values().sum::<usize>() > 1).collect();
    let pure = several.iter().filter(|own| own.len() == 1).count();
    let usual = most(&all);
    let (mut seen, mut right, mut constant) = (0_usize, 0_usize, 0_usize);
    for (group, target) in test.0.iter().zip(test.1) {
        let Some(own) = groups.get(group) else { continue };
        seen += 1;
        right += usize::from(most(own) == Some(*target));
        constant += usize::from(usual == Some(*target));
    }
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    Giveaway {
        overlap: share(seen, test.0.len()),
        seen,
        groups: several.len(),
        pure: share(pure, several.len()),
        looked_up: share(right, seen),
        constant: share(constant, seen),
        targets: all.len(),
    }
}

/// The word that says that a column names groups, in the name of the column.
fn word_of(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let parts: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let last = parts.last().copied().unwrap_or("");
    let names_things = |word: &str| {
        let bare = lower.as_str() == word || last == word;
        let with_id = ["id", "no", "nr", "number", "name", "code", "uid", "key", "hash"].iter().any(|id| {
            lower.ends_with(&format!("{word}{id}"))
                || lower.ends_with(&format!("{word}_{id}"))
                || lower.ends_with(&format!("{word} {id}"))
        });
        bare || with_id
    };
    WORDS
        .iter()
        .copied()
        .find(|word| names_things(word))
        .or_else(|| SHORT.iter().copied().find(|short| lower == *short))
}

/// What a column names: `garment` of `garment_id`.
fn thing_of(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut parts: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    if parts.len() > 1
        && parts.last().is_some_and(|last| ["id", "no", "nr", "number", "name", "code", "key"].contains(last))
    {
        parts.pop();
    }
    let thing = parts.last()?.trim_end_matches("id");
    (thing.len() >= 4).then(|| thing.to_owned())
}

/// The name of an example: the path of its file without the first directory, or its id.
fn name_of(side: &crate::subject::Examples, public: &Public, row: usize) -> String {
    let file = side.files.get(row).copied().flatten().and_then(|file| public.files.get(file as usize));
    let path = file.map_or(side.ids.get(row), |file| file.path.as_str());
    let below = if file.is_some() { path.split_once('/').map_or(path, |(_, below)| below) } else { path };
    stem(below).to_owned()
}

/// The part of a name that may name a group.
type Part = fn(&str) -> Option<&str>;

/// Groupings by the first parts of names, where they repeat: the directory, `speaker03` of `speaker03_0001`.
fn of_names(train: &[String], test: &[String]) -> Vec<Grouping> {
    let ways: [(&str, Part); 3] = [
        ("directory of the file", |name| name.rsplit_once('/').map(|(directory, _)| directory)),
        ("first part of the name", |name| last(name).split_once(['_', '-', '.']).map(|(first, _)| first)),
        ("name without its last part", |name| {
            last(name).rsplit_once(['_', '-', '.']).map(|(first, _)| first)
        }),
    ];
    let grouping = |(what, part): (&str, Part)| {
        let parts: Option<Vec<&str>> = train.iter().chain(test).map(|name| part(name)).collect();
        let parts = parts?;
        let mut counts: HashMap<&str, usize> = HashMap::new();
        parts.iter().for_each(|part| *counts.entry(part).or_insert(0) += 1);
        let example = parts.first().copied().unwrap_or("");
        let word = WORDS.iter().chain(&SHORT).copied().find(|word| example.to_lowercase().starts_with(word));
        let (of_train, of_test) = parts.split_at_checked(train.len())?;
        let hashes = |parts: &[&str]| parts.iter().map(|part| hash(part)).collect();
        (counts.len() > 4 && counts.len() * 2 <= parts.len()).then(|| Grouping {
            name: format!("{what} (such as {example:?})"),
            word,
            promised: None,
            from_names: true,
            is_hidden: false,
            train: hashes(of_train),
            test: hashes(of_test),
        })
    };
    ways.into_iter().filter_map(grouping).collect()
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_name_groups() {
        for name in
            ["patient_id", "PatientID", "speaker", "user id", "Subject_No", "subject", "session_id", "pid"]
        {
            assert!(word_of(name).is_some(), "{name}");
        }
        for name in [
            "city",
            "brand",
            "store_id",
            "username_length",
            "user_rating",
            "device_type",
            "case_count",
            "subjectivity",
        ] {
            assert!(word_of(name).is_none(), "{name}");
        }
    }

    #[test]
    fn things() {
        assert_eq!(thing_of("Clothing ID").as_deref(), Some("clothing"));
        assert_eq!(thing_of("patient_id").as_deref(), Some("patient"));
    }

    #[test]
    fn what_a_group_gives_away() {
        let groups: Vec<u64> = (0..60).map(|row| row / 3).collect();
        let by_group: Vec<u64> = groups.iter().map(|group| group % 2).collect();
        let given = giveaway((&groups, &by_group), (&groups[..30], &by_group[..30]));
        assert_eq!((given.groups, given.pure, given.looked_up, given.overlap), (20, 1.0, 1.0, 1.0));
        let own: Vec<u64> = (0..60).map(|row| row % 2).collect();
        let none = giveaway((&groups, &own), (&groups[..30], &own[..30]));
        assert!(none.pure < 0.1 && none.looked_up < 0.8, "{none:?}");
    }

    #[test]
    fn parts_of_names() {
        let names: Vec<String> = (0..40).map(|i| format!("speaker{:02}_{i:04}", i % 8)).collect();
        let found = of_names(&names[..30], &names[30..]);
        assert!(found.iter().any(|own| own.word == Some("speaker")));
        let plain: Vec<String> = (0..40).map(|i| format!("img_{i:04}")).collect();
        assert!(of_names(&plain[..30], &plain[30..]).is_empty());
    }
}
