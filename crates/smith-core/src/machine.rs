//! The machine's side: Python, and the sandbox that runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use smith_exec::{
    Cgroups, ChildProcess, Container, ContainerOptions, EnvSource, ExecError, Jail, NotDelegated,
    ProvisionProgress, PythonEnv, PythonOptions, Runtime, Sandbox, Tier,
};

use crate::error::SmithError;

/// Where Python comes from.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MachineOptions {
    /// What the Python environment is made from: a profile, or the caller's own lock file.
    pub env: EnvSource,
    /// Where environments are kept.
    pub cache_dir: PathBuf,
    /// The interpreter to build on, if not the first fitting one of `search_path`.
    pub python: Option<PathBuf>,
    /// The caller's `PATH`.
    pub search_path: Option<OsString>,
    /// Run generated programs without a sandbox: they can read the caller's files and use the network.
    pub without_sandbox: bool,
    /// The one tier that may be used; without it the strongest that holds, and containers last of all.
    pub sandbox: Option<Tier>,
    /// Where no tier holds every guarantee, take the one that lacks the fewest: results list those that hold.
    pub best_effort: bool,
    /// The engine of containers.
    pub container: ContainerOptions,
    /// Cgroups for jobs, which only a program can take over, see [`Cgroups::take_over`]; nothing when none were asked
    /// for. Jobs run without them too.
    pub cgroups: Option<Result<Cgroups, NotDelegated>>,
    /// Settings of pip and uv (indexes, proxies, certificates) that the caller passes on.
    pub pip_env: BTreeMap<String, String>,
}

impl MachineOptions {
    pub(crate) fn delegated(&self) -> Option<&Cgroups> {
        self.cgroups.as_ref()?.as_ref().ok()
    }
}

/// A provisioned Python and a sandbox that was tried, ready to run scripts.
#[derive(Clone)]
pub struct Machine {
    python: PythonEnv,
    /// Nothing when the caller wants none.
    confined: Option<(Tier, Arc<dyn Sandbox>)>,
}

impl Machine {
    /// Makes the locked environment or takes it from the cache, and finds the strongest sandbox in which it runs.
    ///
    /// # Errors
    /// A mistake when no fitting Python is there or no sandbox holds, a fault when packages cannot be fetched.
    pub async fn provision(
        options: &MachineOptions,
        progress: &dyn ProvisionProgress,
    ) -> Result<Self, SmithError> {
        let python = PythonEnv::ensure(&python_options(options), progress).await?;
        let confined = if options.without_sandbox { None } else { Some(confined(options, &python).await?) };
        Ok(Self { python, confined })
    }

    /// The environment.
    #[must_use]
    pub fn python(&self) -> &PythonEnv {
        &self.python
    }

    /// How programs are confined; nothing when they are not.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        self.confined.as_ref().map(|(tier, _)| *tier)
    }

    /// A runtime. Without a sandbox its processes carry `marker`, so that what a killed run leaves behind can be
    /// found; what a sandbox ran ends with this process.
    #[must_use]
    pub fn runtime(&self, marker: &str) -> Runtime {
        let sandbox: Arc<dyn Sandbox> = match &self.confined {
            Some((_, sandbox)) => Arc::clone(sandbox),
            None => Arc::new(ChildProcess::new(marker.to_owned())),
        };
        Runtime::new(self.python.clone(), sandbox)
    }
}

pub(crate) fn python_options(options: &MachineOptions) -> PythonOptions {
    let mut python = PythonOptions::new(options.cache_dir.clone());
    python.source.clone_from(&options.env);
    python.python.clone_from(&options.python);
    python.search_path.clone_from(&options.search_path);
    python.pip_env.clone_from(&options.pip_env);
    python
}

async fn confined(
    options: &MachineOptions,
    python: &PythonEnv,
) -> Result<(Tier, Arc<dyn Sandbox>), SmithError> {
    strongest(options, python).await.map_err(|error| match error {
        ExecError::NoSandbox { .. } => SmithError::Mistake(format!(
            "{error}. `smith doctor` says what can be done; --unsafe runs generated programs without a sandbox"
        )),
        other => other.into(),
    })
}

/// The tier that is asked for. Else the strongest of the native ones, and where none holds a container.
async fn strongest(
    options: &MachineOptions,
    python: &PythonEnv,
) -> Result<(Tier, Arc<dyn Sandbox>), ExecError> {
    let native = match options.sandbox {
        Some(Tier::Container) => return boxed(options, python).await,
        Some(tier) => Jail::strongest_of(&[tier], python, options.delegated()).await,
        None => Jail::strongest(python, options.delegated()).await,
    };
    let above = match native {
        Ok(jail) => return Ok((jail.tier(), Arc::new(jail))),
        Err(ExecError::NoSandbox { problems }) if options.sandbox.is_none() => problems,
        Err(ExecError::NoSandbox { .. }) if options.best_effort => {
            return with_less(options.sandbox.as_slice(), options, python).await;
        }
        Err(error) => return Err(error),
    };
    let boxed = boxed(options, python).await;
    if options.best_effort && matches!(boxed, Err(ExecError::NoSandbox { .. })) {
        return with_less(&Tier::NATIVE, options, python).await;
    }
    boxed.map_err(|error| match error {
        ExecError::NoSandbox { problems } => {
            ExecError::NoSandbox { problems: format!("{above}; {problems}") }
        }
        other => other,
    })
}

async fn with_less(
    tiers: &[Tier],
    options: &MachineOptions,
    python: &PythonEnv,
) -> Result<(Tier, Arc<dyn Sandbox>), ExecError> {
    let jail = Jail::best_effort(tiers, python, options.delegated()).await?;
    Ok((jail.tier(), Arc::new(jail)))
}

async fn boxed(options: &MachineOptions, python: &PythonEnv) -> Result<(Tier, Arc<dyn Sandbox>), ExecError> {
    let container = Container::holding(&options.container, python).await?;
    Ok((Tier::Container, Arc::new(container)))
}
