//! Features that mean the same in train and in test.

use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::origin::is_said_otherwise;
use super::{percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::literature;
use crate::origin::{Apart, Difference, apart};
use crate::quality::misnamed::misnamed;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const AS_IN_RAW: RuleInfo = RuleInfo {
    code: "Q137",
    name: "features-as-in-raw",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where examples can be found again in raw/, each feature is made of the raw column of its name in one way, in \
             train and in test.",
    why: "Codes that were given to each side by itself, another unit or another scale make a feature mean one thing in train \
          and another one in test; a model that has learnt from it is punished for that.",
    mend: "Encode, convert and scale once, before the sides are parted, or keep what was fitted on train and apply it to test.",
    references: &["https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing"],
};

pub(in crate::rules) const NAMES: RuleInfo = RuleInfo {
    code: "Q138",
    name: "columns-under-their-names",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No columns of the test table hold what columns of other names hold in train.",
    why: "A header over columns in another order exchanges the features of every test row.",
    mend: "Write the columns of both sides by name from one list.",
    references: &[literature::DATA_CHECKS],
};

/// Columns that a message names.
const SHOWN: usize = 4;

/// `Q137`.
pub(in crate::rules) fn as_in_raw(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let Some(origin) = cx.origin()? else {
        return Err(AssertError::not_run("the rows of the examples were not found again in raw/"));
    };
    let beside = apart(origin, cx.raw()?, split);
    if beside.compared == 0 {
        return Err(AssertError::not_run("no feature has a raw column of its name"));
    }
    let certain: Vec<&Apart> =
        beside.apart.iter().filter(|apart| apart.difference != Difference::Scale).collect();
    let scaled: Vec<&Apart> =
        beside.apart.iter().filter(|apart| apart.difference == Difference::Scale).collect();
    let mut report = Report::default()
        .with(Figure::new("features that were compared with their raw columns", beside.compared as f64))
        .with(
            Figure::new(
                "features that are made in another way in test than in train",
                beside.apart.len() as f64,
            )
            .bounded(Bound::AtMost(0.0)),
        );
    let error = if is_said_otherwise(cx) { Severity::Warning } else { info.severity };
    for (differing, severity) in [(certain, error), (scaled, Severity::Warning)] {
        if differing.is_empty() {
            continue;
        }
        let told: Vec<String> = differing.iter().take(SHOWN).map(|apart| words(apart)).collect();
        let more = if differing.len() > SHOWN { "; …" } else { "" };
        let message = format!(
            "{} of {} features are made of their raw columns in another way in test than in train: {}{more}. {}",
            differing.len(),
            beside.compared,
            told.join("; "),
            info.mend
        );
        report.findings.push(weighed(info, severity, place(cx, &split.test), message));
    }
    Ok(report)
}

fn words(apart: &Apart) -> String {
    let name = quoted(&apart.feature);
    match &apart.difference {
        Difference::Values { train, test } => format!(
            "{name} agrees with the raw {} on {} of the way from chance to always in train and on {} in test",
            quoted(&apart.column),
            percent(train.max(0.0)),
            percent(test.max(0.0))
        ),
        Difference::Codes => format!("{name} has other codes for the same raw values"),
        Difference::Scale => format!("{name} has another scale"),
    }
}

/// `Q138`.
pub(in crate::rules) fn names(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, _) = sides(cx)?;
    let columns = split.columns();
    let found = misnamed(columns);
    let mut report = Report::default().with(
        Figure::new("test columns that hold what another column holds in train", found.len() as f64)
            .bounded(Bound::AtMost(0.0)),
    );
    if !found.is_empty() {
        let told: Vec<String> = found
            .iter()
            .take(SHOWN)
            .map(|(name, other)| format!("{} holds what {} holds in train", quoted(name), quoted(other)))
            .collect();
        let more = if found.len() > SHOWN { ", …" } else { "" };
        let message = format!(
            "{} columns of the test table stand under the names of others: {}{more}. {}",
            found.len(),
            told.join(", "),
            info.mend
        );
        report.findings.push(weighed(info, info.severity, place(cx, &split.test), message));
    }
    Ok(report)
}
