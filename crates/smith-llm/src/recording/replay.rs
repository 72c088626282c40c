//! A transport that answers from a recording.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use blake3::Hash;

use super::RecordingInfo;
use super::body::Body;
use super::diff::differences;
use super::drift::DriftLog;
use super::file::{self, Entry, Recording};
use super::normal::Lenient;
use super::prints::Prints;
use crate::error::LlmError;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// Answers each request with what was recorded for an equal one, in whatever order the requests come.
///
/// Equal requests are told apart by the name of their conversation where it is known: conversations may begin
/// alike. Without names they get their answers in the order of the recording, each answer once. Before comparing,
/// noise is levelled in the results of tools: floating-point numbers keep six significant digits, addresses and
/// durations are blanked.
pub struct ReplayTransport {
    path: PathBuf,
    recording: Recording,
    prints: Vec<Prints>,
    environment: BTreeMap<String, String>,
    /// What may differ: the output of programs holds clocks, owners and versions.
    lenient: Lenient,
    waiting: Mutex<Waiting>,
    drift: DriftLog,
}

impl ReplayTransport {
    /// Opens the recording at `path`. Differences that are confined to what is `lenient` are noted instead
    /// of refused; `environment` is named beside the recording's own when something does not match.
    ///
    /// # Errors
    /// [`LlmError::Mistake`] if the file is not a readable recording.
    pub fn open(
        path: &Path,
        environment: &BTreeMap<String, String>,
        lenient: &Lenient,
    ) -> Result<Self, LlmError> {
        let recording = file::read(path)?;
        let prints = all_prints(&recording.entries, lenient);
        let labels = recording.entries.iter().map(|entry| entry.label.clone()).collect();
        let waiting = Mutex::new(Waiting::of(&prints, labels));
        let environment = environment.clone();
        Ok(Self {
            path: path.to_owned(),
            recording,
            prints,
            environment,
            lenient: lenient.clone(),
            waiting,
            drift: DriftLog::default(),
        })
    }

    /// The recorded model, as [`ModelSpec`](crate::ModelSpec) prints it.
    #[must_use]
    pub fn spec(&self) -> &str {
        &self.recording.header.spec
    }

    /// Who recorded, on what, and with which settings.
    #[must_use]
    pub fn info(&self) -> &RecordingInfo {
        &self.recording.header.info
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
            let found = differences(&self.recording.entries[id].body, now, &Lenient::default());
            format!("entry {id}: {}", found.join("\n"))
        });
    }
}

#[async_trait]
impl HttpTransport for ReplayTransport {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let call = call_of(&request.method, &request.path);
        let body = Body::read(&request.body);
        let prints = Prints::of(&call, &body, &self.lenient, None);
        let served = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(&prints, request.label.as_deref());
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
    strict: HashMap<Hash, Vec<usize>>,
    lenient: HashMap<Hash, Vec<usize>>,
    labels: Vec<Option<String>>,
    served: BTreeSet<usize>,
}

struct Served {
    id: usize,
    /// Whether everything was equal.
    exact: bool,
}

impl Waiting {
    fn of(prints: &[Prints], labels: Vec<Option<String>>) -> Self {
        let mut waiting =
            Self { strict: HashMap::new(), lenient: HashMap::new(), labels, served: BTreeSet::new() };
        for (id, print) in prints.iter().enumerate() {
            waiting.strict.entry(print.strict.whole).or_default().push(id);
            waiting.lenient.entry(print.lenient.whole).or_default().push(id);
        }
        waiting
    }

    /// Takes a waiting entry that is equal, or else one that is equal but for what is lenient.
    fn take(&mut self, now: &Prints, label: Option<&str>) -> Option<Served> {
        let exact = self.choose(self.strict.get(&now.strict.whole), label);
        let id = exact.or_else(|| self.choose(self.lenient.get(&now.lenient.whole), label))?;
        self.served.insert(id);
        Some(Served { id, exact: exact.is_some() })
    }

    /// Within one conversation a request comes once, so of several the last counts: it is the one that the recorded
    /// run went on with after a kill between recording and journal. Without names, recorded order decides.
    fn choose(&self, equal: Option<&Vec<usize>>, label: Option<&str>) -> Option<usize> {
        let waiting = || equal.into_iter().flatten().copied().filter(|id| !self.served.contains(id));
        let named = label.and_then(|label| waiting().rfind(|id| self.labels[*id].as_deref() == Some(label)));
        named.or_else(|| waiting().find(|id| label.is_none() || self.labels[*id].is_none()))
    }
}

fn all_prints(entries: &[Entry], lenient: &Lenient) -> Vec<Prints> {
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
