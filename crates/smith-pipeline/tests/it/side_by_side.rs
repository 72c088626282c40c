//! Candidates and datasets are worked on together, as many as the caller allows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use smith_task_schema::Stage;
use tokio::sync::Barrier;

use crate::support::{Act, Actors, Setting, fixture};

/// Only against a test that would never end; no assertion depends on it.
const FOR_EVER: Duration = Duration::from_secs(120);

/// Three designs that wait for one another end only if all three are worked on at a time.
#[tokio::test]
async fn as_many_candidates_as_allowed_are_worked_on_at_a_time() {
    let mut setting = Setting::new();
    setting.options.concurrency = 3;
    let barrier = Arc::new(Barrier::new(3));
    let actors = Actors::new(3, move |call| match call.stage {
        Stage::Design => Act::Meets(barrier.clone()),
        _ => Act::Well,
    });
    let summary =
        tokio::time::timeout(FOR_EVER, setting.run(&actors)).await.expect("they never met").unwrap();
    assert_eq!(summary.verified, 3);
}

#[tokio::test]
async fn datasets_are_worked_on_at_a_time_too() {
    let mut setting = Setting::new();
    setting.add("boats", &fixture("raw"));
    let barrier = Arc::new(Barrier::new(2));
    let actors = Actors::new(1, move |call| match call.stage {
        Stage::Brainstorm => Act::Meets(barrier.clone()),
        _ => Act::Well,
    });
    let summary =
        tokio::time::timeout(FOR_EVER, setting.run(&actors)).await.expect("they never met").unwrap();
    assert_eq!((summary.datasets, summary.verified), (2, 2));
}

/// Each design waits until as many are here as allowed, and none comes while the places are taken.
#[tokio::test]
async fn never_more_than_allowed() {
    let mut setting = Setting::new();
    setting.options.candidates = 4;
    setting.options.concurrency = 2;
    let (working, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (now, peak) = (working.clone(), most.clone());
    let barrier = Arc::new(Barrier::new(2));
    let actors = Actors::new(4, move |call| match call.stage {
        Stage::Design => {
            peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            Act::Meets(barrier.clone())
        }
        Stage::Validate => {
            now.fetch_sub(1, Ordering::SeqCst);
            Act::Well
        }
        _ => Act::Well,
    });
    let summary =
        tokio::time::timeout(FOR_EVER, setting.run(&actors)).await.expect("they never met").unwrap();
    assert_eq!((summary.verified, most.load(Ordering::SeqCst)), (4, 2));
    assert_eq!(working.load(Ordering::SeqCst), 0);
}
