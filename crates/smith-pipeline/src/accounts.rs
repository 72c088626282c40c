//! Who pays: an account for the run, in it one for each dataset, in that one for each candidate. What earlier processes
//! of the run spent is taken from the journals into all of them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use smith_llm::{Budget, MicroUsd};
use smith_task_schema::{BudgetLevel, CandidateId, Event};

use crate::error::PipelineError;
use crate::fold::CandidateFold;
use crate::journal;
use crate::options::BudgetLimits;
use crate::run_dir::{RunDir, brainstorm_dir, candidate_dir, journal_in};
use crate::summary::proposals;

/// The accounts of a run.
pub(crate) struct Accounts {
    run: Budget,
    per_candidate: Option<MicroUsd>,
    datasets: HashMap<String, DatasetAccount>,
}

struct DatasetAccount {
    budget: Budget,
    /// What earlier processes spent, by candidate.
    spent: HashMap<u32, MicroUsd>,
    stopped: Arc<OnceLock<String>>,
}

/// What one candidate, or the proposing for a dataset, is paid from.
pub(crate) struct Purse {
    pub(crate) account: Budget,
    /// Why the dataset's candidates get nothing any more.
    stopped: Arc<OnceLock<String>>,
}

impl Accounts {
    /// Opens all accounts with what the journals say was spent.
    pub(crate) fn open(dir: &RunDir, limits: &BudgetLimits) -> Result<Self, PipelineError> {
        let mut before = Vec::new();
        for entry in &dir.config().datasets {
            before.push((entry.name.clone(), spent_before(dir, &entry.name)?));
        }
        let all = |spent: &HashMap<u32, MicroUsd>| spent.values().copied().sum::<MicroUsd>();
        let run = Budget::new(limits.run, before.iter().map(|(_, spent)| all(spent)).sum());
        let open = |(name, spent): (String, HashMap<u32, MicroUsd>)| {
            let budget = run.child(limits.dataset, all(&spent));
            (name, DatasetAccount { budget, spent, stopped: Arc::default() })
        };
        let datasets = before.into_iter().map(open).collect();
        Ok(Self { run, per_candidate: limits.candidate, datasets })
    }

    /// The purse of a candidate; of the proposing for a dataset, which has no limit of its own, for index 0.
    pub(crate) fn purse(&self, id: &CandidateId) -> Purse {
        let Some(dataset) = self.datasets.get(&id.dataset) else {
            return Purse { account: self.run.clone(), stopped: Arc::default() };
        };
        let limit = self.per_candidate.filter(|_| id.index > 0);
        let spent = dataset.spent.get(&id.index).copied().unwrap_or_default();
        Purse { account: dataset.budget.child(limit, spent), stopped: dataset.stopped.clone() }
    }
}

impl Purse {
    /// The event that ends a candidate or a dataset alone, when that is what a spent budget means. A spent budget of the
    /// whole run is none.
    pub(crate) fn spent(&self, error: &PipelineError) -> Option<Event> {
        if !error.is_budget() {
            return None;
        }
        let level = match self.account.refused_at()? {
            0 => BudgetLevel::Candidate,
            1 => BudgetLevel::Dataset,
            _ => return None,
        };
        let reason = format!("over the budget of a {}: {error}", level.as_str());
        if level == BudgetLevel::Dataset {
            // The first reason stands.
            self.stopped.get_or_init(|| reason.clone());
        }
        Some(Event::BudgetSpent { level, reason })
    }

    /// The event that a candidate is skipped with, when its dataset's money was used up before it began.
    pub(crate) fn skipped(&self) -> Option<Event> {
        let reason = format!("skipped: {}", self.stopped.get()?);
        Some(Event::BudgetSpent { level: BudgetLevel::Dataset, reason })
    }
}

/// What earlier processes spent on a dataset: for its proposals (index 0) and for each candidate.
fn spent_before(dir: &RunDir, dataset: &str) -> Result<HashMap<u32, MicroUsd>, PipelineError> {
    let run = dir.path();
    let cost = |lines: &[journal::Line]| MicroUsd(CandidateFold::of(lines).cost_micro_usd);
    let lines = journal::read(&journal_in(&brainstorm_dir(run, dataset)))?;
    let mut spent = HashMap::from([(0, cost(&lines))]);
    for (index, _) in (1..).zip(proposals(&lines)) {
        spent.insert(index, cost(&journal::read(&journal_in(&candidate_dir(run, dataset, index)))?));
    }
    Ok(spent)
}
