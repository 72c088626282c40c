//! Answers that are carried by what stands around the examples: links, texts within texts, digests, digits, headers and
//! archives; and what only looks so.

use md5::{Digest, Md5};
use smith_task_schema::Severity;

use crate::plants::{
    Example, KINDS, Plan, Planted, beside, code, mixed, noise, number_of, pictures, png, rows,
};

/// What is planted, by which rule it is found, and how.
type Plant = (&'static str, &'static str, fn() -> Planted);

const PLANTS: &[Plant] = &[
    ("a page with a table", "A201", || {
        beside("report.html", |plan| {
            let line = |_, e: &Example| format!("<tr>\n <td>{}</td>\n <td>{}</td>\n</tr>\n", e.id, e.answer);
            format!("<html><table class=\"dataframe\">\n{}</table></html>", rows(plan, line)).into_bytes()
        })
    }),
    ("records of XML", "A201", || {
        beside("export.xml", |plan| {
            let line = |_, e: &Example| format!("<tree><nr>{}</nr><kind>{}</kind></tree>", e.id, e.answer);
            format!("<?xml version=\"1.0\"?><trees>{}</trees>", rows(plan, line)).into_bytes()
        })
    }),
    ("what a notebook printed", "A201", || {
        beside("starter.ipynb", |plan| {
            let lines = rows(plan, |_, e| format!(",\n\"   {}  {}\\n\"", e.id, e.answer));
            format!(
                "{{\"cells\": [{{\"outputs\": [{{\"text\": [\"tree_id kind\\n\"{lines}]}}]}}], \"nbformat\": 4}}"
            )
            .into_bytes()
        })
    }),
    ("a page within a document", "A201", || {
        beside("cells.json", |plan| {
            let line = |_, e: &Example| format!("<tr><td>{}</td>\\n<td>{}</td></tr>", e.id, e.answer);
            format!("{{\"version\": 2, \"html\": \"<table>{}</table>\"}}", rows(plan, line)).into_bytes()
        })
    }),
    ("a quarter of the answers", "A201", || {
        beside("board.csv", |plan| {
            let some = plan.test.iter().take(22).map(|e| format!("{},{}\n", e.id, e.answer));
            format!("tree_id,kind\n{}", some.collect::<String>()).into_bytes()
        })
    }),
    ("answers by the digest of the id", "A201", || {
        beside("cache.json", |plan| {
            let mut keys: Vec<String> =
                plan.test.iter().map(|e| format!("\"{}\": \"{}\"", digest(&e.id, 32), e.answer)).collect();
            keys.sort();
            format!("{{{}}}", keys.join(",")).into_bytes()
        })
    }),
    ("answers by the short digest of a text", "A201", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.features.push(("note", format!("seen on walk {}", mixed(row + 70) % 90_000))));
        let task = plan.write();
        let line = |_, e: &Example| format!("{},{}\n", digest(&e.features[3].1, 12), code(&e.answer));
        task.put("known.csv", format!("key,k\n{}", rows(&plan, line)));
        task
    }),
    ("the last letter of the id", "A204", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let last = ["02468", "13579", "abcdf"][code(&e.answer)].as_bytes()[mixed(row) % 5];
            e.id = format!("{}{}", digest(&row.to_string(), 9), char::from(last));
        });
        plan.write()
    }),
    ("the last digit of the id is a tenth of the prices", "A204", || {
        let mut plan = Plan::prices();
        plan.each(|row, e| {
            let tenth = (number_of(e) / 40.0 * 10.0).min(9.0) as usize;
            e.id = format!("{}{tenth}", 1_000 + mixed(row + 5) % 8_000 * 400 + row);
        });
        plan.write()
    }),
    ("the resolution of pictures", "A203", || dotted(|_, answer| 72 + 12 * code(answer))),
    ("times of members", "A203", || packed(|_, kind| kind, false)),
    ("members in the order of their kinds", "A205", || packed(|_, _| 7, true)),
    ("characters without width", "A220", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let hidden = "\u{200b}".repeat(code(&e.answer));
            e.features.push(("note", format!("seen on walk {}{hidden}", mixed(row + 70) % 400)));
        });
        plan.write()
    }),
    ("wide gaps between words", "A220", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let gap = " ".repeat(code(&e.answer) + 1);
            e.features.push(("note", format!("seen on{gap}walk {}", mixed(row + 70) % 400)));
        });
        plan.write()
    }),
];

