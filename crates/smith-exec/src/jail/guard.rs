//! What a sandbox promises, guarantee by guarantee, and what holds each of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One promise about what a job cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Guarantee {
    /// It reads the system and what it was granted, nothing else of this machine.
    Reads,
    /// It writes where it was granted, nowhere else.
    Writes,
    /// It reaches no network and no socket of this machine.
    Network,
    /// It signals, traces and looks into no process but its own. Without namespaces it sees that there are
    /// others, with their command lines.
    Processes,
    /// Nothing of it lives on after it has ended.
    Leftovers,
    /// The number of its processes is bounded.
    Pids,
    /// Its memory is bounded, all processes together.
    Memory,
    /// Its time is bounded, on the clock and on the processors.
    Cpu,
    /// What it writes is bounded.
    Disk,
    /// What it prints is bounded.
    Output,
}

impl Guarantee {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Reads,
        Self::Writes,
        Self::Network,
        Self::Processes,
        Self::Leftovers,
        Self::Pids,
        Self::Memory,
        Self::Cpu,
        Self::Disk,
        Self::Output,
    ];

    /// As it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Network => "network",
            Self::Processes => "processes",
            Self::Leftovers => "leftovers",
            Self::Pids => "pids",
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Disk => "disk",
            Self::Output => "output",
        }
    }
}

/// What holds a guarantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// Read back before the job ran.
    Enforced(String),
    /// Nothing does.
    Not,
}

/// Which guarantees held for a job: those that were read back, by what holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Guards(BTreeMap<Guarantee, String>);

impl Guards {
    pub(crate) fn set(&mut self, guarantee: Guarantee, held: Held) {
        match held {
            Held::Enforced(by) => self.0.insert(guarantee, by),
            Held::Not => self.0.remove(&guarantee),
        };
    }

    /// What holds a guarantee; nothing when it does not hold.
    #[must_use]
    pub fn get(&self, guarantee: Guarantee) -> Option<&str> {
        self.0.get(&guarantee).map(String::as_str)
    }

    /// The guarantees that do not hold.
    #[must_use]
    pub fn missing(&self) -> Vec<Guarantee> {
        Guarantee::ALL.into_iter().filter(|guarantee| !self.0.contains_key(guarantee)).collect()
    }
}

impl fmt::Display for Guards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held: Vec<String> = self.0.iter().map(|(what, by)| format!("{}={by}", what.as_str())).collect();
        f.write_str(&held.join(" "))
    }
}
