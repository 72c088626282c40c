//! Defects of the data and of its split, planted into small made tasks, and what only looks like them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use smith_assert::{Catalogue, Subject};
use smith_task_schema::{Finding, LayoutKind, Severity, TaskLayout};

/// A task of files, each with its text or bytes.
#[derive(Default)]
struct Made {
    files: BTreeMap<String, Vec<u8>>,
}

/// A number below `of` that only its place decides.
fn noise(seed: u64, at: usize, of: u64) -> u64 {
    let mut x = (seed << 32 | at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) % of
}

impl Made {
    fn put(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    fn table(self, path: &str, header: &str, rows: impl Iterator<Item = String>) -> Self {
        let text = rows.fold(format!("{header}\n"), |text, row| text + &row + "\n");
        self.put(path, text)
    }

    /// Answers and a sample for ids from `first` on.
    fn answers(self, first: usize, count: usize, answer: impl Fn(usize) -> String) -> Self {
        let rows = first..first + count;
        self.table("private/test_answer.csv", "id,y", rows.clone().map(|at| format!("{at},{}", answer(at))))
            .table("public/sample_submission.csv", "id,y", rows.map(|at| format!("{at},{}", answer(first))))
    }

    /// Two hundred rows to learn from and a hundred to predict, of features that bear on the class.
    fn tabular() -> Self {
        let made = Self::default().answers(200, 100, class);
        made.table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), class(at))),
        )
        .table("public/test.csv", "id,a,b,c,d,e", (200..300).map(|at| format!("{at},{}", features(at))))
        .put("description.txt", "Predict the class y from five measurements. The metric is accuracy.")
    }

    async fn check(&self, code: &str) -> Vec<Finding> {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in &self.files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let layout = TaskLayout::at(LayoutKind::Workdir, dir.path());
        let subject = Subject::new(layout, None, dir.path().join("scratch"));
        // A rule that has nothing to judge finds nothing.
        match crate::support::rule(&Catalogue::post_refactor(), code).check(&subject).await {
            Ok(report) => report.findings,
            Err(smith_assert::AssertError::NotRun(_)) => Vec::new(),
            Err(fault) => panic!("{code}: {fault}"),
        }
    }

    async fn weight(&self, code: &str) -> Option<Severity> {
        let findings = self.check(code).await;
        findings.iter().for_each(|finding| assert!(finding.message.len() > 40, "{finding}"));
        findings.iter().map(|finding| finding.severity).max()
    }
}

fn features(at: usize) -> String {
    let number = |seed| noise(seed, at, 100_000) as f64 / 1_000.0;
    format!("{},{},{},{},{}", number(1), number(2), number(3), number(4), noise(5, at, 9))
}

fn class(at: usize) -> String {
    if noise(1, at, 100_000) + noise(9, at, 20_000) > 60_000 { "high" } else { "low" }.to_owned()
}

const ERROR: Option<Severity> = Some(Severity::Error);
const WARNING: Option<Severity> = Some(Severity::Warning);

/// Every rule of the family but those that need other files.
const ON_TABLES: [&str; 10] =
    ["Q101", "Q112", "Q120", "Q121", "Q122", "Q123", "Q124", "Q125", "Q130", "Q131"];

#[tokio::test]
async fn a_sound_table_has_no_finding() {
    let made = Made::tabular();
    for code in ON_TABLES {
        assert_eq!(made.check(code).await, [], "{code}");
    }
}

#[tokio::test]
async fn rows_in_train() {
    let copied = |share: usize, jitter: f64| {
        let row = |at: usize| {
            let own = if at % 100 < share { 200 + at % 100 } else { at };
            let cells: Vec<f64> = features(own).split(',').map(|x| x.parse().unwrap()).collect();
            let moved: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(column, x)| {
                    if column < 4 {
                        format!("{}", x + jitter * noise(7, at * 5 + column, 100) as f64)
                    } else {
                        x.to_string()
                    }
                })
                .collect();
            format!("{at},{},{}", moved.join(","), class(own))
        };
        Made::tabular().table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).filter(|at| *at < 100 || at % 100 >= share).map(row),
        )
    };
    assert_eq!(copied(40, 0.0).weight("Q101").await, ERROR);
    assert_eq!(copied(40, 0.0001).weight("Q101").await, ERROR);
    assert_eq!(copied(5, 0.0).weight("Q101").await, WARNING);
    assert_eq!(copied(1, 0.0).weight("Q101").await, None);
}

