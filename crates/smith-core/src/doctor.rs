//! What a machine gives: isolation, Python, room on disk.

use serde::Serialize;
use smith_exec::{Container, Guards, Jail, PythonEnv, PythonReport, Tier, TierReport};

use crate::error::SmithError;
use crate::machine::{MachineOptions, python_options};

/// What `doctor` says; its JSON is that of the command.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DoctorReport {
    /// The strongest way to confine programs that holds here; absent when none does.
    pub tier: Option<Tier>,
    /// What holds each of its guarantees.
    pub guards: Guards,
    /// Every way that was tried, in the order in which they are chosen.
    pub tiers: Vec<TierReport>,
    /// Whether jobs get cgroups of their own, whose limits the kernel keeps for all processes together.
    pub cgroups: CgroupReport,
    /// The Python that environments are built on; absent when none fits.
    pub python: Option<PythonReport>,
    /// Bytes that are free where environments are kept.
    pub free_bytes: Option<u64>,
    /// What stands in the way of running anything, each with what can be done.
    pub problems: Vec<String>,
}

/// Whether this program may divide its cgroup. Without that a watch keeps the limits of jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CgroupReport {
    /// Whether it may.
    pub delegated: bool,
    /// What is in the way; empty when nothing is, or when nobody asked.
    pub problem: String,
    /// What usually helps.
    pub remedy: String,
}

/// Examines this machine. It tries every tier with a job that attempts what it must not be able to do, and
/// builds nothing but, where there is an engine of containers, an empty image.
///
/// # Errors
/// When the program cannot launch sandboxes at all, or the machine fails in a way that says nothing of it.
pub async fn doctor(options: &MachineOptions) -> Result<DoctorReport, SmithError> {
    let mut tiers = Jail::survey(options.delegated()).await?;
    tiers.push(Container::probe(&options.container).await?);
    let mut problems = Vec::new();
    let best = tiers.iter().find(|report| report.holds);
    if best.is_none() {
        problems.extend(tiers.iter().map(advice));
    }
    let python = match PythonEnv::look(&python_options(options)).await {
        Ok(python) => Some(python),
        Err(error) => {
            problems.push(error.to_string());
            None
        }
    };
    let (tier, guards) = best.map(|best| (best.tier, best.guards.clone())).unzip();
    let guards = guards.unwrap_or_default();
    let (cgroups, free_bytes) = (cgroups(options), free_bytes(options));
    Ok(DoctorReport { tier, guards, tiers, cgroups, python, free_bytes, problems })
}

fn cgroups(options: &MachineOptions) -> CgroupReport {
    match &options.cgroups {
        None => CgroupReport::default(),
        Some(Ok(_)) => CgroupReport { delegated: true, ..CgroupReport::default() },
        Some(Err(why)) => {
            CgroupReport { delegated: false, problem: why.problem.clone(), remedy: why.remedy.clone() }
        }
    }
}

fn advice(report: &TierReport) -> String {
    let mut text = format!("{}: {}", report.tier.as_str(), report.problem);
    if !report.remedy.is_empty() {
        text.push_str(&format!("; {}", report.remedy));
    }
    text
}

fn free_bytes(options: &MachineOptions) -> Option<u64> {
    let existing = options.cache_dir.ancestors().find(|path| path.exists())?;
    let status = rustix::fs::statvfs(existing).ok()?;
    Some(status.f_bavail * status.f_frsize)
}
