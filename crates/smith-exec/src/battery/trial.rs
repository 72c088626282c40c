//! One program, run and judged.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};

use super::case::{Case, word};
use super::host::Host;
use super::{Confined, Verdict};
use crate::{
    ExecError, Guarantee, Jail, Job, JobResult, JobStatus, Limits, Policy, Sandbox, Tier, proc_stat,
};

/// The interpreter; the system's own is readable for every user.
const PYTHON: &str = "/usr/bin/python3";

/// Time that a run may take beyond its limit of wall time.
const SLACK: Duration = Duration::from_secs(5);

/// How long a work folder must not change once its program is said to have ended.
const STILL: Duration = Duration::from_millis(30);

/// Where programs are tried.
pub(super) struct Bench {
    host: Host,
    /// Signals that reached this process.
    signals: Arc<AtomicUsize>,
}

impl Bench {
    pub(super) fn new(folder: &Path) -> Result<Self, ExecError> {
        let host = Host::new(folder).map_err(ExecError::io("the canaries"))?;
        let signals = Arc::new(AtomicUsize::new(0));
        let mut stream = signal(SignalKind::user_defined1()).map_err(ExecError::io("signals"))?;
        let counter = Arc::clone(&signals);
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(Self { host, signals })
    }

    /// Whether this machine gives a tier.
    pub(super) async fn is_given(&self, confined: &Confined) -> Result<bool, ExecError> {
        let work = self.work("probe", confined.tier)?;
        let result = confined.sandbox.run(self.job(&work, "fine", confined.tier, Limits::default())).await;
        discard(&work);
        // A machine that does not give it refuses in one way or the other.
        Ok(result.is_ok_and(|result| result.status == JobStatus::Ok))
    }

    /// That a launch without the right to make namespaces fails at the step that needs them.
    pub(super) async fn refuses_namespaces(&self, confined: &Confined) -> Result<Verdict, ExecError> {
        let began = Instant::now();
        let work = self.work("refusal", confined.tier)?;
        let result = confined.sandbox.run(self.job(&work, "fine", confined.tier, Limits::default())).await?;
        discard(&work);
        let clear =
            result.status == JobStatus::SandboxError && result.stderr.text.starts_with("make namespaces:");
        Ok(Verdict {
            case: "(launch)".to_owned(),
            tier: confined.tier,
            expected: word(JobStatus::SandboxError),
            got: word(result.status),
            milliseconds: began.elapsed().as_millis(),
            guards: result.confinement.guards,
            problems: if clear { Vec::new() } else { vec![format!("it said: {}", result.stderr.text)] },
        })
    }

    /// That nothing is run where files cannot be hidden, and that it is said which promise this breaks.
    pub(super) async fn refuses_what_it_cannot_hold(&self) -> Result<Verdict, ExecError> {
        let (result, milliseconds) = self.fine_in_landlock(Policy::Strict).await?;
        let clear = result.status == JobStatus::SandboxError && result.stderr.text.contains("Landlock");
        let problems = if clear { Vec::new() } else { vec![format!("it said: {}", result.stderr.text)] };
        let expected = word(JobStatus::SandboxError);
        Ok(verdict("(strict)", Tier::Landlock, expected, result, milliseconds, problems))
    }

    /// That a policy which is content with less runs there, and that the result claims nothing that does not hold.
    pub(super) async fn says_what_it_does_not_hold(&self) -> Result<Verdict, ExecError> {
        let (result, milliseconds) = self.fine_in_landlock(Policy::BestEffort).await?;
        let missing = result.confinement.guards.missing();
        let lost = [Guarantee::Reads, Guarantee::Writes, Guarantee::Processes];
        let mut problems = Vec::new();
        if result.stdout.text != "fine\n" || missing != lost {
            problems.push(format!("without {missing:?}: {}{}", result.stdout.text, result.stderr.text));
        }
        Ok(verdict("(best effort)", Tier::Landlock, word(JobStatus::Ok), result, milliseconds, problems))
    }

    async fn fine_in_landlock(&self, policy: Policy) -> Result<(JobResult, u128), ExecError> {
        let (began, tier) = (Instant::now(), Tier::Landlock);
        let work = self.work("bare", tier)?;
        let jail = Jail::with_launcher(PathBuf::from("/proc/self/exe"), tier, policy);
        let result = jail.run(self.job(&work, "fine", tier, Limits::default())).await?;
        discard(&work);
        Ok((result, began.elapsed().as_millis()))
    }

    /// Runs one program and a harmless one after it.
    pub(super) async fn try_out(&self, case: &Case, confined: &Confined) -> Result<Verdict, ExecError> {
        let began = Instant::now();
        let work = self.work(&case.name, confined.tier)?;
        let result = confined.sandbox.run(self.job(&work, &case.name, confined.tier, case.limits)).await?;
        let took = began.elapsed();
        let left = if case.alone { proc_stat::descendants(std::process::id()) } else { Vec::new() };
        let stood = contents(&work);
        let mut problems = self.judge(case, &result);
        if took > case.limits.wall + SLACK {
            problems.push(format!("it took {} ms", took.as_millis()));
        }
        if !left.is_empty() || self.is_marked_process_left(&work) {
            problems.push("processes are left".to_owned());
        }
        tokio::time::sleep(STILL).await;
        if contents(&work) != stood {
            problems.push("its folder changes after its end".to_owned());
        }
        problems.extend(self.host.disturbed());
        if self.signals.swap(0, Ordering::Relaxed) > 0 {
            problems.push("a signal reached the harness".to_owned());
        }
        problems.extend(self.is_fit(&work, confined).await?);
        discard(&work);
        Ok(Verdict {
            case: case.name.clone(),
            tier: confined.tier,
            expected: case.expect.join(" or "),
            got: word(result.status),
            milliseconds: began.elapsed().as_millis(),
            guards: result.confinement.guards,
            problems,
        })
    }

