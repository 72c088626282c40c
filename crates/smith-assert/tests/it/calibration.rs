//! The calibration ladder on tasks whose signal is known.

use smith_assert::{Catalogue, Report, Subject};
use smith_task_schema::{Calibration, Severity};

use crate::made::{ACCURACY, AREA, Dice, Examples, Made, RMSE};
use crate::support::rule;

const CODES: [&str; 4] = ["C101", "C102", "C103", "C104"];

async fn climb(subject: &Subject) -> (Calibration, Vec<String>) {
    let catalogue = Catalogue::post_refactor();
    let mut found = Vec::new();
    for code in CODES {
        let Report { findings, figures } = rule(&catalogue, code).check(subject).await.unwrap();
        assert!(figures.iter().all(|figure| figure.value.is_finite() && !figure.name.is_empty()));
        for finding in findings {
            let letter = if finding.severity == Severity::Error { 'E' } else { 'W' };
            found.push(format!("{letter} {code}"));
        }
    }
    (subject.calibration().unwrap(), found)
}

fn text(value: f64) -> String {
    format!("{value:.3}")
}

/// A number from two columns and a category, with noise.
fn houses(rows: usize, seed: u64) -> Examples {
    let mut dice = Dice::new(seed);
    let rows = (0..rows).map(|_| {
        let (a, b, kind) = (dice.normal(), dice.normal(), dice.below(4));
        let price = 3.0 * a - 2.0 * b + [0.0, 4.0, 1.0, 2.0][kind] + 0.7 * dice.normal();
        vec![text(a), text(b), ["hut", "villa", "flat", "farm"][kind].to_owned(), text(price)]
    });
    Examples { columns: vec!["a", "b", "kind", "target"], rows: rows.collect() }
}

/// A class from products of columns, which a linear model does not see.
fn leaves(rows: usize, seed: u64) -> Examples {
    let mut dice = Dice::new(seed);
    let rows = (0..rows).map(|_| {
        let (a, b, c) = (dice.normal(), dice.normal(), dice.normal());
        let score = a * b + 0.5 * c + 0.3 * dice.normal();
        let class = if score > 0.6 {
            "oak"
        } else if score > -0.4 {
            "elm"
        } else {
            "ash"
        };
        vec![text(a), text(b), text(c), class.to_owned()]
    });
    Examples { columns: vec!["a", "b", "c", "target"], rows: rows.collect() }
}

/// A score above which a learner must come, and the learner.
fn assert_order(ladder: &Calibration, names: &[&str]) {
    let score = |name: &str| {
        let rung = ladder.rungs.iter().find(|rung| rung.name == name).unwrap();
        rung.score.unwrap_or_else(|| panic!("{name} is refused"))
    };
    for pair in names.windows(2) {
        let gain = ladder.gain(score(pair[0]), score(pair[1]));
        assert!(gain > 0.0, "{} is no better than {}: {ladder:#?}", pair[1], pair[0]);
    }
    let normalised: Vec<f64> = ladder.rungs.iter().filter_map(|rung| rung.normalised).collect();
    assert!(normalised.last().unwrap() >= &1.0 && normalised.iter().all(|share| share.is_finite()));
    let medals = ladder.medals.unwrap();
    assert!(ladder.gain(medals.bronze, medals.silver) > 0.0 && ladder.gain(medals.silver, medals.gold) > 0.0);
}

#[tokio::test]
async fn tables_are_climbed_in_order() {
    let runtime = smith_exec::testing::runtime().await;
    let made = Made::new(&houses(900, 1), 600, "0.0", RMSE, false);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert_order(&ladder, &["sample", "constant", "neighbours", "boosting", "linear", "answers"]);
    // The noise that was added has a deviation of 0.7.
    assert!((ladder.reference.unwrap() - 0.7).abs() < 0.1 && ladder.signal().unwrap() > 10.0);
    assert_eq!(found, [""; 0]);

    let made = Made::new(&leaves(900, 2), 600, "elm", ACCURACY, true);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert_order(&ladder, &["constant", "linear", "boosting", "answers"]);
    assert_eq!(found, [""; 0]);
}

