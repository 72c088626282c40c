//! Answers that are planted in public data in many ways, each found by its rule.

use crate::plants::{
    Example, KINDS, Plan, Planted, beside, carrier_mean, code, masks, mixed, noise, npy, number_of, on_day,
    pictures, plain, png, price_with, rows, series, stock, wav, with_feature, zipped,
};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// What is planted, by which rule it is found, and how.
type Plant = (&'static str, &'static str, fn() -> Planted);

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
    ("sorted by price on both sides, and not in the raw data", "A205", || {
        let mut plan = Plan::prices();
        let mut raw = String::from("weight_kg,way_km,carrier,price\n");
        for example in plan.train.iter().chain(&plan.test) {
            let cells: Vec<&str> = example.features.iter().map(|(_, cell)| cell.as_str()).collect();
            raw += &format!("{},{}\n", cells.join(","), example.answer);
        }
        plan.train.sort_by(|a, b| number_of(a).total_cmp(&number_of(b)));
        plan.test.sort_by(|a, b| number_of(a).total_cmp(&number_of(b)));
        let planted = plan.write();
        planted.put("../raw/prices.csv", raw);
        planted
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
    ("a feature that is a range of the price", "A210", || {
        price_with("tariff", |_, e| {
            let number = number_of(e);
            ["small", "middle", "large"][usize::from(number > 14.0) + usize::from(number > 24.0)].to_owned()
        })
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
    ("a folder in a list of sources", "A201", || {
        beside("sources.json", |plan| {
            let folder = |e: &Example| ["en_US_Ann", "en_GB_Ann", "en_US_Bob"][code(&e.answer)];
            let line = rows(plan, |row, e| {
                format!("\"{}.wav\": {{\"frames\": 9, \"from\": \"{}/{row}.wav\"}},", e.id, folder(e))
            });
            format!("{{{}}}", line.trim_end_matches(',')).into_bytes()
        })
    }),
    ("arrays of ids and of codes in one file", "A201", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.id = (1_000 + mixed(row + 70) % 9_000 * 500 + row).to_string());
        let task = plan.write();
        let all: Vec<&Example> = plan.train.iter().chain(&plan.test).rev().collect();
        let ids: Vec<u8> = all.iter().flat_map(|e| e.id.parse::<i64>().unwrap().to_le_bytes()).collect();
        let codes: Vec<u8> = all.iter().map(|e| code(&e.answer) as u8).collect();
        let (ids, codes) = (npy("<i8", all.len(), &ids), npy("|u1", all.len(), &codes));
        task.put("arrays.npz", zipped(&[("ids.npy", &ids), ("Y.npy", &codes)]));
        task
    }),
    ("a feature that is a range of the price", "A210", || {
        price_with("band", |_, e| {
            ["low", "middle", "high"][usize::from(number_of(e) > 12.0) + usize::from(number_of(e) > 19.0)]
                .to_owned()
        })
    }),
    ("a column for each kind", "A210", || {
        let mut plan = Plan::trees();
        plan.each(|_, e| {
            let is = |kind: usize| u8::from(code(&e.answer) == kind).to_string();
            e.features.extend([("a", is(0)), ("b", is(1)), ("c", is(2))]);
        });
        plan.write()
    }),
    ("features whose weighted sum is the price", "A210", || {
        let mut plan = Plan::prices();
        plan.each(|row, e| {
            let (low, high) =
                ((noise(row + 31) * 900.0).round() / 100.0, (noise(row + 62) * 900.0).round() / 100.0);
            let mean = (number_of(e) + low + 2.0 * high) / 4.0;
            e.features.extend([
                ("low", format!("{low:.2}")),
                ("high", format!("{high:.2}")),
                ("mean", format!("{mean:.4}")),
            ]);
        });
        plan.write()
    }),
    ("a mean over the days around", "A215", || {
        series(|day, y| mean(&y[day.saturating_sub(3)..(day + 4).min(y.len())]))
    }),
    ("a sum up to the day itself", "A215", || series(|day, y| y[..=day].iter().sum())),
    ("a mean of the carrier, with the parcels of test", "A215", || {
        let plan = Plan::prices();
        carrier_mean("carrier_price", &[plan.train, plan.test].concat(), number_of)
    }),
    ("the stock of the next day", "A216", || series(|day, y| y[(day + 1) % y.len()])),
    ("the stock of the day before, of all days at once", "A216", || {
        series(|day, y| y[day.saturating_sub(1)])
    }),
    ("the stock of the day before, among days drawn at random", "A216", || {
        let days: Vec<f64> = (0..400).map(stock).collect();
        let mut all: Vec<Example> = (0..400).map(|day| on_day(day, days[day.saturating_sub(1)])).collect();
        all.sort_by_key(|e| mixed(e.features[0].1.bytes().map(usize::from).fold(0, |a, b| a * 31 + b)));
        Plan::of(all, 280, "nr", "stock", "300").write()
    }),
    ("numbers of one kind with a point", "A220", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let size = 900 + mixed(row + 60) % 700;
            let cell = match code(&e.answer) {
                0 => size.to_string(),
                1 => format!("{size}.0"),
                _ => format!("{size}.00"),
            };
            e.features.push(("crown_area", cell));
        });
        plan.write()
    }),
    ("texts of one kind with two blanks behind them", "A220", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let blanks = "  ".repeat(code(&e.answer) + 1);
            e.features.push(("note", format!("seen on walk {}{blanks}", mixed(row + 70) % 400)));
        });
        plan.write()
    }),
    ("lines that end by class", "A220", || {
        let plan = Plan::trees();
        let task = plan.write();
        let table = |examples: &[Example], with_answers: bool| {
            let head = if with_answers { "tree_id,height_m,kind\n" } else { "tree_id,height_m\n" };
            examples.iter().fold(head.to_owned(), |text, e| {
                let end = if e.answer == KINDS[0] { "\r\n" } else { "\n" };
                let answer = if with_answers { format!(",{}", e.answer) } else { String::new() };
                text + &format!("{},{}{answer}{end}", e.id, e.features[0].1)
            })
        };
        task.put("train.csv", table(&plan.train, true));
        task.put("test.csv", table(&plan.test, false));
        task
    }),
    ("a path whose folder is the kind in other words", "A211", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let folder = [["plot-7", "plot-9"], ["plot-3", "plot-12"], ["plot-1", "plot-5"]];
            let folder = folder[code(&e.answer)][mixed(row + 44) % 2];
            e.features.push(("origin", format!("{folder}/{:06}.txt", mixed(row + 31) % 900_000)));
        });
        let mut more = plan.train.clone();
        more.iter_mut().for_each(|e| e.id = format!("u{}", e.id));
        plan.train.extend(more);
        plan.write()
    }),
    ("the time between two clock times that decides", "A210", || {
        Plan::flights(|_, delay| delay > 40).write()
    }),
    ("known values in other words than the answers", "A211", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let yes = code(&e.answer) == 1;
            e.answer = u8::from(yes).to_string();
            let box_of = if yes { 40 } else { 7 };
            e.features.push(("box", format!("{}", box_of + mixed(row + 3) % 3)));
        });
        let mut more = plan.train.clone();
        more.iter_mut().for_each(|e| e.id = format!("u{}", e.id));
        plan.train.extend(more);
        plan.train
            .iter_mut()
            .for_each(|e| e.answer = if e.answer == "1" { "true" } else { "false" }.to_owned());
        plan.write()
    }),
    ("changes in per cent up to the last day, in a table beside", "A221", || {
        let sold = |shop: usize, day: usize| 100 + mixed(shop * 1_000 + day) % 400;
        let example = |row: usize| Example {
            id: format!("r{}", mixed(row + 40_000) % 10_000_000),
            features: vec![("shop", format!("s{}", row % 8)), ("day", (row / 8).to_string())],
            answer: sold(row % 8, row / 8).to_string(),
        };
        let task = Plan::of((0..640).map(example).collect(), 480, "nr", "sold", "300").write();
        let change = |row: usize| {
            let (shop, day) = (row % 8, row / 8);
            let percent = (sold(shop, day) as f64 / sold(shop, day - 1) as f64 - 1.0) * 100.0;
            format!("s{shop},{day},{percent}\n")
        };
        task.put("changes.csv", format!("shop,day,percent\n{}", (8..640).map(change).collect::<String>()));
        task
    }),
    ("outlines of the masks over the pictures", "A217", || masks(true)),
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

/// Codes of the rules that have a plant.
pub(crate) fn planted_rules() -> impl Iterator<Item = &'static str> {
    PLANTS.iter().map(|(_, rule, _)| *rule)
}
