//! What confined a job: the promises of a sandbox, guarantee by guarantee, and what held each of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use smith_task_schema::SandboxRecord;

/// How a job is confined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tier {
    /// Namespaces, a root of the job's own, Landlock where the kernel has it, a filter of system calls.
    Namespaces,
    /// For root without the right to make namespaces, as in Docker: another user, Landlock and the filter.
    User,
    /// For an ordinary user without namespaces: Landlock and the filter.
    Landlock,
    /// A container of Docker's or Podman's.
    Container,
    /// Not at all.
    #[default]
    None,
}

impl Tier {
    /// Those that need nothing but the kernel, from the strongest to the weakest.
    pub const NATIVE: [Self; 3] = [Self::Namespaces, Self::User, Self::Landlock];

    /// As it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::User => "user",
            Self::Landlock => "landlock",
            Self::Container => "container",
            Self::None => "none",
        }
    }
}

/// How the process of a job came to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Launch {
    /// A program was started.
    #[default]
    Spawn,
    /// A worker that had imported its libraries forked.
    Warm,
}

/// What confined a job, as it was read back before the job began. The default is what a job without a sandbox has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Confinement {
    /// How it was confined.
    pub tier: Tier,
    /// How its process came to be.
    pub launch: Launch,
    /// What held each guarantee; one that is missing did not hold.
    pub guards: Guards,
}

impl Confinement {
    /// What confined both of two jobs: of guarantees only those that held for both, by what held both, of tiers the
    /// weaker.
    pub(crate) fn of_both(self, other: &Self) -> Self {
        let tier = self.tier.max(other.tier);
        let launch = if self.launch == Launch::Warm { Launch::Warm } else { other.launch };
        let held = self.guards.0.into_iter().filter_map(|(what, by)| {
            let both = held_both(&by, other.guards.0.get(&what)?);
            Some((what, both))
        });
        Self { tier, launch, guards: Guards(held.collect()) }
    }

    /// For the records of tasks and runs.
    #[must_use]
    pub fn record(&self) -> SandboxRecord {
        let mut record = SandboxRecord::new(self.tier.as_str());
        record.guards =
            self.guards.0.iter().map(|(what, by)| (what.as_str().to_owned(), by.clone())).collect();
        record
    }
}

/// The common parts of what held a guarantee for two jobs; where there are none, each of the two.
fn held_both(one: &str, other: &str) -> String {
    const OR: &str = " or ";
    // More than two jobs are taken together one after the other.
    if one.split(OR).any(|held| held == other) {
        return one.to_owned();
    }
    let common: Vec<&str> =
        one.split('+').filter(|part| other.split('+').any(|held| held == *part)).collect();
    if common.is_empty() { format!("{one}{OR}{other}") } else { common.join("+") }
}

/// What to do about a guarantee that does not hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Run nothing.
    #[default]
    Strict,
    /// Run all the same, and leave it out of the result's guards.
    BestEffort,
}

impl Policy {
    /// A strict policy wants every guarantee.
    ///
    /// # Errors
    /// The first guarantee that is missing.
    pub(crate) fn admit(self, guards: Guards) -> Result<Guards, String> {
        match guards.missing().first() {
            Some(missing) if self == Self::Strict => {
                Err(format!("the guarantee `{}` does not hold on this machine", missing.as_str()))
            }
            _ => Ok(guards),
        }
    }
}

/// What one tier gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TierReport {
    /// Which.
    pub tier: Tier,
    /// Whether jobs run in it with every guarantee, as far as the attempts show.
    pub holds: bool,
    /// What was read back.
    pub guards: Guards,
    /// The step that failed, or what an attempt achieved; empty when all is well.
    pub problem: String,
    /// What can be done about it; empty when nothing is known.
    pub remedy: String,
}

impl TierReport {
    /// Guarantees that do not hold.
    #[must_use]
    pub fn missing(&self) -> Vec<Guarantee> {
        self.guards.missing()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn confinement(tier: Tier, guarantees: &[Guarantee]) -> Confinement {
        let mut guards = Guards::default();
        for guarantee in guarantees {
            guards.set(*guarantee, Held::Enforced("tests".to_owned()));
        }
        Confinement { tier, launch: Launch::Spawn, guards }
    }

    #[test]
    fn what_held_for_both_is_what_is_recorded() {
        let strong = confinement(Tier::Namespaces, &[Guarantee::Reads, Guarantee::Network]);
        let weak = confinement(Tier::Landlock, &[Guarantee::Network]);
        let record = strong.clone().of_both(&weak).record();
        assert_eq!(record.tier, "landlock");
        assert_eq!(record.guards.keys().collect::<Vec<_>>(), ["network"]);
        let unconfined = strong.of_both(&Confinement::default()).record();
        assert_eq!(unconfined, SandboxRecord::new("none"));
    }

    #[test]
    fn nothing_is_recorded_that_held_for_one_alone() {
        for (one, other, both) in [
            ("uid+pidns+seccomp", "pidns+seccomp", "pidns+seccomp"),
            ("watchdog", "rlimit+watchdog", "watchdog"),
            ("pidns", "subreaper", "pidns or subreaper"),
            ("pidns or subreaper", "pidns", "pidns or subreaper"),
        ] {
            assert_eq!(held_both(one, other), both);
        }
    }

    #[test]
    fn a_strict_policy_names_what_is_missing() {
        let guards = confinement(Tier::User, &[Guarantee::Reads]).guards;
        assert!(Policy::Strict.admit(guards.clone()).unwrap_err().contains("`writes`"));
        assert_eq!(Policy::BestEffort.admit(guards.clone()).unwrap(), guards);
    }
}
