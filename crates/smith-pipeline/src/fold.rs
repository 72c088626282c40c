//! What a journal says: the state of a candidate as a fold over its events.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use smith_llm::Usage;
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
    /// Cost of all calls whose price is known, in millionths of a US dollar; answers of no use are paid for too.
    pub cost_micro_usd: u64,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// Tokens of all calls.
    pub usage: Usage,
    /// Why nothing more is done for want of money, if nothing happened after that.
    pub over_budget: Option<String>,
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
        self.over_budget = None;
        if let Some((usage, cost)) = paid(event) {
            self.count(usage, cost);
        }
        match event {
            Event::StageStarted { stage, round, attempt } => {
                self.stage = Some(*stage);
                // An attempt that a resumed process begins again is still one attempt.
                let new = self.started.insert((*stage, *round, *attempt));
                self.attempts += u32::from(new && matches!(stage, Stage::Design | Stage::Refactor));
            }
            Event::ModelCallFinished(call) => {
                self.model_calls += 1;
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
            Event::BudgetSpent { reason, .. } => self.over_budget = Some(reason.clone()),
            Event::Faulted { message } => self.fault = Some(message.clone()),
            Event::CandidateClosed { verdict, reason, package } => {
                self.closed = Some((*verdict, reason.clone(), package.clone()));
            }
            _ => {}
        }
    }

    fn count(&mut self, usage: Usage, cost: Option<u64>) {
        self.usage = self.usage + usage;
        match cost {
            Some(cost) => self.cost_micro_usd = self.cost_micro_usd.saturating_add(cost),
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

/// Tokens and cost that an event says were used; the cost is absent when the price is not known.
pub(crate) fn paid(event: &Event) -> Option<(Usage, Option<u64>)> {
    let mut usage = Usage::default();
    let cost = match event {
        Event::ModelCallFinished(call) => {
            usage.input_tokens = call.input_tokens;
            usage.cached_tokens = call.cached_tokens;
            usage.output_tokens = call.output_tokens;
            usage.reasoning_tokens = call.reasoning_tokens;
            call.cost_micro_usd
        }
        Event::ModelCallFailed { charge: Some(charge), .. } => {
            usage.input_tokens = charge.input_tokens;
            usage.cached_tokens = charge.cached_tokens;
            usage.output_tokens = charge.output_tokens;
            usage.reasoning_tokens = charge.reasoning_tokens;
            charge.cost_micro_usd
        }
        _ => return None,
    };
    Some((usage, cost))
}

impl Recall for CandidateFold {
    fn recall(&self, key: &CallKey) -> Option<RecallModelCall> {
        self.calls.get(key).filter(|call| call.response != Value::Null).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fold(events: &[Value]) -> CandidateFold {
        let mut fold = CandidateFold::default();
        for event in events {
            fold.take(&serde_json::from_value(event.clone()).unwrap());
        }
        fold
    }

    #[test]
    fn answers_of_no_use_are_paid_for_and_are_no_answers() {
        let key = json!({"stage": "design", "round": 0, "attempt": 1, "step": 1});
        let failed =
            |charge: Value| json!({"type": "model_call_failed", "key": key, "error": "no", "charge": charge});
        let tokens = |cost: Value| {
            json!({"input_tokens": 9, "cached_tokens": 3, "output_tokens": 4, "reasoning_tokens": 1,
                   "cost_micro_usd": cost})
        };
        let folded = fold(&[failed(Value::Null), failed(tokens(json!(70))), failed(tokens(Value::Null))]);
        assert_eq!((folded.model_calls, folded.cost_micro_usd, folded.unpriced_calls), (0, 70, 1));
        let usage = Usage {
            input_tokens: 18,
            cached_tokens: 6,
            output_tokens: 8,
            reasoning_tokens: 2,
            ..Usage::default()
        };
        assert_eq!(folded.usage, usage);
        // As it was written before there were charges, and answers without a count of their thoughts.
        let old = json!({"type": "model_call_failed", "key": key, "error": "no"});
        let answered = json!({"type": "model_call_finished", "key": key, "fingerprint": "", "appended": null,
            "response": null, "input_tokens": 1, "cached_tokens": 0, "output_tokens": 1, "cost_micro_usd": 5, "seconds": 0.1});
        let folded = fold(&[old, answered]);
        assert_eq!((folded.model_calls, folded.cost_micro_usd, folded.usage.reasoning_tokens), (1, 5, 0));
    }

    #[test]
    fn a_spent_budget_is_forgotten_once_the_candidate_goes_on() {
        let spent = json!({"type": "budget_spent", "level": "candidate", "reason": "r"});
        assert_eq!(fold(std::slice::from_ref(&spent)).over_budget.as_deref(), Some("r"));
        let started = json!({"type": "stage_started", "stage": "design", "round": 0, "attempt": 1});
        assert_eq!(fold(&[spent, started]).over_budget, None);
    }
}
