//! What this machine gives: each tier is tried with a job that attempts what it must not be able to do.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Cgroups, Jail};
use crate::{
    ExecError, Guards, Job, JobResult, JobStatus, Limits, Policy, PythonEnv, Sandbox, Tier, TierReport,
};

/// Secrets and services that a job must not reach.
struct Canaries {
    folder: tempfile::TempDir,
    port: u16,
    abstract_name: String,
    // Held open: a closed one could not be reached anyway.
    _listeners: (TcpListener, UnixListener, UnixListener),
}

const SECRET: &str = "smith-canary";

impl Canaries {
    fn set() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("smith-probe-").tempdir()?;
        std::fs::create_dir(folder.path().join("work"))?;
        std::fs::write(folder.path().join("secret"), SECRET)?;
        let tcp = TcpListener::bind("127.0.0.1:0")?;
        let abstract_name = format!("smith-canary-{}", std::process::id());
        // A second probe of this process at the same time has set the same canary.
        let local = UnixListener::bind(folder.path().join("socket"))?;
        let hidden = match UnixListener::bind_addr(&SocketAddr::from_abstract_name(&abstract_name)?) {
            Ok(listener) => listener,
            Err(_) => local.try_clone()?,
        };
        let port = tcp.local_addr()?.port();
        Ok(Self { folder, port, abstract_name, _listeners: (tcp, local, hidden) })
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Whether the secret is as it was. A job with a root of its own may make a file of the same name there.
    fn untouched(&self) -> bool {
        std::fs::read_to_string(self.folder.path().join("secret")).is_ok_and(|text| text == SECRET)
    }

    /// Tries everything, and writes the names of what succeeded. Bash can open connections by itself.
    fn script(&self) -> String {
        let folder = self.folder.path().display();
        let (port, owner) = (self.port, std::process::id());
        format!(
            "echo fine > proof\n\
             cat {folder}/secret 2>/dev/null | grep -q {SECRET} && echo reads\n\
             (echo gone > {folder}/secret) 2>/dev/null\n\
             (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null && echo network\n\
             kill -0 {owner} 2>/dev/null && echo processes\n\
             cat /proc/{owner}/environ > /dev/null 2>&1 && echo processes\n\
             (echo 1 > /proc/sys/kernel/ctrl-alt-del) 2>/dev/null && echo writes\n\
             true\n"
        )
    }
}

/// Tries one tier.
///
/// # Errors
/// When the canaries cannot be set: a fault of the machine that says nothing of the tier.
pub(super) async fn tier(
    launcher: &Path,
    tier: Tier,
    cgroups: Option<&Cgroups>,
) -> Result<TierReport, ExecError> {
    let jail = Jail::with_launcher(launcher.to_path_buf(), tier, Policy::BestEffort).within(cgroups.cloned());
    let (guards, problem) = judge(async |job| jail.run(job).await).await?;
    let remedy = remedy(tier, &problem).to_owned();
    Ok(TierReport { tier, holds: problem.is_empty(), guards, problem, remedy })
}

/// Has a job run that attempts what it must not be able to do. Gives what was read back, and what is wrong: nothing
/// when all is well.
///
/// # Errors
/// When the canaries cannot be set, and those of the run.
pub(crate) async fn judge(
    run: impl AsyncFnOnce(Job) -> Result<JobResult, ExecError>,
) -> Result<(Guards, String), ExecError> {
    let canaries = Canaries::set().map_err(ExecError::io(std::env::temp_dir()))?;
    tracing::debug!(name = canaries.abstract_name, "canaries are set");
    let result = run(job(&canaries)).await?;
    let guards = result.confinement.guards.clone();
    let proof = std::fs::read_to_string(canaries.work().join("proof")).unwrap_or_default();
    let mut problem = String::new();
    if result.status == JobStatus::SandboxError {
        problem.clone_from(&result.stderr.text);
    } else if !result.status.is_ok() || proof != "fine\n" {
        problem = format!("a harmless program did not run: {} {}", result.status, result.stderr.text.trim());
    } else if let Some(missing) = guards.missing().first() {
        problem = format!("the guarantee `{}` does not hold", missing.as_str());
    } else if !canaries.untouched() {
        "a program reached what the guarantee `writes` forbids".clone_into(&mut problem);
    } else if let Some(reached) = result.stdout.text.lines().next() {
        problem = format!("a program reached what the guarantee `{reached}` forbids");
    }
    Ok((guards, problem))
}

fn job(canaries: &Canaries) -> Job {
    let shell = ["/bin/bash", "/usr/bin/bash"].into_iter().find(|path| Path::new(path).is_file());
    let script = canaries.script();
    Job {
        argv: [shell.unwrap_or("/bin/sh"), "-c", &script].map(Into::into).to_vec(),
        cwd: canaries.work(),
        env: BTreeMap::from([("PATH".to_owned(), crate::python::SYSTEM_PATH.to_owned())]),
        limits: Limits { wall: Duration::from_secs(20), ..Limits::default() },
        readable: Vec::new(),
        writable: vec![canaries.work()],
        replicas: Vec::new(),
    }
}

