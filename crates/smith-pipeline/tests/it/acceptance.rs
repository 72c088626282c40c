//! A sound task comes out as a package with everything that proves it, also with a real Python.

use std::sync::Arc;

use smith_exec::{ChildProcess, Sandbox};
use smith_pipeline::Outcome;
use smith_task_schema::{LayoutKind, Stage, TaskLayout, TaskManifest, Verdict, hash};

use crate::support::{Act, Actors, Setting, fixture};

#[tokio::test]
async fn an_accepted_task_is_a_package_with_a_manifest_and_a_certificate() {
    let setting = Setting::new();
    let actors = Actors::new(1, |call| match call.stage {
        Stage::Validate => Act::Scores(Some(0.93)),
        _ => Act::Well,
    });
    let sandbox: Arc<dyn Sandbox> = Arc::new(ChildProcess::new("pipeline-test".to_owned()));
    let summary = setting.run_in(&actors, sandbox).await.unwrap();
    assert_eq!((summary.verified, summary.rejected, summary.candidates), (1, 0, 1), "{summary:#?}");
    assert_eq!(
        actors.steps(),
        ["brainstorm 0.1", "design 0.1", "refactor 0.1", "review 0.1", "validate 0.1"]
    );

    let root = &summary.tasks[0].path;
    let task = TaskLayout::detect(root).unwrap();
    assert_eq!(task.kind, LayoutKind::Package);
    for part in [&task.description, &task.metric, &task.test, &task.test_answer(), &task.sample_submission()]
    {
        assert!(part.is_file(), "{}", part.display());
    }
    assert_eq!(hash::tree(&task.raw).unwrap(), hash::tree(&fixture("raw")).unwrap());
    assert!(!root.join("data/raw-copy").exists() && !root.join("raw-copy").exists());

    let text = std::fs::read_to_string(root.join("task.json")).unwrap();
    let manifest: TaskManifest = serde_json::from_str(&text).unwrap();
    assert_eq!((manifest.verdict, manifest.reason), (Verdict::Accepted, None));
    assert_eq!(manifest.id, "ferries-1-late-ferries-1");
    assert_eq!((manifest.target.as_str(), manifest.higher_is_better), ("late", true));
    assert_eq!(manifest.provenance.dataset_digest, hash::tree_digest(&fixture("raw")).unwrap());
    assert_eq!(manifest.provenance.model, "replay:tape.jsonl", "no folder of this machine");
    let mut files = hash::tree(root).unwrap();
    files.retain(|path, _| path != "task.json" && !path.starts_with("data/raw/"));
    files.insert("data/raw/".to_owned(), hash::tree_digest(&fixture("raw")).unwrap());
    assert_eq!(manifest.files, files);

    let certificate = manifest.certificate;
    assert!(certificate.checks.len() > 20 && certificate.review.is_some());
    let validation = certificate.validation.unwrap();
    assert_eq!((validation.best, validation.answers), (Some(0.93), Some(1.0)));
    assert!(validation.constant >= validation.sample && validation.sample > Some(0.0), "{validation:?}");
}

#[tokio::test]
async fn one_dataset_gives_as_many_tasks_as_it_has_proposals() {
    let setting = Setting::new();
    let actors = Actors::new(3, |_| Act::Well);
    let summary = setting.run(&actors).await.unwrap();
    let ids: Vec<_> = summary.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(ids, ["ferries-1-late-ferries-1", "ferries-2-late-ferries-2", "ferries-3-late-ferries-3"]);
    assert!(summary.rows.iter().all(|row| row.outcome == Outcome::Accepted));
    assert!(!summary.has_faults());
}

#[tokio::test]
async fn more_proposals_than_were_asked_for_are_cut() {
    let mut setting = Setting::new();
    setting.options.candidates = 1;
    let summary = setting.run(&Actors::new(3, |_| Act::Well)).await.unwrap();
    assert_eq!((summary.candidates, summary.verified), (1, 1));
}
