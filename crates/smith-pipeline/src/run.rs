//! A whole run: datasets and their candidates side by side.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_exec::Runtime;
use smith_task_schema::manifest::Provenance;
use smith_task_schema::{CandidateId, Event, Proposal, Recorder, StageError, Verdict};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::accounts::Accounts;
use crate::candidate::{Candidate, Decision};
use crate::dataset::{DatasetWork, Prepared};
use crate::error::PipelineError;
use crate::fold::CandidateFold;
use crate::journal::Journal;
use crate::observe::{ObservedJournal, Observer, show_earlier, the_run};
use crate::options::RunOptions;
use crate::package::{self, Packages};
use crate::run_dir::{DatasetEntry, RunDir, candidate_dir, journal_in, run_journal};
use crate::stages::StageSource;

/// Works on every dataset of the run until each candidate is decided, and leaves journals and packages.
///
/// A fault stops only the candidate that it hits, and so does the spent budget of a candidate; that of a dataset stops
/// what is left of it. A mistake of the caller or the spent budget of the run stops the run in order. Either way everything
/// that was finished stays, and the run can be resumed.
///
/// # Errors
/// The first mistake, or the spent budget, or a journal that cannot be written.
pub async fn run(
    dir: &RunDir,
    stages: impl StageSource + 'static,
    runtime: Runtime,
    options: RunOptions,
    observer: Arc<dyn Observer>,
) -> Result<(), PipelineError> {
    if dir.is_resumed() {
        show_earlier(dir, observer.as_ref())?;
    }
    let (journal, _) = Journal::open(&run_journal(dir.path()))?;
    let candidate = the_run();
    let recorder: Arc<dyn Recorder> =
        Arc::new(ObservedJournal { candidate, journal, observer: observer.clone() });
    recorder.record(Event::RunOpened {
        program: program(),
        config: serde_json::to_value(dir.config()).unwrap_or_default(),
    })?;
    let shared = Arc::new(Shared {
        run: dir.path().to_path_buf(),
        model: dir.config().model.clone(),
        prefixes: package::prefixes(&dir.config().datasets),
        stages: Box::new(stages),
        accounts: Accounts::open(dir, &options.budget)?,
        runtime,
        places: Semaphore::new(options.concurrency.max(1)),
        options,
        observer,
        recorder,
    });
    let mut work = JoinSet::new();
    for entry in dir.config().datasets.clone() {
        work.spawn(dataset(shared.clone(), entry));
    }
    let ended = join(work).await;
    let outcome = match &ended {
        Ok(()) => "done",
        Err(error) if error.is_budget() => "budget",
        Err(error) if error.is_mistake() => "mistake",
        Err(_) => "fault",
    };
    shared.recorder.record(Event::RunClosed { outcome: outcome.to_owned() })?;
    ended
}

/// Name and version, as it stands in journals and manifests.
pub(crate) fn program() -> String {
    format!("smith {}", env!("CARGO_PKG_VERSION"))
}

struct Shared {
    run: PathBuf,
    model: String,
    /// How the names of packages begin, by dataset.
    prefixes: HashMap<String, String>,
    stages: Box<dyn StageSource>,
    accounts: Accounts,
    runtime: Runtime,
    options: RunOptions,
    places: Semaphore,
    observer: Arc<dyn Observer>,
    recorder: Arc<dyn Recorder>,
}

/// Waits for all. A spent budget lets the others come to their own end, so that no answer that is paid for
/// is lost on its way; every other error that concerns the whole run stops them.
async fn join(mut work: JoinSet<Result<(), PipelineError>>) -> Result<(), PipelineError> {
    let mut outcome = Ok(());
    while let Some(ended) = work.join_next().await {
        let result = ended.unwrap_or_else(|error| {
            Err(PipelineError::Io { path: PathBuf::from("worker"), source: std::io::Error::other(error) })
        });
        match result {
            Ok(()) => {}
            Err(error) if error.is_budget() => outcome = Err(error),
            Err(error) => {
                work.shutdown().await;
                return Err(error);
            }
        }
    }
    outcome
}

