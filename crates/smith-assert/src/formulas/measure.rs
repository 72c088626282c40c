//! Every formula by one name, with what may differ between two ways of computing it.

use super::labels::{Average, Part, Weights};
use super::lists::{Denominator, Discount, Ranked};
use super::masks::{self, Overlap};
use super::numbers as of_numbers;
use super::probabilities;
use super::sequences::{self, EditRate};
use super::sheet::Sheet;
use crate::rank;

/// How several columns are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// The mean of the columns.
    Mean,
    /// All cells as one column.
    Pooled,
}

/// A formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    Accuracy(Columns),
    /// Rows of which everything is right.
    Exact,
    BalancedAccuracy(Columns),
    /// Of labels, of columns of yes and no, or of lists.
    Classes(Part, Average),
    /// The mean of the columns, each with labels of its own.
    ClassesOfColumns(Part, Average),
    Matthews(Columns),
    /// By the numbers of the labels, or by their order when `false`.
    Kappa(Weights, bool),
    LogLoss(Columns),
    LogLossOfRows,
    /// The mean of the squared errors of probabilities, or their sum in each row when `true`.
    Brier(bool),
    Auc(Columns),
    /// Weighted by how often each column is true.
    AucWeighted,
    AveragePrecision(Columns),
    PrecisionRecallArea(Columns),
    Mae(Columns),
    Mse(Columns),
    Rmse(Columns),
    /// Of the values plus one, or of the values when `false`.
    Msle(bool, Columns),
    Rmsle(bool, Columns),
    MeanLogError(Columns),
    /// Without answers that are 0 when `true`.
    Mape(bool, Columns),
    Smape(bool, Columns),
    Rmspe(Columns),
    Wape(Columns),
    MedianError(Columns),
    MaxError(Columns),
    Bias(Columns),
    R2(Columns),
    ExplainedVariance(Columns),
    Pearson(Columns),
    SquaredPearson(Columns),
    Spearman(Columns),
    Kendall(Columns),
    Concordance(Columns),
    /// One quantile for all columns, or the one that each column's name says. The other way round when `true`.
    Pinball(Option<f64>, bool),
    /// The mean over lists. Lists for which nothing is relevant are left out when `true`, and count 0 otherwise.
    MapAt(usize, Denominator, bool),
    /// Gains are 2^relevance - 1 when the first is `true`.
    NdcgAt(usize, bool, Discount, bool),
    MrrAt(usize, bool),
    RecallAt(usize, bool),
    PrecisionAt(usize, bool),
    HitAt(usize),
    /// Of words when `true`, of characters otherwise.
    Edit(bool, EditRate),
    /// Of all pixels together when the first is `true`; two empty masks count 1 when the second is.
    Mask(Overlap, bool, bool),
}

impl Measure {
    /// The figure; nothing when the formula does not fit what is compared.
    pub(crate) fn value(self, sheet: &Sheet) -> Option<f64> {
        let value = self.of_numbers(sheet).or_else(|| self.of_labels(sheet)).or_else(|| self.of_lists(sheet));
        value.filter(|value| value.is_finite())
    }

