//! Sizes, cells, targets, and where the data come from.

use super::*;

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
async fn files_of_the_test_examples() {
    let chunk = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[0; 4]].concat()
    };
    let whole = |at: usize| {
        let header = chunk(b"IHDR", &[0, 0, 0, 4, 0, 0, 0, 3, 8, 2, 0, 0, 0]);
        let pixels = chunk(b"IDAT", format!("pixels of {at}").as_bytes());
        [b"\x89PNG\r\n\x1a\n".to_vec(), header, pixels, chunk(b"IEND", b"")].concat()
    };
    let made = |content: &dyn Fn(usize) -> Option<Vec<u8>>| {
        (200..300).fold(Made::tabular(), |made, at| match content(at) {
            Some(bytes) => made.put(&format!("public/test/{at}.png"), bytes),
            None => made,
        })
    };
    assert_eq!(made(&|at| Some(whole(at))).weight("Q126").await, None);
    assert_eq!(made(&|at| (at % 50 > 0).then(|| whole(at))).weight("Q126").await, ERROR);
    assert_eq!(made(&|at| Some(if at == 250 { Vec::new() } else { whole(at) })).weight("Q126").await, ERROR);
    let lacking = |train: fn(usize) -> bool| {
        (0..300).filter(|at| *at >= 200 || train(*at)).fold(Made::tabular(), |made, at| {
            made.put(&format!("public/{}/{at}.png", if at < 200 { "train" } else { "test" }), whole(at))
        })
    };
    assert_eq!(lacking(|_| true).weight("Q126").await, None);
    assert_eq!(lacking(|at| at >= 10).weight("Q126").await, ERROR);
    assert_eq!(lacking(|at| at > 0).weight("Q126").await, WARNING);
    let cut = whole(250)[..50].to_vec();
    assert_eq!(made(&|at| Some(if at == 250 { cut.clone() } else { whole(at) })).weight("Q126").await, ERROR);
}

#[tokio::test]
async fn columns_that_are_filled_on_one_side() {
    let with = |cells: fn(usize) -> String| {
        let row = move |at: usize| {
            format!("{at},{},{}", if at < 200 { format!("m{}", at % 7) } else { cells(at) }, features(at))
        };
        Made::tabular()
            .table(
                "public/train.csv",
                "id,maker,a,b,c,d,e,y",
                (0..200).map(move |at| format!("{},{}", row(at), class(at))),
            )
            .table("public/test.csv", "id,maker,a,b,c,d,e", (200..300).map(row))
    };
    let empty = |_| String::new();
    assert_eq!(with(empty).weight("Q134").await, ERROR);
    assert_eq!(with(|_| "unknown".to_owned()).weight("Q134").await, ERROR);
    assert_eq!(with(|at| format!("m{}", at % 7)).weight("Q134").await, None);
    assert_eq!(with(|_| "m99".to_owned()).weight("Q134").await, None);
    let said = "Predict y. The column `maker` is withheld from the test rows.";
    assert_eq!(with(empty).put("description.txt", said).weight("Q134").await, None);
    let in_lines = |at: usize, text: &str| format!("{{\"id\": {at}, \"a\": \"{text}\", \"b\": {}}}", at % 5);
    let lines = Made::tabular()
        .put(
            "public/train.jsonl",
            (0..200)
                .map(|at| {
                    in_lines(at, "some words of a text")
                        .replace('}', &format!(", \"y\": \"{}\"}}\n", class(at)))
                })
                .collect::<String>(),
        )
        .put("public/test.jsonl", (200..300).map(|at| in_lines(at, "") + "\n").collect::<String>());
    let files = lines
        .files
        .into_iter()
        .filter(|(path, _)| !path.ends_with("train.csv") && !path.ends_with("test.csv"));
    assert_eq!(Made { files: files.collect() }.weight("Q134").await, ERROR);
}

#[tokio::test]
async fn columns_that_test_lacks() {
    let with = |description: &str| {
        Made::tabular()
            .table(
                "public/test.csv",
                "id,a,c,d,e",
                (200..300).map(|at| {
                    let all = features(at);
                    let kept: Vec<&str> =
                        all.split(',').enumerate().filter(|(n, _)| *n != 1).map(|(_, cell)| cell).collect();
                    format!("{at},{}", kept.join(","))
                }),
            )
            .put("description.txt", description)
    };
    let listed = "Predict y. `train.csv` and `test.csv` have the columns `id`, `a`, `b`, `c`, `d`, `e`; `y` is in train only.";
    assert_eq!(with(listed).weight("Q135").await, ERROR);
    assert_eq!(with("Predict y from the columns of the tables.").weight("Q135").await, WARNING);
    assert_eq!(
        with("Predict y. The column `b` is given for the training rows only.").weight("Q135").await,
        None
    );
    assert_eq!(Made::tabular().weight("Q135").await, None);
}

