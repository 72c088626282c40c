//! The interactive environment that an agent acts on, with MLE-Dojo's actions, fields and error shape.
//!
//! One [`Environment`] is one session on one task. It owns its directories and holds no global state, so
//! any number may live in one process. What an agent does wrong is answered with a failed [`Observation`];
//! an error is returned only when the machine failed, and then no step is counted.
//!
//! ```no_run
//! # async fn example(runtime: smith_exec::Runtime) -> Result<(), Box<dyn std::error::Error>> {
//! use smith_exec::environment::{Action, Environment, EnvironmentConfig};
//! use smith_task_schema::TaskLayout;
//!
//! let task = TaskLayout::detect("tasks/iris".as_ref())?;
//! let config = EnvironmentConfig::new("iris", task, "work/iris");
//! let mut environment = Environment::open(runtime, config).await?;
//! let action = Action::parse("request_info", &serde_json::json!({"info_type": "overview"}));
//! let observation = environment.step(action).await?;
//! assert_eq!(observation.steps_used, 1);
//! # Ok(())
//! # }
//! ```

mod action;
mod answer;
mod config;
mod division;
mod execution;
mod feedback;
mod finish;
mod held_out;
mod history;
mod info;
mod judging;
mod ledger;
mod masking;
mod observation;
mod session;
mod solved;
mod submission;
mod tree;

use std::time::{Duration, Instant};

use serde_json::Value;

pub use action::{ACTIONS, Action};
pub use config::{EnvironmentConfig, SharedGrader, shared_grader};
pub use feedback::{DEFAULT_SHARE, FeedbackMode};
pub use finish::{FinalScore, FinalSubmission};
pub use history::{History, HistoryRecord};
pub use info::INFO_TYPES;
pub use observation::{ActionStatus, ErrorType, Observation};
pub use solved::solve_report;

use crate::{ExecError, Runtime};
use action::echo;
use answer::Answer;
use execution::Terms;
use held_out::HeldOut;
#[cfg(feature = "server")]
pub(crate) use held_out::try_feedback;
use history::Outcome;
use info::{Progress, TaskInfo};
use ledger::Ledger;
use observation::Failure;
use session::{Session, blocking};
pub(crate) use submission::direction;

/// A script gets this much time however little is left of a time budget: with less, no Python does anything.
const LEAST_WALL: Duration = Duration::from_secs(5);

/// One session of an agent on one task.
pub struct Environment {
    runtime: Runtime,
    config: EnvironmentConfig,
    grader: SharedGrader,
    session: Session,
    /// The parts of the answers, in the mode `validation`.
    held_out: Option<HeldOut>,
    info: TaskInfo,
    higher_is_better: bool,
    steps_used: u32,
    ledger: Ledger,
    history: History,
    opened: Instant,
    finished: Option<FinalScore>,
}

impl Environment {
    /// Begins a session: copies the public directory, reads what the task tells, and asks its metric for
    /// the direction of the score.
    ///
    /// # Errors
    /// [`ExecError::Task`] when the task cannot be played at all (a part is missing, the metric cannot be
    /// used), [`ExecError::Mistake`] when the work directory lies in the public one or the feedback mode cannot be
    /// used on this task, else faults.
    pub async fn open(runtime: Runtime, config: EnvironmentConfig) -> Result<Self, ExecError> {
        let (name, task, workdir) = (config.name.clone(), config.task.clone(), config.workdir.clone());
        let (session, info) = blocking(&config.workdir, move || {
            let session = Session::open(&task, &workdir)?;
            let info = TaskInfo::read(&name, &task, &session.public())?;
            Ok((session, info))
        })
        .await?;
        let grader = match &config.grader {
            Some(grader) => grader.clone(),
            None => shared_grader(&runtime, &config.task)?,
        };
        let higher_is_better = match config.higher_is_better {
            Some(known) => known,
            None => direction(grader.as_ref(), &config.task).await?,
        };
        let held_out = match config.feedback {
            FeedbackMode::Validation { share } => {
                Some(HeldOut::open(&runtime, &config, session.root(), share).await?)
            }
            _ => None,
        };
        Ok(Self {
            runtime,
            grader,
            ledger: Ledger::new(config.feedback, higher_is_better),
            config,
            session,
            held_out,
            info,
            higher_is_better,
            steps_used: 0,
            history: History::default(),
            opened: Instant::now(),
            finished: None,
        })
    }

    /// Carries out one action.
    ///
    /// # Errors
    /// Faults of the machine only. The action is then neither counted nor recorded.
    pub async fn step(&mut self, action: Action) -> Result<Observation, ExecError> {
        if let Some(refusal) = self.refusal(&action) {
            return Ok(self.observation(Answer::failure(&refusal)));
        }
        let answer = self.answer(&action).await?;
        self.steps_used += u32::from(action.costs_a_step());
        self.record(&action, &answer);
        Ok(self.observation(answer))
    }

    /// What was done so far.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Best score since the session was opened or reset, as far as the feedback mode shows it.
    #[must_use]
    pub fn best(&self) -> Option<f64> {
        self.ledger.best_shown()
    }

    /// Direction of the score, as the metric states it.
    #[must_use]
    pub fn higher_is_better(&self) -> bool {
        self.higher_is_better
    }

