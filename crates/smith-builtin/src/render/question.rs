//! The parts of the scripts that depend on the question and its metric.

use serde_json::{Value, json};

use super::context::Names;
use super::python::{list, literal};
use super::{boxes, masks, sequences, texts};
use crate::plan::{Ask, Cells, Metric, Plan, Source};

/// The greatest number that a submission may hold: the square of a greater one is none that can be summed.
pub(crate) const GREATEST: &str = "1e15";
/// Classes that a metric names, at most.
const NAMED: usize = 40;

pub(crate) fn of(plan: &Plan, names: &Names) -> Value {
    let several = names.targets.len() > 1;
    let (evaluate, validate, helper) = (evaluate(plan, several), validate(plan, several), helper(plan));
    let needs_numpy = [&evaluate, &validate, &helper].iter().any(|part| part.contains("np."));
    json!({
        "metric_numpy": needs_numpy,
        "encode": encode(plan, names),
        "least": least(plan),
        "sample": sample(plan, names),
        "metric_doc": format!("{}.", capital(plan.metric.name())),
        "metric_name": plan.metric.name(),
        "metric_import": import(plan.metric),
        "within": match &plan.target.ask {
            Ask::Ranked { within } => json!(within),
            _ => Value::Null,
        },
        "metric_helper": helper,
        "metric_modules": if plan.metric == Metric::Rouge { texts::IMPORTS.join("\n") } else { String::new() },
        "direction": if plan.metric.higher_is_better() { "higher" } else { "lower" },
        "higher": if plan.metric.higher_is_better() { "True" } else { "False" },
        "value": plan.target.column,
        "target_list": if several { list(&names.targets, 0) } else { "TARGET".to_owned() },
        "expected_after_id": if several { ", *TARGETS" } else { ", self.value" },
        "evaluate": evaluate,
        "validate": validate,
        "best": if plan.metric.higher_is_better() { "1.0" } else { "0.0" },
        "worse": if plan.metric.higher_is_better() { "<" } else { ">" },
    })
}

pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Functions that the metric calls.
fn helper(plan: &Plan) -> String {
    match &plan.target.ask {
        Ask::Boxes { kinds } => boxes::metric(kinds),
        Ask::Regions { kinds } => masks::metric(kinds),
        Ask::Text { longest } => texts::metric(*longest),
        Ask::Sequence { .. } => sequences::DISTANCE.to_owned(),
        _ => String::new(),
    }
}

fn least(plan: &Plan) -> Value {
    match &plan.target.ask {
        Ask::Classes { small: 0, .. } if matches!(plan.source, Source::Table(_)) => Value::Null,
        Ask::Classes { least, .. } => json!(least),
        _ => Value::Null,
    }
}

/// Brings the cells of the target into the form of the answers.
fn encode(plan: &Plan, names: &Names) -> String {
    let frame = &names.frame;
    if matches!(plan.source, Source::Edges(_)) {
        return String::new();
    }
    match &plan.target.ask {
        Ask::Binary { positive, cells, .. } => match cells {
            Cells::Numbers => {
                format!("    {frame}[TARGET] = (pd.to_numeric({frame}[TARGET]) == {positive}).astype(int)")
            }
            Cells::Booleans => format!(
                "    {frame}[TARGET] = ({frame}[TARGET].astype(str).str.strip().str.lower() == {}).astype(int)",
                literal(&positive.to_lowercase())
            ),
            Cells::Words => format!(
                "    {frame}[TARGET] = ({frame}[TARGET].astype(str).str.strip() == {}).astype(int)",
                literal(positive)
            ),
        },
        Ask::Classes { cells: Cells::Numbers, labels, .. }
            if labels.iter().all(|label| label.parse::<i64>().is_ok()) =>
        {
            format!("    {frame}[TARGET] = pd.to_numeric({frame}[TARGET]).astype(int)")
        }
        Ask::Classes { cells: Cells::Numbers, .. } => String::new(),
        Ask::Classes { .. } => format!("    {frame}[TARGET] = {frame}[TARGET].astype(str).str.strip()"),
        Ask::Text { .. } => texts::encode(frame),
        Ask::Number { integer: true, .. } => format!("    {frame}[TARGET] = {frame}[TARGET].astype(int)"),
        Ask::Several { numbers: false, .. } => format!(
            "    # Yes is 1 and no is 0, however they are written.\n    {frame}[TARGETS] = {frame}[TARGETS].apply(\n        lambda column: column.astype(str).str.strip().str.lower().isin([\"1\", \"1.0\", \"true\", \"yes\", \"y\", \"t\"])\n    ).astype(int)"
        ),
        Ask::Number { .. }
        | Ask::Several { .. }
        | Ask::Ahead { .. }
        | Ask::Sequence { .. }
        | Ask::Boxes { .. }
        | Ask::Regions { .. }
        | Ask::Ranked { .. } => String::new(),
        Ask::Labels { separator, .. } => format!(
            "    # One column for each label: 1 where it stands in the list.\n    said = {frame}[TARGET].astype(str).str.split({}).map(lambda labels: {{label.strip() for label in labels}})\n    marks = pd.DataFrame({{name: said.map(lambda labels: int(label in labels)) for name, label in zip(TARGETS, WANTED)}})\n    {frame} = pd.concat([{frame}.drop(columns=TARGET), marks], axis=1)",
            literal(separator.as_deref().unwrap_or(","))
        ),
    }
}

