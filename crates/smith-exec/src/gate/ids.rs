//! Compares the ids of a submission with those that are expected, as text.

use super::examples::Examples;
use super::refusal::{EXAMPLES, Refusal, RefusalKind, listed, shown};
use super::shape::Ids;

/// What has been seen of the ids so far.
pub(super) struct IdJudge<'a> {
    expected: &'a Ids,
    /// For each row of the answers, whether its id has occurred.
    seen: Vec<bool>,
    unknown: Examples,
    repeated: Examples,
    /// The first unknown ids, for a hint.
    strangers: Vec<String>,
    /// How many rows were read, and whether all of them were in the order of the answers.
    rows: usize,
    in_order: bool,
}

impl<'a> IdJudge<'a> {
    pub(super) fn new(expected: &'a Ids) -> Self {
        Self {
            expected,
            seen: vec![false; expected.rows.len()],
            unknown: Examples::default(),
            repeated: Examples::default(),
            strangers: Vec::new(),
            rows: 0,
            in_order: true,
        }
    }

    /// Takes the id of the next row.
    pub(super) fn see(&mut self, id: &str, line: u64) {
        match self.expected.rows.get(id) {
            Some(&row) => {
                self.in_order &= row == self.rows;
                if std::mem::replace(&mut self.seen[row], true) {
                    self.repeated.add(id, line);
                }
            }
            None => {
                self.unknown.add(id, line);
                if self.strangers.len() < EXAMPLES {
                    self.strangers.push(id.to_owned());
                }
            }
        }
        self.rows += 1;
    }

    /// Says, after the last row, whether the rows are in the order of the answers.
    ///
    /// # Errors
    /// A refusal unless every expected id occurred once, and no other.
    pub(super) fn finish(&self) -> Result<bool, Refusal> {
        let missing = self.missing();
        let mut faults = Vec::new();
        if self.unknown.count() > 0 {
            let text = format!("{} unknown: {}", self.unknown.count(), self.unknown.list());
            faults.push((RefusalKind::UnknownIds, self.unknown.first_line(), text));
        }
        if self.repeated.count() > 0 {
            let text = format!("{} repeated: {}", self.repeated.count(), self.repeated.list());
            faults.push((RefusalKind::DuplicateIds, self.repeated.first_line(), text));
        }
        if !missing.is_empty() {
            let text = format!("{} missing: {}", missing.len(), listed(&missing));
            faults.push((RefusalKind::MissingIds, None, text));
        }
        let Some((kind, line, _)) = faults.first() else { return Ok(self.in_order) };
        let (kind, line) = (*kind, *line);
        let texts: Vec<String> = faults.into_iter().map(|(_, _, text)| text).collect();
        let message = format!(
            "the ids are not those of the sample submission, each of which needs one row; {}{}",
            texts.join("; "),
            self.hint()
        );
        Err(Refusal { line, ..Refusal::new(kind, message) })
    }

    /// The expected ids that did not occur, in the order of the answers.
    fn missing(&self) -> Vec<&'a str> {
        let rows = self.expected.rows.iter().filter(|&(_, &row)| !self.seen[row]);
        let mut missing: Vec<(usize, &str)> = rows.map(|(id, &row)| (row, &**id)).collect();
        missing.sort_unstable();
        missing.into_iter().map(|(_, id)| id).collect()
    }

    /// Names an unknown id that is an expected one in another spelling.
    fn hint(&self) -> String {
        let found = self.strangers.iter().find_map(|stranger| {
            let bare = as_number(stranger);
            let meant = self.expected.rows.keys().filter(|id| as_number(id) == bare).min()?;
            Some((stranger, meant))
        });
        found.map_or_else(String::new, |(stranger, meant)| {
            format!(
                "; ids are compared as text: {} has to be written {} (read and write ids with dtype=str)",
                shown(stranger),
                shown(meant)
            )
        })
    }
}

/// The id without what reading it as a number loses or adds: space around it, leading zeros, `.0`.
fn as_number(id: &str) -> &str {
    let bare = id.trim();
    let whole = match bare.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => bare,
    };
    let stripped = whole.trim_start_matches('0');
    if stripped.is_empty() && !whole.is_empty() { "0" } else { stripped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(expected: &[&str], given: &[&str]) -> Result<bool, Refusal> {
        let rows = expected.iter().enumerate().map(|(row, id)| ((*id).into(), row)).collect();
        let ids = Ids { column: 0, rows };
        let mut judge = IdJudge::new(&ids);
        for (row, id) in given.iter().enumerate() {
            judge.see(id, row as u64 + 2);
        }
        judge.finish()
    }

    #[test]
    fn the_same_ids_in_any_order_pass() {
        assert_eq!(judged(&["1", "2", "NA"], &["1", "2", "NA"]), Ok(true));
        assert_eq!(judged(&["1", "2", "NA"], &["2", "1", "NA"]), Ok(false));
    }

    #[test]
    fn other_ids_are_refused_with_examples() {
        for (given, kind, line, words) in [
            (&["1", "2", "3", "4"][..], RefusalKind::MissingIds, None, "1 missing: \"5\""),
            (
                &["5", "5"],
                RefusalKind::DuplicateIds,
                Some(3),
                "1 repeated: \"5\" (line 3); 4 missing: \"1\", \"2\", \"3\" and 1 more",
            ),
            (
                &["1", "2", "3", "4", "5", "1"],
                RefusalKind::DuplicateIds,
                Some(7),
                "1 repeated: \"1\" (line 7)",
            ),
            (
                &["1", "a", "a", "b", "c"],
                RefusalKind::UnknownIds,
                Some(3),
                "4 unknown: \"a\" (line 3), \"a\" (line 4), \"b\" (line 5) and 1 more; 4 missing",
            ),
            (&["1", "2", "3", "4", "5", ""], RefusalKind::UnknownIds, Some(7), "1 unknown: \"\" (line 7)"),
        ] {
            let refusal = judged(&["1", "2", "3", "4", "5"], given).unwrap_err();
            assert_eq!((refusal.kind, refusal.line), (kind, line), "{given:?}");
            assert!(refusal.message.contains(words), "{given:?}: {refusal}");
            assert!(!refusal.message.contains("compared as text"), "{refusal}");
        }
    }

    #[test]
    fn ids_that_went_through_a_number_are_explained() {
        for (expected, given) in
            [("001", "1"), ("1", "1.0"), ("1.0", "1"), ("1", "01"), ("1", " 1"), ("000", "0"), ("0", "0.00")]
        {
            let refusal = judged(&["b", expected], &["a", given]).unwrap_err();
            assert_eq!(refusal.kind, RefusalKind::UnknownIds, "{expected:?} {given:?}");
            let words = format!("{given:?} has to be written {expected:?}");
            assert!(refusal.message.contains(&words), "{refusal}");
        }
        for (expected, given) in
            [("10", "1"), ("1", "1.5"), ("a", "b"), ("", "0"), ("1.5", "1"), ("100", "1.00")]
        {
            let refusal = judged(&[expected], &[given]).unwrap_err();
            assert!(!refusal.message.contains("has to be written"), "{refusal}");
        }
    }
}
