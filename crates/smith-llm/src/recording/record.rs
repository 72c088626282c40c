//! A transport that writes down what it carries.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use super::RecordingHeader;
use super::body::Body;
use super::delta::DeltaIndex;
use super::file::{self, EntryLine, RecordedResponse, Recording, RequestLine};
use crate::client::is_context_length;
use crate::dialect::reports_error;
use crate::error::LlmError;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// Writes every successful answer of the transport inside to a recording before handing it on.
pub struct RecordTransport<T> {
    inner: T,
    path: PathBuf,
    writer: Mutex<Writer>,
    refusals: bool,
}

struct Writer {
    file: File,
    index: DeltaIndex,
    /// Set when a write failed: a line after a torn one would not be readable.
    broken: bool,
}

impl<T> RecordTransport<T> {
    /// Records into a new file at `path`. What is there already was paid for, so it is never replaced.
    ///
    /// # Errors
    /// [`LlmError::Mistake`] if there is such a file, or it cannot be written.
    pub fn create(inner: T, path: &Path, header: &RecordingHeader) -> Result<Self, LlmError> {
        let file = File::create_new(path).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => LlmError::Mistake(format!(
                "there is a recording at {} already; record into another file, or go on with its run",
                path.display()
            )),
            _ => file::unusable(path, "cannot be created", &e),
        })?;
        Self::begin(inner, path, file, header)
    }

    fn begin(inner: T, path: &Path, mut file: File, header: &RecordingHeader) -> Result<Self, LlmError> {
        file.write_all(file::header_line(header).as_bytes())
            .map_err(|e| file::unusable(path, "cannot be written", &e))?;
        Ok(Self::new(inner, path, file, DeltaIndex::default()))
    }

    /// Continues the recording at `path` after its last whole line, or begins it if there is none.
    ///
    /// # Errors
    /// [`LlmError::Mistake`] if the file is not a recording, cannot be written, or was made with another model
    /// or in another environment: one header could not describe both halves.
    pub fn append(inner: T, path: &Path, header: &RecordingHeader) -> Result<Self, LlmError> {
        let Some(recording) = file::read_if_begun(path)? else {
            let file = File::create(path).map_err(|e| file::unusable(path, "cannot be created", &e))?;
            return Self::begin(inner, path, file, header);
        };
        check_same(path, &recording, header)?;
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .and_then(|file| file.set_len(recording.whole_bytes).map(|()| file))
            .map_err(|e| file::unusable(path, "cannot be continued", &e))?;
        let mut index = DeltaIndex::default();
        for entry in &recording.entries {
            index.add(&entry.body);
        }
        Ok(Self::new(inner, path, file, index))
    }

    fn new(inner: T, path: &Path, file: File, index: DeltaIndex) -> Self {
        let writer = Mutex::new(Writer { file, index, broken: false });
        Self { inner, path: path.to_owned(), writer, refusals: false }
    }

    /// Whether to write down what the endpoint refuses for good, too.
    #[must_use]
    pub fn with_refusals(mut self, refusals: bool) -> Self {
        self.refusals = refusals;
        self
    }

    /// Writes one entry. The line goes to the system in one call, so only a kill in its midst can tear it.
    fn write(&self, request: &HttpRequest, response: RecordedResponse) -> Result<(), TransportError> {
        let body = Body::read(&request.body);
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let written = writer.append(request, &body, response);
        written.map_err(|problem| {
            TransportError::Recording(format!(
                "the recording {} cannot be written: {problem}",
                self.path.display()
            ))
        })
    }
}

impl Writer {
    fn append(
        &mut self,
        request: &HttpRequest,
        body: &Body,
        response: RecordedResponse,
    ) -> Result<(), String> {
        if self.broken {
            return Err("an earlier write failed".into());
        }
        let (shared, rest) = self.index.encode(body);
        let request_line =
            RequestLine { method: request.method.clone(), path: request.path.clone(), body: rest.join() };
        let label = request.label.clone();
        let line = EntryLine { id: self.index.next_id(), label, shared, request: request_line, response };
        let line = serde_json::to_string(&line).map_err(|e| e.to_string())? + "\n";
        let written = self.file.write_all(request.redact(&line).as_bytes()).and_then(|()| self.file.flush());
        if let Err(error) = written {
            self.broken = true;
            return Err(error.to_string());
        }
        self.index.add(body);
        Ok(())
    }
}

fn check_same(path: &Path, recording: &Recording, header: &RecordingHeader) -> Result<(), LlmError> {
    let refuse = |what: &str, was: String, is: String| {
        Err(LlmError::Mistake(format!(
            "the recording {} cannot be continued: it was made with {what} {was}, now it is {is}; record into another \
             file",
            path.display()
        )))
    };
    let was = &recording.header;
    if was.spec != header.spec {
        return refuse("model", was.spec.clone(), header.spec.clone());
    }
    if was.info.environment != header.info.environment {
        let shown = |header: &RecordingHeader| format!("{:?}", header.info.environment);
        return refuse("environment", shown(was), shown(header));
    }
    Ok(())
}

/// What of a response is worth recording: a success in JSON, and that a conversation was too long, after which a caller goes
/// on with a shorter one. Anything else is retried or ends the call; of the latter, all `refusals` are if they are wanted.
fn worth(response: &HttpResponse, refusals: bool) -> Option<RecordedResponse> {
    let body: Value = serde_json::from_slice(&response.body).ok()?;
    let good = (200..300).contains(&response.status) && !reports_error(&body);
    let for_good = matches!(response.status, 400..=499) && !matches!(response.status, 408 | 409 | 429);
    let content_type = response.header("content-type").unwrap_or("application/json").to_owned();
    let kept = good || is_context_length(&body) || (refusals && for_good);
    kept.then_some(RecordedResponse { status: response.status, content_type, body })
}

#[async_trait]
impl<T: HttpTransport> HttpTransport for RecordTransport<T> {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let response = self.inner.execute(request.clone()).await?;
        if let Some(recorded) = worth(&response, self.refusals) {
            self.write(&request, recorded)?;
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::RecordingInfo;

    struct Fine;

    #[async_trait]
    impl HttpTransport for Fine {
        async fn execute(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
            Ok(HttpResponse { status: 200, headers: Vec::new(), body: b"{}".to_vec() })
        }
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_written_is_not_handed_on_and_nothing_follows_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.jsonl");
        let header = RecordingHeader { spec: "openai:m".into(), info: RecordingInfo::default() };
        let recorder = RecordTransport::create(Fine, &path, &header).unwrap();
        let request = HttpRequest {
            method: "POST".into(),
            base_url: String::new(),
            path: "/".into(),
            headers: Vec::new(),
            credential: None,
            body: "{}".into(),
            label: None,
        };
        // A handle that is open for reading refuses every write.
        let writable =
            std::mem::replace(&mut recorder.writer.lock().unwrap().file, File::open(&path).unwrap());
        let first = recorder.execute(request.clone()).await.unwrap_err();
        recorder.writer.lock().unwrap().file = writable;
        let second = recorder.execute(request).await.unwrap_err();
        assert!(
            matches!(&first, TransportError::Recording(text) if text.contains("recording.jsonl")),
            "{first}"
        );
        assert!(
            matches!(&second, TransportError::Recording(text) if text.contains("an earlier write")),
            "{second}"
        );
    }
}
