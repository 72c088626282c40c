//! Truth and prediction in the places of a known metric's arguments.

use std::collections::HashMap;

use smith_task_schema::{Layer, Severity};

use super::metric::metric_class;
use crate::literature;
use crate::pysrc::Function;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const ARGUMENTS: RuleInfo = RuleInfo {
    code: "M118",
    name: "metric-arguments",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Functions of scikit-learn that are not the same both ways get the truth first and the prediction second.",
    why: "With the two exchanged, another quantity is measured: precision for recall, an error relative to the guess.",
    mend: "Pass the truth as the first argument and the prediction as the second, or name them: `y_true=…, y_pred=…`.",
    references: &[literature::MODEL_EVALUATION],
};

/// Functions whose value changes when their first two arguments change places.
const ONE_WAY: [&str; 26] = [
    "mean_gamma_deviance",
    "mean_poisson_deviance",
    "mean_tweedie_deviance",
    "mean_pinball_loss",
    "mean_absolute_percentage_error",
    "r2_score",
    "explained_variance_score",
    "d2_absolute_error_score",
    "d2_pinball_score",
    "d2_tweedie_score",
    "log_loss",
    "brier_score_loss",
    "roc_auc_score",
    "average_precision_score",
    "precision_score",
    "recall_score",
    "fbeta_score",
    "balanced_accuracy_score",
    "ndcg_score",
    "dcg_score",
    "hinge_loss",
    "top_k_accuracy_score",
    "label_ranking_average_precision_score",
    "label_ranking_loss",
    "coverage_error",
    "concordance_index",
];

/// What names, and endings of columns after a merge, were made of.
#[derive(Default)]
struct Origins {
    names: HashMap<String, Made>,
    endings: Vec<(String, Made)>,
}

/// What a name was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Made {
    truth: bool,
    prediction: bool,
}

/// `M118`.
pub(super) fn arguments(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Metric)?;
    let class = metric_class(cx, module)?;
    let Some(evaluate) = class.method("evaluate") else { return Ok(Vec::new()) };
    let finding = |name: &str| {
        let message = format!("`{name}` gets the prediction first and the truth second. {}", info.mend);
        info.finding(cx.place(Script::Metric, evaluate.line), message)
    };
    Ok(exchanged(evaluate).map(finding).into_iter().collect())
}

/// The first function that `evaluate` calls with prediction and truth exchanged.
fn exchanged(evaluate: &Function) -> Option<&'static str> {
    let names = evaluate.names();
    let (truth, prediction) = (*names.get(1)?, *names.get(2)?);
    let mut origins = Origins::default();
    origins.names.insert(truth.to_owned(), Made { truth: true, prediction: false });
    origins.names.insert(prediction.to_owned(), Made { truth: false, prediction: true });
    statements(&evaluate.source).iter().find_map(|statement| {
        let call = ONE_WAY.into_iter().find(|name| is_exchanged(statement, name, &origins));
        assign(statement, &mut origins);
        call
    })
}

/// Lines, those within brackets as one.
fn statements(source: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let (mut statement, mut depth) = (String::new(), 0_i32);
    for line in source.lines() {
        statement.push_str(line.trim());
        statement.push(' ');
        depth +=
            line.chars().map(|c| i32::from("([{".contains(c)) - i32::from(")]}".contains(c))).sum::<i32>();
        if depth <= 0 {
            statements.push(std::mem::take(&mut statement));
            depth = 0;
        }
    }
    statements.push(statement);
    statements
}

fn assign(statement: &str, origins: &mut Origins) {
    let Some((left, right)) = statement.split_once('=') else { return };
    if right.starts_with('=') || left.contains('(') || left.ends_with(['!', '<', '>', '+', '-', '*', '/']) {
        return;
    }
    if let Some(endings) = suffixes(right) {
        // The table that is merged with another one comes first.
        let whose = of(right.split('.').next().unwrap_or_default(), origins);
        let other = Made { truth: whose.prediction, prediction: whose.truth };
        origins.endings =
            endings.into_iter().zip([whose, other]).filter(|(ending, _)| !ending.is_empty()).collect();
        origins.names.remove(left.trim());
        return;
    }
    let (names, values) = (apart(left), apart(right));
    for (at, name) in names.iter().enumerate() {
        let value = if names.len() == values.len() { values[at].as_str() } else { right };
        let made = of(value, origins);
        origins.names.insert(name.trim().to_owned(), made);
    }
}