/// Two kinds of short texts that share most of their words.
fn reviews(rows: usize, seed: u64) -> Examples {
    const COMMON: [&str; 8] = ["the", "room", "was", "a", "we", "and", "hotel", "stayed"];
    const KINDS: [[&str; 4]; 2] =
        [["dirty", "rude", "noisy", "never"], ["lovely", "clean", "quiet", "again"]];
    let mut dice = Dice::new(seed);
    let rows = (0..rows).map(|_| {
        let kind = dice.below(2);
        let word = |dice: &mut Dice| {
            let told = if dice.share() < 0.85 { kind } else { 1 - kind };
            if dice.share() < 0.2 { KINDS[told][dice.below(4)] } else { COMMON[dice.below(8)] }
        };
        let words: Vec<&str> = (0..12).map(|_| word(&mut dice)).collect();
        vec![words.join(" "), kind.to_string()]
    });
    Examples { columns: vec!["text", "target"], rows: rows.collect() }
}

#[tokio::test]
async fn texts_are_climbed_and_ranked_by_probability() {
    let runtime = smith_exec::testing::runtime().await;
    let made = Made::new(&reviews(600, 3), 400, "0.5", AREA, true);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert_order(&ladder, &["constant", "linear", "answers"]);
    assert!((ladder.trivial - 0.5).abs() < 0.06 && ladder.reference.unwrap() > 0.85, "{ladder:#?}");
    assert_eq!(found, [""; 0]);
}

