//! Defects on their way: back to the stage that can mend them, word for word, and not for ever.

use std::path::Path;

use smith_pipeline::Outcome;
use smith_task_schema::{Criterion, Event, Finding, Stage, TaskManifest, Verdict};

use crate::support::{Act, Actors, Call, Setting, review_fails};

/// What the assertions found after each attempt of a stage, as its agent would read it.
fn asserted(setting: &Setting, wanted: Stage) -> Vec<Vec<String>> {
    let texts = |findings: Vec<Finding>| findings.iter().map(ToString::to_string).collect();
    let found = setting.events().into_iter().filter_map(|event| match event {
        Event::Asserted { stage, findings, .. } if stage == wanted => Some(texts(findings)),
        _ => None,
    });
    found.collect()
}

fn texts(call: &Call) -> Vec<String> {
    call.defects.iter().map(|defect| defect.text.clone()).collect()
}

#[tokio::test]
async fn findings_go_to_the_next_attempt_word_for_word_and_on_top_of_its_files() {
    for stage in [Stage::Design, Stage::Refactor] {
        let setting = Setting::new();
        let actors = Actors::new(1, move |call| match (call.stage == stage, call.attempt) {
            (true, 1) => Act::Broken("the tide table is empty"),
            (true, 2) => {
                // The last attempt's files lie here, the dataset too.
                let left = std::fs::read_to_string(call.workdir.join("prepare.py")).unwrap();
                assert!(left.contains("the tide table is empty"));
                assert!(call.workdir.join("raw/ferries.csv").is_file());
                Act::Well
            }
            _ => Act::Well,
        });
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.verified, 1, "{summary:#?}");
        let calls = actors.calls_of(stage);
        assert_eq!(calls.len(), 2);
        let found = asserted(&setting, stage);
        assert!(
            found[0].iter().any(|text| text.contains("ValueError: the tide table is empty")),
            "{found:?}"
        );
        assert_eq!((texts(&calls[0]), texts(&calls[1])), (vec![], found[0].clone()));
        assert_eq!(found[1], Vec::<String>::new());
        assert_eq!(summary.rows[0].attempts, 3);
    }
}

#[tokio::test]
async fn an_agent_that_ran_out_of_steps_is_told_so_before_the_findings() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match (call.stage, call.attempt) {
        (Stage::Design, 1) => Act::Spent("half done"),
        _ => Act::Well,
    });
    setting.run(&actors).await.unwrap();
    let told = texts(&actors.calls_of(Stage::Design)[1]);
    assert!(told[0].starts_with("[steps error]") && told[1].contains("half done"), "{told:?}");
}

#[tokio::test]
async fn three_attempts_that_fail_reject_the_candidate_and_say_why() {
    for (stage, steps) in [(Stage::Design, 4), (Stage::Refactor, 5)] {
        let setting = Setting::new();
        let actors = Actors::new(1, move |call| match call.attempt {
            _ if call.stage != stage => Act::Well,
            3 => Act::Spent("the tide table is empty"),
            _ => Act::Broken("the tide table is empty"),
        });
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!((summary.verified, summary.rejected), (0, 1));
        assert_eq!(actors.calls().len(), steps, "{:?}", actors.steps());
        let row = &summary.rows[0];
        let last = asserted(&setting, stage)[2][0].lines().next().unwrap().to_owned();
        assert_eq!(row.outcome, Outcome::Rejected);
        let reason = format!("{stage}: 3 attempts did not satisfy the assertions: {last}");
        assert_eq!(row.reason, reason, "the finding is the reason, not that steps were spent");
        let manifest = manifest(&summary.tasks[0].path);
        assert_eq!(
            (manifest.verdict, manifest.reason.as_deref()),
            (Verdict::Rejected, Some(reason.as_str()))
        );
        assert!(summary.tasks[0].path.starts_with(setting.path().join("rejected")));
        assert!(manifest.files.contains_key("prepare.py"), "what there was is kept");
    }
}

fn manifest(task: &Path) -> TaskManifest {
    serde_json::from_str(&std::fs::read_to_string(task.join("task.json")).unwrap()).unwrap()
}

/// Good work, and a file of this name beside it.
fn leave(name: &str) -> Act {
    let name = name.to_owned();
    Act::WellAnd(Box::new(move |workdir| std::fs::write(workdir.join(name), "").unwrap()))
}

