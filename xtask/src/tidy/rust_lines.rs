//! Rust source split, line by line, into code, comments and string literals, so that a rule about one of them
//! is not misled by the others. It knows the lexical grammar only as far as these three need it.

/// What one line of a source file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Without comments; each string literal is left as its two quotes, character literals are dropped.
    pub(super) code: String,
    /// Without the leading slashes or stars.
    pub(super) comment: String,
    /// The content of each literal, or of the part of it that lies on this line.
    pub(super) strings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    LineComment,
    /// With the number of open `/*`.
    BlockComment(usize),
    Text,
    /// With the number of `#` that close it.
    RawText(usize),
}

struct Splitter<'a> {
    rest: &'a str,
    state: State,
    /// The last character of code, to tell `r"…"` from an identifier that ends in r.
    before: char,
    lines: Vec<Line>,
    line: Line,
}

/// Splits a whole file.
pub(super) fn split(source: &str) -> Vec<Line> {
    let mut splitter =
        Splitter { rest: source, state: State::Code, before: ' ', lines: Vec::new(), line: Line::default() };
    while !splitter.rest.is_empty() {
        splitter.step();
    }
    splitter.lines.push(splitter.line);
    splitter.lines
}

impl Splitter<'_> {
    /// Consumes at least one character.
    fn step(&mut self) {
        if self.rest.starts_with('\n') {
            self.take(1);
            self.end_line();
            return;
        }
        match self.state {
            State::Code => self.code(),
            State::LineComment => self.comment_character(),
            State::BlockComment(depth) => self.block_comment(depth),
            State::Text => self.text(),
            State::RawText(hashes) => self.raw_text(hashes),
        }
    }

    fn end_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
        match self.state {
            State::LineComment => self.state = State::Code,
            State::Text | State::RawText(_) => self.line.strings.push(String::new()),
            State::Code | State::BlockComment(_) => {}
        }
        self.before = ' ';
    }

    fn code(&mut self) {
        if self.rest.starts_with("//") {
            self.take(2);
            self.state = State::LineComment;
        } else if self.rest.starts_with("/*") {
            self.take(2);
            self.state = State::BlockComment(1);
        } else if self.rest.starts_with('"') {
            self.open_string(1, State::Text);
        } else if let Some(hashes) = self.raw_string_hashes() {
            self.open_string(hashes + 2, State::RawText(hashes));
        } else if let Some(length) = character_literal(self.rest) {
            self.take(length);
        } else {
            let character = self.character();
            self.before = character;
            self.line.code.push(character);
        }
    }

    fn block_comment(&mut self, depth: usize) {
        if self.rest.starts_with("*/") {
            self.take(2);
            self.state = if depth == 1 { State::Code } else { State::BlockComment(depth - 1) };
        } else if self.rest.starts_with("/*") {
            self.take(2);
            self.state = State::BlockComment(depth + 1);
        } else {
            self.comment_character();
        }
    }

    fn text(&mut self) {
        if self.rest.starts_with('"') {
            self.close_string(1);
            return;
        }
        let escapes = self.rest.starts_with('\\');
        self.string_character();
        if escapes && !self.rest.starts_with('\n') && !self.rest.is_empty() {
            self.string_character();
        }
    }

    fn raw_text(&mut self, hashes: usize) {
        let closes = self.rest.strip_prefix('"').is_some_and(|rest| leading_hashes(rest) >= hashes);
        if closes {
            self.close_string(hashes + 1);
        } else {
            self.string_character();
        }
    }

    /// The number of `#` when a raw string begins here.
    fn raw_string_hashes(&self) -> Option<usize> {
        // `br` and `cr` begin raw strings too; their first letter was taken as code.
        let starts_here = !is_identifier(self.before) || matches!(self.before, 'b' | 'c');
        let rest = self.rest.strip_prefix('r').filter(|_| starts_here)?;
        let hashes = leading_hashes(rest);
        rest[hashes..].starts_with('"').then_some(hashes)
    }

    fn open_string(&mut self, delimiter: usize, state: State) {
        self.take(delimiter);
        self.state = state;
        self.line.strings.push(String::new());
    }

    fn close_string(&mut self, delimiter: usize) {
        self.take(delimiter);
        self.state = State::Code;
        self.before = '"';
        self.line.code.push_str("\"\"");
    }

    fn comment_character(&mut self) {
        let character = self.character();
        self.line.comment.push(character);
    }

    fn string_character(&mut self) {
        let character = self.character();
        if let Some(string) = self.line.strings.last_mut() {
            string.push(character);
        }
    }

    /// Consumes one character; never called at the end.
    fn character(&mut self) -> char {
        let character = self.rest.chars().next().unwrap_or('\n');
        self.take(character.len_utf8());
        character
    }

    fn take(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// The length in bytes of the character literal that begins here; nothing for a lifetime.
fn character_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        let escaped = escape.chars().next()?.len_utf8();
        return Some(escape.get(escaped..)?.find('\'')? + escaped + 3);
    }
    let length = inner.chars().next()?.len_utf8();
    inner[length..].starts_with('\'').then_some(length + 2)
}

