//! Mutations of the free-form work directory.

use std::fs;

use smith_assert::Catalogue;
use smith_task_schema::{TaskLayout, Verdict};

use crate::support::{Task, append, assert_readable, edit, short};

type Mutation = (&'static str, &'static str, &'static str, fn(&TaskLayout));

/// What is changed, the finding, and a part of it.
const MUTATIONS: &[Mutation] = &[
    ("no test", "E L101 test.py", "is missing", |t| fs::remove_file(&t.test).unwrap()),
    ("empty description", "E L101 description.txt", "is empty", |t| fs::write(&t.description, "").unwrap()),
    ("broken prepare", "E P101 prepare.py:11", "parse", |t| edit(&t.prepare, "def main():", "def main(:")),
    ("broken metric", "E M101 metric.py:4", "parse", |t| edit(&t.metric, "def validate(", "def (")),
    ("broken test", "E L103 test.py:1", "parse", |t| fs::write(&t.test, "import (").unwrap()),
    ("prepare fails", "E R101 prepare.py", "exit code 3", |t| {
        append(&t.prepare, "    raise SystemExit(3)\n");
    }),
    ("no answers", "E R102 prepare.py", "no test_answer.csv", |t| {
        edit(&t.prepare, "test_answer.csv", "answers.csv");
    }),
    ("old answers do not count", "E R102 prepare.py", "no test_answer.csv", |t| {
        edit(&t.prepare, "test_answer.csv", "answers.csv");
        fs::write(t.root.join("test_answer.csv"), "apple_id,grade\nA1,first\n").unwrap();
    }),
    ("answers in raw/ do not count", "E R102 prepare.py", "no test_answer.csv", |t| {
        edit(&t.prepare, "out / \"test_answer.csv\"", "HERE / \"raw\" / \"test_answer.csv\"");
    }),
    ("no sample", "E R102 prepare.py", "no sample_submission.csv", |t| {
        edit(&t.prepare, "sample_submission.csv", "sample.csv");
    }),
    ("sample without rows", "E R102 competition/sample_submission.csv", "no rows", |t| {
        edit(&t.prepare, "test[[\"apple_id\"]].assign", "test[[\"apple_id\"]].head(0).assign");
    }),
    ("short sample", "E R102 competition/sample_submission.csv", "it has 5 rows", |t| {
        edit(&t.prepare, "test[[\"apple_id\"]].assign", "test[[\"apple_id\"]].head(5).assign");
    }),
    ("test fails", "E R103 test.py", "no good", |t| append(&t.test, "\nraise ValueError('no good')\n")),
];

#[tokio::test]
async fn every_mutation_of_a_design_is_found() {
    let runtime = smith_exec::testing::runtime().await;
    for (what, found, says, change) in MUTATIONS {
        let task = Task::design();
        change(&task.layout);
        let outcome = Catalogue::pre_refactor().check(&task.subject(Some(runtime.clone()))).await.unwrap();
        let shorts = short(&outcome.findings);
        let right = outcome
            .findings
            .iter()
            .zip(&shorts)
            .find(|(finding, short)| short == found && finding.to_string().contains(says));
        assert!(right.is_some(), "{what}: {:#?}", outcome.findings);
        assert_eq!(outcome.verdict(), Verdict::Rejected, "{what}");
        outcome.findings.iter().for_each(|finding| assert_readable(&task, finding));
    }
}

#[test]
fn every_rule_for_designs_has_a_mutation() {
    for rule in Catalogue::pre_refactor().rules() {
        let code = rule.info().code;
        assert!(MUTATIONS.iter().any(|mutation| mutation.1.contains(code)), "{code} has no mutation");
    }
}

#[tokio::test]
async fn rules_that_need_an_earlier_one_say_so() {
    let task = Task::design();
    fs::remove_dir_all(&task.layout.raw).unwrap();
    let runtime = smith_exec::testing::runtime().await;
    let outcome = Catalogue::pre_refactor().check(&task.subject(Some(runtime))).await.unwrap();
    let codes: Vec<_> = outcome.skipped.iter().map(|(code, why)| (code.as_str(), why.as_str())).collect();
    assert_eq!(
        codes,
        [("R101", "raw/ is missing"), ("R102", "raw/ is missing"), ("R103", "raw/ is missing")]
    );
}
