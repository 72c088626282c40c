//! Splits a CSV into its values, one at a time, as pandas does: in one pass, in bounded memory, and with the
//! line of each.

use std::io::BufRead;

use super::GateLimits;
use super::refusal::{Refusal, RefusalKind};

/// Reads values from `source`. What a value says is in [`text`](Self::text) until the next one is read.
pub(super) struct Fields<R> {
    source: R,
    limits: GateLimits,
    text: String,
    /// Line of the next byte, from 1.
    line: u64,
    /// Number of the next value within its row, from 0.
    next: usize,
    /// Bytes of the row so far.
    row_bytes: usize,
    /// Rows so far, blank lines aside.
    rows: u64,
    blank_lines: u64,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Line on which it begins, from 1.
    pub(super) line: u64,
    /// Number within its row, from 0.
    pub(super) at: usize,
    /// Whether it is the last of its row.
    pub(super) ends_row: bool,
}

/// A value that is being read.
struct Reading {
    bytes: Vec<u8>,
    state: State,
    /// Whether it begins with a quote.
    quoted: bool,
    /// Line on which it begins.
    line: u64,
}

impl Reading {
    /// Reads into the memory of the value before.
    fn new(memory: String, line: u64) -> Self {
        let mut bytes = memory.into_bytes();
        bytes.clear();
        Self { bytes, state: State::Start, quoted: false, line }
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::EndOfValue | State::EndOfRow)
    }
}

/// How far the reading of a value has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of it is read.
    Start,
    /// Within a value that does not begin with a quote.
    Bare,
    /// Between its quotes.
    Quoted,
    /// Behind a quote that ends the value, unless another one follows.
    AfterQuote,
    /// Behind a carriage return, which only a line feed may follow.
    CarriageReturn,
    /// Behind the comma.
    EndOfValue,
    /// Behind the line feed, or at the end of the file.
    EndOfRow,
    /// At something that has no place there.
    Misplaced(Misplaced),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Misplaced {
    CarriageReturn,
    /// This byte behind a closing quote.
    AfterQuote(u8),
}

/// What becomes of the first bytes of a piece of the file.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// So many are part of the value.
    kept: usize,
    /// So many are done with.
    used: usize,
    next: State,
}

impl<R: BufRead> Fields<R> {
    /// Reads from the first byte of `source`, behind any byte-order mark.
    pub(super) fn new(source: R, limits: GateLimits) -> Self {
        Self { source, limits, text: String::new(), line: 1, next: 0, row_bytes: 0, rows: 0, blank_lines: 0 }
    }

    /// The value that was read last.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Lines without text so far, which pandas skips.
    pub(super) fn blank_lines(&self) -> u64 {
        self.blank_lines
    }

    /// The source, behind what was read.
    pub(super) fn into_source(self) -> R {
        self.source
    }

    /// Reads the next value. Nothing is left when there is no place.
    ///
    /// # Errors
    /// A refusal when the file is no CSV in UTF-8, or exceeds a limit.
    pub(super) fn advance(&mut self) -> Result<Option<Place>, Refusal> {
        loop {
            let (line, at) = (self.line, self.next);
            let Some((ends_row, quoted)) = self.read_value()? else { return Ok(None) };
            let blank = ends_row && at == 0 && !quoted && is_blank(&self.text);
            self.next = if ends_row { 0 } else { at + 1 };
            if ends_row {
                self.row_bytes = 0;
            }
            if blank {
                self.blank_lines += 1;
                continue;
            }
            self.rows += u64::from(ends_row);
            return Ok(Some(Place { line, at, ends_row }));
        }
    }

    /// Reads one value into `text`, and says whether it ends its row and whether it is quoted.
    fn read_value(&mut self) -> Result<Option<(bool, bool)>, Refusal> {
        if self.next >= self.limits.columns {
            let message = format!("the row has more than the {} values that are taken", self.limits.columns);
            return Err(Refusal::new(RefusalKind::TooManyColumns, message).on_line(self.line));
        }
        let mut value = Reading::new(std::mem::take(&mut self.text), self.line);
        while !value.is_done() && self.read_piece(&mut value)? {}
        if !value.is_done() {
            if value.state == State::Start && self.next == 0 {
                return Ok(None);
            }
            value.state = at_end(value.state).map_err(|refusal| self.at(value.line, refusal))?;
        }
        let (ends_row, line) = (value.state == State::EndOfRow, value.line);
        self.text = decode(value.bytes)
            .map_err(|(kind, before, message)| self.at(line + before, Refusal::new(kind, message)))?;
        Ok(Some((ends_row, value.quoted)))
    }

    /// Goes on with a value in what the source has at hand; says whether there is anything left.
    fn read_piece(&mut self, value: &mut Reading) -> Result<bool, Refusal> {
        let piece = self.source.fill_buf().map_err(|error| Refusal::io("the file cannot be read", error))?;
        if piece.is_empty() {
            return Ok(false);
        }
        let step = step(value.state, piece);
        // One byte too many is enough to tell.
        let room = (self.limits.field_bytes + 1).saturating_sub(value.bytes.len());
        value.bytes.extend_from_slice(&piece[..step.kept.min(room)]);
        self.line += match value.state {
            State::Quoted => line_feeds(&piece[..step.used]),
            _ => u64::from(step.next == State::EndOfRow),
        };
        self.row_bytes += step.used;
        self.source.consume(step.used);
        value.state = step.next;
        value.quoted |= step.next == State::Quoted;
        match step.next {
            State::Misplaced(what) => Err(self.at(self.line, self.misplaced(what))),
            _ => self.refuse_long(value).map(|()| true),
        }
    }

