//! What the endpoint did and charged, and which of its answers arrived.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;

/// The endpoint's books.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Requests by agent and step.
    attempts: BTreeMap<(u64, u32), u32>,
    /// Faults in the order in which they were met, by agent and step.
    met: Vec<(Fault, u64, u32)>,
    /// Charged answers, numbered from 1: agent, step and tokens (input, cached ones among them, output).
    charged: Vec<(u64, u32, (u64, u64, u64))>,
    /// Which answer arrived, by agent and step.
    arrived: BTreeMap<(u64, u32), u64>,
    /// What was wrong with conversations, and answers that arrived where they should not.
    pub problems: Vec<String>,
}

/// How often a fault was met, and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Answers that met it.
    pub injected: usize,
    /// Those after which the step got its answer.
    pub recovered: usize,
}

impl Ledger {
    /// Requests in all.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.attempts.values().sum()
    }

    /// How often one fault was met.
    #[must_use]
    pub fn count(&self, fault: Fault) -> Count {
        let met = || self.met.iter().filter(move |(found, ..)| *found == fault);
        let recovered = met().filter(|(_, agent, step)| self.arrived.contains_key(&(*agent, *step)));
        Count { injected: met().count(), recovered: recovered.count() }
    }

    /// Tokens (input, cached ones among them, output) of the answer that an agent was given at a step.
    #[must_use]
    pub fn given(&self, agent: u64, step: u32) -> Option<(u64, u64, u64)> {
        self.arrived.get(&(agent, step)).map(|serial| self.usage_of(*serial))
    }

    /// Tokens of all charged answers that nobody was given.
    #[must_use]
    pub fn lost(&self) -> Vec<(u64, u64, u64)> {
        let arrived: BTreeSet<u64> = self.arrived.values().copied().collect();
        let numbered = (1_u64..).zip(&self.charged);
        numbered.filter(|(serial, _)| !arrived.contains(serial)).map(|(_, (.., usage))| *usage).collect()
    }

    /// Counts a request and gives its number within the step, from 1.
    pub(super) fn attempt(&mut self, agent: u64, step: u32) -> u32 {
        let attempts = self.attempts.entry((agent, step)).or_default();
        *attempts += 1;
        *attempts
    }

    pub(super) fn met(&mut self, fault: Fault, agent: u64, step: u32) {
        self.met.push((fault, agent, step));
    }

    /// Charges for an answer and gives its number.
    pub(super) fn charge(&mut self, agent: u64, step: u32, usage: (u64, u64, u64)) -> u64 {
        self.charged.push((agent, step, usage));
        self.charged.len() as u64
    }

    /// Tokens of a charged answer.
    pub(super) fn usage_of(&self, serial: u64) -> (u64, u64, u64) {
        self.charge_of(serial).map(|(.., usage)| *usage).unwrap_or_default()
    }

    fn charge_of(&self, serial: u64) -> Option<&(u64, u32, (u64, u64, u64))> {
        self.charged.get(usize::try_from(serial.checked_sub(1)?).ok()?)
    }

    /// Notes that an answer was found in a conversation.
    pub(super) fn arrived(&mut self, agent: u64, step: u32, serial: u64) {
        if self.charge_of(serial).is_none_or(|(of, at, _)| (*of, *at) != (agent, step)) {
            self.problems.push(format!("agent {agent}, step {step}: answer {serial} was for somebody else"));
        }
        let known = *self.arrived.entry((agent, step)).or_insert(serial);
        if known != serial {
            self.problems.push(format!("agent {agent}, step {step}: answers {known} and {serial}"));
        }
    }
}
