//! Defects of the data and of its split, planted into small made tasks, and what only looks like them.

mod alike;
mod copies;
mod data;
mod masks;
mod origin;
mod records;
mod split;

use std::collections::BTreeMap;
use std::fs;

use smith_assert::{Catalogue, Subject};
use smith_task_schema::{Finding, LayoutKind, Severity, TaskLayout};

/// A task of files, each with its text or bytes.
#[derive(Default)]
struct Made {
    files: BTreeMap<String, Vec<u8>>,
}

/// A number below `of` that only its place decides.
fn noise(seed: u64, at: usize, of: u64) -> u64 {
    let mut x = (seed << 32 | at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) % of
}

impl Made {
    fn put(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    fn table(self, path: &str, header: &str, rows: impl Iterator<Item = String>) -> Self {
        let text = rows.fold(format!("{header}\n"), |text, row| text + &row + "\n");
        self.put(path, text)
    }

    /// Answers and a sample for ids from `first` on.
    fn answers(self, first: usize, count: usize, answer: impl Fn(usize) -> String) -> Self {
        let rows = first..first + count;
        self.table("private/test_answer.csv", "id,y", rows.clone().map(|at| format!("{at},{}", answer(at))))
            .table("public/sample_submission.csv", "id,y", rows.map(|at| format!("{at},{}", answer(first))))
    }

    /// Two hundred rows to learn from and a hundred to predict, of features that bear on the class.
    fn tabular() -> Self {
        let made = Self::default().answers(200, 100, class);
        made.table(
            "public/train.csv",
            "id,a,b,c,d,e,y",
            (0..200).map(|at| format!("{at},{},{}", features(at), class(at))),
        )
        .table("public/test.csv", "id,a,b,c,d,e", (200..300).map(|at| format!("{at},{}", features(at))))
        .put("description.txt", "Predict the class y from five measurements. The metric is accuracy.")
    }

    async fn check(&self, code: &str) -> Vec<Finding> {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in &self.files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let layout = TaskLayout::at(LayoutKind::Workdir, dir.path());
        let subject = Subject::new(layout, None, dir.path().join("scratch"));
        // A rule that has nothing to judge finds nothing.
        match crate::support::rule(&Catalogue::post_refactor(), code).check(&subject).await {
            Ok(report) => report.findings,
            Err(smith_assert::AssertError::NotRun(_)) => Vec::new(),
            Err(fault) => panic!("{code}: {fault}"),
        }
    }

    async fn weight(&self, code: &str) -> Option<Severity> {
        let findings = self.check(code).await;
        findings.iter().for_each(|finding| assert!(finding.message.len() > 40, "{finding}"));
        findings.iter().map(|finding| finding.severity).max()
    }
}

fn features(at: usize) -> String {
    let number = |seed| noise(seed, at, 100_000) as f64 / 1_000.0;
    format!("{},{},{},{},{}", number(1), number(2), number(3), number(4), noise(5, at, 9))
}

fn class(at: usize) -> String {
    if noise(1, at, 100_000) + noise(9, at, 20_000) > 60_000 { "high" } else { "low" }.to_owned()
}

const ERROR: Option<Severity> = Some(Severity::Error);
const WARNING: Option<Severity> = Some(Severity::Warning);

/// Every rule of the family but those that need other files.
const ON_TABLES: [&str; 10] =
    ["Q101", "Q112", "Q120", "Q121", "Q122", "Q123", "Q124", "Q125", "Q130", "Q131"];

#[tokio::test]
async fn a_sound_table_has_no_finding() {
    let made = Made::tabular();
    for code in ON_TABLES {
        assert_eq!(made.check(code).await, [], "{code}");
    }
}

#[tokio::test]
async fn nothing_breaks_on_hostile_tables() {
    let odd =
        ["", "\n", "id\n", "id,y\n", "\u{0}\u{1}", "id,y\n\"", "id;y\n1;NaN\n1e999;inf\n", "a,a,a\n,,\n,,\n"];
    for (at, text) in odd.into_iter().enumerate() {
        let made =
            Made::tabular().put("public/train.csv", text).put("public/test.csv", odd[(at + 3) % odd.len()]);
        for rule in Catalogue::post_refactor().rules().iter().filter(|rule| rule.info().code.starts_with('Q'))
        {
            made.check(rule.info().code).await;
        }
    }
}

#[test]
fn every_rule_of_the_family_has_a_test() {
    let tests = [
        include_str!("alike.rs"),
        include_str!("copies.rs"),
        include_str!("data.rs"),
        include_str!("masks.rs"),
        include_str!("origin.rs"),
        include_str!("records.rs"),
        include_str!("split.rs"),
    ]
    .concat();
    let tests: String = tests.split_whitespace().collect();
    for rule in Catalogue::post_refactor().rules().iter().filter(|rule| rule.info().code.starts_with('Q')) {
        let is = |weight: &str| tests.contains(&format!("weight(\"{}\").await,{weight}", rule.info().code));
        assert!(is("WARNING") || is("ERROR"), "{} finds nothing", rule.info().code);
        assert!(is("None"), "{} is never silent", rule.info().code);
    }
}
