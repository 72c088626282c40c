//! Values that share a fault: how many there are, and the first few.

use super::refusal::{EXAMPLES, shown};

/// Values that share a fault.
#[derive(Debug, Default)]
pub(super) struct Examples {
    count: u64,
    first_line: Option<u64>,
    /// As they are shown, with their lines.
    shown: Vec<String>,
}

impl Examples {
    pub(super) fn add(&mut self, text: &str, line: u64) {
        self.count += 1;
        self.first_line.get_or_insert(line);
        if self.shown.len() < EXAMPLES {
            self.shown.push(format!("{} (line {line})", shown(text)));
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn first_line(&self) -> Option<u64> {
        self.first_line
    }

    /// The first of them, and how many more there are.
    pub(super) fn list(&self) -> String {
        let more = self.count - self.shown.len() as u64;
        let first = self.shown.join(", ");
        if more == 0 { first } else { format!("{first} and {more} more") }
    }
}