/// A series with a trend-free week and a level for each shop; the test side follows the training side.
fn sales(days: usize, seed: u64) -> Examples {
    let mut dice = Dice::new(seed);
    let mut rows = Vec::new();
    for day in 0..days {
        for shop in 0..3 {
            let value = 20.0 * shop as f64 + [0.0, 1.0, 2.0, 3.0, 12.0, 18.0, 9.0][day % 7] + dice.normal();
            let date = format!("2021-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
            rows.push(vec![date, format!("s{shop}"), text(value)]);
        }
    }
    Examples { columns: vec!["date", "shop", "target"], rows }
}

#[tokio::test]
async fn series_are_climbed() {
    let runtime = smith_exec::testing::runtime().await;
    let made = Made::new(&sales(280, 4), 3 * 220, "0.0", RMSE, false);
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert_order(&ladder, &["constant", "boosting", "answers"]);
    assert!(ladder.way(ladder.reference.unwrap()).unwrap() > 0.6, "{ladder:#?}");
    assert_eq!(found, [""; 0]);
}

/// A task of files: `write` makes one of a class.
fn of_files(ending: &str, write: impl Fn(&std::path::Path, usize, &mut Dice)) -> Made {
    let mut dice = Dice::new(5);
    let classes: Vec<usize> = (0..180).map(|_| dice.below(3)).collect();
    let rows =
        classes.iter().enumerate().map(|(id, class)| vec![format!("{id}.{ending}"), format!("k{class}")]);
    let examples = Examples { columns: vec!["file", "target"], rows: rows.collect() };
    let made = Made::new(&examples, 120, "k0", ACCURACY, true);
    for (id, class) in classes.into_iter().enumerate() {
        let folder = made.public(if id < 120 { "train" } else { "test" });
        std::fs::create_dir_all(&folder).unwrap();
        write(&folder.join(format!("{id}.{ending}")), class, &mut dice);
    }
    made
}

#[tokio::test]
async fn pictures_are_climbed() {
    let runtime = smith_exec::testing::runtime().await;
    // A bar that lies, stands or leans, somewhere, under noise.
    let made = of_files("pgm", |path, class, dice| {
        let (x, y) = (10 + dice.below(12), 10 + dice.below(12));
        let mut pixels = vec![0_u8; 32 * 32];
        pixels.iter_mut().for_each(|pixel| *pixel = dice.below(90) as u8);
        for step in 0..9 {
            for width in 0..2 {
                let (dx, dy) = [(step, width), (width, step), (step, step + width)][class];
                pixels[(y + dy) % 32 * 32 + (x + dx) % 32] = 230;
            }
        }
        std::fs::write(path, [b"P5 32 32 255\n".as_slice(), &pixels].concat()).unwrap();
    });
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert!(ladder.signal().unwrap() > 5.0 && ladder.reference.unwrap() > 0.7, "{ladder:#?}");
    assert_eq!(found, [""; 0]);
}

#[tokio::test]
async fn sounds_are_climbed() {
    let runtime = smith_exec::testing::runtime().await;
    // A tone of one of three heights under noise.
    let made = of_files("wav", |path, class, dice| {
        let pitch = [300.0, 430.0, 600.0][class] * (0.75 + 0.5 * dice.share());
        let sample = |at: usize, dice: &mut Dice| {
            let tone = (std::f64::consts::TAU * pitch * at as f64 / 8000.0).sin();
            ((0.3 * tone + 0.1 * dice.normal()) * 20_000.0) as i16
        };
        let body: Vec<u8> = (0..4000).flat_map(|at| sample(at, dice).to_le_bytes()).collect();
        let mut file =
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data".to_vec();
        file.extend((body.len() as u32).to_le_bytes());
        file.extend(body);
        std::fs::write(path, file).unwrap();
    });
    let (ladder, found) = climb(&made.subject(&runtime)).await;
    assert!(ladder.signal().unwrap() > 5.0 && ladder.reference.unwrap() > 0.7, "{ladder:#?}");
    assert_eq!(found, [""; 0]);
}

/// Deals the targets of the examples from `first` on to other rows.
fn deal_targets(examples: &mut Examples, first: usize) {
    let mut dice = Dice::new(9);
    let mut targets: Vec<String> = examples.rows[first..].iter_mut().map(|row| row.pop().unwrap()).collect();
    for row in &mut examples.rows[first..] {
        row.push(targets.swap_remove(dice.below(targets.len())));
    }
}

#[tokio::test]
async fn a_target_that_nothing_tells_of_is_an_error() {
    let runtime = smith_exec::testing::runtime().await;
    for (mut examples, sample, formula, higher) in
        [(houses(1200, 6), "0.0", RMSE, false), (leaves(1200, 7), "elm", ACCURACY, true)]
    {
        deal_targets(&mut examples, 0);
        let made = Made::new(&examples, 800, sample, formula, higher);
        let (ladder, found) = climb(&made.subject(&runtime)).await;
        assert_eq!(found, ["E C101"]);
        assert_eq!((ladder.medals, ladder.reward.one), (None, ladder.answers));
    }
}

#[tokio::test]
async fn few_examples_are_not_held_against_a_task() {
    let runtime = smith_exec::testing::runtime().await;
    let mut examples = houses(80, 6);
    deal_targets(&mut examples, 0);
    let made = Made::new(&examples, 50, "0.0", RMSE, false);
    assert_eq!(climb(&made.subject(&runtime)).await.1, [""; 0]);
}

#[tokio::test]
async fn answers_of_other_rows_are_an_error() {
    let runtime = smith_exec::testing::runtime().await;
    let mut examples = houses(900, 1);
    deal_targets(&mut examples, 600);
    let made = Made::new(&examples, 600, "0.0", RMSE, false);
    let (_, found) = climb(&made.subject(&runtime)).await;
    assert_eq!(found, ["E C104"]);
}

#[tokio::test]
async fn the_order_in_which_answers_fit_is_named() {
    // Where the sides look different, only that tells a mistake from a test that is hard.
    let mut examples = sales(280, 4);
    let test = examples.rows.split_off(660);
    let targets: Vec<String> = test.iter().map(|row| row[2].clone()).collect();
    for (at, mut row) in test.into_iter().enumerate() {
        row[2].clone_from(&targets[(at + targets.len() - 1) % targets.len()]);
        examples.rows.push(row);
    }
    let made = Made::new(&examples, 660, "0.0", RMSE, false);
    let subject = Subject::new(made.layout.clone(), None, made.dir.path().join("scratch"));
    let findings = rule(&Catalogue::post_refactor(), "C104").check(&subject).await.unwrap().findings;
    assert!(findings[0].is_error() && findings[0].message.contains("they fit the row"), "{findings:?}");
}

#[tokio::test]
async fn a_sample_made_of_the_answers_is_an_error() {
    let runtime = smith_exec::testing::runtime().await;
    let mut dice = Dice::new(8);
    let mut examples = houses(900, 1);
    // Harder for learners than for the sample.
    examples.rows.iter_mut().for_each(|row| row[0] = text(dice.normal()));
    let made = Made::new(&examples, 600, "0.0", RMSE, false);
    let answers = std::fs::read_to_string(made.layout.test_answer()).unwrap();
    let blended = |line: &str| {
        let (id, value) = line.split_once(',').unwrap();
        value.parse::<f64>().map_or_else(
            |_| line.to_owned(),
            |value| format!("{id},{}", text(value * 0.8 + 0.3 * dice.normal())),
        )
    };
    let sample: Vec<String> = answers.lines().map(blended).collect();
    std::fs::write(made.layout.sample_submission(), sample.join("\n") + "\n").unwrap();
    assert_eq!(climb(&made.subject(&runtime)).await.1, ["E C103"]);
}

#[tokio::test]
async fn a_sample_of_chance_or_of_a_public_column_is_none() {
    let runtime = smith_exec::testing::runtime().await;
    let mut dice = Dice::new(8);
    let mut examples = houses(900, 1);
    examples.columns.insert(0, "before");
    for row in &mut examples.rows {
        let before = row[3].parse::<f64>().unwrap() + 0.2 * dice.normal();
        row.insert(0, text(before));
    }
    for column in [None, Some(1)] {
        let made = Made::new(&examples, 600, "0.0", RMSE, false);
        let test = std::fs::read_to_string(made.public("test.csv")).unwrap();
        let mut sample = "id,target\n".to_owned();
        for line in test.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let value = column.map_or_else(|| text(dice.normal()), |at| cells[at].to_owned());
            sample += &format!("{},{value}\n", cells[0]);
        }
        std::fs::write(made.layout.sample_submission(), sample).unwrap();
        assert_eq!(climb(&made.subject(&runtime)).await.1, [""; 0], "{column:?}");
    }
}

