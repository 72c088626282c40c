//! The one tool of a reviewer: handing in its votes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use smith_agents::{Effect, Tool, ToolError};
use smith_llm::ToolSpec;
use smith_task_schema::{Criterion, Quotation, ReviewVerdict, Stage};

use crate::excerpt::cut;
use crate::material::Material;
use crate::votes::Vote;

/// Name of the tool.
pub(crate) const SUBMIT_REVIEW: &str = "submit_review";

/// Bytes of a refused quotation, of one that counts, and of a reason that a report repeats.
const REFUSED: usize = 200;
const QUOTED: usize = 1_000;
const REASON: usize = 2_000;
/// Quotations of a point that a report repeats.
const QUOTATIONS: usize = 8;

#[derive(Deserialize)]
struct Submitted {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    criterion: Criterion,
    verdict: ReviewVerdict,
    evidence: Vec<Quoted>,
    reason: String,
    route: Stage,
}

#[derive(Deserialize)]
struct Quoted {
    file: String,
    quote: String,
}

/// Where the accepted votes are kept; nothing as long as there are none.
pub(crate) type Handed = Arc<Mutex<Option<Vec<Vote>>>>;

/// Takes a review, checks its evidence against the material, and keeps it.
pub(crate) struct SubmitReview {
    pub(crate) material: Arc<Material>,
    /// In the order in which they were asked.
    pub(crate) criteria: Vec<Criterion>,
    pub(crate) handed: Handed,
}

#[async_trait]
impl Tool for SubmitReview {
    fn spec(&self) -> ToolSpec {
        let criteria: Vec<_> = self.criteria.iter().map(|criterion| criterion.as_str()).collect();
        ToolSpec {
            name: SUBMIT_REVIEW.to_owned(),
            description: "Hands in the review: one point for every criterion.".to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {"points": {"type": "array", "minItems": 1, "items": {
                    "type": "object",
                    "properties": {
                        "criterion": {"type": "string", "enum": criteria},
                        "verdict": {"type": "string", "enum": ["pass", "fail", "cannot_tell"]},
                        "evidence": {"type": "array", "items": {
                            "type": "object",
                            "properties": {
                                "file": {"type": "string", "description": "Name of the file, as it was shown."},
                                "quote": {"type": "string", "description": "A passage copied verbatim from it."}
                            },
                            "required": ["file", "quote"],
                            "additionalProperties": false
                        }, "description": "Needed for a fail; empty otherwise, if you like."},
                        "reason": {"type": "string", "description": "Why; for a fail, what to change."},
                        "route": {"type": "string", "enum": ["design", "refactor"], "description": "Who can mend it."}
                    },
                    "required": ["criterion", "verdict", "evidence", "reason", "route"],
                    "additionalProperties": false
                }}},
                "required": ["points"],
                "additionalProperties": false
            }),
        }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let submitted: Submitted = serde_json::from_value(arguments.clone())
            .map_err(|error| ToolError::reply(format!("The review cannot be read: {error}.")))?;
        let mut given: BTreeMap<Criterion, u32> = BTreeMap::new();
        for point in &submitted.points {
            *given.entry(point.criterion).or_default() += 1;
        }
        let missing: Vec<_> = Criterion::ALL
            .iter()
            .filter(|criterion| given.get(criterion) != Some(&1))
            .map(|criterion| criterion.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(ToolError::reply(format!(
                "Give exactly one point for each of the {} criteria. Missing or given twice: {}.",
                Criterion::ALL.len(),
                missing.join(", ")
            )));
        }
        let votes = submitted.points.into_iter().map(|point| judge(point, &self.material)).collect();
        *self.handed.lock().unwrap_or_else(PoisonError::into_inner) = Some(votes);
        Ok("The review is in.".to_owned())
    }
}