async fn dataset(shared: Arc<Shared>, entry: DatasetEntry) -> Result<(), PipelineError> {
    let prepared = {
        let _place = place(&shared).await;
        let id = CandidateId { dataset: entry.name.clone(), index: 0 };
        let purse = shared.accounts.purse(&id);
        let work = DatasetWork {
            run: shared.run.clone(),
            entry: entry.clone(),
            stages: shared.stages.stages(&id, &purse.account),
            purse,
            options: shared.options.clone(),
            observer: shared.observer.clone(),
        };
        work.prepare().await
    };
    let prepared = match prepared {
        Ok(Some(prepared)) => Arc::new(prepared),
        Ok(None) => return Ok(()),
        Err(error) if stops_the_run(&error) => return Err(error),
        Err(error) => {
            return Ok(shared
                .recorder
                .record(Event::Faulted { message: format!("{}: {error}", entry.name) })?);
        }
    };
    let mut work = JoinSet::new();
    for (index, proposal) in (1..).zip(prepared.report.proposals.clone()) {
        let id = CandidateId { dataset: entry.name.clone(), index };
        work.spawn(candidate(shared.clone(), entry.clone(), prepared.clone(), id, proposal));
    }
    join(work).await
}

async fn place(shared: &Shared) -> Option<tokio::sync::SemaphorePermit<'_>> {
    // The semaphore is never closed.
    shared.places.acquire().await.ok()
}

async fn candidate(
    shared: Arc<Shared>,
    entry: DatasetEntry,
    prepared: Arc<Prepared>,
    id: CandidateId,
    proposal: Proposal,
) -> Result<(), PipelineError> {
    let dir = candidate_dir(&shared.run, &id.dataset, id.index);
    let (journal, lines) = Journal::open(&journal_in(&dir))?;
    let fold = Arc::new(CandidateFold::of(&lines));
    if fold.closed.is_some() {
        return Ok(());
    }
    let _place = place(&shared).await;
    let recorder: Arc<dyn Recorder> =
        Arc::new(ObservedJournal { candidate: id.clone(), journal, observer: shared.observer.clone() });
    let purse = shared.accounts.purse(&id);
    if let Some(skipped) = purse.skipped() {
        return Ok(recorder.record(skipped)?);
    }
    let candidate = Candidate {
        id: id.clone(),
        dir,
        dataset: entry.path,
        overview: prepared.overview.clone(),
        proposal: proposal.clone(),
        stages: shared.stages.stages(&id, &purse.account),
        runtime: shared.runtime.clone(),
        options: shared.options.clone(),
        recorder: recorder.clone(),
        fold,
    };
    let closed = match candidate.decide().await {
        Ok(decision) => close(&shared, &prepared, &id, &proposal, &decision),
        Err(error) => Err(error),
    };
    let event = match closed {
        Ok(event) => event,
        Err(error) => match purse.spent(&error) {
            Some(spent) => spent,
            None if stops_the_run(&error) => return Err(error),
            // The candidate stays open: a fault of the machine is never held against it.
            None => Event::Faulted { message: error.to_string() },
        },
    };
    Ok(recorder.record(event)?)
}

fn close(
    shared: &Shared,
    prepared: &Prepared,
    id: &CandidateId,
    proposal: &Proposal,
    decision: &Decision,
) -> Result<Event, PipelineError> {
    let provenance = Provenance {
        dataset: id.dataset.clone(),
        dataset_digest: prepared.digest.clone(),
        licence: prepared.licence.clone(),
        model: without_folder(&shared.model),
        generator: program(),
    };
    let prefix = shared.prefixes.get(&id.dataset).map_or(id.dataset.as_str(), String::as_str);
    let package = Packages { run: &shared.run, prefix, provenance }.write(id, proposal, decision)?;
    let (verdict, reason) = match decision {
        Decision::Accepted { .. } => (Verdict::Accepted, String::new()),
        Decision::Rejected { reason, .. } => (Verdict::Rejected, reason.clone()),
    };
    Ok(Event::CandidateClosed { verdict, reason, package })
}

/// A package names the recording it was made from, not the folder in which that lay.
fn without_folder(model: &str) -> String {
    match model.strip_prefix("replay:").map(Path::new).and_then(Path::file_name) {
        Some(name) => format!("replay:{}", name.to_string_lossy()),
        None => model.to_owned(),
    }
}

/// Mistakes, a spent budget and a journal that cannot be written concern every candidate alike.
fn stops_the_run(error: &PipelineError) -> bool {
    error.is_mistake()
        || error.is_budget()
        || matches!(error, PipelineError::Record(_) | PipelineError::Stage(StageError::Record(_)))
}
