//! What is predicted: whether it varies, and whether it can be learnt.

use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::coverage::at_answers;
use super::{has_files, percent, place, quoted, sides};
use crate::AssertError;
use crate::literature;
use crate::quality::signal::{Signal, ceiling, generic};
use crate::quality::{Column, Target, TargetKind, is_missing};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const VARIES: RuleInfo = RuleInfo {
    code: "Q130",
    name: "constant-target",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "What is predicted differs between test examples.",
    why: "Where all answers are the same, one constant scores best and nothing is measured.",
    mend: "Predict another column, or split so that both sides have all of its values.",
    references: &[literature::DATA_CHECKS],
};

pub(in crate::rules) const SIGNAL: RuleInfo = RuleInfo {
    code: "Q131",
    name: "signal",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Some feature, or some neighbourhood of examples, tells something of the target.",
    why: "Where features and target have nothing to do with each other, scores are chance and no method is better than another.",
    mend: "Check that features and targets belong to the same rows, or predict something that the features bear on.",
    references: &[literature::PERMUTATIONS],
};

pub(in crate::rules) const CEILING: RuleInfo = RuleInfo {
    code: "Q132",
    name: "noise-ceiling",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Training rows with equal features mostly have the same target.",
    why: "Examples that look the same and have different targets bound what any method can reach.",
    mend: "Give participants the features that tell such examples apart, or predict an average of them.",
    references: &[
        "Northcutt, Jiang and Chuang, Confident learning, Journal of Artificial Intelligence Research 70 (2021)",
    ],
};

/// Share of one value from which on a target hardly varies.
const HARDLY: f64 = 0.999;
/// Chance and standard deviations below which nothing was found.
const CHANCE: f64 = 0.01;
const DEVIATIONS: f64 = 4.0;
/// Rows that are needed to say that nothing was found.
const NEEDED_ROWS: usize = 200;
const REACH: f64 = 0.6;
const REPEATED: f64 = 0.5;

/// `Q130`.
pub(in crate::rules) fn varies(info: &RuleInfo, cx: &Subject) -> Measured {
    let split = cx.split()?;
    let mut report = Report::default();
    let mut constant = Vec::new();
    for (name, answers) in split.predicted.iter().zip(&split.test.targets) {
        let mut counts = std::collections::HashMap::new();
        answers
            .iter()
            .filter(|cell| !is_missing(cell))
            .for_each(|cell| *counts.entry(cell).or_insert(0_usize) += 1);
        let (most, filled) = (counts.values().copied().max().unwrap_or(0), counts.values().sum::<usize>());
        if counts.len() < 2 && answers.len() > 1 {
            constant.push(name.as_str());
        } else if split.predicted.len() == 1 {
            let share = most as f64 / filled.max(1) as f64;
            report
                .figures
                .push(Figure::new("share of the most frequent answer", share).bounded(Bound::AtMost(HARDLY)));
            if share > HARDLY {
                let message = format!(
                    "{} of the answers in {} are the same. {}",
                    percent(share),
                    quoted(name),
                    info.mend
                );
                report.findings.push(at_answers(cx, info, Severity::Warning, message));
            }
        }
    }
    if !constant.is_empty() {
        let all = constant.len() == split.predicted.len();
        let severity = if all { Severity::Error } else { Severity::Warning };
        let names: Vec<String> = constant.iter().take(5).map(|name| quoted(name)).collect();
        let message = format!("the answers in {} are the same in every row. {}", names.join(", "), info.mend);
        report.findings.push(at_answers(cx, info, severity, message));
    }
    Ok(report)
}

/// `Q131`.
pub(in crate::rules) fn signal(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let not_run = || {
        AssertError::not_run("there are no simple features, or no classes or numbers to compare them with")
    };
    let target = Target::of(split).filter(|target| target.kind != TargetKind::Other).ok_or_else(not_run)?;
    let generic = generic(split, train, cx.public()?, &cx.layout().public).ok_or_else(not_run)?;
    let signal = Signal::of(&generic, &target).ok_or_else(not_run)?;
    let mut report = Report::default()
        .with(Figure::new(
            "probability that chance makes the best feature depend so much on the target",
            signal.chance,
        ))
        .with(Figure::new(
            "standard deviations by which neighbours agree more than by chance",
            signal.neighbours,
        ))
        .with(Figure::new("training examples that were looked at for a signal", signal.rows as f64));
    if signal.chance > CHANCE && signal.neighbours < DEVIATIONS && signal.rows >= NEEDED_ROWS {
        let message = format!(
            "no signal was found: over {} training examples none of {} simple features depends on the target (chance \
             {:.2}), and neighbours agree no more than by chance ({:.1} standard deviations). {}",
            signal.rows, signal.features, signal.chance, signal.neighbours, info.mend
        );
        report.findings.push(info.finding(place(cx, train), message));
    }
    Ok(report)
}

/// `Q132`.
pub(in crate::rules) fn noise(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, train) = sides(cx)?;
    let columns = split.columns();
    if has_files(train) || !columns.columns.iter().any(Column::is_feature) {
        return Err(AssertError::not_run("the two sides share no table that holds all features"));
    }
    let none = || AssertError::not_run("too few training rows have equal features to judge by");
    let target = Target::of(split).ok_or_else(none)?;
    let ceiling = ceiling(&columns.columns, &columns.train_rows, &target).ok_or_else(none)?;
    let mut report = Report::default()
        .with(Figure::new("share of training rows that have equal features with another", ceiling.repeated))
        .with(Figure::new("what can be reached among them, from constant (0) to perfect (1)", ceiling.reach));
    if ceiling.repeated >= REPEATED && ceiling.reach < REACH {
        let message = format!(
            "{} of the training rows have equal features with others and different targets so often that no method can \
             reach more than {} of the way from a constant to perfect among them. {}",
            percent(ceiling.repeated),
            percent(ceiling.reach),
            info.mend
        );
        report.findings.push(info.finding(place(cx, train), message));
    }
    Ok(report)
}
