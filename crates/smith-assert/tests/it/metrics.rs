//! Metrics of many kinds and habits: nothing is held against the sound ones, and every defect is found by its rule.

use std::fs;
use std::time::Duration;

use smith_assert::{AssertError, Catalogue, Subject};
use smith_exec::Limits;
use smith_task_schema::{Finding, LayoutKind, TaskLayout};

use crate::kinds::{Answers, tables};

/// What a metric does, and what is found in it.
struct Case {
    what: &'static str,
    answers: Answers,
    higher: bool,
    /// Body of `evaluate`, with `t` and `p` for the two tables.
    evaluate: &'static str,
    /// Body of `validate_submission`.
    validate: &'static str,
    /// Code of the error that must be found; empty for a sound metric.
    code: &'static str,
}

const fn case(
    what: &'static str,
    answers: Answers,
    higher: bool,
    evaluate: &'static str,
    validate: &'static str,
    code: &'static str,
) -> Case {
    Case { what, answers, higher, evaluate, validate, code }
}

/// Checks everything.
const STRICT: &str = "
if list(s.columns) != list(g.columns):
    raise InvalidSubmissionError('columns')
if s[s.columns[0]].duplicated().any() or set(s[s.columns[0]]) != set(g[g.columns[0]]):
    raise InvalidSubmissionError('ids')
if s.isna().any().any() or np.isinf(s.select_dtypes('number')).any().any():
    raise InvalidSubmissionError('empty')
return True, 'ok'";

/// Compares columns, length and the sorted first column, and returns a text.
const HABIT: &str = "
if not isinstance(s, pd.DataFrame):
    raise InvalidSubmissionError('no table')
if len(s) != len(g):
    raise InvalidSubmissionError('length')
s = s.sort_values(by=s.columns[0])
g = g.sort_values(by=g.columns[0])
if (s[s.columns[0]].values != g[g.columns[0]].values).any():
    raise InvalidSubmissionError('ids')
missing, extra = set(g.columns) - set(s.columns), set(s.columns) - set(g.columns)
if missing or extra:
    raise InvalidSubmissionError('columns')
if s.isna().any().any() or np.isinf(s.select_dtypes('number')).any().any():
    raise InvalidSubmissionError('empty')
return 'Submission is valid.'";

/// Only columns and length, as some do.
const LOOSE: &str = "
if set(s.columns) != set(g.columns):
    raise InvalidSubmissionError('columns')
if len(s) != len(g):
    raise InvalidSubmissionError('length')
if np.isinf(s.select_dtypes('number')).any().any():
    raise InvalidSubmissionError('empty')
return 'Submission is valid.'";

/// Returns a verdict instead of raising.
const RETURNS: &str = "
if set(s.columns) != set(g.columns):
    raise InvalidSubmissionError('columns')
if len(s) != len(g) or s[s.columns[0]].duplicated().any():
    return False, 'rows'
return True, 'ok'";

/// Only the names of the columns.
const COLUMNS: &str = "
if set(s.columns) != set(g.columns):
    raise InvalidSubmissionError('columns')
return 'Submission is valid.'";

/// Several rows for each query.
const PAIRS: &str = "
if list(s.columns) != list(g.columns):
    raise InvalidSubmissionError('columns')
keys = ['query', 'doc']
if s.duplicated(keys).any() or set(map(tuple, s[keys].values)) != set(map(tuple, g[keys].values)):
    raise InvalidSubmissionError('pairs')
if not np.isfinite(s['relevance'].astype(float)).all():
    raise InvalidSubmissionError('numbers')
return 'ok'";

const SORTED: &str = "t, p = t.sort_values(t.columns[0]), p.sort_values(p.columns[0])\n";

