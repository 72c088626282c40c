//! A program of the caller's own, such as an agent that acts on a served environment: it runs as the caller, with the
//! caller's environment and rights, and only its time is bounded.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::ExecError;

/// Between being asked to end and being killed.
const GRACE: Duration = Duration::from_secs(2);

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct OwnProgram {
    /// The program and its arguments. It is looked for as a shell would look for it.
    pub argv: Vec<OsString>,
    /// Its working directory.
    pub cwd: PathBuf,
    /// Variables besides those of the caller.
    pub env: BTreeMap<String, String>,
    /// Its wall time.
    pub wall: Duration,
    /// Where what it prints goes, both streams; made anew.
    pub output: PathBuf,
}

/// How the caller's program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnProgramEnd {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that did not come from here.
    Killed,
    /// It was ended because its time was over.
    OutOfTime,
}

impl OwnProgram {
    /// Runs it to its end. Its process group ends with it, also when the future is dropped.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when it cannot be started, [`ExecError::Io`] when its output has no place.
    pub async fn run(&self) -> Result<OwnProgramEnd, ExecError> {
        let mut group = self.start()?;
        let ended = tokio::time::timeout(self.wall, group.child.wait()).await;
        let end = match ended {
            Ok(status) => end_of(status.map_err(ExecError::io(&self.cwd))?),
            Err(_) => {
                group.signal(Signal::TERM);
                let _waited = tokio::time::timeout(GRACE, group.child.wait()).await;
                OwnProgramEnd::OutOfTime
            }
        };
        Ok(end)
    }

    #[expect(clippy::disallowed_methods, reason = "this crate starts programs; this one is the caller's own")]
    fn start(&self) -> Result<Group, ExecError> {
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err(ExecError::Mistake("no program was named".to_owned()));
        };
        let output = File::create(&self.output).map_err(ExecError::io(&self.output))?;
        let both = output.try_clone().map_err(ExecError::io(&self.output))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&self.cwd)
            .envs(&self.env)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(both)
            .process_group(0)
            .spawn()
            .map_err(|error| {
                let name = program.to_string_lossy();
                ExecError::Mistake(format!("the program {name:?} cannot be started: {error}"))
            })?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Group { child, leader })
    }
}

fn end_of(status: ExitStatus) -> OwnProgramEnd {
    status.code().map_or(OwnProgramEnd::Killed, OwnProgramEnd::Exited)
}

/// A process and what it started in its group.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            // The group may be gone already.
            let _sent = kill_process_group(leader, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Before the child is reaped its number is no other's; afterwards the group keeps it as long as somebody is in it.
        self.signal(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(dir: &tempfile::TempDir, argv: &[&str], wall: u64) -> OwnProgram {
        OwnProgram {
            argv: argv.iter().map(OsString::from).collect(),
            cwd: dir.path().to_path_buf(),
            env: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
            wall: Duration::from_millis(wall),
            output: dir.path().join("out.txt"),
        }
    }

    #[tokio::test]
    async fn it_has_its_variables_and_says_how_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        let ended = program(&dir, &["sh", "-c", "echo $GREETING; echo no >&2; exit 7"], 60_000).run().await;
        assert_eq!(ended.unwrap(), OwnProgramEnd::Exited(7));
        assert_eq!(std::fs::read_to_string(dir.path().join("out.txt")).unwrap(), "hello\nno\n");
        let missing = program(&dir, &["no-such-program-here"], 1000).run().await.unwrap_err();
        assert!(missing.is_mistake() && missing.to_string().contains("no-such-program-here"), "{missing}");
        assert!(program(&dir, &[], 1000).run().await.unwrap_err().is_mistake());
    }

    #[tokio::test]
    async fn its_time_ends_it_with_what_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let script = "sleep 600 & echo $! > child; trap '' TERM; wait; sleep 600";
        let ended = program(&dir, &["sh", "-c", script], 300).run().await.unwrap();
        assert_eq!(ended, OwnProgramEnd::OutOfTime);
        let child: i32 = std::fs::read_to_string(dir.path().join("child")).unwrap().trim().parse().unwrap();
        let is_gone = || {
            let status = std::fs::read_to_string(format!("/proc/{child}/stat"));
            status.is_err() || status.is_ok_and(|text| text.contains(") Z "))
        };
        for _ in 0..200 {
            if is_gone() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{child} still runs");
    }
}
