//! Metrics by name: how descriptions call them, what computes them, and in which direction they are better.

use std::collections::BTreeSet;

use super::words::{Word, find, words};
use crate::pysrc::{Module, Reach};

/// A metric under the names that it goes by.
struct Family {
    name: &'static str,
    /// None where both directions are usual.
    higher_is_better: Option<bool>,
    /// Patterns of words, see [`find`].
    phrases: &'static [&'static str],
    /// Functions that compute it.
    functions: &'static [&'static str],
}

const fn family(
    name: &'static str,
    higher_is_better: Option<bool>,
    phrases: &'static [&'static str],
    functions: &'static [&'static str],
) -> Family {
    Family { name, higher_is_better, phrases, functions }
}

const FAMILIES: &[Family] = &[
    family(
        "RMSLE",
        Some(false),
        &[
            "rmsle",
            "root mean|mean-square|mean-squared square|squared? log|logarithmic|logarithm error|errors?",
        ],
        &["root_mean_squared_log_error"],
    ),
    family(
        "MSLE",
        Some(false),
        &["msle", "mean squared|square log|logarithmic error"],
        &["mean_squared_log_error"],
    ),
    family(
        "RMSE",
        Some(false),
        &[
            "rmse|nrmse|root-mean-square|root-mean-squared|root-mean-square-error|mcrmse",
            "root mean|mean-square|mean-squared square|squared? error|errors|deviation",
        ],
        &["root_mean_squared_error"],
    ),
    family(
        "MSE",
        Some(false),
        &["mse", "mean squared|square error|errors", "mean-squared error"],
        &["mean_squared_error"],
    ),
    family(
        "MAE",
        Some(false),
        &[
            "mae",
            "mean absolute error|errors|deviation|difference",
            "mean-absolute error",
            "average absolute error|difference",
        ],
        &["mean_absolute_error"],
    ),
    family(
        "median absolute error",
        Some(false),
        &["median absolute error", "medae"],
        &["median_absolute_error"],
    ),
    family(
        "MAPE",
        Some(false),
        &["mape|smape", "mean absolute percentage error"],
        &["mean_absolute_percentage_error"],
    ),
    family(
        "R²",
        Some(true),
        &["r2|r²|r^2|r-squared|r2-score", "r squared", "coefficient of determination"],
        &["r2_score"],
    ),
    family(
        "accuracy",
        Some(true),
        &["accuracy", "classification accuracy", "categorization accuracy"],
        &["accuracy_score"],
    ),
    family(
        "balanced accuracy",
        Some(true),
        &["balanced accuracy", "macro|mean recall"],
        &["balanced_accuracy_score"],
    ),
    family(
        "F score",
        Some(true),
        &[
            "f1|f1-score|f-score|f1-measure|f-measure|fbeta|f-beta|macro-f1|micro-f1|f2|f1_score|weighted-f1|f0.5",
            "f score|measure",
        ],
        &["f1_score", "fbeta_score"],
    ),
    family(
        "AUC",
        Some(true),
        &["auc|roc-auc|auroc|auc-roc|roc_auc|roc_auc_score|rocauc", "area under ~3 roc|receiver|curve"],
        &["roc_auc_score", "auc"],
    ),
    family(
        "average precision",
        Some(true),
        &[
            "average|mean-average precision",
            "map@k|map@3|map@5|map@7|map@10|map@12|map@100|auprc|pr-auc|aucpr",
            "area under ~2 precision-recall",
        ],
        &["average_precision_score", "auc"],
    ),
    family(
        "log loss",
        Some(false),
        &[
            "logloss|log-loss|cross-entropy|crossentropy",
            "log|logarithmic loss",
            "cross entropy",
            "negative log likelihood|log-likelihood",
        ],
        &["log_loss", "binary_crossentropy"],
    ),
    family("Brier score", Some(false), &["brier"], &["brier_score_loss"]),
    family("kappa", Some(true), &["kappa|qwk"], &["cohen_kappa_score"]),
    family("MCC", Some(true), &["mcc|matthews|phi-coefficient"], &["matthews_corrcoef"]),
    family("Spearman correlation", Some(true), &["spearman|spearman's|spearmanr"], &["spearmanr"]),
    family("Pearson correlation", Some(true), &["pearson|pearson's|pearsonr"], &["pearsonr"]),
    family("Kendall correlation", Some(true), &["kendall|kendall's"], &["kendalltau"]),
    family("Jaccard index", Some(true), &["jaccard|iou", "intersection over union"], &["jaccard_score"]),
    family("Dice coefficient", Some(true), &["dice"], &[]),
    family(
        "NDCG",
        Some(true),
        &["ndcg|ndcg@5|ndcg@10", "discounted cumulative gain"],
        &["ndcg_score", "dcg_score"],
    ),
    family("Hamming loss", Some(false), &["hamming loss|distance"], &["hamming_loss"]),
    family("hinge loss", Some(false), &["hinge loss"], &["hinge_loss"]),
    family("pinball loss", Some(false), &["pinball|quantile loss"], &["mean_pinball_loss"]),
    family("word error rate", Some(false), &["wer|cer", "word|character error rate"], &["wer", "cer"]),
    family("edit distance", Some(false), &["levenshtein", "edit distance"], &["levenshtein"]),
    family("BLEU", Some(true), &["bleu"], &["sentence_bleu", "corpus_bleu"]),
    family("ROUGE", Some(true), &["rouge|rouge-l"], &[]),
    family("precision", Some(true), &["macro|micro|weighted precision"], &["precision_score"]),
    family(
        "recall",
        Some(true),
        &["recall@k|recall@5|recall@10", "macro|micro|weighted recall"],
        &["recall_score"],
    ),
    family("Rand index", Some(true), &["rand index|score", "ari"], &["adjusted_rand_score"]),
    family(
        "mutual information",
        Some(true),
        &["mutual information", "nmi"],
        &["normalized_mutual_info_score"],
    ),
    family("concordance index", Some(true), &["concordance|c-index"], &["concordance_index"]),
    family("Gini coefficient", Some(true), &["gini"], &[]),
];

