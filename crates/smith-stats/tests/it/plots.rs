//! Pictures hold the data, and nothing that another program trips over.

use std::collections::BTreeMap;

use serde_json::Value;
use smith_stats::agreement::RatingTable;
use smith_stats::curves::{CurveOptions, Curves, Step};
use smith_stats::elo::{Battle, Battles, EloOptions, Winner, rate};
use smith_stats::plots::{self, Plot};

const HOSTILE: &str = "<b>&\"\u{1b}\u{0}]]>";

fn table() -> RatingTable {
    let column = |ratings: [f64; 3]| ratings.map(Some).to_vec();
    RatingTable::new(
        ["oak", HOSTILE, "elm"].map(str::to_owned).to_vec(),
        vec![
            ("x".to_owned(), column([1100.0, 1000.0, 900.0])),
            ("y".to_owned(), column([1000.0, 1150.0, 850.0])),
        ],
    )
    .unwrap()
}

fn all() -> Vec<Plot> {
    let mut rows = vec![Battle::new("oak", HOSTILE, Winner::A), Battle::new(HOSTILE, "oak", Winner::A)];
    rows.push(Battle { category: Some(HOSTILE.to_owned()), ..Battle::new("oak", "elm", Winner::Tie) });
    let step = |step, score| Step {
        task: "t".to_owned(),
        model: HOSTILE.to_owned(),
        category: None,
        run: None,
        step,
        score,
        higher_is_better: true,
    };
    vec![
        plots::elo(&rate(&Battles::from_rows(&rows).unwrap(), &EloOptions::default()).unwrap()),
        plots::bland_altman(&table(), 0, 1).unwrap(),
        plots::rank_flow(&table()),
        plots::curves(&Curves::of(&[step(1, None), step(2, Some(3.0))], &CurveOptions::default()).unwrap()),
        plots::shares(HOSTILE, &[]),
        plots::histogram("attempts", &BTreeMap::from([(1, 90), (2, 6), (3, 1)])),
    ]
}

#[test]
fn pictures_are_well_formed_whatever_the_names() {
    for plot in all() {
        assert!(plot.svg.starts_with("<svg xmlns=") && plot.svg.ends_with("</svg>\n"));
        assert!(
            !plot.svg.contains("<b>") && !plot.svg.contains("NaN") && !plot.svg.contains("inf"),
            "{}",
            plot.svg
        );
        assert!(plot.svg.chars().all(|c| c == '\n' || !c.is_control()));
        // Every line of the body is one whole element.
        let lines: Vec<&str> = plot.svg.trim_end().lines().collect();
        for line in &lines[1..lines.len() - 1] {
            assert!(
                line.ends_with("/>") || line.ends_with("</text>") || line.ends_with("</title>"),
                "{line}"
            );
        }
        assert_eq!(plot.vega_lite["title"], Value::String(plot.title.clone()));
        assert!(plot.vega_lite["data"]["values"].is_array());
        assert!(plot.text.starts_with(&plot.title));
    }
}

#[test]
fn a_curve_of_one_step_is_a_point() {
    let step = |model: &str, score| Step {
        task: "t".to_owned(),
        model: model.to_owned(),
        category: None,
        run: None,
        step: 1,
        score: Some(score),
        higher_is_better: true,
    };
    let steps = [step("oak", 1.0), step("elm", 2.0)];
    let mut options = CurveOptions::default();
    options.length = 1;
    let plot = plots::curves(&Curves::of(&steps, &options).unwrap());
    // One for each model in its panel.
    assert!(plot.svg.matches("<circle").count() >= 2, "{}", plot.svg);
    assert_eq!(plot.vega_lite["spec"]["layer"][1]["mark"]["point"], true);
}

#[test]
fn the_data_is_in_the_document_and_in_the_words() {
    let plots = all();
    let values = |plot: &Plot| plot.vega_lite["data"]["values"].as_array().unwrap().clone();
    assert_eq!(values(&plots[0]).len(), 5);
    assert_eq!(values(&plots[1])[1]["difference"], -150.0);
    let ranks: Vec<_> = values(&plots[2]).iter().map(|value| value["rank"].as_u64().unwrap()).collect();
    assert_eq!(ranks, [1, 2, 2, 1, 3, 3]);
    assert!(plots[2].text.contains("oak: x 1, y 2"));
    assert_eq!((values(&plots[3]).len(), &values(&plots[3])[1]["mean"]), (10, &Value::from(1.0)));
    assert!(plots[5].text.contains("1: 90"));
}

#[test]
fn a_set_that_is_not_there_is_refused() {
    assert!(plots::bland_altman(&table(), 0, 2).is_err());
}

/// Overall columns of the first table of the paper.
const RATINGS: [(&str, f64, f64); 8] = [
    ("Gemini-2.5-Pro", 1254.6, 1179.7),
    ("Gemini-2.5-Flash", 1146.7, 1079.3),
    ("o4-mini", 1068.0, 1097.6),
    ("DeepSeek-Reasoner", 1064.8, 1059.1),
    ("o3-mini", 1011.9, 1003.3),
    ("DeepSeek-Chat", 990.7, 1030.2),
    ("GPT-4o", 776.5, 808.8),
    ("GPT-4o-mini", 686.7, 742.0),
];

/// Numbers of an attribute.
fn attribute(line: &str, name: &str) -> f64 {
    let from = line.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    line[from..].split('"').next().unwrap().parse().unwrap()
}

#[test]
fn names_in_a_picture_of_differences_lie_on_no_dot_and_on_no_other_name() {
    let column = |of: fn(&(&str, f64, f64)) -> f64| RATINGS.iter().map(of).map(Some).collect();
    let table = RatingTable::new(
        RATINGS.iter().map(|row| row.0.to_owned()).collect(),
        vec![("Dojo".to_owned(), column(|row| row.1)), ("Smith".to_owned(), column(|row| row.2))],
    )
    .unwrap();
    let svg = plots::bland_altman(&table, 0, 1).unwrap().svg;
    let dots: Vec<(f64, f64)> = svg
        .lines()
        .filter(|line| line.starts_with("<circle"))
        .map(|line| (attribute(line, "cx"), attribute(line, "cy")))
        .collect();
    let mut rooms: Vec<(f64, f64, f64, f64)> = Vec::new();
    for (name, _, _) in RATINGS {
        let line = svg.lines().find(|line| line.contains(&format!(">{name}<"))).unwrap();
        let (x, base, width) = (attribute(line, "x"), attribute(line, "y"), 6.0 * name.len() as f64);
        let from = if line.contains("\"end\"") { x - width } else { x };
        rooms.push((from, from + width, base - 9.0, base + 2.0));
    }
    for (number, room) in rooms.iter().enumerate() {
        let on = |dot: &&(f64, f64)| {
            room.0 < dot.0 + 4.0 && dot.0 - 4.0 < room.1 && room.2 < dot.1 + 4.0 && dot.1 - 4.0 < room.3
        };
        assert_eq!(dots.iter().find(on), None, "{}", RATINGS[number].0);
        let meets = |other: &&(f64, f64, f64, f64)| {
            room.0 < other.1 && other.0 < room.1 && room.2 < other.3 && other.2 < room.3
        };
        assert_eq!(rooms[..number].iter().find(meets), None, "{}", RATINGS[number].0);
    }
}
