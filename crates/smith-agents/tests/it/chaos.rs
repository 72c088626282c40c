//! A thousand agents at an endpoint of which every fifth answer goes wrong, and one agent in eight is killed in the
//! middle and taken up again: each comes to the end that its plan says, no call stands twice in its journal, and the
//! account holds what the endpoint charged for the answers that arrived, to the millionth of a dollar.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::{Value, json};
use smith_agents::{AgentLoop, Conversation, Effect, LoopEnd, Tool, ToolError, Toolbox};
use smith_llm::{
    Budget, ChatModel, ConnectOptions, MicroUsd, PriceTable, RateLimit, RateLimits, RetryPolicy, Sampling,
    ToolSpec, connect,
};
use smith_task_schema::{
    CandidateId, Event, ModelCall, RecordError, Recorder, Stage, StageContext, StageEnd, StageError,
};
use smith_testkit::chaos::{Chaos, FAULTS, Ledger, TOOL, turn};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::Known;

const SEED: u64 = 20;
const AGENTS: u64 = 1000;
const STEPS: u32 = 20;
const PERCENT: u64 = 20;
const LIMIT: MicroUsd = MicroUsd(10_000_000_000);

/// Millionths of a dollar for a million tokens: input, cached, output. So odd that every call is rounded.
const PRICES: (u64, u64, u64) = (1_500_007, 375_003, 6_000_011);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_agent_comes_to_its_end_and_pays_once_however_often_the_endpoint_fails() {
    let start = Instant::now();
    let chaos = Arc::new(Chaos::start(SEED, STEPS, PERCENT).await.unwrap());
    let journals: Vec<Arc<Journal>> = (0..AGENTS).map(|_| Arc::default()).collect();

    let budget = Budget::new(Some(LIMIT), MicroUsd(0));
    let is_killed = |agent: u64| agent.is_multiple_of(8);
    let ends = all(0..AGENTS, &chaos, &budget, &journals, is_killed).await;
    assert_eq!(chaos.ledger().problems, Vec::<String>::new());
    let killed: Vec<u64> = (0..AGENTS).filter(|agent| is_killed(*agent)).collect();
    assert_eq!(ends.len() + killed.len(), usize::try_from(AGENTS).unwrap());
    assert_eq!(budget.spent(), spent(&journals), "killed or not, the account is what the journals say");

    // Another process takes up what the first one left, and the account with it.
    let budget = Budget::new(Some(LIMIT), spent(&journals));
    let resumed = all(killed.iter().copied(), &chaos, &budget, &journals, |_| false).await;
    assert_eq!(resumed.len(), killed.len());

    for (agent, end) in ends.into_iter().chain(resumed) {
        let LoopEnd { end, note } = end.unwrap();
        assert!(
            end == StageEnd::Finished && chaos.is_last_word(agent, &note),
            "agent {agent}: {end:?}, {note}"
        );
    }
    let ledger = chaos.ledger();
    assert_eq!(ledger.problems, Vec::<String>::new());
    let paid = check(&journals, &ledger);
    assert_eq!(budget.spent(), paid);
    drop(budget.reserve(MicroUsd(LIMIT.0 - paid.0)).expect("no call still holds money"));
    show(&ledger, paid, start.elapsed());
}

/// Runs agents side by side; those that are killed have no end.
async fn all(
    agents: impl Iterator<Item = u64>,
    chaos: &Arc<Chaos>,
    budget: &Budget,
    journals: &[Arc<Journal>],
    is_killed: impl Fn(u64) -> bool,
) -> Vec<(u64, Result<LoopEnd, StageError>)> {
    let model = connected(chaos, budget);
    let mut running = JoinSet::new();
    for agent in agents {
        // In the middle of the call of a step, another one for each agent.
        let last = is_killed(agent).then(|| 1 + u32::try_from(agent / 8).unwrap() % STEPS);
        let journal = Arc::clone(&journals[usize::try_from(agent).unwrap()]);
        running.spawn(run(agent, Arc::clone(&model), journal, last));
    }
    running.join_all().await.into_iter().flatten().collect()
}

fn connected(chaos: &Chaos, budget: &Budget) -> Arc<dyn ChatModel> {
    let options = ConnectOptions {
        base_url: Some(chaos.url()),
        prices: PriceTable::parse(&format!(
            "[[model]]\nname = 'chaos'\ninput = {}\ncached = {}\noutput = {}\neffective_from = '2026-01-01'\nsource = 'test'\n",
            PRICES.0, PRICES.1, PRICES.2
        ))
        .unwrap(),
        budget: budget.clone(),
        timeout: Duration::from_secs(3),
        retry: RetryPolicy {
            // One call in ten million meets so many faults in a row.
            max_attempts: 10,
            base_delay: Duration::from_millis(2),
            max_delay: Duration::from_millis(50),
            total_deadline: Duration::from_secs(600),
        },
        limits: RateLimits::new(RateLimit { in_flight: Some(64), ..RateLimit::default() }),
        ..ConnectOptions::default()
    };
    connect(&"openai-compatible:chaos".parse().unwrap(), options).unwrap().model
}

