//! The words by which metrics go, and those that say more of them.

use super::readings::Kind;

/// Patterns, those first that hold others.
pub(super) const PHRASES: &[(Kind, &[&str])] = &[
    (
        Kind::Edit,
        &[
            "word|character|phone|phoneme|token|letter|syllable|label error rate",
            "wer|cer",
            "levenshtein",
            "edit distance",
        ],
    ),
    (
        Kind::Rmsle,
        &["rmsle|mcrmsle", "root of? the? mean square|squared log|logarithmic|logarithm error|errors?"],
    ),
    (Kind::Msle, &["msle", "mean square|squared log|logarithmic error"]),
    (Kind::Rmspe, &["rmspe", "root mean square|squared percentage|percent error"]),
    (
        Kind::Rmse,
        &[
            "rmse|mcrmse|rmsd",
            "root of? the? mean square|squared error|errors|deviation|difference|differences",
        ],
    ),
    (Kind::MedianError, &["medae", "median of? the? absolute error|errors|deviation"]),
    (Kind::Smape, &["smape", "symmetric mean absolute percentage|percent error"]),
    (
        Kind::Mape,
        &[
            "mape",
            "mean absolute percentage|percent|relative error|errors",
            "mean absolute error in? percent",
        ],
    ),
    (Kind::Wape, &["wape|wmape", "weighted absolute percentage error"]),
    (Kind::MaxError, &["max|maximum|largest absolute? error"]),
    (
        Kind::Mae,
        &[
            "mae|mcmae",
            "mean|average of? the? absolute error|errors|deviation|difference|differences",
            "l1 error|loss",
        ],
    ),
    (
        Kind::Mse,
        &["mse", "mean|average of? the? square|squared error|errors|deviation|difference|differences"],
    ),
    (Kind::R2, &["r2|r²|r^2|r2_score", "r squared|2|square", "coefficient of determination"]),
    (Kind::ExplainedVariance, &["explained variance"]),
    (
        Kind::Balanced,
        &["balanced accuracy", "mean|average per? class accuracy|recall", "unweighted average recall", "uar"],
    ),
    (Kind::Exact, &["exact match|matches", "subset accuracy"]),
    (Kind::HitAt, &["top ~1 accuracy", "hit rate|ratio", "hits|hr @1|@3|@5|@10|@20|@k"]),
    (Kind::Mrr, &["mrr", "mean? reciprocal rank"]),
    (Kind::Ndcg, &["ndcg", "normalized|normalised? discounted cumulative gain"]),
    (
        Kind::AveragePrecision,
        &[
            "mean? average precision",
            "auprc|aucpr|prauc",
            "pr auc",
            "auc pr",
            "area under ~2 precision recall curve?",
            "precision recall auc",
        ],
    ),
    (Kind::Gini, &["gini"]),
    (Kind::Auc, &["roc auc score?", "auc roc", "auc|auroc|rocauc", "area under ~3 roc|receiver|curve"]),
    (
        Kind::LogLoss,
        &[
            "logloss|mlogloss",
            "log|logarithmic loss",
            "cross entropy loss?",
            "crossentropy|xentropy",
            "negative? log likelihood",
        ],
    ),
    (Kind::Brier, &["brier"]),
    (Kind::Kappa, &["kappa|qwk"]),
    (Kind::Matthews, &["mcc", "matthews|matthew's ~1 correlation? coefficient?", "phi coefficient"]),
    (Kind::Spearman, &["spearman|spearman's|spearmanr"]),
    (Kind::Pearson, &["pearson|pearson's|pearsonr"]),
    (Kind::Kendall, &["kendall|kendall's"]),
    (Kind::Concordance, &["lin's concordance ~2 coefficient", "concordance correlation coefficient", "ccc"]),
    (Kind::Dice, &["dice|sørensen|sorensen"]),
    (Kind::Jaccard, &["jaccard|iou|miou", "intersection over union"]),
    (Kind::F, &["f1|f2|f0.5|fbeta|f1score|macrof1|microf1|fβ", "f 1|2|0.5|beta|β", "f score|measure|scores"]),
    (Kind::Hamming, &["hamming loss|distance|score"]),
    (Kind::Pinball, &["pinball", "quantile loss|score|losses"]),
    (Kind::ErrorRate, &["misclassification rate|error", "classification error", "error rate"]),
    (Kind::Accuracy, &["accuracy", "accuracies"]),
    (Kind::Precision, &["precision"]),
    (Kind::Recall, &["recall", "sensitivity", "true positive rate"]),
];

