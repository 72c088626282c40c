//! One candidate on its way: design, assert, refactor, assert, review, validate, and back with defects.
//!
//! The way is a fixed sequence of steps, and each step first looks into the fold of the journal: what an
//! earlier process finished is taken from there, so resuming is the same code as running.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smith_assert::{Catalogue, Outcome, Scores, Subject};
use smith_exec::Runtime;
use smith_task_schema::{
    CandidateId, Certificate, CheckRecord, Defect, DesignInput, Event, Finding, LayoutKind, Proposal,
    Recorder, RefactorInput, ReviewInput, ReviewReport, Stage, StageContext, StageEnd, StageReport,
    TaskLayout, ValidateInput, ValidationReport, Verdict,
};

use crate::attempts::Attempts;
use crate::defects::{first_finding, first_of, review_defects, route_validation, spent};
use crate::error::PipelineError;
use crate::fold::{CandidateFold, Judged};
use crate::options::RunOptions;
use crate::performance;
use crate::stages::Stages;
use crate::staging::Staging;

/// Everything that one candidate needs to go its way.
pub(crate) struct Candidate {
    pub(crate) id: CandidateId,
    pub(crate) dir: PathBuf,
    pub(crate) dataset: PathBuf,
    pub(crate) overview: String,
    pub(crate) proposal: Proposal,
    pub(crate) stages: Stages,
    pub(crate) runtime: Runtime,
    pub(crate) options: RunOptions,
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) fold: Arc<CandidateFold>,
}

/// How a candidate's way ended.
pub(crate) enum Decision {
    /// Every layer is satisfied.
    Accepted { task: TaskLayout, certificate: Box<Certificate> },
    /// It is not, and will not become so within the bounds. `left` is the furthest state of its files.
    Rejected { reason: String, left: Option<PathBuf> },
}

/// A builder stage that passed its assertions: where its files lie.
struct Built {
    workdir: PathBuf,
    task: TaskLayout,
    /// What the assertions found without rejecting it.
    warnings: Vec<Finding>,
    outcome: Option<Outcome>,
}

impl Candidate {
    /// Goes the whole way.
    pub(crate) async fn decide(&self) -> Result<Decision, PipelineError> {
        let attempts = Attempts::new(&self.dir, &self.dataset);
        let mut round = 0;
        let mut start = Stage::Design;
        let mut defects: Vec<Defect> = Vec::new();
        let mut designed: Option<PathBuf> = None;
        let mut refactored: Option<PathBuf> = None;
        loop {
            if start == Stage::Design {
                let mended = std::mem::take(&mut defects);
                match self.build(&attempts, Stage::Design, round, designed.as_deref(), mended).await? {
                    ControlFlow::Continue(built) => designed = Some(built.workdir),
                    ControlFlow::Break(decision) => return Ok(decision),
                }
                refactored = None;
            }
            let from = refactored.as_deref().or(designed.as_deref());
            let mended = std::mem::take(&mut defects);
            let built = match self.build(&attempts, Stage::Refactor, round, from, mended).await? {
                ControlFlow::Continue(built) => built,
                ControlFlow::Break(decision) => return Ok(decision),
            };
            let review = self.review(&attempts, round, &built).await?;
            let mut found = review_defects(&review);
            let mut validation = None;
            if found.is_empty() {
                let (report, findings) = self.validate(&attempts, round, &built.task).await?;
                found = findings.iter().map(route_validation).collect();
                validation = Some(report);
            }
            if found.is_empty() {
                return self.accept(built, review, validation).await;
            }
            if round == self.options.rounds {
                let reason = format!("after {} rounds of mending: {}", round, first_of(&found));
                return Ok(Decision::Rejected { reason, left: Some(built.task.root) });
            }
            round += 1;
            start = found.iter().map(|defect| defect.route).min().unwrap_or(Stage::Design);
            self.route(round, start, &found)?;
            refactored = Some(built.workdir);
            defects = found;
        }
    }

    fn route(&self, round: u32, to: Stage, defects: &[Defect]) -> Result<(), PipelineError> {
        if self.fold.routed(round) {
            return Ok(());
        }
        Ok(self.recorder.record(Event::DefectsRouted { round, to, defects: defects.to_vec() })?)
    }