    async fn answer(&mut self, action: &Action) -> Result<Answer, ExecError> {
        match action {
            Action::RequestInfo { info_type } => Ok(self.request_info(info_type)),
            Action::ValidateCode { code } | Action::ExecuteCode { code } if code.trim().is_empty() => {
                Ok(empty_code(&action.name()))
            }
            Action::ValidateCode { code } => self.validate_code(code).await,
            Action::ExecuteCode { code } => self.execute_code(code).await,
            Action::GetHistory => Ok(self.get_history()),
            Action::Reset => self.reset().await,
            Action::Unknown { message, .. } => {
                Ok(Answer::failure(&Failure::new(ErrorType::Action, message, "")))
            }
        }
    }

    fn request_info(&self, info_type: &str) -> Answer {
        let progress = Progress {
            higher_is_better: self.higher_is_better,
            steps_used: self.steps_used + 1,
            steps_left: self.steps_left().map(|left| left - 1),
            options: self.config.options(),
        };
        let selected = self.info.select(info_type, &progress);
        if selected.is_empty() {
            let error = format!("there is no information of type {:?}", echo(info_type));
            let details = format!("info_type is one of {}", INFO_TYPES.join(", "));
            return Answer::failure(&Failure::new(ErrorType::Info, error, details));
        }
        Answer::success(info::feedback(&selected), &selected.into_iter().collect())
    }

    async fn validate_code(&mut self, code: &str) -> Result<Answer, ExecError> {
        let note = self.make_ready().await?;
        let (runtime, session) = (&self.runtime, &self.session);
        let ran = match execution::check_syntax(runtime, session, code, self.terms()).await? {
            Some(failure) => Err(failure),
            None => Ok(execution::run(runtime, session, code, self.terms()).await?),
        };
        Ok(Answer::validated(&note, &ran))
    }

    async fn execute_code(&mut self, code: &str) -> Result<Answer, ExecError> {
        let note = self.make_ready().await?;
        let execution = execution::run(&self.runtime, &self.session, code, self.terms()).await?;
        let grade = match execution.failure() {
            Some(_) => None,
            None => Some(self.grade().await?),
        };
        Ok(Answer::executed(&note, &execution, grade.as_ref(), self.best(), self.config.feedback))
    }

    fn get_history(&self) -> Answer {
        let feedback = format!("=== History ===\n{}", self.history.feedback());
        Answer::success(feedback, &Value::Array(self.history.summaries()))
    }

    async fn reset(&mut self) -> Result<Answer, ExecError> {
        let session = self.session.clone();
        blocking(&self.config.workdir, move || session.renew()).await?;
        self.ledger.clear();
        let feedback = "The work directory is as it was at the beginning and the best score is forgotten. \
                        Steps used stay used.";
        Ok(Answer::success(feedback, &Value::Null))
    }

    /// Makes the session ready for a script. Answers with a line of feedback when an earlier script had
    /// changed the public directory, else with nothing.
    async fn make_ready(&self) -> Result<String, ExecError> {
        let session = self.session.clone();
        let changed = blocking(&self.config.workdir, move || session.make_ready()).await?;
        Ok(match changed.split_first() {
            None => String::new(),
            Some((first, [])) => {
                format!("Note: an earlier script changed public/{first}; public/ was restored.\n")
            }
            Some((first, rest)) => {
                let more = rest.len();
                format!(
                    "Note: an earlier script changed public/{first} and {more} more; public/ was restored.\n"
                )
            }
        })
    }

    fn steps_left(&self) -> Option<u32> {
        self.config.max_steps.map(|max| max.saturating_sub(self.steps_used))
    }

    fn time_left(&self) -> Option<Duration> {
        self.config.max_time.map(|time| time.saturating_sub(self.opened.elapsed()))
    }

    /// Why no action, or not this one, is taken any more.
    fn refusal(&self, action: &Action) -> Option<Failure> {
        let (error_type, error) = if self.finished.is_some() {
            (ErrorType::Finished, "the session is finished; no action is left")
        } else if self.steps_left() == Some(0) {
            (ErrorType::BudgetSpent, "the step budget is spent; no action is left")
        } else if action.costs_a_step() && self.time_left() == Some(Duration::ZERO) {
            (ErrorType::TimeSpent, "the time budget is spent; only get_history and reset are left")
        } else {
            return None;
        };
        Some(Failure::new(error_type, error, ""))
    }

    /// What the next script gets.
    fn terms(&self) -> Terms {
        let mut limits = self.config.limits;
        if let Some(left) = self.time_left() {
            limits.wall = limits.wall.min(left.max(LEAST_WALL));
        }
        Terms { limits, seed: self.config.seed }
    }

    fn record(&mut self, action: &Action, answer: &Answer) {
        if *action == Action::GetHistory {
            return;
        }
        let outcome = Outcome {
            error_type: answer.error_type,
            raw_score: answer.raw_score,
            seed: self.config.seed,
            at_seconds: self.opened.elapsed().as_secs_f64(),
        };
        self.history.append(self.steps_used, action, outcome);
    }

    fn observation(&self, answer: Answer) -> Observation {
        Observation {
            action_status: answer.status(),
            feedback: answer.feedback,
            result: answer.result,
            current_raw_score: answer.raw_score,
            best_raw_score: self.best(),
            improvement: answer.improvement,
            steps_used: self.steps_used,
            steps_left: self.steps_left(),
            seconds_left: self.time_left().map(|left| left.as_secs_f64()),
        }
    }
}

fn empty_code(action: &str) -> Answer {
    let error = format!("{action} got no code; the argument \"code\" must be a whole Python script");
    Answer::failure(&Failure::new(ErrorType::Action, error, ""))
}