/// Metrics of which no formula is known here.
pub(super) const UNKNOWN: &[&str] = &[
    "bleu|rouge|meteor|chrf|crps|fid|perplexity|hinge|ari|nmi|eer|poisson|tweedie|gamma|wrmsse|rmsse|mase|psnr|ssim",
    "harrell|harrell's|hausdorff|haversine|huber|dtw|wasserstein|kolmogorov|silhouette|specificity|nrmse|nmae",
    "concordance index",
    "c index",
    "mutual information",
    "rand index|score",
    "equal error rate",
    "great circle",
    "geometric mean",
    "energy distance",
    "log cosh",
    "skill score",
    "ndcg|auc|accuracy ~4 weighted by",
    "partial auc",
    "average precision ~6 intersection over union",
    "map ~6 intersection over union",
    "map ~6 iou",
    "map@iou",
];

/// Words of metrics that somebody made up.
pub(super) const OWN: &[&str] = &[
    "custom",
    "penalty",
    "penalties",
    "penalised",
    "penalized",
    "penalizes",
    "penalises",
    "bonus",
    "composite",
    "combined",
    "combination",
    "combines",
    "blend",
    "capped",
    "truncated",
    "tolerance",
    "cost",
    "costs",
    "profit",
    "standardised",
    "standardized",
    "rescaled",
    "multiplied",
    "divided",
    "subtracted",
    "plus",
    "minus",
    "relative",
    "adjusted",
    "modified",
    "baseline",
    "scaled",
];

/// Words that may stand for a part of the computation; where one of them stands the promise is not plain.
pub(super) const PARTS: &[&str] = &[
    "weight",
    "weights",
    "weighted",
    "each",
    "every",
    "per",
    "over",
    "across",
    "averaged",
    "average",
    "after",
    "before",
    "round",
    "rounded",
    "clip",
    "clipped",
    "log",
    "logarithm",
    "log10",
    "root",
    "threshold",
    "only",
    "except",
    "excluding",
    "ignored",
    "ignore",
    "within",
    "group",
    "groups",
    "normalised",
    "normalized",
    "ratio",
    "transformed",
    "scale",
    "outliers",
    "trimmed",
    "subset",
    "public",
    "private",
    "half",
    "mean",
];

pub(super) const NUMBERS: [(&str, usize); 7] =
    [("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("ten", 10), ("twenty", 20)];

/// Words that widen what others may mean.
pub(super) struct Hint {
    pub(super) name: &'static str,
    pub(super) patterns: &'static [&'static str],
}

pub(super) const HINTS: &[Hint] = &[
    Hint { name: "root", patterns: &["root|sqrt|√|squared=false"] },
    Hint { name: "log", patterns: &["log|logarithm|logarithmic|log1p|logs|logarithms|ln"] },
    Hint { name: "balanced", patterns: &["averaged|average|mean|per|each|balanced|every"] },
    Hint { name: "precision", patterns: &["precision"] },
    Hint { name: "correlation", patterns: &["correlation"] },
    Hint {
        name: "exponential",
        patterns: &["2^relevance|2^rel|2^grade|2^gain|2**relevance|2**rel|exponential"],
    },
    Hint { name: "columns", patterns: &["column wise", "columnwise", "column|columns"] },
];
