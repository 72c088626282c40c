//! Mutations that are found by running the scripts.

use std::fs;

use smith_assert::{AssertError, Catalogue};
use smith_task_schema::{LayoutKind, TaskLayout};

use crate::support::{Task, append, assert_readable, check, edit, edit_rows, rule, short};

struct Mutation {
    what: &'static str,
    /// Severity, code and place of the finding.
    found: &'static str,
    /// A part of its message or evidence.
    says: &'static str,
    change: fn(&TaskLayout),
}

const fn mutation(
    what: &'static str,
    found: &'static str,
    says: &'static str,
    change: fn(&TaskLayout),
) -> Mutation {
    Mutation { what, found, says, change }
}

const END: &str = "    shutil.rmtree(raw)";
const RESULT: &str = "return float(sum(scores) / len(scores))";

/// Replaces the checks of the validator by one that is always kept, so that the method is still well formed.
fn accept_everything_but(task: &TaskLayout, checks: &str) {
    let text = fs::read_to_string(&task.metric).unwrap();
    let (head, _) = text.split_once("        for column in").unwrap();
    fs::write(&task.metric, format!("{head}{checks}        return \"Submission is valid.\"\n")).unwrap();
}

const COLUMNS: &str = "        if list(submission.columns) != list(ground_truth.columns):\n            raise InvalidSubmissionError('columns')\n";
const ROWS: &str =
    "        if len(submission) < len(ground_truth):\n            raise InvalidSubmissionError('rows')\n";
const REPEATED: &str = "        if submission['apple_id'].duplicated().any():\n            raise InvalidSubmissionError('ids')\n";

const MUTATIONS: &[Mutation] = &[
    mutation("prepare fails", "E R111 prepare.py", "KeyError", |t| {
        edit(&t.prepare, "raw / \"apples.csv\", dtype=str)", "raw / \"apples.csv\", dtype=str)[\"no\"]");
    }),
    mutation("no sample", "E R111 prepare.py", "did not write sample_submission.csv into `public`", |t| {
        edit(&t.prepare, "    sample.to_csv(public / \"sample_submission.csv\", index=False)\n", "");
    }),
    mutation(
        "answers in the wrong place",
        "E R111 prepare.py",
        "did not write test_answer.csv into `private`",
        |t| {
            edit(&t.prepare, "private / \"test_answer.csv\"", "public / \"test_answer.csv\"");
        },
    ),
    mutation("order of a set", "E R112 prepare.py", "public/sample_submission.csv", |t| {
        edit(
            &t.prepare,
            "test[[\"apple_id\"]].assign(grade=\"second\")",
            "pd.DataFrame({\"apple_id\": list(set(test[\"apple_id\"])), \"grade\": \"second\"})",
        );
    }),
    mutation("local time", "E R112 prepare.py", "public/made.txt", |t| {
        edit(
            &t.prepare,
            END,
            "    import time\n    (public / 'made.txt').write_text(time.strftime('%Z', time.localtime(0)))",
        );
    }),
    mutation("own path", "E R112 prepare.py", "private/where.txt", |t| {
        edit(&t.prepare, END, "    (private / 'where.txt').write_text(str(raw))");
    }),
    mutation("reaches the original", "E R113 prepare.py", "apples.csv", |t| {
        let original = t.raw.join("apples.csv");
        edit(&t.prepare, END, &format!("    Path({:?}).write_text('gone')", original.display().to_string()));
    }),
    mutation("other answers shipped", "E R114 private/test_answer.csv", "private/test_answer.csv", |t| {
        edit_rows(&t.test_answer(), |_, line| line.replace("juice", "first"));
    }),
    mutation("a file too many shipped", "E R114 public/notes.txt", "public/notes.txt", |t| {
        fs::write(t.public.join("notes.txt"), "x").unwrap();
    }),
    mutation("other sample shipped", "W R114 public/sample_submission.csv", "sample_submission", |t| {
        edit_rows(&t.sample_submission(), |_, line| line.replace("second", "juice"));
    }),
    mutation("test fails", "E R115 test.py", "AssertionError", |t| append(&t.test, "\nassert False, 'no'\n")),
    mutation("metric cannot be loaded", "E S102 metric.py", "no_such_module", |t| {
        edit(&t.metric, "import pandas as pd", "import pandas as pd, no_such_module");
    }),
    mutation("metric without a direction", "E S102 metric.py", "higher_is_better", |t| {
        edit(&t.metric, "super().__init__(higher_is_better)", "self.higher_is_better = 'yes'");
    }),
    mutation("sample is refused", "E S103 public/sample_submission.csv", "a grade is bad", |t| {
        edit(
            &t.metric,
            "        if submission[self.value].isna().any():\n            raise InvalidSubmissionError(\"a grade is empty\")",
            "        if (submission[self.value] == 'second').all():\n            raise InvalidSubmissionError('a grade is bad')",
        );
    }),
    mutation("no finite score", "E S103 public/sample_submission.csv", "NonFiniteScore", |t| {
        edit(&t.metric, RESULT, "return float('nan')");
    }),
    mutation("evaluate fails", "E S103 public/sample_submission.csv", "ZeroDivisionError", |t| {
        edit(&t.metric, RESULT, "return 1 / 0");
    }),
    mutation("float32", "E S104 metric.py", "numpy.float32", |t| {
        edit(&t.metric, RESULT, "import numpy; return numpy.float32(sum(scores))");
    }),
    mutation("int", "E S104 metric.py", "`int`", |t| edit(&t.metric, RESULT, "return int(10 * sum(scores))")),
    mutation(
        "constant beats the answers",
        "E S105 metric.py",
        "the most frequent answer in every row",
        |t| {
            edit(&t.metric, RESULT, "return 2.0 if guess.nunique() == 1 else sum(scores) / len(scores)");
        },
    ),
    mutation("answers are refused", "E S105 metric.py", "too many grades", |t| {
        edit(
            &t.metric,
            "        return \"Submission is valid.\"",
            "        if submission[self.value].nunique() > 1:\n            raise InvalidSubmissionError('too many grades')",
        );
    }),
    mutation("wrong direction", "E S106 metric.py", "higher_is_better=False", |t| {
        edit(&t.metric, "higher_is_better: bool = True", "higher_is_better: bool = False");
    }),
    mutation("tells nothing apart", "E S106 metric.py", "score the same", |t| {
        edit(&t.metric, RESULT, "return 0.5");
    }),
    mutation("half is worse than all", "E S106 metric.py", "half-corrupted", |t| {
        edit(
            &t.metric,
            RESULT,
            "share = (truth == guess).mean(); return float(share if share in (0.0, 1.0) else -share)",
        );
    }),
    mutation("column may be missing", "E S107 metric.py", "KeyError", |t| accept_everything_but(t, ROWS)),
    mutation("rows may be missing", "E S108 metric.py", "is accepted", |t| {
        accept_everything_but(t, &[COLUMNS, REPEATED].concat());
    }),
    mutation("row twice", "E S109 metric.py", "first row written twice", |t| {
        accept_everything_but(t, &[COLUMNS, ROWS].concat());
        edit(
            &t.metric,
            "set_index(\"apple_id\")[self.value].reindex",
            "drop_duplicates(\"apple_id\").set_index(\"apple_id\")[self.value].reindex",
        );
    }),
    mutation("row in place of another", "E S109 metric.py", "in place of the last one", |t| {
        accept_everything_but(
            t,
            "        if len(submission) != len(ground_truth):\n            raise InvalidSubmissionError('rows')\n",
        );
        edit(
            &t.metric,
            "set_index(\"apple_id\")[self.value].reindex",
            "drop_duplicates(\"apple_id\").set_index(\"apple_id\")[self.value].reindex",
        );
    }),
    mutation("unknown id", "W S110 metric.py", "unknown id", |t| {
        accept_everything_but(t, &[COLUMNS, ROWS, REPEATED].concat());
    }),
];

