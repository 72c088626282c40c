//! Targets of several columns, and columns that hold more than a number or a class.

use std::collections::{BTreeMap, HashMap};

use smith_task_schema::Formulation;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, TableProfile};

use crate::relations::groups::list;
use crate::relations::names;
use crate::relations::targets::survival::survival;
use crate::relations::targets::words;
use crate::table_data::TableData;

/// A target that is more than one plain column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SetTarget {
    pub(super) column: String,
    pub(super) formulation: Formulation,
    pub(super) weight: f64,
    pub(super) reason: String,
    pub(super) together_with: Vec<String>,
    pub(super) within: Option<String>,
    pub(super) classes: Option<u64>,
}

impl SetTarget {
    pub(super) fn new(column: &str, formulation: Formulation, weight: f64, reason: String) -> Self {
        Self {
            column: column.into(),
            formulation,
            weight,
            reason,
            together_with: Vec::new(),
            within: None,
            classes: None,
        }
    }
}

/// All targets of a table that are more than one plain column.
pub(super) fn find(table: &TableData) -> Vec<SetTarget> {
    let mut found = label_sets(table);
    found.extend(number_sets(&table.facts));
    found.extend(
        table
            .facts
            .columns
            .iter()
            .zip(&table.columns)
            .filter_map(|(column, data)| lists(column, &data.written)),
    );
    found.extend(survival(&table.facts));
    found.extend(ranking(&table.facts));
    found.extend(texts(&table.facts));
    found.extend(sequences(&table.facts));
    found
}

/// True for 0 and 1 or yes and no, or for what of them a rare label has left.
fn is_flag(column: &ColumnProfile) -> bool {
    let zero_one = column.kind == ColumnKind::Integer
        && matches!((column.min.as_deref(), column.max.as_deref()), (Some("0"), Some("1" | "0")));
    (zero_one || column.kind == ColumnKind::Boolean) && column.missing == 0
}

/// Columns of 0 and 1 with a common stem, and those at the end of a table of texts or files.
fn label_sets(table: &TableData) -> Vec<SetTarget> {
    let columns = &table.facts.columns;
    let mut stems: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, column) in columns.iter().enumerate().filter(|(_, column)| is_flag(column)) {
        let words = names::words(&column.name);
        if let (Some(stem), true) = (words.first(), words.len() >= 2 && !names::is_made_up(&column.name)) {
            stems.entry(stem.clone()).or_default().push(index);
        }
    }
    let mut sets: Vec<(Vec<usize>, f64, String)> = stems
        .into_iter()
        .filter(|(_, set)| set.len() >= 3)
        .map(|(stem, set)| {
            let named = words::is_of_labels(std::slice::from_ref(&stem));
            (
                set,
                if named { 0.75 } else { 0.2 },
                format!("columns of yes and no whose names begin with `{stem}`"),
            )
        })
        .collect();
    let flags_at_end = columns.iter().rev().take_while(|column| is_flag(column)).count();
    let before = columns.len() - flags_at_end;
    let others = columns.iter().take(before);
    let only_inputs = others.clone().all(|column| {
        column.unique
            || matches!(column.kind, ColumnKind::Id | ColumnKind::Text | ColumnKind::Path | ColumnKind::Url)
            || column.names_files_in.is_some()
    });
    let at_end = flags_at_end >= 3 && before >= 1 && only_inputs;
    if at_end {
        sets.retain(|(set, ..)| set.iter().all(|index| *index < before));
        let reason = String::from("columns of yes and no behind nothing but texts, files and keys");
        sets.push(((before..columns.len()).collect(), 0.75, reason));
    }
    sets.into_iter().filter_map(|(set, weight, reason)| label_set(table, &set, weight, &reason)).collect()
}

fn label_set(table: &TableData, set: &[usize], weight: f64, reason: &str) -> Option<SetTarget> {
    let of = |index: &usize| table.facts.columns.get(*index).map(|column| column.name.clone());
    let mut columns = set.iter().filter_map(of);
    let first = columns.next()?;
    let (one, several) = rows_with(table, set)?;
    let count = set.len();
    let mut target = if one >= 0.999 {
        // One of them in every row: a class that was spread over columns, of a feature as often as of a target.
        let reason =
            format!("{count} {reason}, exactly one of them yes in every row: one class spread over columns");
        SetTarget::new(&first, Formulation::Classification, weight * 0.6, reason)
    } else if several >= 0.02 {
        let reason = format!("{count} {reason}, several of them yes in {:.0} % of the rows", 100.0 * several);
        SetTarget::new(&first, Formulation::MultiLabel, weight, reason)
    } else {
        return None;
    };
    target.together_with = columns.collect();
    target.classes = Some(count as u64);
    Some(target)
}

