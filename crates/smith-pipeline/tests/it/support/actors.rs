//! Stages that do what a test tells them, and remember every call.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use smith_llm::{Budget, MicroUsd};
use smith_pipeline::{StageSource, Stages};
use smith_task_schema::event::ModelCall;
use smith_task_schema::{
    Brainstorm, BrainstormInput, BrainstormReport, CallKey, CandidateId, Criterion, Defect, Design,
    DesignInput, Difficulty, Event, Formulation, Modality, Proposal, ProposalHeader, Quotation, Refactor,
    RefactorInput, Review, ReviewInput, ReviewPoint, ReviewReport, ReviewVerdict, Stage, StageContext,
    StageEnd, StageError, StageReport, Validate, ValidateInput, ValidationReport, proposal,
};
use tokio::sync::Barrier;

use super::fixture;

/// One call of a stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) stage: Stage,
    pub(crate) candidate: String,
    pub(crate) round: u32,
    pub(crate) attempt: u32,
    pub(crate) defects: Vec<Defect>,
    pub(crate) workdir: PathBuf,
}

/// What a stage does when it is called.
pub(crate) enum Act {
    /// Its work, and well.
    Well,
    /// Its work, but `prepare.py` raises this.
    Broken(&'static str),
    /// Its work, and then this to the work directory.
    WellAnd(Box<dyn FnOnce(&Path) + Send>),
    /// Its work, with all its steps used up and `prepare.py` raising this.
    Spent(&'static str),
    /// A review that fails one point, to be mended by this stage.
    Fails(Criterion, Stage),
    /// A validation with this best score.
    Scores(Option<f64>),
    /// No proposal.
    NoProposal,
    /// It fails like this.
    Errs(StageError),
    /// It tells that it was reached and never returns, as when the process is killed there.
    Hangs,
    /// It waits until so many are here, and then works well.
    Meets(Arc<Barrier>),
}

type Play = dyn Fn(&Call) -> Act + Send + Sync;

/// All five stages of a run.
pub(crate) struct Actors {
    play: Box<Play>,
    proposals: u32,
    calls: Mutex<Vec<Call>>,
    hung: tokio::sync::Notify,
    /// What a call costs, in millionths of a dollar; nothing when no account is kept.
    price: Option<u64>,
    accounts: Mutex<HashMap<String, Budget>>,
}

/// Actors as the source of stages: it keeps each candidate's account.
pub(crate) struct Cast(Arc<Actors>);

impl StageSource for Cast {
    fn stages(&self, candidate: &CandidateId, account: &Budget) -> Stages {
        self.0.accounts.lock().unwrap().insert(candidate.to_string(), account.clone());
        self.0.stages()
    }
}

impl Actors {
    /// Stages that act as `play` says, on this many proposals.
    pub(crate) fn new(proposals: u32, play: impl Fn(&Call) -> Act + Send + Sync + 'static) -> Arc<Self> {
        Self::paid(proposals, None, play)
    }

    /// Stages of which each call costs so much.
    pub(crate) fn paid(
        proposals: u32,
        price: impl Into<Option<u64>>,
        play: impl Fn(&Call) -> Act + Send + Sync + 'static,
    ) -> Arc<Self> {
        let hung = tokio::sync::Notify::new();
        let (calls, accounts, price) = (Mutex::default(), Mutex::default(), price.into());
        Arc::new(Self { play: Box::new(play), proposals, calls, hung, price, accounts })
    }

    pub(crate) fn cast(self: &Arc<Self>) -> Cast {
        Cast(self.clone())
    }

    /// Stages that make one sound task.
    pub(crate) fn well() -> Arc<Self> {
        Self::new(1, |_| Act::Well)
    }

    pub(crate) fn stages(self: &Arc<Self>) -> Stages {
        Stages {
            brainstorm: self.clone(),
            design: self.clone(),
            refactor: self.clone(),
            review: self.clone(),
            validate: self.clone(),
        }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn calls_of(&self, stage: Stage) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.stage == stage).collect()
    }

    /// `design 0.1`, `refactor 1.2`: stage, round and attempt of each call.
    pub(crate) fn steps(&self) -> Vec<String> {
        let step = |call: &Call| format!("{} {}.{}", call.stage, call.round, call.attempt);
        self.calls().iter().map(step).collect()
    }

    /// Returns once a stage hangs.
    pub(crate) async fn hung(&self) {
        self.hung.notified().await;
    }

    /// Notes the call and asks the test; the acts that are the same for every stage are done here.
    async fn act(&self, cx: &StageContext, defects: Vec<Defect>) -> Result<Act, StageError> {
        let call = Call {
            stage: cx.stage,
            candidate: cx.candidate.to_string(),
            round: cx.round,
            attempt: cx.attempt,
            defects,
            workdir: cx.workdir.clone(),
        };
        self.calls.lock().unwrap().push(call.clone());
        self.pay(cx).await?;
        match (self.play)(&call) {
            Act::Errs(error) => Err(error),
            Act::Hangs => {
                self.hung.notify_one();
                std::future::pending().await
            }
            Act::Meets(barrier) => {
                barrier.wait().await;
                Ok(Act::Well)
            }
            act => Ok(act),
        }
    }
}

impl Actors {
    /// One model call, unless an earlier process made it.
    async fn pay(&self, cx: &StageContext) -> Result<(), StageError> {
        let key = CallKey { stage: cx.stage, round: cx.round, attempt: cx.attempt, step: 1 };
        let Some(price) = self.price.filter(|_| cx.recall.recall(&key).is_none()) else { return Ok(()) };
        let account = self.accounts.lock().unwrap()[&cx.candidate.to_string()].clone();
        let held = account.reserve_when_free(MicroUsd(price)).await;
        let held = held.map_err(|error| StageError::BudgetReached(error.to_string()))?;
        let call = ModelCall {
            key,
            fingerprint: String::new(),
            appended: serde_json::Value::Null,
            response: "paid".into(),
            input_tokens: 10,
            cached_tokens: 4,
            output_tokens: 5,
            reasoning_tokens: 2,
            cost_micro_usd: Some(price),
            seconds: 0.1,
        };
        cx.recorder.record(Event::ModelCallFinished(Box::new(call)))?;
        held.settle(MicroUsd(price));
        Ok(())
    }
}

fn report(end: StageEnd) -> StageReport {
    StageReport { steps: 1, end, note: "Done.".to_owned() }
}

/// Puts the sources of the stage into the work directory, whatever was there.
fn build(cx: &StageContext, act: Act) -> StageReport {
    for entry in std::fs::read_dir(fixture(cx.stage.as_str())).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), cx.workdir.join(entry.file_name())).unwrap();
    }
    let prepare = cx.workdir.join("prepare.py");
    let raise = |message: &str| {
        let text = std::fs::read_to_string(&prepare).unwrap();
        std::fs::write(&prepare, format!("{text}\n\nraise ValueError(\"{message}\")\n")).unwrap();
    };
    match act {
        Act::Broken(message) => raise(message),
        Act::Spent(message) => {
            raise(message);
            return report(StageEnd::StepsSpent);
        }
        Act::WellAnd(more) => more(&cx.workdir),
        _ => {}
    }
    report(StageEnd::Finished)
}