/// What usually helps.
fn remedy(tier: Tier, problem: &str) -> &'static str {
    match tier {
        _ if problem.is_empty() => "",
        Tier::Namespaces if problem.starts_with("make namespaces") || problem.starts_with("map the") => {
            "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, on Ubuntu \
             kernel.apparmor_restrict_unprivileged_userns=0; in a container --security-opt seccomp=unconfined"
        }
        Tier::Namespaces if problem.starts_with("mount") => {
            "in a container, unmask /proc: --security-opt systempaths=unconfined, with apparmor=unconfined"
        }
        Tier::User if problem.contains("Operation not permitted") => "this tier needs root",
        Tier::Landlock if problem.contains("`processes`") || problem.contains("`writes`") => {
            "boot a kernel of version 6.12 or later, whose Landlock keeps signals and opened files inside"
        }
        _ if ["Landlock", "`reads`", "`writes`"].iter().any(|word| problem.contains(word)) => {
            "boot a kernel of version 6.2 or later with landlock in its list of security modules (lsm=landlock,…)"
        }
        _ => "",
    }
}

impl Jail {
    /// Tries every tier of this machine, the strongest first, with a cgroup for each job where there are any.
    ///
    /// # Errors
    /// As [`Jail::new`]; faults of the machine that have nothing to do with a tier.
    pub async fn survey(cgroups: Option<&Cgroups>) -> Result<Vec<TierReport>, ExecError> {
        Self::survey_with(&super::own_launcher()?, cgroups).await
    }

    /// Like [`Jail::survey`], with another program as launcher.
    ///
    /// # Errors
    /// Faults of the machine that have nothing to do with a tier.
    pub async fn survey_with(
        launcher: &Path,
        cgroups: Option<&Cgroups>,
    ) -> Result<Vec<TierReport>, ExecError> {
        let mut reports = Vec::new();
        for candidate in Tier::NATIVE {
            reports.push(tier(launcher, candidate, cgroups).await?);
        }
        Ok(reports)
    }

    /// The strongest sandbox that holds on this machine and in which `python` runs: another user, for instance, may
    /// not reach a Python that lies in somebody's home.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] when there is none, with what is wrong with each; else as [`Jail::survey`].
    pub async fn strongest(python: &PythonEnv, cgroups: Option<&Cgroups>) -> Result<Self, ExecError> {
        Self::strongest_of(&Tier::NATIVE, python, cgroups).await
    }

    /// The sandbox of these tiers that lacks the fewest guarantees and in which `python` runs, for callers who would
    /// rather have less than nothing. Each result says what held.
    ///
    /// # Errors
    /// As [`Jail::strongest`].
    pub async fn best_effort(
        tiers: &[Tier],
        python: &PythonEnv,
        cgroups: Option<&Cgroups>,
    ) -> Result<Self, ExecError> {
        let launcher = super::own_launcher()?;
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for candidate in tiers.iter().copied() {
            let report = tier(&launcher, candidate, cgroups).await?;
            let jail =
                Self::with_launcher(launcher.clone(), candidate, Policy::BestEffort).within(cgroups.cloned());
            match python.smoke_test(&jail, &format!("{}-best-effort", candidate.as_str())).await {
                Ok(()) => found.push((report.missing().len(), jail)),
                Err(why) => problems.push(format!("{}: {why}", candidate.as_str())),
            }
        }
        // The first of equals is the strongest.
        let best = found.into_iter().min_by_key(|(missing, _)| *missing);
        best.map(|(_, jail)| jail).ok_or_else(|| ExecError::NoSandbox { problems: problems.join("; ") })
    }

    /// Like [`Jail::strongest`], but of these tiers alone.
    ///
    /// # Errors
    /// As [`Jail::strongest`].
    pub async fn strongest_of(
        tiers: &[Tier],
        python: &PythonEnv,
        cgroups: Option<&Cgroups>,
    ) -> Result<Self, ExecError> {
        let launcher = super::own_launcher()?;
        let mut problems = Vec::new();
        for candidate in tiers.iter().copied() {
            let report = tier(&launcher, candidate, cgroups).await?;
            let mut problem = report.problem;
            if report.holds {
                let jail =
                    Self::with_launcher(launcher.clone(), candidate, Policy::Strict).within(cgroups.cloned());
                match python.smoke_test(&jail, candidate.as_str()).await {
                    Ok(()) => return Ok(jail),
                    Err(why) => problem = format!("{} cannot be used: {why}", python.interpreter().display()),
                }
            }
            problems.push(format!("{}: {problem}", candidate.as_str()));
        }
        Err(ExecError::NoSandbox { problems: problems.join("; ") })
    }
}
