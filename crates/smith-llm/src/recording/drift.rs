//! Differences that a replay let pass.

use std::sync::{Arc, Mutex, PoisonError};

/// Notes of a replay in another environment than the recording's: requests that matched except for results of
/// programs. Clones are handles of the same log.
#[derive(Debug, Clone, Default)]
pub struct DriftLog {
    notes: Arc<Mutex<Notes>>,
}

#[derive(Debug, Default)]
struct Notes {
    count: u64,
    first: Option<String>,
}

impl DriftLog {
    /// How many requests were let pass.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.read(|notes| notes.count)
    }

    /// What differed in the first of them.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.read(|notes| notes.first.clone())
    }

    pub(super) fn note(&self, difference: impl FnOnce() -> String) {
        self.read(|notes| {
            notes.count += 1;
            notes.first.get_or_insert_with(difference);
        });
    }

    fn read<T>(&self, read: impl FnOnce(&mut Notes) -> T) -> T {
        read(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
