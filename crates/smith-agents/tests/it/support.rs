//! A work directory, a journal in memory, and what an earlier process left in it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use smith_agents::{AgentLoop, AgentSetup, Conversation, LoopEnd, Toolbox, Workspace, tools};
use smith_llm::{ChatModel, ChatRequest, ChatResponse, Message, Part, Sampling, ToolResult};
use smith_task_schema::{
    CallKey, CandidateId, Event, Recall, RecallModelCall, RecallToolCall, RecordError, Recorder, Stage,
    StageContext, StageError,
};
use smith_testkit::ScriptedModel;
use tempfile::TempDir;

pub(crate) const INSTRUCTION: &str = "You keep a work directory in order.";
pub(crate) const FIRST: &str = "Go.";

/// Events in memory. From a given event on nothing can be written any more, as when the process is killed.
#[derive(Default)]
pub(crate) struct Tape {
    events: Mutex<Vec<Event>>,
    room: Option<usize>,
}

impl Tape {
    pub(crate) fn with_room_for(events: usize) -> Arc<Self> {
        Arc::new(Self { room: Some(events), ..Self::default() })
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, kind: &str) -> usize {
        kinds(&self.events()).iter().filter(|found| *found == kind).count()
    }
}

impl Recorder for Tape {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        let mut events = self.events.lock().unwrap();
        if self.room == Some(events.len()) {
            let source = std::io::Error::other("no space left");
            return Err(RecordError { path: "tape".to_owned(), source });
        }
        events.push(event);
        Ok(())
    }
}

/// The words under which events stand in a journal.
pub(crate) fn kinds(events: &[Event]) -> Vec<String> {
    let word = |event: &Event| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
    events.iter().map(word).collect()
}

/// What a process finds that takes up after these events.
pub(crate) struct Known(HashMap<CallKey, RecallModelCall>);

impl Known {
    pub(crate) fn of(events: &[Event]) -> Arc<Self> {
        let mut calls: HashMap<CallKey, RecallModelCall> = HashMap::new();
        for event in events {
            match event {
                Event::ModelCallFinished(call) => {
                    let (fingerprint, response) = (call.fingerprint.clone(), call.response.clone());
                    calls.insert(call.key, RecallModelCall { fingerprint, response, tools: Vec::new() });
                }
                Event::ToolCallFinished(call) => {
                    let known = RecallToolCall { output: call.output.clone(), is_error: call.is_error };
                    calls.get_mut(&call.key).unwrap().tools.push((call.id.clone(), known));
                }
                _ => {}
            }
        }
        Arc::new(Self(calls))
    }

    pub(crate) fn nothing() -> Arc<Self> {
        Self::of(&[])
    }

    pub(crate) fn answered(&self) -> usize {
        self.0.len()
    }
}

impl Recall for Known {
    fn recall(&self, key: &CallKey) -> Option<RecallModelCall> {
        self.0.get(key).cloned()
    }
}

/// One process's work on one attempt: a fresh work directory, its journal, and what it knows from before.
pub(crate) struct Process {
    pub(crate) dir: TempDir,
    pub(crate) tape: Arc<Tape>,
    pub(crate) cx: StageContext,
}

impl Process {
    pub(crate) fn fresh(stage: Stage) -> Self {
        Self::new(stage, Arc::default(), Known::nothing())
    }

    pub(crate) fn new(stage: Stage, tape: Arc<Tape>, known: Arc<Known>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("raw")).unwrap();
        std::fs::write(dir.path().join("raw/ponds.csv"), "pond,frogs\n1,yes\n2,no\n").unwrap();
        let candidate = CandidateId { dataset: "ponds".to_owned(), index: 1 };
        let cx = StageContext::new(candidate, stage, dir.path().to_path_buf(), tape.clone(), known);
        Self { dir, tape, cx }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Runs the loop with the standard tools.
    pub(crate) async fn run(
        &self,
        model: &Arc<ScriptedModel>,
        max_steps: u32,
    ) -> Result<LoopEnd, StageError> {
        let runtime = smith_exec::testing::runtime().await;
        let workspace = Workspace::new(self.dir.path().to_path_buf());
        let toolbox = Toolbox::new(tools::standard(&workspace, &runtime, tools::default_limits())).unwrap();
        let agent = AgentLoop {
            model: model.clone(),
            toolbox: &toolbox,
            cx: &self.cx,
            max_steps,
            sampling: Sampling { temperature: Some(0.5), seed: Some(7), effort: None },
            ends_with: None,
        };
        agent.run(&mut Conversation::open(INSTRUCTION, FIRST)).await
    }
}

pub(crate) fn scripted(answers: impl IntoIterator<Item = ChatResponse>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::answers(answers))
}

/// What an agent under test is built from.
pub(crate) async fn setup(model: &Arc<ScriptedModel>, max_steps: u32) -> AgentSetup {
    let model: Arc<dyn ChatModel> = model.clone();
    AgentSetup::new(model, smith_exec::testing::runtime().await).with_max_steps(max_steps)
}

pub(crate) fn write_file(path: &str, content: &str) -> ChatResponse {
    smith_testkit::answer::call("write_file", json!({"path": path, "content": content}))
}

/// The last tool result in a request.
pub(crate) fn last_result(request: &ChatRequest) -> ToolResult {
    let mut results =
        request.messages.iter().flat_map(|message| &message.parts).filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.clone()),
            _ => None,
        });
    results.next_back().unwrap()
}

/// The text of the last message of a request.
pub(crate) fn last_text(request: &ChatRequest) -> String {
    request.messages.last().map(Message::text).unwrap()
}

/// The conversation as a journal tells it: what each request added, and each answer in its place.
pub(crate) fn told(events: &[Event]) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut answer: Option<Value> = None;
    for event in events {
        if let Event::ModelCallFinished(call) = event {
            messages.extend(answer.take().map(|it| serde_json::from_value::<Message>(it).unwrap()));
            let new: Vec<Message> = serde_json::from_value(call.appended["messages"].clone()).unwrap();
            messages.extend(new);
            answer = Some(call.response["message"].clone());
        }
    }
    messages
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
