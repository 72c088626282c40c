//! What happened in a cell as a conversation, turn by turn, and that in the Agent Trajectory Interchange Format (ATIF 1.7).

use serde_json::{Map, Value, json};
use smith_llm::{ChatResponse, Message, Role, ToolArguments};
use smith_task_schema::{CallKey, Event, SolveReport, event};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cells::{CellId, CellState, ReadCell};
use super::dir::EvaluationDir;
use crate::error::PipelineError;
use crate::journal::Line;

/// Version of the format; readers of later ones read it too.
const SCHEMA: &str = "ATIF-v1.7";

/// One answer of an agent, with what was said to it before and what its actions led to.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    key: Option<CallKey>,
    pub(super) at: Option<OffsetDateTime>,
    /// What the caller said before, with its role.
    pub(super) before: Vec<(&'static str, String)>,
    pub(super) message: String,
    pub(super) calls: Vec<Call>,
    /// Nothing where no model was asked.
    pub(super) usage: Option<TurnUsage>,
}

/// What a model call used.
#[derive(Debug, Clone, Copy)]
pub(super) struct TurnUsage {
    pub(super) input_tokens: u64,
    pub(super) cached_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) cost_usd: Option<f64>,
    pub(super) seconds: f64,
}

/// An action and its answer.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: Value,
    pub(super) answer: Option<String>,
}

/// The turns of a cell.
pub(super) struct Turns {
    pub(super) turns: Vec<Turn>,
    tools: Value,
}

impl Turns {
    pub(super) fn of(cell: &ReadCell) -> Self {
        let mut told = Self { turns: Vec::new(), tools: Value::Null };
        for line in &cell.lines {
            told.take(line);
        }
        // A program's actions are known from the session alone.
        if let (true, CellState::Solved(report)) = (told.turns.is_empty(), &cell.state) {
            told.turns = taken(report);
        }
        told
    }