#[tokio::test]
async fn what_a_constant_or_the_first_attempt_solves_has_no_headroom() {
    let runtime = smith_exec::testing::runtime().await;
    // The target stands among the features.
    let mut given = leaves(600, 2);
    given.columns.insert(0, "kind");
    for row in &mut given.rows {
        row.insert(0, row[3].clone());
    }
    let made = Made::new(&given, 400, "elm", ACCURACY, true);
    assert_eq!(climb(&made.subject(&runtime)).await.1, ["W C102"]);

    let made =
        Made::new(&leaves(600, 2), 400, "elm", "min(1.0, float((answers == guesses).mean()) * 4.0)", true);
    assert!(climb(&made.subject(&runtime)).await.1.contains(&"E C102".to_owned()));
}

#[tokio::test]
async fn rules_that_have_nothing_to_learn_from_say_so() {
    let made = Made::new(&houses(60, 1), 30, "0.0", RMSE, false);
    let subject = Subject::new(made.layout.clone(), None, made.dir.path().join("scratch"));
    let catalogue = Catalogue::post_refactor();
    for code in ["C101", "C102", "C103"] {
        let error = rule(&catalogue, code).check(&subject).await.unwrap_err().to_string();
        assert!(error.contains("no Python runtime"), "{code}: {error}");
    }
    std::fs::remove_file(made.public("train.csv")).unwrap();
    let subject = Subject::new(made.layout.clone(), None, made.dir.path().join("scratch"));
    let error = rule(&catalogue, "C104").check(&subject).await.unwrap_err().to_string();
    assert!(error.contains("training examples were not found"), "{error}");
    assert!(subject.calibration().is_none());
}
