//! Draws every picture of `smith_stats::plots` into a directory, as SVG and as Vega-Lite: the agreement of the paper's
//! Table 1, and ratings, curves and a corpus of made-up figures.
//!
//! ```text
//! cargo run -p smith-stats --example pictures -- DIRECTORY
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use smith_stats::agreement::RatingTable;
use smith_stats::corpus::{Candidate, CorpusRows, CorpusStatistics};
use smith_stats::curves::{CurveOptions, Curves, Step};
use smith_stats::elo::{EloOptions, Score, ScoreTable, rate};
use smith_stats::plots::{self, Plot};

const MODELS: [(&str, [f64; 3]); 8] = [
    ("Gemini-2.5-Pro", [1254.6, 1179.7, 1214.3]),
    ("Gemini-2.5-Flash", [1146.7, 1079.3, 1111.3]),
    ("o4-mini", [1068.0, 1097.6, 1082.9]),
    ("DeepSeek-Reasoner", [1064.8, 1059.1, 1061.8]),
    ("o3-mini", [1011.9, 1003.3, 1007.6]),
    ("DeepSeek-Chat", [990.7, 1030.2, 1011.2]),
    ("GPT-4o", [776.5, 808.8, 794.1]),
    ("GPT-4o-mini", [686.7, 742.0, 716.8]),
];

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(std::env::args_os().nth(1).ok_or("give a directory")?);
    std::fs::create_dir_all(&directory)?;
    let table = paper()?;
    write(&directory, "bland-altman", &plots::bland_altman(&table, 0, 1)?)?;
    write(&directory, "ranks", &plots::rank_flow(&table))?;
    let scores = ScoreTable::from_rows(&scores())?;
    write(&directory, "elo", &plots::elo(&rate(&scores.battles()?, &EloOptions::default())?))?;
    write(&directory, "curves", &plots::curves(&Curves::of(&steps(), &CurveOptions::default())?))?;
    let corpus = CorpusStatistics::of(&corpus())?;
    write(
        &directory,
        "formulations",
        &plots::shares("Formulations of verified tasks", &corpus.formulations),
    )?;
    let counts = corpus.tasks_per_dataset.map_or_else(BTreeMap::new, |tasks| tasks.counts);
    write(&directory, "tasks", &plots::histogram("Verified tasks of a dataset", &counts))?;
    Ok(())
}

fn write(directory: &Path, name: &str, plot: &Plot) -> Result<(), Box<dyn Error>> {
    std::fs::write(directory.join(format!("{name}.svg")), &plot.svg)?;
    std::fs::write(
        directory.join(format!("{name}.vl.json")),
        serde_json::to_string_pretty(&plot.vega_lite)?,
    )?;
    Ok(())
}

fn paper() -> Result<RatingTable, smith_stats::StatsError> {
    let sets = ["Dojo", "Smith", "Combined"].iter().enumerate();
    let column = |set: usize| MODELS.iter().map(|(_, ratings)| ratings.get(set).copied()).collect();
    let columns = sets.map(|(set, name)| ((*name).to_owned(), column(set))).collect();
    RatingTable::new(MODELS.iter().map(|(model, _)| (*model).to_owned()).collect(), columns)
}

/// A number from 0 to 1 that looks like chance.
fn noise(a: usize, b: usize) -> f64 {
    let mut mixed = (a as u64 * 7919 + b as u64 * 104_729 + 13).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f64 / (1_u64 << 24) as f64
}

fn category(task: usize) -> Option<String> {
    ["Vision", "Tabular", "Audio"].get(task % 3).map(|name| (*name).to_owned())
}

fn scores() -> Vec<Score> {
    let row = |task: usize, model: usize| Score {
        task: format!("task {task}"),
        model: MODELS.get(model).map_or_else(String::new, |(name, _)| (*name).to_owned()),
        score: Some(noise(task, model) - 0.12 * model as f64),
        higher_is_better: true,
        category: category(task),
        run: None,
    };
    (0..60).flat_map(|task| (0..MODELS.len()).map(move |model| row(task, model))).collect()
}

fn steps() -> Vec<Step> {
    let row = |task: usize, model: usize, step: usize| Step {
        task: format!("task {task}"),
        model: MODELS.get(model).map_or_else(String::new, |(name, _)| (*name).to_owned()),
        category: category(task),
        run: None,
        step,
        score: (noise(task + step, model) > 0.3)
            .then(|| noise(step, task * 9 + model) - 0.08 * model as f64 + 0.04 * step as f64),
        higher_is_better: true,
    };
    let models = move |task| (0..5).flat_map(move |model| (1..=10).map(move |step| row(task, model, step)));
    (0..30).flat_map(models).collect()
}

fn corpus() -> CorpusRows {
    let kinds = ["classification", "regression", "ranking", "multi-label classification", "generation"];
    let kind = |n: usize| kinds.get((noise(n, 3).powi(2) * 5.0) as usize).map(|kind| (*kind).to_owned());
    let row = |n: usize| Candidate {
        dataset: format!("dataset {}", n / 3),
        verified: noise(n, 1) > 0.25,
        seconds: Some(300.0 + 200.0 * noise(n, 2)),
        validation_seconds: None,
        cost_usd: Some(0.5),
        agents: Vec::new(),
        modalities: vec![String::from("tabular")],
        domain: None,
        formulation: kind(n),
        metric: None,
    };
    CorpusRows { candidates: (0..120).map(row).collect(), ..CorpusRows::default() }
}
