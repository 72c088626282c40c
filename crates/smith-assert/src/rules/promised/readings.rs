//! The ways of computing each metric, and which of them a promise allows.

use super::promise::Promise;
use crate::formulas::{Average, Columns, Denominator, Discount, EditRate, Measure, Overlap, Part, Weights};

/// A metric by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Accuracy,
    AveragePrecision,
    Auc,
    Balanced,
    Bias,
    Brier,
    Concordance,
    Correlation,
    Dice,
    Edit,
    ErrorRate,
    Exact,
    ExplainedVariance,
    F,
    Gini,
    Hamming,
    HitAt,
    Jaccard,
    Kappa,
    Kendall,
    LogLoss,
    Mae,
    Mape,
    Matthews,
    MaxError,
    MedianError,
    Mrr,
    Mse,
    Msle,
    Ndcg,
    Overlap,
    Pearson,
    Pinball,
    Precision,
    R2,
    Recall,
    Rmse,
    Rmsle,
    Rmspe,
    Smape,
    Spearman,
    Wape,
}

/// One way of computing a metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reading {
    pub(super) kind: Kind,
    pub(super) measure: Measure,
    /// False for what is computed by mistake only.
    pub(super) usual: bool,
}

const BOTH: [Columns; 2] = [Columns::Mean, Columns::Pooled];
/// Lengths of lists that are tried.
const LENGTHS: [usize; 19] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 50, 100, 500, usize::MAX];

/// All ways, the simple ones first. `shares` are quantiles that may be meant.
pub(super) fn readings(promise: &Promise) -> Vec<Reading> {
    let mut all = Vec::new();
    for columns in BOTH {
        of_numbers(columns, &mut |kind, measure| all.push(Reading { kind, measure, usual: true }));
        of_labels(columns, &mut |kind, measure| all.push(Reading { kind, measure, usual: true }));
    }
    let mut add = |kind, measure, usual| all.push(Reading { kind, measure, usual });
    for (part, kind) in [
        (Part::F(1.0), Kind::F),
        (Part::F(2.0), Kind::F),
        (Part::F(0.5), Kind::F),
        (Part::Precision, Kind::Precision),
        (Part::Recall, Kind::Recall),
        (Part::Jaccard, Kind::Jaccard),
    ] {
        for average in AVERAGES {
            add(kind, Measure::Classes(part, average), true);
            if average != Average::Samples {
                add(kind, Measure::ClassesOfColumns(part, average), true);
            }
        }
        add(kind, Measure::Classes(part, Average::MacroOfGiven), false);
    }
    for beta in promise.betas.iter().copied().filter(|beta| ![0.5, 1.0, 2.0].contains(beta)) {
        AVERAGES.into_iter().for_each(|average| add(Kind::F, Measure::Classes(Part::F(beta), average), true));
    }
    for weights in [Weights::None, Weights::Linear, Weights::Quadratic] {
        for by_number in [true, false] {
            add(Kind::Kappa, Measure::Kappa(weights, by_number), true);
        }
    }
    for (kind, measure) in [
        (Kind::LogLoss, Measure::LogLossOfRows),
        (Kind::Brier, Measure::Brier(false)),
        (Kind::Brier, Measure::Brier(true)),
        (Kind::Auc, Measure::AucWeighted),
        (Kind::Exact, Measure::Exact),
    ] {
        add(kind, measure, true);
    }
    for turned in [false, true] {
        add(Kind::Pinball, Measure::Pinball(None, turned), !turned);
        promise.shares.iter().for_each(|&q| add(Kind::Pinball, Measure::Pinball(Some(q), turned), !turned));
    }
    of_lists(&mut add);
    of_masks(&mut add);
    // Distances are dear, and nobody takes one for another metric.
    if promise.kinds.contains(&Kind::Edit) {
        of_sequences(&mut add);
    }
    all
}

const AVERAGES: [Average; 7] = [
    Average::Macro,
    Average::MacroOfTrue,
    Average::Micro,
    Average::Weighted,
    Average::Samples,
    Average::One(true),
    Average::One(false),
];