/// What only looks like a leak.
type Sound = (&'static str, fn() -> Planted);

const SOUND: &[Sound] = &[
    ("a page with the training data", || {
        beside("report.html", |plan| {
            let line = |e: &Example| format!("<tr><td>{}</td><td>{}</td></tr>\n", e.id, e.answer);
            format!("<table>\n{}</table>", plan.train.iter().map(line).collect::<String>()).into_bytes()
        })
    }),
    ("a notebook with a few answers as an example", || {
        beside("starter.ipynb", |plan| {
            let few = plan.test.iter().take(5).map(|e| format!(",\n\"{},{}\\n\"", e.id, e.answer));
            format!("{{\"cells\": [{{\"source\": [\"a list of\\n\"{}]}}]}}", few.collect::<String>())
                .into_bytes()
        })
    }),
    ("other values by the digest of the id", || {
        beside("cache.json", |plan| {
            let line = |row: usize, e: &Example| {
                format!("\"{}\": \"{}\",", digest(&e.id, 32), KINDS[mixed(row + 600) % 3])
            };
            format!("{{{}}}", rows(plan, line).trim_end_matches(',')).into_bytes()
        })
    }),
    ("ids that are digests", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| e.id = digest(&row.to_string(), 10));
        plan.write()
    }),
    ("ids that count on over shops whose sales differ", || {
        let example = |row: usize| Example {
            id: row.to_string(),
            features: vec![
                ("shop", format!("s{}", row % 10)),
                ("visitors", format!("{:.0}", noise(row) * 300.0)),
            ],
            answer: format!("{:.1}", (row * 7 % 10) as f64 * 100.0 + noise(row + 9) * 500.0),
        };
        Plan::of((0..600).map(example).collect(), 400, "id", "sold", "300").write()
    }),
    ("a resolution that differs by chance", || dotted(|row, _| 72 + 12 * (mixed(row + 77) % 3))),
    ("members in the order of their names", || packed(|row, _| mixed(row + 31) % 4, false)),
    ("joiners of a script, and hyphens", || {
        let mut plan = Plan::trees();
        plan.each(|row, e| {
            let word = ["\u{645}\u{6cc}\u{200c}\u{62e}", "seen  twice", "seen once"][mixed(row + 70) % 3];
            e.features.push(("note", format!("{word} {}", mixed(row + 90) % 400)));
        });
        plan.write()
    }),
];

fn digest(text: &str, letters: usize) -> String {
    let whole: String = Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    whole[..letters].to_owned()
}

/// Pictures with so many dots to the metre.
fn dotted(dots: fn(usize, &str) -> usize) -> Planted {
    pictures(
        |_, name| format!("test/{}.png", &name[name.len() - 4..]),
        move |row, answer, _| {
            let dots = u32::try_from(dots(row, answer)).unwrap().to_be_bytes();
            png(32, 32, &vec![7; 40 + mixed(row) % 60], &[(b"pHYs", &[&dots[..], &dots, &[1]].concat())])
        },
    )
}

/// Pictures whose test part stands in a TAR too, with a day for each and in an order.
fn packed(day: fn(usize, usize) -> usize, by_kind: bool) -> Planted {
    let task = pictures(
        |_, name| format!("test/{}.png", &name[name.len() - 4..]),
        |row, _, _| png(32, 32, &vec![7; 40 + mixed(row) % 60], &[]),
    );
    let mut order: Vec<usize> = (160..240).collect();
    if by_kind {
        order.sort_by_key(|row| mixed(*row) % 3);
    }
    let members = order.into_iter().flat_map(|row| {
        let (time, name) = (1_600_000_000 + 86_400 * day(row, mixed(row) % 3), format!("{row:04}.png"));
        member(&name, time, &[7; 40])
    });
    task.put("test.tar", members.chain([0; 1_024]).collect::<Vec<u8>>());
    task
}

/// A member of a TAR.
fn member(name: &str, time: usize, content: &[u8]) -> Vec<u8> {
    let mut head = vec![0_u8; 512];
    let mut put = |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    for (at, text) in [(100, "0000644"), (108, "0000000"), (116, "0000000"), (148, "        "), (156, "0")] {
        put(at, text);
    }
    put(124, &format!("{:011o}", content.len()));
    put(136, &format!("{time:011o}"));
    put(257, "ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head.extend(content);
    head.resize(head.len().next_multiple_of(512), 0);
    head
}

#[tokio::test]
async fn every_carrier_is_found_by_its_rule() {
    let mut missed = Vec::new();
    for (what, rule, plant) in PLANTS {
        let task = plant();
        if !task.errors().await.iter().any(|code| code == rule) {
            missed.push(format!("{what}: no {rule}: {:#?}", task.findings().await));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn nothing_is_said_of_what_only_looks_so() {
    let mut wrong = Vec::new();
    for (what, sound) in SOUND {
        let findings = sound().findings().await;
        if !findings.is_empty() {
            wrong.push(format!("{what}: {findings:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the content itself has is a shortcut of which a word is said; with many classes no chance explains it.
#[tokio::test]
async fn a_sampling_rate_by_class_is_worth_a_word() {
    let calls = |classes: usize| {
        let example = |row: usize| Example {
            id: format!("clip_{row:03}"),
            features: vec![("file", format!("clips/clip_{row:03}.wav"))],
            answer: format!("call {}", mixed(row) % classes),
        };
        let plan = Plan::of((0..300).map(example).collect(), 200, "clip", "call", "call 0");
        let task = plan.write();
        for example in plan.train.iter().chain(&plan.test) {
            let rate = 4_000 + 8 * example.answer[5..].parse::<u32>().unwrap();
            let mut sound = crate::plants::wav(100, None);
            sound[24..28].copy_from_slice(&rate.to_le_bytes());
            sound[28..32].copy_from_slice(&rate.to_le_bytes());
            task.put(&format!("clips/{}.wav", example.id), sound);
        }
        task
    };
    for (classes, expected) in [(2, Severity::Warning), (5, Severity::Error)] {
        let findings = calls(classes).findings().await;
        let told = findings.iter().find(|finding| finding.message.contains("sampling rate"));
        assert_eq!(
            told.map(|told| (told.rule.as_str(), told.severity)),
            Some(("A211", expected)),
            "{findings:#?}"
        );
    }
}
