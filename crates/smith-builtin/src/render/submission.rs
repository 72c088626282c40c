//! The words of the description about what is handed in, and how it is scored.

use super::context::Names;
use super::question::{GREATEST, capital};
use super::words::{quoted, target};
use super::{boxes, masks};
use crate::plan::{Ask, Cells, Metric, Plan};

pub(super) fn submission_columns(names: &Names) -> String {
    let is_plain = |name: &String| name.chars().all(|c| c.is_alphanumeric() || "_-.: ".contains(c));
    if !names.targets.iter().all(is_plain) {
        // A name with brackets or commas is plainest where it stands in the header.
        return "of the header below".to_owned();
    }
    match names.targets.as_slice() {
        [one] => format!("`{}` and {}", names.id, quoted(one, 80)),
        several => {
            let columns: Vec<String> = several.iter().map(|name| quoted(name, 80)).collect();
            format!("`{}`, {}", names.id, columns.join(", "))
        }
    }
}

/// A cell of a file, in quotation marks where it needs them.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

pub(super) fn header(names: &Names) -> String {
    let mut cells = vec![names.id.to_owned()];
    cells.extend(names.targets.iter().map(|name| cell(name)));
    cells.join(",")
}

pub(super) fn first_lines(plan: &Plan, names: &Names) -> String {
    let values: [String; 2] = match &plan.target.ask {
        Ask::Binary { .. } => ["0.31".to_owned(), "0.74".to_owned()],
        Ask::Several { .. } | Ask::Labels { .. } => {
            [vec!["0.2"; names.targets.len()].join(","), vec!["0.7"; names.targets.len()].join(",")]
        }
        Ask::Classes { labels, .. } => {
            let first = labels.first().map_or("", String::as_str);
            [cell(first), cell(labels.get(1).map_or(first, String::as_str))]
        }
        Ask::Number { integer, least, greatest } => numbers(*integer, *least, *greatest),
        Ask::Ahead { .. } | Ask::Ranked { .. } => ["1.5".to_owned(), "2.5".to_owned()],
        Ask::Text { .. } => ["some words".to_owned(), cell("other words, and a comma")],
        Ask::Boxes { kinds } => boxes::shown(kinds).map(|row| cell(&row)),
        Ask::Regions { kinds } => masks::shown(kinds).map(|row| cell(&row)),
        Ask::Sequence { shown, .. } => shown.clone().map(|row| cell(&row)),
    };
    let [a, b] = values;
    format!("3,{a}\n8,{b}")
}

fn numbers(integer: bool, least: Option<f64>, greatest: Option<f64>) -> [String; 2] {
    let (least, greatest) = (least.unwrap_or(0.0), greatest.unwrap_or(1.0));
    let at = |share: f64| {
        let number = least + (greatest - least) * share;
        if integer { format!("{number:.0}") } else { smith_task_schema::figure::six_digits(number) }
    };
    [at(0.25), at(0.5)]
}

pub(super) fn form(plan: &Plan) -> String {
    let target = target(plan);
    match &plan.target.ask {
        Ask::Binary { .. } => format!("{target} is a probability from 0 to 1."),
        Ask::Several { numbers: true, .. } => {
            format!("Each prediction is a number from -{GREATEST} to {GREATEST}.")
        }
        Ask::Several { .. } | Ask::Labels { .. } => {
            "Each prediction is a probability from 0 to 1.".to_owned()
        }
        Ask::Classes { cells: Cells::Numbers, .. } => {
            format!("{target} is one of the classes, a whole number.")
        }
        Ask::Boxes { .. } => boxes::form(&target),
        Ask::Regions { kinds } => masks::form(&target, kinds),
        Ask::Text { longest } => format!("{target} is a text of 1 to {longest} characters."),
        Ask::Sequence { longest, .. } => format!(
            "{target} are the symbols as in `train.csv`, with a blank between two; the longest known row has {longest}."
        ),
        Ask::Classes { .. } => format!("{target} is one of the classes, written as in `train.csv`."),
        _ if plan.metric == Metric::Rmsle => format!("{target} is a number from 0 to {GREATEST}."),
        _ => format!("{target} is a number from -{GREATEST} to {GREATEST}."),
    }
}

pub(super) fn evaluation(plan: &Plan, names: &Names) -> String {
    if plan.metric == Metric::MeanR2 {
        return "Submissions are scored by the mean column-wise R²: the coefficient of determination (R²) is computed for each column, and they are averaged. Higher is better; 1 is perfect, and predicting the mean gives 0.".to_owned();
    }
    if names.targets.len() > 1 {
        return "Submissions are scored by the mean column-wise ROC AUC: the area under the ROC curve is computed for each label, and the areas are averaged. Higher is better; 0.5 is chance.".to_owned();
    }
    let more = match plan.metric {
        Metric::RocAuc => "Only the order of the probabilities counts; 0.5 is chance, 1 is perfect.",
        Metric::AveragePrecision => {
            "It sums the precisions at all thresholds, weighted with the increase in recall; 1 is perfect, and chance is the share of the positive class."
        }
        Metric::Accuracy => "It is the share of right predictions.",
        Metric::MacroF1 => {
            "The F1 score of each class is computed, and they are averaged without weights, so that small classes count as much as large ones."
        }
        Metric::WeightedKappa => {
            "Predictions count the less the further they are from the true step, by the square of the distance; 1 is perfect agreement, 0 that of chance."
        }
        Metric::Rmse => "Large errors count more than small ones; 0 is perfect.",
        Metric::Mae => "It is the mean of the absolute differences; 0 is perfect.",
        Metric::Rmsle => {
            "It compares the logarithms of 1 + the values, so that ratios count and not distances; 0 is perfect."
        }
        Metric::Ndcg => {
            "For each list the true values are summed in the predicted order, each divided by the binary logarithm of 1 + its place; the sum is divided by that of the best order, and the mean over all lists that do not have one value only is the score. 1 is perfect."
        }
        Metric::ErrorRate => {
            "The fewest symbols that have to be put in, taken out or replaced to make the right rows of the predicted ones (their edit distance) are summed over all words and divided by the number of symbols of the right rows; 0 is perfect."
        }
        Metric::Rouge => {
            "Texts are compared without regard to upper and lower case and to punctuation. ROUGE-1 counts the words, and ROUGE-2 the pairs of neighbouring words, that both texts have; twice their number is divided by the number in both texts together. The two scores are averaged (of a right text of one word ROUGE-1 is taken), and the mean over all rows is the score. 1 is perfect."
        }
        Metric::MeanAveragePrecision => {
            "For each kind the boxes of all pictures are taken in the order of their confidence. A box is right if its intersection with a true box of its kind in the same picture is at least half of their union, and no earlier box has found that one. The average precision of a kind is the area under its precision-recall curve, each precision raised to the highest at a greater recall; the score is the mean over the kinds. 1 is perfect."
        }
        Metric::Dice => {
            "For each picture twice the number of points that the predicted and the true region share is divided by the number of points of both together; the mean over the pictures is the score. 1 is perfect."
        }
        Metric::MeanIou => {
            "For each kind the points that are predicted and true are counted over all pictures, and divided by the number of points that are predicted or true; the mean over the kinds is the score. 1 is perfect."
        }
        Metric::MeanRocAuc | Metric::MeanR2 => "Each column counts alike.",
    };
    let direction = if plan.metric.higher_is_better() { "Higher is better." } else { "Lower is better." };
    format!("Submissions are scored by the {}. {} {direction}", plan.metric.name(), capital(more))
}