fn leading_hashes(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'#').count()
}

/// Whether the character can be part of a Rust identifier.
pub(super) fn is_identifier(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// For each line, whether it belongs to an item marked `#[cfg(test)]`.
pub(super) fn test_lines(lines: &[Line]) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if lines[at].code.contains("#[cfg(test)]") {
            let end = end_of_item(lines, at);
            marks[at..=end].fill(true);
            at = end;
        }
        at += 1;
    }
    marks
}

/// The line on which the item that begins on line `start` ends: by a semicolon or by its closing brace.
fn end_of_item(lines: &[Line], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, line) in lines.iter().enumerate().skip(start) {
        for character in line.code.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth <= 1 => return index,
                '}' => depth -= 1,
                ';' if depth == 0 => return index,
                _ => {}
            }
        }
    }
    lines.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(code: &str, comment: &str, strings: &[&str]) -> Line {
        let strings = strings.iter().map(|text| (*text).to_owned()).collect();
        Line { code: code.into(), comment: comment.into(), strings }
    }

    #[test]
    fn code_comments_and_strings_are_told_apart() {
        let table: &[(&str, Line)] = &[
            ("a // b", line("a ", " b", &[])),
            ("a /* b /* c */ d */ e", line("a  e", " b  c  d ", &[])),
            (r#"f("a // b") // c"#, line("f(\"\") ", " c", &["a // b"])),
            (r#"f("a\"b", 'c')"#, line("f(\"\", )", "", &["a\\\"b"])),
            (r##"r#"a "b" c"# + r"d\""##, line("\"\" + \"\"", "", &["a \"b\" c", "d\\"])),
            (r#"br"x" c"y""#, line("b\"\" c\"\"", "", &["x", "y"])),
            (r#"for"a""#, line("for\"\"", "", &["a"])),
            (r#"('"', '\'', '\u{41}', '\\', "s")"#, line("(, , , , \"\")", "", &["s"])),
            ("fn f<'a>(x: &'a str)", line("fn f<'a>(x: &'a str)", "", &[])),
            ("'é' + 'ß", line(" + 'ß", "", &[])),
            ("r#type", line("r#type", "", &[])),
        ];
        for (source, expected) in table {
            assert_eq!(split(source), std::slice::from_ref(expected), "{source}");
        }
    }

    #[test]
    fn strings_and_comments_go_on_over_lines() {
        let lines = split("let a = \"one\n two\"; // x\n/* y\n z */ b");
        let expected = [
            line("let a = ", "", &["one"]),
            line("\"\"; ", " x", &[" two"]),
            line("", " y", &[]),
            line(" b", " z ", &[]),
        ];
        assert_eq!(lines, expected);
        assert_eq!(split("\"a\\\nb\"").len(), 2, "an escaped line end still ends the line");
    }

    #[test]
    fn unfinished_literals_do_not_stop_the_split() {
        for source in ["\"a", "'", "'\\", "/*", "r##\"a", "\"\\"] {
            assert_eq!(split(source).len(), 1, "{source}");
        }
    }

    #[test]
    fn test_items_end_with_their_brace_or_semicolon() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { \"}\"; }\n}\nfn c() {}\n\
                      #[cfg(test)]\nmod other;\nfn d() {}";
        let expected = [false, true, true, true, true, false, true, true, false];
        assert_eq!(test_lines(&split(source)), expected);
    }
}
