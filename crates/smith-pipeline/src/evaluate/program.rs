//! A program of the caller's that plays over HTTP.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use smith_exec::server::Host;
use smith_exec::{ExecError, OwnProgram, OwnProgramEnd};
use smith_task_schema::{Solve, SolveReport, StageContext, StageError, ValidateInput};

/// By this exit code a program says that its own infrastructure failed, as `smith` itself does.
const FAULT: i32 = 3;

/// Plays by starting a program, once for each cell. It finds in its environment all that it needs to act:
/// `SMITH_URL`, `SMITH_TOKEN` and `SMITH_SESSION` of an open session, `SMITH_TASK` and `SMITH_MAX_STEPS`.
#[derive(Clone)]
#[non_exhaustive]
pub struct ProgramAgent {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The server whose sessions it acts in.
    pub host: Host,
    /// Where that listens.
    pub url: String,
    /// What it wants to be told.
    pub token: String,
    /// The tasks that it serves: directory and id.
    pub tasks: Vec<(PathBuf, String)>,
    /// Actions in a session.
    pub max_steps: u32,
    /// Wall time of the program on one task.
    pub wall: Duration,
    /// What a step may take that is still running when the program has ended.
    pub patience: Duration,
}

impl ProgramAgent {
    /// A program without arguments yet, an hour on each task.
    #[must_use]
    pub fn new(host: Host, url: String, token: String, tasks: Vec<(PathBuf, String)>) -> Self {
        let (wall, patience) = (Duration::from_secs(3600), Duration::from_secs(900));
        Self { argv: Vec::new(), host, url, token, tasks, max_steps: 15, wall, patience }
    }

    /// With this program.
    #[must_use]
    pub fn running(&self, argv: &[String]) -> Self {
        Self { argv: argv.to_vec(), ..self.clone() }
    }

    fn program(&self, cx: &StageContext, session: &str, task: &str) -> OwnProgram {
        let env = [
            ("SMITH_URL", self.url.as_str()),
            ("SMITH_TOKEN", &self.token),
            ("SMITH_SESSION", session),
            ("SMITH_TASK", task),
            ("SMITH_MAX_STEPS", &self.max_steps.to_string()),
        ];
        OwnProgram {
            argv: self.argv.iter().map(OsString::from).collect(),
            cwd: cx.workdir.clone(),
            env: BTreeMap::from(env.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            wall: self.wall,
            output: cx.workdir.with_file_name("program.log"),
        }
    }
}

#[async_trait]
impl Solve for ProgramAgent {
    async fn solve(&self, cx: &StageContext, input: ValidateInput) -> Result<SolveReport, StageError> {
        let failed = |error: ExecError| match error {
            ExecError::Mistake(what) => StageError::Mistake(what),
            other => StageError::Fault { stage: cx.stage, message: other.to_string() },
        };
        let served = self.tasks.iter().find(|(path, _)| *path == input.task.root).map(|(_, id)| id.as_str());
        let served = served.ok_or_else(|| StageError::Mistake(format!("{} is not served", input.name)))?;
        let session = self.host.open(served, Some(self.max_steps), None).await.map_err(failed)?;
        let ended = self.program(cx, &session, &input.name).run().await;
        // Also when it could not be started: nothing of the session stays.
        let note = ended.as_ref().map_or_else(|_| String::new(), |end| words(*end, self.wall));
        let report = self.host.finish(&session, self.patience, note).await;
        let (end, report) = (ended.map_err(failed)?, report.map_err(failed)?);
        match is_fault(end, &report) {
            true => Err(StageError::Fault { stage: cx.stage, message: fault(end, cx) }),
            false => Ok(report),
        }
    }
}

/// A program that fails before it has done anything says nothing of how good it is.
fn is_fault(end: OwnProgramEnd, report: &SolveReport) -> bool {
    match end {
        OwnProgramEnd::Exited(0) | OwnProgramEnd::OutOfTime => false,
        OwnProgramEnd::Exited(FAULT) => true,
        _ => report.actions.is_empty(),
    }
}

fn fault(end: OwnProgramEnd, cx: &StageContext) -> String {
    let log = cx.workdir.with_file_name("program.log");
    let how = match end {
        OwnProgramEnd::Exited(FAULT) => "reports a fault of its own (exit code 3)".to_owned(),
        OwnProgramEnd::Exited(code) => format!("ended with exit code {code} before it acted"),
        _ => "was killed before it acted".to_owned(),
    };
    format!("the program {how}; what it printed is in {}", log.display())
}

fn words(end: OwnProgramEnd, wall: Duration) -> String {
    match end {
        OwnProgramEnd::Exited(0) => "the program ended".to_owned(),
        OwnProgramEnd::Exited(code) => format!("the program ended with exit code {code}"),
        OwnProgramEnd::OutOfTime => format!("the program was stopped after {} s", wall.as_secs()),
        _ => "the program was killed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use smith_task_schema::TakenAction;

    use super::*;

    #[test]
    fn only_what_is_not_the_programs_skill_is_a_fault() {
        let idle = SolveReport::default();
        let action = TakenAction {
            step: 1,
            action: "reset".into(),
            outcome: "SUCCESS".into(),
            score: None,
            at_seconds: 0.0,
            code: None,
        };
        let acted = SolveReport { actions: vec![action], ..idle.clone() };
        for (end, report, expected) in [
            (OwnProgramEnd::Exited(0), &idle, false),
            (OwnProgramEnd::OutOfTime, &idle, false),
            (OwnProgramEnd::Exited(1), &idle, true),
            (OwnProgramEnd::Exited(1), &acted, false),
            (OwnProgramEnd::Killed, &idle, true),
            (OwnProgramEnd::Killed, &acted, false),
            (OwnProgramEnd::Exited(3), &acted, true),
        ] {
            assert_eq!(is_fault(end, report), expected, "{end:?}");
        }
    }
}
