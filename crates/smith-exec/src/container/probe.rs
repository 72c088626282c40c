//! Whether containers hold on this machine, and if not, what to do.

use super::{Container, ContainerOptions};
use crate::jail::judge;
use crate::{ExecError, Guards, Policy, PythonEnv, Sandbox, Tier, TierReport};

impl Container {
    /// Tries a container with a job that attempts what it must not be able to do.
    ///
    /// # Errors
    /// Faults of the machine that have nothing to do with the engine.
    pub async fn probe(options: &ContainerOptions) -> Result<TierReport, ExecError> {
        let tier = Tier::Container;
        let container = match Self::find(options, Policy::BestEffort).await? {
            Ok(container) => container,
            Err(refusal) => {
                let (guards, problem, remedy) = (Guards::default(), refusal.problem, refusal.remedy);
                return Ok(TierReport { tier, holds: false, guards, problem, remedy });
            }
        };
        let (guards, problem) = judge(async |job| container.run(job).await).await?;
        let remedy = remedy(&problem).to_owned();
        Ok(TierReport { tier, holds: problem.is_empty(), guards, problem, remedy })
    }

    /// A sandbox of containers that holds on this machine and in which `python` runs.
    ///
    /// # Errors
    /// [`ExecError::NoSandbox`] when there is none, with what is wrong; else as [`Container::probe`].
    pub async fn holding(options: &ContainerOptions, python: &PythonEnv) -> Result<Self, ExecError> {
        let report = Self::probe(options).await?;
        let mut problem = report.problem;
        if report.holds {
            let container = Self::open(options, Policy::Strict).await?;
            match python.smoke_test(&container, report.tier.as_str()).await {
                Ok(()) => return Ok(container),
                Err(why) => problem = format!("{} cannot be used: {why}", python.interpreter().display()),
            }
        }
        Err(ExecError::NoSandbox { problems: format!("container: {problem}") })
    }
}

/// What usually helps.
fn remedy(problem: &str) -> &'static str {
    match problem {
        _ if problem.is_empty() => "",
        _ if problem.contains("cgroup") => {
            "choose an OCI runtime that fits the control groups of this machine (SMITH_CONTAINER_RUNTIME=runc or \
             crun)"
        }
        _ if problem.contains("rlimit") => "raise the hard limits of this process (ulimit -H)",
        _ if problem.contains("newuidmap") || problem.contains("subuid") => {
            "give this user subordinate numbers (usermod --add-subuids) and install uidmap"
        }
        _ if problem.contains("`reads`") || problem.contains("`writes`") => {
            "take volumes and mounts out of the engine's configuration, and out of the image"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_follows_the_problem() {
        assert_eq!(remedy(""), "");
        assert!(remedy("start the container: crun: cgroups in hybrid mode not supported").contains("runc"));
        assert!(remedy("the guarantee `writes` does not hold").contains("volumes"));
    }
}
