//! How the split was made: groups, time, shift, classes.

use super::*;

/// Six visits of each patient, whose diagnosis is the patient's or the visit's.
fn visits(by_patient: bool, both_sides: bool, words: &str) -> Made {
    let patient = |at: usize| {
        if both_sides {
            at % 50
        } else if at < 200 {
            at % 33
        } else {
            33 + at % 17
        }
    };
    let answer = move |at: usize| {
        ["ill", "well"][noise(50, if by_patient { patient(at) } else { at }, 2) as usize].to_owned()
    };
    Made::default()
        .answers(200, 100, answer)
        .table(
            "public/train.csv",
            "id,patient_id,a,y",
            (0..200).map(|at| format!("{at},p{},{},{}", patient(at), noise(51, at, 1_000), answer(at))),
        )
        .table(
            "public/test.csv",
            "id,patient_id,a",
            (200..300).map(|at| format!("{at},p{},{}", patient(at), noise(51, at, 1_000))),
        )
        .put("description.txt", words)
}

#[tokio::test]
async fn groups_on_both_sides() {
    assert_eq!(visits(true, true, "").weight("Q110").await, ERROR);
    assert_eq!(visits(true, false, "").weight("Q110").await, None);
    assert_eq!(visits(false, true, "").weight("Q110").await, None);
    let promise = "Patients of the test set\ndo not occur in the training set.";
    assert_eq!(visits(false, true, promise).weight("Q110").await, ERROR);
    assert_eq!(visits(false, false, promise).weight("Q110").await, None);
}

#[tokio::test]
async fn an_ordinary_category_is_no_group() {
    let city = |at: usize| noise(60, at, 20);
    let answer = |at: usize| ["yes", "no"][(city(at) % 2) as usize].to_owned();
    let made = Made::default()
        .answers(200, 100, answer)
        .table(
            "public/train.csv",
            "id,city,a,y",
            (0..200).map(|at| format!("{at},c{},{},{}", city(at), at % 7, answer(at))),
        )
        .table("public/test.csv", "id,city,a", (200..300).map(|at| format!("{at},c{},{}", city(at), at % 7)));
    assert_eq!(made.weight("Q110").await, None);
}

#[tokio::test]
async fn groups_in_the_names_of_examples() {
    let made = |by_speaker: bool| {
        let name = |at: usize| format!("spk{:02}_{at:04}", at % 24);
        let answer =
            move |at: usize| ["m", "f"][noise(70, if by_speaker { at % 24 } else { at }, 2) as usize];
        let rows =
            |range: std::ops::Range<usize>| range.map(move |at| format!("{},{}", name(at), answer(at)));
        Made::default()
            .table("private/test_answer.csv", "clip,y", rows(240..320))
            .table("public/sample_submission.csv", "clip,y", (240..320).map(|at| format!("{},m", name(at))))
            .table("public/train.csv", "clip,y", rows(0..240))
    };
    assert_eq!(made(true).weight("Q110").await, ERROR);
    assert_eq!(made(false).weight("Q110").await, None);
}

fn days(is_test: fn(usize) -> bool, words: &str) -> Made {
    let day = |at: usize| format!("2021-{:02}-{:02}", 1 + at / 28 % 12, 1 + at % 28);
    let value = |at: usize| format!("{}", 50 + at % 7 + noise(80, at, 9) as usize);
    let rows = |test: bool| (0..300).filter(move |at| is_test(*at) == test);
    Made::default()
        .table(
            "private/test_answer.csv",
            "date,sales",
            rows(true).map(|at| format!("{},{}", day(at), value(at))),
        )
        .table("public/sample_submission.csv", "date,sales", rows(true).map(|at| format!("{},0", day(at))))
        .table(
            "public/train.csv",
            "date,x,sales",
            rows(false).map(|at| format!("{},{},{}", day(at), at % 5, value(at))),
        )
        .table("public/test.csv", "date,x", rows(true).map(|at| format!("{},{}", day(at), at % 5)))
        .put("description.txt", words)
}

