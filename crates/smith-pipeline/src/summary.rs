//! What came out of a run: a fold over its journals, so that it is the same whoever asks and whenever.

use std::path::{Path, PathBuf};

use serde::Serialize;
use smith_llm::Usage;
use smith_task_schema::{Event, Modality, Proposal, SandboxRecord, Stage, Verdict};
use time::OffsetDateTime;

use crate::error::PipelineError;
use crate::fold::CandidateFold;
use crate::journal::{self, Line};
use crate::run_dir::{RunDir, brainstorm_dir, candidate_dir, journal_in, run_journal};

/// How far a candidate came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A verified task.
    Accepted,
    /// Not a task.
    Rejected,
    /// Stopped by a fault of the machine; can be resumed.
    Fault,
    /// Stopped by its own budget or its dataset's; can be resumed with a larger one.
    OverBudget,
    /// Not decided yet; can be resumed.
    Open,
}

/// One candidate in the summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CandidateRow {
    /// Name of the dataset.
    pub dataset: String,
    /// Position of the proposal, from 1.
    pub index: u32,
    /// Title of the proposal.
    pub title: String,
    /// Modality of the proposal.
    pub modality: Modality,
    /// Last stage that was begun.
    pub stage: Option<Stage>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it was not accepted.
    pub reason: String,
    /// Attempts of Designer and Refactor.
    pub attempts: u32,
    /// What it took.
    #[serde(flatten)]
    pub spent: Spent,
    /// Of these, spent on execution-based validation.
    pub validation_seconds: f64,
}

/// What the work on one thing took: a candidate, or the proposals for a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spent {
    /// Answered model calls.
    pub steps: u32,
    /// Tokens of all calls.
    #[serde(flatten)]
    pub usage: Usage,
    /// Cost in US dollars of the calls whose price is known; absent when no price is known.
    pub cost_usd: Option<f64>,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// From the first event to the last, pauses between processes left out.
    pub seconds: f64,
}

impl Spent {
    fn of(fold: &CandidateFold, seconds: f64) -> Self {
        Self {
            steps: fold.model_calls,
            usage: fold.usage,
            cost_usd: known_cost(fold),
            unpriced_calls: fold.unpriced_calls,
            seconds,
        }
    }
}

/// What the proposals for one dataset took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProposingRow {
    /// Name of the dataset.
    pub dataset: String,
    /// What it took.
    #[serde(flatten)]
    pub spent: Spent,
}

/// What a verified task took, everything of the run counted: proposals and rejected candidates too. The paper's figures
/// stand beside it (section 4, MLE-Smith): dollars with all stages, seconds without execution-based validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PerTask {
    /// US dollars.
    pub cost_usd: f64,
    /// Seconds of work without execution-based validation; candidates that were worked on side by side count one by one.
    pub seconds: f64,
    /// The paper's US dollars.
    pub paper_cost_usd: f64,
    /// The paper's seconds.
    pub paper_seconds: f64,
}

/// Cost of a task in the paper, in US dollars.
const PAPER_COST_USD: f64 = 0.78;
/// Time of a task in the paper, in seconds.
const PAPER_SECONDS: f64 = 420.0;

/// One package in the summary.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// Name of the task.
    pub id: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Name of the dataset.
    pub dataset: String,
    /// Accepted or rejected.
    pub verdict: Verdict,
}

/// The summary; its JSON is that of the `run-pipeline` command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSummary {
    /// Directory of the run.
    pub run: PathBuf,
    /// How many datasets.
    pub datasets: usize,
    /// How many candidates.
    pub candidates: usize,
    /// How many of them are verified tasks.
    pub verified: usize,
    /// How many were rejected.
    pub rejected: usize,
    /// Cost in US dollars; calls whose price is not known are not in it, see `unpriced_calls`.
    pub cost_usd: f64,
    /// The same in whole millionths of a US dollar.
    pub cost_micro_usd: u64,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// Answered model calls, over all processes of the run.
    pub model_calls: u32,
    /// Tokens of all calls.
    #[serde(flatten)]
    pub usage: Usage,
    /// Time that processes worked on the run.
    pub seconds: f64,
    /// Replay only: requests of this process in which programs printed something else than in the recording.
    pub replay_drift: u64,
    /// What confined the programs of this process; absent when it ran none.
    pub sandbox: Option<SandboxRecord>,
    /// The packages.
    pub tasks: Vec<TaskRow>,
    /// Candidate by candidate.
    pub rows: Vec<CandidateRow>,
    /// What the proposals took, dataset by dataset.
    pub proposing: Vec<ProposingRow>,
    /// Averages of a verified task; absent without one, and where prices are not known or nothing was paid for.
    pub per_task: Option<PerTask>,
    /// Datasets without candidates, each with the reason.
    pub refused: Vec<(String, String)>,
    /// Faults that concern no single candidate.
    pub faults: Vec<String>,
}

