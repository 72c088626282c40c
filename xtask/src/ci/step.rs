//! The steps, each by what it runs.

use std::ffi::OsStr;

use clap::ValueEnum;

use super::{built, packages, pipeline};
use crate::failure::Failure;
use crate::{bank, process, tidy};

/// Recall on the bank below which CI fails. The goal is 0.98, which `cargo xtask bank` holds to; this floor keeps what was
/// reached.
const BANK_FLOOR: &str = "0.98";

/// In the order in which they run: cheap ones first, so that what fails, fails early. The tests take longest and
/// come last, which also leaves their summary at the end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    Tidy,
    Fmt,
    Deny,
    Clippy,
    Doc,
    Package,
    Build,
    Pipeline,
    Bank,
    Test,
}

/// How a step ended when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Skipped,
}

impl Outcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
        }
    }
}

impl Step {
    /// As `--only` takes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tidy => "tidy",
            Self::Fmt => "fmt",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Package => "package",
            Self::Build => "build",
            Self::Pipeline => "pipeline",
            Self::Bank => "bank",
            Self::Test => "test",
        }
    }

    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Tidy => "rules of the repository",
            Self::Fmt => "formatting",
            Self::Deny => "licences, bans and sources of dependencies",
            Self::Clippy => "lints",
            Self::Doc => "documentation without warnings",
            Self::Package => "every published crate can be packaged",
            Self::Build => "everything that the tests run",
            Self::Pipeline => {
                "smith makes verified tasks from the bundled dataset, without a model and from a recording"
            }
            Self::Bank => "planted defects are found and sound tasks are not turned away",
            Self::Test => "tests",
        }
    }

    /// Whether `--fast` leaves the step out.
    pub(super) fn is_slow(self) -> bool {
        matches!(self, Self::Doc | Self::Deny | Self::Package | Self::Bank)
    }

    pub(super) fn run(self) -> Result<Outcome, Failure> {
        match self {
            Self::Tidy => tidy::run()?,
            Self::Fmt => cargo("fmt --all --check")?,
            Self::Deny => return deny(),
            Self::Clippy => cargo("clippy --workspace --all-targets --all-features -- -D warnings")?,
            Self::Doc => {
                let mut doc = process::cargo();
                process::check(
                    doc.args(["doc", "--workspace", "--all-features", "--no-deps"])
                        .env("RUSTDOCFLAGS", "-D warnings"),
                )?;
            }
            Self::Package => packages::run()?,
            Self::Build => built::build()?,
            Self::Pipeline => pipeline::run()?,
            Self::Bank => {
                let arguments = ["--first", "--quick", "--least", BANK_FLOOR].map(Into::into);
                let bank = process::program(built::program("bank")?);
                process::check(&mut bank::on_our_bank(bank, &arguments))?;
            }
            Self::Test => cargo("test --workspace --all-features")?,
        }
        Ok(Outcome::Passed)
    }
}

/// Runs cargo with words that hold no space.
fn cargo(line: &str) -> Result<(), Failure> {
    process::check(process::cargo().args(line.split(' ')))
}

fn deny() -> Result<Outcome, Failure> {
    let installed = process::output(process::cargo().args(["deny", "--version"])).is_ok();
    if installed {
        cargo("deny check --hide-inclusion-graph licenses bans sources")?;
        return Ok(Outcome::Passed);
    }
    without_deny(std::env::var_os("CI").as_deref())
}

/// A developer may do without cargo-deny; CI, which says `CI=true`, may not.
fn without_deny(ci: Option<&OsStr>) -> Result<Outcome, Failure> {
    let message = "cargo-deny is not installed: `cargo install cargo-deny --version 0.20.2 --locked`";
    if ci == Some(OsStr::new("true")) {
        return Err(Failure::Fault(message.to_owned()));
    }
    println!("{message}");
    Ok(Outcome::Skipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_the_one_that_only_takes() {
        for step in Step::value_variants() {
            let value = step.to_possible_value().unwrap();
            assert_eq!(value.get_name(), step.name());
        }
    }

    #[test]
    fn a_missing_cargo_deny_is_an_error_in_ci_alone() {
        assert!(matches!(without_deny(Some(OsStr::new("true"))), Err(Failure::Fault(_))));
        assert_eq!(without_deny(Some(OsStr::new("false"))), Ok(Outcome::Skipped));
        assert_eq!(without_deny(None), Ok(Outcome::Skipped));
    }
}
