//! Classes whose names were exchanged on the way to the answers.

use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::wording::quoted;
use crate::ladder::exchanged;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(super) const SAME_NAMES: RuleInfo = RuleInfo {
    code: "C105",
    name: "classes-keep-their-names",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "What learners learn under the name of a class is that class among the answers too.",
    why: "Where two classes have exchanged their names, every solution is wrong on both.",
    mend: "Number and name the classes once, before the rows are divided, and write the same names on both sides.",
    references: &[literature::LABELS],
};

/// `C105`.
pub(super) fn same_names(info: &RuleInfo, cx: &Subject) -> Measured {
    let climb = cx.climb()?;
    let rings = exchanged(climb);
    let figure = Figure::new("rings of classes that are taken for each other", rings.len() as f64);
    let findings = rings.iter().take(1).map(|ring| {
        let names: Vec<String> = ring.iter().map(|name| quoted(name)).collect();
        let message = format!(
            "most test examples of the classes {} are recognised as the next of these, in a ring: their names differ between \
             the training targets and the answers. {}",
            names.join(", "),
            info.mend
        );
        info.finding(cx.name(&cx.layout().test_answer()), message)
    });
    Ok(Report::from(findings.collect::<Vec<_>>()).with(figure.bounded(Bound::AtMost(0.0))))
}
