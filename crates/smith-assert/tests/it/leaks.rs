//! Answers that are planted in public data in many ways, and sound tasks that only look so.

use std::io::Write;

use crate::plants::{Example, KINDS, Plan, Planted, mixed, noise, png, wav};

/// What is planted, by which rule it is found, and how.
type Plant = (&'static str, &'static str, fn() -> Planted);

fn rows(plan: &Plan, of: impl Fn(usize, &Example) -> String) -> String {
    plan.test.iter().enumerate().map(|(row, example)| of(row, example)).collect()
}

fn code(answer: &str) -> usize {
    KINDS.iter().position(|kind| *kind == answer).unwrap()
}

/// A one-dimensional array.
fn npy(descr: &str, count: usize, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({count},), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(elements);
    bytes
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Trees with a file of public/ that is made of them.
fn beside(path: &str, of: impl Fn(&Plan) -> Vec<u8>) -> Planted {
    let plan = Plan::trees();
    let task = plan.write();
    task.put(path, of(&plan));
    task
}

/// Trees with one feature more.
fn with_feature(name: &'static str, of: impl Fn(usize, &Example) -> String) -> Planted {
    let mut plan = Plan::trees();
    plan.each(|row, example| {
        let cell = of(row, example);
        example.features.push((name, cell));
    });
    plan.write()
}

/// Parcels with one feature more.
fn price_with(name: &'static str, of: impl Fn(usize, &Example) -> String) -> Planted {
    let mut plan = Plan::prices();
    plan.each(|row, example| {
        let cell = of(row, example);
        example.features.push((name, cell));
    });
    plan.write()
}

/// Pictures of three kinds: those of train in folders of their kind, those of test in one.
fn pictures(path: impl Fn(usize, &str) -> String, content: impl Fn(usize, &str, bool) -> Vec<u8>) -> Planted {
    let example = |row: usize| Example {
        id: format!("{row:04}"),
        features: Vec::new(),
        answer: KINDS[mixed(row) % 3].to_owned(),
    };
    let mut plan = Plan::of((0..240).map(example).collect(), 160, "image", "kind", "ash");
    let train = std::mem::take(&mut plan.train);
    let task = plan.write();
    task.remove("train.csv");
    task.remove("test.csv");
    for (row, example) in train.iter().enumerate() {
        task.put(
            &format!("train/{}/{}.png", example.answer, example.id),
            content(row, &example.answer, false),
        );
    }
    for (row, example) in plan.test.iter().enumerate() {
        task.put(
            &path(row, &format!("{}/{}", example.answer, example.id)),
            content(row + 500, &example.answer, true),
        );
    }
    task
}

fn number_of(example: &Example) -> f64 {
    example.answer.parse().unwrap()
}

fn cell(example: &Example, name: &str) -> f64 {
    example.features.iter().find(|(own, _)| *own == name).unwrap().1.parse().unwrap()
}

fn plain(row: usize) -> Vec<u8> {
    png(32, 32, &vec![7; 40 + mixed(row) % 60], &[])
}

const PLANTS: &[Plant] = &[
    ("another name for the column", "A201", || {
        beside("extra.csv", |plan| {
            format!("tree_id,k\n{}", rows(plan, |_, e| format!("{},{}\n", e.id, e.answer))).into_bytes()
        })
    }),
    ("codes instead of names", "A201", || {
        beside("meta/info.tsv", |plan| {
            format!("nr\tc\n{}", rows(plan, |_, e| format!("{}\t{}\n", e.id, 7 - code(&e.answer))))
                .into_bytes()
        })
    }),
    ("one column a class", "A201", || {
        beside("hot.csv", |plan| {
            let hot = |answer: &str| KINDS.map(|kind| u8::from(kind == answer).to_string()).join(",");
            format!("id,a,b,c\n{}", rows(plan, |_, e| format!("{},{}\n", e.id, hot(&e.answer)))).into_bytes()
        })
    }),
    ("a document of answers by id", "A201", || {
        beside("labels.json", |plan| {
            format!(
                "{{{}}}",
                rows(plan, |_, e| format!("\"{}\": \"{}\",", e.id, e.answer)).trim_end_matches(',')
            )
            .into_bytes()
        })
    }),
    ("ids listed by class", "A201", || {
        beside("index.json", |plan| {
            let of = |kind: &&str| {
                let ids: Vec<_> = plan
                    .test
                    .iter()
                    .filter(|e| e.answer == **kind)
                    .map(|e| format!("\"{}\"", e.id))
                    .collect();
                format!("\"{kind}\": [{}]", ids.join(","))
            };
            format!("{{\"classes\": {{{}}}}}", KINDS.iter().map(of).collect::<Vec<_>>().join(","))
                .into_bytes()
        })
    }),
    ("records in lines", "A201", || {
        beside("log.jsonl", |plan| {
            rows(plan, |_, e| {
                format!("{{\"x\": {{\"file\": \"img/{}.png\", \"y\": \"{}\"}}}}\n", e.id, e.answer)
            })
            .into_bytes()
        })
    }),
    ("prose", "A201", || {
        beside("NOTES.md", |plan| {
            rows(plan, |_, e| format!("* tree {} was found to be {}.\n", e.id, e.answer)).into_bytes()
        })
    }),
    ("a list in the order of the test table", "A201", || {
        beside("y.txt", |plan| rows(plan, |_, e| format!("{}\n", e.answer)).into_bytes())
    }),
    ("an array in the order of the test table", "A201", || {
        beside("y_test.npy", |plan| {
            let codes: Vec<u8> = plan.test.iter().map(|e| code(&e.answer) as u8).collect();
            npy("|u1", codes.len(), &codes)
        })
    }),
    ("labels of all examples, the id being the place", "A201", || {
        let mut plan = Plan::trees();
        let all = plan.train.len() + plan.test.len();
        plan.each(|row, e| e.id = format!("image_{:05}", row * 11 % all + 1));
        let task = plan.write();
        let mut codes = vec![0_u8; all];
        for e in plan.train.iter().chain(&plan.test) {
            codes[e.id[6..].parse::<usize>().unwrap() - 1] = code(&e.answer) as u8;
        }
        task.put("imagelabels.npy", npy("|u1", all, &codes));
        task
    }),
    ("an archive in an archive", "A201", || {
        beside("source.zip", |plan| {
            let table = rows(plan, |_, e| format!("{},{}\n", e.id, e.answer));
            let inner = zipped(&[("all.csv", format!("tree_id,kind\n{table}").as_bytes())]);
            zipped(&[("raw/original.zip", &inner), ("readme.txt", b"the original files")])
        })
    }),
    ("a price on another scale", "A201", || {
        let plan = Plan::prices();
        let task = plan.write();
        let table = rows(&plan, |_, e| format!("{},{:.4}\n", e.id, (number_of(e) * 100.0).ln()));
        task.put("fees.csv", format!("parcel,fee\n{table}"));
        task
    }),
    ("codes in an unknown format", "A202", || {
        beside("model.bin", |plan| {
            let codes = plan.test.iter().flat_map(|e| (code(&e.answer) as i32).to_le_bytes());
            [b"HEAD\0\0\0\x01".to_vec(), codes.collect(), vec![0; 99]].concat()
        })
    }),
    ("prices in an HDF5 file", "A202", || {
        let plan = Plan::prices();
        let task = plan.write();
        let values: Vec<u8> = plan.test.iter().flat_map(|e| (number_of(e) as f32).to_le_bytes()).collect();
        task.put("data.h5", [b"\x89HDF\r\n\x1a\n\0\0\0\0".to_vec(), values, vec![1; 50]].concat());
        task
    }),
    ("a pickled dictionary", "A202", || {
        beside("cache.pkl", |plan| {
            let mut bytes = b"\x80\x04}\x94(".to_vec();
            for example in &plan.test {
                for text in [&example.id, &example.answer] {
                    bytes.extend([0x8c, u8::try_from(text.len()).unwrap()]);
                    bytes.extend(text.as_bytes());
                }
            }
            bytes.extend(b"u.");
            bytes
        })
    }),
    ("text chunks of pictures", "A203", || {
        pictures(
            |_, name| format!("test/{}.png", &name[name.len() - 4..]),
            |row, answer, is_test| {
                let text = format!("Comment\0source=herbarium;kind={answer}");
                let chunks: &[(&[u8; 4], &[u8])] = &[(b"tEXt", text.as_bytes())];
                png(32, 32, &vec![7; 40 + mixed(row) % 60], if is_test { chunks } else { &[] })
            },
        )
    }),
    ("codes in the comments of sounds", "A203", || {
        let example = |row: usize| Example {
            id: format!("clip_{row:03}"),
            features: vec![("file", format!("clips/clip_{row:03}.wav"))],
            answer: ["no", "yes"][mixed(row) % 2].to_owned(),
        };
        let plan = Plan::of((0..200).map(example).collect(), 120, "clip", "word", "no");
        let task = plan.write();
        for example in plan.train.iter().chain(&plan.test) {
            let comment = if example.answer == "yes" { "take 1 group 4" } else { "take 1 group 3" };
            task.put(
                &format!("clips/{}.wav", example.id),
                wav(100 + mixed(example.id.len()) % 9, Some(comment)),
            );
        }
        task
    }),
    ("an annotation for each picture", "A203", || {
        let task =
            pictures(|_, name| format!("test/{}.png", &name[name.len() - 4..]), |row, _, _| plain(row));
        for row in 160..240 {
            let text = format!("{{\"width\": 32, \"object\": {{\"name\": \"{}\"}}}}", KINDS[mixed(row) % 3]);
            task.put(&format!("test/{row:04}.json"), text);
        }
        task
    }),
    ("test pictures in folders of their kind", "A204", || {
        pictures(|_, name| format!("test/{name}.png"), |row, _, _| plain(row))
    }),
    ("the kind in the name", "A204", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.id = format!("{}{:04}", &e.answer[..1], row));
        plan.write()
    }),
    ("the remainder of the id", "A204", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.id = (mixed(row + 77) % 50_000 * 3 + code(&e.answer)).to_string());
        plan.write()
    }),
    ("sorted by kind", "A205", || {
        let mut plan = Plan::trees();
        plan.test.sort_by(|a, b| a.answer.cmp(&b.answer));
        plan.write()
    }),
    ("sorted by price", "A205", || {
        let mut plan = Plan::prices();
        plan.test.sort_by(|a, b| number_of(a).total_cmp(&number_of(b)));
        plan.write()
    }),
    ("ids in the order of the kinds", "A205", || {
        let mut plan = Plan::trees();
        let mut order: Vec<usize> = (0..plan.test.len()).collect();
        order.sort_by_key(|row| plan.test[*row].answer.clone());
        for (number, row) in order.into_iter().enumerate() {
            plan.test[row].id = (number + 1).to_string();
        }
        plan.write()
    }),
    ("a sample that follows the prices", "A206", || {
        let mut plan = Plan::prices();
        plan.sample = plan.test.iter().map(|e| format!("{:.2}", number_of(e) * 2.0 + 1.0)).collect();
        plan.write()
    }),
    ("the raw table under another name", "A207", || {
        let plan = Plan::trees();
        let task = plan.write();
        let line = |e: &Example| {
            let cells: Vec<&str> = e.features.iter().map(|(_, cell)| cell.as_str()).collect();
            format!("{},{}\n", cells.join(","), e.answer)
        };
        let all: String = plan.train.iter().chain(&plan.test).map(line).collect();
        task.put("orchard_raw.csv", format!("height_m,girth_cm,soil,kind\n{all}"));
        task
    }),
    ("train that still holds the test rows", "A207", || {
        let mut plan = Plan::trees();
        let copies: Vec<Example> = plan
            .test
            .iter()
            .enumerate()
            .map(|(row, e)| Example { id: format!("x{row}"), ..e.clone() })
            .collect();
        plan.train.extend(copies);
        plan.write()
    }),
    ("a feature that is a code of the kind", "A210", || {
        with_feature("species_code", |_, e| ["A7", "B2", "C9"][code(&e.answer)].to_owned())
    }),
    ("a feature that is the price in cents", "A210", || {
        price_with("cents", |_, e| format!("{:.0}", number_of(e) * 100.0))
    }),
    ("two features that make the price", "A210", || {
        let mut plan = Plan::prices();
        plan.each(|row, e| {
            let share = (number_of(e) * noise(row + 31) * 100.0).round() / 100.0;
            let rest = number_of(e) - share;
            e.features.extend([("base", format!("{share:.2}")), ("extra", format!("{rest:.2}"))]);
        });
        plan.write()
    }),
    ("a number that parts the kinds", "A211", || {
        let mut plan = Plan::trees();
        let more = plan.train.clone();
        plan.train.extend(more.into_iter().enumerate().map(|(row, mut e)| {
            e.id = format!("m{row}");
            e.features[0].1 = format!("{:.1}", 8.0 + noise(row + 5) * 15.0);
            e
        }));
        plan.each(|row, e| {
            let score = code(&e.answer) as f64 * 10.0 + noise(row + 8) * 5.0;
            e.features.push(("score", format!("{score:.4}")));
        });
        plan.write()
    }),
    ("sizes of files by kind", "A211", || {
        pictures(
            |_, name| format!("test/{}.png", &name[name.len() - 4..]),
            |row, answer, _| {
                [png(32, 32, &vec![7; 40 + mixed(row) % 900], &[]), vec![0; 1 + code(answer)]].concat()
            },
        )
    }),
    ("times of files by kind", "A211", || {
        let task =
            pictures(|_, name| format!("test/{}.png", &name[name.len() - 4..]), |row, _, _| plain(row));
        for row in 0..240 {
            let kind = KINDS[mixed(row) % 3];
            let path =
                if row < 160 { format!("train/{kind}/{row:04}.png") } else { format!("test/{row:04}.png") };
            let file = std::fs::File::options().write(true).open(task.public.join(path)).unwrap();
            let day = std::time::Duration::from_secs(86_400 * (9_000 + code(kind) as u64));
            file.set_modified(std::time::UNIX_EPOCH + day).unwrap();
        }
        task
    }),
    ("a picture's width by kind", "A211", || {
        pictures(
            |_, name| format!("test/{}.png", &name[name.len() - 4..]),
            |row, answer, _| png(32 + code(answer) as u32, 32, &vec![7; 40 + mixed(row) % 900], &[]),
        )
    }),
    ("a name that only successes have", "A212", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let name =
                if code(&e.answer) == 1 && row % 3 != 0 { format!("buyer{row}") } else { "N/A".to_owned() };
            e.features.push(("buyer_if_known", name));
        });
        plan.write()
    }),
];

#[tokio::test]
async fn every_plant_is_found_by_its_rule() {
    let mut missed = Vec::new();
    for (what, rule, plant) in PLANTS {
        let task = plant();
        let errors = task.errors().await;
        if !errors.iter().any(|code| code == rule) {
            missed.push(format!("{what}: {rule} not in {errors:?}: {:#?}", task.findings().await));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

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
            e.features.push(("alarm", u8::from(mixed(row + 3).is_multiple_of(50)).to_string()))
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