#[async_trait]
impl Brainstorm for Actors {
    async fn brainstorm(
        &self,
        cx: &StageContext,
        _: BrainstormInput,
    ) -> Result<BrainstormReport, StageError> {
        let count = match self.act(cx, Vec::new()).await? {
            Act::NoProposal => 0,
            _ => self.proposals,
        };
        let proposals = (1..=count).map(proposal_of).collect();
        Ok(BrainstormReport { proposals, steps: 1, note: "All columns are constant.".to_owned() })
    }
}

fn proposal_of(number: u32) -> Proposal {
    let header = ProposalHeader {
        title: format!("Late ferries {number}"),
        target: "late".to_owned(),
        modality: Modality::Tabular,
        formulation: Formulation::Classification,
        metric: "accuracy".to_owned(),
        higher_is_better: true,
        difficulty: Difficulty::Beginner,
        tags: vec!["harbour".to_owned()],
    };
    let sections = proposal::SECTIONS.map(|name| (name.to_owned(), "As the harbour has it.".to_owned()));
    Proposal { header, sections: sections.to_vec() }
}

#[async_trait]
impl Design for Actors {
    async fn design(&self, cx: &StageContext, input: DesignInput) -> Result<StageReport, StageError> {
        // The contract of the stage: it may write here.
        std::fs::write(cx.workdir.join("brainstorming.md"), input.proposal.to_markdown()).unwrap();
        Ok(build(cx, self.act(cx, input.defects).await?))
    }
}

#[async_trait]
impl Refactor for Actors {
    async fn refactor(&self, cx: &StageContext, input: RefactorInput) -> Result<StageReport, StageError> {
        std::fs::create_dir_all(cx.workdir.join("samples")).unwrap();
        std::fs::write(cx.workdir.join("samples/sample_prepare.py"), "# An example.\n").unwrap();
        Ok(build(cx, self.act(cx, input.defects).await?))
    }
}

#[async_trait]
impl Review for Actors {
    async fn review(&self, cx: &StageContext, input: ReviewInput) -> Result<ReviewReport, StageError> {
        assert!(input.task.test_answer().is_file(), "a reviewer sees a prepared task");
        assert!(input.proposal.is_some_and(|proposal| !proposal.header.title.is_empty()));
        assert!(
            input.findings.iter().all(|finding| !finding.is_error()),
            "only what did not reject the task"
        );
        let act = self.act(cx, Vec::new()).await?;
        let point = |criterion| {
            let (verdict, route) = match act {
                Act::Fails(failing, route) if failing == criterion => (ReviewVerdict::Fail, route),
                _ => (ReviewVerdict::Pass, Stage::Design),
            };
            ReviewPoint {
                criterion,
                verdict,
                votes: None,
                agreement: None,
                evidence: vec![Quotation {
                    file: "description.txt".to_owned(),
                    text: "Late ferries".to_owned(),
                }],
                refused: 0,
                reason: "It names no harbour.".to_owned(),
                route,
                lowered: None,
            }
        };
        Ok(ReviewReport {
            points: Criterion::ALL.into_iter().map(point).collect(),
            steps: 1,
            passes: 1,
            kappa: None,
        })
    }
}

/// The text that a failed point becomes.
pub(crate) fn review_fails(criterion: Criterion) -> String {
    format!(
        "[review of {}] It names no harbour.\n    evidence: description.txt: Late ferries",
        criterion.as_str()
    )
}

#[async_trait]
impl Validate for Actors {
    async fn validate(
        &self,
        cx: &StageContext,
        input: ValidateInput,
    ) -> Result<ValidationReport, StageError> {
        assert!(input.task.sample_submission().is_file(), "an agent is given a prepared task");
        let best = match self.act(cx, Vec::new()).await? {
            Act::Scores(best) => best,
            _ => Some(0.9),
        };
        Ok(ValidationReport {
            steps: 1,
            best,
            note: "I could not write a file.".to_owned(),
            ..Default::default()
        })
    }
}
