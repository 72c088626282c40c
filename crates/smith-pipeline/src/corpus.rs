//! The candidates of a run as rows for the statistics of a corpus ([`smith_stats::corpus`]).

use std::collections::BTreeSet;
use std::path::Path;

use smith_stats::corpus::{AgentUse, Candidate, CorpusRows, Proposing};
use smith_task_schema::{Event, Proposal, Severity, Stage};

use crate::error::PipelineError;
use crate::journal::{self, Line};
use crate::run_dir::{RunDir, brainstorm_dir, candidate_dir, journal_in};
use crate::summary::{Outcome, Spent, proposals, refusal, summarize};

/// The stages whose use of attempts and steps is told.
const AGENTS: [Stage; 3] = [Stage::Design, Stage::Refactor, Stage::Validate];

/// The rows of the run at `run`: candidates whose fate is decided, what proposing them took, and how much is still open.
/// Blocks.
///
/// # Errors
/// A journal that cannot be read, or no run at all.
pub fn corpus_rows(run: &Path) -> Result<CorpusRows, PipelineError> {
    let summary = summarize(run)?;
    let mut rows = CorpusRows::default();
    for dataset in &RunDir::read_config(run)?.datasets {
        let lines = journal::read(&journal_in(&brainstorm_dir(run, &dataset.name)))?;
        let proposed = proposals(&lines);
        if proposed.is_empty() && refusal(&lines).is_none() {
            rows.open_datasets += 1;
            continue;
        }
        let spent = summary.proposing.iter().find(|row| row.dataset == dataset.name).map(|row| &row.spent);
        rows.proposing.push(Proposing {
            dataset: dataset.name.clone(),
            seconds: spent.map(|spent| spent.seconds),
            cost_usd: spent.and_then(known_cost),
            agent: AgentUse {
                succeeded: !proposed.is_empty(),
                ..used(Stage::Brainstorm, &lines).unwrap_or_else(|| AgentUse {
                    agent: Stage::Brainstorm.as_str().to_owned(),
                    attempts: 1,
                    steps: 0,
                    succeeded: false,
                })
            },
        });
        for (index, proposal) in (1..).zip(&proposed) {
            let of = |row: &&crate::CandidateRow| row.dataset == dataset.name && row.index == index;
            let decided =
                |row: &&crate::CandidateRow| matches!(row.outcome, Outcome::Accepted | Outcome::Rejected);
            let Some(row) = summary.rows.iter().find(of).filter(decided) else {
                rows.open_candidates += 1;
                continue;
            };
            let lines = journal::read(&journal_in(&candidate_dir(run, &dataset.name, index)))?;
            rows.candidates.push(Candidate {
                verified: row.outcome == Outcome::Accepted,
                seconds: Some(row.spent.seconds - row.validation_seconds),
                validation_seconds: (row.validation_seconds > 0.0).then_some(row.validation_seconds),
                cost_usd: known_cost(&row.spent),
                agents: AGENTS.iter().filter_map(|stage| used(*stage, &lines)).collect(),
                ..facets(&dataset.name, proposal)
            });
        }
    }
    Ok(rows)
}

/// What was paid, where every call has a price.
fn known_cost(spent: &Spent) -> Option<f64> {
    (spent.unpriced_calls == 0).then_some(spent.cost_usd).flatten()
}

fn facets(dataset: &str, proposal: &Proposal) -> Candidate {
    let header = &proposal.header;
    Candidate {
        dataset: dataset.to_owned(),
        verified: false,
        seconds: None,
        validation_seconds: None,
        cost_usd: None,
        agents: Vec::new(),
        modalities: vec![header.modality.as_str().to_owned()],
        // Tags are free words of which the first is the broadest.
        domain: header.tags.first().cloned(),
        formulation: Some(header.formulation.as_str().to_owned()),
        metric: Some(header.metric.clone()),
    }
}

/// What the agent of a stage used; nothing when it was never begun.
fn used(stage: Stage, lines: &[Line]) -> Option<AgentUse> {
    let mut attempts: BTreeSet<(u32, u32)> = BTreeSet::new();
    let (mut steps, mut succeeded) = (0, false);
    for line in lines {
        match &line.event {
            // An attempt that a resumed process begins again is still one.
            Event::StageStarted { stage: begun, round, attempt } if *begun == stage => {
                attempts.insert((*round, *attempt));
            }
            Event::ModelCallFinished(call) if call.key.stage == stage => steps += 1,
            Event::Asserted { stage: of, findings, .. } if *of == stage => {
                succeeded = findings.iter().all(|finding| finding.severity != Severity::Error);
            }
            Event::Validated { findings, .. } if stage == Stage::Validate => succeeded = findings.is_empty(),
            _ => {}
        }
    }
    let attempts = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
    (attempts > 0).then(|| AgentUse { agent: stage.as_str().to_owned(), attempts, steps, succeeded })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::Journal;

    #[test]
    fn attempts_steps_and_success_are_counted_by_stage() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        let (journal, _) = Journal::open(&path).unwrap();
        let key = |stage: &str, step: u32| json!({"stage": stage, "round": 0, "attempt": 1, "step": step});
        let call = |stage: &str, step: u32| {
            json!({"type": "model_call_finished", "key": key(stage, step), "fingerprint": "", "appended": null,
                "response": null, "input_tokens": 1, "cached_tokens": 0, "output_tokens": 1,
                "cost_micro_usd": null, "seconds": 0.1})
        };
        let started = |stage: &str, attempt: u32| json!({"type": "stage_started", "stage": stage, "round": 0, "attempt": attempt});
        let error = json!({"rule": "S1", "severity": "error", "layer": "static", "path": "", "message": "", "evidence": ""});
        let asserted = |findings: serde_json::Value| json!({"type": "asserted", "stage": "design", "round": 0, "attempt": 1, "findings": findings});
        for event in [
            started("design", 1),
            call("design", 1),
            asserted(json!([error])),
            started("design", 2),
            started("design", 2),
            call("design", 2),
            call("design", 3),
            asserted(json!([])),
            started("refactor", 1),
        ] {
            smith_task_schema::Recorder::record(&journal, serde_json::from_value(event).unwrap()).unwrap();
        }
        let lines = journal::read(&path).unwrap();
        let design = used(Stage::Design, &lines).unwrap();
        assert_eq!((design.attempts, design.steps, design.succeeded), (2, 3, true));
        let refactor = used(Stage::Refactor, &lines).unwrap();
        assert_eq!((refactor.attempts, refactor.steps, refactor.succeeded), (1, 0, false));
        assert_eq!(used(Stage::Validate, &lines), None);
    }
}
