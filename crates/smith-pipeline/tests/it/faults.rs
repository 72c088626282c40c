//! Faults, mistakes and a spent budget: none is held against a task, and each leaves a run that can go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smith_exec::JobStatus;
use smith_pipeline::Outcome;
use smith_task_schema::{Event, Stage, StageError};

use crate::support::{Act, Actors, Setting, events, kinds};

fn fault(stage: Stage) -> StageError {
    StageError::Fault { stage, message: "the endpoint is down".to_owned() }
}

#[tokio::test]
async fn a_fault_leaves_its_candidate_open_and_the_others_alone() {
    for stage in [Stage::Design, Stage::Refactor, Stage::Review, Stage::Validate] {
        let setting = Setting::new();
        let actors = Actors::new(2, move |call| match call.candidate.as_str() {
            "ferries/2" if call.stage == stage => Act::Errs(fault(stage)),
            _ => Act::Well,
        });
        let summary = setting.run(&actors).await.unwrap();
        let outcomes: Vec<_> = summary.rows.iter().map(|row| row.outcome).collect();
        assert_eq!(outcomes, [Outcome::Accepted, Outcome::Fault]);
        assert!(summary.has_faults() && summary.rows[1].reason.contains("the endpoint is down"));
        assert!(kinds(&setting.journal("ferries", 2)).contains(&"faulted".to_owned()));

        let actors = Actors::new(2, |_| Act::Well);
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!((summary.verified, summary.has_faults()), (2, false), "{summary:#?}");
        let calls = actors.calls();
        assert!(calls.iter().all(|call| call.candidate == "ferries/2"), "{:?}", actors.steps());
        assert_eq!(calls[0].stage, stage, "work goes on where it stopped");
    }
}

#[tokio::test]
async fn a_fault_while_brainstorming_is_the_datasets_and_passes() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match call.stage {
        Stage::Brainstorm => Act::Errs(fault(Stage::Brainstorm)),
        _ => Act::Well,
    });
    let summary = setting.run(&actors).await.unwrap();
    assert!(summary.has_faults() && summary.faults[0].contains("ferries"), "{summary:#?}");
    assert_eq!(summary.candidates, 0);
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert_eq!((summary.verified, summary.has_faults()), (1, false), "{summary:#?}");
}

#[tokio::test]
async fn a_machine_that_cannot_prepare_a_task_is_not_held_against_it() {
    for status in [JobStatus::InfraError, JobStatus::SandboxError] {
        let setting = Setting::new();
        *setting.python.machine.lock().unwrap() = vec![status];
        let actors = Actors::well();
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.rows[0].outcome, Outcome::Fault, "{summary:#?}");
        assert!(summary.rows[0].reason.contains("not run"), "{}", summary.rows[0].reason);
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.verified, 1);
        assert_eq!(actors.calls_of(Stage::Refactor).len(), 1, "the Refactor had done its work");
    }
}

#[tokio::test]
async fn a_mistake_stops_the_run_in_order_and_the_mended_run_goes_on() {
    let setting = Setting::new();
    let actors = Actors::new(2, |call| match call.stage {
        Stage::Review => Act::Errs(StageError::Mistake("the key was refused".to_owned())),
        _ => Act::Well,
    });
    let error = setting.run(&actors).await.unwrap_err();
    assert!(error.is_mistake() && error.to_string() == "the key was refused", "{error}");
    assert_eq!(last_of_the_run(&setting), "mistake");
    let open = setting.summary();
    assert!(open.rows.iter().all(|row| row.outcome == Outcome::Open), "{open:#?}");

    let actors = Actors::new(2, |_| Act::Well);
    assert_eq!(setting.run(&actors).await.unwrap().verified, 2);
    assert!(actors.calls_of(Stage::Brainstorm).is_empty());
}

fn last_of_the_run(setting: &Setting) -> String {
    match events(&setting.path().join("journal.jsonl")).pop() {
        Some(Event::RunClosed { outcome }) => outcome,
        other => panic!("the run was not closed: {other:?}"),
    }
}

#[tokio::test]
async fn a_spent_budget_lets_the_others_end_and_is_said() {
    let setting = Setting::new();
    let spent = Arc::new(AtomicBool::new(false));
    let mark = spent.clone();
    let actors = Actors::new(2, move |call| match call.candidate.as_str() {
        "ferries/1" if call.stage == Stage::Design => {
            mark.store(true, Ordering::SeqCst);
            Act::Errs(StageError::BudgetReached("$1 is spent".to_owned()))
        }
        _ => Act::Well,
    });
    let error = setting.run(&actors).await.unwrap_err();
    assert!(error.is_budget() && spent.load(Ordering::SeqCst), "{error}");
    assert_eq!(last_of_the_run(&setting), "budget");
    let summary = setting.summary();
    let outcomes: Vec<_> = summary.rows.iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, [Outcome::Open, Outcome::Accepted], "what is paid for is finished");

    assert_eq!(setting.run(&Actors::new(2, |_| Act::Well)).await.unwrap().verified, 2);
    assert_eq!(last_of_the_run(&setting), "done");
}
