//! One Python environment and one sandbox: the pair that runs a task's code.

mod preparing;
mod scorer;
mod scoring;
mod scrub;
mod seeded;
pub(crate) mod space;
mod trials;
mod warm;
mod way;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use smith_task_schema::SandboxRecord;

pub use self::preparing::{PrepareHow, Prepared};
pub use self::scorer::Scorer;
use self::scrub::Scrubber;
pub(crate) use self::space::Scratch;
use self::space::Space;
use self::way::Way;
use crate::queue::Queue;
use crate::{Confinement, ExecError, Job, JobResult, JobStatus, Limits, PythonEnv, Sandbox, Scoring};

/// Runs a task's code: scripts, snippets, shell commands, `prepare.py` and `metric.py`.
///
/// Every run gets the same small environment (nothing is inherited) and a fresh home and temporary
/// directory. The text that comes back names no path of this machine: the working directory is `.`,
/// the Python environment `<python>`, the temporary directory `<tmp>`. Cloning is cheap.
#[derive(Clone)]
pub struct Runtime {
    python: Arc<PythonEnv>,
    sandbox: Arc<dyn Sandbox>,
    limits: Limits,
    /// What confined every job so far, shared by all clones.
    confinement: Arc<Mutex<Option<Confinement>>>,
    scratch: Scratch,
}

impl Runtime {
    /// A runtime with default limits.
    #[must_use]
    pub fn new(python: PythonEnv, sandbox: Arc<dyn Sandbox>) -> Self {
        Self {
            python: Arc::new(python),
            sandbox,
            limits: Limits::default(),
            scratch: Scratch::default(),
            confinement: Arc::default(),
        }
    }

    /// What confined every program that this runtime and its clones have run so far; nothing when there was none.
    #[must_use]
    pub fn confinement(&self) -> Option<Confinement> {
        self.confinement.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// [`confinement`](Self::confinement) for the records of tasks and runs.
    #[must_use]
    pub fn sandbox_record(&self) -> Option<SandboxRecord> {
        self.confinement().map(|confinement| confinement.record())
    }

    /// The same runtime with other limits for [`prepare`](Self::prepare) and [`score`](Self::score).
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same runtime with its temporary directories in `scratch`, an absolute path, instead of the system's place
    /// for them. Whoever owns that directory can then clear up after a process that was killed.
    #[must_use]
    pub fn with_scratch(mut self, scratch: &Path) -> Self {
        self.scratch = Scratch::within(scratch);
        self
    }

    /// The same runtime, in which at most `programs` (at least one) run at once; the others wait in the order in
    /// which they came, and waiting does not count against their limits. Clones wait in the same queue. Workers
    /// that have nothing to do are not counted.
    #[must_use]
    pub fn with_at_most(mut self, programs: usize) -> Self {
        self.sandbox = Arc::new(Queue::new(self.sandbox, programs));
        self
    }

    pub(crate) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// Limits of [`prepare`](Self::prepare) and [`score`](Self::score).
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The Python environment.
    #[must_use]
    pub fn python(&self) -> &PythonEnv {
        &self.python
    }

    /// Runs the Python script `script` (relative to `workdir`, or absolute) in `workdir`.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn run_file(
        &self,
        workdir: &Path,
        script: &Path,
        args: &[&str],
        limits: Limits,
    ) -> Result<JobResult, ExecError> {
        let space = Space::new(&self.scratch)?;
        let workdir = absolute(workdir)?;
        let mut argv = self.python_and(workdir.join(script));
        argv.extend(args.iter().map(OsString::from));
        self.run_in_workdir(&space, workdir, argv, limits).await
    }

