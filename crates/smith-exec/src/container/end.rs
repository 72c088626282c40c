//! From the end of a container to the end of its job.

use super::inspect::State;
use crate::JobStatus;
use crate::jail::{NO_MEMORY, SIGNALLED};

/// The highest number of a signal.
const LAST_SIGNAL: i32 = 64;

/// The status of a job that ended by itself, as its launcher reports it. That a program was ended by a signal and that
/// it ended with 128 and the signal's number cannot be told apart.
pub(super) fn status_of(state: &State, stderr: &str) -> JobStatus {
    let code = state.exit_code;
    let exhausted = state.oom_killed || stderr.lines().last() == Some(NO_MEMORY);
    if exhausted && code != 0 {
        return JobStatus::Oom;
    }
    let signal = Some(code - SIGNALLED).filter(|signal| (1..=LAST_SIGNAL).contains(signal));
    match signal {
        Some(signal) => crate::child::status_of_end(None, Some(signal), stderr),
        None => crate::child::status_of_end(Some(code), None, stderr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(exit_code: i32, oom_killed: bool, stderr: &str) -> JobStatus {
        status_of(&State { exit_code, oom_killed, ..State::default() }, stderr)
    }

    #[test]
    fn codes_and_signals_are_told_apart() {
        assert_eq!(ended(0, false, ""), JobStatus::Ok);
        for code in [1, 125, 126, 127, 128, 193, 255] {
            assert_eq!(ended(code, false, ""), JobStatus::Exit { code });
        }
        assert_eq!(ended(139, false, ""), JobStatus::Signal { signal: 11 });
        assert_eq!(ended(128 + 24, false, ""), JobStatus::TimeoutCpu);
        assert_eq!(ended(128 + 25, false, ""), JobStatus::DiskLimit);
    }

    #[test]
    fn want_of_memory_is_what_the_kernel_the_launcher_or_python_says() {
        assert_eq!(ended(137, true, ""), JobStatus::Oom);
        assert_eq!(ended(137, false, &format!("words\n{NO_MEMORY}\n")), JobStatus::Oom);
        assert_eq!(ended(137, false, ""), JobStatus::Signal { signal: 9 });
        assert_eq!(ended(1, false, "MemoryError\n"), JobStatus::Oom);
        // A child was ended, and the program coped.
        assert_eq!(ended(0, true, ""), JobStatus::Ok);
    }
}
