//! What other files and the documents say about which column is asked for.

use std::collections::{BTreeMap, HashSet};

use smith_task_schema::profile::{Document, TableProfile};

use crate::relations::names;
use crate::relations::targets::words;

/// Evidence for columns of one table, by name.
pub(super) type Said = BTreeMap<String, Vec<(f64, String)>>;

/// Columns of a table that are looked for in documents: nobody writes about each of so many.
const MAX_NAMED: usize = 1_000;
/// Part of a document in characters within which a column and a word for a target speak of each other.
const NEAR_CHARS: usize = 40;

/// What a file is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Train,
    Test,
    Submission,
    Answers,
    Data,
}

pub(super) fn role(path: &str) -> Role {
    let words = names::words(names::stem_of(path));
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(&["submission", "submit", "submissions"]) {
        Role::Submission
    } else if words.first().is_some_and(|word| word == "y")
        || has(&["labels", "answers", "solution", "targets"])
    {
        Role::Answers
    } else if has(&["test", "eval", "evaluation", "holdout", "unlabeled", "unlabelled", "private"]) {
        Role::Test
    } else if has(&["train", "training", "labeled", "labelled"]) {
        Role::Train
    } else {
        Role::Data
    }
}

/// For each table what the others and the documents say about its columns.
pub(super) fn find(tables: &[&TableProfile], documents: &[Document]) -> Vec<Said> {
    let mut said: Vec<Said> = tables.iter().map(|_| Said::new()).collect();
    for (table, said) in tables.iter().zip(&mut said) {
        for other in tables.iter().filter(|other| other.path != table.path) {
            lacking_in_test(table, other, said);
            asked_by_submission(table, other, said);
        }
        answers(table, said);
        said_by_documents(table, documents, said);
    }
    said
}

fn say(said: &mut Said, column: &str, weight: f64, reason: String) {
    said.entry(column.to_string()).or_default().push((weight, reason));
}

fn names_of(table: &TableProfile) -> HashSet<&str> {
    table.columns.iter().map(|column| column.name.as_str()).collect()
}

/// The columns that a table for training has and the one for testing lacks.
fn lacking_in_test(table: &TableProfile, test: &TableProfile, said: &mut Said) {
    let roles = (role(&table.path), role(&test.path));
    let made_up = table.columns.iter().all(|column| names::is_made_up(&column.name));
    if !matches!(roles, (Role::Train | Role::Data, Role::Test)) || made_up {
        return;
    }
    let (here, there) = (names_of(table), names_of(test));
    let lacking: Vec<&str> = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .filter(|name| !there.contains(name))
        .collect();
    let shared = here.intersection(&there).count();
    let is_part = shared >= 1 && shared * 10 >= there.len() * 9 && !lacking.is_empty();
    if !is_part || lacking.len() > shared.max(1) {
        return;
    }
    // Of several, all but the target may be what is only known later.
    let weight = match lacking.len() {
        1 => 0.95,
        2 | 3 => 0.8,
        _ => 0.6,
    };
    for name in lacking {
        say(said, name, weight, format!("`{}` lacks it", test.path));
    }
}

/// The columns that a sample submission asks for.
fn asked_by_submission(table: &TableProfile, submission: &TableProfile, said: &mut Said) {
    if role(&submission.path) != Role::Submission
        || matches!(role(&table.path), Role::Submission | Role::Test)
    {
        return;
    }
    let asked: Vec<&str> = submission
        .columns
        .iter()
        .enumerate()
        .filter(|(place, column)| !(column.unique || (*place == 0 && names::is_key(&column.name))))
        .map(|(_, column)| column.name.as_str())
        .collect();
    let here = names_of(table);
    let mut found = false;
    for name in asked.iter().filter(|name| here.contains(**name)) {
        found = true;
        say(said, name, 0.97, format!("`{}` asks for it", submission.path));
    }
    if !found && asked.len() >= 2 {
        asked_by_class(table, &asked, &submission.path, said);
    }
}

/// A submission with a column for each class.
fn asked_by_class(table: &TableProfile, asked: &[&str], path: &str, said: &mut Said) {
    for column in &table.columns {
        if column.distinct != asked.len() as u64 || column.top.is_empty() {
            continue;
        }
        let fits = column.top.iter().all(|top| asked.iter().any(|asked| *asked == top.value));
        if fits {
            say(said, &column.name, 0.95, format!("the columns of `{path}` are its classes"));
        }
    }
}

/// A table of answers beside the data.
fn answers(table: &TableProfile, said: &mut Said) {
    if role(&table.path) != Role::Answers || table.columns.len() > 3 {
        return;
    }
    for column in table.columns.iter().filter(|column| !column.unique && column.distinct >= 2) {
        if !names::is_key(&column.name) {
            say(said, &column.name, 0.8, String::from("its file holds the answers by its name"));
        }
    }
}

/// Words of documents that name a target.
const ASKING: &[&str] = &[
    "predict ",
    "predicting ",
    "prediction of ",
    "predicts ",
    "target variable",
    "target column",
    "target attribute",
    "target:",
    "target is",
    "label column",
    "class attribute",
    "class variable",
    "dependent variable",
    "response variable",
    "outcome variable",
    "output variable",
];
/// Words behind a name that call it a target.
const CALLED: &[&str] = &[
    "(target",
    "(label",
    "(class",
    "is the target",
    "is the label",
    "is the outcome",
    "as the target",
    ": target",
    "- target",
];

