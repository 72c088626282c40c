//! Records of structured files, the scale of targets, and the names of classes.

use super::{ERROR, Made, WARNING, features, noise};

/// Sentences whose words are predicted one by one, so that no column of a table names the rows of the answers.
fn sentences(in_train: std::ops::Range<usize>, in_test: std::ops::Range<usize>, description: &str) -> Made {
    let words = |at: usize| -> String {
        let words: Vec<String> =
            (0..8).map(|word| format!("\"w{}\"", noise(9, at * 8 + word, 5_000))).collect();
        format!("[{}]", words.join(", "))
    };
    let line = |at: usize, tail: &str| {
        format!(
            "{{\"sentence\": \"s{at}\", \"document\": \"d{}\", \"words\": {}{tail}}}\n",
            at % 9,
            words(at)
        )
    };
    let train: String = in_train.map(|at| line(at, ", \"classes\": [\"X\"]")).collect();
    let test: String = in_test.clone().map(|at| line(at, "")).collect();
    let tokens = || in_test.clone().flat_map(|at| (0..8).map(move |word| format!("s{at}w{word}")));
    Made::default()
        .put("public/train.jsonl", train)
        .put("public/test.jsonl", test)
        .table("private/test_answer.csv", "token,y", tokens().map(|token| format!("{token},X")))
        .table("public/sample_submission.csv", "token,y", tokens().map(|token| format!("{token},Y")))
        .put("description.txt", description)
}

#[tokio::test]
async fn records_of_test_that_train_holds_with_more() {
    let plain = "Predict the class of every word.";
    assert_eq!(sentences(0..200, 150..250, plain).weight("Q105").await, ERROR);
    assert_eq!(sentences(0..200, 200..300, plain).weight("Q105").await, None);
    assert_eq!(Made::tabular().weight("Q105").await, None);
}

#[tokio::test]
async fn groups_of_records_that_were_to_stand_apart() {
    let promise =
        "Predict the class of every word. The documents of the test file do not occur in the training file.";
    assert_eq!(sentences(0..200, 200..300, promise).weight("Q105").await, ERROR);
}

#[tokio::test]
async fn candidates_that_are_missing_in_test() {
    let cars = |each: usize| {
        (200..300).flat_map(move |at| {
            (0..each).map(move |car| format!("{at},{car},{}", noise(4, at * 10 + car, 99)))
        })
    };
    let known = || {
        (0..200).flat_map(|at| (0..6).map(move |car| format!("{at},{car},{}", noise(4, at * 10 + car, 99))))
    };
    let with = |each: usize, description: &str| {
        Made::tabular()
            .table("public/train_cars.csv", "case,car,price", known())
            .table("public/test_cars.csv", "case,car,price", cars(each))
            .put("description.txt", description)
    };
    assert_eq!(with(5, "Each case has six cars to choose from.").weight("Q128").await, ERROR);
    assert_eq!(with(5, "Each case has some cars to choose from.").weight("Q128").await, WARNING);
    assert_eq!(with(6, "Each case has six cars to choose from.").weight("Q128").await, None);
}

#[tokio::test]
async fn answers_in_another_unit() {
    let kilos = |at: usize| 40 + noise(5, at, 60);
    let with = |scale: u64| {
        Made::tabular().answers(200, 100, |at| (kilos(at) * scale).to_string()).table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), kilos(at))),
        )
    };
    assert_eq!(with(1000).weight("Q129").await, ERROR);
    assert_eq!(with(2).weight("Q129").await, None);
    assert_eq!(Made::tabular().weight("Q129").await, None);
}

#[tokio::test]
async fn classes_that_changed_their_names() {
    let three = |at: usize, turned: bool| {
        let kind = (noise(1, at, 100) / 34) as usize;
        ["low", "middle", "high"][if turned && kind < 2 { 1 - kind } else { kind }].to_owned()
    };
    let with = |turned: bool| {
        let row = |at: usize| format!("{},{}", noise(1, at, 100), noise(2, at, 100));
        Made::default()
            .answers(600, 200, |at| three(at, turned))
            .table(
                "public/train.csv",
                "id,a,b,y",
                (0..600).map(|at| format!("{at},{},{}", row(at), three(at, false))),
            )
            .table("public/test.csv", "id,a,b", (600..800).map(|at| format!("{at},{}", row(at))))
            .put("description.txt", "Predict the class y. The metric is accuracy.")
    };
    assert_eq!(with(true).weight("C105").await, ERROR);
    assert_eq!(with(false).weight("C105").await, None);
}
