//! Python sources as plain facts: functions, classes, imports, calls. The only module that names the parser.
//!
//! The sources are written by agents, so they are hostile input: size, nesting and line length are bounded
//! before the parser sees them, and the tree is walked with a depth counter on a thread with a large stack.

mod branches;
mod definitions;
mod model;
mod names;
mod reach;
mod scan;
mod values;
mod walk;

use std::io;
use std::path::Path;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};
use ruff_text_size::Ranged;

pub(crate) use model::{
    Binding, Branch, Call, Class, Function, Handler, Module, Parameter, ParameterKind, Raise,
};
pub(crate) use reach::Reach;
pub(crate) use values::Value;

/// Largest file that is parsed, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of brackets; CPython itself refuses more than 200.
const MAX_BRACKETS: usize = 200;
/// Most tokens in one logical line. It bounds the depth of the tree, whose destructor recurses.
const MAX_LINE_TOKENS: usize = 100_000;
/// Deepest nesting of statements and expressions that is walked.
const MAX_DEPTH: usize = 1_000;
/// Stack of the parsing thread in bytes; committed only as far as it is used.
const STACK: usize = 256 << 20;
/// Most syntax errors that are reported for one file; the later ones mostly follow from the first.
const MAX_ERRORS: usize = 5;

/// Something that keeps a file from being understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Line from 1; absent when the file as a whole is meant.
    pub(crate) line: Option<u32>,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Problem {
    fn of_file(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }
}

/// A source's facts, or what is wrong with it.
pub(crate) type Parsed = Result<Module, Vec<Problem>>;

/// Reads and parses a file.
///
/// The outer error is one of the machine: the file cannot be read (a missing one included), or no thread be started.
pub(crate) fn read(path: &Path) -> io::Result<Parsed> {
    let size = std::fs::metadata(path)?.len();
    if size > MAX_BYTES as u64 {
        return Ok(Err(vec![too_large(size)]));
    }
    parse(&std::fs::read(path)?)
}

/// Parses a source of any content.
fn parse(bytes: &[u8]) -> io::Result<Parsed> {
    let latin = declares_latin(bytes).then(|| bytes.iter().map(|&byte| char::from(byte)).collect::<String>());
    let bytes = latin.as_ref().map_or(bytes, String::as_bytes);
    match plain_text(bytes) {
        Ok(text) => on_large_stack(|| parse_text(text)),
        Err(problem) => Ok(Err(vec![problem])),
    }
}

/// Whether one of the first two lines declares an encoding of one byte a character, as Python reads it. That the
/// upper half of other such encodings holds other letters makes no difference to the syntax.
fn declares_latin(bytes: &[u8]) -> bool {
    let head = bytes.split(|&byte| byte == b'\n').take(2);
    let mut comments = head.map(|line| String::from_utf8_lossy(line).to_lowercase());
    bytes.len() <= MAX_BYTES / 2
        && comments.any(|line| {
            let declared = line.trim_start().starts_with('#').then(|| line.split_once("coding")).flatten();
            let name = declared.map(|(_, rest)| rest.trim_start_matches([':', '=', ' ']).to_owned());
            name.is_some_and(|name| {
                ["latin", "iso-8859", "iso8859", "cp125"].iter().any(|own| name.starts_with(own))
            })
        })
}

/// The text of a source, without a byte order mark.
fn plain_text(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.find('\0') {
        None => Ok(text),
        Some(at) => Err(Problem {
            line: Some(line_at(&line_starts(text), at)),
            message: "there is a NUL byte here; save the file as plain text".into(),
        }),
    }
}

fn too_large(size: u64) -> Problem {
    Problem::of_file(format!(
        "the file has {size} bytes, more than the {MAX_BYTES} that are read; keep data out of scripts"
    ))
}

fn not_utf8(bytes: &[u8], at: usize) -> Problem {
    let line = bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() + 1;
    Problem {
        line: u32::try_from(line).ok(),
        message: "the file is not UTF-8 from here on; save it as UTF-8".into(),
    }
}

/// Runs `work` where deep recursion has room. Threads of an async runtime have only a few MiB.
fn on_large_stack(work: impl FnOnce() -> Parsed + Send) -> io::Result<Parsed> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        let panicked =
            |_| Err(vec![Problem::of_file("the parser gave up on this file; write it more simply")]);
        Ok(thread.join().unwrap_or_else(panicked))
    })
}

fn parse_text(text: &str) -> Parsed {
    check_tokens(text)?;
    let lines = line_starts(text);
    let parsed = ruff_python_parser::parse_unchecked(text, Mode::Module.into());
    if !parsed.errors().is_empty() {
        return Err(parsed
            .errors()
            .iter()
            .take(MAX_ERRORS)
            .map(|error| syntax_error(error, &lines))
            .collect());
    }
    walk::module(text, &lines, parsed.syntax())
}

fn syntax_error(error: &ruff_python_parser::ParseError, lines: &[usize]) -> Problem {
    Problem {
        line: Some(line_at(lines, error.range().start().to_usize())),
        message: format!("Python cannot parse this: {}; mend the syntax", error.error),
    }
}

/// Refuses what would make a tree of dangerous depth.
fn check_tokens(text: &str) -> Result<(), Vec<Problem>> {
    let mut lexer = lexer::lex(text, Mode::Module);
    let (mut brackets, mut in_line) = (0_usize, 0_usize);
    loop {
        in_line += 1;
        match lexer.next_token() {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => brackets += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => brackets = brackets.saturating_sub(1),
            TokenKind::Newline => in_line = 0,
            _ => {}
        }
        if brackets > MAX_BRACKETS {
            return Err(vec![Problem::of_file(format!(
                "brackets are nested more than {MAX_BRACKETS} deep; write the expression more simply"
            ))]);
        }
        if in_line > MAX_LINE_TOKENS {
            return Err(vec![Problem::of_file(format!(
                "one logical line has more than {MAX_LINE_TOKENS} tokens; keep data out of scripts"
            ))]);
        }
    }
}

/// Byte offsets at which lines begin.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Line number, from 1, of a byte offset.
fn line_at(lines: &[usize], offset: usize) -> u32 {
    u32::try_from(lines.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