/// The share of the sampled rows with exactly one yes, and with several.
fn rows_with(table: &TableData, set: &[usize]) -> Option<(f64, f64)> {
    let mut yes = vec![0_u32; table.sample_rows];
    for index in set {
        let data = table.columns.get(*index)?;
        if data.numbers.len() == yes.len() {
            for (count, number) in yes.iter_mut().zip(&data.numbers) {
                *count += u32::from(*number == 1.0);
            }
        } else {
            let is_yes = |text: &str| matches!(text.to_lowercase().as_str(), "true" | "yes" | "t" | "y");
            let code = (1_u32..).zip(&data.written).find(|(_, text)| is_yes(text)).map(|(code, _)| code);
            for (count, seen) in yes.iter_mut().zip(&data.codes) {
                *count += u32::from(Some(*seen) == code);
            }
        }
    }
    let rows = yes.len() as f64;
    let share = |fits: fn(u32) -> bool| yes.iter().filter(|count| fits(**count)).count() as f64 / rows;
    (rows > 0.0).then(|| (share(|count| count == 1), share(|count| count >= 2)))
}

/// Several columns of numbers that are all named as targets.
fn number_sets(table: &TableProfile) -> Option<SetTarget> {
    let named: Vec<&ColumnProfile> = table
        .columns
        .iter()
        .filter(|column| {
            let words = names::words(&column.name);
            column.kind.is_numeric()
                && column.distinct > 12
                && words
                    .iter()
                    .any(|word| matches!(word.as_str(), "target" | "targets" | "label" | "y" | "output"))
        })
        .collect();
    let (named, weight, reason) = if named.len() >= 2 {
        let reason = format!("{} columns of numbers are named as targets", named.len());
        (named, 0.75, reason)
    } else {
        named_alike_at_end(table)?
    };
    let (first, rest) = named.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let mut target = SetTarget::new(&first.name, Formulation::Regression, weight, reason);
    target.together_with = rest.iter().map(|column| column.name.clone()).collect();
    Some(target)
}

/// The last columns, all of numbers, that share a word in their names which no other column has.
fn named_alike_at_end(table: &TableProfile) -> Option<(Vec<&ColumnProfile>, f64, String)> {
    let last = table.columns.last()?;
    names::words(&last.name).into_iter().filter(|word| word.chars().any(char::is_alphabetic)).find_map(
        |word| {
            let has = |column: &&ColumnProfile| names::words(&column.name).contains(&word);
            let run: Vec<&ColumnProfile> = table.columns.iter().rev().take_while(has).collect();
            let all = table.columns.iter().filter(has).count();
            let numbers = run.iter().all(|column| column.kind.is_numeric() && column.distinct > 12);
            let fits = run.len() >= 2 && run.len() == all && run.len() * 3 <= table.columns.len() && numbers;
            let reason = format!("the last {all} columns have `{word}` in their names and no other has");
            fits.then(|| (run.into_iter().rev().collect(), 0.4, reason))
        },
    )
}

/// Lists of words in cells, such as `Action|Comedy`.
fn lists(column: &ColumnProfile, written: &[Box<str>]) -> Option<SetTarget> {
    if !matches!(column.kind, ColumnKind::Text | ColumnKind::Category) || written.len() < 10 {
        return None;
    }
    ['|', ';', ','].into_iter().find_map(|mark| {
        let mut parts: HashMap<&str, usize> = HashMap::new();
        let (mut marked, mut total) = (0_usize, 0_usize);
        for value in written {
            let pieces: Vec<&str> =
                value.split(mark).map(str::trim).filter(|piece| !piece.is_empty()).collect();
            marked += usize::from(pieces.len() >= 2);
            total += pieces.len();
            for piece in pieces {
                if piece.chars().count() > 40
                    || piece.split_whitespace().count() > 4
                    || piece.bytes().all(|b| b.is_ascii_digit())
                {
                    return None;
                }
                *parts.entry(piece).or_default() += 1;
            }
        }
        let repeated = parts.values().filter(|&&count| count >= 2).sum::<usize>();
        let fits = marked * 5 >= written.len()
            && parts.len() >= 3
            && total >= parts.len() * 3
            && repeated * 10 >= total * 7;
        fits.then(|| {
            let named = words::is_of_labels(&names::words(&column.name));
            let reason = format!("lists parted by `{mark}` of {} different labels", parts.len());
            let weight = if named { 0.65 } else { 0.4 };
            let mut target = SetTarget::new(&column.name, Formulation::MultiLabel, weight, reason);
            target.classes = Some(parts.len() as u64);
            target
        })
    })
}

