//! Append-only journals: one JSON object a line, numbered, one writer a file.
//!
//! A process may be killed while it writes, so the last line may be torn: readers leave it out, and a
//! writer that opens the file again cuts it off. Any other line that cannot be read is an error.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use smith_task_schema::{Event, RecordError, Recorder};
use time::OffsetDateTime;

use crate::error::{PipelineError, at};

/// Version of the line format.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// [`VERSION`] of the writer.
    pub v: u32,
    /// Number in this file, from 1 without gaps.
    pub seq: u64,
    /// When it was written, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What happened.
    pub event: Event,
}

/// What every version of a line begins with.
#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// A journal that is open for appending.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    seq: u64,
    /// Bytes up to the end of the last whole line.
    bytes: u64,
}

impl Inner {
    /// Appends a line, or leaves the file as it was: a line after a torn one could not be read.
    fn append(&mut self, line: &[u8]) -> std::io::Result<()> {
        if let Err(error) = self.file.write_all(line) {
            self.file.set_len(self.bytes)?;
            self.file.seek(SeekFrom::Start(self.bytes))?;
            return Err(error);
        }
        self.bytes += line.len() as u64;
        Ok(())
    }
}

impl Journal {
    /// Opens or makes the journal at `path`, and gives the lines that are there already.
    ///
    /// # Errors
    /// [`PipelineError::Io`], or [`PipelineError::Journal`] for a line that cannot be read.
    pub fn open(path: &Path) -> Result<(Self, Vec<Line>), PipelineError> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(at(path))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(at(path))?;
        let whole = whole_lines(&text);
        file.set_len(whole.len() as u64).map_err(at(path))?;
        file.seek(SeekFrom::End(0)).map_err(at(path))?;
        let lines = parse(path, whole)?;
        let seq = lines.last().map_or(0, |line| line.seq);
        let inner = Mutex::new(Inner { file, seq, bytes: whole.len() as u64 });
        Ok((Self { path: path.to_path_buf(), inner }, lines))
    }
}

impl Recorder for Journal {
    /// Written with one system call, so that the end of the process leaves at most one torn line; what
    /// was paid for is also synchronised with the disk.
    fn record(&self, event: Event) -> Result<(), RecordError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let paid =
            matches!(event, Event::ModelCallFinished(_) | Event::ModelCallFailed { charge: Some(_), .. });
        let line = Line { v: VERSION, seq: inner.seq + 1, at: OffsetDateTime::now_utc(), event };
        let fail = |source| RecordError { path: self.path.display().to_string(), source };
        let mut text = serde_json::to_vec(&line).map_err(|error| fail(error.into()))?;
        text.push(b'\n');
        inner.append(&text).map_err(fail)?;
        inner.seq = line.seq;
        if paid {
            inner.file.sync_data().map_err(fail)?;
        }
        Ok(())
    }
}

/// All whole lines of a journal; none when the file is not there.
///
/// # Errors
/// As [`Journal::open`].
pub fn read(path: &Path) -> Result<Vec<Line>, PipelineError> {
    match std::fs::read(path) {
        Ok(text) => parse(path, whole_lines(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(at(path)(error)),
    }
}

/// Everything up to and with the last line end.
fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    &text[..end]
}

fn parse(path: &Path, text: &[u8]) -> Result<Vec<Line>, PipelineError> {
    let broken =
        |line: usize, reason: String| PipelineError::Journal { path: path.to_path_buf(), line, reason };
    let mut lines = Vec::new();
    for (index, raw) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, raw)| !raw.is_empty()) {
        let unreadable = |error: serde_json::Error| broken(index + 1, error.to_string());
        // The version first: a newer line may hold what this program cannot read.
        let Version { v } = serde_json::from_slice(raw).map_err(unreadable)?;
        if v > VERSION {
            return Err(broken(index + 1, format!("written by a newer smith, version {v}")));
        }
        let line: Line = serde_json::from_slice(raw).map_err(unreadable)?;
        if line.seq != index as u64 + 1 {
            return Err(broken(index + 1, format!("its number is {}", line.seq)));
        }
        lines.push(line);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(n: usize) -> Event {
        Event::Faulted { message: format!("number {n}") }
    }

    #[test]
    fn a_torn_last_line_is_left_out_and_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        let (journal, _) = Journal::open(&path).unwrap();
        for n in 1..=3 {
            journal.record(fault(n)).unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        // Wherever the kill falls within the last line, two lines remain and the third can be written again.
        let second = whole_lines(&whole[..whole.len() - 1]).len();
        for cut in second..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(read(&path).unwrap().len(), 2, "cut at {cut}");
            let (journal, earlier) = Journal::open(&path).unwrap();
            assert_eq!(earlier.len(), 2);
            journal.record(fault(3)).unwrap();
            let lines = read(&path).unwrap();
            assert_eq!((lines.len(), lines[2].seq), (3, 3));
        }
    }

    #[test]
    fn a_line_of_a_newer_version_is_called_so_whatever_it_holds() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        std::fs::write(&path, "{\"v\":2,\"number\":1}\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("a newer smith, version 2"), "{error}");
    }

    #[test]
    fn damage_elsewhere_is_an_error_that_names_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.jsonl");
        let (journal, _) = Journal::open(&path).unwrap();
        for n in 1..=3 {
            journal.record(fault(n)).unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let gap = text.replacen("\"seq\":2", "\"seq\":5", 1);
        let torn = text.replacen("\"seq\":2", "\"seq\"", 1);
        for damaged in [gap, torn] {
            std::fs::write(&path, damaged).unwrap();
            let error = read(&path).unwrap_err();
            assert!(matches!(error, PipelineError::Journal { line: 2, .. }), "{error}");
        }
    }
}