const CASES: &[Case] = &[
    case("accuracy", Answers::Labels, true, "S return accuracy_score(t.y, p.y)", HABIT, ""),
    case(
        "accuracy of floats",
        Answers::Labels,
        true,
        "S return float((t.y.values == p.y.values).mean())",
        HABIT,
        "",
    ),
    case("macro F1", Answers::Labels, true, "S return f1_score(t.y, p.y, average='macro')", HABIT, ""),
    case("F1", Answers::Binary, true, "S return float(f1_score(t.y, p.y))", STRICT, ""),
    case("AUC", Answers::Binary, true, "S return roc_auc_score(t.y, p.y)", HABIT, ""),
    case("AUC of a few rows", Answers::Few, true, "S return roc_auc_score(t.y, p.y)", STRICT, ""),
    case("accuracy of a few rows", Answers::Few, true, "S return accuracy_score(t.y, p.y > 0.5)", HABIT, ""),
    case(
        "log loss",
        Answers::Binary,
        false,
        "S return log_loss(t.y, np.clip(p.y, 1e-15, 1 - 1e-15))",
        HABIT,
        "",
    ),
    case(
        "log loss of three",
        Answers::OneHot,
        false,
        "S c = ['a', 'b', 'c']
q = np.clip(p[c].values.astype(float), 1e-15, 1)
q = q / q.sum(axis=1, keepdims=True)
return float(-(t[c].values * np.log(q)).sum(axis=1).mean())",
        STRICT,
        "",
    ),
    case("RMSE", Answers::Prices, false, "S return float(np.sqrt(mean_squared_error(t.y, p.y)))", HABIT, ""),
    case(
        "RMSLE",
        Answers::Prices,
        false,
        "S return float(np.sqrt(((np.log1p(t.y.values) - np.log1p(p.y.clip(lower=0).values)) ** 2).mean()))",
        STRICT,
        "",
    ),
    case(
        "MAE",
        Answers::Prices,
        false,
        "m = t.merge(p, on='id', suffixes=('', '_p'))\nreturn float((m.y - m.y_p).abs().mean())",
        STRICT,
        "",
    ),
    case(
        "MAPE",
        Answers::Prices,
        false,
        "S return float((np.abs(t.y.values - p.y.values) / t.y.values).mean())",
        HABIT,
        "",
    ),
    case("R2", Answers::Prices, true, "S return r2_score(t.y, p.y)", HABIT, ""),
    case(
        "squared correlation",
        Answers::Prices,
        true,
        "S r = np.corrcoef(t.y, p.y)[0, 1]
return 0.0 if np.isnan(r) else float(r * r)",
        STRICT,
        "",
    ),
    case(
        "Spearman",
        Answers::Prices,
        true,
        "S r = t.y.reset_index(drop=True).corr(p.y.reset_index(drop=True), method='spearman')
return float(0.0 if np.isnan(r) else r)",
        STRICT,
        "",
    ),
    case(
        "median error",
        Answers::Prices,
        false,
        "S return float(np.median(np.abs(t.y.values - p.y.values)))",
        STRICT,
        "",
    ),
    case(
        "kappa",
        Answers::Grades,
        true,
        "S return float(cohen_kappa_score(t.y, p.y.round().astype(int), weights='quadratic'))",
        STRICT,
        "",
    ),
    case(
        "mean F1 of tags",
        Answers::Tags,
        true,
        "S def f(a, b):
    a, b = set(str(a).split()), set(str(b).split())
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0
return float(np.mean([f(a, b) for a, b in zip(t.y, p.y)]))",
        HABIT,
        "",
    ),
    case(
        "MAP at 3",
        Answers::Tags,
        true,
        "S def ap(a, b):
    truth, hits, total = str(a).split(), 0, 0.0
    for k, guess in enumerate(str(b).split()[:3]):
        if guess in truth:
            hits += 1
            total += hits / (k + 1)
    return total / min(len(truth), 3)
return float(np.mean([ap(a, b) for a, b in zip(t.y, p.y)]))",
        HABIT,
        "",
    ),
    case(
        "word error rate",
        Answers::Texts,
        false,
        "S def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]
pairs = [(str(a).split(), str(b).split()) for a, b in zip(t.y, p.y)]
return sum(distance(a, b) for a, b in pairs) / sum(len(a) for a, _ in pairs)",
        HABIT,
        "",
    ),
    case(
        "Dice",
        Answers::Masks,
        true,
        "S def cells(text):
    n = [] if pd.isna(text) else [int(x) for x in str(text).split()]
    return {c for a, b in zip(n[::2], n[1::2]) for c in range(a, a + b)}
def dice(a, b):
    a, b = cells(a), cells(b)
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0
return float(np.mean([dice(a, b) for a, b in zip(t.y, p.y)]))",
        HABIT,
        "",
    ),
    case(
        "NDCG",
        Answers::Ranking,
        true,
        "m = t.merge(p, on=['query', 'doc'], suffixes=('', '_p'))
scores = []
for _, rows in m.groupby('query'):
    gain = rows.sort_values(['relevance_p', 'doc'], ascending=False).relevance.values
    ideal = np.sort(rows.relevance.values)[::-1]
    weights = 1 / np.log2(np.arange(len(gain)) + 2)
    scores.append((gain * weights).sum() / max((ideal * weights).sum(), 1e-9))
return float(np.mean(scores))",
        PAIRS,
        "",
    ),
    // From here on something is wrong.
    case(
        "a label within the prediction is enough",
        Answers::Labels,
        true,
        "S return float(np.mean([str(a) in str(b) for a, b in zip(t.y, p.y)]))",
        STRICT,
        "S111",
    ),
    case(
        "one right row repeated",
        Answers::Labels,
        true,
        "m = p.merge(t, on='id', suffixes=('', '_t'))\nreturn float((m.y == m.y_t).mean())",
        LOOSE,
        "S111",
    ),
    case(
        "rows may be left out",
        Answers::Labels,
        true,
        "m = t.merge(p, on='id', suffixes=('', '_p'))\nreturn float((m.y == m.y_p).mean())",
        COLUMNS,
        "S108",
    ),
    case(
        "a verdict that nobody reads",
        Answers::Labels,
        true,
        "m = t.merge(p, on='id', suffixes=('', '_p'))\nreturn float((m.y == m.y_p).mean())",
        RETURNS,
        "S111",
    ),
    case(
        "empty numbers are dropped",
        Answers::Prices,
        false,
        "S d = t.y.reset_index(drop=True) - p.y.reset_index(drop=True)\nreturn float(np.sqrt((d ** 2).mean()))",
        LOOSE,
        "S111",
    ),
    case(
        "nothing submitted is no error",
        Answers::Prices,
        false,
        "m = t.merge(p, on='id', suffixes=('', '_p'))\nreturn float((m.y - m.y_p).abs().sum() / max(len(m), 1))",
        COLUMNS,
        "S111",
    ),
    case(
        "compares as rows come",
        Answers::Labels,
        true,
        "return float((t.y.values == p.y.values).mean())",
        LOOSE,
        "S114",
    ),
    case(
        "draws lots",
        Answers::Labels,
        true,
        "S return float((t.y.values == p.y.values).mean() - 0.01 * np.random.rand())",
        STRICT,
        "S116",
    ),
    case(
        "counts its calls",
        Answers::Labels,
        true,
        "S self.calls = getattr(self, 'calls', 0) + 1\nreturn float((t.y.values == p.y.values).mean() / self.calls)",
        STRICT,
        "S116",
    ),
    case(
        "spoils its table",
        Answers::Labels,
        true,
        "S return float((t.y.values == p.y.values).mean())",
        "s.drop(columns='id', inplace=True)\ns.insert(0, 'id', range(len(s), 0, -1))",
        "S116",
    ),
    case(
        "compares sorted values",
        Answers::Prices,
        false,
        "return float(np.abs(np.sort(t.y.values) - np.sort(p.y.values)).mean())",
        STRICT,
        "S106",
    ),
    case(
        "rewards the middle",
        Answers::Labels,
        true,
        "S a = float((t.y.values == p.y.values).mean())\nreturn 1.5 if a == 1 else 1 - abs(a - 0.6)",
        STRICT,
        "S117",
    ),
    case(
        "looks at how often labels occur",
        Answers::Labels,
        true,
        "S a = (t.y.values == p.y.values).mean()\nd = (t.y.value_counts(normalize=True) - p.y.value_counts(normalize=True).reindex(t.y.unique()).fillna(0)).abs().sum()\nreturn float(0.05 * a + 1 - d)",
        STRICT,
        "S118",
    ),
    case(
        "never returns on one",
        Answers::Labels,
        true,
        "S import time\nif (p.y == 'red').all(): time.sleep(60)\nreturn float((t.y.values == p.y.values).mean())",
        STRICT,
        "S119",
    ),
    case(
        "cannot do without a column",
        Answers::Labels,
        true,
        "S return float((t.y.values == p.y.values).mean())",
        "if len(s) != len(g): raise InvalidSubmissionError('rows')",
        "S107",
    ),
    case(
        "wrong direction",
        Answers::Prices,
        true,
        "S return float(np.abs(t.y.values - p.y.values).mean())",
        STRICT,
        "S105",
    ),
    case(
        "tags counted as often as they are named",
        Answers::Tags,
        true,
        "S hits = [sum(w in a.split() for w in str(b).split()) / len(a.split()) for a, b in zip(t.y, p.y)]
return float(np.mean(hits))",
        STRICT,
        "S134",
    ),
    case(
        "tags counted once",
        Answers::Tags,
        true,
        "S hits = [len(set(a.split()) & set(str(b).split())) / len(set(a.split()) | set(str(b).split())) for a, b in zip(t.y, p.y)]
return float(np.mean(hits))",
        STRICT,
        "",
    ),
    case(
        "a class that is never predicted is looked up",
        Answers::Labels,
        true,
        "S n = p.y.value_counts()
return float(np.mean([((t.y.values == c) & (p.y.values == c)).sum() / n[c] for c in sorted(set(t.y))]))",
        STRICT,
        "S135",
    ),
];

