//! One dataset of a run: profiled, brainstormed over, and its candidates named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_data::ProfileOptions;
use smith_task_schema::{
    BrainstormInput, BrainstormReport, CandidateId, DatasetProfile, Event, Recorder, Stage, StageContext,
};

use crate::accounts::Purse;
use crate::error::{PipelineError, at};
use crate::fold::CandidateFold;
use crate::journal::{Journal, Line};
use crate::observe::{ObservedJournal, Observer};
use crate::options::RunOptions;
use crate::run_dir::{DatasetEntry, brainstorm_dir, journal_in};
use crate::stages::Stages;
use crate::tree;

/// A dataset that was understood and brainstormed over.
pub(crate) struct Prepared {
    pub(crate) overview: String,
    pub(crate) digest: String,
    pub(crate) licence: Option<String>,
    pub(crate) report: BrainstormReport,
}

/// Why a dataset has no candidates, in words for the caller.
struct Refused(String);

/// Works on one dataset up to its proposals.
pub(crate) struct DatasetWork {
    pub(crate) run: PathBuf,
    pub(crate) entry: DatasetEntry,
    pub(crate) stages: Stages,
    pub(crate) purse: Purse,
    pub(crate) options: RunOptions,
    pub(crate) observer: Arc<dyn Observer>,
}

impl DatasetWork {
    /// Profile, overview, proposals; nothing when the dataset is refused or its budget is used up. What was proposed
    /// before is taken from the journal.
    pub(crate) async fn prepare(&self) -> Result<Option<Prepared>, PipelineError> {
        let dir = brainstorm_dir(&self.run, &self.entry.name);
        let (journal, lines) = Journal::open(&journal_in(&dir))?;
        let candidate = CandidateId { dataset: self.entry.name.clone(), index: 0 };
        let recorder: Arc<dyn Recorder> =
            Arc::new(ObservedJournal { candidate, journal, observer: self.observer.clone() });
        let ended = match self.propose(recorder.clone(), &lines).await {
            Ok(Ok(prepared)) => return Ok(Some(prepared)),
            Ok(Err(Refused(reason))) => Event::DatasetRefused { dataset: self.entry.name.clone(), reason },
            Err(error) => self.purse.spent(&error).ok_or(error)?,
        };
        recorder.record(ended)?;
        Ok(None)
    }

    async fn propose(
        &self,
        recorder: Arc<dyn Recorder>,
        lines: &[Line],
    ) -> Result<Result<Prepared, Refused>, PipelineError> {
        let (profile, digest) = match self.profile().await? {
            Ok(profiled) => profiled,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(changed) = changed_since(lines, &digest) {
            return Err(PipelineError::Mistake(format!(
                "the dataset {} is not what it was when the run began ({changed}); start a new run",
                self.entry.path.display()
            )));
        }
        recorder.record(Event::DatasetProfiled {
            dataset: self.entry.name.clone(),
            digest: digest.clone(),
            bytes: profile.bytes,
        })?;
        if let Err(reason) = smith_data::learnable(&profile) {
            return Ok(Err(Refused(reason)));
        }
        let overview = smith_data::overview(&profile, self.options.overview_bytes);
        let known = lines.iter().find_map(|line| match &line.event {
            Event::Proposed { report, .. } => Some(report.clone()),
            _ => None,
        });
        let report = match known {
            Some(report) => report,
            None => self.brainstorm(&overview, recorder, CandidateFold::of(lines)).await?,
        };
        if report.proposals.is_empty() {
            return Ok(Err(Refused(format!("no task was proposed: {}", report.note.trim()))));
        }
        Ok(Ok(Prepared { overview, digest, licence: profile.licence, report }))
    }

    /// The profile, and the digest of every byte of the dataset.
    async fn profile(&self) -> Result<Result<(DatasetProfile, String), Refused>, PipelineError> {
        let entry = self.entry.clone();
        let work = tokio::task::spawn_blocking(move || {
            let mut options = ProfileOptions::default();
            options.name = Some(entry.name);
            let profile =
                smith_data::profile(&entry.path, &options).map_err(|error| Refused(error.to_string()))?;
            match profile.digest.clone() {
                Some(digest) => Ok((profile, digest)),
                None => Err(unreadable(&entry.path)),
            }
        });
        work.await.map_err(|error| at(&self.entry.path)(std::io::Error::other(error)))
    }

    async fn brainstorm(
        &self,
        overview: &str,
        recorder: Arc<dyn Recorder>,
        fold: CandidateFold,
    ) -> Result<BrainstormReport, PipelineError> {
        let workdir = brainstorm_dir(&self.run, &self.entry.name).join("work");
        tree::remove(&workdir)?;
        std::fs::create_dir_all(&workdir).map_err(at(&workdir))?;
        tree::copy_dataset(&self.entry.path, &workdir.join("raw"))?;
        recorder.record(Event::StageStarted { stage: Stage::Brainstorm, round: 0, attempt: 1 })?;
        let candidate = CandidateId { dataset: self.entry.name.clone(), index: 0 };
        let cx = StageContext::new(
            candidate,
            Stage::Brainstorm,
            workdir.clone(),
            recorder.clone(),
            Arc::new(fold),
        );
        let input = BrainstormInput { overview: overview.to_owned(), max_proposals: self.options.candidates };
        let mut report = self.stages.brainstorm.brainstorm(&cx, input).await?;
        report.proposals.truncate(self.options.candidates as usize);
        recorder.record(Event::Proposed { dataset: self.entry.name.clone(), report: report.clone() })?;
        tree::remove(&workdir.join("raw"))?;
        Ok(report)
    }
}

/// The stages work on copies of the whole dataset, so one file that cannot be read is enough to stop them all.
fn unreadable(dataset: &Path) -> Refused {
    let what = match tree::read_through(dataset) {
        Err(error) => error.to_string(),
        Ok(()) => format!("{}: a part of it could not be read", dataset.display()),
    };
    Refused(format!("{what}; make it readable or take it out of the dataset"))
}

/// What an earlier process saw, when it differs from what is there now.
fn changed_since(lines: &[Line], digest: &str) -> Option<String> {
    lines.iter().find_map(|line| match &line.event {
        Event::DatasetProfiled { digest: then, .. } if then != digest => Some(format!(
            "digest {} then, {} now",
            &then[..then.len().min(12)],
            &digest[..digest.len().min(12)]
        )),
        _ => None,
    })
}