fn of_numbers(columns: Columns, add: &mut impl FnMut(Kind, Measure)) {
    for (kind, measure) in [
        (Kind::Mae, Measure::Mae(columns)),
        (Kind::Mse, Measure::Mse(columns)),
        (Kind::Rmse, Measure::Rmse(columns)),
        (Kind::Msle, Measure::Msle(true, columns)),
        (Kind::Msle, Measure::Msle(false, columns)),
        (Kind::Rmsle, Measure::Rmsle(true, columns)),
        (Kind::Rmsle, Measure::Rmsle(false, columns)),
        (Kind::Mae, Measure::MeanLogError(columns)),
        (Kind::Mape, Measure::Mape(true, columns)),
        (Kind::Mape, Measure::Mape(false, columns)),
        (Kind::Smape, Measure::Smape(true, columns)),
        (Kind::Smape, Measure::Smape(false, columns)),
        (Kind::Rmspe, Measure::Rmspe(columns)),
        (Kind::Wape, Measure::Wape(columns)),
        (Kind::MedianError, Measure::MedianError(columns)),
        (Kind::MaxError, Measure::MaxError(columns)),
        (Kind::Bias, Measure::Bias(columns)),
        (Kind::R2, Measure::R2(columns)),
        (Kind::ExplainedVariance, Measure::ExplainedVariance(columns)),
        (Kind::Pearson, Measure::Pearson(columns)),
        (Kind::R2, Measure::SquaredPearson(columns)),
        (Kind::Spearman, Measure::Spearman(columns)),
        (Kind::Kendall, Measure::Kendall(columns)),
        (Kind::Concordance, Measure::Concordance(columns)),
    ] {
        add(kind, measure);
    }
}

fn of_labels(columns: Columns, add: &mut impl FnMut(Kind, Measure)) {
    for (kind, measure) in [
        (Kind::Accuracy, Measure::Accuracy(columns)),
        (Kind::Balanced, Measure::BalancedAccuracy(columns)),
        (Kind::Matthews, Measure::Matthews(columns)),
        (Kind::LogLoss, Measure::LogLoss(columns)),
        (Kind::Auc, Measure::Auc(columns)),
        (Kind::AveragePrecision, Measure::AveragePrecision(columns)),
        (Kind::AveragePrecision, Measure::PrecisionRecallArea(columns)),
    ] {
        add(kind, measure);
    }
}

fn of_lists(add: &mut impl FnMut(Kind, Measure, bool)) {
    for skips in [true, false] {
        for k in LENGTHS {
            for denominator in
                [Denominator::Reachable, Denominator::Relevant, Denominator::Length, Denominator::Found]
            {
                add(Kind::AveragePrecision, Measure::MapAt(k, denominator, skips), true);
            }
            for exponential in [false, true] {
                add(Kind::Ndcg, Measure::NdcgAt(k, exponential, Discount::Usual, skips), true);
                for discount in [Discount::Late, Discount::Early, Discount::Rank, Discount::None] {
                    add(Kind::Ndcg, Measure::NdcgAt(k, exponential, discount, skips), false);
                }
            }
            add(Kind::Mrr, Measure::MrrAt(k, skips), true);
        }
    }
    for k in LENGTHS {
        for other in [false, true] {
            add(Kind::Recall, Measure::RecallAt(k, other), true);
            add(Kind::Precision, Measure::PrecisionAt(k, other), true);
        }
        add(Kind::HitAt, Measure::HitAt(k), true);
    }
}

fn of_sequences(add: &mut impl FnMut(Kind, Measure, bool)) {
    for words in [true, false] {
        for rate in [EditRate::OfAll, EditRate::OfRows, EditRate::OfLonger, EditRate::Mean] {
            add(Kind::Edit, Measure::Edit(words, rate), true);
        }
        add(Kind::Edit, Measure::Edit(words, EditRate::Sum), false);
    }
}

fn of_masks(add: &mut impl FnMut(Kind, Measure, bool)) {
    for pooled in [false, true] {
        for empty in [true, false] {
            for (kind, of) in [
                (Kind::Dice, Overlap::Dice),
                (Kind::Jaccard, Overlap::Iou),
                (Kind::Recall, Overlap::Recall),
                (Kind::Precision, Overlap::Precision),
                (Kind::Overlap, Overlap::OfLarger),
                (Kind::Overlap, Overlap::OfSmaller),
            ] {
                add(kind, Measure::Mask(of, pooled, empty), true);
            }
        }
    }
}

impl Promise {
    /// Whether the promise can be understood as this.
    pub(super) fn allows(&self, reading: &Reading) -> bool {
        reading.usual
            && self.kinds.iter().any(|kind| self.means(*kind, reading))
            && self.fits(&reading.measure)
    }

