//! Copies of training examples among the test examples.

use super::*;

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

/// Three hundred texts to learn from and one hundred to predict.
fn of_texts(train: impl Fn(usize) -> String, test: impl Fn(usize) -> String) -> Made {
    let class = |at: usize| ["a", "b"][at % 2].to_owned();
    let known = (0..300).map(|at| format!("{at},{},{}", train(at), class(at)));
    Made::default().answers(300, 100, class).table("public/train.csv", "id,text,y", known).table(
        "public/test.csv",
        "id,text",
        (300..400).map(|at| format!("{at},{}", test(at))),
    )
}

#[tokio::test]
async fn texts_in_train() {
    let made = |share: usize| {
        let text =
            |at: usize| if at < share { sentence(300 + at).to_uppercase() + " indeed" } else { sentence(at) };
        of_texts(text, sentence)
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

#[tokio::test]
async fn a_few_copies_among_rows_that_have_none_were_planted() {
    let copied = |share: usize, natural: usize| {
        let own = |at: usize| match at {
            at if at < share => 200 + at,
            at if at >= 200 - natural => at - natural,
            at => at,
        };
        let row = |at: usize| format!("{at},{},{}", features(own(at)), class(own(at)));
        Made::tabular().table("public/train.csv", "id,a,b,c,d,e,y", (0..200).map(row))
    };
    assert_eq!(copied(11, 0).weight("Q101").await, ERROR);
    // As many among the training rows: a split does that.
    assert_eq!(copied(11, 11).weight("Q101").await, WARNING);
}

#[tokio::test]
async fn rows_that_the_raw_data_do_not_repeat_were_repeated_by_prepare() {
    let own = |at: usize| if at % 10 == 3 { at % 30 } else { at };
    let row = move |at: usize| format!("{at},{},{}", features(own(at)), class(own(at)));
    let made = |raw: fn(usize) -> usize| {
        Made::tabular()
            .answers(200, 100, move |at| class(own(at)))
            .table("public/train.csv", "id,a,b,c,d,e,y", (0..200).map(row))
            .table(
                "public/test.csv",
                "id,a,b,c,d,e",
                (200..300).map(move |at| format!("{at},{}", features(own(at)))),
            )
            .table(
                "raw/all.csv",
                "a,b,c,d,e,y",
                (0..300).map(move |at| format!("{},{}", features(raw(at)), class(raw(at)))),
            )
    };
    assert_eq!(made(|at| at).weight("Q101").await, ERROR);
    assert_eq!(made(|at| if at % 10 == 3 { at % 30 } else { at }).weight("Q101").await, WARNING);
}

#[tokio::test]
async fn short_texts_with_small_edits_in_train() {
    let short = |at: usize| {
        let word = |place: usize| format!("w{}", noise(25, at * 9 + place, 700));
        format!("a {} of {} {} the {}", word(1), word(2), word(3), word(4))
    };
    let made = |share: usize| {
        let text = |at: usize| {
            if at < share { format!("({}).", short(300 + at).replace("a ", "the ")) } else { short(at) }
        };
        of_texts(text, short)
    };
    assert_eq!(made(0).weight("Q102").await, None);
    assert_eq!(made(15).weight("Q102").await, ERROR);
}

/// Forty pictures to learn from and twenty to predict, each with a mask of its own.
fn masked(file: &dyn Fn(usize) -> Vec<u8>) -> Made {
    let mask = |at: usize| format!("{} {}", noise(44, at, 900), 3 + noise(45, at, 90));
    let mut made = Made::default().answers(200, 40, mask).table(
        "public/train.csv",
        "id,y",
        (0..80).map(|at| format!("{at},{}", mask(at))),
    );
    for at in 0..80 {
        made = made.put(&format!("public/train/{at}.ppm"), picture(at, 40, false));
    }
    for at in 200..240 {
        made = made.put(&format!("public/test/{at}.ppm"), file(at));
    }
    made
}

#[tokio::test]
async fn pictures_in_another_view_whatever_their_mask() {
    assert_eq!(masked(&|at| picture(at, 40, true)).weight("Q103").await, None);
    assert_eq!(masked(&|at| picture(at - 200, 40, true)).weight("Q103").await, ERROR);
    let turned = |at: usize| {
        let plain = picture(at - 200, 40, false);
        let (head, points) = plain.split_at(plain.len() - 1_600);
        let turned = (0..1_600).map(|place| points[(place % 40) * 40 + 39 - place / 40]);
        head.iter().copied().chain(turned).collect::<Vec<u8>>()
    };
    assert_eq!(masked(&turned).weight("Q103").await, ERROR);
}

/// A WAV of a window of a recording of noise.
fn window(at: usize, first: usize) -> Vec<u8> {
    let noise = |place: usize| noise(47, at * 20_000 + place, 2_001) as f64 - 1_000.0;
    let samples =
        (first..first + 6_000).map(|place| (0..4).map(|back| noise(place + back)).sum::<f64>() * 5.0);
    let data: Vec<u8> = samples.flat_map(|sample| (sample as i16).to_le_bytes()).collect();
    let mut bytes = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

#[tokio::test]
async fn windows_of_one_recording_on_both_sides() {
    let class = |at: usize| ["a", "b"][at % 2].to_owned();
    let made = |of: fn(usize) -> usize| {
        let mut made = Made::default().answers(200, 30, class).table(
            "public/train.csv",
            "id,y",
            (0..60).map(|at| format!("{at},{}", class(at))),
        );
        for at in 0..60 {
            made = made.put(&format!("public/train/{at}.wav"), window(at, 0));
        }
        for at in 200..230 {
            made = made.put(&format!("public/test/{at}.wav"), window(of(at), 2_500));
        }
        made
    };
    assert_eq!(made(|at| at).weight("Q104").await, None);
    assert_eq!(made(|at| at - 200).weight("Q104").await, ERROR);
}