#[tokio::test]
async fn training_rows_that_come_again() {
    let with = |times: usize| {
        Made::tabular().table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200 * times)
                .map(move |at| format!("{},{},{}", 1_000 + at, features(at % 200), class(at % 200))),
        )
    };
    assert_eq!(with(3).weight("Q136").await, WARNING);
    assert_eq!(with(1).weight("Q136").await, None);
    let raw = |made: Made| {
        made.table(
            "raw/all.csv",
            "a,b,c,d,e,y",
            (0..900).map(|at| format!("{},{}", features(at / 3), class(at / 3))),
        )
    };
    assert_eq!(raw(with(3)).weight("Q136").await, None);
    assert_eq!(with(3).put("description.txt", "Rare rows were oversampled.").weight("Q136").await, None);
}

/// A picture of so many pixels; its content is not looked at.
fn picture(width: u32, height: u32, seed: usize) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length[..], kind, data, &[0; 4]].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let pixels = chunk(b"IDAT", format!("pixels of {seed}").as_bytes());
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), pixels, chunk(b"IEND", b"")].concat()
}

#[tokio::test]
async fn boxes_lie_in_their_pictures() {
    // A box of the tile, or of the photograph that the tile was cut out of.
    let four = |at: usize, moved: bool| {
        let (x, y) = (noise(21, at, 70) as usize, noise(22, at, 70) as usize);
        let by = if moved { 120 * (at % 9) } else { 0 };
        [x + by, y + by, x + by + 25, y + by + 30]
    };
    let asks = || Made::default().answers(200, 100, |at| format!("{} 20 {} 60", at % 40, 50 + at % 40));
    let pictures = || {
        (0..60)
            .fold(asks(), |made, at| made.put(&format!("public/tiles/t{at:03}.png"), picture(120, 120, at)))
    };
    let columns = |moved: bool| {
        let row = |at: usize| {
            let [a, b, c, d] = four(at, moved);
            format!("t{:03},{a},{b},{c},{d}", at % 60)
        };
        pictures().table("public/boxes.csv", "tile,xmin,ymin,xmax,ymax", (0..150).map(row))
    };
    assert_eq!(columns(false).weight("Q127").await, None);
    assert_eq!(columns(true).weight("Q127").await, ERROR);
    // Where a class is asked for, they may say where a picture was cut out.
    assert_eq!(columns(true).answers(200, 100, class).weight("Q127").await, WARNING);
    let cells = |moved: bool| {
        let row = |at: usize| {
            let of = |at: usize| {
                let [a, b, c, d] = four(at, moved);
                format!("tree 0.9 {a} {b} {} {}", c - a, d - b)
            };
            format!(
                "t{at:03}.png,{}",
                (0..1 + at % 3).map(|more| of(at + 60 * more)).collect::<Vec<_>>().join(" ")
            )
        };
        pictures().table("public/boxes.csv", "image,boxes", (0..60).map(row))
    };
    assert_eq!(cells(false).weight("Q127").await, None);
    assert_eq!(cells(true).weight("Q127").await, ERROR);
    let coco = |moved: bool| {
        let image = |at: usize| {
            format!(r#"{{"id": {at}, "file_name": "t{at:03}.png", "width": 120, "height": 120}}"#)
        };
        let annotation = |at: usize| {
            let [a, b, c, d] = four(at, moved);
            format!(r#"{{"id": {at}, "image_id": {}, "bbox": [{a}, {b}, {}, {}]}}"#, at % 60, c - a, d - b)
        };
        let list = |items: Vec<String>| items.join(", ");
        let text = format!(
            r#"{{"images": [{}], "annotations": [{}]}}"#,
            list((0..60).map(image).collect()),
            list((0..150).map(annotation).collect())
        );
        pictures().put("public/annotations.json", text)
    };
    assert_eq!(coco(false).weight("Q127").await, None);
    assert_eq!(coco(true).weight("Q127").await, ERROR);
    let lines = |scale: f64| {
        (0..60).fold(pictures(), |made, at| {
            let [a, b, c, d] = four(at, false).map(|corner| corner as f64 * scale / 120.0);
            let text = format!("0 {} {} {} {}\n", f64::midpoint(a, c), f64::midpoint(b, d), c - a, d - b);
            made.put(&format!("public/labels/t{at:03}.txt"), text)
        })
    };
    assert_eq!(lines(1.0).weight("Q127").await, None);
}

/// A range that the description gives, against the answers.
#[tokio::test]
async fn answers_outside_of_the_range_that_is_promised() {
    let stars = |at: usize| (at % 5 + 1).to_string();
    let said = |text: &str| Made::tabular().answers(200, 100, stars).put("description.txt", text);
    for wrong in ["Predict `y`, a whole number from 0 to 4.", "- `y` (0–4): the stars"] {
        assert_eq!(said(wrong).weight("D115").await, ERROR, "{wrong}");
    }
    for right in
        ["Predict `y`, a whole number from 1 to 5.", "Predict `y`; `x` goes from 0 to 4.", "Predict `y`."]
    {
        assert_eq!(said(right).weight("D115").await, None, "{right}");
    }
}
