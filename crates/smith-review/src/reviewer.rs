//! The reviewer: shows a model the task and takes its points.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use serde_json::json;
use smith_agents::{AgentLoop, Conversation, Toolbox};
use smith_llm::{ChatModel, Sampling};
use smith_prompts::PromptId;
use smith_task_schema::{Criterion, Review, ReviewInput, ReviewReport, StageContext, StageError};

use crate::material::{Material, seal};
use crate::submit::{Points, SUBMIT_REVIEW, SubmitReview};

/// Model calls within which a reviewer must hand in a well-formed review.
const STEPS: u32 = 4;

/// Judges tasks against the rubric.
#[derive(Clone)]
pub struct Reviewer {
    model: Arc<dyn ChatModel>,
    sampling: Sampling,
}

impl Reviewer {
    /// A reviewer that asks this model.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, sampling: Sampling) -> Self {
        Self { model, sampling }
    }
}

#[async_trait]
impl Review for Reviewer {
    async fn review(&self, cx: &StageContext, input: ReviewInput) -> Result<ReviewReport, StageError> {
        let material = Material::of_task(&input.task);
        let points = Points::default();
        let tool = SubmitReview { material: material.clone(), points: points.clone() };
        let toolbox = Toolbox::new(vec![Box::new(tool)]).map_err(StageError::Mistake)?;
        let criteria: Vec<_> = Criterion::ALL.iter().map(|criterion| criterion.as_str()).collect();
        let instruction = smith_prompts::render(PromptId::Review, json!({"criteria": criteria}))
            .map_err(|error| StageError::Mistake(error.to_string()))?;
        let shown = format!("Proposal:\n{}\n\n{}", seal(&input.proposal.to_markdown()), material.to_prompt());
        let mut conversation = Conversation::open(instruction, shown);
        let agent = AgentLoop {
            model: self.model.clone(),
            toolbox: &toolbox,
            cx,
            max_steps: STEPS,
            sampling: self.sampling,
            ends_with: Some(SUBMIT_REVIEW),
        };
        agent.run(&mut conversation).await?;
        let points = points.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(ReviewReport { points: complete(points), steps: conversation.steps() })
    }
}

/// A reviewer that never handed in a review could not tell.
fn complete(points: Vec<smith_task_schema::ReviewPoint>) -> Vec<smith_task_schema::ReviewPoint> {
    if !points.is_empty() {
        return points;
    }
    Criterion::ALL
        .iter()
        .map(|criterion| smith_task_schema::ReviewPoint {
            criterion: *criterion,
            verdict: smith_task_schema::ReviewVerdict::CannotTell,
            evidence: Vec::new(),
            reason: "The reviewer did not hand in a review.".to_owned(),
            route: smith_task_schema::Stage::Design,
            lowered: None,
        })
        .collect()
}
