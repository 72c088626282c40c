//! How far a run is, as a fold over its events, whoever wrote them and when.

use std::collections::HashMap;

use smith_core::schema::{CandidateId, Event, Stage};

/// Units of work of a round that begins at the Designer: design, refactor, review, validate.
const FROM_DESIGN: u64 = 4;
/// Units of a round that begins at the Refactor.
const FROM_REFACTOR: u64 = 3;

/// Sums over a whole run, earlier processes included.
#[derive(Default)]
pub(super) struct Tally {
    /// Candidates that were proposed.
    pub(super) candidates: u64,
    /// Candidates that nothing more will be done on in this process.
    pub(super) done: u64,
    /// Answered model calls.
    pub(super) calls: u64,
    /// Known cost of all calls, in millionths of a dollar.
    pub(super) cost_micro_usd: u64,
    /// Units of work that are behind.
    pub(super) finished: u64,
    /// Units that each open candidate is expected to need still.
    left: HashMap<CandidateId, u64>,
    costs: HashMap<CandidateId, u64>,
}

impl Tally {
    /// Takes one event in; `earlier` tells what another process of the run wrote.
    pub(super) fn take(&mut self, candidate: &CandidateId, event: &Event, earlier: bool) {
        match event {
            Event::Proposed { dataset, report } => {
                for (index, _) in (1..).zip(&report.proposals) {
                    self.candidates += 1;
                    self.left.insert(CandidateId { dataset: dataset.clone(), index }, FROM_DESIGN);
                }
            }
            Event::ModelCallFinished(call) => {
                self.calls += 1;
                self.pay(candidate, call.cost_micro_usd);
            }
            Event::ModelCallFailed { charge: Some(charge), .. } => self.pay(candidate, charge.cost_micro_usd),
            Event::Asserted { findings, .. } if findings.iter().all(|f| !f.is_error()) => {
                self.advance(candidate);
            }
            Event::Reviewed { .. } | Event::Validated { .. } => self.advance(candidate),
            Event::DefectsRouted { to, .. } => {
                let units = if *to == Stage::Design { FROM_DESIGN } else { FROM_REFACTOR };
                self.left.insert(candidate.clone(), units);
            }
            Event::CandidateClosed { .. } => self.settle(candidate),
            // What stopped on a fault or for want of money then is taken up again now.
            Event::Faulted { .. } | Event::BudgetSpent { .. } if !earlier => self.settle(candidate),
            _ => {}
        }
    }

    /// Units of work in all, as far as is known.
    pub(super) fn units(&self) -> u64 {
        self.finished + self.left.values().sum::<u64>()
    }

    /// Known cost of one candidate, in millionths of a dollar.
    pub(super) fn cost_of(&self, candidate: &CandidateId) -> u64 {
        self.costs.get(candidate).copied().unwrap_or(0)
    }

    fn pay(&mut self, candidate: &CandidateId, cost_micro_usd: Option<u64>) {
        let cost = cost_micro_usd.unwrap_or(0);
        self.cost_micro_usd += cost;
        *self.costs.entry(candidate.clone()).or_default() += cost;
    }

    fn advance(&mut self, candidate: &CandidateId) {
        if let Some(left) = self.left.get_mut(candidate).filter(|left| **left > 0) {
            *left -= 1;
            self.finished += 1;
        }
    }

    fn settle(&mut self, candidate: &CandidateId) {
        if let Some(left) = self.left.remove(candidate) {
            self.finished += left;
            self.done += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(text: Value) -> Event {
        serde_json::from_value(text).unwrap()
    }

    fn proposed(count: usize) -> Event {
        let header = json!({
            "title": "Grades", "target": "grade", "modality": "tabular", "formulation": "classification",
            "metric": "F1", "higher_is_better": true, "difficulty": "beginner", "tags": []
        });
        let proposals = vec![json!({"header": header, "sections": []}); count];
        event(json!({"type": "proposed", "dataset": "tea",
                     "report": {"proposals": proposals, "steps": 1, "note": ""}}))
    }

    fn asserted(stage: &str, passed: bool) -> Event {
        let finding = json!({"rule": "R101", "severity": "error", "layer": "dynamic", "path": "",
                             "message": "m", "evidence": ""});
        let findings = if passed { vec![] } else { vec![finding] };
        event(json!({"type": "asserted", "stage": stage, "round": 0, "attempt": 1, "findings": findings}))
    }

    fn call(cost: u64) -> Event {
        event(json!({"type": "model_call_finished",
                     "key": {"stage": "design", "round": 0, "attempt": 1, "step": 1},
                     "fingerprint": "", "appended": null, "response": null, "input_tokens": 1,
                     "cached_tokens": 0, "output_tokens": 1, "cost_micro_usd": cost, "seconds": 0.1}))
    }

    fn reviewed() -> Event {
        event(json!({"type": "reviewed", "round": 0, "report": {"points": [], "steps": 1}}))
    }

    fn routed(to: &str) -> Event {
        event(json!({"type": "defects_routed", "round": 1, "to": to, "defects": []}))
    }

    fn fault() -> Event {
        event(json!({"type": "faulted", "message": "down"}))
    }

    fn closed() -> Event {
        event(json!({"type": "candidate_closed", "verdict": "rejected", "reason": "r", "package": "p"}))
    }

    /// The dataset and its candidates, by index.
    fn tea(index: u32) -> CandidateId {
        CandidateId { dataset: "tea".to_owned(), index }
    }

    #[test]
    fn a_resumed_run_stands_where_the_earlier_process_left_it() {
        let mut tally = Tally::default();
        for (index, event) in [
            (0, call(5)),
            (0, proposed(3)),
            (1, call(7)),
            (1, asserted("design", true)),
            (1, closed()),
            (2, asserted("design", false)),
            (2, asserted("design", true)),
            (2, fault()),
        ] {
            tally.take(&tea(index), &event, true);
        }
        // The first is done, the second has its design, the third nothing; a fault of then is none of now.
        assert_eq!((tally.finished, tally.units(), tally.done, tally.candidates), (5, 12, 1, 3));
        assert_eq!((tally.calls, tally.cost_micro_usd, tally.cost_of(&tea(1))), (2, 12, 7));
        tally.take(&tea(2), &asserted("refactor", true), false);
        tally.take(&tea(2), &fault(), false);
        assert_eq!((tally.finished, tally.units(), tally.done), (8, 12, 2));
        let spent = json!({"type": "budget_spent", "level": "candidate", "reason": "r"});
        tally.take(&tea(3), &event(spent), false);
        assert_eq!((tally.finished, tally.units(), tally.done), (12, 12, 3));
    }

    #[test]
    fn a_round_of_mending_adds_what_it_repeats() {
        for (to, units) in [("design", 7), ("refactor", 6)] {
            let mut tally = Tally::default();
            tally.take(&tea(0), &proposed(1), false);
            for event in [asserted("design", true), asserted("refactor", true), reviewed(), routed(to)] {
                tally.take(&tea(1), &event, false);
            }
            assert_eq!((tally.finished, tally.units()), (3, units), "{to}");
        }
    }

    #[test]
    fn a_fault_of_the_dataset_is_no_candidates() {
        let mut tally = Tally::default();
        tally.take(&tea(0), &proposed(1), false);
        tally.take(&CandidateId { dataset: String::new(), index: 0 }, &fault(), false);
        assert_eq!((tally.done, tally.finished), (0, 0));
    }
}