    /// Attempts of Designer or Refactor until the assertions that follow are satisfied.
    async fn build(
        &self,
        attempts: &Attempts,
        stage: Stage,
        round: u32,
        from: Option<&Path>,
        mut defects: Vec<Defect>,
    ) -> Result<ControlFlow<Decision, Built>, PipelineError> {
        let mut from = from.map(Path::to_path_buf);
        let mut reason = String::new();
        for attempt in 1..=self.options.attempts {
            let dir = attempts.dir(stage, round, attempt);
            let report =
                self.attempt(attempts, stage, round, attempt, from.as_deref(), &dir, &defects).await?;
            if report.end == StageEnd::GaveUp {
                Attempts::end(&dir)?;
                let reason = format!("{stage}: {}", report.note.trim());
                return Ok(ControlFlow::Break(Decision::Rejected { reason, left: from.or(Some(dir)) }));
            }
            let (findings, task, outcome) = self.assert(stage, round, attempt, &dir).await?;
            Attempts::end(&dir)?;
            defects =
                findings.iter().filter(|f| f.is_error()).map(|f| Defect::from_finding(f, stage)).collect();
            if defects.is_empty() {
                return Ok(ControlFlow::Continue(Built { workdir: dir, task, warnings: findings, outcome }));
            }
            reason =
                format!("{stage}: {attempt} attempts did not satisfy the assertions: {}", first_of(&defects));
            if report.end == StageEnd::StepsSpent {
                defects.insert(0, spent(stage));
            }
            from = Some(dir);
        }
        Ok(ControlFlow::Break(Decision::Rejected { reason, left: from }))
    }

    /// One attempt, or its report by an earlier process.
    #[expect(clippy::too_many_arguments, reason = "an attempt is named by all of these")]
    async fn attempt(
        &self,
        attempts: &Attempts,
        stage: Stage,
        round: u32,
        attempt: u32,
        from: Option<&Path>,
        dir: &Path,
        defects: &[Defect],
    ) -> Result<StageReport, PipelineError> {
        if let Some(report) = self.fold.finished(stage, round, attempt) {
            return Ok(report.clone());
        }
        attempts.begin(stage, dir, from)?;
        self.recorder.record(Event::StageStarted { stage, round, attempt })?;
        let cx = self.context(stage, dir).on_attempt(round, attempt);
        let (proposal, defects) = (self.proposal.clone(), defects.to_vec());
        let report = if stage == Stage::Design {
            let input = DesignInput { overview: self.overview.clone(), proposal, defects };
            self.stages.design.design(&cx, input).await?
        } else {
            self.stages.refactor.refactor(&cx, RefactorInput { proposal, defects }).await?
        };
        crate::tree::take_over(dir)?;
        self.recorder.record(Event::StageFinished { stage, round, attempt, report: report.clone() })?;
        Ok(report)
    }

    fn context(&self, stage: Stage, dir: &Path) -> StageContext {
        StageContext::new(self.id.clone(), stage, dir.to_path_buf(), self.recorder.clone(), self.fold.clone())
    }

    /// The assertions that follow a builder stage, or what they found in an earlier process.
    async fn assert(
        &self,
        stage: Stage,
        round: u32,
        attempt: u32,
        workdir: &Path,
    ) -> Result<(Vec<Finding>, TaskLayout, Option<Outcome>), PipelineError> {
        let task = self.task_under_test(stage, round, attempt, workdir).await?;
        if let Some(findings) = self.fold.asserted(stage, round, attempt) {
            return Ok((findings.clone(), task, None));
        }
        let outcome = self.check(stage, &task).await?;
        let findings = outcome.findings.clone();
        self.recorder.record(Event::Asserted { stage, round, attempt, findings: findings.clone() })?;
        Ok((findings, task, Some(outcome)))
    }

    /// After the Designer its own directory; after the Refactor the package built from its sources.
    async fn task_under_test(
        &self,
        stage: Stage,
        round: u32,
        attempt: u32,
        workdir: &Path,
    ) -> Result<TaskLayout, PipelineError> {
        if stage == Stage::Design {
            let task = TaskLayout::at(LayoutKind::Workdir, workdir);
            if self.fold.asserted(stage, round, attempt).is_some() {
                return Ok(task);
            }
            // The agent's shell could reach its copy of the dataset, so the check gets a pristine one.
            crate::tree::remove(&workdir.join("raw"))?;
            crate::tree::copy_dataset(&self.dataset, &workdir.join("raw"))?;
            return Ok(task);
        }
        let dir = self.dir.join("staging").join(format!("round{round}-attempt{attempt}"));
        // Built in one step, so if it is there it is whole.
        if self.fold.finished(stage, round, attempt).is_some() && dir.is_dir() {
            return Ok(TaskLayout::at(LayoutKind::Package, &dir));
        }
        Staging { dataset: &self.dataset, runtime: &self.runtime }.build(workdir, &dir).await
    }

    async fn check(&self, stage: Stage, task: &TaskLayout) -> Result<Outcome, PipelineError> {
        let catalogue =
            if stage == Stage::Design { Catalogue::pre_refactor() } else { Catalogue::post_refactor() };
        let scratch = self.scratch()?;
        let subject = Subject::new(task.clone(), Some(self.runtime.clone()), scratch.path().to_path_buf());
        Ok(catalogue.check(&subject).await?)
    }

