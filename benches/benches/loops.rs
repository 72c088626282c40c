//! What agents cost beside their model, which is a mock that thinks for 50 ms: processor time for each call, memory of a
//! waiting agent and wall time, of 512 agents side by side and of one. Beside it what people run instead: agents of
//! OpenAI's SDK, LangGraph and Pydantic AI, and a loop written by hand over aiohttp. All have the same conversation: 4 kB
//! of instructions, 20 answers of which all but the last call a tool that answers with 2 kB.
//!
//! ```text
//! python3 -m venv VENV && VENV/bin/pip install aiohttp uvloop openai-agents langgraph langchain-openai 'pydantic-ai-slim[openai]'
//! SMITH_BENCH_PYTHON=VENV/bin/python cargo bench -p smith-benches --bench loops
//! cargo bench -p smith-benches --bench loops -- smith       # or others by name
//! ```
//!
//! The mock and every client are processes of their own. Ours checks arguments against the tool's schema, knows every
//! request by its fingerprint, prices it and writes a journal (into memory); the others do what they do by default, tracing
//! switched off. Seconds and memory are of the loops alone: modules are loaded and one agent has come to its end before.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
#![expect(
    clippy::disallowed_methods,
    reason = "the other ways are programs, and confining them would cost them time"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smith_benches::{Spread, process_peak, process_seconds};
use smith_core::agents::{AgentLoop, Conversation, Effect, Tool, ToolError, Toolbox};
use smith_core::llm::{Budget, ChatModel, ConnectOptions, MicroUsd, PriceTable, Sampling, ToolSpec, connect};
use smith_core::schema::event::Unrecorded;
use smith_core::schema::{CandidateId, Event, RecordError, Recorder, Stage, StageContext, StageEnd};
use smith_testkit::http::{Reply, Server};

/// Rounds in which every way has one turn.
const ROUNDS: usize = 3;
const STEPS: usize = 20;
const THINKS: Duration = Duration::from_millis(50);
const INSTRUCTIONS: usize = 4096;
const OUTPUT: usize = 2048;
const WAYS: [&str; 5] = ["smith", "aiohttp", "openai-agents", "langgraph", "pydantic-ai"];

/// What the loops took.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Turn {
    wall: f64,
    cpu: f64,
    /// Megabytes that they had at most, above what the process had before.
    megabytes: f64,
    /// Processor seconds of the mock, which has to share the machine.
    #[serde(default)]
    mock: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--serve"] => runtime().block_on(serve()),
        ["--agents", url, agents] => {
            let turn = runtime().block_on(ours(url, agents.parse().unwrap()));
            println!("{}", serde_json::to_string(&turn).unwrap());
        }
        wanted => compare(wanted),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn compare(wanted: &[&str]) {
    let python = std::env::var_os("SMITH_BENCH_PYTHON");
    if python.is_none() {
        println!("smith alone: SMITH_BENCH_PYTHON is not set (see the head of benches/benches/loops.rs)");
    }
    let is_wanted = |way: &str| wanted.is_empty() || wanted.contains(&way);
    let ways: Vec<&str> =
        WAYS.into_iter().filter(|way| is_wanted(way) && (*way == "smith" || python.is_some())).collect();
    let mock = Mock::start();
    for agents in [1, 512] {
        let mut turns: Vec<Vec<Turn>> = vec![Vec::new(); ways.len()];
        for _ in 0..ROUNDS {
            for (way, turns) in ways.iter().zip(&mut turns) {
                turns.push(turn(way, python.as_deref().map(Path::new), &mock, agents));
            }
        }
        show(agents, &ways, &turns);
    }
}

/// One turn of a way, as a process of its own.
fn turn(way: &str, python: Option<&Path>, mock: &Mock, agents: usize) -> Turn {
    let (url, agents) = (&mock.url, agents.to_string());
    let mut command = if way == "smith" {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--agents", url, &agents]);
        command
    } else {
        let mut command = Command::new(python.unwrap());
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/run_agents.py"))
            .args([way, url, &agents]);
        command
    };
    let before = mock.seconds();
    let output = command.output().unwrap();
    assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    Turn { mock: mock.seconds() - before, ..serde_json::from_slice(&output.stdout).unwrap() }
}

/// Bytes of the texts of a whole conversation: what an agent cannot do without.
fn conversation() -> f64 {
    (INSTRUCTIONS + (STEPS - 1) * (OUTPUT + THOUGHT.len() + 60)) as f64
}

fn show(agents: usize, ways: &[&str], turns: &[Vec<Turn>]) {
    let bound = THINKS.as_secs_f64() * STEPS as f64;
    println!(
        "\n{agents} agents of {STEPS} calls; median (least) of {ROUNDS} rounds; the wall cannot be under {bound:.2} s"
    );
    println!(
        "{:<16} {:>16} {:>22} {:>8} {:>12} {:>22} {:>10}",
        "", "wall s", "processor ms a call", "ratio", "kB an agent", "beyond conversation", "mock CPU s"
    );
    let mut first = None;
    for (way, turns) in ways.iter().zip(turns) {
        let of = |figure: fn(&Turn) -> f64| Spread::of(turns.iter().map(figure).collect()).unwrap();
        let (wall, cpu, memory, mock) =
            (of(|turn| turn.wall), of(|turn| turn.cpu), of(|turn| turn.megabytes), of(|turn| turn.mock));
        let calls = (agents * STEPS) as f64;
        let each = |seconds: f64| seconds * 1e3 / calls;
        let kilobytes = memory.median * 1e3 / agents as f64;
        let ratio = cpu.median / *first.get_or_insert(cpu.median);
        println!(
            "{way:<16} {:>8.2} ({:>5.2}) {:>13.3} ({:>6.3}) {ratio:>8.1} {kilobytes:>12.0} {:>22.0} {:>10.2}",
            wall.median,
            wall.least,
            each(cpu.median),
            each(cpu.least),
            kilobytes - conversation() / 1e3,
            mock.median
        );
    }
}