#[tokio::test]
async fn time_order() {
    let words = "Forecast the sales of each day.";
    assert_eq!(days(|at| at >= 240, words).weight("Q111").await, None);
    assert_eq!(days(|at| at % 4 == 1, words).weight("Q111").await, ERROR);
    assert_eq!(days(|at| at < 60, words).weight("Q111").await, ERROR);
    // The last days of each month, as one well-known task has them.
    assert_eq!(days(|at| at % 28 >= 20, words).weight("Q111").await, WARNING);
    assert_eq!(days(|at| at % 4 == 1, "Estimate the missing sales.").weight("Q111").await, None);
}

#[tokio::test]
async fn shifted_sides() {
    let made = |test: &dyn Fn(usize) -> String| {
        Made::tabular().table(
            "public/test.csv",
            "id,a,b,c,d,e",
            (200..300).map(|at| format!("{at},{}", test(at))),
        )
    };
    let shifted = |at: usize| {
        format!(
            "{},{},{},{},{}",
            90 + noise(1, at, 100),
            noise(2, at, 9),
            noise(3, at, 9),
            noise(4, at, 9),
            noise(5, at, 9)
        )
    };
    assert_eq!(made(&shifted).weight("Q112").await, WARNING);
    let emptied = |at: usize| format!(",{}", features(at).split_once(',').unwrap().1);
    assert_eq!(made(&emptied).weight("Q112").await, ERROR);
    // Later days differ by nature.
    let later = days(|at| at >= 240, "").table(
        "public/test.csv",
        "date,x",
        (0..60)
            .map(|at| format!("2021-{:02}-{:02},{}", 9 + (240 + at) / 28 - 8, 1 + (240 + at) % 28, 50 + at)),
    );
    assert_eq!(later.weight("Q112").await, None);
}

#[tokio::test]
async fn classes_on_one_side() {
    let made = |train: fn(usize) -> usize, test: fn(usize) -> usize| {
        let row = |at: usize, class: usize| format!("{at},{},k{class}", features(at));
        Made::tabular().answers(200, 100, |at| format!("k{}", test(at))).table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| row(at, train(at))),
        )
    };
    assert_eq!(made(|at| at % 4, |at| at % 4).weight("Q120").await, None);
    assert_eq!(made(|at| at % 3, |at| at % 4).weight("Q120").await, ERROR);
    // Most are new: to tell new classes apart is the task.
    assert_eq!(made(|at| at % 20, |at| 15 + at % 25).weight("Q120").await, WARNING);
    assert_eq!(made(|at| at % 4, |at| at % 3).weight("Q121").await, WARNING);
    assert_eq!(made(|at| if at == 7 { 9 } else { at % 4 }, |at| at % 4).weight("Q121").await, None);
}

#[tokio::test]
async fn counts_may_be_new() {
    let made = |words: &str| {
        Made::tabular()
            .answers(200, 100, |at| if at == 250 { "17".to_owned() } else { format!("{}", at % 9) })
            .table(
                "public/train.csv",
                "id,a,b,c,d,e,y",
                (0..200).map(|at| format!("{at},{},{}", features(at), at % 9)),
            )
            .put("description.txt", words)
    };
    assert_eq!(made("Count the rings. The metric is RMSE.").weight("Q120").await, WARNING);
    assert_eq!(made("Name the class. The metric is accuracy.").weight("Q120").await, ERROR);
}

#[tokio::test]
async fn several_labels_in_a_cell() {
    let labels = |at: usize, of: u64| format!("l{} l{}", noise(90, at, of), 2 + noise(91, at, of));
    let made = |of: u64| {
        Made::tabular().answers(200, 100, move |at| labels(at, of)).table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), labels(at, 5))),
        )
    };
    assert_eq!(made(5).weight("Q120").await, None);
    assert_eq!(made(6).weight("Q120").await, ERROR);
}

