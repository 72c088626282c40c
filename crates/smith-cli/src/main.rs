//! The program `smith`: parses its arguments, calls `smith-core`, prints. Results go to stdout, everything
//! else to stderr; the exit code says how it went: 0 done or accepted, 1 done but the answer is no,
//! 2 the caller's mistake, 3 a fault of the machine, the network or the endpoint.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is this program's purpose")]

mod args;
mod commands;
mod environment;
mod explanation;
mod observation;
mod pictures;
mod profile_view;
mod progress;
mod provisioning;
#[cfg(feature = "otlp")]
mod spans;
mod stop;
mod table;

use std::process::ExitCode;

use clap::Parser;
use smith_core::exec::Cgroups;
use smith_core::{MachineOptions, SmithError};

use crate::args::{Cli, Verb};

/// What a command leaves behind: the exit code of a command that did its work.
pub(crate) type Done = Result<ExitCode, SmithError>;

fn main() -> ExitCode {
    // First of all, while there is one thread: a sandbox is launched by starting this program anew.
    if let Some(code) = smith_core::exec::enter_if_asked() {
        return code;
    }
    let cli = match Cli::try_parse_from(args::joined(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help to stdout and mistakes to stderr, and knows which is which.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    environment::load_dotenv();
    match observed(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{} {error}", table::red("error:"));
            ExitCode::from(error.exit_code())
        }
    }
}

fn machine(cli: &Cli) -> MachineOptions {
    let mut options = environment::machine();
    options.without_sandbox = cli.without_sandbox;
    options.sandbox = cli.sandbox.tier();
    options.best_effort = cli.best_effort;
    options.env = cli.env.clone().unwrap_or_default();
    options.cgroups = (!cli.without_sandbox).then(Cgroups::take_over);
    options
}

/// The work, with an eye on it: spans that are to be exported need the runtime before and after it.
fn observed(cli: Cli) -> Done {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| SmithError::Fault(format!("no thread could be started: {error}")))?;
    let observation = observation::Observation::begin(runtime.handle());
    let done = work(cli, &runtime);
    observation.end();
    done
}

fn work(cli: Cli, runtime: &tokio::runtime::Runtime) -> Done {
    let machine = machine(&cli);
    // `env` puts its own house in order, and so do `run-pipeline` and `evaluate` at Ctrl-C.
    let (minds_end, minds_interrupt) = (
        matches!(cli.verb, Verb::Env(_)),
        matches!(cli.verb, Verb::Env(_) | Verb::RunPipeline(_) | Verb::Evaluate(_)),
    );
    let done = async {
        match cli.verb {
            Verb::RunPipeline(mut args) => {
                args.env = cli.env;
                commands::run_pipeline::run(*args, cli.bundled.as_deref(), machine).await
            }
            Verb::Verify(args) => commands::verify::run(args, machine).await,
            Verb::Rules(args) => commands::rules::run(args),
            Verb::Explain(args) => commands::explain::run(&args),
            Verb::Grade(args) => commands::grade::run(args, machine).await,
            Verb::Doctor(args) => commands::doctor::run(args, machine).await,
            Verb::Profile(args) => commands::profile::run(args).await,
            Verb::Evaluate(args) => commands::evaluate::run(*args, cli.env, machine).await,
            Verb::Corpus(args) => commands::corpus::run(args).await,
            Verb::Quality(args) => commands::quality::run(args).await,
            Verb::Curves(args) => commands::curves::run(args).await,
            Verb::Elo(args) => commands::elo::run(args).await,
            Verb::Agreement(args) => commands::agreement::run(args).await,
            Verb::Env(args) => commands::env::run(args, machine).await,
            Verb::ReviewBench(args) => commands::review_bench::run(args).await,
            Verb::RecordConformance(args) => commands::record_conformance::run(args).await,
        }
    };
    runtime.block_on(async {
        // Whatever is left off is dropped, and with it programs and temporary directories.
        tokio::select! {
            done = done => done,
            stopped = stop::asked(minds_end, minds_interrupt) => Err(stopped),
        }
    })
}
