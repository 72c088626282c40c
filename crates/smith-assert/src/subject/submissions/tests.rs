use super::*;
use crate::subject::tables::Tables;

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

fn built(trial: Trial) -> Table {
    build(&pair()).into_iter().find(|(kind, _)| *kind == trial).unwrap().1
}

fn column_of(table: &Table, at: usize) -> Vec<&str> {
    table.rows.iter().map(|row| row[at].as_str()).collect()
}

#[test]
fn constants_are_mode_mean_and_median() {
    let cases = [(Trial::Mode, "4"), (Trial::Mean, "5"), (Trial::Median, "4")];
    for (trial, size) in cases {
        let table = built(trial);
        assert_eq!(column_of(&table, 0), ["1", "2", "3", "4", "5", "6"]);
        assert!(column_of(&table, 1).iter().all(|value| *value == "a"), "{trial:?}");
        assert!(column_of(&table, 2).iter().all(|value| *value == size), "{trial:?}");
    }
}

#[test]
fn text_has_no_mean() {
    let answers = table(&["id", "kind"], &[&["1", "a"], &["2", "b"]]);
    let trials = build(&Tables::pair(answers.clone(), answers).pair.unwrap());
    let kinds: Vec<_> = trials.iter().map(|(trial, _)| *trial).collect();
    assert_eq!(kinds, [Trial::Mode, Trial::Answers]);
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
    assert_eq!(column_of(&built(Trial::UnknownId), 0), ["1", "2", "3", "4", "5", "6", "7"]);
}

#[test]
fn unknown_ids_of_text_stay_text() {
    let rows: &[&[&str]] = &[&["a", "1"], &["b", "2"], &["c", "3"], &["d", "4"]];
    let answers = table(&["id", "y"], rows);
    let pair = Tables::pair(answers.clone(), answers).pair.unwrap();
    assert_eq!(unknown_row(&pair, &pair.answers_as_submission())[0], "a_unknown");
}
