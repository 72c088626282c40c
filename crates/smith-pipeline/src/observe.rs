//! Watching a run: whoever wants to draw progress sees every event right after it was written.

use std::sync::Arc;

use smith_task_schema::{CandidateId, Event, RecordError, Recorder};

use crate::error::PipelineError;
use crate::journal::{self, Journal, Line};
use crate::run_dir::{RunDir, brainstorm_dir, candidate_dir, journal_in, run_journal};
use crate::summary::proposals;

/// An event as an observer sees it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Seen<'a> {
    /// Whose event it is. Index 0 is the dataset itself (profile and brainstorming); events of the run as a
    /// whole have no dataset.
    pub candidate: &'a CandidateId,
    /// What happened.
    pub event: &'a Event,
    /// True for what an earlier process of the run wrote.
    pub earlier: bool,
}

/// Sees every event of a run. When a run is resumed, it first sees what the journals hold already, journal by
/// journal and each in its order; then events as they happen, in the order in which they were written.
/// Must be quick: it runs on the worker that recorded the event.
pub trait Observer: Send + Sync {
    /// One event.
    fn seen(&self, seen: Seen<'_>);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn seen(&self, _seen: Seen<'_>) {}
}

/// Whose events those of the run as a whole are.
pub(crate) fn the_run() -> CandidateId {
    CandidateId { dataset: String::new(), index: 0 }
}

/// Shows what earlier processes wrote: the run's own journal, then dataset by dataset its brainstorming and
/// its candidates.
pub(crate) fn show_earlier(dir: &RunDir, observer: &dyn Observer) -> Result<(), PipelineError> {
    let run = dir.path();
    let show = |candidate: &CandidateId, lines: &[Line]| {
        for line in lines {
            observer.seen(Seen { candidate, event: &line.event, earlier: true });
        }
    };
    show(&the_run(), &journal::read(&run_journal(run))?);
    for entry in &dir.config().datasets {
        let id = |index| CandidateId { dataset: entry.name.clone(), index };
        let lines = journal::read(&journal_in(&brainstorm_dir(run, &entry.name)))?;
        show(&id(0), &lines);
        for (index, _) in (1..).zip(proposals(&lines)) {
            show(&id(index), &journal::read(&journal_in(&candidate_dir(run, &entry.name, index)))?);
        }
    }
    Ok(())
}

/// A journal whose events are shown to an observer after they are safe.
pub(crate) struct ObservedJournal {
    pub(crate) candidate: CandidateId,
    pub(crate) journal: Journal,
    pub(crate) observer: Arc<dyn Observer>,
}

impl Recorder for ObservedJournal {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        self.journal.record(event.clone())?;
        self.observer.seen(Seen { candidate: &self.candidate, event: &event, earlier: false });
        Ok(())
    }
}