#[tokio::test]
async fn rows_of_few_values_repeat_by_nature() {
    let few = |at: usize| format!("{},{},{}", noise(1, at, 3), noise(2, at, 2), noise(3, at, 3));
    let label = |at: usize| ["no", "yes"][usize::from(noise(1, at, 3) + noise(2, at, 2) > 1)].to_owned();
    let made = Made::default()
        .answers(400, 150, label)
        .table("public/train.csv", "id,a,b,c,y", (0..400).map(|at| format!("{at},{},{}", few(at), label(at))))
        .table("public/test.csv", "id,a,b,c", (400..550).map(|at| format!("{at},{}", few(at))));
    assert_eq!(made.check("Q101").await, []);
    assert_eq!(made.check("Q132").await, []);
}

#[tokio::test]
async fn examples_that_were_repeated_before_the_split() {
    let own = |at: usize| noise(11, at, 150) as usize;
    let made = Made::tabular()
        .answers(400, 100, |at| class(own(at)))
        .table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..400).map(|at| format!("{at},{},{}", features(own(at)), class(own(at)))),
        )
        .table("public/test.csv", "id,a,b,c,d,e", (400..500).map(|at| format!("{at},{}", features(own(at)))));
    assert_eq!(made.weight("Q101").await, ERROR);
}

