//! Lines of a recording and how they are read.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::Body;
use super::delta::{Shared, expand};
use super::{RecordingHeader, RecordingInfo};
use crate::chat::Effort;
use crate::error::LlmError;

/// Version of the format.
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct HeaderLine {
    smith_recording: u32,
    spec: String,
    program: String,
    environment: std::collections::BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    settings: std::collections::BTreeMap<String, u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effort: Option<Effort>,
}

/// One answered request as a line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryLine {
    pub(super) id: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) shared: Option<Shared>,
    pub(super) request: RequestLine,
    pub(super) response: RecordedResponse,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RequestLine {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RecordedResponse {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Value,
}

/// One answered request, whole.
#[derive(Debug)]
pub(super) struct Entry {
    /// Name of the conversation, if it was given.
    pub(super) label: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    /// Whose beginning this is; already taken over into the body.
    pub(super) shared: Option<Shared>,
    pub(super) body: Body,
    pub(super) response: RecordedResponse,
}

/// A recording in memory.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) header: RecordingHeader,
    pub(super) entries: Vec<Entry>,
    /// Length in bytes up to the last whole line; what follows was torn off by a kill.
    pub(super) whole_bytes: u64,
}

pub(super) fn header_line(header: &RecordingHeader) -> String {
    let line = HeaderLine {
        smith_recording: VERSION,
        spec: header.spec.clone(),
        program: header.info.program.clone(),
        environment: header.info.environment.clone(),
        settings: header.info.settings.clone(),
        effort: header.info.effort,
    };
    // Keys in the order of the struct: the line that tells what the file is begins by saying so.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

/// Reads the recording at `path`.
pub(super) fn read(path: &Path) -> Result<Recording, LlmError> {
    let bytes = std::fs::read(path).map_err(|e| unusable(path, "cannot be read", &e))?;
    parse(&bytes).map_err(|problem| LlmError::Mistake(format!("the recording {}: {problem}", path.display())))
}

/// Reads the recording at `path` to continue it; `None` if nothing was recorded there yet.
pub(super) fn read_if_begun(path: &Path) -> Result<Option<Recording>, LlmError> {
    match std::fs::read(path) {
        Ok(bytes) if bytes.contains(&b'\n') => read(path).map(Some),
        Ok(_) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unusable(path, "cannot be read", &e)),
    }
}

pub(super) fn unusable(path: &Path, what: &str, error: &io::Error) -> LlmError {
    LlmError::Mistake(format!("the recording {} {what}: {error}", path.display()))
}

fn parse(bytes: &[u8]) -> Result<Recording, String> {
    // Cut before decoding: a kill may have torn a character too.
    let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let whole = std::str::from_utf8(&bytes[..end]).map_err(|e| e.to_string())?;
    let mut lines = whole.lines().enumerate();
    let (_, first) = lines.next().ok_or("it has no header line")?;
    let header: HeaderLine =
        serde_json::from_str(first).map_err(|e| format!("line 1 is not its header: {e}"))?;
    if header.smith_recording != VERSION {
        return Err(format!("its format is {}, this program reads {VERSION}", header.smith_recording));
    }
    let mut bodies: Vec<Body> = Vec::new();
    let mut entries = Vec::new();
    for (number, line) in lines {
        let entry = entry(line, &bodies).map_err(|problem| format!("line {}: {problem}", number + 1))?;
        bodies.push(entry.body.clone());
        entries.push(entry);
    }
    let HeaderLine { program, environment, settings, effort, .. } = header;
    let info = RecordingInfo { program, environment, settings, effort };
    let header = RecordingHeader { spec: header.spec, info };
    Ok(Recording { header, entries, whole_bytes: u64::try_from(end).unwrap_or(u64::MAX) })
}

fn entry(line: &str, earlier: &[Body]) -> Result<Entry, String> {
    let line: EntryLine = serde_json::from_str(line).map_err(|e| e.to_string())?;
    if line.id != earlier.len() {
        return Err(format!("entry {} stands where entry {} is due", line.id, earlier.len()));
    }
    let body = expand(line.shared.as_ref(), Body::split(line.request.body), earlier)
        .ok_or("it shares messages or fields that no earlier entry holds")?;
    Ok(Entry {
        label: line.label,
        method: line.request.method,
        path: line.request.path,
        shared: line.shared,
        body,
        response: line.response,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        r#"{"smith_recording":1,"spec":"openai:m","program":"p 1","environment":{"python":"3.11"}}"#;
    const ENTRY: &str = r#"{"id":0,"request":{"method":"POST","path":"/c","body":{"messages":["s"]}},"response":{"status":200,"content_type":"application/json","body":{}}}"#;

    #[test]
    fn a_recording_cut_anywhere_holds_its_whole_lines() {
        let second = ENTRY.replace("\"id\":0", "\"id\":1").replace("\"s\"", "\"é\"");
        let whole = format!("{HEADER}\n{ENTRY}\n{second}\n");
        let entries_end = [HEADER.len() + 1, HEADER.len() + ENTRY.len() + 2, whole.len()];
        for end in HEADER.len() + 1..=whole.len() {
            let recording = parse(&whole.as_bytes()[..end]).unwrap();
            let entries = entries_end.iter().filter(|&&line_end| line_end <= end).count() - 1;
            assert_eq!(recording.entries.len(), entries, "cut at {end}");
            assert_eq!(recording.whole_bytes, entries_end[entries] as u64);
            assert_eq!(recording.header.info.environment["python"], "3.11");
        }
    }

    #[test]
    fn other_damage_is_named_by_its_line() {
        let second = ENTRY.replace("\"id\":0", "\"id\":1,\"shared\":{\"base\":0,\"keep\":2,\"same\":[]}");
        for (text, problem) in [
            (String::new(), "no header"),
            (format!("{ENTRY}\n"), "line 1"),
            (HEADER.replace(":1,", ":2,") + "\n", "format is 2"),
            (format!("{HEADER}\n{}\n{ENTRY}\n", &ENTRY[..40]), "line 2"),
            (format!("{HEADER}\n{ENTRY}\n{ENTRY}\n"), "line 3: entry 0 stands where entry 1"),
            (format!("{HEADER}\n{ENTRY}\n{second}\n"), "line 3: it shares messages"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.contains(problem), "{error} lacks {problem}");
        }
    }

    #[test]
    fn the_header_line_reads_back() {
        let recording = parse(format!("{HEADER}\n").as_bytes()).unwrap();
        assert_eq!(header_line(&recording.header), format!("{HEADER}\n"));
    }
}