    fn of_numbers(self, sheet: &Sheet) -> Option<f64> {
        type Of = fn(&[f64], &[f64]) -> Option<f64>;
        let (of, columns): (Of, Columns) = match self {
            Self::Mae(columns) => (of_numbers::mae, columns),
            Self::Mse(columns) => (of_numbers::mse, columns),
            Self::Rmse(columns) => (|t, p| of_numbers::mse(t, p).map(f64::sqrt), columns),
            Self::Msle(true, columns) => (|t, p| of_numbers::msle(t, p, true), columns),
            Self::Msle(false, columns) => (|t, p| of_numbers::msle(t, p, false), columns),
            Self::Rmsle(true, columns) => (|t, p| of_numbers::msle(t, p, true).map(f64::sqrt), columns),
            Self::Rmsle(false, columns) => (|t, p| of_numbers::msle(t, p, false).map(f64::sqrt), columns),
            Self::MeanLogError(columns) => (of_numbers::mean_log_error, columns),
            Self::Mape(true, columns) => (|t, p| of_numbers::mape(t, p, true), columns),
            Self::Mape(false, columns) => (|t, p| of_numbers::mape(t, p, false), columns),
            Self::Smape(true, columns) => (|t, p| of_numbers::smape(t, p, true), columns),
            Self::Smape(false, columns) => (|t, p| of_numbers::smape(t, p, false), columns),
            Self::Rmspe(columns) => (of_numbers::rmspe, columns),
            Self::Wape(columns) => (of_numbers::wape, columns),
            Self::MedianError(columns) => (of_numbers::median_error, columns),
            Self::MaxError(columns) => (of_numbers::max_error, columns),
            Self::Bias(columns) => (of_numbers::bias, columns),
            Self::R2(columns) => (of_numbers::r2, columns),
            Self::ExplainedVariance(columns) => (of_numbers::explained_variance, columns),
            Self::Pearson(columns) => (of_numbers::pearson, columns),
            Self::SquaredPearson(columns) => (|t, p| of_numbers::pearson(t, p).map(|r| r * r), columns),
            Self::Spearman(columns) => (rank::spearman, columns),
            Self::Kendall(columns) => (of_numbers::kendall, columns),
            Self::Concordance(columns) => (of_numbers::concordance, columns),
            Self::Pinball(quantile, turned) => return pinball(sheet, quantile, turned),
            _ => return self.of_probabilities(sheet),
        };
        over(sheet, columns, |sheet, at| sheet.numbers(at).and_then(|(t, p)| of(t, p)))
    }

    fn of_probabilities(self, sheet: &Sheet) -> Option<f64> {
        type Of = fn(&[bool], &[f64]) -> Option<f64>;
        let (of, columns): (Of, Columns) = match self {
            Self::LogLoss(columns) => (probabilities::log_loss, columns),
            Self::Auc(columns) => (probabilities::auc, columns),
            Self::AveragePrecision(columns) => (probabilities::average_precision, columns),
            Self::PrecisionRecallArea(columns) => (probabilities::precision_recall_area, columns),
            Self::AucWeighted => return auc_weighted(sheet),
            Self::Brier(summed) => {
                let mean = over(sheet, Columns::Mean, |sheet, at| {
                    sheet.numbers(at).and_then(|(t, p)| of_numbers::mse(t, p))
                });
                return mean.map(|mean| if summed { mean * sheet.columns() as f64 } else { mean });
            }
            Self::LogLossOfRows => {
                let (truth, given) = sheet.all_numbers().filter(|(truth, _)| truth.len() > 1)?;
                return probabilities::log_loss_of_rows(&truth, &given);
            }
            _ => return None,
        };
        over(sheet, columns, |sheet, at| sheet.scored(at).and_then(|(t, p)| of(&t, p)))
    }

    fn of_labels(self, sheet: &Sheet) -> Option<f64> {
        let mean_recall =
            |sheet: &Sheet, at: usize| sheet.labels(at)?.0.averaged(Part::Recall, Average::MacroOfTrue);
        match self {
            Self::Accuracy(columns) => over(sheet, columns, |sheet, at| sheet.labels(at)?.0.exact()),
            Self::Exact if sheet.is_list() => sheet.sets()?.exact(),
            Self::Exact => {
                let columns: Option<Vec<_>> =
                    (0..sheet.columns()).map(|at| sheet.labels(at).map(|(marked, _)| marked)).collect();
                let columns = columns?;
                let right =
                    |row: usize| columns.iter().all(|marked| marked.truth.get(row) == marked.given.get(row));
                Some((0..sheet.rows()).filter(|row| right(*row)).count() as f64 / sheet.rows() as f64)
            }
            Self::BalancedAccuracy(columns) => over(sheet, columns, mean_recall),
            Self::Classes(part, average) if sheet.is_list() || sheet.columns() > 1 => {
                sheet.sets()?.averaged(part, average)
            }
            Self::Classes(part, average) => sheet.labels(0)?.0.averaged(part, average),
            Self::ClassesOfColumns(part, average) if sheet.columns() > 1 => {
                over(sheet, Columns::Mean, |sheet, at| sheet.labels(at)?.0.averaged(part, average))
            }
            Self::Matthews(columns) => over(sheet, columns, |sheet, at| Some(sheet.labels(at)?.0.matthews())),
            Self::Kappa(weights, by_number) => over(sheet, Columns::Mean, |sheet, at| {
                let (marked, numbers) = sheet.labels(at)?;
                let order: Vec<f64> = (0..numbers.len()).map(|at| at as f64).collect();
                marked.kappa(weights, if by_number { numbers } else { &order })
            }),
            _ => None,
        }
    }

