//! The part of Python's literals that headers of NumPy's files are made of.

/// Nested brackets that are followed.
const MAX_DEPTH: usize = 16;

/// A value as Python writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Number(i64),
    Flag(bool),
    Nothing,
    /// A tuple or a list.
    Items(Vec<Literal>),
    Pairs(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a text that is one literal; none when it is not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text };
        let value = parser.value(0)?;
        parser.rest.trim().is_empty().then_some(value)
    }

    /// The value of a text key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Pairs(pairs) = self else { return None };
        pairs.iter().find(|(name, _)| matches!(name, Self::Text(name) if name == key)).map(|(_, value)| value)
    }
}

struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn value(&mut self, depth: usize) -> Option<Literal> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '(' => self.list(')', depth).map(Literal::Items),
            '[' => self.list(']', depth).map(Literal::Items),
            '{' => self.pairs(depth),
            '\'' | '"' => self.text(),
            _ => self.word(),
        }
    }

    fn eat(&mut self, symbol: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(symbol) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn list(&mut self, end: char, depth: usize) -> Option<Vec<Literal>> {
        self.rest = self.rest.get(1..)?;
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(self.value(depth + 1)?);
            if !self.eat(',') {
                return self.eat(end).then_some(items);
            }
        }
        Some(items)
    }

    fn pairs(&mut self, depth: usize) -> Option<Literal> {
        self.rest = self.rest.get(1..)?;
        let mut pairs = Vec::new();
        while !self.eat('}') {
            let key = self.value(depth + 1)?;
            if !self.eat(':') {
                return None;
            }
            pairs.push((key, self.value(depth + 1)?));
            if !self.eat(',') {
                return self.eat('}').then_some(Literal::Pairs(pairs));
            }
        }
        Some(Literal::Pairs(pairs))
    }

    fn text(&mut self) -> Option<Literal> {
        let quote = self.rest.chars().next()?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(chars.next()?.1),
                c if c == quote => {
                    self.rest = self.rest.get(at + c.len_utf8()..)?;
                    return Some(Literal::Text(text));
                }
                c => text.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Literal> {
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "True" => Some(Literal::Flag(true)),
            "False" => Some(Literal::Flag(false)),
            "None" => Some(Literal::Nothing),
            // Python 2 wrote long integers with an L.
            _ => word.strip_suffix('L').unwrap_or(word).parse().ok().map(Literal::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header() {
        let header =
            "{'descr': [('x', '<f4'), ('n', '<i8', (2,))], 'fortran_order': False, 'shape': (3L, 4), }   \n";
        let header = Literal::parse(header).unwrap();
        assert_eq!(header.get("fortran_order"), Some(&Literal::Flag(false)));
        assert_eq!(header.get("shape"), Some(&Literal::Items(vec![Literal::Number(3), Literal::Number(4)])));
        let Some(Literal::Items(fields)) = header.get("descr") else { panic!() };
        assert_eq!(fields.len(), 2);
    }

    #[test]
    fn what_is_no_literal() {
        let deep = "(".repeat(100_000);
        for text in ["", "{", "{'a' 1}", "(1,,)", "'open", "import os", "{1: }", "(1) 2", deep.as_str()] {
            assert_eq!(Literal::parse(text), None, "{}", &text[..text.len().min(20)]);
        }
        assert_eq!(Literal::parse("()"), Some(Literal::Items(Vec::new())));
    }
}
