//! Why a package was accepted or rejected: its manifest, and the steps of its candidate, folded from the journal.

use std::path::{Path, PathBuf};

use serde::Serialize;
use smith_data::words::number_of;
use smith_llm::Usage;
use smith_task_schema::{Event, Finding, ReviewReport, Stage, StageEnd, TaskManifest, ValidationReport};
use time::OffsetDateTime;

use crate::error::{PipelineError, at};
use crate::fold::{CandidateFold, paid};
use crate::journal::{self, Line};
use crate::run_dir::{RunDir, brainstorm_dir, candidate_dir, journal_in, run_journal};
use crate::summary::{openings, proposals, usd};

/// One step on the way of a candidate.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ExplainedStep {
    /// The stage; absent for what lies between stages.
    pub stage: Option<Stage>,
    /// Round of routed defects, from 0.
    pub round: u32,
    /// Attempt within the round, from 1.
    pub attempt: u32,
    /// What came of it, in words.
    pub outcome: String,
    /// What was found against the task after it.
    pub findings: Vec<Finding>,
    /// Answered model calls.
    pub model_calls: u32,
    /// Tokens of its calls.
    #[serde(flatten)]
    pub usage: Usage,
    /// Their cost in US dollars as far as prices are known.
    pub cost_usd: f64,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// Time, pauses between processes left out.
    pub seconds: f64,
    /// Faults of the machine, the network or the endpoint; they never count against the task.
    pub faults: Vec<String>,
}

/// Why a package is what it is; its JSON is that of the `explain` command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Directory of the package.
    pub task: PathBuf,
    /// The manifest, with the certificate.
    pub manifest: TaskManifest,
    /// True when manifest and files are as they were written.
    pub certificate_holds: bool,
    /// Step by step; empty when the run is not beside the package any more.
    pub steps: Vec<ExplainedStep>,
}

/// Explains the package at `task`.
///
/// # Errors
/// A mistake when there is no readable `task.json`; a journal that cannot be read.
pub fn explain(task: &Path) -> Result<Explanation, PipelineError> {
    let (manifest, is_whole) = TaskManifest::read(task).map_err(|error| {
        PipelineError::Mistake(format!(
            "{error}; `smith verify` says what holds for a task without a certificate"
        ))
    })?;
    let certificate_holds = is_whole && manifest.changed_files(task).map_err(at(task))?.is_empty();
    let steps = run_of(task).map(|run| steps_in(&run, &manifest.id)).transpose()?.unwrap_or_default();
    Ok(Explanation { task: task.to_path_buf(), manifest, certificate_holds, steps })
}

/// The run that a package lies in.
fn run_of(task: &Path) -> Option<PathBuf> {
    let task = task.canonicalize().ok()?;
    let folder = task.parent()?;
    let run = folder.parent()?;
    let is_package = folder.file_name().is_some_and(|name| name == "tasks" || name == "rejected");
    (is_package && RunDir::read_config(run).is_ok()).then(|| run.to_path_buf())
}

fn steps_in(run: &Path, package: &str) -> Result<Vec<ExplainedStep>, PipelineError> {
    let openings = openings(&journal::read(&run_journal(run))?);
    for dataset in RunDir::read_config(run)?.datasets {
        let proposed = journal::read(&journal_in(&brainstorm_dir(run, &dataset.name)))?;
        for (index, _) in (1..).zip(proposals(&proposed)) {
            let lines = journal::read(&journal_in(&candidate_dir(run, &dataset.name, index)))?;
            let closed = CandidateFold::of(&lines).closed;
            if closed.is_some_and(|(_, _, name)| name == package) {
                return Ok(steps(&lines, &openings));
            }
        }
    }
    Ok(Vec::new())
}

/// The steps of one candidate's journal.
fn steps(lines: &[Line], openings: &[OffsetDateTime]) -> Vec<ExplainedStep> {
    let mut steps: Vec<ExplainedStep> = Vec::new();
    let mut before: Option<OffsetDateTime> = None;
    for line in lines {
        if let Event::StageStarted { stage, round, attempt } = line.event {
            let is_same = |step: &ExplainedStep| {
                (step.stage, step.round, step.attempt) == (Some(stage), round, attempt)
            };
            // An attempt that a resumed process begins again goes on.
            if !steps.last().is_some_and(is_same) {
                steps.push(ExplainedStep { stage: Some(stage), round, attempt, ..ExplainedStep::default() });
            }
        } else if steps.is_empty() {
            steps.push(ExplainedStep::default());
        }
        let Some(step) = steps.last_mut() else { continue };
        step.take(&line.event);
        let paused = |start| openings.iter().any(|opened| start < *opened && *opened <= line.at);
        step.seconds += match before.replace(line.at) {
            Some(start) if !paused(start) => (line.at - start).as_seconds_f64().max(0.0),
            _ => 0.0,
        };
    }
    steps
}

impl ExplainedStep {
    fn take(&mut self, event: &Event) {
        if let Some((usage, cost)) = paid(event) {
            self.usage = self.usage + usage;
            self.unpriced_calls += u32::from(cost.is_none());
            self.cost_usd += usd(cost.unwrap_or(0));
        }
        match event {
            Event::ModelCallFinished(_) => self.model_calls += 1,
            Event::StageFinished { report, .. } => self.say(match report.end {
                StageEnd::Finished => "the agent finished",
                StageEnd::StepsSpent => "the agent spent its steps",
                StageEnd::GaveUp => "it gave up",
            }),
            Event::Asserted { findings, .. } => {
                let errors = findings.iter().filter(|finding| finding.is_error()).count();
                let warnings = findings.len() - errors;
                self.say(&format!(
                    "assertions: {}, {}",
                    number_of(errors as u64, "error"),
                    number_of(warnings as u64, "warning")
                ));
                self.findings.extend(findings.iter().cloned());
            }
            Event::Reviewed { report, .. } => self.say(&reviewed(report)),
            Event::ValidationAttempted { report, findings, .. }
            | Event::Validated { report, findings, .. } => {
                self.say(&validated(report));
                self.findings.clone_from(findings);
            }
            Event::DefectsRouted { to, defects, .. } => {
                let verb = if defects.len() == 1 { "goes" } else { "go" };
                self.say(&format!("{} {verb} to {to}", number_of(defects.len() as u64, "defect")));
            }
            Event::BudgetSpent { reason, .. } => self.say(reason),
            Event::Faulted { message } => self.faults.push(message.clone()),
            Event::ModelCallFailed { error, .. } => self.faults.push(error.clone()),
            Event::CandidateClosed { reason, .. } if !reason.is_empty() => {
                self.say(&format!("rejected: {reason}"));
            }
            Event::CandidateClosed { .. } => self.say("accepted"),
            _ => {}
        }
    }

    fn say(&mut self, words: &str) {
        if !self.outcome.is_empty() {
            self.outcome.push_str("; ");
        }
        self.outcome.push_str(words);
    }
}

fn reviewed(report: &ReviewReport) -> String {
    let failing: Vec<_> = report.failing().map(|point| point.criterion.as_str()).collect();
    let names = if failing.is_empty() { String::new() } else { format!(" ({})", failing.join(", ")) };
    let undecided = report.undecided();
    let passing = report.points.len().saturating_sub(failing.len() + undecided);
    format!("review: {} fail{names}, {passing} pass, {undecided} cannot tell", failing.len())
}

fn validated(report: &ValidationReport) -> String {
    let best =
        report.best.map_or_else(|| "no valid submission".to_owned(), |best| format!("best score {best:.6}"));
    format!("validation: {}, {best}", number_of(report.submissions.len() as u64, "submission"))
}