    /// Whether a name can mean a kind.
    fn means(&self, named: Kind, reading: &Reading) -> bool {
        let kind = reading.kind;
        let also: &[Kind] = match named {
            Kind::Accuracy if self.hints("balanced") => &[Kind::Balanced, Kind::Exact],
            Kind::Accuracy | Kind::ErrorRate | Kind::Hamming => &[Kind::Accuracy, Kind::Exact],
            Kind::Exact => &[Kind::Accuracy],
            Kind::HitAt => &[Kind::Recall, Kind::Accuracy],
            Kind::Balanced => &[Kind::Recall],
            Kind::Recall => &[Kind::Balanced, Kind::HitAt],
            Kind::Precision => &[Kind::AveragePrecision],
            Kind::Mse if self.hints("root") => &[Kind::Rmse],
            Kind::Rmse | Kind::Mse if self.hints("log") => &[Kind::Rmsle, Kind::Msle],
            Kind::Msle if self.hints("root") => &[Kind::Rmsle],
            Kind::Mse => &[Kind::Brier],
            Kind::Brier => &[Kind::Mse],
            Kind::R2 if self.hints("correlation") => &[Kind::Pearson],
            Kind::R2 => &[Kind::ExplainedVariance],
            Kind::ExplainedVariance => &[Kind::R2],
            Kind::Auc if self.hints("precision") => &[Kind::AveragePrecision],
            Kind::Gini => &[Kind::Auc],
            Kind::Dice => &[Kind::F],
            Kind::F => &[Kind::Dice],
            Kind::Mrr => &[Kind::AveragePrecision],
            Kind::Correlation => &[Kind::Pearson, Kind::Spearman, Kind::Kendall, Kind::Matthews],
            Kind::Mape => &[Kind::Wape, Kind::Smape],
            Kind::Wape => &[Kind::Mape],
            _ => &[],
        };
        let log_error = matches!(reading.measure, Measure::MeanLogError(_));
        let precision_and_recall = reading.kind == Kind::F
            && self.kinds.contains(&Kind::Precision)
            && self.kinds.contains(&Kind::Recall);
        (!log_error || self.hints("log")) && (named == kind || also.contains(&kind) || precision_and_recall)
    }

    /// Whether a way of computing has nothing that the promise says otherwise.
    fn fits(&self, measure: &Measure) -> bool {
        let average = |average: &Average| self.averages.is_empty() || self.averages.contains(average);
        match measure {
            Measure::Classes(part, of) | Measure::ClassesOfColumns(part, of) => {
                let beta = match part {
                    Part::F(beta) => self.betas.is_empty() || self.betas.contains(beta),
                    _ => true,
                };
                // The mean over columns is a macro average too.
                let of_columns = matches!(measure, Measure::ClassesOfColumns(..)) && average(&Average::Macro);
                beta && (average(of) || of_columns)
            }
            Measure::Kappa(weights, _) => self.weights.is_none_or(|said| said == *weights),
            Measure::MapAt(k, ..)
            | Measure::NdcgAt(k, ..)
            | Measure::MrrAt(k, _)
            | Measure::RecallAt(k, _)
            | Measure::PrecisionAt(k, _)
            | Measure::HitAt(k) => self.lengths.is_empty() || self.lengths.contains(k),
            Measure::Auc(Columns::Pooled) => average(&Average::Micro),
            Measure::AucWeighted => average(&Average::Weighted),
            _ => true,
        }
    }
}

