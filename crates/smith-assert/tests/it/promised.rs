//! What is promised against what is computed: slips are found, and usual ways of computing are not held against anyone.

use std::fs;

use smith_assert::{AssertError, Catalogue, Subject};
use smith_task_schema::{Finding, LayoutKind, Severity, TaskLayout};

use crate::kinds::{Answers, tables};

/// What the description says of the metric, what `evaluate` returns, and what is found.
struct Case {
    promise: &'static str,
    answers: Answers,
    higher: bool,
    /// Of `t` and `p`, the two tables in one order.
    value: &'static str,
    /// Code and severity; nothing for a sound one.
    found: Option<(&'static str, Severity)>,
}

const fn sound(promise: &'static str, answers: Answers, higher: bool, value: &'static str) -> Case {
    Case { promise, answers, higher, value, found: None }
}

const fn wrong(promise: &'static str, answers: Answers, higher: bool, value: &'static str) -> Case {
    Case { promise, answers, higher, value, found: Some(("S131", Severity::Error)) }
}

const fn unused(promise: &'static str, answers: Answers, value: &'static str) -> Case {
    Case { promise, answers, higher: true, value, found: Some(("S132", Severity::Error)) }
}

const RMSE: &str = "np.sqrt(((t.y - p.y) ** 2).mean())";
const MAP: &str = "np.mean([sum((x in a.split() and x not in b.split()[:i]) / (i + 1) * \
                   len(set(a.split()) & set(b.split()[:i + 1])) for i, x in enumerate(b.split()[:3])) \
                   / min(len(set(a.split())), 3) for a, b in zip(t.y, p.y)])";
const DICE: &str =
    "np.mean([2 * len(m(a) & m(b)) / max(len(m(a)) + len(m(b)), 1) for a, b in zip(t.y, p.y)])";
const FOUND: &str = "np.mean([len(m(a) & m(b)) / max(len(m(a)), 1) for a, b in zip(t.y, p.y)])";

const CASES: &[Case] = &[
    sound("Root mean squared error (RMSE). Lower is better.", Answers::Prices, false, RMSE),
    sound(
        "RMSE, given with the opposite sign, so that higher is better.",
        Answers::Prices,
        true,
        "-np.sqrt(((t.y - p.y) ** 2).mean())",
    ),
    sound("The root of the mean of the squared errors.", Answers::Prices, false, RMSE),
    sound(
        "RMSE of the logarithms of the prices.",
        Answers::Prices,
        false,
        "np.sqrt(((np.log(t.y) - np.log(p.y)) ** 2).mean())",
    ),
    sound(
        "A weighted MAE: errors above 50 count twice.",
        Answers::Prices,
        false,
        "((t.y - p.y).abs() * (1 + ((t.y - p.y).abs() > 50))).mean()",
    ),
    sound("F1 score.", Answers::Labels, true, "f1_score(t.y, p.y, average='weighted')"),
    sound("Macro-averaged F1, not accuracy.", Answers::Labels, true, "f1_score(t.y, p.y, average='macro')"),
    sound("Accuracy in percent.", Answers::Labels, true, "100 * (t.y == p.y).mean()"),
    sound(
        "Quadratic weighted kappa.",
        Answers::Grades,
        true,
        "cohen_kappa_score(t.y, p.y, weights='quadratic')",
    ),
    sound("MAP@3: mean average precision at 3.", Answers::Tags, true, MAP),
    sound("The Dice coefficient, averaged over images.", Answers::Masks, true, DICE),
    wrong(
        "Root mean squared error (RMSE). Lower is better.",
        Answers::Prices,
        false,
        "((t.y - p.y) ** 2).mean()",
    ),
    wrong("MASE, the mean absolute scaled error.", Answers::Prices, false, "(t.y - p.y).abs().mean()"),
    sound("MASE, the mean absolute scaled error.", Answers::Prices, false, "(t.y - p.y).abs().mean() / 7.25"),
    wrong("Mean absolute error (MAE).", Answers::Prices, false, "(t.y - p.y).abs().median()"),
    wrong("Mean absolute error (MAE).", Answers::Prices, false, "(t.y - p.y).abs().sum()"),
    wrong("Mean absolute error (MAE).", Answers::Prices, false, "(t.y - p.y)[:-1].abs().mean()"),
    wrong(
        "Coefficient of determination R2.",
        Answers::Prices,
        true,
        "1 - ((t.y - p.y) ** 2).sum() / max(((p.y - p.y.mean()) ** 2).sum(), 1e-9)",
    ),
    wrong("Macro-averaged F1.", Answers::Labels, true, "f1_score(t.y, p.y, average='micro')"),
    wrong("Quadratic weighted kappa.", Answers::Grades, true, "cohen_kappa_score(t.y, p.y)"),
    wrong("MAP@5: mean average precision at 5.", Answers::Tags, true, MAP),
    wrong("The Dice coefficient, averaged over images.", Answers::Masks, true, FOUND),
    wrong(
        "Macro-averaged F1.",
        Answers::Labels,
        true,
        "f1_score(t.y, p.y, labels=sorted(set(p.y)), average='macro', zero_division=0)",
    ),
    Case {
        found: Some(("S122", Severity::Error)),
        ..sound("Mean absolute error (MAE).", Answers::Prices, false, "(t.y - p.y).abs().mean() + 50")
    },
    sound("Mean absolute error (MAE).", Answers::Prices, true, "1 / (1 + (t.y - p.y).abs().mean())"),
    unused("A score of our own.", Answers::Labels, "(t.y == p.y)[:60].mean()"),
];

fn metric(case: &Case) -> String {
    let higher = if case.higher { "True" } else { "False" };
    format!(
        "import numpy as np\nfrom sklearn.metrics import *\n\
         from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError\n\n\
         def m(text):\n\
         \x20   runs = [int(x) for x in str(text).split()] if str(text) != 'nan' else []\n\
         \x20   return {{x for a, n in zip(runs[::2], runs[1::2]) for x in range(a, a + n)}}\n\n\
         def refuse():\n\
         \x20   raise InvalidSubmissionError('not a prediction')\n\n\
         class CaseMetrics(CompetitionMetrics):\n\
         \x20   def __init__(self, value: str = 'y', higher_is_better: bool = {higher}):\n\
         \x20       super().__init__(higher_is_better)\n\n\
         \x20   def evaluate(self, y_true, y_pred):\n\
         \x20       t = y_true.sort_values('id').reset_index(drop=True)\n\
         \x20       p = y_pred.sort_values('id').reset_index(drop=True)\n\
         \x20       return float({})\n\n\
         \x20   def validate_submission(self, submission, ground_truth):\n\
         \x20       if sorted(submission['id']) != sorted(ground_truth['id']) or submission.isna().any().any():\n\
         \x20           raise InvalidSubmissionError('ids')\n",
        case.value
    )
}

async fn findings_of(case: &Case) -> Vec<Finding> {
    let description =
        format!("# Task\nPredict y.\n\n## Evaluation\n{}\n\n## Files\n- `test.csv`\n", case.promise);
    findings_with(case, description).await
}

async fn findings_with(case: &Case, description: String) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let layout = TaskLayout::at(LayoutKind::Workdir, dir.path());
    let (truth, sample) = tables(case.answers);
    for (path, text) in [
        (&layout.metric, metric(case)),
        (&layout.description, description),
        (&layout.test_answer(), truth),
        (&layout.sample_submission(), sample),
    ] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let runtime = smith_exec::testing::runtime().await;
    let subject = Subject::new(layout, Some(runtime), dir.path().join("scratch"));
    let mut found = Vec::new();
    for rule in Catalogue::post_refactor().rules() {
        if !["S121", "S122", "S131", "S132", "S133"].contains(&rule.info().code) {
            continue;
        }
        match rule.check(&subject).await {
            Ok(report) => found.extend(report.findings),
            Err(AssertError::NotRun(_)) => {}
            Err(error) => panic!("{}: {error}", case.promise),
        }
    }
    found
}