/// One agent with a journal of its own, as far as it comes: if it is killed, until the call of step `last` is under way.
async fn run(
    agent: u64,
    model: Arc<dyn ChatModel>,
    journal: Arc<Journal>,
    last: Option<u32>,
) -> Option<(u64, Result<LoopEnd, StageError>)> {
    let known = Known::of(&journal.events());
    let watched = Arc::new(Watched { journal, last, reached: Notify::new() });
    let candidate = CandidateId { dataset: "chaos".to_owned(), index: u32::try_from(agent).unwrap() };
    let cx = StageContext::new(candidate, Stage::Design, PathBuf::new(), watched.clone(), known);
    let toolbox = Toolbox::new(vec![Box::new(Turning::default())]).unwrap();
    let agent_loop = AgentLoop {
        model,
        toolbox: &toolbox,
        cx: &cx,
        max_steps: STEPS,
        sampling: Sampling::default(),
        ends_with: None,
    };
    let mut conversation = Conversation::open("Do as you are told.", Chaos::opening(agent));
    tokio::select! {
        biased;
        () = watched.reached.notified() => None,
        end = agent_loop.run(&mut conversation) => Some((agent, end)),
    }
}

/// Lines of JSON, as they lie in a file when a process is killed.
#[derive(Default)]
struct Journal {
    lines: Mutex<Vec<String>>,
}

impl Journal {
    fn events(&self) -> Vec<Event> {
        let lines = self.lines.lock().unwrap();
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The answered calls.
    fn calls(&self) -> Vec<ModelCall> {
        let calls = self.events().into_iter().filter_map(|event| match event {
            Event::ModelCallFinished(call) => Some(*call),
            _ => None,
        });
        calls.collect()
    }
}

/// Writes a journal and tells when the call of a step begins.
struct Watched {
    journal: Arc<Journal>,
    last: Option<u32>,
    reached: Notify,
}

impl Recorder for Watched {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        if let Event::ModelCallStarted { key, .. } = &event
            && Some(key.step) == self.last
        {
            self.reached.notify_one();
        }
        self.journal.lines.lock().unwrap().push(serde_json::to_string(&event).unwrap());
        Ok(())
    }
}

/// A tool that hangs on everything that it was called with before.
#[derive(Default)]
struct Turning {
    last: AtomicU64,
}

#[async_trait]
impl Tool for Turning {
    fn spec(&self) -> ToolSpec {
        let parameters =
            json!({"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]});
        ToolSpec { name: TOOL.to_owned(), description: "Turns on.".to_owned(), parameters }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, arguments: &Value) -> Result<String, ToolError> {
        let next = turn(self.last.load(Ordering::SeqCst), arguments["number"].as_u64().unwrap());
        self.last.store(next, Ordering::SeqCst);
        Ok(next.to_string())
    }
}

/// What the journals say was paid.
fn spent(journals: &[Arc<Journal>]) -> MicroUsd {
    MicroUsd(journals.iter().flat_map(|journal| journal.calls()).filter_map(|call| call.cost_micro_usd).sum())
}

/// Each journal holds the answer to each step once, with what the endpoint charged for the one that arrived. Gives the
/// sum.
fn check(journals: &[Arc<Journal>], ledger: &Ledger) -> MicroUsd {
    let mut paid = MicroUsd(0);
    for (agent, journal) in (0..).zip(journals) {
        let calls = journal.calls();
        let steps: Vec<u32> = calls.iter().map(|call| call.key.step).collect();
        assert_eq!(steps, (1..=STEPS).collect::<Vec<_>>(), "agent {agent}");
        for call in calls {
            let given = ledger.given(agent, call.key.step).unwrap();
            assert_eq!((call.input_tokens, call.cached_tokens, call.output_tokens), given, "agent {agent}");
            assert_eq!(call.cost_micro_usd, Some(cost(given)), "agent {agent}");
            paid = paid + MicroUsd(cost(given));
        }
    }
    paid
}

/// As a provider bills: each call by itself, rounded up.
fn cost((input, cached, output): (u64, u64, u64)) -> u64 {
    ((input - cached) * PRICES.0 + cached * PRICES.1 + output * PRICES.2).div_ceil(1_000_000)
}

/// The table, with `--nocapture`.
#[expect(clippy::print_stdout, reason = "shown to whoever asks for it")]
fn show(ledger: &Ledger, paid: MicroUsd, passed: Duration) {
    println!("{:<16} {:>9} {:>10} {:>7}", "fault", "injected", "recovered", "asked");
    let mut injected = 0;
    for fault in FAULTS {
        let count = ledger.count(fault);
        assert!(count.injected > 0 && count.recovered == count.injected, "{fault:?}: {count:?}");
        let again = if fault.lets_the_answer_through() { 0 } else { count.injected };
        println!("{:<16} {:>9} {:>10} {again:>7}", format!("{fault:?}"), count.injected, count.recovered);
        injected += count.injected;
    }
    let lost = MicroUsd(ledger.lost().into_iter().map(cost).sum());
    let calls = AGENTS * u64::from(STEPS);
    let requests = ledger.requests();
    println!(
        "{AGENTS} agents, {calls} calls, {requests} requests, {injected} faults, {:.1} s",
        passed.as_secs_f64()
    );
    println!("paid {paid}; answers that never arrived were worth {lost}");
}