const USERS: &[&str] = &["user", "reviewer", "customer", "member", "visitor", "rater", "judge", "author"];
const ITEMS: &[&str] = &[
    "item",
    "movie",
    "film",
    "product",
    "book",
    "isbn",
    "song",
    "track",
    "artist",
    "article",
    "business",
    "restaurant",
    "anime",
    "game",
    "recipe",
    "asin",
    "news",
    "doc",
];
const GRADES: &[&str] = &[
    "rating",
    "stars",
    "score",
    "relevance",
    "rel",
    "preference",
    "interaction",
    "plays",
    "clicks",
    "grade",
    "overall",
    "label",
    "target",
];
const QUERIES: &[&str] = &["query", "qid", "srch", "search", "session", "impression", "question"];

/// Ratings of items by users, and grades of results within queries.
fn ranking(table: &TableProfile) -> Option<SetTarget> {
    let about = |list: &[&str], key: bool| {
        table.columns.iter().find(|column| {
            let words = names::words(&column.name);
            let fits = words
                .iter()
                .any(|word| list.contains(&word.as_str()) || list.contains(&names::singular(word)));
            let repeats =
                column.distinct >= 2 && column.distinct < table.rows && column.kind != ColumnKind::Float;
            fits && (!key || (repeats && words.len() <= 3 && column.longest <= 80))
        })
    };
    let grade = about(GRADES, false).filter(|column| column.distinct >= 2 && column.kind != ColumnKind::Text);
    let (user, item) = (about(USERS, true), about(ITEMS, true));
    if let (Some(user), Some(item)) = (user, item)
        && user.name != item.name
        && user.distinct >= 5
        && item.distinct >= 5
    {
        if let Some(grade) = grade.filter(|grade| grade.name != user.name && grade.name != item.name) {
            let reason = format!("what each `{}` gives to a `{}`", user.name, item.name);
            let mut target = SetTarget::new(&grade.name, Formulation::Ranking, 0.7, reason);
            target.within = Some(user.name.clone());
            return Some(target);
        }
        let reason = format!("which `{}` a `{}` comes to", item.name, user.name);
        let mut target = SetTarget::new(&item.name, Formulation::Ranking, 0.45, reason);
        target.within = Some(user.name.clone());
        return Some(target);
    }
    let query = about(QUERIES, true).filter(|query| query.distinct >= 5)?;
    let grade = grade.filter(|grade| grade.name != query.name && grade.distinct <= 20)?;
    let reason = format!("grades of the rows within a `{}`", query.name);
    let mut target = SetTarget::new(&grade.name, Formulation::Ranking, 0.7, reason);
    target.within = Some(query.name.clone());
    Some(target)
}

/// Names of texts that are written from others.
const WRITTEN: &[&str] = &[
    "summary",
    "highlights",
    "translation",
    "answer",
    "answers",
    "response",
    "output",
    "completion",
    "target text",
    "target",
    "caption",
    "reply",
    "tldr",
    "abstract summary",
    "correction",
    "paraphrase",
    "simplified",
    "transcript",
    "transcription",
    "sentence",
    "ground truth",
];
/// Names of texts that may be written from others.
const PERHAPS: &[&str] = &["title", "headline", "description", "subject", "gloss", "definition"];
const LANGUAGES: &[&str] = &[
    "en", "de", "fr", "es", "it", "pt", "nl", "ru", "zh", "ja", "ko", "ar", "hi", "tr", "pl", "cs",
    "english", "german", "french", "spanish", "italian", "chinese", "russian", "hindi", "japanese", "arabic",
];

/// Texts that are to be written: a summary beside its article, a caption beside its image, a translation.
fn texts(table: &TableProfile) -> Vec<SetTarget> {
    let long: Vec<&ColumnProfile> = table.columns.iter().filter(|column| is_prose(column)).collect();
    let has_files = table.columns.iter().any(|column| column.names_files_in.is_some());
    let mut found = Vec::new();
    for column in &long {
        let plain = names::plain(&column.name);
        let others: Vec<&str> =
            long.iter().filter(|other| other.name != column.name).map(|other| other.name.as_str()).collect();
        if others.is_empty() && !has_files {
            continue;
        }
        let from = if others.is_empty() { String::from("the files") } else { list(&others) };
        if WRITTEN.contains(&plain.as_str()) {
            let reason = format!("a text that is written from {from} by its name");
            found.push(SetTarget::new(&column.name, Formulation::Generation, 0.6, reason));
        } else if PERHAPS.contains(&plain.as_str()) {
            let reason = format!("a text that could be written from {from}");
            found.push(SetTarget::new(&column.name, Formulation::Generation, 0.25, reason));
        }
    }
    let languages: Vec<&&ColumnProfile> =
        long.iter().filter(|column| LANGUAGES.contains(&names::plain(&column.name).as_str())).collect();
    if let [first, second, ..] = languages.as_slice() {
        let reason =
            format!("`{}` and `{}` are the same in two languages by their names", first.name, second.name);
        found.push(SetTarget::new(&second.name, Formulation::Generation, 0.7, reason));
    }
    found
}

