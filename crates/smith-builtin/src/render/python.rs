//! Texts as Python writes them.

/// Words that no variable may be called.
const TAKEN: [&str; 60] = [
    "false", "none", "true", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "match",
    "case", "type", "train", "test", "raw", "public", "private", "sample", "rng", "prepare", "parts", "part",
    "groups", "when", "np", "pd", "json", "path", "list", "set", "dict", "str", "cutoff", "answers",
];
/// Longest name of a variable.
const LONGEST: usize = 24;

/// A string literal.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // What cannot be seen, or turns the direction of writing, is written out.
            c if c.is_control() || is_hidden(c) => match u32::from(c) {
                code @ 0..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A list of strings, on several lines when one is too long. `indent` is that of the line that it begins on.
pub(crate) fn list(items: &[String], indent: usize) -> String {
    let literals: Vec<String> = items.iter().map(|item| literal(item)).collect();
    let flat = format!("[{}]", literals.join(", "));
    if flat.chars().count() + indent <= 90 {
        return flat;
    }
    let (pad, end) = (" ".repeat(indent + 4), " ".repeat(indent));
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for item in literals {
        if !line.is_empty() && line.chars().count() + item.chars().count() + indent + 6 > 110 {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&item);
        line.push(',');
    }
    lines.push(line);
    let body: String = lines.iter().map(|line| format!("{pad}{line}\n")).collect();
    format!("[\n{body}{end}]")
}

/// The stem of a file as the name of a variable; `otherwise` where it makes none.
pub(crate) fn variable(path: &str, otherwise: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    let mut name = String::new();
    for c in stem.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if !name.ends_with('_') && !name.is_empty() => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('_').to_owned();
    let usable = name.len() > 2
        && name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.split('_').any(|part| matches!(part, "train" | "test" | "valid"))
        && !TAKEN.contains(&name.as_str());
    if usable { name } else { otherwise.to_owned() }
}

/// A text as a part of the name of a class.
pub(crate) fn camel(text: &str) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).take(6) {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            out.push(first.to_ascii_uppercase());
            out.extend(letters);
        }
    }
    let out: String = out.chars().take(40).collect();
    if out.starts_with(|c: char| c.is_ascii_alphabetic()) { out } else { format!("Target{out}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_back_by_python() {
        for (text, wanted) in [
            ("a\"b\\c", r#""a\"b\\c""#),
            ("tab\there\n", r#""tab\there\n""#),
            ("\u{202e}x\u{7f}", r#""\u202ex\x7f""#),
            ("Größe", "\"Größe\""),
        ] {
            assert_eq!(literal(text), wanted);
        }
    }

    #[test]
    fn names_are_those_of_files_where_they_can_be() {
        for (path, name) in [
            ("raw/Penguins-Raw.csv", "penguins_raw"),
            ("raw/train.csv", "data"),
            ("1.csv", "data"),
            ("raw/class.csv", "data"),
            ("raw/20news-test.tab", "data"),
        ] {
            assert_eq!(variable(path, "data"), name);
        }
        assert_eq!(camel("MedHouseVal"), "MedHouseVal");
        assert_eq!(camel("rating:float (stars)"), "RatingFloatStars");
        assert_eq!(camel("77"), "Target77");
        assert_eq!(camel("价格"), "Target");
    }
}