/// Fills the sample with valid predictions that know nothing of single rows.
fn sample(plan: &Plan, names: &Names) -> String {
    if names.targets.len() > 1 {
        if plan.metric == Metric::MeanR2 {
            return "    for name in TARGETS:\n        sample[name] = rng.choice(train[name].to_numpy(), size=len(sample))".to_owned();
        }
        return "    for name in TARGETS:\n        sample[name] = rng.random(len(sample)).round(4)"
            .to_owned();
    }
    match &plan.target.ask {
        Ask::Binary { .. } => "    sample[TARGET] = rng.random(len(sample)).round(4)".to_owned(),
        _ => "    sample[TARGET] = rng.choice(train[TARGET].to_numpy(), size=len(sample))".to_owned(),
    }
}

fn import(metric: Metric) -> &'static str {
    match metric {
        Metric::RocAuc | Metric::MeanRocAuc => "from sklearn.metrics import roc_auc_score",
        Metric::AveragePrecision => "from sklearn.metrics import average_precision_score",
        Metric::Accuracy => "from sklearn.metrics import accuracy_score",
        Metric::MacroF1 => "from sklearn.metrics import f1_score",
        Metric::WeightedKappa => "from sklearn.metrics import cohen_kappa_score",
        Metric::MeanR2 => "from sklearn.metrics import r2_score",
        Metric::Rmse => "from sklearn.metrics import root_mean_squared_error",
        Metric::Mae => "from sklearn.metrics import mean_absolute_error",
        Metric::Rmsle => "from sklearn.metrics import root_mean_squared_log_error",
        Metric::ErrorRate | Metric::MeanAveragePrecision | Metric::Rouge | Metric::Dice | Metric::MeanIou => {
            ""
        }
        Metric::Ndcg => "from sklearn.metrics import ndcg_score",
    }
}

fn evaluate(plan: &Plan, several: bool) -> String {
    if several && plan.metric != Metric::MeanR2 {
        return "        scores = [roc_auc_score(truth[name].astype(int), predicted[name].astype(float)) for name in TARGETS]\n        return float(np.mean(scores))".to_owned();
    }
    let call = match plan.metric {
        Metric::MeanR2 => {
            return "        scores = [r2_score(truth[name].astype(float), predicted[name].astype(float)) for name in TARGETS]\n        return float(np.mean(scores))".to_owned();
        }
        Metric::ErrorRate => return sequences::ERROR_RATE.to_owned(),
        Metric::Ndcg => return NDCG.to_owned(),
        Metric::MeanAveragePrecision => return boxes::MEAN_PRECISION.to_owned(),
        Metric::Rouge => return texts::MEAN_ROUGE.to_owned(),
        Metric::Dice => return masks::DICE.to_owned(),
        Metric::MeanIou => return masks::MEAN_IOU.to_owned(),
        Metric::RocAuc | Metric::MeanRocAuc => {
            "roc_auc_score(truth[self.value].astype(int), predicted[self.value].astype(float))"
        }
        Metric::AveragePrecision => {
            "average_precision_score(truth[self.value].astype(int), predicted[self.value].astype(float))"
        }
        Metric::Accuracy if numbers(plan) => {
            "accuracy_score(truth[self.value].astype(int), predicted[self.value].astype(int))"
        }
        Metric::Accuracy => {
            "accuracy_score(truth[self.value].astype(str), predicted[self.value].astype(str))"
        }
        Metric::MacroF1 if numbers(plan) => {
            "f1_score(\n            truth[self.value].astype(int), predicted[self.value].astype(int), average=\"macro\", zero_division=0\n        )"
        }
        Metric::MacroF1 => {
            "f1_score(\n            truth[self.value].astype(str), predicted[self.value].astype(str), average=\"macro\", zero_division=0\n        )"
        }
        Metric::WeightedKappa => {
            "cohen_kappa_score(\n            truth[self.value].astype(int), predicted[self.value].astype(int), weights=\"quadratic\"\n        )"
        }
        Metric::Rmse => {
            "root_mean_squared_error(truth[self.value].astype(float), predicted[self.value].astype(float))"
        }
        Metric::Mae => {
            "mean_absolute_error(truth[self.value].astype(float), predicted[self.value].astype(float))"
        }
        Metric::Rmsle => {
            "root_mean_squared_log_error(truth[self.value].astype(float), predicted[self.value].astype(float))"
        }
    };
    if plan.metric == Metric::WeightedKappa {
        return format!(
            "        # Where every prediction is the same class, agreement is that of chance.\n        if predicted[self.value].nunique() == 1 and truth[self.value].nunique() == 1:\n            return 1.0\n        return float({call})"
        );
    }
    format!("        return float({call})")
}