    /// Room for copies of the dataset. It lies in the run, where the next process finds what a killed one left.
    fn scratch(&self) -> Result<tempfile::TempDir, PipelineError> {
        let place = self.dir.join("scratch");
        crate::tree::remove(&place)?;
        std::fs::create_dir_all(&place).map_err(crate::error::at(&place))?;
        tempfile::tempdir_in(&place).map_err(crate::error::at(&place))
    }

    async fn review(
        &self,
        attempts: &Attempts,
        round: u32,
        built: &Built,
    ) -> Result<ReviewReport, PipelineError> {
        if let Some(report) = self.fold.reviewed(round) {
            return Ok(report.clone());
        }
        let dir = attempts.dir(Stage::Review, round, 1);
        Attempts::begin_empty(&dir)?;
        self.recorder.record(Event::StageStarted { stage: Stage::Review, round, attempt: 1 })?;
        let cx = self.context(Stage::Review, &dir).on_attempt(round, 1);
        // As they stand in the journal, so that a resumed process asks what was asked before.
        let findings = built.warnings.clone();
        let input = ReviewInput { proposal: Some(self.proposal.clone()), task: built.task.clone(), findings };
        let report = self.stages.review.review(&cx, input).await?;
        self.recorder.record(Event::Reviewed { round, report: report.clone() })?;
        Ok(report)
    }

    /// Tries the task; a failure is tried again before it counts, because an agent may have a bad day.
    async fn validate(
        &self,
        attempts: &Attempts,
        round: u32,
        task: &TaskLayout,
    ) -> Result<Judged, PipelineError> {
        if let Some(known) = self.fold.validated(round) {
            return Ok(known.clone());
        }
        let scores = self.scores(task).await?;
        let mut attempt = 1;
        let (report, findings) = loop {
            let (report, findings) =
                self.validation_attempt(attempts, round, attempt, task, scores.as_ref()).await?;
            if findings.is_empty() || attempt >= self.options.validation_attempts {
                break (report, findings);
            }
            if self.fold.validation_attempted(round, attempt).is_none() {
                self.recorder.record(Event::ValidationAttempted { round, attempt, report, findings })?;
            }
            attempt += 1;
        };
        self.recorder.record(Event::Validated {
            round,
            report: report.clone(),
            findings: findings.clone(),
        })?;
        Ok((report, findings))
    }

    async fn validation_attempt(
        &self,
        attempts: &Attempts,
        round: u32,
        attempt: u32,
        task: &TaskLayout,
        scores: Option<&Scores>,
    ) -> Result<Judged, PipelineError> {
        if let Some(known) = self.fold.validation_attempted(round, attempt) {
            return Ok(known.clone());
        }
        let dir = attempts.dir(Stage::Validate, round, attempt);
        Attempts::begin_empty(&dir)?;
        self.recorder.record(Event::StageStarted { stage: Stage::Validate, round, attempt })?;
        let cx = self.context(Stage::Validate, &dir).on_attempt(round, attempt);
        let input = ValidateInput { name: self.id.dataset.clone(), task: task.clone() };
        let mut report = self.stages.validate.validate(&cx, input).await?;
        if let Some(scores) = scores {
            performance::complete(&mut report, scores);
        }
        let findings = performance::judge(&report);
        Ok((report, findings))
    }

    /// Scores of the submissions that need no agent.
    async fn scores(&self, task: &TaskLayout) -> Result<Option<Scores>, PipelineError> {
        let scratch = self.scratch()?;
        let subject = Subject::new(task.clone(), Some(self.runtime.clone()), scratch.path().to_path_buf());
        Ok(subject.scores().await?)
    }

    /// The certificate names every rule, also when the assertions ran in an earlier process.
    async fn accept(
        &self,
        built: Built,
        review: ReviewReport,
        validation: Option<ValidationReport>,
    ) -> Result<Decision, PipelineError> {
        let outcome = match built.outcome {
            Some(outcome) => outcome,
            None => self.check(Stage::Refactor, &built.task).await?,
        };
        if outcome.verdict() == Verdict::Rejected {
            let reason = format!("the assertions no longer hold: {}", first_finding(&outcome.findings));
            return Ok(Decision::Rejected { reason, left: Some(built.task.root) });
        }
        let sandbox = self.runtime.sandbox_record();
        let checks = outcome.checks.into_iter().map(CheckRecord::lasting).collect();
        let solved = validation.as_ref().and_then(|validation| validation.best);
        let calibration = outcome.calibration.map(|ladder| match solved {
            Some(score) => ladder.with_solver("validation agent", score),
            None => ladder,
        });
        let certificate = Certificate { checks, review: Some(review), validation, sandbox, calibration };
        Ok(Decision::Accepted { task: built.task, certificate: Box::new(certificate) })
    }
}
