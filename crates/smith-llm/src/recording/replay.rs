//! A transport that answers from a recording.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use blake3::Hash;

use super::body::Body;
use super::diff::differences;
use super::drift::DriftLog;
use super::file::{self, Entry, Recording};
use super::prints::Prints;
use crate::error::LlmError;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// Answers each request with what was recorded for an equal one, in whatever order the requests come.
///
/// Equal requests get their answers in the order of the recording, each answer once. Before comparing, noise is
/// levelled in the results of tools: floating-point numbers keep six significant digits, addresses and durations
/// are blanked.
pub struct ReplayTransport {
    path: PathBuf,
    recording: Recording,
    prints: Vec<Prints>,
    environment: BTreeMap<String, String>,
    /// Tools whose results may differ; none where the environment is the recording's own.
    lenient: BTreeSet<String>,
    waiting: Mutex<Waiting>,
    drift: DriftLog,
}

impl ReplayTransport {
    /// Opens the recording at `path`. If it was made in another environment than `environment`, differences that
    /// are confined to results of `lenient_tools` are noted instead of refused.
    ///
    /// # Errors
    /// [`LlmError::Mistake`] if the file is not a readable recording.
    pub fn open(
        path: &Path,
        environment: &BTreeMap<String, String>,
        lenient_tools: &[String],
    ) -> Result<Self, LlmError> {
        let recording = file::read(path)?;
        let elsewhere = recording.header.info.environment != *environment;
        let lenient = if elsewhere { lenient_tools.iter().cloned().collect() } else { BTreeSet::new() };
        let prints = all_prints(&recording.entries, &lenient);
        let waiting = Mutex::new(Waiting::of(&prints));
        let environment = environment.clone();
        Ok(Self {
            path: path.to_owned(),
            recording,
            prints,
            environment,
            lenient,
            waiting,
            drift: DriftLog::default(),
        })
    }

    /// The recorded model, as [`ModelSpec`](crate::ModelSpec) prints it.
    #[must_use]
    pub fn spec(&self) -> &str {
        &self.recording.header.spec
    }

    /// The log of differences that were let pass.
    #[must_use]
    pub fn drift(&self) -> DriftLog {
        self.drift.clone()
    }

    /// The text of a mismatch: the closest entry, what differs from it, and what to do.
    fn mismatch(&self, call: &str, now: &Body, prints: &Prints) -> String {
        let mut lines = vec![format!(
            "the replay asks something that the recording {} does not hold",
            self.path.display()
        )];
        match self.closest(prints) {
            Some((id, common)) => lines.extend(self.compared(id, common, call, now)),
            None => lines.push("the recording holds no entry".into()),
        }
        let header = &self.recording.header.info;
        if header.environment != self.environment {
            let (recorded, now) = (&header.environment, &self.environment);
            lines.push(format!("the environment differs too: recorded in {recorded:?}, now {now:?}"));
        }
        lines.push("If the change is wanted, record the run again with --record and a live model.".into());
        lines.push(format!("Otherwise check out the version that made the recording ({}).", header.program));
        lines.join("\n")
    }

    fn compared(&self, id: usize, common: usize, call: &str, now: &Body) -> Vec<String> {
        let recorded = &self.recording.entries[id];
        let messages = now.messages().len();
        let mut lines =
            vec![format!("closest is entry {id}: the first {common} of {messages} messages are equal")];
        let mut found = differences(&recorded.body, now, &self.lenient);
        let recorded_call = call_of(&recorded.method, &recorded.path);
        if recorded_call != call {
            found.push(format!("the call differs: recorded {recorded_call}, now {call}"));
        }
        if found.is_empty() {
            lines.push("it is equal, but every recorded answer to this request was given out already".into());
        }
        lines.extend(found);
        lines
    }

    /// The entry with the longest common beginning. Of several: with an equal number of messages, not yet served,
    /// first in the file.
    fn closest(&self, now: &Prints) -> Option<(usize, usize)> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let best = self.prints.iter().enumerate().min_by_key(|(id, prints)| {
            let common = prints.lenient.common(&now.lenient);
            let other_length = prints.lenient.chain.len() != now.lenient.chain.len();
            (std::cmp::Reverse(common), other_length, waiting.served.contains(id))
        });
        best.map(|(id, prints)| (id, prints.lenient.common(&now.lenient)))
    }

    fn note_drift(&self, id: usize, now: &Body) {
        self.drift.note(|| {
            let found = differences(&self.recording.entries[id].body, now, &BTreeSet::new());
            format!("entry {id}: {}", found.join("\n"))
        });
    }
}

#[async_trait]
impl HttpTransport for ReplayTransport {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let call = call_of(&request.method, &request.path);
        let body = Body::split(request.body);
        let prints = Prints::of(&call, &body, &self.lenient, None);
        let served = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take(&prints);
        let Some(served) = served else {
            return Err(TransportError::Drift(self.mismatch(&call, &body, &prints)));
        };
        if !served.exact {
            self.note_drift(served.id, &body);
        }
        Ok(response(&self.recording.entries[served.id]))
    }
}

/// Entries that were not served yet, in recorded order, by the request that they answer.
struct Waiting {
    strict: HashMap<Hash, VecDeque<usize>>,
    lenient: HashMap<Hash, VecDeque<usize>>,
    served: BTreeSet<usize>,
}

struct Served {
    id: usize,
    /// Whether everything was equal.
    exact: bool,
}

impl Waiting {
    fn of(prints: &[Prints]) -> Self {
        let mut waiting = Self { strict: HashMap::new(), lenient: HashMap::new(), served: BTreeSet::new() };
        for (id, print) in prints.iter().enumerate() {
            waiting.strict.entry(print.strict.whole).or_default().push_back(id);
            waiting.lenient.entry(print.lenient.whole).or_default().push_back(id);
        }
        waiting
    }

    /// Takes the first waiting entry that is equal, or else one that is equal but for lenient tools. Where no tool
    /// is lenient, both are the same.
    fn take(&mut self, now: &Prints) -> Option<Served> {
        let exact = next(self.strict.get_mut(&now.strict.whole), &mut self.served);
        if let Some(id) = exact {
            return Some(Served { id, exact: true });
        }
        let id = next(self.lenient.get_mut(&now.lenient.whole), &mut self.served)?;
        Some(Served { id, exact: false })
    }
}

/// Entries stand in two queues; `served` tells which were taken from the other one.
fn next(queue: Option<&mut VecDeque<usize>>, served: &mut BTreeSet<usize>) -> Option<usize> {
    let queue = queue?;
    while let Some(id) = queue.pop_front() {
        if served.insert(id) {
            return Some(id);
        }
    }
    None
}

fn all_prints(entries: &[Entry], lenient: &BTreeSet<String>) -> Vec<Prints> {
    let mut all: Vec<Prints> = Vec::with_capacity(entries.len());
    for entry in entries {
        let known = entry.shared.as_ref().map(|shared| (&all[shared.base], shared.keep));
        let prints = Prints::of(&call_of(&entry.method, &entry.path), &entry.body, lenient, known);
        all.push(prints);
    }
    all
}

fn call_of(method: &str, path: &str) -> String {
    format!("{method} {path}")
}

fn response(entry: &Entry) -> HttpResponse {
    HttpResponse {
        status: entry.response.status,
        headers: vec![("content-type".into(), entry.response.content_type.clone())],
        body: entry.response.body.to_string().into_bytes(),
    }
}
