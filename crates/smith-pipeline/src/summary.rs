//! What came out of a run: a fold over its journals, so that it is the same whoever asks and whenever.

use std::path::{Path, PathBuf};

use serde::Serialize;
use smith_task_schema::{Event, Proposal, SandboxRecord, Stage, Verdict};
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
    /// Last stage that was begun.
    pub stage: Option<Stage>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it was not accepted.
    pub reason: String,
    /// Attempts of Designer and Refactor.
    pub attempts: u32,
    /// Answered model calls.
    pub steps: u32,
    /// Cost in US dollars of the calls whose price is known; absent when no price is known.
    pub cost_usd: Option<f64>,
    /// From the first event to the last, pauses between processes left out.
    pub seconds: f64,
}

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
    /// Answered calls whose price is not known.
    pub unpriced_calls: u32,
    /// Answered model calls, over all processes of the run.
    pub model_calls: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
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
        unpriced_calls: 0,
        model_calls: 0,
        input_tokens: 0,
        output_tokens: 0,
        seconds: 0.0,
        replay_drift: 0,
        sandbox: None,
        tasks: Vec::new(),
        rows: Vec::new(),
        refused: Vec::new(),
        faults: faults_of_last_session(&run_lines),
    };
    let mut cost_micro_usd = 0;
    let mut all_lines = run_lines.clone();
    for dataset in &config.datasets {
        let lines = journal::read(&journal_in(&brainstorm_dir(run, &dataset.name)))?;
        let fold = CandidateFold::of(&lines);
        cost_micro_usd += summary.count(&fold);
        if let Some(reason) = refusal(&lines) {
            summary.refused.push((dataset.name.clone(), reason));
        }
        for (index, proposal) in (1..).zip(proposals(&lines)) {
            let lines = journal::read(&journal_in(&candidate_dir(run, &dataset.name, index)))?;
            let fold = CandidateFold::of(&lines);
            cost_micro_usd += summary.count(&fold);
            summary.add_candidate(&dataset.name, index, &proposal, &fold, seconds(&lines, &openings));
            all_lines.extend(lines);
        }
        all_lines.extend(lines);
    }
    summary.cost_usd = usd(cost_micro_usd);
    summary.seconds = session_seconds(&openings, &all_lines);
    Ok(summary)
}

impl RunSummary {
    /// Adds the calls of one journal and gives their known cost.
    fn count(&mut self, fold: &CandidateFold) -> u64 {
        self.model_calls += fold.model_calls;
        self.unpriced_calls += fold.unpriced_calls;
        self.input_tokens += fold.input_tokens;
        self.output_tokens += fold.output_tokens;
        fold.cost_micro_usd
    }

    fn add_candidate(
        &mut self,
        dataset: &str,
        index: u32,
        proposal: &Proposal,
        fold: &CandidateFold,
        seconds: f64,
    ) {
        let (outcome, reason) = match (&fold.closed, &fold.fault) {
            (Some((Verdict::Accepted, _, _)), _) => (Outcome::Accepted, String::new()),
            (Some((Verdict::Rejected, reason, _)), _) => (Outcome::Rejected, reason.clone()),
            (None, Some(fault)) => (Outcome::Fault, fault.clone()),
            (None, None) => (Outcome::Open, "not decided yet".to_owned()),
        };
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
        let priced = fold.unpriced_calls == 0 || fold.cost_micro_usd > 0;
        self.rows.push(CandidateRow {
            dataset: dataset.to_owned(),
            index,
            title: proposal.header.title.clone(),
            stage: fold.stage,
            outcome,
            reason,
            attempts: fold.attempts,
            steps: fold.model_calls,
            cost_usd: priced.then(|| usd(fold.cost_micro_usd)),
            seconds,
        });
    }
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
fn refusal(lines: &[Line]) -> Option<String> {
    lines.iter().rev().find_map(|line| match &line.event {
        Event::DatasetRefused { reason, .. } => Some(Some(reason.clone())),
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
    lines
        .windows(2)
        .filter(|pair| !openings.iter().any(|opened| pair[0].at < *opened && *opened <= pair[1].at))
        .map(|pair| (pair[1].at - pair[0].at).as_seconds_f64().max(0.0))
        .sum()
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