/// Columns that a document names beside a word for a target.
fn said_by_documents(table: &TableProfile, documents: &[Document], said: &mut Said) {
    for document in documents {
        let text = document.text.to_lowercase();
        for column in table.columns.iter().take(MAX_NAMED) {
            let name = column.name.to_lowercase();
            // Short and common words are found in any text.
            if name.chars().count() < 3 || words::is_plain(&column.name) || names::is_made_up(&column.name) {
                continue;
            }
            if let Some(phrase) = asks_for(&text, &name) {
                let reason = format!("`{}` names it beside “{}”", document.path, phrase.trim());
                say(said, &column.name, 0.7, reason);
            }
        }
    }
}

/// The words for a target that stand right beside a name.
fn asks_for(text: &str, name: &str) -> Option<&'static str> {
    let mut from = 0;
    while let Some(place) = text.get(from..).and_then(|rest| rest.find(name)) {
        let start = from + place;
        let end = start + name.len();
        from = end;
        let before = text.get(..start).unwrap_or_default();
        let after = text.get(end..).unwrap_or_default();
        let is_word = !before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
            && !after.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
        if !is_word {
            continue;
        }
        if let Some(phrase) = asked_before(before).or_else(|| called_after(after)) {
            return Some(phrase);
        }
    }
    None
}

/// A phrase that asks for what follows, with nothing but a few small words between.
fn asked_before(before: &str) -> Option<&'static str> {
    let near: String = {
        let mut near: Vec<char> = before.chars().rev().take(NEAR_CHARS).collect();
        near.reverse();
        near.into_iter().collect()
    };
    ASKING.iter().copied().find(|phrase| {
        near.rfind(phrase).and_then(|place| near.get(place + phrase.len()..)).is_some_and(is_filler)
    })
}

fn called_after(after: &str) -> Option<&'static str> {
    let near: String = after.chars().take(NEAR_CHARS).collect();
    let near = near.trim_start_matches(['`', '*', '"', '\'', ' ', '|']);
    CALLED.iter().copied().find(|phrase| near.starts_with(phrase))
}

fn is_filler(text: &str) -> bool {
    !text.contains(['.', ';'])
        && text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(|word| {
            matches!(
                word,
                "the"
                    | "a"
                    | "an"
                    | "is"
                    | "are"
                    | "of"
                    | "column"
                    | "variable"
                    | "whether"
                    | "if"
                    | "called"
                    | "named"
                    | "value"
                    | "their"
                    | "its"
                    | "our"
                    | "final"
                    | "which"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relations::testing;

    fn said(tables: &[(&str, &str)], documents: &[&str]) -> Vec<Vec<(String, f64)>> {
        let tables: Vec<TableProfile> = tables
            .iter()
            .map(|(path, header)| {
                let width = header.split(',').count();
                let rows: Vec<String> = (0..30)
                    .map(|i| {
                        (0..width)
                            .map(|c| if c == 0 { format!("k{i}") } else { format!("{}", (i + c) % 3) })
                            .collect::<Vec<_>>()
                            .join(",")
                    })
                    .collect();
                testing::table(path, header, &rows).facts
            })
            .collect();
        let documents: Vec<Document> = documents
            .iter()
            .map(|text| Document { path: "README.md".into(), text: (*text).into() })
            .collect();
        let found = find(&tables.iter().collect::<Vec<_>>(), &documents);
        found
            .into_iter()
            .map(|said| {
                said.into_iter()
                    .map(|(name, why)| (name, why.iter().map(|w| w.0).fold(0.0, f64::max)))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn what_the_test_file_lacks_is_asked_for() {
        let found = said(&[("train.csv", "Id,Age,Fare,Survived"), ("test.csv", "Id,Age,Fare")], &[]);
        assert_eq!(found[0], [("Survived".to_string(), 0.95)]);
        assert_eq!(found[1], []);
        let found = said(&[("planes.csv", "tail,year,seats,speed"), ("airlines.csv", "carrier,name")], &[]);
        assert_eq!(found, [vec![], vec![]]);
    }

    #[test]
    fn a_sample_submission_decides() {
        let found = said(&[("data.csv", "id,a,b,price"), ("sample_submission.csv", "id,price")], &[]);
        assert_eq!(found[0], [("price".to_string(), 0.97)]);
        let found = said(&[("train.csv", "id,a,b"), ("sampleSubmission.csv", "id,0,1,2")], &[]);
        assert_eq!(found[0].iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn documents_name_targets() {
        for text in [
            "The task is to predict the `fare` of a ride.",
            "Target variable: **fare**",
            "* fare (target): in dollars",
            "fare is the target",
        ] {
            let found = said(&[("a.csv", "id,age,fare")], &[text]);
            assert_eq!(found[0], [("fare".to_string(), 0.7)], "{text}");
        }
        for text in
            ["We predict survival from age, sex and fare.", "The welfare target is 5.", "fare. Target: none"]
        {
            assert_eq!(said(&[("a.csv", "id,age,fare")], &[text])[0], [], "{text}");
        }
    }
}
