//! A run that was stopped anywhere goes on: nothing that was finished is done again, nothing is lost.

use std::io::Write;
use std::sync::Arc;

use smith_pipeline::{Observer, RunDir, Seen};
use smith_task_schema::{Criterion, Event, Stage};

use crate::support::{Act, Actors, Setting, Watcher, events, kinds, kinds_of};

#[tokio::test]
async fn wherever_a_process_is_killed_the_next_one_repeats_nothing_that_was_finished() {
    for stage in Stage::ALL {
        let setting = Setting::new();
        let first = Actors::new(1, move |call| if call.stage == stage { Act::Hangs } else { Act::Well });
        setting.killed(&first).await;
        let second = Actors::well();
        let summary = setting.run(&second).await.unwrap();
        assert_eq!((summary.verified, summary.rows[0].attempts), (1, 2), "{summary:#?}");
        let rest: Vec<Stage> = Stage::ALL.into_iter().filter(|other| *other >= stage).collect();
        let done: Vec<Stage> = second.calls().iter().map(|call| call.stage).collect();
        assert_eq!(done, rest);
    }
}

#[tokio::test]
async fn a_finished_run_is_finished() {
    let setting = Setting::new();
    let before = setting.run(&Actors::well()).await.unwrap();
    let actors = Actors::well();
    let after = setting.run(&actors).await.unwrap();
    assert!(actors.calls().is_empty(), "{:?}", actors.steps());
    assert_eq!(after.tasks, before.tasks);
    assert_eq!(after.rows, before.rows);
}

/// A package is either whole or not there, and what a kill left of one is no obstacle.
#[tokio::test]
async fn a_package_that_was_begun_is_written_again() {
    let setting = Setting::new();
    let first = Actors::new(1, |call| if call.stage == Stage::Validate { Act::Hangs } else { Act::Well });
    setting.killed(&first).await;
    for left in ["ferries-1-late-ferries-1.part", "ferries-1-late-ferries-1"] {
        let dir = setting.path().join("tasks").join(left);
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("half.txt"), "half").unwrap();
    }
    let summary = setting.run(&Actors::well()).await.unwrap();
    let tasks: Vec<_> = std::fs::read_dir(setting.path().join("tasks")).unwrap().collect();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(summary.tasks[0].path.join("metric.py").is_file());
    assert!(!summary.tasks[0].path.join("half.txt").exists());
}

#[tokio::test]
async fn a_validation_attempt_that_failed_is_kept_while_the_next_one_is_cut_short() {
    let setting = Setting::new();
    let first = Actors::new(1, |call| match (call.stage, call.attempt) {
        (Stage::Validate, 1) => Act::Scores(None),
        (Stage::Validate, _) => Act::Hangs,
        _ => Act::Well,
    });
    setting.killed(&first).await;
    let kept = setting.events().into_iter().find_map(|event| match event {
        Event::ValidationAttempted { round, attempt, report, findings } => {
            Some((round, attempt, report.best, findings[0].rule.clone()))
        }
        _ => None,
    });
    assert_eq!(kept, Some((0, 1, None, "V001".to_owned())));

    let second = Actors::new(1, |call| match call.stage {
        Stage::Validate => Act::Scores(Some(0.01)),
        _ => Act::Well,
    });
    let mut setting = setting;
    setting.options.rounds = 0;
    let summary = setting.run(&second).await.unwrap();
    assert_eq!(second.steps(), ["validate 0.2"]);
    // The last attempt is the verdict of the round.
    assert!(summary.rows[0].reason.contains("V002"), "{}", summary.rows[0].reason);
    let words = kinds_of(&setting.events());
    assert_eq!(words.iter().filter(|word| *word == "validation_attempted").count(), 1);
    assert_eq!(words.iter().filter(|word| *word == "validated").count(), 1);
}

#[tokio::test]
async fn defects_are_routed_once() {
    let setting = Setting::new();
    let play = |call: &crate::support::Call, hangs: bool| match (call.stage, call.round) {
        (Stage::Review, 0) => Act::Fails(Criterion::Leakage, Stage::Refactor),
        (Stage::Refactor, 1) if hangs => Act::Hangs,
        _ => Act::Well,
    };
    setting.killed(&Actors::new(1, move |call| play(call, true))).await;
    let second = Actors::new(1, move |call| play(call, false));
    let summary = setting.run(&second).await.unwrap();
    assert_eq!(summary.verified, 1);
    assert_eq!(second.steps(), ["refactor 1.1", "review 1.1", "validate 1.1"]);
    assert_eq!(second.calls()[0].defects.len(), 1, "the defects are known without their being routed again");
    let words = kinds_of(&setting.events());
    assert_eq!(words.iter().filter(|word| *word == "defects_routed").count(), 1, "{words:?}");
}

