//! What ratings of battles cost, beside what people run instead: the logistic regression of Chatbot Arena's notebook
//! (scikit-learn) and evalica, whose core is Rust. All ways take turns in one run on the same battles.
//!
//! ```text
//! python3 -m venv VENV && VENV/bin/pip install numpy pandas scikit-learn evalica
//! SMITH_BENCH_PYTHON=VENV/bin/python cargo bench -p smith-benches --bench elo
//! ```
//!
//! With `-- --tiny` behind it the same runs in seconds on a fraction of the work, only to see that it does.
//!
//! Small: 8 models on 100 tasks, every two of them (2,800 battles): one fit with 1,000 rounds of a bootstrap. Large: 200
//! models and 1,000,000 battles, one fit. Times are of the ratings alone; reading the large file is told beside it.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![expect(
    clippy::disallowed_methods,
    reason = "the other ways are programs, and confining them would cost them time"
)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use smith_benches::Spread;
use smith_core::statistics::read_elo;
use smith_core::stats::elo::{Battles, EloOptions, Unit, rate};

/// Rounds in which every way has one turn.
const TURNS: usize = 3;
/// The slowest way has its turn in so many rounds.
const TURNS_OF_ARENA: usize = 1;
/// Fits of ours that are timed together, since one is shorter than the clock of the processor.
const REPEATS: u32 = 20;
/// Farthest that a rating may be from the exact solution, in points.
const EXACT: f64 = 1e-6;

/// Wall and processor seconds, and the ratings in the order of the models' names.
struct Turn {
    wall: f64,
    cpu: f64,
    ratings: Vec<f64>,
}

fn main() {
    let Some(python) = std::env::var_os("SMITH_BENCH_PYTHON") else {
        println!("skipped: SMITH_BENCH_PYTHON is not set (see the head of benches/benches/elo.rs)");
        return;
    };
    let python = Path::new(&python);
    let tiny = std::env::args().any(|argument| argument == "--tiny");
    let (rounds, large_battles_wanted) = if tiny { (20, 20_000) } else { (1000, 1_000_000) };
    let directory = tempfile::tempdir().unwrap();
    let small = directory.path().join("small.csv");
    std::fs::write(&small, small_battles()).unwrap();
    let label = &format!("8 models, 2,800 battles, {rounds} rounds");
    compare(label, python, &small, rounds, Unit::Battles, &["evalica", "arena"]);
    // Nobody else draws tasks.
    compare(&format!("{label}, drawn by task"), python, &small, rounds, Unit::Tasks, &[]);
    let large = directory.path().join("large.csv");
    std::fs::write(&large, large_battles(large_battles_wanted)).unwrap();
    compare(
        &format!("200 models, {large_battles_wanted} battles, one fit"),
        python,
        &large,
        0,
        Unit::Battles,
        &["arena", "evalica"],
    );
}

fn compare(label: &str, python: &Path, file: &Path, rounds: usize, unit: Unit, peers: &[&str]) {
    let start = Instant::now();
    let battles = read_elo(file).unwrap().battles().unwrap();
    let reading = start.elapsed().as_secs_f64();
    let exact = peer(python, "exact", file, 0).ratings;
    println!("\n{label}; reading {reading:.3} s");
    println!("{:<28} {:>10} {:>12} {:>9} {:>14}", "", "wall s", "processor s", "ratio", "off by, Elo");
    let mut turns: Vec<Vec<Turn>> = (0..=peers.len()).map(|_| Vec::new()).collect();
    for turn in 0..TURNS {
        let mut order: Vec<usize> = (0..=peers.len()).collect();
        if turn % 2 == 1 {
            order.reverse();
        }
        for way in order {
            if turn >= TURNS_OF_ARENA && way.checked_sub(1).and_then(|way| peers.get(way)) == Some(&"arena") {
                continue;
            }
            turns[way].push(match way.checked_sub(1) {
                None => ours(&battles, rounds, unit),
                Some(way) => peer(python, peers[way], file, rounds),
            });
        }
    }
    let mut first = None;
    for (name, turns) in ["smith"].iter().chain(peers).zip(&turns) {
        let median = |of: fn(&Turn) -> f64| Spread::of(turns.iter().map(of).collect()).unwrap().median;
        let (wall, cpu) = (median(|turn| turn.wall), median(|turn| turn.cpu));
        let off = turns[0].ratings.iter().zip(&exact).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let ratio = cpu / *first.get_or_insert(cpu);
        println!("{name:<28} {wall:>10.4} {cpu:>12.4} {ratio:>9.1} {off:>14.1e}");
        assert!(*name != "smith" || off < EXACT, "off by {off}");
    }
}

fn ours(battles: &Battles, rounds: usize, unit: Unit) -> Turn {
    let mut options = EloOptions::default();
    (options.rounds, options.unit) = (rounds, Some(unit));
    let (start, before) = (Instant::now(), own_seconds());
    for _ in 1..REPEATS {
        std::hint::black_box(rate(battles, &options).unwrap());
    }
    let mut ratings = rate(battles, &options).unwrap().overall.ratings;
    let each = f64::from(REPEATS);
    let (wall, cpu) = (start.elapsed().as_secs_f64() / each, (own_seconds() - before) / each);
    ratings.sort_by(|a, b| a.model.cmp(&b.model));
    Turn { wall, cpu, ratings: ratings.iter().map(|rating| rating.elo).collect() }
}

fn own_seconds() -> f64 {
    smith_benches::process_seconds(std::process::id()).unwrap()
}

fn peer(python: &Path, way: &str, file: &Path, rounds: usize) -> Turn {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/rate_battles.py");
    let output =
        Command::new(python).arg(script).arg(way).arg(file).arg(rounds.to_string()).output().unwrap();
    assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    Turn {
        wall: number(&told["wall"]),
        cpu: number(&told["cpu"]),
        ratings: told["ratings"].as_array().unwrap().iter().map(number).collect(),
    }
}

/// Reproducible draws.
struct Draw(u64);

impl Draw {
    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn row(text: &mut String, draw: &mut Draw, elo: &[f64], (a, b): (usize, usize), ties: f64, task: usize) {
    let chance = 1.0 / (1.0 + 10_f64.powf((elo[b] - elo[a]) / 400.0));
    let winner = match draw.share() {
        share if share < ties => "tie",
        _ if draw.share() < chance => "a",
        _ => "b",
    };
    writeln!(text, "m{a:03},m{b:03},{winner},t{task:03}").unwrap();
}

/// Every two of eight models on a hundred tasks.
fn small_battles() -> String {
    let elo = [1214.3, 1111.3, 1082.9, 1061.8, 1007.6, 1011.2, 794.1, 716.8];
    let mut draw = Draw(11);
    let mut text = String::from("model_a,model_b,winner,task\n");
    for task in 0..100 {
        for a in 0..8 {
            for b in a + 1..8 {
                row(&mut text, &mut draw, &elo, (a, b), 0.1, task);
            }
        }
    }
    text
}

/// Battles of two hundred models, some far more often than others.
fn large_battles(wanted: usize) -> String {
    let mut draw = Draw(12);
    let elo: Vec<f64> =
        (0..200).map(|_| 1000.0 + 150.0 * (draw.share() + draw.share() + draw.share() - 1.5) * 2.0).collect();
    let mut text = String::from("model_a,model_b,winner,number\n");
    let mut count = 0;
    while count < wanted {
        let (a, b) = ((draw.share().powi(2) * 200.0) as usize, (draw.share().powi(2) * 200.0) as usize);
        if a != b {
            row(&mut text, &mut draw, &elo, (a, b), 0.15, count);
            count += 1;
        }
    }
    text
}
