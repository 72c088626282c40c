//! What HTML and XML say, without their marks: rows of a table become lines, and cells are parted by tabs.

/// Marks that a text must have to be read so.
const MIN_MARKS: usize = 6;
/// Elements that begin a new line of a page, and those whose text stands as it is.
const LINES: [&str; 22] = [
    "tr", "p", "br", "li", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "dt", "option", "section",
    "article", "ul", "ol", "dl", "body", "title", "hr",
];
const KEPT: [&str; 4] = ["pre", "textarea", "script", "style"];
/// Elements that are cells of a line.
const CELLS: [&str; 3] = ["td", "th", "dd"];
/// Longest mark, in bytes.
const MAX_MARK: usize = 64 << 10;

/// True for a text with so many marks that it is one of HTML or XML.
pub(super) fn is_markup(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).filter(|at| begins_mark(text, *at)).take(MIN_MARKS).count()
        == MIN_MARKS
}

fn begins_mark(text: &str, at: usize) -> bool {
    let next = text.as_bytes().get(at + 1);
    next.is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?'))
}

/// The text without its marks. What stands in comments and in attributes is kept: both are seen by whoever looks.
pub(super) fn without_marks(text: &str) -> String {
    let mut plain =
        Plain { is_page: is_page(text), out: String::with_capacity(text.len() / 2), ..Plain::default() };
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let (before, mark) = rest.split_at(at);
        plain.text(before);
        rest = plain.mark(mark);
    }
    plain.text(rest);
    plain.out
}

fn is_page(text: &str) -> bool {
    let has = |name: &str| {
        memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).take(50).any(|at| {
            let behind = text.as_bytes().get(at + name.len());
            behind.is_none_or(|byte| !byte.is_ascii_alphanumeric())
        })
    };
    ["<tr", "<td", "<html", "<HTML", "<TR", "<div", "<p", "<li", "<body"].into_iter().any(has)
}

#[derive(Default)]
struct Plain {
    is_page: bool,
    /// Within an element whose line ends count.
    is_kept: bool,
    /// The last mark ended an element, and no text stood behind it.
    has_ended: bool,
    out: String,
}

impl Plain {
    fn text(&mut self, text: &str) {
        self.has_ended &= text.trim().is_empty();
        if text.trim().is_empty() && !self.is_kept {
            self.out.push(' ');
            return;
        }
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
            let (before, entity) = rest.split_at(at);
            self.words(before);
            let (letter, length) = entity_of(entity).unwrap_or(('&', 1));
            self.out.push(letter);
            rest = entity.get(length..).unwrap_or("");
        }
        self.words(rest);
    }

    fn words(&mut self, text: &str) {
        if self.is_kept {
            self.out.push_str(text);
        } else {
            self.out.extend(text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
        }
    }

    /// Reads what begins with `<`; what is behind it.
    fn mark<'t>(&mut self, text: &'t str) -> &'t str {
        for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
            if let Some(inside) = text.strip_prefix(open) {
                let (inside, behind) = inside.split_once(close).unwrap_or((inside, ""));
                let is_kept = std::mem::replace(&mut self.is_kept, true);
                self.text(inside);
                self.is_kept = is_kept;
                return behind;
            }
        }
        let head = text.as_bytes().get(..text.len().min(MAX_MARK)).unwrap_or_default();
        let end = begins_mark(text, 0).then(|| memchr::memchr(b'>', head)).flatten();
        let Some((inside, behind)) = end.and_then(|end| Some((text.get(1..end)?, text.get(end + 1..)?)))
        else {
            self.out.push('<');
            return text.get(1..).unwrap_or("");
        };
        self.element(inside);
        behind
    }

    fn element(&mut self, inside: &str) {
        let is_end = inside.starts_with('/');
        let bare = inside.trim_start_matches('/');
        let name_end = bare.find(|c: char| !c.is_alphanumeric()).unwrap_or(bare.len());
        let (name, attributes) = bare.split_at(name_end);
        let name = name.to_ascii_lowercase();
        let is_single = inside.ends_with('/');
        if self.is_page {
            let space = match name.as_str() {
                name if CELLS.contains(&name) => '\t',
                name if LINES.contains(&name) || KEPT.contains(&name) => '\n',
                _ => ' ',
            };
            self.out.push(space);
            if KEPT.contains(&name.as_str()) {
                self.is_kept = !is_end;
            }
        } else if is_end {
            // The end of what holds elements is that of a record.
            self.out.push(if self.has_ended { '\n' } else { '\t' });
        }
        if !is_end {
            self.attributes(attributes);
        }
        if !self.is_page && is_single {
            self.out.push('\n');
        }
        self.has_ended = is_end;
    }

    /// Values in quotation marks, as cells.
    fn attributes(&mut self, attributes: &str) {
        let mut rest = attributes;
        while let Some(at) = rest.find(['"', '\'']) {
            let (name, value) = rest.split_at(at);
            let mark = value.chars().next().unwrap_or('"');
            let Some((value, behind)) = value.get(1..).and_then(|value| value.split_once(mark)) else {
                return;
            };
            let name = name.trim_start().trim_end_matches('=').trim();
            let is_look = ["class", "style", "href", "src", "border", "align", "width", "height"];
            if !self.is_page || !is_look.contains(&name) {
                self.out.push('\t');
                self.text(value);
                self.out.push('\t');
            }
            rest = behind;
        }
    }
}

/// The letter that an entity stands for, and its length.
fn entity_of(text: &str) -> Option<(char, usize)> {
    let end = text.as_bytes().iter().take(12).position(|byte| *byte == b';')?;
    let name = text.get(1..end)?;
    let letter = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((letter, end + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> Vec<Vec<String>> {
        let cells = |line: &str| -> Vec<String> {
            line.split('\t').map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
        };
        without_marks(text).lines().map(cells).filter(|cells| !cells.is_empty()).collect()
    }

    #[test]
    fn rows_of_pages_and_records_are_lines() {
        let page = "<html><table class=\"a\">\n<tr>\n<td>7</td>\n<td><b>very\ngood</b></td></tr><tr><td>8</td><td>a &lt; b</td></tr></table></html>";
        assert_eq!(lines(page), [["7", "very good"], ["8", "a < b"]]);
        let xml = "<?xml version='1.0'?><all><row>\n<id>7</id><y>good</y>\n</row><row><id>8</id><y>bad</y></row></all>";
        assert_eq!(lines(xml), [vec!["1.0", "7", "good"], vec!["8", "bad"]]);
        let attributes = "<all><row id=\"7\" y=\"good\"/><row id=\"8\" y=\"bad\"/></all>";
        assert_eq!(lines(attributes), [["7", "good"], ["8", "bad"]]);
        assert_eq!(lines("<html><pre>1 a\n2 b</pre><!-- 3 c --></html>"), [["1 a"], ["2 b"], ["3 c"]]);
    }

    #[test]
    fn signs_of_comparison_are_no_marks() {
        assert!(!is_markup("1 < 2, 3 < 4, 5 < 6, 7 < 8, 9 < 10, 11 < 12, 13 < 14"));
        assert!(is_markup("<a>1</a><a>2</a><a>3</a>"));
    }

    proptest! {
        #[test]
        fn hostile_texts_never_panic(text in "[<>/a-t&;#x!\\[\\]\"'= é\\-\n]{0,80}") {
            let _ = (is_markup(&text), without_marks(&text));
        }
    }
}
