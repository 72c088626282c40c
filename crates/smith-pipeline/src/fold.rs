//! What a journal says: the state of a candidate as a fold over its events.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use smith_task_schema::{
    CallKey, Event, Finding, Recall, RecallModelCall, RecallToolCall, ReviewReport, Stage, StageReport,
    ValidationReport, Verdict,
};

use crate::journal::Line;

type Attempt = (Stage, u32, u32);

/// A validation, and what it says against the task.
pub(crate) type Judged = (ValidationReport, Vec<Finding>);

/// Everything that is known of one candidate (or of a dataset's brainstorming).
#[derive(Debug, Clone, Default)]
pub struct CandidateFold {
    calls: HashMap<CallKey, RecallModelCall>,
    started: HashSet<Attempt>,
    finished: HashMap<Attempt, StageReport>,
    asserted: HashMap<Attempt, Vec<Finding>>,
    reviewed: HashMap<u32, ReviewReport>,
    tried: HashMap<(u32, u32), Judged>,
    validated: HashMap<u32, Judged>,
    routed: HashSet<u32>,
    /// The decision, if there is one: verdict, reason, package.
    pub closed: Option<(Verdict, String, String)>,
    /// Last stage that was begun.
    pub stage: Option<Stage>,
    /// Attempts of Designer and Refactor.
    pub attempts: u32,
    /// Rounds of routed defects.
    pub rounds: u32,
    /// Answered model calls.
    pub model_calls: u32,
    /// Cost of those whose price is known, in millionths of a US dollar.
    pub cost_micro_usd: u64,
    /// Answered calls whose price is not known.
    pub unpriced_calls: u32,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// The last fault, if nothing happened after it.
    pub fault: Option<String>,
}

impl CandidateFold {
    /// Folds all lines.
    #[must_use]
    pub fn of(lines: &[Line]) -> Self {
        let mut fold = Self::default();
        for line in lines {
            fold.take(&line.event);
        }
        fold
    }

    /// Takes one event in.
    pub fn take(&mut self, event: &Event) {
        self.fault = None;
        match event {
            Event::StageStarted { stage, round, attempt } => {
                self.stage = Some(*stage);
                // An attempt that a resumed process begins again is still one attempt.
                let new = self.started.insert((*stage, *round, *attempt));
                self.attempts += u32::from(new && matches!(stage, Stage::Design | Stage::Refactor));
            }
            Event::ModelCallFinished(call) => {
                self.count(call.cost_micro_usd, call.input_tokens, call.output_tokens);
                self.calls.insert(
                    call.key,
                    RecallModelCall {
                        fingerprint: call.fingerprint.clone(),
                        response: call.response.clone(),
                        tools: Vec::new(),
                    },
                );
            }
            Event::ToolCallFinished(call) => {
                let known = RecallToolCall { output: call.output.clone(), is_error: call.is_error };
                if let Some(step) = self.calls.get_mut(&call.key) {
                    step.tools.push((call.id.clone(), known));
                }
            }
            Event::StageFinished { stage, round, attempt, report } => {
                self.finished.insert((*stage, *round, *attempt), report.clone());
            }
            Event::Asserted { stage, round, attempt, findings } => {
                self.asserted.insert((*stage, *round, *attempt), findings.clone());
            }
            Event::Reviewed { round, report } => {
                self.reviewed.insert(*round, report.clone());
            }
            Event::ValidationAttempted { round, attempt, report, findings } => {
                self.tried.insert((*round, *attempt), (report.clone(), findings.clone()));
            }
            Event::Validated { round, report, findings } => {
                self.validated.insert(*round, (report.clone(), findings.clone()));
            }
            Event::DefectsRouted { round, .. } => {
                self.rounds = *round;
                self.routed.insert(*round);
            }
            Event::Faulted { message } => self.fault = Some(message.clone()),
            Event::CandidateClosed { verdict, reason, package } => {
                self.closed = Some((*verdict, reason.clone(), package.clone()));
            }
            _ => {}
        }
    }

    fn count(&mut self, cost: Option<u64>, input: u64, output: u64) {
        self.model_calls += 1;
        self.input_tokens += input;
        self.output_tokens += output;
        match cost {
            Some(cost) => self.cost_micro_usd += cost,
            None => self.unpriced_calls += 1,
        }
    }

    /// The report of an attempt that came to its end.
    #[must_use]
    pub fn finished(&self, stage: Stage, round: u32, attempt: u32) -> Option<&StageReport> {
        self.finished.get(&(stage, round, attempt))
    }

    /// What the assertions found after an attempt.
    #[must_use]
    pub fn asserted(&self, stage: Stage, round: u32, attempt: u32) -> Option<&Vec<Finding>> {
        self.asserted.get(&(stage, round, attempt))
    }

    /// The review of a round.
    #[must_use]
    pub fn reviewed(&self, round: u32) -> Option<&ReviewReport> {
        self.reviewed.get(&round)
    }

    /// An attempt at validation that was not the last of its round, and what it says against the task.
    #[must_use]
    pub fn validation_attempted(
        &self,
        round: u32,
        attempt: u32,
    ) -> Option<&(ValidationReport, Vec<Finding>)> {
        self.tried.get(&(round, attempt))
    }

    /// The validation of a round, and what it says against the task.
    #[must_use]
    pub fn validated(&self, round: u32) -> Option<&(ValidationReport, Vec<Finding>)> {
        self.validated.get(&round)
    }

    /// Whether the defects that begin a round were written down.
    #[must_use]
    pub fn routed(&self, round: u32) -> bool {
        self.routed.contains(&round)
    }
}

impl Recall for CandidateFold {
    fn recall(&self, key: &CallKey) -> Option<RecallModelCall> {
        self.calls.get(key).filter(|call| call.response != Value::Null).cloned()
    }
}