/// The endings in `suffixes=("_true", "_pred")`.
fn suffixes(expression: &str) -> Option<[String; 2]> {
    let (_, rest) = expression.split_once("suffixes=")?;
    let inner = rest.trim_start().strip_prefix(['(', '['])?;
    let mut parts =
        apart(within(inner)).into_iter().map(|part| part.trim().trim_matches(['"', '\'']).to_owned());
    Some([parts.next()?, parts.next()?])
}

fn is_exchanged(statement: &str, name: &str, origins: &Origins) -> bool {
    let call = format!("{name}(");
    statement.match_indices(&call).any(|(at, _)| {
        let is_name = !statement
            .get(..at)
            .is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        let arguments = apart(within(statement.get(at + call.len()..).unwrap_or_default()));
        let (Some(first), Some(second)) = (arguments.first(), arguments.get(1)) else { return false };
        let only = |made: Made, truth: bool| made.truth == truth && made.prediction != truth;
        is_name
            && !first.contains('=')
            && !second.contains('=')
            && only(of(first, origins), false)
            && only(of(second, origins), true)
    })
}

/// What stands up to the bracket that closes.
fn within(text: &str) -> &str {
    let mut depth = 0_i32;
    let end = text.char_indices().find(|(_, c)| {
        depth += i32::from("([{".contains(*c)) - i32::from(")]}".contains(*c));
        depth < 0
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// The parts between commas outside of brackets.
fn apart(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_i32);
    for c in text.chars() {
        depth += i32::from("([{".contains(c)) - i32::from(")]}".contains(c));
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Rows that are chosen or put in order by the other table are still the table's own.
const BY_LABELS: [&str; 3] = [".reindex(", ".loc[", ".isin("];

/// The expression without what rows are chosen by.
fn without_labels(expression: &str) -> String {
    let mut left = expression.to_owned();
    for mark in BY_LABELS {
        while let Some((before, behind)) = left.split_once(mark) {
            let labels = within(behind);
            left = format!("{before} {}", behind.get(labels.len()..).unwrap_or_default());
        }
    }
    left
}

/// What the names and columns in an expression were made of.
fn of(expression: &str, origins: &Origins) -> Made {
    let expression = without_labels(expression);
    let names = expression.split(|c: char| !c.is_alphanumeric() && c != '_');
    let named = names.filter_map(|name| origins.names.get(name)).copied();
    let is_there =
        |ending: &str| ['"', '\''].iter().any(|mark| expression.contains(&format!("{ending}{mark}")));
    let ending = origins.endings.iter().filter(|(ending, _)| is_there(ending)).map(|(_, made)| *made);
    named.chain(ending).fold(Made::default(), |all, one| Made {
        truth: all.truth || one.truth,
        prediction: all.prediction || one.prediction,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    fn found(body: &str) -> Option<&'static str> {
        let source = format!("class A:\n    def evaluate(self, y_true, y_pred):\n{body}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), source).unwrap();
        let module = crate::pysrc::read(file.path()).unwrap().unwrap();
        exchanged(module.classes[0].method("evaluate").unwrap())
    }

    #[test]
    fn truth_comes_first() {
        for (body, expected) in [
            ("        return r2_score(y_pred['y'], y_true['y'])\n", Some("r2_score")),
            ("        return r2_score(y_true['y'], y_pred['y'])\n", None),
            (
                "        a = y_true.sort_values('id')['y']\n        b = y_pred['y']\n        return float(recall_score(b,\n            a))\n",
                Some("recall_score"),
            ),
            (
                "        a, b = y_true['y'], y_pred['y']\n        return float(recall_score(a, b, average='macro'))\n",
                None,
            ),
            ("        m = y_true.merge(y_pred, on='id')\n        return log_loss(m['p'], m['y'])\n", None),
            (
                "        m = y_true.merge(y_pred, on='id', suffixes=('_t', '_p'))\n        return log_loss(m[f'{self.value}_p'], m[f'{self.value}_t'])\n",
                Some("log_loss"),
            ),
            (
                "        m = y_true.merge(y_pred, on='id', suffixes=('_t', '_p'))\n        return log_loss(m[f'{self.value}_t'], m[f'{self.value}_p'])\n",
                None,
            ),
            ("        return log_loss(y_pred=y_pred['y'], y_true=y_true['y'])\n", None),
            (
                "        p = y_pred.set_index('id').reindex(y_true['id'])\n        return r2_score(p['y'], y_true['y'])\n",
                Some("r2_score"),
            ),
            ("        return mean_squared_error(y_pred['y'], y_true['y'])\n", None),
            ("        return my_recall_score(y_pred['y'], y_true['y'])\n", None),
        ] {
            assert_eq!(found(body), expected, "{body}");
        }
    }
}
