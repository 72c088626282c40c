//! Which Python and which installer build an environment, and when none needs to.

use super::build::Builder;
use super::cache::Slot;
use super::find::{self, Interpreter, Need};
use super::installer::Installer;
use super::source::{EnvProfile, EnvSource, Recipe};
use super::uv::{self, Pin};
use super::{ProfileReport, ProvisionProgress, PythonEnv, PythonOptions, PythonReport};
use crate::ExecError;

/// One request for an environment.
pub(super) struct Provision<'a> {
    pub(super) options: &'a PythonOptions,
    pub(super) recipe: Recipe,
    pub(super) pin: Pin<'a>,
    pub(super) progress: &'a dyn ProvisionProgress,
}

impl Provision<'_> {
    pub(super) async fn ensure(&self) -> Result<PythonEnv, ExecError> {
        let python = find::interpreter(self.options, Need::Base).await?;
        if let Some(ready) = self.slot(&python)?.checked().await {
            return Ok(ready);
        }
        if let Some(uv) = uv::known(self.options, self.pin).await {
            return self.build_by_uv(uv, &python).await;
        }
        // A Python that builds by itself may have done so in an earlier run, when uv could not be fetched either.
        if !python.can_make_venv
            && let Ok(other) = find::interpreter(self.options, Need::Venv).await
            && let Some(ready) = self.slot(&other)?.checked().await
        {
            return Ok(ready);
        }
        self.progress.step(0, self.recipe.lock.names().len() as u64 + 3, "fetching uv");
        match uv::fetch(self.options, self.pin, &python).await {
            Ok(uv) => self.build_by_uv(uv, &python).await,
            Err(why) => self.build_without_uv(python, &why).await,
        }
    }

    /// pip reads settings that uv does not know, so that it may reach packages where uv did not.
    async fn build_by_uv(
        &self,
        uv: std::path::PathBuf,
        python: &Interpreter,
    ) -> Result<PythonEnv, ExecError> {
        match self.build(&Installer::Uv(uv), python).await {
            Err(ExecError::Offline { what, .. }) if python.can_make_venv && !self.options.offline => {
                tracing::warn!(what, "uv could not fetch the packages; pip is tried");
                self.build(&Installer::Pip, python).await
            }
            ended => ended,
        }
    }

    async fn build_without_uv(&self, python: Interpreter, why: &str) -> Result<PythonEnv, ExecError> {
        tracing::warn!(why, "uv could not be fetched; the environment is made by venv and pip");
        let python = if python.can_make_venv { python } else { with_venv(self.options, why).await? };
        self.build(&Installer::Pip, &python).await
    }

    async fn build(&self, installer: &Installer, python: &Interpreter) -> Result<PythonEnv, ExecError> {
        let slot = self.slot(python)?;
        let _lock = slot.lock().await?;
        // Another process may have built it while we waited for the lock.
        if let Some(ready) = slot.checked().await {
            return Ok(ready);
        }
        let (options, progress) = (self.options, self.progress);
        Builder { options, installer, python, slot: &slot, progress }.build().await
    }

    fn slot(&self, python: &Interpreter) -> Result<Slot<'_>, ExecError> {
        Slot::new(&self.options.cache_dir, python, &self.recipe)
    }
}

/// The first Python that makes environments by itself; `why` there is no uv, which would make them for others.
async fn with_venv(options: &PythonOptions, why: &str) -> Result<Interpreter, ExecError> {
    find::interpreter(options, Need::Venv).await.map_err(|error| match error {
        ExecError::NoPython(text) => ExecError::NoPython(format!("{text}\n  uv could not be fetched: {why}")),
        other => other,
    })
}

/// What would be done, without doing it.
pub(super) async fn look(options: &PythonOptions) -> Result<PythonReport, ExecError> {
    let recipe = Recipe::read(&options.source)?;
    let pin = Pin::ours();
    let mut python = find::interpreter(options, Need::Base).await?;
    let installer = match uv::known(options, pin).await {
        Some(uv) => uv.display().to_string(),
        None => match uv::can_be_fetched(options, &python) {
            Ok(()) => format!("uv {}, to be fetched", pin.version()),
            Err(why) => {
                if !python.can_make_venv {
                    python = with_venv(options, &why).await?;
                }
                "venv and pip".to_owned()
            }
        },
    };
    let slot = Slot::new(&options.cache_dir, &python, &recipe)?;
    Ok(PythonReport {
        ready: slot.checked().await.is_some(),
        env: options.source.to_string(),
        installer,
        environment: slot.dir(),
        profiles: profiles(options, &python)?,
        version: python.version,
        interpreter: python.executable,
    })
}

fn profiles(options: &PythonOptions, python: &Interpreter) -> Result<Vec<ProfileReport>, ExecError> {
    let report = |profile: EnvProfile| {
        let recipe = Recipe::read(&EnvSource::Profile(profile))?;
        let ready = Slot::new(&options.cache_dir, python, &recipe)?.is_built();
        Ok(ProfileReport { name: profile.as_str().to_owned(), ready })
    };
    EnvProfile::ALL.into_iter().map(report).collect()
}