    /// Runs Python source in `workdir`, as a script that can import what lies there.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn run_code(&self, workdir: &Path, code: &str, limits: Limits) -> Result<JobResult, ExecError> {
        let space = Space::new(&self.scratch)?;
        let script = space.path().join("program.py");
        std::fs::write(&script, code).map_err(ExecError::io(&script))?;
        self.run_in_workdir(&space, absolute(workdir)?, self.python_and(script), limits).await
    }

    /// Runs a shell command in `workdir`, with bash when there is one. `python` is the environment's.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all.
    pub async fn run_shell(
        &self,
        workdir: &Path,
        command: &str,
        limits: Limits,
    ) -> Result<JobResult, ExecError> {
        let space = Space::new(&self.scratch)?;
        let bash = ["/bin/bash", "/usr/bin/bash"].into_iter().find(|path| Path::new(path).is_file());
        let argv = [bash.unwrap_or("/bin/sh"), "-c", command].map(OsString::from).to_vec();
        self.run_in_workdir(&space, absolute(workdir)?, argv, limits).await
    }

    /// Validates and scores `submissions` against `answers` with the class that `metric` defines. Each
    /// submission gets a fresh instance and freshly read tables.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    pub async fn score(
        &self,
        metric: &Path,
        answers: &Path,
        submissions: &[PathBuf],
    ) -> Result<Scoring, ExecError> {
        self.score_against(metric, &[(answers.to_path_buf(), submissions.to_vec())]).await
    }

    /// [`score`](Self::score) with several answers in one process, each with the submissions that are compared with
    /// it. The scores stand in the order of all submissions.
    ///
    /// # Errors
    /// [`ExecError`] when it could not be run at all. What the metric raises is in the result.
    pub async fn score_against(
        &self,
        metric: &Path,
        compared: &[(PathBuf, Vec<PathBuf>)],
    ) -> Result<Scoring, ExecError> {
        self.score_by(&mut Way::Cold, metric, compared).await
    }

    async fn score_by(
        &self,
        way: &mut Way<'_>,
        metric: &Path,
        compared: &[(PathBuf, Vec<PathBuf>)],
    ) -> Result<Scoring, ExecError> {
        let place = way.place(self)?;
        let (result, metric) = (place.path().join("result.json"), absolute(metric)?);
        let (mut paired, mut files, mut submissions) = (Vec::new(), vec![metric.clone()], 0);
        for (answers, compared) in compared {
            if !paired.is_empty() {
                paired.push(PathBuf::from("--answers"));
            }
            submissions += compared.len();
            for path in std::iter::once(answers).chain(compared) {
                let path = absolute(path)?;
                paired.push(path.clone());
                files.push(path);
            }
        }
        let mut argv = vec![self.python.helper("run_score.py"), result.clone(), metric];
        argv.extend(paired);
        let mut names: Vec<_> = files.iter().rev().map(|path| (parent(path), ".")).collect();
        names.dedup();
        names.push((place.path().to_path_buf(), "<tmp>"));
        let scrubber = self.scrubber_of(&names);
        let ended = way.run(self, place.path(), argv, &files).await?;
        Ok(scoring::read(&result, &ended, submissions, &scrubber))
    }

    /// Runs `argv` in `workdir`, which it may write.
    async fn run_in_workdir(
        &self,
        space: &Space,
        workdir: PathBuf,
        argv: Vec<OsString>,
        limits: Limits,
    ) -> Result<JobResult, ExecError> {
        let job = Job {
            argv,
            env: space.environment(&self.python, Some(&workdir), &PrepareHow::default()),
            limits,
            readable: self.readable([]),
            writable: vec![workdir.clone(), space.path().to_path_buf()],
            replicas: Vec::new(),
            cwd: workdir.clone(),
        };
        self.run_scrubbed(job, self.scrubber(space, &[(workdir, ".")])).await
    }

    async fn run_scrubbed(&self, job: Job, scrubber: Scrubber) -> Result<JobResult, ExecError> {
        let mut result = self.run_job(job).await?;
        for stream in [&mut result.stdout, &mut result.stderr] {
            stream.text = scrubber.scrub(&stream.text);
        }
        Ok(result)
    }

    /// What the machine or the sandbox could not do is never held against a program.
    async fn run_job(&self, job: Job) -> Result<JobResult, ExecError> {
        let result = self.sandbox.run(job).await?;
        match result.status {
            JobStatus::SandboxError | JobStatus::InfraError => {
                let said = result.stderr.text.trim();
                Err(ExecError::NotRun { message: format!("{} ({said})", result.status) })
            }
            _ => {
                self.note(&result.confinement);
                Ok(result)
            }
        }
    }

    fn note(&self, confinement: &Confinement) {
        let mut known = self.confinement.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(match known.take() {
            Some(before) => before.of_both(confinement),
            None => confinement.clone(),
        });
    }

    /// The interpreter and its first argument.
    fn python_and(&self, script: impl AsRef<OsStr>) -> Vec<OsString> {
        vec![self.python.interpreter().into(), script.as_ref().to_owned()]
    }

    /// What a program may read. A sandbox cannot give the same file twice, as when answers are scored as a submission.
    fn readable(&self, more: impl IntoIterator<Item = PathBuf>) -> Vec<PathBuf> {
        let mut given = HashSet::new();
        self.python.parts().into_iter().chain(more).filter(|path| given.insert(path.clone())).collect()
    }

    fn scrubber(&self, space: &Space, names: &[(PathBuf, &str)]) -> Scrubber {
        let names: Vec<(PathBuf, &str)> =
            names.iter().cloned().chain([(space.path().to_path_buf(), "<tmp>")]).collect();
        self.scrubber_of(&names)
    }

    fn scrubber_of(&self, names: &[(PathBuf, &str)]) -> Scrubber {
        let library = self.python.stdlib().file_name().unwrap_or_default().to_string_lossy();
        let library = format!("<python>/lib/{library}");
        let mut all: Vec<(&Path, &str)> = names.iter().map(|(path, name)| (path.as_path(), *name)).collect();
        all.push((self.python.prefix(), "<python>"));
        all.push((self.python.stdlib(), &library));
        Scrubber::new(&all)
    }
}

fn absolute(path: &Path) -> Result<PathBuf, ExecError> {
    std::path::absolute(path).map_err(ExecError::io(path))
}

/// The folder of a file; of the root, the root.
fn parent(file: &Path) -> PathBuf {
    file.parent().unwrap_or(file).to_path_buf()
}