impl RunSummary {
    /// Whether something stopped on a fault of the machine.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty() || self.rows.iter().any(|row| row.outcome == Outcome::Fault)
    }
}

/// Folds the journals of the run at `run`.
///
/// # Errors
/// A journal that cannot be read, or no run at all.
pub fn summarize(run: &Path) -> Result<RunSummary, PipelineError> {
    let config = RunDir::read_config(run)?;
    let run_lines = journal::read(&run_journal(run))?;
    let openings = openings(&run_lines);
    let mut summary = RunSummary {
        run: run.to_path_buf(),
        datasets: config.datasets.len(),
        candidates: 0,
        verified: 0,
        rejected: 0,
        cost_usd: 0.0,
        cost_micro_usd: 0,
        unpriced_calls: 0,
        model_calls: 0,
        usage: Usage::default(),
        seconds: 0.0,
        replay_drift: 0,
        sandbox: None,
        tasks: Vec::new(),
        rows: Vec::new(),
        proposing: Vec::new(),
        per_task: None,
        refused: Vec::new(),
        faults: faults_of_last_session(&run_lines),
    };
    let mut all_lines = run_lines.clone();
    for dataset in &config.datasets {
        let lines = journal::read(&journal_in(&brainstorm_dir(run, &dataset.name)))?;
        let fold = CandidateFold::of(&lines);
        summary.count(&fold);
        summary.add_proposing(&dataset.name, &fold, seconds(&lines, &openings));
        if let Some(reason) = refusal(&lines) {
            summary.refused.push((dataset.name.clone(), reason));
        }
        for (index, proposal) in (1..).zip(proposals(&lines)) {
            let lines = journal::read(&journal_in(&candidate_dir(run, &dataset.name, index)))?;
            let fold = CandidateFold::of(&lines);
            summary.count(&fold);
            summary.add_candidate(&dataset.name, index, &proposal, &fold, times(&lines, &openings));
            all_lines.extend(lines);
        }
        all_lines.extend(lines);
    }
    summary.cost_usd = usd(summary.cost_micro_usd);
    summary.seconds = session_seconds(&openings, &all_lines);
    summary.per_task = summary.per_task();
    Ok(summary)
}

impl RunSummary {
    /// Adds the calls of one journal.
    fn count(&mut self, fold: &CandidateFold) {
        self.model_calls += fold.model_calls;
        self.unpriced_calls += fold.unpriced_calls;
        self.usage = self.usage + fold.usage;
        self.cost_micro_usd = self.cost_micro_usd.saturating_add(fold.cost_micro_usd);
    }

    fn per_task(&self) -> Option<PerTask> {
        if self.verified == 0 || self.unpriced_calls > 0 || self.cost_micro_usd == 0 {
            return None;
        }
        let candidates = self.rows.iter().map(|row| row.spent.seconds - row.validation_seconds);
        let seconds: f64 = candidates.chain(self.proposing.iter().map(|row| row.spent.seconds)).sum();
        Some(PerTask {
            cost_usd: self.cost_usd / self.verified as f64,
            seconds: seconds / self.verified as f64,
            paper_cost_usd: PAPER_COST_USD,
            paper_seconds: PAPER_SECONDS,
        })
    }

    fn add_proposing(&mut self, dataset: &str, fold: &CandidateFold, seconds: f64) {
        self.proposing.push(ProposingRow { dataset: dataset.to_owned(), spent: Spent::of(fold, seconds) });
    }

    fn add_candidate(
        &mut self,
        dataset: &str,
        index: u32,
        proposal: &Proposal,
        fold: &CandidateFold,
        (seconds, validation_seconds): (f64, f64),
    ) {
        let (outcome, reason) = outcome(fold);
        self.candidates += 1;
        self.verified += usize::from(outcome == Outcome::Accepted);
        self.rejected += usize::from(outcome == Outcome::Rejected);
        if let Some((verdict, _, package)) = &fold.closed {
            let folder = if *verdict == Verdict::Accepted { "tasks" } else { "rejected" };
            self.tasks.push(TaskRow {
                id: package.clone(),
                path: self.run.join(folder).join(package),
                dataset: dataset.to_owned(),
                verdict: *verdict,
            });
        }
        self.rows.push(CandidateRow {
            dataset: dataset.to_owned(),
            index,
            title: proposal.header.title.clone(),
            modality: proposal.header.modality.clone(),
            stage: fold.stage,
            outcome,
            reason,
            attempts: fold.attempts,
            spent: Spent::of(fold, seconds),
            validation_seconds,
        });
    }
}