#[tokio::test]
async fn a_last_line_that_was_torn_by_a_kill_is_left_out_and_written_again() {
    let setting = Setting::new();
    let first = Actors::new(2, |call| if call.stage == Stage::Review { Act::Hangs } else { Act::Well });
    setting.killed(&first).await;
    let journals =
        [setting.path().join("journal.jsonl"), setting.journal("ferries", 0), setting.journal("ferries", 1)];
    for path in &journals {
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(br#"{"v":1,"seq":99,"at":"2026-01-01T00:00:00Z","event":{"type":"faul"#).unwrap();
    }
    assert_eq!(setting.summary().candidates, 2);
    let second = Actors::new(2, |_| Act::Well);
    let summary = setting.run(&second).await.unwrap();
    assert_eq!((summary.verified, summary.has_faults()), (2, false));
    assert!(second.calls_of(Stage::Brainstorm).is_empty());
    for path in &journals {
        assert!(!kinds(path).is_empty(), "{} is whole again", path.display());
    }
}

#[tokio::test]
async fn one_run_has_one_process() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| if call.stage == Stage::Design { Act::Hangs } else { Act::Well });
    let others = async {
        actors.hung().await;
        let second = RunDir::resume(&setting.path(), &setting.config()).unwrap_err();
        let anew = RunDir::create(&setting.path(), setting.config()).unwrap_err();
        (second, anew)
    };
    tokio::select! {
        ended = setting.run(&actors) => panic!("{ended:?}"),
        (second, anew) = others => {
            assert!(second.is_mistake() && second.to_string().contains("another process"), "{second}");
            assert!(anew.is_mistake() && anew.to_string().contains("--resume"), "{anew}");
        }
    }
    assert_eq!(setting.run(&Actors::well()).await.unwrap().verified, 1);
}

#[tokio::test]
async fn an_observer_of_a_resumed_run_first_sees_what_the_journals_hold() {
    let mut setting = Setting::new();
    let watcher = Arc::new(Watcher::default());
    setting.observer = watcher.clone();
    setting
        .killed(&Actors::new(2, |call| match call.stage {
            Stage::Review if call.candidate == "ferries/1" => Act::Hangs,
            _ => Act::Well,
        }))
        .await;
    assert!(watcher.0.lock().unwrap().iter().all(|(_, _, earlier)| !earlier));
    let held: Vec<Vec<Event>> = [0, 1, 2].map(|index| events(&setting.journal("ferries", index))).to_vec();
    let of_run = events(&setting.path().join("journal.jsonl"));

    let watcher = Arc::new(Watcher::default());
    setting.observer = watcher.clone();
    setting.run(&Actors::new(2, |_| Act::Well)).await.unwrap();
    let seen = watcher.0.lock().unwrap();
    let first_new = seen.iter().position(|(_, _, earlier)| !earlier).unwrap();
    assert!(seen[first_new..].iter().all(|(_, _, earlier)| !earlier), "new events are new");
    let past = |name: &str| -> Vec<Event> {
        let of = seen[..first_new].iter().filter(|(candidate, _, _)| candidate == name);
        of.map(|(_, event, _)| event.clone()).collect()
    };
    assert_eq!(past("/0"), of_run);
    for (index, lines) in held.iter().enumerate() {
        assert_eq!(&past(&format!("ferries/{index}")), lines);
    }
    let (_, first, _) = &seen[first_new];
    assert!(matches!(first, Event::RunOpened { .. }), "{first:?}");
}

/// An observer may be anything that sees.
#[tokio::test]
async fn a_new_run_shows_nothing_as_earlier() {
    struct NothingEarlier;
    impl Observer for NothingEarlier {
        fn seen(&self, seen: Seen<'_>) {
            assert!(!seen.earlier, "{:?}", seen.event);
        }
    }
    let mut setting = Setting::new();
    setting.observer = Arc::new(NothingEarlier);
    assert_eq!(setting.run(&Actors::well()).await.unwrap().verified, 1);
}
