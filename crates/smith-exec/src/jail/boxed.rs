//! The launcher as the first process of a container: the engine has made the walls already; what is added is what
//! every job has, and an orderly end.
//!
//! Its connections are those of the engine: the plan and the permission come by standard input, which ends when
//! the supervisor does; the word that all is sealed goes to standard output, before anything of the job.

use std::fs::File;
use std::io::{Read, Write};

use super::launcher;
use super::plan::{self, Ceilings, GO, Plan};
use super::seal::{self, Failed, step};
use crate::{Job, Limits};

/// What the launcher says before the job begins: this word, a blank and the ABI of Landlock.
pub(crate) const READY: &str = "smith-ready";

/// Above this one a code tells the signal that ended the program.
pub(crate) const SIGNALLED: i32 = 128;

/// What the launcher in a container reads first. `whole_image` says that the root is an image whose programs the
/// job may run, wherever they lie.
pub(crate) fn frame(job: &Job, processes: u64, whole_image: bool) -> std::io::Result<Vec<u8>> {
    let paths =
        |paths: &[std::path::PathBuf]| paths.iter().map(|path| path.clone().into_os_string()).collect();
    let mut readable: Vec<_> = paths(&job.readable);
    readable.extend(whole_image.then(|| "/".into()));
    let Limits { memory_bytes, file_bytes, cpu, .. } = job.limits;
    plan::encode(&Plan {
        argv: job.argv.clone(),
        cwd: job.cwd.clone().into_os_string(),
        env: job.env.clone(),
        ceilings: Ceilings {
            data_bytes: memory_bytes,
            file_bytes,
            cpu_seconds: cpu.as_secs() + 2,
            open_files: 4096,
            processes,
            // The engine has made these places.
            scratch_bytes: 0,
        },
        // A root of its own, in which Landlock is welcome but not needed.
        namespaces: true,
        user: None,
        landlock: false,
        readable,
        writable: paths(&job.writable),
        // They were copied.
        layers: Vec::new(),
    })
}

/// The permission to begin.
pub(crate) const PERMISSION: [u8; 1] = [GO];

/// What the launcher says last when the kernel ended processes because the container had no more memory. Not every
/// engine tells.
pub(crate) const NO_MEMORY: &str = "smith: the memory of the container was exhausted";

/// Where a container finds the events of its own control group, in both versions.
const EVENTS: [&str; 2] = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/// Asks the launcher to hide from the job, which costs every other process of its user the sight of it too.
pub(crate) const HIDDEN: &str = "hidden";

/// Seals itself, waits for the permission, runs the job and gives the exit code of the container.
pub(super) fn play(hidden: bool) -> u8 {
    match run(hidden) {
        Ok(code) => code,
        Err(Failed { step, error }) => {
            // If the supervisor is gone there is nobody to tell.
            let _told = writeln!(std::io::stderr(), "{step}: {error}");
            125
        }
    }
}

fn run(hidden: bool) -> Result<u8, Failed> {
    // Standard input without a buffer: the permission is not to be read with the plan.
    let control = step("find the supervisor", rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3))?;
    let mut control = File::from(control);
    let plan = step("read the plan", plan::read(&control))?;
    step("go to the working directory", std::env::set_current_dir(&plan.cwd))?;
    // Later these files are out of reach.
    let mut events: Vec<File> = EVENTS.iter().filter_map(|path| File::open(path).ok()).collect();
    if hidden {
        seal::hide()?;
    }
    let landlock_abi = seal::seal(&plan)?;
    let mut out = std::io::stdout();
    step("report the seal", writeln!(out, "{READY} {landlock_abi}").and_then(|()| out.flush()))?;
    let mut answer = [0];
    step("wait for the permission", control.read_exact(&mut answer))?;
    if answer != PERMISSION {
        return Err(Failed {
            step: "wait for the permission".to_owned(),
            error: "it was not given".to_owned(),
        });
    }
    let child = step("start the program", launcher::command(&plan).spawn())?;
    let status = launcher::attend(&control, child.id())?;
    if status.exit_status() != Some(0) && events.iter_mut().any(has_killed) {
        // It only explains what the exit code says already.
        let _told = writeln!(std::io::stderr(), "{NO_MEMORY}");
    }
    let code = status.exit_status().or_else(|| Some(SIGNALLED + status.terminating_signal()?));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

/// Whether the kernel has ended a process of the control group for want of memory.
fn has_killed(events: &mut impl Read) -> bool {
    let mut text = String::new();
    let read = events.read_to_string(&mut text).is_ok();
    let kills = text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse::<u64>().ok());
    read && kills.is_some_and(|kills| kills > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_control_groups_count_kills() {
        let killed = |text: &str| has_killed(&mut text.as_bytes());
        assert!(killed("low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n"));
        assert!(killed("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"));
        assert!(!killed("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n"));
        assert!(!killed(""));
    }
}