/// True for sentences.
pub(super) fn is_prose(column: &ColumnProfile) -> bool {
    column.kind == ColumnKind::Text
        && column.distinct * 5 >= column.distinct.max(1)
        && column.lengths.is_some_and(|lengths| lengths.mean_words >= 4.0 && lengths.mean >= 15.0)
}

/// Tags of the words of a sentence.
fn sequences(table: &TableProfile) -> Option<SetTarget> {
    let plain = |column: &ColumnProfile| names::plain(&column.name);
    let tokens = table
        .columns
        .iter()
        .find(|column| matches!(plain(column).as_str(), "tokens" | "words" | "token" | "word"))?;
    let tags = table.columns.iter().find(|column| {
        matches!(
            plain(column).as_str(),
            "ner tags" | "pos tags" | "tags" | "tag" | "ner" | "pos" | "upos" | "labels" | "bio"
        )
    })?;
    let reason = format!("a tag for each of `{}`", tokens.name);
    Some(SetTarget::new(&tags.name, Formulation::StructuredPrediction, 0.7, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::sample::mix;
    use crate::relations::testing;

    fn found(header: &str, rows: &[String]) -> Vec<(String, Formulation, usize)> {
        let table = testing::table("t.csv", header, rows);
        find(&table).into_iter().map(|t| (t.column, t.formulation, t.together_with.len())).collect()
    }

    fn bit(i: u64, of: u64) -> u64 {
        mix(of, i) % 2
    }

    #[test]
    fn labels_beside_each_other_are_many_and_one_spread_class_is_one() {
        let rows: Vec<String> =
            (0..80).map(|i| format!("{}.5,{},{},{}", i * 7 % 80, bit(i, 1), bit(i, 2), bit(i, 3))).collect();
        assert_eq!(found("x,Class1,Class2,Class3", &rows), [("Class1".into(), Formulation::MultiLabel, 2)]);
        let rows: Vec<String> = (0..80)
            .map(|i| {
                format!(
                    "{}.5,{},{},{}",
                    i * 7 % 80,
                    u8::from(i % 3 == 0),
                    u8::from(i % 3 == 1),
                    u8::from(i % 3 == 2)
                )
            })
            .collect();
        let one = found("x,soil_a,soil_b,soil_c", &rows);
        assert_eq!(one, [("soil_a".into(), Formulation::Classification, 2)]);
    }

    #[test]
    fn flags_behind_a_text_are_labels_whatever_their_names() {
        let rows: Vec<String> = (0..80)
            .map(|i| {
                format!("k{i}x,what number {i} has to say here,{},{},{}", bit(i, 1), bit(i, 2), bit(i, 3))
            })
            .collect();
        assert_eq!(
            found("id,comment,toxic,obscene,threat", &rows),
            [("toxic".into(), Formulation::MultiLabel, 2)]
        );
    }

    #[test]
    fn lists_in_cells_are_labels_and_prose_is_not() {
        let genres = ["Action", "Comedy", "Drama", "War", "Western"];
        let rows: Vec<String> =
            (0..60).map(|i| format!("film {i},{}|{}", genres[i % 5], genres[(i / 5 + i + 1) % 5])).collect();
        assert_eq!(found("title,genres", &rows), [("genres".into(), Formulation::MultiLabel, 0)]);
        let rows: Vec<String> =
            (0..60).map(|i| format!("well; number {i} said; that is {} of them", i * 7)).collect();
        assert_eq!(found("remark", &rows), []);
    }

    #[test]
    fn survival_ranking_and_generation() {
        let rows: Vec<String> =
            (0..80).map(|i| format!("{},{},{}", mix(1, i) % 900, bit(i, 2), i % 7)).collect();
        assert_eq!(found("time,cens,age", &rows), [("time".into(), Formulation::Ranking, 1)]);
        let rows: Vec<String> =
            (0..80).map(|i| format!("{},{},{}", i % 9, mix(3, i) % 11, i % 5 + 1)).collect();
        assert_eq!(found("user_id,item_id,rating", &rows), [("rating".into(), Formulation::Ranking, 0)]);
        let rows: Vec<String> = (0..30)
            .map(|i| format!("the long article number {i} about towns and seas,town {i} and the sea"))
            .collect();
        assert_eq!(found("article,highlights", &rows), [("highlights".into(), Formulation::Generation, 0)]);
    }
}
