//! The tasks of a server.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use smith_task_schema::TaskLayout;
use tokio::task::JoinSet;

use crate::environment::{FeedbackMode, SharedGrader, direction, try_feedback};
use crate::{EnvironmentConfig, ExecError, GraderPool, Runtime};

/// One task that sessions can be opened on.
#[derive(Debug)]
pub(super) struct ServedTask {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) layout: TaskLayout,
    pub(super) grader: SharedGrader,
    pub(super) higher_is_better: bool,
}

/// What clients are told of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskSummary {
    /// What sessions are opened by.
    pub id: String,
    /// The task's name, as agents are told it.
    pub name: String,
    /// Direction of the score.
    pub higher_is_better: bool,
}

impl ServedTask {
    pub(super) fn summary(&self) -> TaskSummary {
        let (id, name) = (self.id.clone(), self.name.clone());
        TaskSummary { id, name, higher_is_better: self.higher_is_better }
    }
}

/// Makes `layouts` ready. Each metric is run once: what it cannot do is better said now than in a session.
///
/// # Errors
/// [`ExecError::Mistake`] when there is no task, or one cannot be played, and why; faults of the machine.
pub(super) async fn ready(
    layouts: Vec<TaskLayout>,
    pool: &Arc<GraderPool>,
) -> Result<Vec<Arc<ServedTask>>, ExecError> {
    if layouts.is_empty() {
        return Err(ExecError::Mistake(
            "there is no task to serve: name the directory of at least one".into(),
        ));
    }
    let names: Vec<_> = layouts.iter().map(|layout| name_of(&layout.root)).collect();
    let mut asked = JoinSet::new();
    for (number, (layout, id)) in layouts.into_iter().zip(ids(&names)).enumerate() {
        let (name, grader) = (names[number].clone(), pool.for_task(&layout));
        asked.spawn(async move {
            let higher_is_better =
                direction(grader.as_ref(), &layout).await.map_err(|error| of(&layout, error))?;
            Ok((number, Arc::new(ServedTask { id, name, layout, grader, higher_is_better })))
        });
    }
    let mut tasks = Vec::new();
    while let Some(answer) = asked.join_next().await {
        tasks.push(answer.map_err(|error| ExecError::NotRun { message: error.to_string() })??);
    }
    tasks.sort_by_key(|(number, _)| *number);
    Ok(tasks.into_iter().map(|(_, task)| task).collect())
}

/// Tries whether each task can give the feedback mode that the server imposes; files are made below `scratch`.
///
/// # Errors
/// [`ExecError::Mistake`] when one cannot, and why; faults of the machine.
pub(super) async fn give(
    tasks: &[Arc<ServedTask>],
    mode: FeedbackMode,
    (runtime, pool): (&Runtime, &Arc<GraderPool>),
    scratch: &Path,
) -> Result<(), ExecError> {
    for task in tasks {
        let mut config = EnvironmentConfig::new(task.name.clone(), task.layout.clone(), scratch);
        config.feedback = mode;
        config.pool = Some(pool.clone());
        try_feedback(runtime, &config, scratch).await.map_err(|error| of(&task.layout, error))?;
    }
    Ok(())
}

/// Whoever starts a server on a task that cannot be played has to choose another one. Of a traceback the last line
/// says why.
fn of(layout: &TaskLayout, error: ExecError) -> ExecError {
    match error {
        ExecError::Task { message } => {
            let why = message.trim_end().lines().next_back().unwrap_or_default().trim_start();
            ExecError::Mistake(format!("{} cannot be served: {why}", layout.root.display()))
        }
        ExecError::Mistake(why) => {
            ExecError::Mistake(format!("{} cannot be served: {why}", layout.root.display()))
        }
        other => other,
    }
}

/// The name of a task's directory.
fn name_of(root: &Path) -> String {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    root.file_name().map_or_else(|| "task".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// An id for each name: what is plain in it, and a number where another task has that already.
fn ids(names: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let id = |name: &String| {
        let base: String = name.chars().map(plain).collect();
        let mut id = base.clone();
        let mut number = 1;
        while !taken.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        id
    };
    names.iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_an_id_of_its_own() {
        let names = ["iris", "iris", "iris-2", "grüne tees", "iris"].map(str::to_owned);
        assert_eq!(ids(&names), ["iris", "iris-2", "iris-2-2", "gr-ne-tees", "iris-3"]);
    }
}