#[tokio::test]
async fn every_mutation_is_found_by_its_rule() {
    let runtime = smith_exec::testing::runtime().await;
    let catalogue = Catalogue::post_refactor();
    let mut missed = Vec::new();
    for Mutation { what, found, says, change } in MUTATIONS {
        let task = Task::unified(LayoutKind::Workdir);
        change(&task.layout);
        let code = found.split(' ').nth(1).unwrap();
        let findings = check(&catalogue, code, &task.subject(Some(runtime.clone()))).await;
        let mut right = findings.iter().zip(short(&findings)).filter(|(_, short)| short == found);
        if !right.any(|(finding, _)| finding.to_string().contains(says)) {
            missed.push((what, findings.clone()));
        }
        findings.iter().for_each(|finding| assert_readable(&task, finding));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_running_rule_of_the_unified_format_has_a_mutation() {
    for rule in Catalogue::post_refactor().rules() {
        let code = rule.info().code;
        let runs = code.starts_with('R') || (code.starts_with('S') && code != "S101");
        assert!(
            !runs || MUTATIONS.iter().any(|mutation| mutation.found.contains(code)),
            "{code} has no mutation"
        );
    }
}

#[tokio::test]
async fn a_rule_that_has_nothing_to_stand_on_is_not_run() {
    let runtime = smith_exec::testing::runtime().await;
    type Case = (&'static str, &'static str, fn(&TaskLayout));
    let cases: &[Case] = &[
        ("R111", "raw/ is missing", |t| fs::remove_dir_all(&t.raw).unwrap()),
        ("R112", "R111", |t| edit(&t.prepare, END, "    raise ValueError")),
        ("R114", "are empty", |t| {
            fs::remove_dir_all(&t.public).unwrap();
            fs::remove_dir_all(&t.private).unwrap();
        }),
        ("S103", "metric.py is missing", |t| fs::write(&t.metric, "class (").unwrap()),
        ("S105", "S102", |t| fs::write(&t.metric, "raise ValueError\n").unwrap()),
        ("S106", "S105", |t| edit(&t.metric, RESULT, "return float('nan')")),
        ("S107", "S101", |t| edit(&t.sample_submission(), "apple_id", "id")),
    ];
    let catalogue = Catalogue::post_refactor();
    for (code, why, change) in cases {
        let task = Task::unified(LayoutKind::Workdir);
        change(&task.layout);
        match rule(&catalogue, code).check(&task.subject(Some(runtime.clone()))).await {
            Err(AssertError::NotRun(reason)) => assert!(reason.contains(why), "{code}: {reason}"),
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn files_that_tools_add_to_the_data_are_not_held_against_it() {
    let task = Task::unified(LayoutKind::Workdir);
    fs::write(task.layout.public.join("data_structure.txt"), "x").unwrap();
    fs::write(task.layout.private.join("private_leaderboard.csv"), "rank,score\n").unwrap();
    let subject = task.subject(Some(smith_exec::testing::runtime().await));
    assert_eq!(check(&Catalogue::post_refactor(), "R114", &subject).await, []);
}
