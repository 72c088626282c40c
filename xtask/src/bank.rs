//! The defect bank, judged by the program `bank` of the benchmarks' crate.

use std::ffi::OsString;
use std::process::Command;

use crate::{process, workspace};

/// `bank ARGUMENTS…` by way of `cargo run`, on the repository's bank; cargo speaks on stderr only.
pub(crate) fn command(arguments: &[OsString]) -> Command {
    on_our_bank(process::run_of("smith-benches", "bank"), arguments)
}

/// The arguments for `bank`, wherever it comes from, with the repository's bank before them.
pub(crate) fn on_our_bank(mut bank: Command, arguments: &[OsString]) -> Command {
    bank.arg("--bank").arg(workspace::root().join("fixtures/bank")).args(arguments);
    bank
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_s_bank_comes_first_and_the_arguments_last() {
        let command = command(&["--only".into(), "a b".into(), "--json".into()]);
        let words: Vec<String> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        let ours = words.iter().position(|word| word == "--").unwrap();
        let bank = workspace::root().join("fixtures/bank").to_string_lossy().into_owned();
        assert_eq!(words[ours + 1..], ["--bank", &bank, "--only", "a b", "--json"]);
    }
}
