//! One job, supervised from its launch to its end.

use std::pin::pin;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Jail;
use super::cgroup::{Holds, Spent};
use super::launched::{Launched, launch_failed};
use super::plan::{Plan, Word};
use super::watches::{Sights, Watches};
use super::{layers, ownership, planning};
use crate::child::Capture;
use crate::{Confinement, ExecError, Guards, Job, JobResult, JobStatus, JobUsage, Launch};

/// How long output may keep coming after everything was killed.
const DRAIN_GRACE: Duration = Duration::from_secs(2);

/// Runs `job`. A replica that cannot be laid over its source is copied.
pub(super) async fn run(jail: &Jail, job: Job) -> Result<JobResult, ExecError> {
    planning::require(&job)?;
    if job.replicas.is_empty() {
        return run_planned(jail, &job).await;
    }
    if layers::can_be_laid(jail.tier, &job).await {
        layers::make_room(&job.replicas)?;
        let result = run_planned(jail, &job).await?;
        layers::clear(&job.replicas);
        if !layers::failed(&result) {
            return Ok(result);
        }
    }
    run_planned(jail, &job.with_copies().await?).await
}

async fn run_planned(jail: &Jail, job: &Job) -> Result<JobResult, ExecError> {
    let plan = planning::plan(jail, job);
    let started = Instant::now();
    let confinement = |guards| Confinement { tier: jail.tier, launch: Launch::Spawn, guards };
    if let Some(user) = plan.heir() {
        if !rustix::process::geteuid().is_root() {
            let why = "change the user: this needs root".to_owned();
            return Ok(JobResult::not_run(why, confinement(Guards::default())));
        }
        ownership::hand_over(&job.writable, user)?;
    }
    let mut output = Output { out: Capture::new(&job.limits), err: Capture::new(&job.limits) };
    let cgroup = jail.cgroup(&job.limits, Holds::Job)?;
    let launched = Launched::start(jail, &plan, Stdio::piped(), cgroup).await?;
    let Supervised { ended, guards, sights, spent } =
        supervise(jail, job, &plan, launched, &mut output).await?;
    let confinement = confinement(guards);
    let (stdout, stderr) = (output.out.finish(), output.err.finish());
    let status = match ended {
        Ended::Itself { code, signal, .. } => {
            sights.exceeded.unwrap_or_else(|| crate::child::status_of_end(code, signal, &stderr.text))
        }
        Ended::Killed(status) => status,
        Ended::NotRun(why) => return Ok(JobResult::not_run(why, confinement)),
        Ended::Lost => JobStatus::InfraError,
    };
    let status = spent.map_or(status, |spent| spent.status(status));
    let counted = spent.unwrap_or_default();
    let usage = JobUsage {
        wall_seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: Some(counted.cpu_seconds.unwrap_or(ended.cpu_seconds().max(sights.cpu_seconds))),
        peak_memory_bytes: Some(counted.peak_bytes.unwrap_or(sights.peak_bytes)),
        output_bytes: stdout.total_bytes + stderr.total_bytes,
        disk_bytes: Some(sights.disk_bytes),
    };
    Ok(JobResult { status, stdout, stderr, usage, confinement })
}

struct Output {
    out: Capture,
    err: Capture,
}

struct Supervised {
    ended: Ended,
    guards: Guards,
    sights: Sights,
    /// What the kernel counted, where the job had a cgroup.
    spent: Option<Spent>,
}

/// Waits for the seal, lets the job begin, and watches it until it has ended. Nothing of it is left then.
async fn supervise(
    jail: &Jail,
    job: &Job,
    plan: &Plan,
    mut launched: Launched,
    output: &mut Output,
) -> Result<Supervised, ExecError> {
    let (stdout, stderr) = (launched.child.stdout.take(), launched.child.stderr.take());
    let (out, err) = (&mut output.out, &mut output.err);
    let mut drain = pin!(async { tokio::try_join!(out.drain(stdout, &|_| ()), err.drain(stderr, &|_| ())) });
    let guards = match launched.sealed(plan).await.and_then(|guards| jail.policy.admit(guards)) {
        Ok(guards) => guards,
        Err(why) => {
            launched.kill().await;
            let (ended, sights) = (Ended::NotRun(why), Sights::default());
            return Ok(Supervised { ended, guards: Guards::default(), sights, spent: None });
        }
    };
    let mut watches = Watches::start(job.limits, planning::written(job), launched.ancestor).await;
    launched.go().await.map_err(launch_failed(jail))?;
    let mut draining = true;
    let mut wall = pin!(tokio::time::sleep(job.limits.wall));
    let ended = loop {
        tokio::select! {
            drained = &mut drain, if draining => {
                draining = false;
                if drained.is_err() {
                    break Ended::Killed(JobStatus::OutputLimit);
                }
            }
            word = launched.words.next_line() => break Ended::of(word.ok().flatten()),
            () = &mut wall => break Ended::Killed(JobStatus::TimeoutWall),
            exceeded = watches.exceeded() => break exceeded.map_or(Ended::Lost, Ended::Killed),
        }
    };
    launched.kill().await;
    // A pipe that somebody still holds open ends the wait, not the job.
    let overflowed = draining && matches!(tokio::time::timeout(DRAIN_GRACE, &mut drain).await, Ok(Err(_)));
    let ended = if overflowed { Ended::Killed(JobStatus::OutputLimit) } else { ended };
    Ok(Supervised { ended, guards, sights: watches.end().await, spent: launched.spent().await })
}

enum Ended {
    /// As the first process of the job ended, with the processor time of all.
    Itself {
        code: Option<i32>,
        signal: Option<i32>,
        cpu_seconds: Option<f64>,
    },
    Killed(JobStatus),
    /// Nothing was run, and why.
    NotRun(String),
    /// The launcher is gone without a word.
    Lost,
}

impl Ended {
    fn of(line: Option<String>) -> Self {
        match line.and_then(|line| serde_json::from_str(&line).ok()) {
            Some(Word::Ended { code, signal, cpu_seconds }) => Self::Itself { code, signal, cpu_seconds },
            Some(Word::Failed { step, error }) => Self::NotRun(format!("{step}: {error}")),
            _ => Self::Lost,
        }
    }

    fn cpu_seconds(&self) -> f64 {
        match self {
            Self::Itself { cpu_seconds: Some(seconds), .. } => *seconds,
            _ => 0.0,
        }
    }
}
