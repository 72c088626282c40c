use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::subject::ladder::STEPS;
use crate::subject::tables::{Pair, Tables};

fn table(headers: &[&str], rows: &[&[&str]]) -> Table {
    let owned = |row: &[&str]| row.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    Table { headers: owned(headers), rows: rows.iter().map(|row| owned(row)).collect() }
}

/// Two predicted columns, one of them numeric, ids 1 to 6.
fn pair() -> Pair {
    let answers = table(
        &["id", "kind", "size"],
        &[
            &["1", "a", "1"],
            &["2", "a", "2"],
            &["3", "a", "4"],
            &["4", "b", "4"],
            &["5", "b", "9"],
            &["6", "c", "10"],
        ],
    );
    let mut sample = answers.clone();
    sample.rows.iter_mut().for_each(|row| row[1] = "z".to_owned());
    Tables::pair(sample, answers).pair.unwrap()
}

fn built_from(pair: &Pair, trial: Trial) -> Option<Table> {
    match trial.content(&Base::new(pair))? {
        Content::Table(table) => Some(table),
        Content::Bytes(bytes) => panic!("{bytes:?}"),
    }
}

fn built(trial: Trial) -> Table {
    built_from(&pair(), trial).unwrap()
}

fn column_of(table: &Table, at: usize) -> Vec<&str> {
    table.rows.iter().map(|row| row[at].as_str()).collect()
}

/// A task of two columns with these answers under the ids 1, 2, ….
fn task(answers: &[&str]) -> Pair {
    let rows =
        answers.iter().enumerate().map(|(at, answer)| vec![(at + 1).to_string(), (*answer).to_owned()]);
    let table = Table { headers: vec!["id".into(), "y".into()], rows: rows.collect() };
    Tables::pair(table.clone(), table).pair.unwrap()
}

#[test]
fn constants_are_mode_mean_and_median() {
    let cases = [
        (Trial::Mode, "4"),
        (Trial::Mean, "5"),
        (Trial::Median, "4"),
        (Trial::Least, "1"),
        (Trial::Most, "10"),
    ];
    for (trial, size) in cases {
        let table = built(trial);
        assert_eq!(column_of(&table, 0), ["1", "2", "3", "4", "5", "6"]);
        assert!(column_of(&table, 1).iter().all(|value| *value == "a"), "{trial:?}");
        assert!(column_of(&table, 2).iter().all(|value| *value == size), "{trial:?}");
    }
}

#[test]
fn a_share_below_zero_makes_a_row_add_up_to_nearly_nothing() {
    let answers = table(&["id", "a", "b"], &[&["1", "1", "0"], &["2", "0", "1.0"]]);
    let pair = Tables::pair(answers.clone(), answers).pair.unwrap();
    let built = built_from(&pair, Trial::NegativeShares).unwrap();
    assert_eq!(built.rows, [["1", "1", "-0.999999999"], ["2", "-0.999999999", "1.0"]]);
    assert!(built_from(&self::pair(), Trial::NegativeShares).is_none());
}

#[test]
fn text_has_no_mean_and_nothing_that_numbers_have() {
    let pair = task(&["a", "b", "c", "d"]);
    for trial in [Trial::Mean, Trial::Zero, Trial::Infinite, Trial::TextInNumbers] {
        assert!(trial.content(&Base::new(&pair)).is_none(), "{trial:?}");
    }
    assert!(Trial::NumbersInLabels.content(&Base::new(&pair)).is_some());
}

#[test]
fn corruption_keeps_the_values_and_moves_every_row_or_every_second_one() {
    let answers = built(Trial::Answers);
    for (trial, moved) in [(Trial::Corrupted, 6), (Trial::HalfCorrupted, 3)] {
        let table = built(trial);
        let rows = |table: &Table| {
            let mut rows: Vec<_> = table.rows.iter().map(|row| row[1..].to_vec()).collect();
            rows.sort();
            rows
        };
        assert_eq!(column_of(&table, 0), column_of(&answers, 0));
        assert_eq!(rows(&table), rows(&answers), "whole rows are exchanged");
        let differ = table.rows.iter().zip(&answers.rows).filter(|(a, b)| a != b).count();
        assert_eq!(differ, moved, "{trial:?}");
    }
    let kinds = built(Trial::Corrupted);
    assert!(column_of(&kinds, 1).iter().zip(column_of(&answers, 1)).all(|(a, b)| *a != b));
}

