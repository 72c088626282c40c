//! A launcher of sandboxes and nothing else, for programs that cannot be one themselves: notebooks, tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = smith_exec::enter_if_asked() {
        return code;
    }
    ExitCode::from(2)
}
