//! Sound tasks that only look as if they gave their answers away.

use crate::plants::{
    Example, KINDS, Plan, Planted, carrier_mean, cell, code, masks, mixed, noise, npy, number_of, pictures,
    plain, png, price_with, series, wav, with_feature,
};

/// What only looks like a leak.
type Sound = (&'static str, fn() -> Planted);

const SOUND: &[Sound] = &[
    ("trees", || Plan::trees().write()),
    ("parcels", || Plan::prices().write()),
    ("pictures in folders for train only", || {
        pictures(|_, name| format!("test/{}.png", &name[name.len() - 4..]), |row, _, _| plain(row))
    }),
    ("labels of train in a document", || {
        let plan = Plan::trees();
        let task = plan.write();
        let text: String = plan
            .train
            .iter()
            .map(|e| format!("{{\"id\": \"{}\", \"y\": \"{}\"}}\n", e.id, e.answer))
            .collect();
        task.put("train_labels.jsonl", text);
        task
    }),
    ("ids of test that begin again", || {
        let mut plan = Plan::trees();
        plan.train.iter_mut().enumerate().for_each(|(row, e)| e.id = row.to_string());
        plan.test.iter_mut().enumerate().for_each(|(row, e)| e.id = row.to_string());
        plan.write()
    }),
    ("ids sorted, rows sorted by the first feature", || {
        let mut plan = Plan::trees();
        plan.test.sort_by(|a, b| cell(a, "height_m").total_cmp(&cell(b, "height_m")));
        plan.test.iter_mut().enumerate().for_each(|(row, e)| e.id = row.to_string());
        plan.write()
    }),
    ("a random sample", || {
        let mut plan = Plan::trees();
        plan.sample = (0..plan.test.len()).map(|row| KINDS[mixed(row + 400) % 3].to_owned()).collect();
        plan.write()
    }),
    ("a sample of random prices", || {
        let mut plan = Plan::prices();
        plan.sample = (0..plan.test.len()).map(|row| format!("{:.2}", noise(row + 40) * 30.0)).collect();
        plan.write()
    }),
    ("a sample with the last known value of each series", || {
        let level = |row: usize| noise(row / 24 + 5) * 500.0;
        let example = |row: usize| Example {
            id: format!("r{row}"),
            features: vec![("series", format!("s{}", row / 24)), ("month", (row % 24).to_string())],
            answer: format!("{:.1}", level(row) + noise(row) * 9.0),
        };
        let rows: Vec<usize> = (0..960).collect();
        let (past, future): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(|row| row % 24 < 18);
        let all = past.iter().chain(&future).map(|row| example(*row)).collect();
        let mut plan = Plan::of(all, past.len(), "id", "sold", "0");
        plan.sample = future.iter().map(|row| example(row / 24 * 24 + 17).answer).collect();
        plan.write()
    }),
    ("a series that rises", || {
        let example = |row: usize| Example {
            id: format!("{}-{:02}-{:02}", 2015 + row / 336, row / 28 % 12 + 1, row % 28 + 1),
            features: vec![("day", row.to_string()), ("rain_mm", format!("{:.1}", noise(row) * 20.0))],
            answer: format!("{:.2}", 100.0 + row as f64 * 0.9 + noise(row + 9) * 8.0),
        };
        Plan::of((0..400).map(example).collect(), 280, "date", "stock", "300").write()
    }),
    ("states that follow each other in time", || {
        let example = |row: usize| Example {
            id: row.to_string(),
            features: vec![
                ("minute", row.to_string()),
                (
                    "pulse",
                    format!("{:.0}", 60.0 + noise(row) * 30.0 + if row % 400 > 340 { 9.0 } else { 0.0 }),
                ),
            ],
            answer: if row % 400 > 340 { "awake" } else { "asleep" }.to_owned(),
        };
        Plan::of((0..800).map(example).collect(), 400, "id", "state", "asleep").write()
    }),
    ("groups whose rows stand together", || {
        let example = |row: usize| Example {
            id: format!("r{row}"),
            features: vec![
                ("patient", format!("p{}", row / 20)),
                ("pressure", format!("{:.0}", 100.0 + noise(row) * 50.0)),
                ("weight", format!("{:.1}", 50.0 + noise(row + 99) * 50.0)),
            ],
            answer: ["ill", "well"][usize::from(row / 20 % 5 < 3)].to_owned(),
        };
        Plan::of((0..500).map(example).collect(), 400, "row", "health", "well").write()
    }),
    ("an easy flower", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let petal = 1.0 + code(&e.answer) as f64 * 1.6 + noise(row + 8) * 1.9;
            e.features.push(("petal_cm", format!("{petal:.1}")));
        });
        plan.write()
    }),
    ("a text that names its subject", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let word = if row.is_multiple_of(10) { "tree" } else { &e.answer };
            e.features.push((
                "text",
                format!("in the wood number {} stands a {word} near the way", mixed(row) % 30),
            ));
        });
        plan.write()
    }),
    ("a price that mostly follows the weight", || {
        price_with("fuel", |row, e| format!("{:.2}", number_of(e) * 0.8 + noise(row + 77) * 2.0))
    }),
    ("what is missing by chance", || {
        with_feature("age", |row, _| {
            if mixed(row + 4).is_multiple_of(5) { String::new() } else { (mixed(row) % 200).to_string() }
        })
    }),
    ("what is missing more often for one kind", || {
        with_feature("survey", |row, e| {
            let rate = [20, 45, 60][code(&e.answer)];
            if mixed(row + 4) % 100 < rate { String::new() } else { format!("s{row}") }
        })
    }),
    ("a pure value of a category", || {
        with_feature("odour", |row, e| {
            if code(&e.answer) == 0 && row.is_multiple_of(2) { "foul" } else { ["none", "almond"][row % 2] }
                .to_owned()
        })
    }),
    ("a small test", || {
        let mut plan = Plan::trees();
        plan.test.truncate(12);
        plan.sample.truncate(12);
        plan.each(|row, e| e.features.push(("flag", (mixed(row + 2) % 2).to_string())));
        plan.write()
    }),
    ("a rare class", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.answer = u8::from(mixed(row + 1).is_multiple_of(40)).to_string());
        plan.sample.fill("0".to_owned());
        plan.each(|row, e| {
            e.features.push(("alarm", u8::from(mixed(row + 3).is_multiple_of(50)).to_string()));
        });
        plan.write()
    }),
    ("rows that repeat in few categories", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let kind = code(&e.answer);
            e.features = vec![
                (
                    "bark",
                    ["rough", "smooth", "thin"][(kind + usize::from(mixed(row).is_multiple_of(7))) % 3]
                        .to_owned(),
                ),
                ("leaf", ["small", "large"][mixed(row + 1) % 2].to_owned()),
                ("soil", ["clay", "sand"][mixed(row + 2) % 2].to_owned()),
            ];
        });
        plan.write()
    }),
    ("previews of the pictures as they are", || masks(false)),
    ("the mean of the week before, and the stock of the day before", || {
        series(|day, y| {
            let week = &y[day.saturating_sub(7)..day.max(1)];
            week.iter().sum::<f64>() / week.len() as f64
        })
    }),
    ("a mean of the carrier over the parcels of train", || {
        carrier_mean("carrier_price", &Plan::prices().train, number_of)
    }),
    ("a mean weight of the carrier over all parcels", || {
        let plan = Plan::prices();
        carrier_mean("carrier_weight", &[plan.train, plan.test].concat(), |e| cell(e, "weight_kg"))
    }),
    ("ranges of the price that overlap", || {
        price_with("band", |row, e| {
            let about = number_of(e) + noise(row + 41) * 4.0;
            ["low", "middle", "high"][usize::from(about > 14.0) + usize::from(about > 21.0)].to_owned()
        })
    }),
    ("a table of further features", || {
        let plan = Plan::trees();
        let task = plan.write();
        let line = |(row, e): (usize, &Example)| {
            format!("{},{:.1},{}\n", e.id, noise(row + 55) * 9.0, mixed(row + 6) % 4)
        };
        let text: String = plan.train.iter().chain(&plan.test).enumerate().map(line).collect();
        task.put("weather.csv", format!("tree_id,frost,zone\n{text}"));
        task
    }),
    ("sounds with a comment of the recorder", || {
        let example = |row: usize| Example {
            id: format!("clip_{row:03}"),
            features: vec![("file", format!("clips/clip_{row:03}.wav"))],
            answer: ["no", "yes"][mixed(row) % 2].to_owned(),
        };
        let plan = Plan::of((0..200).map(example).collect(), 120, "clip", "word", "no");
        let task = plan.write();
        for (row, example) in plan.train.iter().chain(&plan.test).enumerate() {
            let comment = format!("take {} recorder 4", mixed(row + 3) % 5);
            task.put(&format!("clips/{}.wav", example.id), wav(100 + mixed(row + 8) % 90, Some(&comment)));
        }
        task
    }),
    ("numbers with a point or without by chance, and blanks by chance", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let size = 900 + mixed(row + 60) % 700;
            let point = if mixed(row + 61).is_multiple_of(2) { ".0" } else { "" };
            e.features.push(("crown_area", format!("{size}{point}")));
            e.features.push((
                "note",
                format!("seen on walk {}{}", mixed(row + 70) % 400, " ".repeat(mixed(row + 8) % 3)),
            ));
            e.features
                .push(("photo", format!("cam{}/{:05}.jpg", mixed(row + 5) % 4, mixed(row + 6) % 99_999)));
        });
        plan.write()
    }),
    ("a number whose way of writing its size explains", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let size = (1 + code(&e.answer)) * 400 + mixed(row + 60) % 900;
            let cell =
                if size.is_multiple_of(10) { format!("{:.2e}", size as f64) } else { size.to_string() };
            e.features.push(("crown_area", cell));
        });
        plan.write()
    }),
    ("two clock times that tell little", || {
        Plan::flights(|row, delay| delay + mixed(row + 5) % 40 > 60).write()
    }),
    ("pictures of which some kinds pack better", || {
        pictures(
            |_, name| format!("test/{}.png", &name[name.len() - 4..]),
            |row, answer, _| png(32, 32, &vec![7; 1_000 * (1 + code(answer)) + mixed(row) % 60], &[]),
        )
    }),
    ("codes of train in an array", || {
        let plan = Plan::trees();
        let task = plan.write();
        let codes: Vec<u8> = plan.train.iter().map(|e| code(&e.answer) as u8).collect();
        task.put("y_train.npy", npy("|u1", codes.len(), &codes));
        task.put("weights.bin", (0..90_000).map(|at| (mixed(at + 50_000) % 3) as u8).collect::<Vec<u8>>());
        task
    }),
];

#[tokio::test]
async fn nothing_is_rejected_that_only_looks_so() {
    let mut wrong = Vec::new();
    for (what, sound) in SOUND {
        let task = sound();
        let errors = task.errors().await;
        if !errors.is_empty() {
            wrong.push(format!("{what}: {:#?}", task.findings().await));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn plain_tasks_have_no_warning_either() {
    for (what, sound) in SOUND.iter().take(7) {
        let findings = sound().findings().await;
        assert!(findings.is_empty(), "{what}: {findings:#?}");
    }
}