fn sentence(at: usize) -> String {
    (0..14).map(|word| format!("w{}", noise(20, at * 20 + word, 400))).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn texts_in_train() {
    let made = |share: usize| {
        let text =
            |at: usize| if at < share { sentence(300 + at).to_uppercase() + " indeed" } else { sentence(at) };
        Made::default()
            .answers(300, 100, |at| ["a", "b"][at % 2].to_owned())
            .table(
                "public/train.csv",
                "id,text,y",
                (0..300).map(|at| format!("{at},{},{}", text(at), ["a", "b"][at % 2])),
            )
            .table("public/test.csv", "id,text", (300..400).map(|at| format!("{at},{}", sentence(at))))
    };
    assert_eq!(made(0).weight("Q102").await, None);
    assert_eq!(made(8).weight("Q102").await, WARNING);
    assert_eq!(made(50).weight("Q102").await, ERROR);
}

/// A grey picture of waves of its own, as a PGM.
fn picture(at: usize, side: usize, mirrored: bool) -> Vec<u8> {
    let mut bytes = format!("P5\n{side} {side}\n255\n").into_bytes();
    for y in 0..side {
        for x in 0..side {
            let x = if mirrored { side - 1 - x } else { x };
            let (x, y) = (x as f64 / side as f64, y as f64 / side as f64);
            let wave = |seed: u64, place: f64| {
                let (speed, phase) = (2.0 + noise(seed, at, 9) as f64, noise(seed + 1, at, 7) as f64);
                (speed * place + phase).sin() * 40.0
            };
            bytes.push((128.0 + wave(30, x) + wave(32, y) + wave(34, x * y + x)) as u8);
        }
    }
    bytes
}

#[tokio::test]
async fn pictures_in_train() {
    let made = |file: &dyn Fn(usize) -> Vec<u8>| {
        let mut made = Made::default().answers(200, 40, |at| ["a", "b"][at % 2].to_owned()).table(
            "public/train.csv",
            "id,y",
            (0..80).map(|at| format!("{at},{}", ["a", "b"][at % 2])),
        );
        for at in 0..80 {
            made = made.put(&format!("public/train/{at}.ppm"), picture(at, 48, false));
        }
        for at in 200..240 {
            made = made.put(&format!("public/test/{at}.ppm"), file(at));
        }
        made
    };
    assert_eq!(made(&|at| picture(at, 48, false)).weight("Q103").await, None);
    assert_eq!(made(&|at| picture(at - 200, 48, false)).weight("Q103").await, ERROR);
    assert_eq!(made(&|at| picture(at - 200, 96, true)).weight("Q103").await, ERROR);
}

/// A WAV of tones of its own.
fn sound(at: usize, rate: u32, volume: f64) -> Vec<u8> {
    let samples = (0..rate).flat_map(|i| {
        let t = f64::from(i) / f64::from(rate);
        let part = (t * 16.0) as usize;
        let (pitch, loud) =
            (100 + noise(40, at * 99 + part, 700), 0.1 + noise(41, at * 99 + part, 90) as f64 / 100.0);
        let wave = (std::f64::consts::TAU * pitch as f64 * t).sin() * loud * volume;
        ((wave * 30_000.0) as i16).to_le_bytes()
    });
    let data: Vec<u8> = samples.collect();
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[tokio::test]
async fn sounds_in_train() {
    let made = |file: &dyn Fn(usize) -> Vec<u8>| {
        let mut made = Made::default().answers(200, 30, |at| ["a", "b"][at % 2].to_owned()).table(
            "public/train.csv",
            "id,y",
            (0..60).map(|at| format!("{at},{}", ["a", "b"][at % 2])),
        );
        for at in 0..60 {
            made = made.put(&format!("public/train/{at}.wav"), sound(at, 8_000, 0.9));
        }
        for at in 200..230 {
            made = made.put(&format!("public/test/{at}.wav"), file(at));
        }
        made
    };
    assert_eq!(made(&|at| sound(at, 8_000, 0.9)).weight("Q104").await, None);
    assert_eq!(made(&|at| sound(at - 200, 16_000, 0.3)).weight("Q104").await, ERROR);
}

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
async fn sizes_of_sides() {
    let made = |train: usize, test: usize| {
        Made::tabular()
            .answers(5_000, test, class)
            .table(
                "public/train.csv",
                "id,a,b,c,d,e,y",
                (0..train).map(|at| format!("{at},{},{}", features(at), class(at))),
            )
            .table(
                "public/test.csv",
                "id,a,b,c,d,e",
                (5_000..5_000 + test).map(|at| format!("{at},{}", features(at))),
            )
    };
    assert_eq!(made(200, 100).weight("Q122").await, None);
    assert_eq!(made(300, 25).weight("Q122").await, WARNING);
    assert_eq!(made(300, 6).weight("Q122").await, ERROR);
    assert_eq!(made(40, 6).weight("Q122").await, WARNING);
    assert_eq!(made(30, 400).weight("Q122").await, WARNING);
    assert_eq!(made(5, 400).weight("Q122").await, ERROR);
    assert_eq!(made(0, 100).weight("Q122").await, ERROR);
}

#[tokio::test]
async fn columns_that_hold_nothing() {
    let test = |cells: &'static str| {
        Made::tabular().table(
            "public/test.csv",
            "id,a,b,c,d,e",
            (200..300).map(move |at| format!("{at},{cells}")),
        )
    };
    assert_eq!(test(",,,,").weight("Q123").await, ERROR);
    let constant = |at: usize| format!("{at},kg,{}", features(at));
    let made = Made::tabular()
        .table(
            "public/train.csv",
            "id,unit,a,b,c,d,e,y",
            (0..200).map(|at| format!("{},{}", constant(at), class(at))),
        )
        .table("public/test.csv", "id,unit,a,b,c,d,e", (200..300).map(constant));
    assert_eq!(made.weight("Q123").await, WARNING);
    assert_eq!(Made::tabular().weight("Q123").await, None);
}

#[tokio::test]
async fn cells_of_the_answers() {
    let made = |known: fn(usize) -> String, answer: fn(usize) -> String| {
        Made::tabular().answers(200, 100, answer).table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), known(at))),
        )
    };
    let number = |at: usize| format!("{}.5", at % 50);
    let holes = |at: usize| if at % 9 == 3 { String::new() } else { format!("{}.5", at % 50) };
    assert_eq!(made(number, holes).weight("Q124").await, ERROR);
    assert_eq!(made(holes, holes).weight("Q124").await, None);
    assert_eq!(made(number, |at| format!("{} kg", at % 50)).weight("Q124").await, WARNING);
}

#[tokio::test]
async fn ids_that_repeat() {
    let with = |changed: fn(usize) -> usize| {
        let rows = |tail: bool| {
            (200..300).map(move |at| {
                format!("{}{}", changed(at), if tail { format!(",{}", class(at)) } else { String::new() })
            })
        };
        Made::tabular().table("private/test_answer.csv", "id,y", rows(true)).table(
            "public/sample_submission.csv",
            "id,y",
            rows(false).map(|id| id + ",low"),
        )
    };
    assert_eq!(with(|at| at).weight("Q125").await, None);
    assert_eq!(with(|at| if at == 250 { 251 } else { at }).weight("Q125").await, ERROR);
    // Several rows for each id are a design.
    assert_eq!(with(|at| at / 4).weight("Q125").await, None);
}

#[tokio::test]
async fn targets_that_do_not_vary() {
    let made = |answer: fn(usize) -> String| Made::tabular().answers(200, 2_000, answer);
    assert_eq!(made(|_| "low".to_owned()).weight("Q130").await, ERROR);
    assert_eq!(made(|at| if at == 300 { "high" } else { "low" }.to_owned()).weight("Q130").await, WARNING);
    assert_eq!(made(class).weight("Q130").await, None);
}

