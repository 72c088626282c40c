//! From the end of a process to a status.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::process::Signal;

use crate::JobStatus;

/// What ended the wait for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The program ended by itself.
    Exited,
    /// Its time was over.
    Wall,
    /// A stream carried too much.
    Output,
}

/// The status of a job. `exit` is absent when the program did not die in time after it was killed.
pub(super) fn status_of(cause: Cause, exit: Option<ExitStatus>, stderr: &str) -> JobStatus {
    match (cause, exit) {
        (Cause::Wall, _) => JobStatus::TimeoutWall,
        (Cause::Output, _) => JobStatus::OutputLimit,
        (Cause::Exited, None) => JobStatus::InfraError,
        (Cause::Exited, Some(exit)) => status_of_end(exit.code(), exit.signal(), stderr),
    }
}

/// The status of a program that ended by itself, with a code or by a signal.
pub(crate) fn status_of_end(code: Option<i32>, signal: Option<i32>, stderr: &str) -> JobStatus {
    match (code, signal) {
        (Some(0), _) => JobStatus::Ok,
        (Some(code), _) => of_failure(code, stderr),
        (None, signal) => of_signal(signal.unwrap_or_default()),
    }
}

fn of_signal(signal: i32) -> JobStatus {
    if signal == Signal::XFSZ.as_raw() {
        JobStatus::DiskLimit
    } else if signal == Signal::XCPU.as_raw() {
        JobStatus::TimeoutCpu
    } else {
        JobStatus::Signal { signal }
    }
}

/// Python turns both refusals of the system into exceptions, and other programs that were started with
/// SIGXFSZ ignored report an error too, so that only the last line tells them from other failures.
fn of_failure(code: i32, stderr: &str) -> JobStatus {
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let exception = last.split(':').next().unwrap_or_default();
    if exception == "MemoryError" || exception.ends_with("._ArrayMemoryError") {
        JobStatus::Oom
    } else if last.starts_with("OSError: [Errno 27]") || last.ends_with(": File too large") {
        JobStatus::DiskLimit
    } else {
        JobStatus::Exit { code }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exited(raw: i32, stderr: &str) -> JobStatus {
        status_of(Cause::Exited, Some(ExitStatus::from_raw(raw)), stderr)
    }

    const EXIT_1: i32 = 1 << 8;

    #[test]
    fn codes_and_signals_are_told_apart() {
        assert_eq!(exited(0, "MemoryError"), JobStatus::Ok);
        assert_eq!(exited(3 << 8, ""), JobStatus::Exit { code: 3 });
        assert_eq!(exited(11, ""), JobStatus::Signal { signal: 11 });
        assert_eq!(exited(Signal::XFSZ.as_raw(), ""), JobStatus::DiskLimit);
        assert_eq!(exited(Signal::XCPU.as_raw(), ""), JobStatus::TimeoutCpu);
    }

    #[test]
    fn python_says_why_memory_or_disk_ran_out() {
        assert_eq!(exited(EXIT_1, "Traceback …\nMemoryError\n"), JobStatus::Oom);
        let numpy = "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7 GiB";
        assert_eq!(exited(EXIT_1, numpy), JobStatus::Oom);
        assert_eq!(exited(EXIT_1, "OSError: [Errno 27] File too large"), JobStatus::DiskLimit);
        assert_eq!(exited(EXIT_1, "head: write error: File too large\n"), JobStatus::DiskLimit);
        let earlier = "MemoryError\nValueError: bad";
        assert_eq!(exited(EXIT_1, earlier), JobStatus::Exit { code: 1 });
    }

    #[test]
    fn what_we_killed_is_not_called_a_signal() {
        let killed = Some(ExitStatus::from_raw(Signal::KILL.as_raw()));
        assert_eq!(status_of(Cause::Wall, killed, ""), JobStatus::TimeoutWall);
        assert_eq!(status_of(Cause::Output, killed, ""), JobStatus::OutputLimit);
        assert_eq!(status_of(Cause::Exited, None, ""), JobStatus::InfraError);
    }
}
