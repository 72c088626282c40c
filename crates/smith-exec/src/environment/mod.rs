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
mod execution;
mod history;
mod info;
mod masking;
mod observation;
mod session;
mod submission;
mod tree;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use smith_task_schema::TaskLayout;
use tokio::sync::Mutex;

pub use action::{ACTIONS, Action};
pub use history::{History, HistoryRecord};
pub use info::INFO_TYPES;
pub use observation::{ActionStatus, ErrorType, Observation};

use crate::{ExecError, Grade, Grader, Limits, Runtime};
use action::echo;
use answer::Answer;
use info::{Progress, TaskInfo};
use observation::Failure;
use session::{Session, blocking};
pub(crate) use submission::direction;

/// What a session needs to know.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EnvironmentConfig {
    /// The task's name, as agents are told it.
    pub name: String,
    /// Where the parts of the task lie.
    pub task: TaskLayout,
    /// Directory in which the session makes a directory of its own, `session-<n>`.
    pub workdir: PathBuf,
    /// How many actions may be taken; `None` for as many as the caller lets through. `get_history` and
    /// `reset` are free.
    pub max_steps: Option<u32>,
    /// What each script may spend.
    pub limits: Limits,
    /// The grader of the task, for sessions that share one; otherwise the session has its own.
    pub grader: Option<SharedGrader>,
    /// Direction of the score, where it is known already; otherwise the metric is asked, which runs it once.
    pub higher_is_better: Option<bool>,
}

/// What several sessions on one task share: a single grader, for which they wait, or a
/// [pool's](crate::GraderPool).
pub type SharedGrader = Arc<dyn Grade>;

impl EnvironmentConfig {
    /// A session without a step budget and with the default limits.
    #[must_use]
    pub fn new(name: impl Into<String>, task: TaskLayout, workdir: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            task,
            workdir: workdir.into(),
            max_steps: None,
            limits: Limits::default(),
            grader: None,
            higher_is_better: None,
        }
    }
}

/// One session of an agent on one task.
pub struct Environment {
    runtime: Runtime,
    config: EnvironmentConfig,
    grader: SharedGrader,
    session: Session,
    info: TaskInfo,
    higher_is_better: bool,
    steps_used: u32,
    best: Option<f64>,
    history: History,
    opened: Instant,
}

impl Environment {
    /// Begins a session: copies the public directory, reads what the task tells, and asks its metric for
    /// the direction of the score.
    ///
    /// # Errors
    /// [`ExecError::Task`] when the task cannot be played at all (a part is missing, the metric cannot be
    /// used), [`ExecError::Mistake`] when the work directory lies in the public one, else faults.
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
        Ok(Self {
            runtime,
            grader,
            config,
            session,
            info,
            higher_is_better,
            steps_used: 0,
            best: None,
            history: History::default(),
            opened: Instant::now(),
        })
    }

    /// Carries out one action.
    ///
    /// # Errors
    /// Faults of the machine only. The action is then neither counted nor recorded.
    pub async fn step(&mut self, action: Action) -> Result<Observation, ExecError> {
        if self.steps_left() == Some(0) {
            return Ok(self.observation(budget_spent()));
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

    /// Best score since the session was opened or reset.
    #[must_use]
    pub fn best(&self) -> Option<f64> {
        self.best
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
        };
        let selected = self.info.select(info_type, progress);
        if selected.is_empty() {
            let error = format!("there is no information of type {:?}", echo(info_type));
            let details = format!("info_type is one of {}", INFO_TYPES.join(", "));
            return Answer::failure(&Failure::new(ErrorType::Info, error, details));
        }
        Answer::success(info::feedback(&selected), &selected.into_iter().collect())
    }

    async fn validate_code(&mut self, code: &str) -> Result<Answer, ExecError> {
        let note = self.make_ready().await?;
        let (runtime, session, limits) = (&self.runtime, &self.session, self.config.limits);
        let ran = match execution::check_syntax(runtime, session, code, limits).await? {
            Some(failure) => Err(failure),
            None => Ok(execution::run(runtime, session, code, limits).await?),
        };
        Ok(Answer::validated(&note, &ran))
    }

    async fn execute_code(&mut self, code: &str) -> Result<Answer, ExecError> {
        let note = self.make_ready().await?;
        let execution = execution::run(&self.runtime, &self.session, code, self.config.limits).await?;
        let grade = match execution.failure() {
            Some(_) => None,
            None => Some(self.grade().await?),
        };
        Ok(Answer::executed(&note, &execution, grade.as_ref(), self.best))
    }

    /// Takes out and scores what the script of this step submitted, and keeps the best score.
    async fn grade(&mut self) -> Result<Result<f64, Failure>, ExecError> {
        let archived = self.session.archived(self.steps_used + 1);
        let (cwd, target) = (self.session.cwd(), archived.clone());
        let taken = blocking(&archived, move || submission::take(&cwd, &target)).await?;
        if let Err(failure) = taken {
            return Ok(Err(failure));
        }
        let graded = submission::grade(self.grader.as_ref(), &self.config.task, &archived).await?;
        if let Ok(score) = graded {
            self.best = Some(self.best.map_or(score, |best| self.better(score, best)));
        }
        Ok(graded.map_err(|failure| Failure { error: self.session.hide(&failure.error), ..failure }))
    }

    fn better(&self, a: f64, b: f64) -> f64 {
        if self.higher_is_better { a.max(b) } else { a.min(b) }
    }

    fn get_history(&self) -> Answer {
        let feedback = format!("=== History ===\n{}", self.history.feedback());
        Answer::success(feedback, &Value::Array(self.history.summaries()))
    }

    async fn reset(&mut self) -> Result<Answer, ExecError> {
        let session = self.session.clone();
        blocking(&self.config.workdir, move || session.renew()).await?;
        self.best = None;
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

    fn record(&mut self, action: &Action, answer: &Answer) {
        if *action == Action::GetHistory {
            return;
        }
        let at_seconds = self.opened.elapsed().as_secs_f64();
        self.history.append(self.steps_used, action, answer.error_type, answer.raw_score, at_seconds);
    }

    fn observation(&self, answer: Answer) -> Observation {
        Observation {
            action_status: answer.status(),
            feedback: answer.feedback,
            result: answer.result,
            current_raw_score: answer.raw_score,
            best_raw_score: self.best,
            steps_used: self.steps_used,
            steps_left: self.steps_left(),
        }
    }
}

/// A grader for sessions on `task`.
///
/// # Errors
/// [`ExecError::Io`] when there is no room for temporary files.
pub fn shared_grader(runtime: &Runtime, task: &TaskLayout) -> Result<SharedGrader, ExecError> {
    let grader = Grader::new(runtime.clone(), &task.metric, &task.test_answer())?;
    Ok(Arc::new(Mutex::new(grader)))
}

fn empty_code(action: &str) -> Answer {
    let error = format!("{action} got no code; the argument \"code\" must be a whole Python script");
    Answer::failure(&Failure::new(ErrorType::Action, error, ""))
}

fn budget_spent() -> Answer {
    Answer::failure(&Failure::new(ErrorType::BudgetSpent, "the step budget is spent; no action is left", ""))
}
