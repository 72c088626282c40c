//! Datasets as they come: odd names, single files, too little, unreadable, changed under way.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use smith_task_schema::{Event, Stage, TaskLayout};

use crate::support::{Act, Actors, Setting, events, fixture, kinds};

fn ferries_at(dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::copy(fixture("raw").join("ferries.csv"), dir.join("ferries.csv")).unwrap();
}

/// A dataset of its own that a test may change.
fn own(setting: &mut Setting) -> PathBuf {
    let dir = setting.place("ferries");
    ferries_at(&dir);
    setting.add("ferries", &dir);
    dir
}

#[tokio::test]
async fn odd_names_come_through_to_the_package() {
    let mut setting = Setting::without_datasets();
    let dir = setting.place("Fähren & 船 (raw)");
    ferries_at(&dir);
    let odd = OsStr::from_bytes(b"not\xe9s du port.txt");
    std::fs::write(dir.join(odd), "Counted by hand.\n").unwrap();
    std::fs::create_dir(dir.join("an empty folder")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", dir.join("link.csv")).unwrap();
    setting.add("fähren_船_raw", &dir);
    setting.add("船", &dir);
    setting.add("岸", &dir);
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert_eq!(summary.verified, 3, "{summary:#?}");
    let ids: Vec<_> = summary.tasks.iter().map(|task| task.id.as_str()).collect();
    let title = "1-late-ferries-1";
    assert_eq!(ids, ["f-hren-raw", "unnamed", "unnamed-2"].map(|prefix| format!("{prefix}-{title}")));
    assert!(summary.tasks.iter().all(|task| task.path.join("task.json").is_file()));
    let task = TaskLayout::detect(&summary.tasks[0].path).unwrap();
    assert!(task.raw.join(odd).is_file() && task.raw.join("an empty folder").is_dir());
    assert!(task.raw.join("link.csv").symlink_metadata().is_err(), "a link came into the package");
}

#[tokio::test]
async fn a_single_file_is_a_dataset() {
    let mut setting = Setting::without_datasets();
    setting.add("ferries", &fixture("raw").join("ferries.csv"));
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert_eq!(summary.verified, 1, "{summary:#?}");
    assert!(summary.tasks[0].path.join("data/raw/ferries.csv").is_file());
}

#[tokio::test]
async fn what_teaches_nothing_is_refused_and_the_other_datasets_are_worked_on() {
    let mut setting = Setting::new();
    let few = setting.place("few");
    std::fs::create_dir(&few).unwrap();
    std::fs::write(few.join("few.csv"), "crossing,late\n1,yes\n2,no\n").unwrap();
    setting.add("few", &few);
    setting.add("nowhere", &setting.place("nowhere"));
    let actors = Actors::well();
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!((summary.datasets, summary.candidates, summary.verified), (3, 1, 1));
    let [(name, reason), (missing, why)] = &summary.refused[..] else { panic!("{summary:#?}") };
    assert!(name == "few" && reason.contains("2 rows"), "{reason}");
    assert!(missing == "nowhere" && why.contains("no such file"), "{why}");
    assert_eq!(actors.calls_of(Stage::Brainstorm).len(), 1, "no model is asked about what is refused");
    assert!(!summary.has_faults());
}

#[tokio::test]
async fn a_dataset_without_proposals_is_refused_in_the_brainstormers_words() {
    let setting = Setting::new();
    let actors = Actors::new(1, |_| Act::NoProposal);
    let summary = setting.run(&actors).await.unwrap();
    let reason = "no task was proposed: All columns are constant.".to_owned();
    assert_eq!(summary.refused, [("ferries".to_owned(), reason)]);
    // The question is answered; a resumed run does not ask it again.
    setting.run(&actors).await.unwrap();
    assert_eq!(actors.steps(), ["brainstorm 0.1"]);
}

/// A path so long that no call takes it: nobody can open the file, whatever their rights.
fn beyond_reach(root: &Path) -> PathBuf {
    let name = "d".repeat(200);
    let mut dir = openat(CWD, root, OFlags::DIRECTORY, Mode::empty()).unwrap();
    let mut path = root.to_path_buf();
    while path.as_os_str().len() < 3900 {
        mkdirat(&dir, &name, Mode::from_raw_mode(0o700)).unwrap();
        dir = openat(&dir, &name, OFlags::DIRECTORY, Mode::empty()).unwrap();
        path.push(&name);
    }
    let file = "f".repeat(250);
    openat(&dir, &file, OFlags::CREATE | OFlags::WRONLY, Mode::from_raw_mode(0o600)).unwrap();
    path.push(file);
    path
}

#[tokio::test]
async fn an_unreadable_file_is_refused_up_front_by_its_name_until_it_is_gone() {
    let mut setting = Setting::without_datasets();
    let dir = own(&mut setting);
    let unreadable = beyond_reach(&dir);
    let actors = Actors::well();
    let summary = setting.run(&actors).await.unwrap();
    let [(name, reason)] = &summary.refused[..] else { panic!("{summary:#?}") };
    assert!(name == "ferries" && reason.contains(&*unreadable.to_string_lossy()), "{reason}");
    assert!(reason.contains("make it readable or take it out"), "{reason}");
    assert!(actors.calls().is_empty() && !summary.has_faults());
    assert_eq!(kinds(&setting.journal("ferries", 0)), ["dataset_refused"], "nothing was profiled");

    std::fs::remove_dir_all(dir.join("d".repeat(200))).unwrap();
    let summary = setting.run(&actors).await.unwrap();
    assert_eq!((summary.verified, summary.refused.len()), (1, 0), "the newest word counts: {summary:#?}");
}

#[tokio::test]
async fn a_refusal_after_work_was_begun_is_the_newest_word_too() {
    let mut setting = Setting::without_datasets();
    let dir = own(&mut setting);
    let actors = Actors::new(1, |call| match call.stage {
        Stage::Design => Act::Errs(smith_task_schema::StageError::Mistake("no key".to_owned())),
        _ => Act::Well,
    });
    setting.run(&actors).await.unwrap_err();
    let unreadable = beyond_reach(&dir);
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert!(unreadable.starts_with(&dir) && summary.refused.len() == 1, "{summary:#?}");
    std::fs::remove_dir_all(dir.join("d".repeat(200))).unwrap();
    let summary = setting.run(&Actors::well()).await.unwrap();
    assert_eq!((summary.verified, summary.refused.len()), (1, 0), "{summary:#?}");
}

#[tokio::test]
async fn a_dataset_that_changed_cannot_go_on_with_its_run() {
    let mut setting = Setting::without_datasets();
    let dir = own(&mut setting);
    setting.run(&Actors::well()).await.unwrap();
    std::fs::write(dir.join("more.csv"), "a,b\n1,2\n").unwrap();
    let error = setting.run(&Actors::well()).await.unwrap_err();
    assert!(error.is_mistake() && error.to_string().contains("not what it was"), "{error}");
    let digests = events(&setting.journal("ferries", 0))
        .into_iter()
        .filter(|event| matches!(event, Event::DatasetProfiled { .. }));
    assert_eq!(digests.count(), 1);
}
