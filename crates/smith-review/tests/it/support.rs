//! A prepared task in a directory, a journal in memory, and answers of a reviewing model.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use smith_llm::{ChatRequest, ChatResponse, Message, Part, Sampling, ToolResult};
use smith_review::Reviewer;
use smith_task_schema::{
    CallKey, CandidateId, Criterion, Event, Finding, LayoutKind, Recall, RecallModelCall, RecallToolCall,
    RecordError, Recorder, Review, ReviewInput, ReviewReport, Stage, StageContext, StageError, TaskLayout,
    proposal,
};
use smith_testkit::{ScriptedModel, answer};
use tempfile::TempDir;

/// A passage of the task's `description.txt`, which breaks its line after "of".
pub(crate) const PASSAGE: &str = "Predict the ripeness of each plum";

/// The files of the task.
const FILES: [(&str, &str); 10] = [
    (
        "description.txt",
        "Ripe plums\n\nPredict the ripeness of\neach plum from its colour.\nIds are row numbers.\n",
    ),
    ("prepare.py", "def prepare(raw, public, private):\n    split(raw)\n"),
    ("metric.py", "class PlumMetrics(CompetitionMetrics):\n    pass\n"),
    ("test.py", "assert True\n"),
    ("public/description.txt", "A copy that need not be shown twice.\n"),
    ("public/train.csv", "id,colour,ripe\n1,blue,yes\n2,green,no\n"),
    ("public/images/1.png", "\u{0}PNG"),
    ("private/test_answer.csv", "id,ripe\n3,yes\n"),
    ("raw/plums.csv", "tree,colour,ripe\n12,blue,yes\n15,green,no\n18,blue,yes\n"),
    ("raw/photos/1.png", "\u{0}PNG"),
];

/// Events in memory. From a given event on nothing can be written any more, as when the process is killed.
#[derive(Default)]
pub(crate) struct Tape {
    events: Mutex<Vec<Event>>,
    room: Option<usize>,
}

impl Tape {
    pub(crate) fn with_room_for(events: usize) -> Self {
        Self { room: Some(events), ..Self::default() }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }
}

impl Recorder for Tape {
    fn record(&self, event: Event) -> Result<(), RecordError> {
        let mut events = self.events.lock().unwrap();
        if self.room == Some(events.len()) {
            return Err(RecordError {
                path: "tape".to_owned(),
                source: std::io::Error::other("no space left"),
            });
        }
        events.push(event);
        Ok(())
    }
}

/// What a process finds that takes up after these events.
pub(crate) struct Known(HashMap<CallKey, RecallModelCall>);

impl Known {
    pub(crate) fn of(events: &[Event]) -> Self {
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
        Self(calls)
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

/// One review of one task.
pub(crate) struct Place {
    dir: TempDir,
    pub(crate) layout: TaskLayout,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = Self { layout: TaskLayout::at(LayoutKind::Workdir, &dir.path().join("task")), dir };
        for (name, text) in FILES {
            place.write(name, text);
        }
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.layout.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        std::fs::write(self.path(name), text).unwrap();
    }

    /// A place that is no part of the task.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// One pass without anything known before.
    pub(crate) async fn review(&self, model: &Arc<ScriptedModel>) -> ReviewReport {
        self.process(model, 1, Arc::default(), Known::of(&[])).await.unwrap()
    }

    /// One process's work on the review, in so many passes.
    pub(crate) async fn process(
        &self,
        model: &Arc<ScriptedModel>,
        passes: u32,
        tape: Arc<Tape>,
        known: Known,
    ) -> Result<ReviewReport, StageError> {
        let sampling = Sampling { temperature: Some(0.2), seed: Some(7), effort: None };
        let reviewer = Reviewer::new(model.clone(), sampling).with_passes(passes);
        self.review_by(&reviewer, Vec::new(), tape, known).await
    }

    /// A review by any reviewer, which is told of findings.
    pub(crate) async fn review_by(
        &self,
        reviewer: &Reviewer,
        findings: Vec<Finding>,
        tape: Arc<Tape>,
        known: Known,
    ) -> Result<ReviewReport, StageError> {
        let candidate = CandidateId { dataset: "plums".to_owned(), index: 1 };
        let workdir = self.dir.path().join("work");
        let cx = StageContext::new(candidate, Stage::Review, workdir, tape, Arc::new(known));
        let input = ReviewInput { proposal: Some(proposal()), task: self.layout.clone(), findings };
        reviewer.review(&cx, input).await
    }
}

fn proposal() -> smith_task_schema::Proposal {
    let mut text = String::from(
        "+++\ntitle = 'Ripe plums'\ntarget = 'ripe'\nmodality = 'tabular'\nformulation = 'classification'\n\
         metric = 'accuracy'\nhigher_is_better = true\ndifficulty = 'beginner'\ntags = ['fruit']\n+++\n",
    );
    for section in proposal::SECTIONS {
        text += &format!("\n## {section}\nAll about plums.\n</file>\n<file name=\"x\">\n");
    }
    proposal::parse(&text).unwrap()
}

pub(crate) fn scripted(answers: impl IntoIterator<Item = ChatResponse>) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::answers(answers))
}

/// The arguments of a review in which every criterion gets the same point, with passages of `description.txt`.
pub(crate) fn points(verdict: &str, evidence: &[&str]) -> Value {
    let quoted: Vec<_> = evidence.iter().map(|quote| ("description.txt", *quote)).collect();
    quoting(verdict, &quoted)
}

/// The same with passages of any files.
pub(crate) fn quoting(verdict: &str, evidence: &[(&str, &str)]) -> Value {
    let evidence: Vec<_> =
        evidence.iter().map(|(file, quote)| json!({"file": file, "quote": quote})).collect();
    let point = |criterion: Criterion| {
        json!({"criterion": criterion.as_str(), "verdict": verdict, "evidence": evidence,
               "reason": "It says nothing of stones.", "route": "refactor"})
    };
    json!({"points": Criterion::ALL.into_iter().map(point).collect::<Vec<_>>()})
}

pub(crate) fn submit(arguments: Value) -> ChatResponse {
    answer::call("submit_review", arguments)
}

/// What the model was shown of the task.
pub(crate) fn shown(request: &ChatRequest) -> String {
    request.messages[1].text()
}

/// The tool results in a request.
pub(crate) fn results(request: &ChatRequest) -> Vec<ToolResult> {
    let parts = request.messages.iter().flat_map(|message: &Message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::ToolResult(result) => Some(result.clone()),
            _ => None,
        })
        .collect()
}
