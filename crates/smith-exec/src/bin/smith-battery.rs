//! Runs the battery of hostile programs against the sandbox of this machine.
//!
//! `smith-battery [--tier namespaces|user|landlock|container|all-available]… [--as-user UID]
//! [--simulate no-userns|no-landlock]… [--engine podman|docker] [--runtime NAME] [--only CASE]… [--patience TIMES] [--json]`. Exit
//! code 0: everything held, 1: something did not, 2: it could not be run.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use std::io::Write;

    use smith_exec::battery::{self, Options};

    /// What the client of an engine needs of the environment.
    const ENGINES: [&str; 3] = ["HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST"];

    if let Some(code) = smith_exec::enter_if_asked() {
        return code;
    }
    let run = || -> Result<bool, Box<dyn std::error::Error>> {
        let mut options = Options::parse(std::env::args().skip(1))?;
        options.prepare()?;
        options.container.search_path = std::env::var_os("PATH");
        options.container.env =
            std::env::vars().filter(|(name, _)| ENGINES.contains(&name.as_str())).collect();
        let runtime = tokio::runtime::Runtime::new()?;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/battery");
        let verdicts = runtime.block_on(battery::run(&options, folder.as_ref()))?;
        battery::report(&verdicts, options.json, std::io::stdout())?;
        Ok(verdicts.iter().all(|verdict| verdict.problems.is_empty()))
    };
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _nobody_reads = writeln!(std::io::stderr(), "smith-battery: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::from(2)
}