#[tokio::test]
async fn targets_that_cannot_be_learnt() {
    let made = |label: fn(usize) -> String| {
        Made::tabular().table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..400).map(|at| format!("{at},{},{}", features(at), label(at))),
        )
    };
    assert_eq!(
        made(|at| ["low", "high"][noise(99, at, 2) as usize].to_owned()).weight("Q131").await,
        WARNING
    );
    assert_eq!(made(class).weight("Q131").await, None);
    let repeated = |label: fn(usize) -> String| {
        Made::tabular().table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..400).map(|at| format!("{at},{},{}", features(at / 8), label(at))),
        )
    };
    assert_eq!(
        repeated(|at| ["low", "high"][noise(99, at, 2) as usize].to_owned()).weight("Q132").await,
        WARNING
    );
    assert_eq!(repeated(|at| class(at / 8)).weight("Q132").await, None);
}

#[tokio::test]
async fn raw_data_that_is_lost() {
    let made = |rows: usize, words: &str| {
        Made::tabular()
            .table(
                "raw/all.csv",
                "id,a,b,c,d,e,y",
                (0..rows).map(|at| format!("{at},{},{}", features(at), class(at))),
            )
            .put("description.txt", words)
    };
    assert_eq!(made(300, "").weight("Q140").await, None);
    assert_eq!(made(4_000, "").weight("Q140").await, WARNING);
    assert_eq!(made(40_000, "").weight("Q140").await, ERROR);
    assert_eq!(made(40_000, "We use a random selection of the rows.").weight("Q140").await, None);
}

#[tokio::test]
async fn licences() {
    let made = |text: &str| Made::tabular().put("raw/README.md", text);
    assert_eq!(made("Licensed under CC BY-NC-ND 4.0.").weight("Q150").await, WARNING);
    assert_eq!(
        made("These files may not be\nredistributed: do not\nredistribute.").weight("Q150").await,
        WARNING
    );
    assert_eq!(made("For non-commercial use.").weight("Q150").await, WARNING);
    assert_eq!(made("CC BY 4.0. Redistribution and use are permitted.").weight("Q150").await, None);
}

#[tokio::test]
async fn personal_data() {
    let made = |header: &str, cell: fn(usize) -> String| {
        Made::tabular().table(
            "public/people.csv",
            header,
            (0..60).map(move |at| format!("{at},{}", cell(at))),
        )
    };
    assert_eq!(made("id,contact", |at| format!("anna{at}@mail.org")).weight("Q151").await, WARNING);
    assert_eq!(made("id,tel", |at| format!("+49 30 555{at:04}")).weight("Q151").await, WARNING);
    assert_eq!(
        made("id,first_name,birth_date", |at| format!("n{at},1980-01-{:02}", 1 + at % 28))
            .weight("Q151")
            .await,
        WARNING
    );
    assert_eq!(
        made("id,lat,lon", |at| format!("{}.12345,{}.54321", 40 + at % 9, 7 + at % 5)).weight("Q151").await,
        None
    );
    assert_eq!(made("id,code", |at| format!("41{:014}", at * 7_919)).weight("Q151").await, None);
}

#[tokio::test]
async fn nothing_breaks_on_hostile_tables() {
    let odd =
        ["", "\n", "id\n", "id,y\n", "\u{0}\u{1}", "id,y\n\"", "id;y\n1;NaN\n1e999;inf\n", "a,a,a\n,,\n,,\n"];
    for (at, text) in odd.into_iter().enumerate() {
        let made =
            Made::tabular().put("public/train.csv", text).put("public/test.csv", odd[(at + 3) % odd.len()]);
        for rule in Catalogue::post_refactor().rules().iter().filter(|rule| rule.info().code.starts_with('Q'))
        {
            made.check(rule.info().code).await;
        }
    }
}

#[test]
fn every_rule_of_the_family_has_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/quality.rs");
    let tests: String = fs::read_to_string(tests).unwrap().split_whitespace().collect();
    for rule in Catalogue::post_refactor().rules().iter().filter(|rule| rule.info().code.starts_with('Q')) {
        let is = |weight: &str| tests.contains(&format!("weight(\"{}\").await,{weight}", rule.info().code));
        assert!(is("WARNING") || is("ERROR"), "{} finds nothing", rule.info().code);
        assert!(is("None"), "{} is never silent", rule.info().code);
    }
}
