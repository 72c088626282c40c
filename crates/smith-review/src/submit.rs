//! The one tool of a reviewer: handing in its points.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use smith_agents::{Effect, Tool, ToolError};
use smith_llm::ToolSpec;
use smith_task_schema::{Criterion, ReviewPoint, ReviewVerdict, Stage};

use crate::material::Material;

/// Name of the tool.
pub(crate) const SUBMIT_REVIEW: &str = "submit_review";

#[derive(Deserialize)]
struct Submitted {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    criterion: Criterion,
    verdict: ReviewVerdict,
    #[serde(default)]
    evidence: Vec<String>,
    reason: String,
    route: Stage,
}

/// Where the accepted points are kept.
pub(crate) type Points = Arc<Mutex<Vec<ReviewPoint>>>;

/// Takes a review, checks its evidence against the material, and keeps it.
pub(crate) struct SubmitReview {
    pub(crate) material: Material,
    pub(crate) points: Points,
}

#[async_trait]
impl Tool for SubmitReview {
    fn spec(&self) -> ToolSpec {
        let criteria: Vec<_> = Criterion::ALL.iter().map(|criterion| criterion.as_str()).collect();
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
                        "evidence": {"type": "array", "items": {"type": "string"}, "description": "Passages copied verbatim from the files."},
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
        let missing: Vec<_> = Criterion::ALL
            .iter()
            .filter(|criterion| {
                submitted.points.iter().filter(|point| point.criterion == **criterion).count() != 1
            })
            .map(|criterion| criterion.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(ToolError::reply(format!(
                "Give exactly one point for each of the five criteria. Missing or given twice: {}.",
                missing.join(", ")
            )));
        }
        let points = submitted.points.into_iter().map(|point| judge(point, &self.material)).collect();
        *self.points.lock().unwrap_or_else(PoisonError::into_inner) = points;
        Ok("The review is in.".to_owned())
    }
}

/// Characters, blanks apart, below which a quotation would be found in almost any file.
const SHORTEST_QUOTATION: usize = 6;

fn is_evidence(quotation: &str, material: &Material) -> bool {
    let characters = quotation.chars().filter(|character| !character.is_whitespace()).count();
    characters >= SHORTEST_QUOTATION && material.contains(quotation)
}

/// A fail counts only with evidence that stands in the material.
fn judge(point: Point, material: &Material) -> ReviewPoint {
    let (found, lost): (Vec<_>, Vec<_>) =
        point.evidence.into_iter().partition(|quote| is_evidence(quote, material));
    let unproven = point.verdict == ReviewVerdict::Fail && found.is_empty();
    let lowered = unproven.then(|| {
        if lost.is_empty() {
            "failed without evidence".to_owned()
        } else {
            format!("the quoted evidence does not stand in the files: {}", lost.join(" | "))
        }
    });
    ReviewPoint {
        criterion: point.criterion,
        verdict: if unproven { ReviewVerdict::CannotTell } else { point.verdict },
        evidence: found,
        reason: point.reason,
        route: point.route,
        lowered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(verdict: &str, evidence: &[&str]) -> Value {
        let points: Vec<_> = Criterion::ALL
            .iter()
            .map(|c| json!({"criterion": c.as_str(), "verdict": verdict, "evidence": evidence, "reason": "r", "route": "design"}))
            .collect();
        json!({ "points": points })
    }

    fn tool() -> SubmitReview {
        let material = Material::from_texts(&[("description.txt", "The id is the row number.")]);
        SubmitReview { material, points: Points::default() }
    }

    #[tokio::test]
    async fn a_fail_counts_only_with_evidence_that_exists() {
        for (verdict, evidence, expected, lowered) in [
            ("fail", vec!["row number"], ReviewVerdict::Fail, false),
            ("fail", vec!["made up", "row number"], ReviewVerdict::Fail, false),
            ("fail", vec!["made up"], ReviewVerdict::CannotTell, true),
            ("fail", vec!["i", "The  i"], ReviewVerdict::CannotTell, true),
            ("fail", vec![], ReviewVerdict::CannotTell, true),
            ("pass", vec![], ReviewVerdict::Pass, false),
            ("cannot_tell", vec![], ReviewVerdict::CannotTell, false),
        ] {
            let tool = tool();
            tool.call(&review(verdict, &evidence)).await.unwrap();
            let points = tool.points.lock().unwrap();
            assert_eq!(points.len(), 5);
            assert!(
                points.iter().all(|p| p.verdict == expected && p.lowered.is_some() == lowered),
                "{points:?}"
            );
        }
    }

    #[tokio::test]
    async fn every_criterion_is_wanted_once() {
        let mut doubled = review("pass", &[]);
        doubled["points"][1]["criterion"] = json!("description");
        let error = tool().call(&doubled).await.unwrap_err().to_string();
        assert!(error.contains("description, metric"), "{error}");
    }
}