    fn judge(&self, case: &Case, result: &JobResult) -> Vec<String> {
        let mut problems = Vec::new();
        let (out, err) = (&result.stdout.text, &result.stderr.text);
        let last = out.lines().last().unwrap_or_default();
        let expected = case.expect.iter().any(|word_of| *word_of == word(result.status));
        if !expected || last.starts_with("BROKEN") {
            let said = err.lines().last().unwrap_or_default();
            problems.push(format!("it ended otherwise: {last} {said}").trim().to_owned());
        } else if result.status == JobStatus::Ok && last != "HELD" {
            problems.push("it did not say that the sandbox held".to_owned());
        }
        if self.host.is_told(out) || self.host.is_told(err) {
            problems.push("it printed the secret".to_owned());
        }
        problems
    }

    /// Whether the sandbox still runs a harmless program, in the folder that the hostile one leaves.
    async fn is_fit(&self, work: &Path, confined: &Confined) -> Result<Option<String>, ExecError> {
        let result = confined.sandbox.run(self.job(work, "fine", confined.tier, Limits::default())).await?;
        let fine = result.status == JobStatus::Ok && result.stdout.text == "fine\n";
        let said = || format!("the next run: {} {}{}", result.status, result.stdout.text, result.stderr.text);
        Ok((!fine).then(said))
    }

    fn work(&self, name: &str, tier: Tier) -> Result<PathBuf, ExecError> {
        let name = format!("{}-{name}", tier.as_str());
        self.host.work(&name).map_err(ExecError::io(name))
    }

    fn job(&self, work: &Path, program: &str, tier: Tier, limits: Limits) -> Job {
        let program = self.host.inputs().join(format!("{program}.py"));
        let mut argv: Vec<std::ffi::OsString> = [PYTHON, "-E", "-s", "-B"].map(Into::into).to_vec();
        argv.extend([program.into_os_string(), self.host.facts(tier).into()]);
        let variables =
            [("PATH", "/usr/bin:/bin".to_owned()), ("HOME", "/tmp".to_owned()), ("MARK", mark(work))];
        Job {
            argv,
            cwd: work.to_path_buf(),
            env: BTreeMap::from(variables.map(|(name, value)| (name.to_owned(), value))),
            limits,
            readable: vec![self.host.inputs()],
            writable: vec![work.to_path_buf()],
            replicas: Vec::new(),
        }
    }

    fn is_marked_process_left(&self, work: &Path) -> bool {
        let mark = format!("MARK={}", mark(work)).into_bytes();
        let Ok(processes) = fs::read_dir("/proc") else { return false };
        processes
            .flatten()
            .filter_map(|process| fs::read(process.path().join("environ")).ok())
            .any(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == mark))
    }
}

fn verdict(
    case: &str,
    tier: Tier,
    expected: String,
    result: JobResult,
    milliseconds: u128,
    problems: Vec<String>,
) -> Verdict {
    let (got, guards) = (word(result.status), result.confinement.guards);
    Verdict { case: case.to_owned(), tier, expected, got, milliseconds, guards, problems }
}

/// What the processes of a program carry in their environment.
fn mark(work: &Path) -> String {
    work.display().to_string()
}

/// Names, sizes and change times of the files of a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some((entry.path(), (data.size(), data.mtime(), data.mtime_nsec())))
        })
        .collect()
}

/// Removes a folder, with directories that were made unreadable. What cannot be removed goes with the root.
fn discard(work: &Path) {
    for entry in fs::read_dir(work).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _of_another_user = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
        }
    }
    let _left_to_the_end = fs::remove_dir_all(work);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(status: JobStatus, said: &str) -> JobResult {
        let said = crate::Captured { text: said.to_owned(), ..crate::Captured::default() };
        JobResult {
            status,
            stdout: said,
            stderr: crate::Captured::default(),
            usage: crate::JobUsage::default(),
            confinement: crate::Confinement::default(),
        }
    }

    #[tokio::test]
    async fn only_what_is_expected_is_no_problem() {
        let programs = tempfile::tempdir().unwrap();
        let program = "# expect: ok or oom\n# tries: x\n";
        fs::write(programs.path().join("x.py"), program).unwrap();
        let bench = Bench::new(programs.path()).unwrap();
        let case = &super::super::case::read_all(programs.path()).unwrap()[0];
        let secret = fs::read_to_string(bench.host.inputs().join("../secret.txt")).unwrap();
        for (status, said, problems) in [
            (JobStatus::Ok, "words\nHELD\n", 0),
            (JobStatus::Oom, "", 0),
            (JobStatus::Ok, "", 1),
            (JobStatus::Ok, "BROKEN: x\n", 1),
            (JobStatus::Oom, "BROKEN: x\n", 1),
            (JobStatus::TimeoutWall, "HELD\n", 1),
            (JobStatus::Ok, &format!("{secret}\nHELD\n"), 1),
        ] {
            assert_eq!(bench.judge(case, &result(status, said)).len(), problems, "{status} {said}");
        }
    }
}