    fn take(&mut self, line: &Line) {
        match &line.event {
            Event::ModelCallFinished(call) => self.answered(line.at, call),
            Event::ToolCallStarted { key, id, name, arguments } => {
                self.acted(line.at, *key, id, name, arguments);
            }
            Event::ToolCallFinished(call) => {
                let turn = self.turns.iter_mut().rev().find(|turn| turn.key == Some(call.key));
                // In the order of the calls: a model may give one identifier to two.
                let open = turn.and_then(|turn| turn.calls.iter_mut().find(|call| call.answer.is_none()));
                if let Some(open) = open {
                    open.answer = Some(call.output.clone());
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self, at: OffsetDateTime, call: &event::ModelCall) {
        if let Some(tools) = call.appended.get("tools") {
            self.tools = tools.clone();
        }
        let response: Option<ChatResponse> = serde_json::from_value(call.response.clone()).ok();
        let message = response.map_or_else(|| Message::assistant(""), |response| response.message);
        let turn = Turn {
            key: Some(call.key),
            at: Some(at),
            before: said(call.appended.get("messages")),
            message: message.text(),
            calls: calls(&message),
            usage: Some(TurnUsage {
                input_tokens: call.input_tokens,
                cached_tokens: call.cached_tokens,
                output_tokens: call.output_tokens,
                cost_usd: call.cost_micro_usd.map(|cost| cost as f64 / 1e6),
                seconds: call.seconds,
            }),
        };
        self.put(turn);
    }

    /// An action that no model asked for is a turn of its own.
    fn acted(&mut self, at: OffsetDateTime, key: CallKey, id: &str, name: &str, arguments: &Value) {
        let known = self.turns.iter().find(|turn| turn.key == Some(key));
        if known.is_some_and(|turn| turn.usage.is_some()) {
            return;
        }
        let (id, name, arguments) = (id.to_owned(), name.to_owned(), object(arguments.clone()));
        let call = Call { id, name, arguments, answer: None };
        self.put(Turn { key: Some(key), at: Some(at), calls: vec![call], ..Turn::default() });
    }

    /// In the place of the same turn of a process that was cut short.
    fn put(&mut self, turn: Turn) {
        match self.turns.iter_mut().find(|known| known.key == turn.key) {
            Some(known) => *known = turn,
            None => self.turns.push(turn),
        }
    }
}

/// What the caller said in the new messages of a request; answers of tools stand with their calls.
fn said(messages: Option<&Value>) -> Vec<(&'static str, String)> {
    let messages: Vec<Message> =
        messages.and_then(|messages| serde_json::from_value(messages.clone()).ok()).unwrap_or_default();
    let role = |message: &Message| match message.role {
        Role::System => Some("system"),
        Role::User => Some("user"),
        Role::Assistant | Role::Tool => None,
    };
    messages.iter().filter_map(|message| Some((role(message)?, message.text()))).collect()
}

fn calls(message: &Message) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for call in message.tool_calls() {
        let arguments = match &call.arguments {
            ToolArguments::Json(value) => object(value.clone()),
            ToolArguments::Malformed(text) => json!({ "malformed": text }),
        };
        let mut id = call.id.clone();
        while calls.iter().any(|known| known.id == id) {
            id.push('+');
        }
        calls.push(Call { id, name: call.name.clone(), arguments, answer: None });
    }
    calls
}

fn object(arguments: Value) -> Value {
    if arguments.is_object() { arguments } else { json!({ "value": arguments }) }
}

fn taken(report: &SolveReport) -> Vec<Turn> {
    let turn = |(number, action): (usize, &smith_task_schema::TakenAction)| {
        let score = action.score.map(|score| format!(", score {score}")).unwrap_or_default();
        let call = Call {
            id: format!("action_{number}"),
            name: action.action.clone(),
            arguments: action.code.as_ref().map_or_else(|| json!({}), |code| json!({ "code": code })),
            answer: Some(format!("{}{score}", action.outcome)),
        };
        Turn { calls: vec![call], ..Turn::default() }
    };
    (1..).zip(&report.actions).map(turn).collect()
}

/// The trajectory of a cell in ATIF, or nothing when nobody has acted in it. Blocks.
///
/// # Errors
/// A journal that cannot be read.
pub fn trajectory(dir: &EvaluationDir, id: &CellId) -> Result<Option<Value>, PipelineError> {
    Ok(document(id, &ReadCell::of(dir.path(), id)?))
}

pub(super) fn document(id: &CellId, cell: &ReadCell) -> Option<Value> {
    let turns = Turns::of(cell);
    if turns.turns.is_empty() {
        return None;
    }
    let mut steps: Vec<Value> = Vec::new();
    for turn in &turns.turns {
        for (source, text) in &turn.before {
            steps.push(json!({ "step_id": steps.len() + 1, "source": source, "message": text }));
        }
        steps.push(agent_step(steps.len() + 1, turn));
    }
    let fold = cell.fold();
    let mut agent = json!({ "name": "smith", "version": env!("CARGO_PKG_VERSION"), "model_name": id.model });
    if let (Some(tools), Value::Object(agent)) = (definitions(&turns.tools), &mut agent) {
        agent.insert("tool_definitions".to_owned(), tools);
    }
    let mut extra = json!({ "task": id.task, "run": id.run });
    if let (CellState::Solved(report), Value::Object(extra)) = (&cell.state, &mut extra) {
        extra.insert("score".to_owned(), json!(report.score));
        extra.insert("higher_is_better".to_owned(), json!(report.higher_is_better));
    }
    Some(json!({
        "schema_version": SCHEMA,
        "session_id": format!("{}/{}/{}", id.task, id.model, id.run),
        "agent": agent,
        "final_metrics": {
            "total_prompt_tokens": fold.usage.input_tokens,
            "total_completion_tokens": fold.usage.output_tokens,
            "total_cached_tokens": fold.usage.cached_tokens,
            "total_cost_usd": fold.cost_micro_usd as f64 / 1e6,
            "total_steps": steps.len(),
        },
        "steps": steps,
        "extra": extra,
    }))
}

fn agent_step(number: usize, turn: &Turn) -> Value {
    let mut step = Map::new();
    step.insert("step_id".to_owned(), json!(number));
    if let Some(at) = turn.at.and_then(|at| at.format(&Rfc3339).ok()) {
        step.insert("timestamp".to_owned(), json!(at));
    }
    step.insert("source".to_owned(), json!("agent"));
    step.insert("message".to_owned(), json!(turn.message));
    if !turn.calls.is_empty() {
        let called = |call: &Call| json!({ "tool_call_id": call.id, "function_name": call.name, "arguments": call.arguments });
        step.insert("tool_calls".to_owned(), turn.calls.iter().map(called).collect());
        let answered =
            |call: &Call| Some(json!({ "source_call_id": call.id, "content": call.answer.as_ref()? }));
        let results: Vec<Value> = turn.calls.iter().filter_map(answered).collect();
        step.insert("observation".to_owned(), json!({ "results": results }));
    }
    match turn.usage {
        None => step.insert("llm_call_count".to_owned(), json!(0)),
        Some(usage) => step.insert(
            "metrics".to_owned(),
            json!({
                "prompt_tokens": usage.input_tokens,
                "completion_tokens": usage.output_tokens,
                "cached_tokens": usage.cached_tokens,
                "cost_usd": usage.cost_usd,
                "extra": { "seconds": usage.seconds },
            }),
        ),
    };
    Value::Object(step)
}

/// The tools as OpenAI describes functions.
fn definitions(tools: &Value) -> Option<Value> {
    let tools = tools.as_array()?;
    Some(tools.iter().map(|tool| json!({ "type": "function", "function": tool })).collect())
}