/// A fail counts only with evidence that stands in the material.
fn judge(point: Point, material: &Material) -> Vote {
    let (mut evidence, mut refused) = (Vec::new(), Vec::new());
    for Quoted { file, quote } in point.evidence {
        match material.check(&file, &quote) {
            Ok(()) if evidence.len() >= QUOTATIONS => {}
            Ok(()) => {
                let file = material.name_of(&file).unwrap_or(&file).to_owned();
                evidence.push(Quotation { file, text: cut(&quote, QUOTED) });
            }
            Err(why) => {
                let (file, quote) = (cut(&file, REFUSED), cut(&quote, REFUSED));
                refused.push(format!("{file:?}: {quote:?} ({why})"));
            }
        }
    }
    let unproven = point.verdict == ReviewVerdict::Fail && evidence.is_empty();
    let lowered = unproven.then(|| match refused.as_slice() {
        [] => "failed without evidence".to_owned(),
        refused => {
            let first = refused.iter().take(QUOTATIONS).cloned().collect::<Vec<_>>().join("; ");
            format!("no quotation counts: {first}")
        }
    });
    Vote {
        criterion: point.criterion,
        verdict: if unproven { ReviewVerdict::CannotTell } else { point.verdict },
        evidence,
        refused: u32::try_from(refused.len()).unwrap_or(u32::MAX),
        reason: cut(&point.reason, REASON),
        route: point.route,
        lowered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(verdict: &str, evidence: &[(&str, &str)]) -> Value {
        let evidence: Vec<_> =
            evidence.iter().map(|(file, quote)| json!({"file": file, "quote": quote})).collect();
        let points: Vec<_> = Criterion::ALL
            .iter()
            .map(|c| json!({"criterion": c.as_str(), "verdict": verdict, "evidence": evidence, "reason": "r", "route": "design"}))
            .collect();
        json!({ "points": points })
    }

    fn tool() -> SubmitReview {
        let texts = [("description.txt", "The id is the row number."), ("metric.py", "return float(score)")];
        let material = Arc::new(Material::from_texts(&texts));
        SubmitReview { material, criteria: Criterion::ALL.to_vec(), handed: Handed::default() }
    }

    #[tokio::test]
    async fn a_fail_counts_only_with_evidence_that_exists() {
        let (true_one, made_up) =
            (("description.txt", "the row number."), ("description.txt", "quite made up text"));
        let elsewhere = ("metric.py", "the row number.");
        for (verdict, evidence, expected, refused) in [
            ("fail", vec![true_one], ReviewVerdict::Fail, 0),
            ("fail", vec![made_up, true_one], ReviewVerdict::Fail, 1),
            ("fail", vec![made_up, elsewhere], ReviewVerdict::CannotTell, 2),
            ("fail", vec![("notes.txt", "the row number.")], ReviewVerdict::CannotTell, 1),
            ("fail", vec![("description.txt", "The id")], ReviewVerdict::CannotTell, 1),
            ("fail", vec![], ReviewVerdict::CannotTell, 0),
            ("pass", vec![], ReviewVerdict::Pass, 0),
            ("pass", vec![made_up], ReviewVerdict::Pass, 1),
            ("cannot_tell", vec![], ReviewVerdict::CannotTell, 0),
        ] {
            let tool = tool();
            tool.call(&review(verdict, &evidence)).await.unwrap();
            let votes = tool.handed.lock().unwrap().clone().unwrap();
            assert_eq!(votes.len(), Criterion::ALL.len());
            let lowered = verdict == "fail" && expected == ReviewVerdict::CannotTell;
            for vote in votes {
                assert_eq!((vote.verdict, vote.refused), (expected, refused), "{evidence:?}");
                assert_eq!(vote.lowered.is_some(), lowered);
            }
        }
    }

    #[tokio::test]
    async fn what_a_report_repeats_is_bounded() {
        let line = "word ".repeat(2_000);
        let material = Arc::new(Material::from_texts(&[("prepare.py", line.as_str())]));
        let tool = SubmitReview { material, ..tool() };
        let mut review = review("fail", &vec![("prepare.py", line.trim()); 50]);
        review["points"][0]["reason"] = json!(line);
        review["points"][1]["evidence"] = json!(vec![json!({"file": line, "quote": line}); 50]);
        tool.call(&review).await.unwrap();
        let votes = tool.handed.lock().unwrap().clone().unwrap();
        assert!(votes[0].reason.len() < 2_100 && votes[0].evidence.len() == 8);
        assert!(votes[0].evidence.iter().all(|quotation| quotation.text.len() < 1_100));
        assert_eq!((votes[1].verdict, votes[1].refused), (ReviewVerdict::CannotTell, 50));
        assert!(votes[1].lowered.as_ref().is_some_and(|causes| causes.len() < 5_000));
    }

    #[tokio::test]
    async fn every_criterion_is_wanted_once_and_no_retired_one() {
        let mut doubled = review("pass", &[]);
        doubled["points"][1]["criterion"] = json!("alignment");
        let error = tool().call(&doubled).await.unwrap_err().to_string();
        assert!(error.contains("alignment, feasibility"), "{error}");
        let spec = tool().spec().parameters.to_string();
        assert!(spec.contains("data_use") && !spec.contains("shortcuts"));
    }
}