impl Reading {
    /// Its name, for messages.
    pub(super) fn name(&self) -> String {
        let of_columns = |name: &str, columns: Columns| match columns {
            Columns::Mean => name.to_owned(),
            Columns::Pooled => format!("{name} over the cells of all columns"),
        };
        match self.measure {
            Measure::Accuracy(columns) => of_columns("accuracy", columns),
            Measure::Exact => "the share of rows of which everything is right".to_owned(),
            Measure::BalancedAccuracy(columns) => of_columns("balanced accuracy", columns),
            Measure::Classes(part, average) => class_name(part, average),
            Measure::ClassesOfColumns(part, average) => {
                format!("the mean over columns of the {}", class_name(part, average))
            }
            Measure::Matthews(columns) => of_columns("the correlation coefficient of Matthews", columns),
            Measure::Kappa(Weights::None, _) => "Cohen's kappa without weights".to_owned(),
            Measure::Kappa(Weights::Linear, _) => "linearly weighted kappa".to_owned(),
            Measure::Kappa(Weights::Quadratic, _) => "quadratically weighted kappa".to_owned(),
            Measure::LogLoss(columns) => of_columns("log loss of yes and no", columns),
            Measure::LogLossOfRows => "multi-class log loss".to_owned(),
            Measure::Brier(_) => "Brier score".to_owned(),
            Measure::Auc(columns) => of_columns("area under the ROC curve", columns),
            Measure::AucWeighted => "area under the ROC curve, columns weighted by frequency".to_owned(),
            Measure::AveragePrecision(columns) => of_columns("average precision", columns),
            Measure::PrecisionRecallArea(columns) => {
                of_columns("area under the precision-recall curve", columns)
            }
            Measure::Mae(columns) => of_columns("MAE", columns),
            Measure::Mse(columns) => of_columns("MSE", columns),
            Measure::Rmse(columns) => of_columns("RMSE", columns),
            Measure::Msle(plus, columns) => {
                of_columns(if plus { "MSLE" } else { "MSE of the logarithms" }, columns)
            }
            Measure::Rmsle(plus, columns) => {
                of_columns(if plus { "RMSLE" } else { "RMSE of the logarithms" }, columns)
            }
            Measure::MeanLogError(columns) => of_columns("MAE of the logarithms", columns),
            Measure::Mape(_, columns) => of_columns("MAPE", columns),
            Measure::Smape(_, columns) => of_columns("SMAPE", columns),
            Measure::Rmspe(columns) => of_columns("RMSPE", columns),
            Measure::Wape(columns) => of_columns("WAPE", columns),
            Measure::MedianError(columns) => of_columns("median absolute error", columns),
            Measure::MaxError(columns) => of_columns("largest absolute error", columns),
            Measure::Bias(columns) => of_columns("the absolute value of the mean error", columns),
            Measure::R2(columns) => of_columns("R²", columns),
            Measure::ExplainedVariance(columns) => of_columns("explained variance", columns),
            Measure::Pearson(columns) => of_columns("Pearson's correlation", columns),
            Measure::SquaredPearson(columns) => of_columns("the square of Pearson's correlation", columns),
            Measure::Spearman(columns) => of_columns("Spearman's correlation", columns),
            Measure::Kendall(columns) => of_columns("Kendall's correlation", columns),
            Measure::Concordance(columns) => of_columns("Lin's concordance", columns),
            Measure::Pinball(_, false) => "pinball loss".to_owned(),
            Measure::Pinball(_, true) => "pinball loss with over- and underestimation exchanged".to_owned(),
            Measure::MapAt(k, denominator, _) => {
                let by = match denominator {
                    Denominator::Reachable => "",
                    Denominator::Relevant => " divided by the number of relevant items",
                    Denominator::Length => " divided by the length of the list",
                    Denominator::Found => " divided by the number of hits",
                };
                format!("MAP{}{by}", at(k))
            }
            Measure::NdcgAt(k, exponential, discount, _) => {
                let gain = if exponential { " with gains 2^relevance - 1" } else { "" };
                let by = match discount {
                    Discount::Usual => "",
                    Discount::Late => " and a discount of log2(rank + 2)",
                    Discount::Early => " and a discount of log2(rank)",
                    Discount::Rank => " and the rank as discount",
                    Discount::None => " without a discount",
                };
                format!("NDCG{}{gain}{by}", at(k))
            }
            Measure::MrrAt(k, _) => format!("MRR{}", at(k)),
            Measure::RecallAt(k, _) => format!("recall{}", at(k)),
            Measure::PrecisionAt(k, _) => format!("precision{}", at(k)),
            Measure::HitAt(k) => format!("hit rate{}", at(k)),
            Measure::Edit(words, rate) => {
                let of = if words { "words" } else { "characters" };
                match rate {
                    EditRate::OfAll => format!("error rate of {of}"),
                    EditRate::OfRows => format!("error rate of {of}, averaged over rows"),
                    EditRate::OfLonger => format!("edit distance of {of} by the longer of both"),
                    EditRate::Mean => format!("mean edit distance of {of}"),
                    EditRate::Sum => format!("sum of the edit distances of {of}"),
                }
            }
            Measure::Mask(of, pooled, _) => {
                let name = match of {
                    Overlap::Dice => "Dice coefficient",
                    Overlap::Iou => "intersection over union",
                    Overlap::Recall => "recall of the pixels",
                    Overlap::Precision => "precision of the pixels",
                    Overlap::OfLarger => "common part of the larger mask",
                    Overlap::OfSmaller => "common part of the smaller mask",
                };
                format!("{name} {}", if pooled { "of all pixels together" } else { "averaged over masks" })
            }
        }
    }
}

fn at(k: usize) -> String {
    if k == usize::MAX { String::new() } else { format!("@{k}") }
}

fn class_name(part: Part, average: Average) -> String {
    let name = match part {
        Part::F(beta) => format!("F{beta}"),
        Part::Precision => "precision".to_owned(),
        Part::Recall => "recall".to_owned(),
        Part::Jaccard => "Jaccard index".to_owned(),
    };
    match average {
        Average::Macro => format!("macro {name}"),
        Average::MacroOfTrue => format!("macro {name} over the classes of the answers"),
        Average::MacroOfGiven => format!("macro {name} over the predicted classes only"),
        Average::Micro => format!("micro {name}"),
        Average::Weighted => format!("{name} weighted by frequency"),
        Average::Samples => format!("{name} averaged over rows"),
        Average::One(true) => format!("{name} of the greater class"),
        Average::One(false) => format!("{name} of the smaller class"),
    }
}
