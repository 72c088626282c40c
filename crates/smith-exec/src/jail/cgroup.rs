//! The cgroup of one job: limits that the kernel keeps for all of its processes together, and their end at once.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::delegation::Cgroups;
use super::launched;
use crate::{JobStatus, Limits};

/// The first process of a job's namespaces counts among its processes; with one more the watch still sees that there
/// are too many, and says so.
const SPARE_PROCESSES: u64 = 2;

/// What a worker has imported is not memory of its scripts, which have their limit from the watch.
const WORKER_BYTES: u64 = 1 << 30;

/// How long the processes of a cgroup may take to end after they were killed, in steps.
const STEP: Duration = Duration::from_millis(5);
const STEPS: u32 = 400;

/// Who is in a cgroup, and what is to happen when its memory is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// One job, which ends as a whole.
    Job,
    /// A worker with a script: the kernel picks one process, which is the script's as long as that is larger.
    Worker,
}

/// The cgroup of a job, which is removed when it is dropped, with everything that is still in it.
#[derive(Debug)]
pub(super) struct JobCgroup {
    folder: PathBuf,
    memory_bytes: u64,
    processes: u64,
    /// What the launcher had used up of the processors.
    before: f64,
    /// What it is a part of, which stays divided as long as there is one.
    whole: Cgroups,
}

/// Which limits were read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) memory: bool,
    pub(super) processes: bool,
    /// Whether everything in it can be killed at once.
    pub(super) end: bool,
}

/// What a job spent, as the kernel counted it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Spent {
    /// Largest memory in bytes, with that of files that were kept in it; older kernels do not tell.
    pub(super) peak_bytes: Option<u64>,
    pub(super) cpu_seconds: Option<f64>,
    /// Whether a process was killed for want of memory.
    pub(super) out_of_memory: bool,
    /// Whether a process could not be started because there were too many.
    pub(super) too_many_processes: bool,
}

impl JobCgroup {
    /// Makes a cgroup with these limits and nobody in it.
    pub(super) fn make(cgroups: &Cgroups, limits: &Limits, holds: Holds) -> io::Result<Self> {
        let job = Self {
            folder: cgroups.next_folder(),
            memory_bytes: limits.memory_bytes.saturating_add(if holds == Holds::Job {
                0
            } else {
                WORKER_BYTES
            }),
            processes: u64::from(limits.processes) + SPARE_PROCESSES,
            before: 0.0,
            whole: cgroups.clone(),
        };
        fs::create_dir(&job.folder)?;
        job.set("memory.max", job.memory_bytes)?;
        job.set("memory.oom.group", u64::from(holds == Holds::Job))?;
        job.set("pids.max", job.processes)?;
        match job.set("memory.swap.max", 0) {
            // A kernel that does not count swap, or has none.
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(job),
        }
    }

    fn set(&self, name: &str, value: u64) -> io::Result<()> {
        write(&self.folder.join(name), &value.to_string())
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }

    /// Puts a process into it, which then starts all others of the job.
    pub(super) fn place(&self, pid: u32) -> io::Result<()> {
        write(&self.folder.join("cgroup.procs"), &pid.to_string())
    }

    /// Reads back what holds for a process.
    pub(super) fn bounds(&self, pid: u32) -> Bounds {
        if !processes(&self.folder).contains(&pid) {
            return Bounds::default();
        }
        // The kernel rounds down to whole pages.
        let memory = self.number("memory.max").is_some_and(|most| most <= self.memory_bytes);
        let processes = self.number("pids.max") == Some(self.processes);
        Bounds { memory, processes, end: self.folder.join("cgroup.kill").exists() }
    }

    /// From here on what it uses is the job's.
    pub(super) fn begin(&mut self) {
        self.before = self.cpu_seconds().unwrap_or_default();
    }

    fn cpu_seconds(&self) -> Option<f64> {
        Some(value(&self.text("cpu.stat")?, "usage_usec")? as f64 / 1e6)
    }

    /// How many processes were killed for want of memory.
    pub(super) fn killed_for_memory(&self) -> u64 {
        self.text("memory.events").and_then(|text| value(&text, "oom_kill")).unwrap_or_default()
    }

