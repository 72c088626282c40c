//! Targets beside the raw rows that they come from.

use super::{ERROR, Made, WARNING, class, features, noise};

/// The kind that a raw row has.
fn kind(at: usize) -> String {
    ["ash", "beech", "cedar", "oak"][noise(31, at, 4) as usize].to_owned()
}

fn price(at: usize) -> f64 {
    noise(1, at, 100_000) as f64 / 300.0 + noise(41, at, 9_000) as f64 / 100.0
}

/// A task whose raw rows stand in another order, with the target `y` of each row on both sides.
fn of_raw(
    raw: impl Fn(usize) -> String,
    train: impl Fn(usize) -> String,
    test: impl Fn(usize) -> String,
) -> Made {
    let order = (0..300).map(|at| (at * 7 + 11) % 300);
    Made::tabular()
        .answers(200, 100, test)
        .table("raw/all.csv", "a,b,c,d,e,y", order.map(|at| format!("{},{}", features(at), raw(at))))
        .table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), train(at))),
        )
}

#[tokio::test]
async fn targets_of_other_rows() {
    let number = |at: usize| format!("{:.2}", price(at));
    for (what, made) in [
        ("answers of the next row", of_raw(kind, kind, |at| kind(at + 1))),
        ("targets of the next row in train", of_raw(kind, |at| kind(at + 1), kind)),
        (
            "targets dealt on both sides",
            of_raw(kind, |at| kind((at * 37 + 5) % 200), |at| kind(200 + at * 37 % 100)),
        ),
        ("two classes swapped in the answers", {
            of_raw(kind, kind, |at| kind(at).replace("oak", "?").replace("ash", "oak").replace('?', "ash"))
        }),
        ("answers renamed and dealt", {
            let code = |at: usize| (noise(31, at, 4) + 1).to_string();
            of_raw(kind, code, move |at| code(at + 1))
        }),
        ("half of the targets dealt", {
            of_raw(kind, |at| if at.is_multiple_of(2) { kind(at + 50) } else { kind(at) }, kind)
        }),
        ("two in five wrong on both sides", {
            let wrong = |at: usize| if noise(8, at, 5) < 2 { kind(at + 91) } else { kind(at) };
            of_raw(kind, wrong, wrong)
        }),
        ("numbers of the next row", of_raw(number, number, move |at| number(at + 1))),
        ("answers in another unit", of_raw(number, number, |at| format!("{:.2}", price(at) * 1_000.0))),
        ("numbers dealt on both sides", {
            of_raw(number, move |at| number((at * 37 + 5) % 200), move |at| number(200 + at * 37 % 100))
        }),
    ] {
        assert_eq!(made.weight("Q133").await, ERROR, "{what}");
    }
    let noisy = of_raw(kind, |at| if at.is_multiple_of(2) { kind(at + 50) } else { kind(at) }, kind)
        .put("description.txt", "Predict y. Half of the training labels are noisy; the answers are clean.");
    assert_eq!(noisy.weight("Q133").await, WARNING);
}

#[tokio::test]
async fn targets_of_their_own_rows() {
    let number = |at: usize| format!("{:.2}", price(at));
    let logged = |at: usize| format!("{:.5}", price(at).ln_1p());
    let merged = |at: usize| if kind(at) == "oak" { "hard" } else { "soft" }.to_owned();
    let ranged = |at: usize| if price(at) > 150.0 { "dear" } else { "cheap" }.to_owned();
    let cleaned = |at: usize| if at.is_multiple_of(50) { "oak".to_owned() } else { kind(at).to_uppercase() };
    let rare = |at: usize| if at.is_multiple_of(25) { "lost" } else { "live" }.to_owned();
    let rare_padded = move |at: usize| rare(at) + "   ";
    for (what, made) in [
        ("as they are", of_raw(kind, kind, kind)),
        ("a class so rare that four test rows have it", of_raw(rare_padded, rare, rare)),
        ("other names", of_raw(kind, |at| noise(31, at, 4).to_string(), |at| noise(31, at, 4).to_string())),
        ("merged", of_raw(kind, merged, merged)),
        ("a few cleaned", of_raw(kind, cleaned, cleaned)),
        ("numbers", of_raw(number, number, number)),
        ("logarithms", of_raw(number, logged, logged)),
        ("ranges", of_raw(number, ranged, ranged)),
        ("another target than the raw one", of_raw(kind, class, class)),
        ("without raw data", Made::tabular()),
    ] {
        assert_eq!(made.check("Q133").await, [], "{what}");
    }
    assert_eq!(of_raw(kind, kind, kind).weight("Q133").await, None);
}