/// Pairs of which one is computed with the other's function, or is the other for some kinds of data.
const AKIN: &[(&str, &str)] = &[
    ("balanced accuracy", "recall"),
    ("F score", "Dice coefficient"),
    ("AUC", "Gini coefficient"),
    ("Jaccard index", "average precision"),
    ("RMSE", "RMSLE"),
    ("MSE", "Brier score"),
    ("edit distance", "word error rate"),
];

/// Names of metrics.
pub(super) type Named = BTreeSet<&'static str>;

/// The metrics that words name. A name within a longer one (`MSE` in `root mean squared error`) does not count.
pub(super) fn named_by(words: &[Word]) -> Named {
    let mut found = Named::new();
    let mut left = words.to_vec();
    for family in by_length() {
        for phrase in family.phrases {
            while let Some((from, to)) = find(&left, phrase) {
                // "The accuracy of the predictions" is no metric yet.
                let vague = family.name == "accuracy" && left.get(to).is_some_and(|word| word.text == "of");
                if !vague {
                    found.insert(family.name);
                }
                for word in left.iter_mut().take(to).skip(from) {
                    word.text.clear();
                }
            }
        }
    }
    found
}

/// Families with names that hold others' come first.
fn by_length() -> impl Iterator<Item = &'static Family> {
    let long =
        ["RMSLE", "MSLE", "RMSE", "MAPE", "median absolute error", "balanced accuracy", "average precision"];
    let first = FAMILIES.iter().filter(move |family| long.contains(&family.name));
    first.chain(FAMILIES.iter().filter(move |family| !long.contains(&family.name)))
}

/// The metrics whose functions run when `reach` does; by the form of the source where there is no such function.
pub(super) fn computed_by(module: &Module, reach: &Reach) -> Named {
    let mut found = Named::new();
    let mut source = String::new();
    for function in module.functions.iter().filter(|function| reach.has(Some(&function.name))) {
        source.push_str(&function.source);
    }
    for class in &module.classes {
        let runs = |name: &str| reach.has(Some(&format!("{}.{name}", class.name)));
        let methods = class.methods.iter().filter(|method| runs(&method.name));
        methods.for_each(|method| source.push_str(&method.source));
    }
    let rooted = ["sqrt", "0.5", "1/2", "1 / 2", "squared=False"].iter().any(|mark| source.contains(mark));
    found.extend(called_by(module, reach));
    if rooted && found.contains("MSE") {
        found.insert("RMSE");
    }
    if rooted && found.contains("MSLE") {
        found.insert("RMSLE");
    }
    if found.is_empty() { by_form(&source, rooted) } else { found }
}

/// The metrics whose functions run when `reach` does.
pub(super) fn called_by(module: &Module, reach: &Reach) -> Named {
    let mut found = Named::new();
    for call in module.calls_in(reach).filter(|call| module.is_imported(&call.target)) {
        let last = call.target.rsplit('.').next().unwrap_or_default();
        let families = FAMILIES.iter().filter(|family| family.functions.contains(&last));
        found.extend(families.map(|family| family.name));
    }
    found
}

/// What a formula may be. Nothing when it is none of the plain ones.
fn by_form(source: &str, rooted: bool) -> Named {
    let has = |marks: &[&str]| marks.iter().any(|mark| source.contains(mark));
    let squares = has(&["** 2", "**2", "square(", "power(", ".pow("]);
    let absolute = has(&["abs("]);
    let equal = has(&["==", "corr", "sorted", "groupby", "for "]);
    match (squares, absolute) {
        (true, false) if !equal && has(&["log1p", "log("]) => Named::from(["RMSLE", "MSLE"]),
        (true, false) if !equal && rooted => Named::from(["RMSE"]),
        (true, false) if !equal => Named::from(["MSE", "RMSE", "R²", "Brier score"]),
        (false, true) if !equal && !has(&["/ ", "median", "log"]) => Named::from(["MAE"]),
        _ => Named::new(),
    }
}