/// The mock in a process of its own.
struct Mock {
    process: Child,
    url: String,
}

impl Mock {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg("--serve")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned() }
    }

    fn seconds(&self) -> f64 {
        process_seconds(self.process.id()).unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const THOUGHT: &str = "I will look at the data first, then decide on the split.";

/// Answers by the number of results in the request, so that it need not know the agents.
async fn serve() {
    let serial = AtomicUsize::new(0);
    let server = Server::start(move |body| {
        let serial = serial.fetch_add(1, Ordering::Relaxed);
        let results = count(body, b"\"tool_call_id\"");
        let arguments = json!({"command": format!("ls -la raw/part{results}")}).to_string();
        let (message, finish) = if results + 1 < STEPS {
            let function = json!({"name": "run_bash", "arguments": arguments});
            let calls = json!([{"id": format!("call_{serial}"), "type": "function", "function": function}]);
            (json!({"role": "assistant", "content": THOUGHT, "tool_calls": calls}), "tool_calls")
        } else {
            (json!({"role": "assistant", "content": "done"}), "stop")
        };
        let (input, output) = (body.len() / 4, 30);
        let completion = json!({
            "id": format!("chatcmpl-{serial}"), "object": "chat.completion", "created": 1_760_000_000, "model": "mock",
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": null}],
            "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output},
        });
        Reply::json(200, "", &completion.to_string()).after(THINKS)
    })
    .await
    .unwrap();
    println!("{}/v1", server.url());
    std::future::pending::<()>().await;
}

fn count(text: &[u8], words: &[u8]) -> usize {
    let begins = text.iter().enumerate().filter(|(_, byte)| **byte == words[0]);
    begins.filter(|(at, _)| text[*at..].starts_with(words)).count()
}

async fn ours(url: &str, agents: usize) -> Turn {
    let options = ConnectOptions {
        base_url: Some(url.to_owned()),
        prices: PriceTable::parse(
            "[[model]]\nname = 'mock'\ninput = 1_000_000\noutput = 2_000_000\neffective_from = '2026-01-01'\nsource = 'none'\n",
        )
        .unwrap(),
        budget: Budget::new(Some(MicroUsd(u64::MAX / 2)), MicroUsd(0)),
        ..ConnectOptions::default()
    };
    let model = connect(&"openai-compatible:mock".parse().unwrap(), options).unwrap().model;
    agent(Arc::clone(&model)).await;
    let own = std::process::id();
    let (memory, before, start) = (process_peak(own).unwrap(), own_seconds(), Instant::now());
    let running: Vec<_> = (0..agents).map(|_| tokio::spawn(agent(Arc::clone(&model)))).collect();
    for agent in running {
        agent.await.unwrap();
    }
    Turn {
        wall: start.elapsed().as_secs_f64(),
        cpu: own_seconds() - before,
        megabytes: process_peak(own).unwrap() - memory,
        mock: 0.0,
    }
}

/// Processor seconds of this process, to the nanosecond: `/proc` counts hundredths, and one agent takes less.
fn own_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

async fn agent(model: Arc<dyn ChatModel>) {
    let toolbox = Toolbox::new(vec![Box::new(Bash)]).unwrap();
    let candidate = CandidateId { dataset: "mock".to_owned(), index: 1 };
    let (recorder, nothing) = (Arc::new(InMemory::default()), Arc::new(Unrecorded));
    let cx = StageContext::new(candidate, Stage::Design, std::env::temp_dir(), recorder, nothing);
    let agent = AgentLoop {
        model,
        toolbox: &toolbox,
        cx: &cx,
        max_steps: 30,
        sampling: Sampling::default(),
        ends_with: None,
    };
    let instructions = filled("You are an expert designer of competitions. ", INSTRUCTIONS);
    let mut conversation = Conversation::open(instructions, "Design the competition.");
    let end = agent.run(&mut conversation).await.unwrap();
    assert_eq!((end.end, end.note.as_str(), conversation.steps()), (StageEnd::Finished, "done", 20));
}

fn filled(with: &str, bytes: usize) -> String {
    with.chars().cycle().take(bytes).collect()
}

struct Bash;

#[async_trait]
impl Tool for Bash {
    fn spec(&self) -> ToolSpec {
        let parameters =
            json!({"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]});
        ToolSpec { name: "run_bash".to_owned(), description: "Run a bash command.".to_owned(), parameters }
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    async fn call(&self, _: &Value) -> Result<String, ToolError> {
        Ok(filled("-rw-r--r-- 1 u g 12345 part.csv\n", OUTPUT))
    }
}

/// Writes what a journal would and counts its bytes.
#[derive(Default)]
struct InMemory {
    bytes: AtomicUsize,
}

impl Recorder for InMemory {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        let line = serde_json::to_vec(&event).unwrap();
        self.bytes.fetch_add(std::hint::black_box(line).len(), Ordering::Relaxed);
        Ok(())
    }
}
