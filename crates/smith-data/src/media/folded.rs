//! Findings of many files, folded by what they say.

use std::collections::BTreeMap;

use smith_task_schema::figure::grouped;
use smith_task_schema::finding::Severity;

use crate::findings::Findings;

/// So many files with the same finding are named one by one.
const ONE_BY_ONE: usize = 3;

/// What is odd about files of one kind, by message.
pub(crate) struct Folded {
    /// What the files are, such as `images`.
    noun: &'static str,
    total: usize,
    by_message: BTreeMap<(Severity, String), Fold>,
}

/// The files with one finding.
#[derive(Default)]
struct Fold {
    count: u64,
    /// The first of them.
    paths: Vec<String>,
}

impl Folded {
    /// For `total` files that are called `noun`.
    pub(crate) fn new(noun: &'static str, total: usize) -> Self {
        Self { noun, total, by_message: BTreeMap::new() }
    }

    /// A file of which nothing is lost. The message goes on from the file's name and from "12 images: each …".
    pub(crate) fn warn(&mut self, path: &str, message: impl Into<String>) {
        self.push(Severity::Warning, path, message.into());
    }

    /// A file that cannot be read, or a part of it.
    pub(crate) fn error(&mut self, path: &str, message: impl Into<String>) {
        self.push(Severity::Error, path, message.into());
    }

    fn push(&mut self, severity: Severity, path: &str, message: String) {
        let fold = self.by_message.entry((severity, message)).or_default();
        fold.count += 1;
        if fold.paths.len() < ONE_BY_ONE {
            fold.paths.push(path.to_string());
        }
    }

    /// Few files with the same finding become findings of theirs, many a single one of the dataset.
    pub(crate) fn finish(self, findings: &mut Findings) {
        for ((severity, message), fold) in self.by_message {
            let add = |findings: &mut Findings, path: &str, text: String| match severity {
                Severity::Error => findings.error(path, text),
                Severity::Warning => findings.warn(path, text),
            };
            if fold.count <= ONE_BY_ONE as u64 {
                fold.paths.iter().for_each(|path| add(findings, path, message.clone()));
                continue;
            }
            let named: Vec<String> = fold.paths.iter().map(|path| format!("`{path}`")).collect();
            let (count, total) = (grouped(fold.count), grouped(self.total as u64));
            let text =
                format!("{count} of {total} {}, such as {}: each {message}", self.noun, named.join(", "));
            add(findings, "", text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_named_and_many_are_counted() {
        let mut folded = Folded::new("images", 8_121);
        for i in 0..1_200 {
            folded.error(&format!("{i}.png"), "cannot be read");
        }
        folded.warn("a.png", "is blank");
        let mut findings = Findings::default();
        folded.finish(&mut findings);
        let list = findings.finish();
        let messages: Vec<(&str, &str)> =
            list.iter().map(|finding| (finding.path.as_str(), finding.message.as_str())).collect();
        let many = "1,200 of 8,121 images, such as `0.png`, `1.png`, `2.png`: each cannot be read";
        assert!(messages.contains(&("", many)), "{messages:?}");
        assert!(messages.contains(&("a.png", "is blank")));
        assert_eq!(messages.len(), 2);
    }
}
