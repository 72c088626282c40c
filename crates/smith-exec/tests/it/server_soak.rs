//! Sixty-four sessions at once: every answer is its session's own, and memory stays bounded.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::environment_fixture::Fixture;
use crate::server_fixture::{Client, Served};

const SESSIONS: usize = 64;
/// Rows of the answers: each session gets another number of them right in each step.
const ROWS: usize = 1024;

/// What the server and its programs took.
#[derive(Debug, Default)]
struct Peak {
    /// Largest sum of the proportional memory of all processes below this one, in MB.
    programs_mb: u64,
    /// Most processes below this one that run Python.
    pythons: usize,
}

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let table = |species: &str| {
        let rows = (0..ROWS).fold(String::new(), |mut rows, id| {
            writeln!(rows, "{id},{species}").unwrap();
            rows
        });
        format!("id,species\n{rows}")
    };
    std::fs::write(fixture.task.test_answer(), table("adelie")).unwrap();
    std::fs::write(fixture.task.sample_submission(), table("gentoo")).unwrap();
    fixture
}

fn right(session: usize, step: usize) -> usize {
    session * 10 + step + 1
}

/// Says whose it is, finds what the session's last script left, computes and sleeps a little, and predicts.
fn script(session: usize, step: usize) -> String {
    format!(
        "import os, time\n\
         print('this is session {session} step {step}')\n\
         print('left', open('mine').read() if os.path.exists('mine') else 'nothing')\n\
         open('mine', 'w').write('by session {session} step {step}.')\n\
         total = sum(number * number for number in range(100_000))\n\
         time.sleep({pause})\n\
         species = lambda id: 'adelie' if id < {right} else 'chinstrap'\n\
         rows = ''.join(f'{{id}},{{species(id)}}\\n' for id in range({ROWS}))\n\
         open('submission.csv', 'w').write('id,species\\n' + rows)\n",
        pause = (session % 7) as f64 / 20.0,
        right = right(session, step),
    )
}

async fn episode(client: Client, session: usize, steps: usize) {
    let path = client.open().await;
    for step in 0..steps {
        let seen = client.execute(&path, &script(session, step)).await.expect(200);
        let output = seen["result"]["execution"]["output"].as_str().unwrap_or_else(|| panic!("{seen}"));
        let left = match step {
            0 => "nothing".to_owned(),
            _ => format!("by session {session} step {}.", step - 1),
        };
        assert_eq!(output, format!("this is session {session} step {step}\nleft {left}\n"));
        let score = right(session, step) as f64 / ROWS as f64;
        assert_eq!((&seen["current_raw_score"], &seen["best_raw_score"]), (&json!(score), &json!(score)));
        assert_eq!(seen["steps_used"], step + 1);
    }
    let records = client.get(&format!("{path}/history")).await.expect(200)["records"].clone();
    let codes: Vec<_> = records.as_array().unwrap().iter().map(|record| record["code"].clone()).collect();
    assert_eq!(codes, (0..steps).map(|step| json!(script(session, step))).collect::<Vec<_>>());
    client.delete(&path).await.expect(200);
}

/// The processes below this one.
fn descendants() -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
        children.entry(parent.unwrap_or_default()).or_default().push(pid);
    }
    let (mut all, mut todo) = (Vec::new(), vec![std::process::id()]);
    while let Some(parent) = todo.pop() {
        let below = children.remove(&parent).unwrap_or_default();
        todo.extend(&below);
        all.extend(below);
    }
    all
}

fn field_kb(path: String, field: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}

fn watch(peak: &Mutex<Peak>, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let all = descendants();
        let programs_mb =
            all.iter().map(|pid| field_kb(format!("/proc/{pid}/smaps_rollup"), "Pss:")).sum::<u64>() / 1024;
        let is_python = |pid: &&u32| {
            std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| {
                String::from_utf8_lossy(&line).split('\0').next().is_some_and(|it| it.contains("python"))
            })
        };
        let pythons = all.iter().filter(is_python).count();
        {
            let mut peak = peak.lock().unwrap();
            peak.programs_mb = peak.programs_mb.max(programs_mb);
            peak.pythons = peak.pythons.max(pythons);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
async fn soak(steps: usize) {
    const PROGRAMS: usize = 2;
    let mut served = Served::of(fixture(), |options| options.running_scripts(PROGRAMS)).await;
    let (peak, over) = (Arc::new(Mutex::new(Peak::default())), Arc::new(AtomicBool::new(false)));
    let watching = {
        let (peak, over) = (peak.clone(), over.clone());
        std::thread::spawn(move || watch(&peak, &over))
    };
    let began = Instant::now();
    let mut episodes = JoinSet::new();
    for session in 0..SESSIONS {
        episodes.spawn(episode(served.client.clone(), session, steps));
    }
    while let Some(ended) = episodes.join_next().await {
        ended.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    watching.join().unwrap();
    let server_mb = field_kb("/proc/self/status".into(), "VmHWM:") / 1024;
    let peak = std::mem::take(&mut *peak.lock().unwrap());
    eprintln!(
        "{SESSIONS} sessions of {steps} steps: {seconds:.1} s, {:.1} steps/s; server and clients {server_mb} MB, {peak:?}",
        (SESSIONS * steps) as f64 / seconds
    );
    assert!(server_mb < 512, "{server_mb} MB");
    assert!(peak.programs_mb < 2048, "{peak:?}");
    served.stop();
    served.ended().await;
}

/// For whole episodes: `SMITH_SOAK_STEPS=6 cargo test -p smith-exec --test it -- --nocapture soak`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_sessions_at_once_do_not_meet() {
    let steps = std::env::var_os("SMITH_SOAK_STEPS").and_then(|steps| steps.to_str()?.parse().ok());
    soak(steps.unwrap_or(2)).await;
}