const NDCG: &str = "        lists = truth.assign(score=predicted[self.value].astype(float)).groupby(WITHIN)\n        # Where all rows of a list are worth the same, every order is right.\n        scores = [\n            ndcg_score([rows[self.value]], [rows[\"score\"]]) for _, rows in lists if rows[self.value].nunique() > 1\n        ]\n        return float(np.mean(scores))";

/// Classes that are whole numbers.
fn numbers(plan: &Plan) -> bool {
    match &plan.target.ask {
        Ask::Classes { cells: Cells::Numbers, labels, .. } => {
            labels.iter().all(|label| label.parse::<i64>().is_ok())
        }
        _ => false,
    }
}

fn validate(plan: &Plan, several: bool) -> String {
    if plan.metric == Metric::MeanR2 {
        return format!(
            "        for name in TARGETS:\n            numbers = pd.to_numeric(submission[name], errors=\"coerce\")\n            if not numbers.abs().le({GREATEST}).all():\n                raise InvalidSubmissionError(f\"{{name}} must be a number from -{GREATEST} to {GREATEST} in every row\")"
        );
    }
    if several {
        return "        for name in TARGETS:\n            probabilities = pd.to_numeric(submission[name], errors=\"coerce\")\n            if not probabilities.between(0, 1).all():\n                raise InvalidSubmissionError(f\"{name} must be a probability from 0 to 1 in every row\")".to_owned();
    }
    match &plan.target.ask {
        Ask::Sequence { longest, .. } => sequences::validate(*longest),
        Ask::Boxes { .. } => boxes::validate(),
        Ask::Regions { kinds } => masks::validate(kinds),
        Ask::Text { .. } => texts::VALIDATE.to_owned(),
        Ask::Binary { .. } => "        probabilities = pd.to_numeric(submission[self.value], errors=\"coerce\")\n        if not probabilities.between(0, 1).all():\n            raise InvalidSubmissionError(f\"{self.value} must be a probability from 0 to 1 in every row\")".to_owned(),
        Ask::Classes { labels, .. } if labels.len() <= NAMED && numbers(plan) => format!(
            "        classes = pd.to_numeric(submission[self.value], errors=\"coerce\")\n        if not classes.isin({}).all():\n            raise InvalidSubmissionError(f\"{{self.value}} must be one of the classes in every row\")",
            format_args!("[{}]", labels.join(", "))
        ),
        Ask::Classes { .. } if numbers(plan) => "        classes = pd.to_numeric(submission[self.value], errors=\"coerce\")\n        if not np.isfinite(classes).all() or (classes % 1 != 0).any():\n            raise InvalidSubmissionError(f\"{self.value} must be a class in every row\")".to_owned(),
        Ask::Classes { .. } => "        if submission[self.value].isna().any():\n            raise InvalidSubmissionError(f\"{self.value} must be a class in every row\")".to_owned(),
        _ => {
            let least = if plan.metric == Metric::Rmsle { "0".to_owned() } else { format!("-{GREATEST}") };
            format!("        numbers = pd.to_numeric(submission[self.value], errors=\"coerce\")\n        if not numbers.between({least}, {GREATEST}).all():\n            raise InvalidSubmissionError(f\"{{self.value}} must be a number from {least} to {GREATEST} in every row\")")
        }
    }
}
