//! A deterministic model: what it says depends on the conversation alone, so that any number of runs with
//! any interruptions ask and answer the same.

use serde_json::{Value, json};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/tea/", $name))
    };
}

/// Name of the model, for `--model openai-compatible:…`.
pub(crate) const NAME: &str = "scripted";

/// Stages by the beginning of their system prompts.
const STAGES: [(&str, Stage); 6] = [
    ("You are an expert in designing machine-learning competitions.", Stage::Brainstorm),
    ("You are an expert in building machine-learning competitions.", Stage::Design),
    ("You are an expert Python engineer. Your work directory holds a finished", Stage::Refactor),
    ("You are an expert Python engineer.", Stage::MendRefactor),
    ("You review a machine-learning task", Stage::Review),
    ("You are a machine-learning engineer who takes part", Stage::Validate),
];

#[derive(Clone, Copy)]
enum Stage {
    Brainstorm,
    Design,
    Refactor,
    MendRefactor,
    Review,
    Validate,
}

/// The files of one task as this model writes them.
struct Task {
    title: &'static str,
    proposal: &'static str,
    description: &'static str,
    /// `prepare.py`, `metric.py` and `test.py` of the Designer.
    design: [&'static str; 3],
    /// The same of the Refactor.
    unified: [&'static str; 3],
    solution: &'static str,
}

const TASKS: [Task; 2] = [
    Task {
        title: "Caffeine of tea",
        proposal: fixture!("caffeine/proposal.md"),
        description: fixture!("caffeine/description.txt"),
        design: [
            fixture!("caffeine/design/prepare.py"),
            fixture!("caffeine/design/metric.py"),
            fixture!("caffeine/design/test.py"),
        ],
        unified: [
            fixture!("caffeine/unified/prepare.py"),
            fixture!("caffeine/unified/metric.py"),
            fixture!("caffeine/unified/test.py"),
        ],
        solution: fixture!("caffeine/solve.py"),
    },
    Task {
        title: "Grade of tea",
        proposal: fixture!("grade/proposal.md"),
        description: fixture!("grade/description.txt"),
        design: [
            fixture!("grade/design/prepare.py"),
            fixture!("grade/design/metric.py"),
            fixture!("grade/design/test.py"),
        ],
        unified: [
            fixture!("grade/unified/prepare.py"),
            fixture!("grade/unified/metric.py"),
            fixture!("grade/unified/test.py"),
        ],
        solution: fixture!("grade/solve.py"),
    },
];

/// The task whose first Refactor attempt has the defect.
const DEFECTIVE: &str = TASKS[1].title;
/// The defect: an argument's name and the wrong one in its place; and the rule that finds it.
const DEFECT: (&str, &str) = ("private", "hidden");
const RULE: &str = "P102";

const SCRIPTS: [&str; 3] = ["prepare.py", "metric.py", "test.py"];

/// What the model says next: tool calls, or its last word.
pub(crate) enum Turn {
    Calls(Vec<(&'static str, Value)>),
    Text(&'static str),
}

/// Answers the body of a request with the body of a response, or says what it cannot follow.
pub(crate) fn answer(request: &Value) -> Result<Value, String> {
    let messages = request["messages"].as_array().ok_or("there are no messages")?;
    let system = messages.first().and_then(|first| first["content"].as_str()).unwrap_or_default();
    let (_, stage) = STAGES
        .iter()
        .find(|(beginning, _)| system.starts_with(beginning))
        .ok_or_else(|| format!("no stage begins with: {}", &system[..system.len().min(80)]))?;
    let step = messages.iter().filter(|message| message["role"] == "assistant").count();
    let turn = turn(*stage, step, system, &messages[1..])?;
    Ok(completion(request, step, turn))
}

fn turn(stage: Stage, step: usize, system: &str, messages: &[Value]) -> Result<Turn, String> {
    let read_proposal = || Ok(Turn::Calls(vec![("read_file", json!({"path": "brainstorming.md"}))]));
    match (stage, step) {
        (Stage::Brainstorm, _) => brainstorm(step, system),
        (Stage::Design | Stage::Refactor | Stage::MendRefactor, 0) => read_proposal(),
        (Stage::Design, _) => design(step, task_of(messages)?),
        (Stage::Refactor, _) => refactor(step, task_of(messages)?),
        (Stage::MendRefactor, _) => mend(step, system, task_of(messages)?),
        (Stage::Review, _) => {
            Ok(Turn::Calls(vec![("submit_review", serde_json::from_str(fixture!("review.json")).unwrap())]))
        }
        (Stage::Validate, 0) => Ok(Turn::Calls(vec![("request_info", json!({"info_type": "overview"}))])),
        (Stage::Validate, _) => validate(step, task_of(messages)?),
    }
}

/// The task that the conversation is about, by the title in what the tools gave.
fn task_of(messages: &[Value]) -> Result<&'static Task, String> {
    let said = Value::from(messages).to_string();
    TASKS.iter().find(|task| said.contains(task.title)).ok_or_else(|| "no task is being spoken of".to_owned())
}

fn brainstorm(step: usize, system: &str) -> Result<Turn, String> {
    let wanted = if system.contains("from 1 to 1,") { 1 } else { TASKS.len() };
    Ok(match step {
        0 => Turn::Calls(vec![("list_directory", json!({"path": "."}))]),
        1 => Turn::Calls(vec![("run_python", json!({"code": fixture!("facts.py")}))]),
        2 => Turn::Calls(
            (1..)
                .zip(&TASKS[..wanted])
                .map(|(number, task)| write(&format!("brainstorming_{number}.md"), task.proposal))
                .collect(),
        ),
        _ => Turn::Text("The proposals are written."),
    })
}

fn design(step: usize, task: &Task) -> Result<Turn, String> {
    Ok(match step {
        1 => {
            let mut calls = scripts(&task.design);
            calls.push(write("description.txt", task.description));
            Turn::Calls(calls)
        }
        2 => Turn::Calls(vec![shell("python prepare.py && python test.py")]),
        _ => Turn::Text("The task is built."),
    })
}

fn refactor(step: usize, task: &Task) -> Result<Turn, String> {
    let mut unified = task.unified.map(str::to_owned);
    if task.title == DEFECTIVE {
        unified[0] = unified[0].replace(DEFECT.0, DEFECT.1);
    }
    Ok(match step {
        1 => Turn::Calls(scripts(&unified.each_ref().map(String::as_str))),
        2 => Turn::Calls(vec![("run_python", json!({"code": fixture!("fill.py")}))]),
        _ => Turn::Text("The task is unified."),
    })
}

fn mend(step: usize, system: &str, task: &Task) -> Result<Turn, String> {
    if task.title != DEFECTIVE || !system.contains(RULE) {
        return Err(format!("{} was to be mended without {RULE}: {system}", task.title));
    }
    Ok(match step {
        1 => Turn::Calls(vec![write("prepare.py", task.unified[0])]),
        2 => Turn::Calls(vec![shell("python test.py")]),
        _ => Turn::Text("The argument has its name back."),
    })
}

fn validate(step: usize, task: &Task) -> Result<Turn, String> {
    Ok(match step {
        1 => Turn::Calls(vec![("execute_code", json!({"code": task.solution}))]),
        _ => Turn::Text("A linear model beats the sample."),
    })
}

fn scripts(texts: &[&str; 3]) -> Vec<(&'static str, Value)> {
    SCRIPTS.iter().zip(texts).map(|(name, text)| write(name, text)).collect()
}

fn write(path: &str, content: &str) -> (&'static str, Value) {
    ("write_file", json!({"path": path, "content": content}))
}

fn shell(command: &str) -> (&'static str, Value) {
    ("run_shell", json!({"command": command}))
}

/// Tokens that this model counts for one message. Lengths would not do: what programs printed holds durations.
const TOKENS: usize = 1500;

/// The body of a response.
pub(crate) fn completion(request: &Value, step: usize, turn: Turn) -> Value {
    let (message, finish) = match turn {
        Turn::Text(text) => (json!({"role": "assistant", "content": text}), "stop"),
        Turn::Calls(calls) => {
            let calls: Vec<_> = calls
                .into_iter()
                .enumerate()
                .map(|(number, (name, arguments))| {
                    json!({"id": format!("call_{step}_{number}"), "type": "function",
                           "function": {"name": name, "arguments": arguments.to_string()}})
                })
                .collect();
            (json!({"role": "assistant", "content": null, "tool_calls": calls}), "tool_calls")
        }
    };
    let asked = request["messages"].as_array().map_or(0, Vec::len) * TOKENS;
    json!({
        "id": "completion", "object": "chat.completion", "model": NAME,
        "usage": {"prompt_tokens": asked, "completion_tokens": TOKENS},
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
    })
}
