//! Features that mean one thing in train and another one in test.

use super::{ERROR, Made, WARNING, class, features, noise};

const TREES: [&str; 6] = ["ash", "beech", "cedar", "elm", "oak", "pine"];

fn tree(at: usize) -> &'static str {
    TREES[noise(51, at, 6) as usize]
}

fn height(at: usize) -> f64 {
    noise(52, at, 5_000) as f64 / 100.0 + 2.0
}

/// A task whose features `tree` and `height` are made of raw columns of these names.
fn made(train: impl Fn(usize) -> (String, String), test: impl Fn(usize) -> (String, String)) -> Made {
    let order = (0..300).map(|at| (at * 7 + 11) % 300);
    let row = |at: usize, (tree, height): (String, String)| format!("{at},{},{tree},{height}", features(at));
    Made::default()
        .answers(200, 100, class)
        .table(
            "raw/all.csv",
            "a,b,c,d,e,tree,height,y",
            order.map(|at| format!("{},{},{:.2},{}", features(at), tree(at), height(at), class(at))),
        )
        .table(
            "public/train.csv",
            "id,a,b,c,d,e,tree,height,y",
            (0..200).map(|at| format!("{},{}", row(at, train(at)), class(at))),
        )
        .table("public/test.csv", "id,a,b,c,d,e,tree,height", (200..300).map(|at| row(at, test(at))))
        .put("description.txt", "Predict the class y. The metric is accuracy.")
}

fn as_raw(at: usize) -> (String, String) {
    (tree(at).to_owned(), format!("{:.2}", height(at)))
}

/// Codes in the order of `names`.
fn coded(names: [&str; 6]) -> impl Fn(usize) -> (String, String) {
    move |at| (names.iter().position(|name| *name == tree(at)).unwrap().to_string(), as_raw(at).1)
}

#[tokio::test]
async fn features_that_are_made_in_two_ways() {
    let scaled = |mean: f64| move |at: usize| (as_raw(at).0, format!("{:.4}", (height(at) - mean) / 14.0));
    let feet = |at: usize| (as_raw(at).0, format!("{:.2}", height(at) * 3.281));
    let other = ["pine", "oak", "ash", "elm", "cedar", "beech"];
    for (what, weight, made) in [
        ("codes of each side", ERROR, made(coded(TREES), coded(other))),
        ("feet in test", ERROR, made(as_raw, feet)),
        ("feet in train", ERROR, made(feet, as_raw)),
        ("heights of other rows in test", ERROR, made(as_raw, |at| (as_raw(at).0, as_raw(at - 150).1))),
        ("scaled by the mean of each side", WARNING, made(scaled(25.0), scaled(31.0))),
    ] {
        assert_eq!(made.weight("Q137").await, weight, "{what}");
    }
    let said = made(as_raw, feet).put("description.txt", "The heights of the test rows are perturbed.");
    assert_eq!(said.weight("Q137").await, WARNING);
}

#[tokio::test]
async fn features_that_are_made_in_one_way() {
    let feet = |at: usize| (as_raw(at).0, format!("{:.2}", height(at) * 3.281));
    let rough = |at: usize| (tree(at).to_uppercase(), format!("{:.0}", height(at)));
    let gaps = |at: usize| {
        let (tree, height) = as_raw(at);
        if at.is_multiple_of(5) { (String::new(), height) } else { (tree, height) }
    };
    let other = |at: usize| (noise(61, at, 6).to_string(), noise(62, at, 900).to_string());
    for (what, made) in [
        ("as they are", made(as_raw, as_raw)),
        ("one set of codes", made(coded(TREES), coded(TREES))),
        ("another unit on both sides", made(feet, feet)),
        ("rounded on both sides", made(rough, rough)),
        ("gaps", made(gaps, gaps)),
        ("gaps in test", made(as_raw, gaps)),
        ("other columns of these names", made(other, other)),
        ("without raw data", Made::tabular()),
    ] {
        assert_eq!(made.check("Q137").await, [], "{what}");
    }
    assert_eq!(made(as_raw, as_raw).weight("Q137").await, None);
    // Nearly all cells alike say nothing.
    let rare = |at: usize| (as_raw(at).0, u8::from(at.is_multiple_of(97)).to_string());
    let rare = made(rare, rare);
    assert_eq!(rare.weight("Q137").await, None);
}

#[tokio::test]
async fn columns_under_other_names() {
    let cells = |at: usize| {
        [noise(1, at, 1_000), noise(2, at, 1_000) + 900, noise(3, at, 1_000) * 7, noise(4, at, 1_000)]
            .map(|number| number.to_string())
    };
    let of = |order: [usize; 4]| {
        let test =
            (200..320).map(|at| format!("{at},{}", order.map(|column| cells(at)[column].clone()).join(",")));
        Made::default()
            .answers(200, 120, class)
            .table(
                "public/train.csv",
                "id,a,b,c,d,y",
                (0..200).map(|at| format!("{at},{},{}", cells(at).join(","), class(at))),
            )
            .table("public/test.csv", "id,a,b,c,d", test)
    };
    assert_eq!(of([1, 0, 2, 3]).weight("Q138").await, ERROR);
    assert_eq!(of([2, 0, 1, 3]).weight("Q138").await, ERROR);
    assert_eq!(of([0, 1, 2, 3]).weight("Q138").await, None);
    // Two columns of one distribution cannot be told apart.
    assert_eq!(of([3, 1, 2, 0]).weight("Q138").await, None);
}
