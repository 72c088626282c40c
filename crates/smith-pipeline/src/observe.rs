//! Watching a run: whoever wants to draw progress sees every event right after it was written.

use std::sync::Arc;

use smith_task_schema::{CandidateId, Event, RecordError, Recorder};

use crate::journal::Journal;

/// Sees events as they happen. Must be quick: it runs on the worker that recorded the event.
pub trait Observer: Send + Sync {
    /// One event; index 0 is the dataset itself (profile and brainstorming).
    fn seen(&self, candidate: &CandidateId, event: &Event);
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn seen(&self, _candidate: &CandidateId, _event: &Event) {}
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
        self.observer.seen(&self.candidate, &event);
        Ok(())
    }
}
