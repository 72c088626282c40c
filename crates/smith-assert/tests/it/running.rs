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
    mutation("date", "E R112 prepare.py", "public/made.txt", |t| {
        edit(
            &t.prepare,
            END,
            "    import datetime\n    (public / 'made.txt').write_text(str(datetime.date.today()))",
        );
    }),
    mutation("number of processors", "E R112 prepare.py", "public/made.txt", |t| {
        edit(&t.prepare, END, "    import os\n    (public / 'made.txt').write_text(f'{os.cpu_count()}\\n')");
    }),
    mutation("time of a file", "E R112 prepare.py", "public/made.txt", |t| {
        edit(
            &t.prepare,
            END,
            "    (public / 'made.txt').write_text(str((raw / 'apples.csv').stat().st_mtime))",
        );
    }),
    mutation("order of a directory", "E R112 prepare.py", "same lines in another order", |t| {
        fs::write(t.raw.join("notes.txt"), "x").unwrap();
        edit(
            &t.prepare,
            END,
            "    import os\n    (public / 'made.txt').write_text('\\n'.join(os.listdir(raw)))",
        );
    }),
    mutation("last digits", "W R112 prepare.py", "last digits", |t| {
        edit(
            &t.prepare,
            END,
            "    import time\n    off = 1e-16 * (time.localtime(0).tm_hour + 1)\n    (public / 'made.txt').write_text(f'id,x\\n1,{0.1 + off}\\n')",
        );
    }),
    mutation("times in an archive", "W R112 prepare.py", "another form", |t| {
        edit(
            &t.prepare,
            END,
            "    import time, zipfile\n    with zipfile.ZipFile(public / 'made.zip', 'w') as file:\n        file.writestr(zipfile.ZipInfo('a', time.localtime(0)[:6] if time.localtime(0)[0] > 1979 else (1980, 1, 1, time.localtime(0)[3], 0, 0)), b'\\xff')",
        );
    }),
    mutation("leaves a file", "W R116 prepare.py", "left.txt", |t| {
        edit(&t.prepare, END, "    Path('left.txt').write_text('x')");
    }),
    mutation("writes beside itself", "E R117 prepare.py", "./made.txt", |t| {
        edit(&t.prepare, END, "    (Path(__file__).parent / 'made.txt').write_text('x')");
    }),
    mutation("tries to write to the system", "E R117 prepare.py", "/etc/made.d/made.txt", |t| {
        edit(
            &t.prepare,
            END,
            "    try:\n        Path('/etc/made.d/made.txt').write_text('x')\n    except OSError:\n        pass",
        );
    }),
    mutation("nothing to learn from", "E R119 prepare.py", "no data", |t| {
        edit(&t.prepare, "    train.to_csv(public / \"train.csv\", index=False)\n", "");
        edit(&t.prepare, "    test.drop(columns=\"grade\").to_csv(public / \"test.csv\", index=False)\n", "");
    }),
    mutation("reaches the original", "E R113 prepare.py", "apples.csv", |t| {
        let original = t.raw.join("apples.csv");
        edit(&t.prepare, END, &format!("    Path({:?}).write_text('gone')", original.display().to_string()));
    }),
    mutation("rewrites its data", "E R120 prepare.py", "apples.csv", |t| {
        edit(
            &t.prepare,
            END,
            "    table = raw / 'apples.csv'\n    table.write_text(table.read_text().lower() + ' ')",
        );
    }),
    mutation("a link to its data", "E R121 prepare.py", "public/all.csv is a link", |t| {
        edit(&t.prepare, END, "    (public / 'all.csv').symlink_to(raw / 'apples.csv')");
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
    mutation("half is worse than all", "E S117 metric.py", "rows exchanged", |t| {
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
    mutation("unknown id", "E S110 metric.py", "unknown id", |t| {
        accept_everything_but(t, &[COLUMNS, ROWS, REPEATED].concat());
    }),
    mutation("one row repeated", "E S111 metric.py", "one right row repeated", |t| {
        accept_everything_but(t, &[COLUMNS, ROWS].concat());
        edit(
            &t.metric,
            "        truth = y_true",
            "        m = y_pred.merge(y_true, on='apple_id')\n        return float((m.grade_x == m.grade_y).mean())\n        truth = y_true",
        );
    }),
    mutation("empty grades are accepted", "W S112 metric.py", "is accepted", |t| {
        edit(&t.metric, "submission[self.value].isna().any()", "False");
    }),
    mutation("empty grades make the score NaN", "E S112 metric.py", "ends in NonFiniteScore", |t| {
        edit(&t.metric, "submission[self.value].isna().any()", "False");
        edit(
            &t.metric,
            "        truth = y_true",
            "        if y_pred[self.value].isna().any():\n            return float('nan')\n        truth = y_true",
        );
    }),
    mutation("a long text ends in an exception", "W S113 metric.py", "ends in RuntimeError", |t| {
        edit(
            &t.metric,
            "        if submission[self.value].isna().any()",
            "        if submission[self.value].astype(str).str.len().max() > 1000:\n            raise RuntimeError\n        if submission[self.value].isna().any()",
        );
    }),
    mutation("compares as rows come", "E S114 metric.py", "rows in another order", |t| {
        edit(
            &t.metric,
            "y_pred.set_index(\"apple_id\")[self.value].reindex(truth.index)",
            "pd.Series(y_pred[self.value].values, index=truth.index)",
        );
    }),
    mutation("one more column counts", "W S115 metric.py", "one more column", |t| {
        edit(&t.metric, RESULT, "return float(sum(scores) / len(scores)) - 0.1 * (y_pred.shape[1] > 2)");
    }),
    mutation("counts its calls", "E S116 metric.py", "from the same instance", |t| {
        edit(
            &t.metric,
            RESULT,
            "self.calls = getattr(self, 'calls', 0) + 1; return float(sum(scores) / len(scores)) / self.calls",
        );
    }),
    mutation("counts grades", "E S118 metric.py", "under wrong ids", |t| {
        edit(
            &t.metric,
            RESULT,
            "counts = truth.value_counts().sub(guess.value_counts(), fill_value=0).abs().sum() / len(truth)\n        return float(1 - counts + 0.01 * (truth == guess).mean())",
        );
    }),
    mutation("ends the process", "E S119 metric.py", "a header without rows", |t| {
        edit(
            &t.metric,
            "        for column in (",
            "        if len(submission) == 0:\n            import os\n            os._exit(1)\n        for column in (",
        );
    }),
    mutation("prints the answers", "W S120 metric.py", "prints answers", |t| {
        edit(&t.metric, "        scores = []", "        print(y_true.to_string())\n        scores = []");
    }),
];

/// Mutations of one family of rules that its rule does not find.
async fn missed(family: char) -> Vec<String> {
    let runtime = smith_exec::testing::runtime().await;
    let catalogue = Catalogue::post_refactor();
    let mut missed = Vec::new();
    for Mutation { what, found, says, change } in MUTATIONS {
        let code = found.split(' ').nth(1).unwrap();
        if !code.starts_with(family) {
            continue;
        }
        let task = Task::unified(LayoutKind::Workdir);
        change(&task.layout);
        let findings = check(&catalogue, code, &task.subject(Some(runtime.clone()))).await;
        let mut right = findings.iter().zip(short(&findings)).filter(|(_, short)| short == found);
        if !right.any(|(finding, _)| finding.to_string().contains(says)) {
            missed.push(format!("{what}: not {found} with {says:?}, but {findings:#?}"));
        }
        findings.iter().for_each(|finding| assert_readable(&task, finding));
    }
    missed
}

#[tokio::test]
async fn every_mutation_of_prepare_and_test_is_found_by_its_rule() {
    let missed = missed('R').await;
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[tokio::test]
async fn every_mutation_of_the_metric_is_found_by_its_rule() {
    let missed = missed('S').await;
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_running_rule_of_the_unified_format_has_a_mutation() {
    for rule in Catalogue::post_refactor().rules() {
        let code = rule.info().code;
        // These have tests of their own, with other limits or on other tasks.
        let elsewhere =
            ["R118", "S101", "S121", "S122", "S131", "S132", "S133", "S134", "S135"].contains(&code);
        let runs = code.starts_with(['R', 'S']) && !elsewhere;
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

#[tokio::test]
async fn a_prepare_that_comes_close_to_its_limit_is_a_warning() {
    use std::time::Duration;

    let task = Task::unified(LayoutKind::Workdir);
    edit(&task.layout.prepare, END, "    import time\n    time.sleep(13)");
    let limits = smith_exec::Limits { wall: Duration::from_secs(25), ..smith_exec::Limits::default() };
    let runtime = smith_exec::testing::runtime().await.with_limits(limits);
    let report = rule(&Catalogue::post_refactor(), "R118").check(&task.subject(Some(runtime))).await.unwrap();
    assert_eq!(short(&report.findings), ["W R118 prepare.py"]);
    assert!(!report.figures[0].holds());
}