/// How a candidate ended, and why when it was not accepted.
fn outcome(fold: &CandidateFold) -> (Outcome, String) {
    match (&fold.closed, &fold.fault, &fold.over_budget) {
        (Some((Verdict::Accepted, _, _)), _, _) => (Outcome::Accepted, String::new()),
        (Some((Verdict::Rejected, reason, _)), _, _) => (Outcome::Rejected, reason.clone()),
        (None, Some(fault), _) => (Outcome::Fault, fault.clone()),
        (None, None, Some(reason)) => (Outcome::OverBudget, reason.clone()),
        (None, None, None) => (Outcome::Open, "not decided yet".to_owned()),
    }
}

/// Nothing when no call has a known price.
fn known_cost(fold: &CandidateFold) -> Option<f64> {
    (fold.unpriced_calls == 0 || fold.cost_micro_usd > 0).then(|| usd(fold.cost_micro_usd))
}

pub(crate) fn usd(micro: u64) -> f64 {
    micro as f64 / 1e6
}

/// What was proposed for a dataset, from its journal.
pub(crate) fn proposals(lines: &[Line]) -> Vec<Proposal> {
    lines
        .iter()
        .find_map(|line| match &line.event {
            Event::Proposed { report, .. } => Some(report.proposals.clone()),
            _ => None,
        })
        .unwrap_or_default()
}

/// Why a dataset was refused, if that is the last word on it: a process that got further has recorded so.
pub(crate) fn refusal(lines: &[Line]) -> Option<String> {
    lines.iter().rev().find_map(|line| match &line.event {
        Event::DatasetRefused { reason, .. } | Event::BudgetSpent { reason, .. } => {
            Some(Some(reason.clone()))
        }
        Event::DatasetProfiled { .. } | Event::Proposed { .. } => Some(None),
        _ => None,
    })?
}

/// Faults count only if no later process went over them.
fn faults_of_last_session(lines: &[Line]) -> Vec<String> {
    let start = lines.iter().rposition(|line| matches!(line.event, Event::RunOpened { .. })).unwrap_or(0);
    lines[start..]
        .iter()
        .filter_map(|line| match &line.event {
            Event::Faulted { message } => Some(message.clone()),
            _ => None,
        })
        .collect()
}

/// When each process took up the run.
pub(crate) fn openings(run_lines: &[Line]) -> Vec<OffsetDateTime> {
    run_lines
        .iter()
        .filter(|line| matches!(line.event, Event::RunOpened { .. }))
        .map(|line| line.at)
        .collect()
}

/// From the first to the last line, without the pauses between two processes.
fn seconds(lines: &[Line], openings: &[OffsetDateTime]) -> f64 {
    times(lines, openings).0
}

/// The same, and how much of it went into execution-based validation.
fn times(lines: &[Line], openings: &[OffsetDateTime]) -> (f64, f64) {
    let (mut all, mut validation) = (0.0, 0.0);
    let mut validates = false;
    for (line, next) in lines.iter().zip(lines.iter().skip(1)) {
        match line.event {
            Event::StageStarted { stage, .. } => validates = stage == Stage::Validate,
            Event::Validated { .. } => validates = false,
            _ => {}
        }
        if openings.iter().any(|opened| line.at < *opened && *opened <= next.at) {
            continue;
        }
        let seconds = (next.at - line.at).as_seconds_f64().max(0.0);
        all += seconds;
        validation += if validates { seconds } else { 0.0 };
    }
    (all, validation)
}

/// For each process: from its opening to the last event of any journal before the next opening.
fn session_seconds(openings: &[OffsetDateTime], all: &[Line]) -> f64 {
    let ends = openings.iter().skip(1).map(Some).chain([None]);
    openings
        .iter()
        .zip(ends)
        .map(|(start, next)| {
            let last = all.iter().map(|line| line.at).filter(|at| next.is_none_or(|next| at < next)).max();
            last.map_or(0.0, |last| (last - *start).as_seconds_f64().max(0.0))
        })
        .sum()
}
