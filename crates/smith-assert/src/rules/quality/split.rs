//! How the split was made: groups and time on both sides, and sides that differ.

use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::{description, percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::binned::{Binned, tell};
use crate::quality::groups::{Giveaway, Grouped, Grouping};
use crate::quality::promises::{self, Future};
use crate::quality::raw_files::RawFiles;
use crate::quality::times::{Order, Times};
use crate::quality::{Column, Columns, Target, TargetKind};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const GROUPS: RuleInfo = RuleInfo {
    code: "Q110",
    name: "groups-on-both-sides",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Recognising a patient, a speaker or a session of the training data does not give a test answer away.",
    why: "Where the target belongs to a group and the group stands on both sides, the group is learnt instead of the target.",
    mend: "Split group by group, so that each group stands on one side only.",
    references: &[literature::REPRODUCIBILITY],
};

pub(in crate::rules) const TIME: RuleInfo = RuleInfo {
    code: "Q111",
    name: "time-order",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Where the future is to be forecast, test examples lie behind the training examples of their series.",
    why: "Between two known points a forecast is mere interpolation; the score says nothing about the future.",
    mend: "Split at a point in time: everything before it is training data, everything behind it test data.",
    references: &[literature::REPRODUCIBILITY],
};

pub(in crate::rules) const SHIFT: RuleInfo = RuleInfo {
    code: "Q112",
    name: "shifted-sides",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Training and test rows cannot be told apart by their features, unless they are of different times.",
    why: "Sides that differ without a reason show a mistake in preparation, and what is learnt on one does not hold on the other.",
    mend: "Prepare both sides in the same way, and split at random, by group or by time.",
    references: &[literature::SHIFT],
};

/// How much must hold for a group to give answers away for certain.
const PURE: f64 = 0.98;
const LEAST_GROUPS: usize = 10;
const LEAST_SEEN: usize = 20;
const GREATEST_CONSTANT: f64 = 0.8;
/// What is recognised by what was recorded of it, where no column names it.
const RECOGNISED: [&str; 16] = [
    "patient",
    "subject",
    "participant",
    "person",
    "speaker",
    "individual",
    "volunteer",
    "animal",
    "donor",
    "author",
    "recording",
    "session",
    "video",
    "document",
    "scene",
    "specimen",
];
/// Share of the way from a constant to perfect from which on a group is worth a warning.
const WORTH: f64 = 0.5;
const OVERLAP: f64 = 0.5;
const PROMISED_OVERLAP: f64 = 0.3;
const REGULAR: f64 = 0.7;
/// Share of test examples right between two of train, of what chance gives where the split is random.
const BETWEEN: f64 = 0.75;
const MOSTLY_INSIDE: f64 = 0.8;
const HALF_INSIDE: f64 = 0.5;
const INSIDE: f64 = 0.05;
const BACKWARD: f64 = 0.9;
const TOLD: f64 = 0.8;
const CERTAIN: f64 = 0.99;

/// `Q110`.
pub(in crate::rules) fn groups(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let none =
        || AssertError::not_run("no column and no part of a name says which group an example belongs to");
    let text = description(cx);
    let mut grouped = Grouped::of(split, cx.public()?, &text);
    if let (Some(grouped), Some(raw)) = (&mut grouped, RawFiles::read(cx)?) {
        grouped.add_hidden(&raw, split, cx.public()?, &text);
    }
    let grouped = grouped.filter(|grouped| !grouped.groupings.is_empty()).ok_or_else(none)?;
    let target =
        Target::of(split).filter(|target| target.kind != TargetKind::Other || !target.train.is_empty());
    let target = target.ok_or_else(none)?;
    let mut report = Report::default();
    for grouping in &grouped.groupings {
        let given = grouped.giveaway(grouping, &target);
        let figure = |what: &str, value| Figure::new(format!("{what}, by {}", grouping.name), value);
        report.figures.push(figure("share of the test examples whose group is in train", given.overlap));
        report
            .figures
            .push(figure("share of these whose answer is the usual one of the group", given.looked_up));
        // Of a few groups no answer can be told, but a promise holds for them too.
        if given.seen == 0 || (given.groups < LEAST_GROUPS && grouping.promised.is_none()) {
            continue;
        }
        if let Some((severity, why)) = weight(grouping, &given) {
            let message = format!(
                "{} of the test examples belong to a group ({}) that has training examples; {why}. {}",
                percent(given.overlap),
                grouping.name,
                info.mend
            );
            report.findings.push(weighed(info, severity, place(cx, &split.test), message));
        }
    }
    // One finding tells it; the same group often has several names.
    report.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    report.findings.truncate(1);
    Ok(report)
}

fn weight(grouping: &Grouping, given: &Giveaway) -> Option<(Severity, String)> {
    let looked_up = format!(
        "{} of them have the usual target of their group (a constant is right for {})",
        percent(given.looked_up),
        percent(given.constant)
    );
    let one_to_one = given.groups < 2 * given.targets;
    let determined = given.pure >= PURE
        && given.looked_up >= PURE
        && given.constant <= GREATEST_CONSTANT
        && given.seen >= LEAST_SEEN
        && given.overlap >= OVERLAP
        && !one_to_one;
    // What is not shown must be recognised by something else, as people are by what was recorded of them.
    let is_known = match grouping.word {
        Some(word) => !grouping.is_hidden || RECOGNISED.contains(&word),
        None => grouping.from_names && !grouping.is_hidden,
    };
    if determined && is_known {
        return Some((Severity::Error, looked_up));
    }
    if let Some(word) = grouping.promised.as_ref().filter(|_| given.overlap >= PROMISED_OVERLAP) {
        let why = format!("the description says that no {word} is on both sides");
        return Some((Severity::Error, why));
    }
    grouping.word?;
    let gain = (given.looked_up - given.constant) / (1.0 - given.constant).max(1e-9);
    let worth = gain >= WORTH && given.overlap >= OVERLAP && given.seen >= LEAST_SEEN && !one_to_one;
    worth.then_some((Severity::Warning, looked_up))
}

/// `Q111`.
pub(in crate::rules) fn time(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let times =
        Times::of(split).ok_or_else(|| AssertError::not_run("no column of both sides holds times"))?;
    let order = times.order();
    let name = &times.name;
    let mut report = Report::default()
        .with(Figure::new(
            format!("share of the test examples not behind train, by {}", quoted(name)),
            order.inside,
        ))
        .with(Figure::new(
            format!("share of the test examples between two of train, by {}", quoted(name)),
            order.between,
        ));
    let text = description(cx);
    let Some(promise) = promises::future(&text) else { return Ok(report) };
    if let Some(severity) = weight_of_order(&times, &order, &promise) {
        let promise = match &promise {
            Future::Split(said) => quoted(said),
            Future::Asked(said) => quoted(said),
        };
        let message = format!(
            "the description speaks of {promise}, but {} of the test examples are not behind the training data of their \
             series (by {}), and {} lie right between two training examples. {}",
            percent(order.inside),
            quoted(name),
            percent(order.between),
            info.mend
        );
        report.findings.push(weighed(info, severity, place(cx, &split.test), message));
    }
    Ok(report)
}

fn weight_of_order(times: &Times, order: &Order, promise: &Future) -> Option<Severity> {
    let drawn = order.between >= BETWEEN * order.chance && order.inside >= MOSTLY_INSIDE;
    let is_shuffled = order.regular >= REGULAR && drawn;
    let is_promised = matches!(promise, Future::Split(_));
    let name = times.name.to_lowercase();
    // The day of a birth is no time of an example.
    let is_of_example =
        !["birth", "dob", "born", "found", "release", "publi"].iter().any(|word| name.contains(word));
    let is_broken = is_promised && is_of_example && times.are_mixed();
    match () {
        () if times.are_series && (is_shuffled || order.before >= BACKWARD) => Some(Severity::Error),
        () if is_broken && order.inside >= if times.are_series { HALF_INSIDE } else { CERTAIN } => {
            Some(Severity::Error)
        }
        () if times.are_series && order.inside >= INSIDE => Some(Severity::Warning),
        () => None,
    }
}

/// `Q112`.
pub(in crate::rules) fn shift(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let columns = split.columns();
    let times = Times::of(split);
    let is_time = |column: &&Column| times.as_ref().is_some_and(|times| times.name == column.name);
    let wanted: Vec<&Column> = columns
        .columns
        .iter()
        .filter(|column| column.is_feature())
        .filter(|column| !is_time(column))
        .collect();
    if wanted.is_empty() || columns.train_rows.len() < 30 || columns.test_rows.len() < 30 {
        return Err(AssertError::not_run("the two sides share too few features or rows to compare"));
    }
    let features: Vec<Binned> = wanted.iter().map(|column| Binned::of(column)).collect();
    let told = tell(&features, &labels(columns));
    let mut report = Report::default()
        .with(
            Figure::new("how well test rows are told from training rows (area under the curve)", told.auc)
                .bounded(Bound::AtMost(TOLD)),
        )
        .with(Figure::new("standard error of that area", told.error));
    let by_time = times.is_some_and(|times| times.separate());
    report.figures.push(Figure::new("1 when the sides are of different times", f64::from(u8::from(by_time))));
    if told.auc < TOLD || by_time {
        return Ok(report);
    }
    let best: Vec<&Column> = told
        .single
        .iter()
        .take(3)
        .filter(|(_, area)| *area > 0.6)
        .filter_map(|(at, _)| wanted.get(*at).copied())
        .collect();
    let gone = best.iter().find(|column| column.train.missing() < 0.5 && column.test.missing() > 0.999);
    let severity = if gone.is_some() && told.auc > CERTAIN { Severity::Error } else { Severity::Warning };
    let names: Vec<String> = best.iter().map(|column| quoted(&column.name)).collect();
    let gone = gone
        .map(|column| format!("{} is filled in train and empty in test; ", quoted(&column.name)))
        .unwrap_or_default();
    let message = format!(
        "{gone}test rows can be told from training rows by their features (area under the curve {:.3} ± {:.3}), most by {}. {}",
        told.auc,
        told.error,
        names.join(", "),
        info.mend
    );
    report.findings.push(weighed(info, severity, place(cx, &split.test), message));
    Ok(report)
}

fn labels(columns: &Columns) -> Vec<bool> {
    let (train, test) = (columns.train_rows.len(), columns.test_rows.len());
    (0..train + test).map(|at| at >= train).collect()
}
