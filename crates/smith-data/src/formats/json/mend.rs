//! Mends what is written nearly like JSON: commas too many, `NaN`, and the literals of Python.

/// What was mended, in numbers of occurrences.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mended {
    pub(super) commas: u64,
    /// `NaN`, `Infinity` and `-Infinity`; they become null.
    pub(super) not_numbers: u64,
    /// Strings in single quotation marks, `True`, `False` and `None`.
    pub(super) python: u64,
}

impl Mended {
    pub(super) fn add(&mut self, other: Self) {
        self.commas += other.commas;
        self.not_numbers += other.not_numbers;
        self.python += other.python;
    }
}

/// The text as JSON, and what was mended in it. It need not be sound afterwards.
pub(super) fn mend(raw: &str) -> (String, Mended) {
    let mut mender = Mender { out: String::with_capacity(raw.len()), mended: Mended::default() };
    let mut rest = raw;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' | '\'' => mender.string(rest, first),
            ',' => mender.comma(rest),
            c if c.is_alphabetic() || c == '-' => mender.word(rest),
            c => {
                mender.out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    (mender.out, mender.mended)
}

struct Mender {
    out: String,
    mended: Mended,
}

impl Mender {
    /// Copies a string, with double quotation marks, and returns what follows.
    fn string<'a>(&mut self, text: &'a str, quote: char) -> &'a str {
        self.mended.python += u64::from(quote == '\'');
        self.out.push('"');
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            if escaped {
                escaped = false;
                if c != '\'' {
                    self.out.push('\\');
                }
                self.out.push(c);
            } else if c == '\\' {
                escaped = true;
            } else if c == quote {
                self.out.push('"');
                return &text[at + c.len_utf8()..];
            } else if c == '"' {
                self.out.push_str("\\\"");
            } else {
                self.out.push(c);
            }
        }
        ""
    }

    /// Leaves a comma out when a bracket closes behind it.
    fn comma<'a>(&mut self, text: &'a str) -> &'a str {
        let rest = &text[1..];
        if rest.trim_start().starts_with([']', '}']) {
            self.mended.commas += 1;
        } else {
            self.out.push(',');
        }
        rest
    }

    fn word<'a>(&mut self, text: &'a str) -> &'a str {
        let behind_sign = text.strip_prefix('-').unwrap_or(text);
        let length = behind_sign.find(|c: char| !c.is_alphanumeric()).unwrap_or(behind_sign.len());
        let (word, rest) = behind_sign.split_at(length);
        let (replacement, counter) = match word {
            "NaN" | "nan" | "Infinity" | "inf" | "Inf" => ("null", Some(&mut self.mended.not_numbers)),
            "True" => ("true", Some(&mut self.mended.python)),
            "False" => ("false", Some(&mut self.mended.python)),
            "None" => ("null", Some(&mut self.mended.python)),
            _ => {
                self.out.push_str(&text[..text.len() - rest.len()]);
                return rest;
            }
        };
        if let Some(counter) = counter {
            *counter += 1;
        }
        self.out.push_str(replacement);
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_json_becomes_json() {
        let cases = [
            (r#"{"a":[1,2,],}"#, r#"{"a":[1,2]}"#, (2, 0, 0)),
            (r#"{"a":NaN,"b":-Infinity,"c":-1.5e3}"#, r#"{"a":null,"b":null,"c":-1.5e3}"#, (0, 2, 0)),
            (r#"{'a': 'it\'s "so"', 'b': None}"#, r#"{"a": "it's \"so\"", "b": null}"#, (0, 0, 4)),
            (r#"{"a":"NaN, 'x',]","b":true}"#, r#"{"a":"NaN, 'x',]","b":true}"#, (0, 0, 0)),
        ];
        for (raw, expected, (commas, not_numbers, python)) in cases {
            assert_eq!(mend(raw), (expected.to_string(), Mended { commas, not_numbers, python }));
        }
    }
}
