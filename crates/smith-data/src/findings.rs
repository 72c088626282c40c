//! Collects what is odd about a dataset, so many at most.

use smith_task_schema::profile::ProfileFinding;

/// More findings than this tell a reader nothing new.
const LIMIT: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<ProfileFinding>,
    left_out: u64,
}

impl Findings {
    pub(crate) fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.push(ProfileFinding::warning(path, message));
    }

    pub(crate) fn error(&mut self, path: &str, message: impl Into<String>) {
        self.push(ProfileFinding::error(path, message));
    }

    fn push(&mut self, finding: ProfileFinding) {
        if self.list.len() < LIMIT {
            self.list.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds the findings of a part, behind those that are there.
    pub(crate) fn absorb(&mut self, part: Self) {
        part.list.into_iter().for_each(|finding| self.push(finding));
        self.left_out += part.left_out;
    }

    /// All findings, in the order in which they were made.
    pub(crate) fn finish(mut self) -> Vec<ProfileFinding> {
        if self.left_out > 0 {
            let message = format!("{} further findings are left out", self.left_out);
            self.list.push(ProfileFinding::warning("", message));
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut findings = Findings::default();
        for i in 0..LIMIT + 3 {
            findings.warn(&i.to_string(), "odd");
        }
        let list = findings.finish();
        assert_eq!(list.len(), LIMIT + 1);
        assert_eq!(list[LIMIT].message, "3 further findings are left out");
    }
}