#[tokio::test]
async fn sides_of_boxes_are_no_labels() {
    let boxes = |at: usize, of: u64| {
        let [left, top, right, bottom] = [92, 93, 94, 95].map(|salt| noise(salt, at, of));
        format!("{} 1 {left} {top} {right} {bottom}", if at.is_multiple_of(3) { "cup" } else { "jug" })
    };
    let made = Made::tabular().answers(200, 100, move |at| boxes(at, 33)).table(
        "public/train.csv",
        "id,a,b,c,d,e,y",
        (0..200).map(|at| format!("{at},{},{}", features(at), boxes(at, 30))),
    );
    assert_eq!(made.weight("Q120").await, None);
}

/// Plots of farms, each row of a farm of its own number.
fn plots(farm: fn(usize) -> usize, words: &str) -> Made {
    let column = |at: usize| format!("f{}", farm(at));
    Made::tabular()
        .table(
            "public/train.csv",
            "id,farm,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{},{}", column(at), features(at), class(at))),
        )
        .table(
            "public/test.csv",
            "id,farm,a,b,c,d,e",
            (200..300).map(|at| format!("{at},{},{}", column(at), features(at))),
        )
        .put("description.txt", words)
}

#[tokio::test]
async fn groups_that_are_promised_apart_in_other_words() {
    for words in [
        "The test plots are on unseen farms.",
        "Two of the farms are held out.",
        "No farm of test.csv is in train.csv.",
    ] {
        assert_eq!(plots(|at| at % 7, words).weight("Q110").await, ERROR, "{words}");
        assert_eq!(plots(|at| at / 100, words).weight("Q110").await, None, "{words}");
    }
    for words in
        ["Plots of every farm are in train and test.", "A farm may be absent from the training data."]
    {
        assert_eq!(plots(|at| at % 7, words).weight("Q110").await, None, "{words}");
    }
}

#[tokio::test]
async fn groups_that_stand_in_the_raw_data_alone() {
    let words = "The farms of the test data do not occur in the training data.";
    let made = |farm: fn(usize) -> usize| {
        Made::tabular().put("description.txt", words).table(
            "raw/plots.csv",
            "a,b,c,d,e,farm,y",
            (0..300).rev().map(move |at| format!("{},f{},{}", features(at), farm(at), class(at))),
        )
    };
    assert_eq!(made(|at| at % 30).weight("Q110").await, ERROR);
    assert_eq!(made(|at| at / 10).weight("Q110").await, None);
}

#[tokio::test]
async fn a_promised_split_in_time_and_quantiles_of_one_value() {
    let later = "Give the sales. The last two months are held out.";
    assert_eq!(days(|at| at >= 240, later).weight("Q111").await, None);
    assert_eq!(days(|at| noise(81, at, 10) < 3, later).weight("Q111").await, ERROR);
    let between = "Reconstruct the sales of missing days, which a weather forecast helps with.";
    assert_eq!(days(|at| noise(81, at, 10) < 3, between).weight("Q111").await, None);
    let quantiles = |is_test: fn(usize) -> bool| {
        let rows = move |test: bool| (0..300).filter(move |at| is_test(*at) == test);
        let day = |at: usize| format!("2021-{:02}-{:02}", 1 + at / 28 % 12, 1 + at % 28);
        let sold = |at: usize| noise(82, at, 90);
        days(is_test, later)
            .table(
                "private/test_answer.csv",
                "date,low,high",
                rows(true).map(|at| format!("{},{},{}", day(at), sold(at), sold(at))),
            )
            .table(
                "public/sample_submission.csv",
                "date,low,high",
                rows(true).map(|at| format!("{},1,2", day(at))),
            )
            .table(
                "public/train.csv",
                "date,x,sold",
                rows(false).map(|at| format!("{},{},{}", day(at), at % 5, sold(at))),
            )
    };
    assert_eq!(quantiles(|at| noise(81, at, 10) < 3).weight("Q111").await, ERROR);
    assert_eq!(quantiles(|at| at >= 240).weight("Q111").await, None);
}
