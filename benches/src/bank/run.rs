//! Building a case and verifying it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use smith_core::assert::Catalogue;
use smith_core::exec::{JobResult, JobStatus, Limits, PrepareHow, Runtime};
use smith_core::schema::{Finding, Layer, TaskLayout, Verdict};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::case::{Bank, BankError, Case, Defect, Weight};
use super::plant;
use super::table::LAYERS;

/// Cases that are built and verified at once.
const AT_ONCE: usize = 2;

/// The tasks of the bank are small: what runs longer never ends.
const LONGEST: Duration = Duration::from_secs(40);

/// The part of verification's report that the bank counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Whether the task was rejected.
    pub rejected: bool,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Wall time of verification.
    pub seconds: f64,
}

/// What verification says of a case, or why the case could not be built.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The case.
    pub case: Case,
    /// The report, or what is broken in the bank or on this machine.
    pub outcome: Result<Verified, BankError>,
}

/// Where cases are built, and what runs their programs.
#[derive(Clone)]
pub struct Workshop {
    bank: Arc<Bank>,
    runtime: Runtime,
    folder: PathBuf,
    keeps: bool,
    quick: bool,
}

impl Workshop {
    /// Builds each case in a directory of its own below `folder`, and leaves it there when `keeps`.
    #[must_use]
    pub fn new(bank: Bank, runtime: Runtime, folder: &Path, keeps: bool) -> Self {
        let limits = Limits { wall: LONGEST, ..Limits::default() };
        let runtime = runtime.with_limits(limits);
        Self { bank: Arc::new(bank), runtime, folder: folder.to_path_buf(), keeps, quick: false }
    }

    /// A must-reject defect is verified only until it is rejected, its own layer first.
    #[must_use]
    pub fn quick(mut self, quick: bool) -> Self {
        self.quick = quick;
        self
    }

    /// Judges all cases, two at a time, and hands each to `done` as soon as it is judged. They are returned in the order
    /// of `cases`.
    pub async fn judge_all(&self, cases: Vec<Case>, mut done: impl FnMut(&Judged)) -> Vec<Judged> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (send, mut receive) = mpsc::unbounded_channel();
        let mut running = JoinSet::new();
        for (index, case) in cases.iter().cloned().enumerate() {
            let (shop, places, send) = (self.clone(), Arc::clone(&places), send.clone());
            running.spawn(async move {
                // The semaphore is never closed.
                let _place = places.acquire().await;
                let outcome = shop.judge(&case).await;
                // Nobody listens any more when the caller is gone.
                let _ = send.send((index, Judged { case, outcome }));
            });
        }
        drop(send);
        let mut judged: Vec<Option<Judged>> = cases.iter().map(|_| None).collect();
        while let Some((index, one)) = receive.recv().await {
            done(&one);
            if let Some(place) = judged.get_mut(index) {
                *place = Some(one);
            }
        }
        let stopped = || Err(BankError("verification stopped with a panic".to_owned()));
        let or_stopped =
            |(one, case): (Option<Judged>, Case)| one.unwrap_or_else(|| Judged { case, outcome: stopped() });
        judged.into_iter().zip(cases).map(or_stopped).collect()
    }

    async fn judge(&self, case: &Case) -> Result<Verified, BankError> {
        let root = self.folder.join(case.name());
        let built = self.build(case, &root).await;
        let verified = match built {
            Ok(()) => self.verify(case, &root).await,
            Err(error) => Err(error),
        };
        if !self.keeps {
            // What cannot be removed now goes with the folder around it.
            let _ = std::fs::remove_dir_all(&root);
        }
        verified
    }

    async fn verify(&self, case: &Case, root: &Path) -> Result<Verified, BankError> {
        let runtime = Some(self.runtime.clone());
        let must_reject = case.defect.as_deref().filter(|defect| defect.severity == Weight::MustReject);
        let report = match must_reject.filter(|_| self.quick) {
            Some(defect) => {
                let layers = own_first(defect.layer);
                smith_core::verify_until_rejected(root, runtime, Catalogue::post_refactor(), &layers).await
            }
            None => smith_core::verify(root, runtime).await,
        };
        let report = report.map_err(|error| BankError(format!("not verified: {error}")))?;
        let rejected = report.verdict == Verdict::Rejected;
        Ok(Verified { rejected, findings: report.findings, seconds: report.seconds })
    }

    /// The planted task as somebody would hand it in: sources, prepared data, and the description beside the data.
    async fn build(&self, case: &Case, root: &Path) -> Result<(), BankError> {
        let layout = plant::copy_sound(&self.bank, case, root)?;
        let Some(defect) = &case.defect else { return self.prepare(&layout).await };
        if defect.sound_data {
            self.prepare(&layout).await?;
            plant::plant_in_sources(defect, &case.task, &layout)?;
        } else {
            plant::plant_in_sources(defect, &case.task, &layout)?;
            self.prepare(&layout).await?;
        }
        plant::plant_in_data(defect, &layout)?;
        self.run_script(defect, &layout).await
    }

    /// Runs `prepare.py`, and copies the description into the public data, as MLE-Dojo does.
    async fn prepare(&self, layout: &TaskLayout) -> Result<(), BankError> {
        for folder in [&layout.public, &layout.private] {
            std::fs::create_dir_all(folder).map_err(|error| BankError::io("create", folder, &error))?;
        }
        let how = PrepareHow::default();
        let prepared =
            self.runtime.prepare(&layout.prepare, &layout.raw, &layout.public, &layout.private, &how).await;
        must_be_well("prepare.py", &prepared.map_err(|error| BankError(error.to_string()))?)?;
        if !layout.description.is_file() {
            return Ok(());
        }
        let copied = std::fs::copy(&layout.description, layout.public.join("description.txt"));
        copied.map(|_| ()).map_err(|error| BankError::io("copy", &layout.description, &error))
    }

    async fn run_script(&self, defect: &Defect, layout: &TaskLayout) -> Result<(), BankError> {
        let Some(code) = plant::script(defect, layout)? else { return Ok(()) };
        let limits = self.runtime.limits();
        let ended = self.runtime.run_code(&layout.root, &code, limits).await;
        must_be_well("plant.py", &ended.map_err(|error| BankError(error.to_string()))?)
    }
}

/// All layers, this one before the others.
fn own_first(own: Layer) -> Vec<Layer> {
    let others = LAYERS.into_iter().filter(|layer| *layer != own);
    std::iter::once(own).chain(others).collect()
}

fn must_be_well(what: &str, ended: &JobResult) -> Result<(), BankError> {
    match &ended.status {
        JobStatus::Ok => Ok(()),
        status => Err(BankError(format!("{what} ended with {status:?}: {}", ended.stderr.text.trim()))),
    }
}
