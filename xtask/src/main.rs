//! Chores of the repository, and the short way to the program smith: `cargo xtask VERB …`.
//!
//! A verb that is not listed here is handed to smith as it stands, so `cargo xtask verify TASK --json` and
//! `smith verify TASK --json` print the same and end with the same exit code. This crate compiles none of the
//! others; it starts cargo, which builds what the verb needs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a terminal")]

mod bank;
mod ci;
mod failure;
mod process;
mod smith;
mod tidy;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;

const OTHER_VERBS: &str =
    "Every other verb goes to the program smith, with its arguments and exit code unchanged:
  cargo xtask run-pipeline --help
  cargo xtask help-smith";

#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", about = "Chores of the repository", after_help = OTHER_VERBS)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run everything that CI runs, step by step
    Test(ci::Options),
    /// Check the rules of the repository that no compiler knows: crate edges, file sizes, leftovers
    Tidy,
    /// Plant every defect of fixtures/bank, verify, and print recall and false alarms; --help lists its options
    #[command(disable_help_flag = true)]
    Bank {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// List the verbs of the program smith
    HelpSmith,
    #[command(external_subcommand)]
    Smith(Vec<OsString>),
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

fn run(verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Test(options) => ci::run(&options)?,
        Verb::Tidy => tidy::run()?,
        Verb::Bank { arguments } => return process::replace_this_program(&mut bank::command(&arguments)),
        Verb::HelpSmith => return smith::replace_this_program(&["--help".into()]),
        Verb::Smith(arguments) => return smith::replace_this_program(&arguments),
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Verb {
        Arguments::try_parse_from(line.split(' ')).unwrap().verb
    }

    #[test]
    fn a_verb_of_smith_keeps_every_argument_in_order() {
        let Verb::Smith(arguments) = parse("xtask run-pipeline a --json --out x -- b") else {
            panic!("not handed to smith");
        };
        assert_eq!(arguments, ["run-pipeline", "a", "--json", "--out", "x", "--", "b"]);
    }

    #[test]
    fn own_verbs_are_not_handed_to_smith() {
        assert!(matches!(parse("xtask test --fast"), Verb::Test(_)));
        assert!(matches!(parse("xtask tidy"), Verb::Tidy));
        assert!(matches!(parse("xtask help-smith"), Verb::HelpSmith));
        let Verb::Bank { arguments } = parse("xtask bank --only x --json --help") else {
            panic!("not the bank")
        };
        assert_eq!(arguments, ["--only", "x", "--json", "--help"]);
    }
}
