//! Starting other programs: the only place of this crate that does.

use std::ffi::OsString;
use std::process::{Command, ExitCode, Stdio};

use crate::failure::Failure;
use crate::workspace;

/// A command that is not run yet, in the caller's current directory.
#[expect(
    clippy::disallowed_methods,
    reason = "the chores start cargo and git; nothing of smith is in this crate"
)]
pub(crate) fn program(name: impl Into<OsString>) -> Command {
    Command::new(name.into())
}

/// How the variables begin by which cargo tells the program that it runs of this crate. Build scripts of other crates look
/// at them, so that whatever is built with them would be built once more without them.
const OF_THIS_CRATE: [&str; 2] = ["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The cargo that runs this program, so that a toolchain chosen by the caller stays chosen.
pub(crate) fn cargo() -> Command {
    let mut cargo = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| OF_THIS_CRATE.iter().any(|start| name.starts_with(start))) {
        cargo.env_remove(name);
    }
    cargo
}

/// `cargo run` of a program of this workspace, from the caller's directory; cargo speaks on stderr only, and not at all
/// where it built the program before.
pub(crate) fn run_of(package: &str, program: &str) -> Command {
    let mut command = cargo();
    command.arg("run");
    if is_built(program) {
        command.arg("--quiet");
    }
    command.arg("--manifest-path").arg(workspace::root().join("Cargo.toml")).args([
        "--package",
        package,
        "--bin",
        program,
        "--",
    ]);
    command
}

/// Whether the program lies beside this one. The first build takes minutes, in which something should be seen.
fn is_built(program: &str) -> bool {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::current_exe().is_ok_and(|this| this.with_file_name(name).exists())
}

/// Runs the command at the workspace's root with its output passed on; anything but success is a refusal.
pub(crate) fn check(command: &mut Command) -> Result<(), Failure> {
    let line = line_of(command);
    println!("$ {line}");
    let status = command
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .status()
        .map_err(|error| Failure::Fault(format!("cannot start `{line}`: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure::Refused(format!("`{line}` ended with {status}"))) }
}

/// Runs the command at the workspace's root and returns its standard output; its errors are passed on.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let line = line_of(command);
    let output = command
        .current_dir(workspace::root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::Fault(format!("cannot start `{line}`: {error}")))?;
    if !output.status.success() {
        return Err(Failure::Refused(format!("`{line}` ended with {}", output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Failure::Fault(format!("`{line}` printed no UTF-8: {error}")))
}

/// Becomes the program of `command`, so that exit code, signals and standard streams are its own.
#[cfg(unix)]
pub(crate) fn replace_this_program(command: &mut Command) -> Result<ExitCode, Failure> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(Failure::Fault(format!("cannot start `{}`: {error}", line_of(command))))
}

/// Runs the command and takes over its exit code; no program can be replaced on this platform.
#[cfg(not(unix))]
pub(crate) fn replace_this_program(command: &mut Command) -> Result<ExitCode, Failure> {
    let status = command
        .status()
        .map_err(|error| Failure::Fault(format!("cannot start `{}`: {error}", line_of(command))))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(3);
    Ok(ExitCode::from(code))
}

/// The command as one would type it.
fn line_of(command: &Command) -> String {
    let name = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_a_refusal_that_quotes_the_command() {
        let failure = check(program("git").args(["no-such-verb", "x"])).unwrap_err();
        let Failure::Refused(message) = failure else { panic!("{failure:?}") };
        assert!(message.contains("`git no-such-verb x`"), "{message}");
    }

    #[test]
    fn a_missing_program_is_a_fault() {
        assert!(matches!(check(&mut program("no-such-program-here")), Err(Failure::Fault(_))));
        assert!(matches!(output(&mut program("no-such-program-here")), Err(Failure::Fault(_))));
    }

    #[test]
    fn output_returns_what_was_printed_and_refuses_a_failure() {
        assert!(output(program("git").arg("--version")).unwrap().starts_with("git version"));
        assert!(matches!(output(program("git").arg("no-such-verb")), Err(Failure::Refused(_))));
    }
}