fn metric(case: &Case) -> String {
    let indented =
        |text: &str| text.trim().lines().fold(String::new(), |all, line| all + "        " + line + "\n");
    let evaluate = case.evaluate.replacen("S ", SORTED, usize::from(case.evaluate.starts_with("S ")));
    let higher = if case.higher { "True" } else { "False" };
    format!(
        "import numpy as np\nimport pandas as pd\nfrom sklearn.metrics import *\n\
         from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError\n\n\n\
         class CaseMetrics(CompetitionMetrics):\n\
         \x20   def __init__(self, value: str = 'y', higher_is_better: bool = {higher}):\n\
         \x20       super().__init__(higher_is_better)\n\
         \x20       self.value = value\n\n\
         \x20   def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame) -> float:\n\
         \x20       t, p = y_true, y_pred\n{}\n\
         \x20   def validate_submission(self, submission: pd.DataFrame, ground_truth: pd.DataFrame):\n\
         \x20       s, g = submission, ground_truth\n{}",
        indented(&evaluate),
        indented(case.validate)
    )
}

/// What the rules on scoring find.
async fn findings_of(case: &Case) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let layout = TaskLayout::at(LayoutKind::Workdir, dir.path());
    let (truth, sample) = tables(case.answers);
    for (path, text) in [
        (&layout.metric, metric(case)),
        (&layout.test_answer(), truth),
        (&layout.sample_submission(), sample),
    ] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // A quarter of this is what one submission may take.
    let limits = Limits { wall: Duration::from_secs(40), ..Limits::default() };
    let runtime = smith_exec::testing::runtime().await.with_limits(limits);
    let subject = Subject::new(layout, Some(runtime), dir.path().join("scratch"));
    let mut found = Vec::new();
    for rule in Catalogue::post_refactor().rules().iter().filter(|rule| rule.info().code.starts_with('S')) {
        match rule.check(&subject).await {
            Ok(report) => found.extend(report.findings),
            Err(AssertError::NotRun(_)) => {}
            Err(error) => panic!("{}: {error}", case.what),
        }
    }
    found
}

#[tokio::test]
async fn sound_metrics_have_no_error_and_defects_are_found_by_their_rule() {
    let mut wrong = Vec::new();
    for case in CASES {
        let found = findings_of(case).await;
        let errors: Vec<&Finding> = found.iter().filter(|finding| finding.is_error()).collect();
        let right = match case.code {
            "" => errors.is_empty(),
            code => errors.iter().any(|finding| finding.rule == code),
        };
        if !right {
            wrong.push(format!("{}: {found:#?}", case.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