/// Metrics whose plain formulas are told apart by their form.
const ERRORS: [&str; 7] = ["MAE", "MSE", "RMSE", "MSLE", "RMSLE", "MAPE", "median absolute error"];

/// Whether what is named has a plain formula.
pub(super) fn are_errors(named: &Named) -> bool {
    named.iter().all(|name| ERRORS.contains(name))
}

/// Whether the metrics of two sides can be the same one.
pub(super) fn agree(described: &Named, computed: &Named) -> bool {
    let akin = |a: &str, b: &str| a == b || AKIN.contains(&(a, b)) || AKIN.contains(&(b, a));
    described.is_empty()
        || computed.is_empty()
        || described.iter().any(|a| computed.iter().any(|b| akin(a, b)))
}

/// The direction that all of the metrics share.
pub(super) fn direction(named: &Named) -> Option<bool> {
    let mut directions = named.iter().map(|name| {
        FAMILIES.iter().find(|family| family.name == *name).and_then(|family| family.higher_is_better)
    });
    let first = directions.next()??;
    directions.all(|other| other == Some(first)).then_some(first)
}

/// The part of a description that tells of the metric: sections with a heading that says so; without one, sentences
/// that say so.
pub(super) fn metric_part(text: &str) -> Vec<Word> {
    let all = words(text);
    let lines: Vec<&str> = text.split('\n').collect();
    let mut in_section = false;
    let mut of_section = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        if is_heading(line, lines.get(index + 1).copied().unwrap_or_default()) {
            in_section = tells_of_metric(&line.to_lowercase()) || is_score(line);
        }
        if in_section {
            of_section.insert(index + 1);
        }
    }
    if of_section.is_empty() {
        let telling = lines.iter().enumerate().filter(|(_, line)| tells_of_metric(&line.to_lowercase()));
        of_section.extend(telling.flat_map(|(index, _)| index + 1..=index + 2));
    }
    all.into_iter().filter(|word| of_section.contains(&word.line)).collect()
}

/// `Score:`, `### Score`.
fn is_score(heading: &str) -> bool {
    let letters: String =
        heading.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    ["score", "scores", "thescore", "yourscore"].contains(&letters.as_str())
}

fn tells_of_metric(line: &str) -> bool {
    ["metric", "evaluat", "scoring", "scored", "judged", "graded", "measured by"]
        .iter()
        .any(|word| line.contains(word))
}

/// `# Metric`, `**Metric**`, `Metric:`, `Metric` over dashes, or a short line by itself in capitals.
fn is_heading(line: &str, next: &str) -> bool {
    let line = line.trim();
    let short = !line.is_empty() && line.chars().count() <= 60;
    let underlined = next.trim().len() >= 3 && next.trim().chars().all(|c| matches!(c, '-' | '=' | '~'));
    let few = line.split_whitespace().count() <= 5
        && !line.ends_with(['.', ',', ';'])
        && !line.starts_with(['-', '*', '`', '|']);
    line.starts_with('#')
        || (short && underlined)
        || (short && line.starts_with("**") && line.trim_end_matches(':').ends_with("**"))
        || (short && few && (line.ends_with(':') || line.chars().next().is_some_and(char::is_uppercase)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<&'static str> {
        named_by(&words(text)).into_iter().collect()
    }

    #[test]
    fn metrics_are_known_by_their_names() {
        for (text, expected) in [
            ("the Root Mean Squared Error (RMSE)", vec!["RMSE"]),
            ("the root mean squared logarithmic error", vec!["RMSLE"]),
            ("mean squared error", vec!["MSE"]),
            ("**MAE**, lower is better", vec!["MAE"]),
            ("area under the ROC curve", vec!["AUC"]),
            ("macro-F1", vec!["F score"]),
            ("multi-class logarithmic loss", vec!["log loss"]),
            ("balanced accuracy", vec!["balanced accuracy"]),
            ("the mean average precision (MAP@5)", vec!["average precision"]),
            ("predict the price", vec![]),
        ] {
            assert_eq!(named(text), expected, "{text}");
        }
    }

    #[test]
    fn the_part_about_the_metric_is_found() {
        let text = "Accuracy of scales\n\nData\n----\nThe MAE of the device.\n\n## Evaluation\nRMSE.\n\n## Files\nR2.\n";
        assert_eq!(named_by(&metric_part(text)), Named::from(["RMSE"]));
        let text =
            "We use scales.\nSubmissions are scored by accuracy.\nHigher is better.\nThe MAE is on the box.";
        assert_eq!(named_by(&metric_part(text)), Named::from(["accuracy"]));
    }
}
