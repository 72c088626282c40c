//! The reviewer: shows a model the task several times over and counts the votes.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use serde_json::json;
use smith_agents::{AgentLoop, Conversation, Folding, Toolbox};
use smith_llm::{ChatModel, Sampling};
use smith_prompts::PromptId;
use smith_task_schema::{
    Criterion, Finding, Proposal, Review, ReviewInput, ReviewReport, StageContext, StageError,
};
use tokio::task::JoinSet;

use crate::excerpt::cut;
use crate::material::{Material, seal};
use crate::order::order;
use crate::submit::{Handed, SUBMIT_REVIEW, SubmitReview};
use crate::votes::{Pass, report};

/// Model calls within which a pass must hand in a well-formed review.
const STEPS: u32 = 4;
/// Passes when nobody says otherwise: the fewest of which two can outvote one.
const PASSES: u32 = 3;
/// Tokens of the files in a request.
const TOKENS: usize = 24_000;
/// Facts in a request, and bytes of each.
const FACTS: usize = 20;
const FACT: usize = 600;

/// Judges tasks against the rubric, in several passes that know nothing of each other.
#[derive(Clone)]
pub struct Reviewer {
    model: Arc<dyn ChatModel>,
    sampling: Sampling,
    passes: u32,
    tokens: usize,
    folding: Folding,
}

impl Reviewer {
    /// A reviewer that asks this model, in three passes.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>, sampling: Sampling) -> Self {
        Self { model, sampling, passes: PASSES, tokens: TOKENS, folding: Folding::default() }
    }

    /// The same reviewer with another number of passes, at least one.
    #[must_use]
    pub fn with_passes(mut self, passes: u32) -> Self {
        self.passes = passes.max(1);
        self
    }

    /// The same reviewer that is shown at most about so many tokens of a task's files.
    #[must_use]
    pub fn with_tokens(mut self, tokens: usize) -> Self {
        self.tokens = tokens;
        self
    }

    /// The same reviewer with the window of its model, or another way to keep within it; without this, the window of a model
    /// of which nothing is known.
    #[must_use]
    pub fn with_folding(mut self, folding: impl Into<Folding>) -> Self {
        self.folding = folding.into();
        self
    }

    /// Tokens of a task's files that are shown: in a small window, half the room at most. The rest is for the instruction,
    /// the proposal, the facts and the answers.
    fn shown_tokens(&self) -> usize {
        let half = usize::try_from(self.folding.window.room(None) / 2).unwrap_or(usize::MAX);
        self.tokens.min(half)
    }

    /// The pass of a number from 0. Each is an attempt of the stage, so that the journal keeps them apart.
    async fn pass(self, cx: StageContext, number: u32, shown: Arc<Shown>) -> Result<Pass, StageError> {
        let criteria: Vec<Criterion> = order(number, Criterion::ALL.len())
            .into_iter()
            .filter_map(|at| Criterion::ALL.get(at).copied())
            .collect();
        let words: Vec<_> = criteria.iter().map(|criterion| criterion.as_str()).collect();
        let instruction = smith_prompts::render(PromptId::Review, json!({"criteria": words}))
            .map_err(|error| StageError::Mistake(error.to_string()))?;
        let handed = Handed::default();
        let tool = SubmitReview { material: shown.material.clone(), criteria, handed: handed.clone() };
        let toolbox = Toolbox::new(vec![Box::new(tool)]).map_err(StageError::Mistake)?;
        let mut conversation = Conversation::open(instruction, shown.to_prompt(number)).within(self.folding);
        let mut sampling = self.sampling;
        sampling.seed = sampling.seed.map(|seed| seed.wrapping_add(number));
        let cx = cx.clone().on_attempt(cx.round, number.saturating_add(1));
        let agent = AgentLoop {
            model: self.model,
            toolbox: &toolbox,
            cx: &cx,
            max_steps: STEPS,
            sampling,
            ends_with: Some(SUBMIT_REVIEW),
        };
        agent.run(&mut conversation).await?;
        let votes = handed.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Pass { votes, steps: conversation.steps() })
    }
}

#[async_trait]
impl Review for Reviewer {
    async fn review(&self, cx: &StageContext, input: ReviewInput) -> Result<ReviewReport, StageError> {
        let fault =
            |error: tokio::task::JoinError| StageError::Fault { stage: cx.stage, message: error.to_string() };
        let tokens = self.shown_tokens();
        let shown =
            tokio::task::spawn_blocking(move || Arc::new(Shown::of(&input, tokens))).await.map_err(fault)?;
        let mut work = JoinSet::new();
        for number in 0..self.passes {
            let pass = self.clone().pass(cx.clone(), number, shown.clone());
            work.spawn(async move { (number, pass.await) });
        }
        // All of them, also when one fails: what a model has been asked is paid, and its answer belongs in the journal.
        let mut ended = Vec::new();
        while let Some(joined) = work.join_next().await {
            ended.push(joined.map_err(fault)?);
        }
        ended.sort_by_key(|(number, _)| *number);
        let passes: Vec<Pass> = ended.into_iter().map(|(_, pass)| pass).collect::<Result<_, _>>()?;
        Ok(report(&passes))
    }
}

/// What every pass is shown.
struct Shown {
    proposal: Option<String>,
    facts: Option<String>,
    material: Arc<Material>,
}

impl Shown {
    fn of(input: &ReviewInput, tokens: usize) -> Self {
        Self {
            proposal: input.proposal.as_ref().map(Proposal::to_markdown),
            facts: facts(&input.findings),
            material: Arc::new(Material::of_task(&input.task, tokens)),
        }
    }

    fn to_prompt(&self, pass: u32) -> String {
        let mut out = String::new();
        if let Some(proposal) = &self.proposal {
            out.push_str(&format!("Proposal:\n{}\n\n", seal(proposal)));
        }
        if let Some(facts) = &self.facts {
            out.push_str(&format!(
                "Facts, found by programs:\n<facts>\n{}\n</facts>\n\n",
                seal(facts).trim_end()
            ));
        }
        out.push_str(&self.material.to_prompt(pass));
        out
    }
}

/// Findings as they stand in reports, the first of them when there are many.
fn facts(findings: &[Finding]) -> Option<String> {
    let mut lines: Vec<String> =
        findings.iter().take(FACTS).map(|finding| cut(&finding.to_string(), FACT)).collect();
    if findings.len() > FACTS {
        lines.push(format!("[… {} facts left out …]", findings.len() - FACTS));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