    /// Kills whatever is in it.
    pub(super) fn kill(&self) {
        kill(&self.folder);
    }

    /// Ends whatever is left in it and says what it spent.
    pub(super) async fn end(self) -> Spent {
        for _ in 0..STEPS {
            self.kill();
            if processes(&self.folder).is_empty() {
                break;
            }
            tokio::time::sleep(STEP).await;
        }
        self.spent()
    }

    fn spent(&self) -> Spent {
        let refused = self.text("pids.events").and_then(|text| value(&text, "max"));
        Spent {
            peak_bytes: self.number("memory.peak"),
            cpu_seconds: self.cpu_seconds().map(|seconds| (seconds - self.before).max(0.0)),
            out_of_memory: self.killed_for_memory() > 0,
            too_many_processes: refused.unwrap_or_default() > 0,
        }
    }
}

impl Spent {
    /// The status of a job that would have `status` otherwise. One that was refused a process and ended well did
    /// without it.
    pub(super) fn status(&self, status: JobStatus) -> JobStatus {
        match status {
            _ if self.out_of_memory => JobStatus::Oom,
            JobStatus::Exit { .. } | JobStatus::Signal { .. } if self.too_many_processes => {
                JobStatus::ProcessLimit
            }
            status => status,
        }
    }
}

impl Drop for JobCgroup {
    fn drop(&mut self) {
        self.kill();
        self.whole.remove(std::mem::take(&mut self.folder));
    }
}

/// The value of a key in a file of keys and values.
fn value(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

/// Writes a file of a cgroup; there is nothing to make.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())
}

/// The processes of a cgroup, without those that have ended.
pub(super) fn processes(folder: &Path) -> Vec<u32> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.trim().parse().ok()).collect()
}

/// Kills every process of a cgroup, in one step where the kernel can.
pub(super) fn kill(folder: &Path) {
    if write(&folder.join("cgroup.kill"), "1").is_err() {
        processes(folder).into_iter().filter(|pid| *pid > 1).for_each(launched::kill);
    }
}

/// Removes a cgroup whose processes were killed, as soon as they have ended.
pub(super) fn remove(folder: &Path) {
    for _ in 0..STEPS {
        match fs::remove_dir(folder) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::BUSY.raw_os_error()) => {
                std::thread::sleep(STEP);
            }
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_whole_key() {
        let text = "low 0\nhigh 0\nmax 31\noom 1\noom_kill 3\noom_group_kill 1\n";
        assert_eq!(value(text, "oom"), Some(1));
        assert_eq!(value(text, "oom_kill"), Some(3));
        assert_eq!(value(text, "kill"), None);
        assert_eq!(value("usage_usec 1234567\nuser_usec 1\n", "usage_usec"), Some(1_234_567));
        assert_eq!(value("max max\n", "max"), None);
    }

    #[test]
    fn what_the_kernel_did_says_why_a_job_ended() {
        let (exit, killed) = (JobStatus::Exit { code: 1 }, JobStatus::Signal { signal: 9 });
        let [plain, memory, processes] =
            [(false, false), (true, false), (false, true)].map(|(out_of_memory, too_many_processes)| Spent {
                out_of_memory,
                too_many_processes,
                ..Spent::default()
            });
        for (spent, status, said) in [
            (plain, killed, killed),
            (memory, killed, JobStatus::Oom),
            (memory, JobStatus::InfraError, JobStatus::Oom),
            (processes, exit, JobStatus::ProcessLimit),
            (processes, JobStatus::Ok, JobStatus::Ok),
            (processes, JobStatus::TimeoutWall, JobStatus::TimeoutWall),
        ] {
            assert_eq!(spent.status(status), said, "{spent:?} {status}");
        }
    }

    #[test]
    fn processes_are_numbers() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(processes(folder.path()), [] as [u32; 0]);
        fs::write(folder.path().join("cgroup.procs"), "12\n0\n7\n").unwrap();
        assert_eq!(processes(folder.path()), [12, 0, 7]);
    }

    #[test]
    fn files_are_written_and_never_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pids.max");
        assert_eq!(write(&path, "7").unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, "max").unwrap();
        write(&path, "700").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "700");
    }
}