#[tokio::test]
async fn a_failed_review_goes_back_to_the_stage_that_it_names() {
    for (route, steps) in [
        (Stage::Refactor, vec!["refactor 1.1", "review 1.1", "validate 1.1"]),
        (Stage::Design, vec!["design 1.1", "refactor 1.1", "review 1.1", "validate 1.1"]),
    ] {
        let setting = Setting::new();
        let actors = Actors::new(1, move |call| match (call.stage, call.round) {
            (Stage::Review, 0) => Act::Fails(Criterion::Coverage, route),
            // What a stage begins with is the newest work: its own, or that of a Designer who was asked again.
            (Stage::Design, round) => leave(&format!("design-{round}")),
            (Stage::Refactor, 0) => leave("refactor-0"),
            (Stage::Refactor, _) => {
                assert_eq!(call.workdir.join("refactor-0").exists(), route == Stage::Refactor);
                assert_eq!(call.workdir.join("design-1").exists(), route == Stage::Design);
                Act::Well
            }
            _ => Act::Well,
        });
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.verified, 1, "{summary:#?}");
        // Nothing is validated that a review sends back.
        assert_eq!(actors.steps()[..4], ["brainstorm 0.1", "design 0.1", "refactor 0.1", "review 0.1"]);
        assert_eq!(actors.steps()[4..], steps);
        let first = &actors.calls()[4];
        assert_eq!(texts(first), [review_fails(Criterion::Coverage)]);
        assert_eq!(first.defects[0].source, "review:coverage");
        if route == Stage::Design {
            assert!(actors.calls()[5].defects.is_empty(), "what the Designer mended is not the Refactor's");
        }
        let routed = setting.events().into_iter().find_map(|event| match event {
            Event::DefectsRouted { round, to, .. } => Some((round, to)),
            _ => None,
        });
        assert_eq!(routed, Some((1, route)));
    }
}

#[tokio::test]
async fn a_task_that_cannot_be_learnt_goes_to_the_designer_and_one_without_submission_to_the_refactor() {
    for (best, route, rule) in [
        (Some(0.2), Stage::Design, "V003"),
        (None, Stage::Refactor, "V001"),
        (Some(1.5), Stage::Refactor, "V004"),
    ] {
        let setting = Setting::new();
        let actors = Actors::new(1, move |call| match (call.stage, call.round) {
            (Stage::Validate, 0) => Act::Scores(best),
            _ => Act::Well,
        });
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.verified, 1, "{summary:#?}");
        // A first failure is tried again before it counts.
        let steps = actors.steps();
        assert_eq!(steps[4..7], ["validate 0.1", "validate 0.2", &format!("{route} 1.1")], "{best:?}");
        let told = &actors.calls()[6].defects;
        assert!(told.iter().any(|defect| defect.source == rule), "{told:?}");
        if best.is_none() {
            assert!(told[0].text.contains("I could not write a file."), "the agent's own words: {told:?}");
        }
    }
}

#[tokio::test]
async fn one_sound_validation_is_enough() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match (call.stage, call.attempt) {
        (Stage::Validate, 1) => Act::Scores(None),
        _ => Act::Well,
    });
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!((summary.verified, summary.rows[0].attempts), (1, 2));
    assert_eq!(actors.steps()[4..], ["validate 0.1", "validate 0.2"]);
}

#[tokio::test]
async fn mending_ends_after_the_rounds_that_are_allowed() {
    for rounds in [0, 2] {
        let mut setting = Setting::new();
        setting.options.rounds = rounds;
        let actors = Actors::new(1, |call| match call.stage {
            Stage::Review => Act::Fails(Criterion::Metric, Stage::Refactor),
            _ => Act::Well,
        });
        let summary = setting.run(&actors).await.unwrap();
        assert_eq!(summary.rejected, 1);
        assert_eq!(actors.calls_of(Stage::Review).len() as u32, rounds + 1);
        let reason = &summary.rows[0].reason;
        assert!(
            reason.starts_with(&format!("after {rounds} rounds of mending: [review of metric]")),
            "{reason}"
        );
        let package = &summary.tasks[0].path;
        assert!(package.join("data/public/train.csv").is_file(), "the furthest state is kept");
    }
}