    /// The refusal of the value that is being read.
    fn at(&self, line: u64, refusal: Refusal) -> Refusal {
        refusal.on_line(line).at_value(self.next)
    }

    fn refuse_long(&self, value: &Reading) -> Result<(), Refusal> {
        let (kind, what, most) = if value.bytes.len() > self.limits.field_bytes {
            (RefusalKind::FieldTooLong, "value", self.limits.field_bytes)
        } else if self.row_bytes > self.limits.row_bytes {
            (RefusalKind::LineTooLong, "row", self.limits.row_bytes)
        } else {
            return Ok(());
        };
        let quote = if value.quoted { "; is a closing quote missing?" } else { "" };
        let message = format!("the {what} has more than the {most} bytes that are taken{quote}");
        Err(self.at(value.line, Refusal::new(kind, message)))
    }

    fn misplaced(&self, what: Misplaced) -> Refusal {
        match what {
            Misplaced::CarriageReturn => carriage_return(),
            Misplaced::AfterQuote(b';' | b'\t' | b'|') if self.rows == 0 && self.next == 0 => Refusal::new(
                RefusalKind::WrongSeparator,
                "the values are not separated by commas; write the file with the separator ','",
            ),
            Misplaced::AfterQuote(_) => Refusal::new(
                RefusalKind::StrayQuote,
                "text follows a closing quote; double every quote within a quoted value, and leave nothing \
                 between the closing quote and the comma",
            ),
        }
    }
}

/// Goes on from `state` over the beginning of `piece`, which is not empty.
fn step(state: State, piece: &[u8]) -> Step {
    match state {
        State::Start if piece[0] == b'"' => Step { kept: 0, used: 1, next: State::Quoted },
        State::Start | State::Bare => over_bare(piece),
        State::Quoted => match piece.iter().position(|byte| *byte == b'"') {
            Some(end) => Step { kept: end, used: end + 1, next: State::AfterQuote },
            None => Step { kept: piece.len(), used: piece.len(), next: State::Quoted },
        },
        // The second of two quotes, which stand for one.
        State::AfterQuote if piece[0] == b'"' => Step { kept: 1, used: 1, next: State::Quoted },
        State::AfterQuote => Step {
            kept: 0,
            used: 1,
            next: after(piece[0]).unwrap_or(State::Misplaced(Misplaced::AfterQuote(piece[0]))),
        },
        State::CarriageReturn => Step {
            kept: 0,
            used: 1,
            next: match piece[0] {
                b'\n' => State::EndOfRow,
                // Line ends that were translated twice.
                b'\r' => State::CarriageReturn,
                _ => State::Misplaced(Misplaced::CarriageReturn),
            },
        },
        done => Step { kept: 0, used: 0, next: done },
    }
}

fn over_bare(piece: &[u8]) -> Step {
    let end = piece.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r')).unwrap_or(piece.len());
    match piece.get(end).and_then(|byte| after(*byte)) {
        Some(next) => Step { kept: end, used: end + 1, next },
        None => Step { kept: end, used: end, next: State::Bare },
    }
}

/// The state behind a byte that ends a value.
fn after(byte: u8) -> Option<State> {
    match byte {
        b',' => Some(State::EndOfValue),
        b'\n' => Some(State::EndOfRow),
        b'\r' => Some(State::CarriageReturn),
        _ => None,
    }
}

/// The state at the end of the file.
fn at_end(state: State) -> Result<State, Refusal> {
    match state {
        State::Quoted => Err(Refusal::new(
            RefusalKind::UnclosedQuote,
            "the value begins with a quote, and the file ends before it is closed",
        )),
        State::CarriageReturn => Err(carriage_return()),
        _ => Ok(State::EndOfRow),
    }
}

fn carriage_return() -> Refusal {
    let message =
        "a line ends with a carriage return alone; end lines with a line feed (\\n) or with both (\\r\\n)";
    Refusal::new(RefusalKind::LineEnds, message)
}

/// The bytes as text; otherwise what is wrong with them, and how many line feeds come before.
fn decode(bytes: Vec<u8>) -> Result<String, (RefusalKind, u64, &'static str)> {
    if bytes.contains(&0) {
        let at = bytes.iter().position(|byte| *byte == 0).unwrap_or_default();
        let message = "the value has a zero byte; write plain text in UTF-8 (UTF-16 has many zero bytes)";
        return Err((RefusalKind::Nul, line_feeds(&bytes[..at]), message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        (RefusalKind::InvalidUtf8, line_feeds(valid), "the value is not in UTF-8; write the file in UTF-8")
    })
}

fn line_feeds(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// Whether pandas takes a line that holds only this for a blank one.
fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

#[cfg(test)]
mod tests;