#[tokio::test]
async fn slips_are_found_and_usual_readings_are_not() {
    let mut failed = Vec::new();
    for case in CASES {
        let found = findings_of(case).await;
        let right = match case.found {
            None => found.is_empty(),
            Some((code, severity)) => found.iter().any(|f| f.rule == code && f.severity == severity),
        };
        if !right {
            failed.push(format!("{} {}: {found:#?}", case.promise, case.value));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn numbers_below_all_answers_have_to_be_scored_or_refused() {
    let case = |value| Case { found: None, ..sound("RMSLE", Answers::Prices, false, value) };
    let found =
        findings_of(&case("np.sqrt(((np.log1p(t.y) - np.log1p(p.y)) ** 2).mean(skipna=False))")).await;
    assert!(found.iter().any(|f| f.rule == "S133" && f.severity == Severity::Error), "{found:#?}");
    let clipped = "np.sqrt(((np.log1p(t.y) - np.log1p(p.y.clip(lower=0))) ** 2).mean())";
    assert_eq!(findings_of(&case(clipped)).await, []);
}

#[tokio::test]
async fn rounded_scores_are_warned_of() {
    let case = sound("Accuracy", Answers::Labels, true, "round((t.y == p.y).mean(), 1)");
    let found = findings_of(&case).await;
    assert!(found.iter().any(|f| f.rule == "S131" && f.severity == Severity::Warning), "{found:#?}");
}

/// Answers, lines of the metric that refuse, the example, and the severity of what is found.
const SHOWN: &[(Answers, &str, &str, Option<Severity>)] = &[
    (Answers::Labels, "p.y.isin(['red', 'green', 'blue'])", "7,red\n9,blue", None),
    (Answers::Labels, "p.y.isin(['red', 'green', 'blue'])", "7,crimson", Some(Severity::Warning)),
    (Answers::Labels, "p.y.isin(['red', 'green', 'blue'])", "7,<colour>\n...,...", None),
    (Answers::Tags, "p.y.str.match('^w[0-9]+( w[0-9]+)*$')", "7,w1 w2", None),
    (Answers::Tags, "p.y.str.match('^w[0-9]+( w[0-9]+)*$')", "7,\"w1, w2\"", Some(Severity::Error)),
    (Answers::Binary, "p.y.between(0, 1)", "7,0.25", None),
    (Answers::Binary, "p.y.between(0, 1)", "7,25", Some(Severity::Error)),
    (Answers::Prices, "p.y.between(-1e9, 1e9)", "7,99999.5", None),
];

#[tokio::test]
async fn predictions_have_to_be_taken_as_the_description_shows_them() {
    let mut failed = Vec::new();
    for (answers, check, example, expected) in SHOWN {
        let case = sound("A score of our own.", *answers, true, "(t.y == p.y).mean()");
        let checked = format!("(t.y == p.y).mean() if ({check}).all() else refuse()");
        let case = Case { value: Box::leak(checked.into_boxed_str()), ..case };
        let description = format!("# Task\nPredict y.\n\n## Submission\n```\nid,y\n{example}\n```\n");
        let found = findings_with(&case, description).await;
        let severity = found.iter().find(|f| f.rule == "S121").map(|f| f.severity);
        if severity != *expected {
            failed.push(format!("{example}: {found:#?}"));
        }
    }
    let percents =
        "## Submission\n`y` is a probability in per cent, from 0 to 100.\n## Metric\nOur own.\n".to_owned();
    let value = "(t.y == p.y).mean() if p.y.between(0, 1).all() else refuse()";
    let case = sound("A score of our own.", Answers::Binary, true, value);
    let found = findings_with(&case, percents).await;
    if !found.iter().any(|f| f.rule == "S121") {
        failed.push(format!("percents: {found:#?}"));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