/// A file that has no business being there stands where a stage is given a folder, and the other way round.
#[tokio::test]
async fn nothing_that_an_agent_leaves_stands_in_the_way_of_the_next_attempt() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match (call.stage, call.attempt) {
        (Stage::Design, 1) => Act::WellAnd(Box::new(|workdir| {
            std::fs::remove_file(workdir.join("brainstorming.md")).unwrap();
            std::fs::create_dir(workdir.join("brainstorming.md")).unwrap();
            std::fs::remove_dir_all(workdir.join("raw")).unwrap();
            std::fs::write(workdir.join("raw"), "gone").unwrap();
            std::fs::remove_file(workdir.join("metric.py")).unwrap();
        })),
        (Stage::Design, _) => Act::WellAnd(Box::new(|workdir| {
            std::fs::write(workdir.join("samples"), "1,2\n").unwrap();
            std::fs::write(workdir.join("notes.txt"), "The ids are unique.").unwrap();
        })),
        (Stage::Refactor, 1) => {
            assert!(call.workdir.join("samples/sample_prepare.py").is_file());
            assert!(call.workdir.join("notes.txt").is_file(), "the Designer's other files are there");
            Act::WellAnd(Box::new(|workdir| {
                std::fs::remove_dir_all(workdir.join("samples")).unwrap();
                std::fs::write(workdir.join("samples"), "").unwrap();
                std::fs::create_dir(workdir.join("task.json")).unwrap();
                std::fs::remove_file(workdir.join("metric.py")).unwrap();
            }))
        }
        // The agent throws its own place away.
        (Stage::Refactor, 2) => Act::WellAnd(Box::new(|workdir| std::fs::remove_dir_all(workdir).unwrap())),
        _ => Act::Well,
    });
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!((summary.verified, summary.has_faults()), (1, false), "{summary:#?}");
    assert_eq!(actors.calls_of(Stage::Design).len(), 2);
    assert_eq!(actors.calls_of(Stage::Refactor).len(), 3);
}

#[tokio::test]
async fn what_an_agent_calls_a_manifest_is_not_taken_for_one() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match call.stage {
        Stage::Design => Act::WellAnd(Box::new(|workdir| {
            std::fs::create_dir_all(workdir.join("task.json")).unwrap();
            std::fs::remove_file(workdir.join("metric.py")).unwrap();
        })),
        _ => Act::Well,
    });
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!((summary.rejected, summary.has_faults()), (1, false), "{summary:#?}");
    assert_eq!(manifest(&summary.tasks[0].path).verdict, Verdict::Rejected);
}

#[tokio::test]
async fn what_an_agent_locked_is_opened_for_the_checks() {
    use std::os::unix::fs::PermissionsExt;
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match call.stage {
        Stage::Design => Act::WellAnd(Box::new(|workdir| {
            let lock = |path: &Path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o0)).unwrap();
            std::fs::create_dir(workdir.join("out")).unwrap();
            std::fs::write(workdir.join("out/train.csv"), "").unwrap();
            lock(&workdir.join("out/train.csv"));
            lock(&workdir.join("out"));
        })),
        _ => Act::Well,
    });
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!(summary.verified, 1, "{summary:#?}");
    let out = actors.calls_of(Stage::Design)[0].workdir.join("out");
    for (path, mode) in [(out.join("train.csv"), 0o600), (out, 0o700)] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o700, mode, "{}", path.display());
    }
}

/// A Refactor whose `prepare.py` ends with a line that makes the stand-in for Python behave badly.
fn refactor_with(line: String) -> std::sync::Arc<Actors> {
    Actors::new(1, move |call| match call.stage {
        Stage::Refactor => {
            let line = line.clone();
            Act::WellAnd(Box::new(move |workdir| {
                let path = workdir.join("prepare.py");
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(&path, format!("{text}\n{line}\n")).unwrap();
            }))
        }
        _ => Act::Well,
    })
}

/// A generated script may put links and files where others look for something else.
#[tokio::test]
async fn a_script_cannot_make_the_pipeline_write_outside_the_task() {
    let setting = Setting::new();
    let outside = setting.place("precious.txt");
    std::fs::write(&outside, "Years of work.").unwrap();
    let lines =
        format!("# links description.txt to {}\n# puts a file in the place of raw", outside.display());
    let summary = setting.run(&refactor_with(lines)).await.unwrap();
    assert!(!summary.has_faults(), "{summary:#?}");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "Years of work.");
}

/// Links are left out of packages, so answers behind one would be missing from the delivered task.
#[tokio::test]
async fn answers_that_lie_elsewhere_are_no_answers() {
    let setting = Setting::new();
    let line = format!("# moves the answers to {}", setting.place("elsewhere").display());
    let summary = setting.run(&refactor_with(line)).await.unwrap();
    assert_eq!((summary.verified, summary.rejected), (0, 1), "{summary:#?}");
}

#[tokio::test]
async fn what_a_script_locked_is_opened_for_the_checks() {
    use std::os::unix::fs::PermissionsExt;
    let setting = Setting::new();
    let summary = setting.run(&refactor_with("# locks the training data".to_owned())).await.unwrap();
    assert_eq!(summary.verified, 1, "{summary:#?}");
    let staged = setting.path().join("candidates/ferries/1/staging/round0-attempt1/data/public/train.csv");
    assert_eq!(staged.metadata().unwrap().permissions().mode() & 0o600, 0o600);
}