#[test]
fn invalid_submissions_are_invalid_in_one_way_each() {
    assert_eq!(built(Trial::MissingColumn).headers, ["id", "kind"]);
    assert_eq!(built(Trial::MissingColumn).rows[0], ["1", "a"]);
    assert_eq!(column_of(&built(Trial::MissingRows), 0), ["1", "2", "3", "4"]);
    assert_eq!(column_of(&built(Trial::RepeatedId), 0), ["1", "2", "3", "4", "5", "6", "1"]);
    assert_eq!(column_of(&built(Trial::ReplacedId), 0), ["1", "2", "3", "4", "5", "1"]);
    let otherwise = Trial::RepeatedAs(Notation::Zero);
    assert_eq!(column_of(&built(otherwise), 0), ["1", "2", "3", "4", "5", "6", "01"]);
    assert_eq!(column_of(&built(Trial::ReplacedAs(Notation::Blank)), 0), ["1", "2", "3", "4", "5", "1 "]);
    assert!(built_from(&pair(), Trial::RepeatedAs(Notation::Case)).is_none());
    assert_eq!(column_of(&built(Trial::UnknownId), 0), ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(built(Trial::NoRows).rows.len(), 0);
    assert_eq!(column_of(&built(Trial::FloatIds), 0)[0], "1.0");
}

#[test]
fn what_could_gain_hides_the_wrong_rows() {
    let half = built(Trial::HalfCorrupted);
    let right: BTreeSet<_> = half
        .rows
        .iter()
        .filter(|row| built(Trial::Answers).rows.contains(row))
        .map(|row| row[0].clone())
        .collect();
    assert_eq!(right.len(), 3);
    let ids = |trial| -> Vec<String> { built(trial).rows.into_iter().map(|row| row[0].clone()).collect() };
    assert_eq!(ids(Trial::WrongLeftOut).into_iter().collect::<BTreeSet<_>>(), right);
    assert_eq!(ids(Trial::WrongRepeatRight).into_iter().collect::<BTreeSet<_>>(), right);
    assert_eq!(ids(Trial::WrongRepeatRight).len(), 6);
    assert_eq!(ids(Trial::RightRepeated).len(), 3 + 9);
    assert_eq!(ids(Trial::OneRowRepeated), ["1"; 6]);
    assert_eq!(ids(Trial::WholeTwice).len(), 12);
    let unknown: Vec<_> =
        ids(Trial::WrongUnknown).into_iter().filter(|id| id.parse::<u32>().unwrap() > 6).collect();
    assert_eq!(unknown.iter().collect::<BTreeSet<_>>().len(), 3);
    let empty = built(Trial::WrongEmpty).rows.into_iter().filter(|row| row[1].is_empty()).count();
    assert_eq!(empty, 3);
}

#[test]
fn every_class_is_guessed_for_every_id() {
    let table = built_from(&task(&["a", "b", "a", "c"]), Trial::EveryGuess).unwrap();
    assert_eq!(table.rows.len(), 12);
    assert_eq!(table.rows.iter().collect::<BTreeSet<_>>().len(), 12);
    assert!(built_from(&pair(), Trial::EveryGuess).is_none(), "two columns are predicted");
    let padded = built_from(&task(&["a", "b", "a", "c"]), Trial::EveryGuessPadded).unwrap();
    let ids: BTreeSet<&str> = padded.rows.iter().map(|row| row[0].as_str()).collect();
    assert!(ids.len() == 12 && ids.contains("1  "), "{ids:?}");
    let all = built_from(&task(&["a", "b", "a", "c"]), Trial::AllClasses).unwrap();
    assert!(all.rows.len() == 4 && all.rows.iter().all(|row| row[1] == "a b c"), "{all:?}");
    assert!(built_from(&task(&["a", "a b", "b", "a"]), Trial::AllClasses).is_none(), "lists of labels");
}

#[test]
fn unknown_ids_of_text_stay_text() {
    let rows: &[&[&str]] = &[&["a", "1"], &["b", "2"], &["c", "3"], &["d", "4"]];
    let answers = table(&["id", "y"], rows);
    let pair = Tables::pair(answers.clone(), answers).pair.unwrap();
    assert_eq!(built_from(&pair, Trial::UnknownId).unwrap().rows[4], ["a_unknown", "1"]);
}

#[test]
fn rows_that_share_an_id_are_neither_repeated_nor_torn_apart() {
    let rows: &[&[&str]] = &[&["q", "1"], &["r", "2"], &["q", "3"], &["s", "4"], &["r", "5"], &["q", "6"]];
    let answers = table(&["id", "y"], rows);
    let mut sample = answers.clone();
    sample.rows.iter_mut().for_each(|row| row[1] = "0".to_owned());
    let pair = Tables::pair(sample, answers).pair.unwrap();
    let base = Base::new(&pair);
    let (trials, _) = plan(&base);
    assert!(!trials.contains(&Trial::RepeatedId) && !trials.contains(&Trial::MissingRows));
    let shuffled = built_from(&pair, Trial::RowsShuffled).unwrap();
    let of_q: Vec<_> = shuffled.rows.iter().filter(|row| row[0] == "q").map(|row| row[1].as_str()).collect();
    assert_eq!(of_q, ["1", "3", "6"]);
    assert_ne!(shuffled.rows, built_from(&pair, Trial::Answers).unwrap().rows);
}

#[test]
fn other_forms_say_the_same() {
    let pair = pair();
    let Some(Content::Bytes(bytes)) = Trial::OtherForm.content(&Base::new(&pair)) else { panic!() };
    assert!(bytes.starts_with(b"\xef\xbb\xbf\"id\",\"kind\",\"size\"\r\n\"1\",\"a\",\"1\"\r\n"));
    assert!(bytes.ends_with(b"\"10\"\r\n\r\n"));
}

#[test]
fn empty_predictions_are_not_tried_where_they_may_be_honest() {
    let has = |answers: &[&str]| {
        let pair = task(answers);
        plan(&Base::new(&pair)).0.contains(&Trial::WrongEmpty)
    };
    assert!(has(&["a", "b", "a", "c"]));
    assert!(!has(&["a", "", "a", "c"]));
    assert!(!has(&["1 2 3 4", "5 6 7 8", "1 2 3", "9 9 9"]));
}

#[test]
fn every_trial_has_words_of_its_own() {
    let (trials, left_out) = plan(&Base::new(&pair()));
    assert_eq!(left_out, 0);
    let is_one_of_many = |trial: &&Trial| {
        matches!(
            trial,
            Trial::Permuted(_)
                | Trial::Ladder(..)
                | Trial::ItemsTwice(_)
                | Trial::ItemsTwiceOver(_)
                | Trial::HalfItems(_)
                | Trial::HalfItemsFilled(_)
                | Trial::HalfItemsRepeated(_)
                | Trial::NeverClass(_)
                | Trial::OnlyClass(_)
                | Trial::UnaskedClass(_)
                | Trial::Crossed(_)
        )
    };
    let told: Vec<_> = trials.iter().filter(|trial| !is_one_of_many(trial)).collect();
    assert_eq!(told.iter().map(|trial| trial.words()).collect::<BTreeSet<_>>().len(), told.len());
    assert_eq!(trials.iter().collect::<BTreeSet<_>>().len(), trials.len());
}

#[test]
fn a_large_table_is_tried_less_often() {
    let long = "x".repeat(1 << 20);
    let answers: Vec<String> = (0..64).map(|at| format!("{long}{at}")).collect();
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let pair = task(&answers);
    let (trials, left_out) = plan(&Base::new(&pair));
    assert!(trials.contains(&Trial::WrongLeftOut) && left_out > 50, "{left_out}");
}

fn answers_of_any_kind() -> impl Strategy<Value = Vec<String>> {
    let number = (-50.0..50.0_f64).prop_map(|number| format!("{number:.3}"));
    let class = (0..3_u8).prop_map(|class| format!("k{class}"));
    let words = proptest::collection::vec("[a-d]{1,3}", 1..8).prop_map(|words| words.join(" "));
    let rows = 4..30_usize;
    prop_oneof![
        proptest::collection::vec(number, rows.clone()),
        proptest::collection::vec(class, rows.clone()),
        proptest::collection::vec(words, rows),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn honest_submissions_have_the_rows_that_are_asked_for(answers in answers_of_any_kind()) {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let pair = task(&answers);
        let base = Base::new(&pair);
        for trial in plan(&base).0.into_iter().filter(|trial| trial.is_honest() && *trial != Trial::Sample) {
            let Some(Content::Table(table)) = trial.content(&base) else { continue };
            prop_assert_eq!(&table.headers, &base.truth.headers);
            prop_assert_eq!(column_of(&table, 0), column_of(&base.truth, 0), "{:?}", trial);
        }
    }

    #[test]
    fn what_is_exchanged_at_one_step_is_exchanged_at_the_next(answers in answers_of_any_kind(), seed in 0..5_u8) {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let pair = task(&answers);
        let base = Base::new(&pair);
        let changed = |step| -> BTreeSet<usize> {
            let table = Corruption::Exchange.corrupt(&base, step, seed);
            (0..answers.len()).filter(|&at| table.rows[at] != base.truth.rows[at]).collect()
        };
        prop_assert!(changed(0).is_empty());
        for step in 1..=STEPS {
            prop_assert!(changed(step - 1).is_subset(&changed(step)));
        }
    }

    #[test]
    fn every_kind_of_corruption_begins_with_the_answers(answers in answers_of_any_kind(), seed in 0..5_u8) {
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let pair = task(&answers);
        let base = Base::new(&pair);
        for kind in Corruption::ALL.into_iter().filter(|kind| kind.applies(&base)) {
            let first = kind.corrupt(&base, 0, seed);
            let same = |(a, b): (&Vec<String>, &Vec<String>)| {
                a[1] == b[1] || a[1].parse::<f64>().ok() == b[1].parse::<f64>().ok()
            };
            prop_assert!(first.rows.iter().zip(&base.truth.rows).all(same), "{:?}", kind);
            prop_assert_ne!(kind.corrupt(&base, STEPS, seed).rows.len(), 0);
        }
    }
}