    fn of_lists(self, sheet: &Sheet) -> Option<f64> {
        type Of = Box<dyn Fn(&Ranked) -> f64>;
        let (of, skips): (Of, bool) = match self {
            Self::MapAt(k, denominator, skips) => {
                (Box::new(move |list| list.average_precision(k, denominator)), skips)
            }
            Self::NdcgAt(k, exponential, discount, skips) => {
                (Box::new(move |list| list.ndcg(k, exponential, discount)), skips)
            }
            Self::MrrAt(k, skips) => (Box::new(move |list| list.reciprocal_rank(k)), skips),
            Self::RecallAt(k, of_reachable) => (Box::new(move |list| list.recall(k, of_reachable)), false),
            Self::PrecisionAt(k, of_given) => (Box::new(move |list| list.precision(k, of_given)), false),
            Self::HitAt(k) => (Box::new(move |list| list.hit(k)), false),
            _ => return self.of_sequences(sheet),
        };
        let lists = sheet.ranked()?;
        let counted = lists.iter().filter(|list| !skips || !list.relevant.is_empty());
        let values: Vec<f64> = counted.map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn of_sequences(self, sheet: &Sheet) -> Option<f64> {
        match self {
            Self::Edit(words, rate) => sequences::rate(sheet.edits(words)?, rate),
            Self::Mask(of, pooled, empty) => {
                let (truth, given) = sheet.masks()?;
                masks::overlap(truth, given, of, pooled, f64::from(empty))
            }
            _ => None,
        }
    }
}

fn over(sheet: &Sheet, columns: Columns, of: impl Fn(&Sheet, usize) -> Option<f64>) -> Option<f64> {
    match columns {
        Columns::Pooled if sheet.columns() > 1 => of(&sheet.pooled(), 0),
        // Of one column both are the same.
        Columns::Pooled => None,
        Columns::Mean => {
            let values: Vec<f64> = (0..sheet.columns()).map(|at| of(sheet, at)).collect::<Option<_>>()?;
            Some(values.iter().sum::<f64>() / values.len() as f64)
        }
    }
}

fn auc_weighted(sheet: &Sheet) -> Option<f64> {
    let (mut sum, mut weights) = (0.0, 0.0);
    for at in 0..sheet.columns() {
        let (truth, given) = sheet.scored(at).filter(|_| sheet.columns() > 1)?;
        let weight = truth.iter().filter(|yes| **yes).count() as f64;
        sum += weight * probabilities::auc(&truth, given)?;
        weights += weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

fn pinball(sheet: &Sheet, quantile: Option<f64>, turned: bool) -> Option<f64> {
    over(sheet, Columns::Mean, |sheet, at| {
        let quantile = quantile.or_else(|| quantile_of(sheet.name(at)))?;
        let (truth, given) = sheet.numbers(at)?;
        of_numbers::pinball(truth, given, if turned { 1.0 - quantile } else { quantile })
    })
}

/// The quantile that a name like `q10`, `p90` or `0.25` tells.
fn quantile_of(name: &str) -> Option<f64> {
    let digits: String = name.chars().skip_while(|c| !c.is_ascii_digit()).collect();
    let value: f64 = digits.replace('_', ".").parse().ok()?;
    let value = if value >= 1.0 { value / 100.0 } else { value };
    (value > 0.0 && value < 1.0).then_some(value)
}
