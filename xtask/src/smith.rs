//! The program smith, built by cargo when it is out of date and given the repository's fixtures.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::failure::Failure;
use crate::{process, workspace};

/// `smith ARGUMENTS…` by way of `cargo run`; cargo speaks on stderr only.
pub(crate) fn command(arguments: &[OsString]) -> Command {
    with_fixtures(process::run_of("smith-cli", "smith"), arguments)
}

/// The arguments for smith, wherever it comes from, with the fixtures before them.
pub(crate) fn with_fixtures(mut smith: Command, arguments: &[OsString]) -> Command {
    smith.arg("--bundled").arg(workspace::root().join("fixtures")).args(arguments);
    smith
}

/// Becomes smith, so that exit code, signals and standard streams are smith's own.
pub(crate) fn replace_this_program(arguments: &[OsString]) -> Result<ExitCode, Failure> {
    process::replace_this_program(&mut command(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixtures_come_before_the_verb_and_the_arguments_last() {
        let command = command(&["verify".into(), "a task".into(), "--json".into()]);
        let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let ours = words.iter().position(|word| word == "--").unwrap();
        let fixtures = workspace::root().join("fixtures").to_string_lossy().into_owned();
        assert_eq!(words[ours + 1..], ["--bundled", &fixtures, "verify", "a task", "--json"]);
        assert_eq!(command.get_current_dir(), None, "the caller's directory is kept");
    }
}
