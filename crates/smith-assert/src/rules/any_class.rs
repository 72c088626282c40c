//! Whatever classes a submission predicts, it is scored.

use smith_data::words::safe_line;
use smith_exec::Score;
use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::scoring::{refusal, traceback};
use crate::AssertError;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Battery, Reaction, Script, Subject, Trial};

pub(super) const ANY_CLASS: RuleInfo = RuleInfo {
    code: "S135",
    name: "any-class-is-scored",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Submissions that never predict one of the classes, that predict one alone, or one that only the training \
             data have, get a finite score or are refused with InvalidSubmissionError.",
    why: "Models often predict no example of a rare class; such a submission is legal, and a crash gives it no score.",
    mend: "Look counts up with a default (`counts.get(c, 0)`, `reindex(labels, fill_value=0)`), and pass the labels of \
           the answers to confusion matrices and averages.",
    references: &[literature::HACKING],
};

/// Length to which names of classes are shown.
const SHOWN: usize = 60;

/// `S135`.
pub(super) async fn any_class(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    let scores = |trial| matches!(battery.reaction(trial), Some(Reaction::Scored(_)));
    if !scores(Trial::Answers) {
        return Err(AssertError::not_run("the answers have no score (S105)"));
    }
    let trials: Vec<Trial> = trials(battery);
    let failed: Vec<(Trial, &Score)> = trials
        .iter()
        .filter(|trial| fails(battery, **trial))
        .filter_map(|trial| Some((*trial, battery.get(*trial)?)))
        .collect();
    let mut report = Report::default()
        .with(Figure::new("submissions without a class, of one alone or of one more", trials.len() as f64))
        .with(Figure::new("of these, without a score", failed.len() as f64).bounded(Bound::AtMost(0.0)));
    if let Some((trial, score)) = failed.first() {
        let message = format!(
            "{} {} of {} legal submissions of other classes fail, though the answers score {}. {}",
            said(battery, *trial, score),
            failed.len(),
            trials.len(),
            battery.score(Trial::Answers).map_or_else(String::new, six_digits),
            info.mend
        );
        let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
        report.findings.push(Finding { evidence: traceback(score), ..finding });
    }
    Ok(report)
}

/// Those that were tried.
fn trials(battery: &Battery) -> Vec<Trial> {
    let is_ours =
        |trial: &Trial| matches!(trial, Trial::NeverClass(_) | Trial::OnlyClass(_) | Trial::UnaskedClass(_));
    battery.all().map(|(trial, _)| trial).filter(is_ours).collect()
}

/// A correlation with a constant is no number, which is another defect: other rules judge it.
fn fails(battery: &Battery, trial: Trial) -> bool {
    match battery.reaction(trial) {
        Some(Reaction::Crashed) => true,
        Some(Reaction::NoNumber) => matches!(trial, Trial::NeverClass(_)) && battery.classes.len() > 2,
        _ => false,
    }
}

fn said(battery: &Battery, trial: Trial, score: &Score) -> String {
    let class = match trial {
        Trial::NeverClass(class) | Trial::OnlyClass(class) => battery.classes.get(usize::from(class)),
        Trial::UnaskedClass(class) => battery.unasked.get(usize::from(class)),
        _ => None,
    };
    let class = class.map_or_else(String::new, |class| safe_line(class, SHOWN));
    let how = refusal(score);
    match trial {
        Trial::OnlyClass(_) => format!("Submissions with `{class}` in every row {how}."),
        Trial::UnaskedClass(_) => {
            format!(
                "Submissions that predict `{class}`, which the training data have and the answers have not, {how}."
            )
        }
        _ => format!("Submissions that never predict `{class}` {how}."),
    }
}
