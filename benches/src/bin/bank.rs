//! `cargo xtask bank`: plants every defect of the bank, verifies, and prints what was found and what was not.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a terminal")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use smith_benches::bank::{Bank, Choice, Judged, LEAST_RECALL, Summary, Workshop};
use smith_core::exec::Silent;
use smith_core::{Machine, MachineOptions};

#[derive(Debug, Parser)]
#[command(about = "Verify the defect bank: what is found, what is missed, which sound tasks are turned away")]
struct Arguments {
    /// The bank's folder
    #[arg(long, value_name = "DIR", default_value = "fixtures/bank")]
    bank: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Only cases whose name (task, or defect@task) holds this text; may be given again
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,
    /// Each defect in the first of its tasks only
    #[arg(long)]
    first: bool,
    /// Verify a must-reject defect only until it is rejected, its own layer first
    #[arg(long)]
    quick: bool,
    /// Recall on must-reject defects below which the exit code is 1
    #[arg(long, value_name = "SHARE", default_value_t = LEAST_RECALL)]
    least: f64,
    /// Build the cases below this folder and leave them there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn main() -> ExitCode {
    // First of all, while there is one thread: a sandbox is launched by starting this program anew.
    if let Some(code) = smith_core::exec::enter_if_asked() {
        return code;
    }
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

#[tokio::main]
async fn run(arguments: &Arguments) -> Result<u8, Box<dyn std::error::Error>> {
    let started = Instant::now();
    let bank = Bank::read(&arguments.bank)?;
    let cases = bank.cases(&Choice { patterns: arguments.only.clone(), first: arguments.first });
    if cases.is_empty() {
        return Err(format!("no case of the bank has one of {:?} in its name", arguments.only).into());
    }
    let machine = Machine::provision(&machine(), &Silent).await?;
    let scratch = tempfile::tempdir()?;
    let folder = match &arguments.keep {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            folder.canonicalize()?
        }
        None => scratch.path().to_path_buf(),
    };
    let runtime = machine.runtime(&format!("smith-bank-{}", std::process::id()));
    let workshop = Workshop::new(bank, runtime, &folder, arguments.keep.is_some()).quick(arguments.quick);
    let (all, mut done) = (cases.len(), 0);
    let judged = workshop
        .judge_all(cases, |one| {
            done += 1;
            eprintln!("{done:>3}/{all} {}", progress(one));
        })
        .await;
    let summary = Summary::of(&judged, started.elapsed().as_secs_f64());
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&summary)?);
    } else {
        print!("{}", summary.text());
    }
    Ok(summary.exit_code(arguments.least))
}

/// How a case went, with the rules that rejected it.
fn progress(one: &Judged) -> String {
    let name = one.case.name();
    match &one.outcome {
        Err(why) => format!("broken    {name}: {why}"),
        Ok(report) => {
            let word = if report.rejected { "rejected" } else { "accepted" };
            let errors = report.findings.iter().filter(|finding| finding.is_error());
            let rules: BTreeSet<&str> = errors.map(|finding| finding.rule.as_str()).collect();
            let rules: String = rules.iter().map(|rule| format!(" {rule}")).collect();
            format!("{word}  {name} ({:.1} s){rules}", report.seconds)
        }
    }
}

/// The machine as the program smith finds it: Python by `SMITH_PYTHON` or `PATH`, environments in the user's cache.
fn machine() -> MachineOptions {
    let mut options = MachineOptions::default();
    let given =
        |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
    options.cache_dir = given("SMITH_CACHE")
        .or_else(|| given("XDG_CACHE_HOME").map(|cache| cache.join("smith")))
        .or_else(|| given("HOME").map(|home| Path::new(&home).join(".cache/smith")))
        .unwrap_or_else(|| std::env::temp_dir().join("smith-cache"));
    options.python = given("SMITH_PYTHON");
    options.search_path = std::env::var_os("PATH");
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    options.pip_env = variables.filter(|(name, _)| is_for_installers(name)).collect();
    options
}

fn is_for_installers(name: &str) -> bool {
    let upper = name.to_uppercase();
    let prefixes = ["PIP_", "UV_", "SSL_CERT_"];
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "HOME"];
    prefixes.iter().any(|prefix| upper.starts_with(prefix)) || names.contains(&upper.as_str())
}
