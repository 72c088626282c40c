//! The metric that is promised is the one that is computed, by its figures.

mod evidence;
mod names;
mod promise;
mod readings;
mod shots;

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use self::evidence::{Evidence, Verdict};
use self::promise::Promise;
use self::readings::Kind;
use super::scoring::{stated_direction, tried};
use super::wording::quoted;
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, Measured, Report, RuleInfo};
use crate::subject::{Battery, PARTS, Pair, Reaction, Script, Subject, Trial};

pub(super) const PROMISED: RuleInfo = RuleInfo {
    code: "S131",
    name: "promised-metric",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The scores are the figures of the metric that the description names, computed independently, in one of the usual ways.",
    why: "Participants choose models and thresholds for the metric that they are told; a slip in the formula ranks them by another one.",
    mend: "Compute the metric that the description names, or describe what metric.py computes.",
    references: &[literature::MODEL_EVALUATION],
};

pub(super) const ALL_COUNT: RuleInfo = RuleInfo {
    code: "S132",
    name: "every-prediction-counts",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Wrong predictions in any one column, and in any stretch of the rows, change the score.",
    why: "What the metric does not look at need not be predicted, and whoever predicts it well gets nothing for it.",
    mend: "Let evaluate compare all predicted columns and all rows, or do not ask for those that do not count.",
    references: &[literature::HACKING],
};

pub(super) const LEGAL_SCORES: RuleInfo = RuleInfo {
    code: "S133",
    name: "plausible-numbers-score",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "A prediction below all answers, as a straight line gives it, is scored or refused with InvalidSubmissionError, and does not make the score NaN.",
    why: "An honest model predicts such numbers now and then, and a submission without a score tells its author nothing.",
    mend: "Refuse such numbers in validate_submission with InvalidSubmissionError, or clip them before logarithms and roots are taken.",
    references: &[literature::HACKING, literature::METAMORPHIC],
};

/// Levels of rounded scores below which most differences do not show.
const FEW_LEVELS: f64 = 100.0;
/// Words that tell that something does not count.
const EXCUSES: [&str; 12] = [
    "only",
    "ignored",
    "ignore",
    "ignores",
    "optional",
    "unused",
    "subset",
    "public",
    "leaderboard",
    "excluded",
    "not scored",
    "not evaluated",
];

/// Words by which a description says that numbers below zero are not allowed.
const ABOVE_ZERO: [&str; 10] = [
    "positive",
    "non-negative",
    "nonnegative",
    "not negative",
    "no negative",
    "not be negative",
    "above zero",
    "above 0",
    "greater than zero",
    "greater than 0",
];

/// `S131`.
pub(super) async fn promised(info: &RuleInfo, cx: &Subject) -> Measured {
    let info = *info;
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let subject = cx.clone();
    cx.compute(move |_| {
        let cx = &subject;
        let battery = cx.known_battery().ok_or_else(|| AssertError::not_run("nothing was scored (S102)"))?;
        compare(&info, cx, battery)
    })
    .await
}

fn compare(info: &RuleInfo, cx: &Subject, battery: &Battery) -> Measured {
    let promises: Vec<(String, Promise)> = cx
        .descriptions()?
        .into_iter()
        .filter_map(|description| Some((description.name, Promise::read(&description.text)?)))
        .collect();
    let scaled = cx.descriptions()?.into_iter().find(|description| promise::is_scaled(&description.text));
    if promises.is_empty() && scaled.is_none() {
        return Err(AssertError::not_run("the description names no metric of which a formula is known here"));
    }
    let pair = cx.pair()?;
    let shots = shots::shots(pair, battery)?;
    let evidence = Evidence::new(&shots);
    if !evidence.suffices() {
        return Err(AssertError::not_run("too few different submissions have a score"));
    }
    let mut report = Report::default().with(Figure::new("scores compared with formulas", shots.len() as f64));
    if let (Some(description), Some(plain)) = (&scaled, evidence.plain_error()) {
        let message = format!(
            "{} names a scaled error, and the scores are the plain one: {plain}. {}",
            description.name, info.mend
        );
        report.findings.push(info.finding(cx.name(cx.script(Script::Metric)), message));
        return Ok(report);
    }
    let mut told = Vec::new();
    for (name, promise) in promises {
        let Some(verdict) = evidence.weigh(&promise) else { continue };
        let kept = matches!(verdict, Verdict::Kept { .. });
        if told.contains(&verdict) {
            continue;
        }
        let figure = Figure::new("scores are those of the promised metric", f64::from(kept));
        let found = finding(info, cx, &promise, &verdict, &evidence);
        // A metric with something of its own, of which no formula is known, is asked for nothing.
        let is_judged = kept || found.is_some();
        report = report.with(if is_judged { figure.bounded(Bound::AtLeast(1.0)) } else { figure });
        if let Some(finding) = found {
            let message = finding.message.replace("{description}", &name);
            report.findings.push(Finding { message, ..finding });
        }
        told.push(verdict);
    }
    if told.is_empty() && scaled.is_none() {
        return Err(AssertError::not_run("the metric that the description names does not fit the answers"));
    }
    Ok(report)
}

fn finding(
    info: &RuleInfo,
    cx: &Subject,
    promise: &Promise,
    verdict: &Verdict,
    evidence: &Evidence<'_>,
) -> Option<Finding> {
    if promise.own.is_some() {
        return None;
    }
    let rows = cx.pair().map_or(0, |pair| pair.answers.rows.len()) as f64;
    let extra = cx.pair().is_ok_and(has_more_columns);
    let one = promise.kinds.len() == 1;
    let (severity, what) = match verdict {
        Verdict::Kept { rounded: true, .. } => {
            let levels = evidence.levels().filter(|levels| *levels < FEW_LEVELS)?;
            let message = format!(
                "scores are rounded to {} decimals, which leaves about {levels:.0} different ones: most improvements do \
                 not show. Return the score without rounding it.",
                evidence.decimals.unwrap_or(0)
            );
            let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
            return Some(Finding { severity: Severity::Warning, ..finding });
        }
        Verdict::Kept { .. } => return None,
        Verdict::Other(other) if one => {
            (info.severity, format!("the scores are those of another metric: {other}"))
        }
        Verdict::Other(other) => {
            (Severity::Warning, format!("the scores are those of another metric: {other}"))
        }
        Verdict::Changed(change) if one => (info.severity, format!("the scores are {change}")),
        Verdict::Changed(change) => (Severity::Warning, format!("the scores are {change}")),
        Verdict::Factor(factor) => {
            let of_rows = [rows, 1.0 / rows, rows.sqrt(), 1.0 / rows.sqrt(), rows - 1.0, rows / (rows - 1.0)];
            let known = of_rows.iter().any(|known| (factor.abs() / known - 1.0).abs() < 1e-6);
            let severity = if known && one { info.severity } else { Severity::Warning };
            let why =
                if known { ", which depends on the number of rows (a sum in place of a mean?)" } else { "" };
            (severity, format!("the scores are that metric times {}{why}", six_digits(*factor)))
        }
        Verdict::Unlike { reading, far, of } => {
            // Edges are defined in more than one way, and move few figures by little.
            if !one || extra || far * 3 < *of {
                return None;
            }
            let basic =
                [Kind::Accuracy, Kind::ErrorRate, Kind::Mae, Kind::Mse, Kind::Rmse, Kind::R2, Kind::Auc];
            let sure =
                promise.plain && basic.contains(promise.kinds.first()?) && *of >= 10 && far * 10 >= of * 8;
            let severity = if sure { info.severity } else { Severity::Warning };
            let share = format!("{far} of {of} lie far away from the nearest reading, {reading}");
            (severity, format!("the scores are none of its usual readings: {share}"))
        }
    };
    let told: Vec<String> = evidence
        .told(promise)
        .into_iter()
        .map(|(submission, score, value)| {
            let value = value.map_or_else(|| "nothing".to_owned(), six_digits);
            format!("{submission}: score {}, as promised {value}", six_digits(score))
        })
        .collect();
    let message = format!("{{description}} names the metric, and {what}. {}", info.mend);
    let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    Some(Finding { severity, evidence: told.join("\n"), ..finding })
}

fn has_more_columns(pair: &Pair) -> bool {
    pair.answers.headers.iter().any(|name| pair.sample.column(name).is_none())
}

/// `S132`.
pub(super) async fn all_count(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    stated_direction(battery)?;
    let Some(answers) = battery.score(Trial::Answers) else {
        return Err(AssertError::not_run("the answers have no score (S105)"));
    };
    let pair = cx.pair()?;
    let excused = is_excused(cx)?;
    let unmoved = |trial: &Trial| {
        battery.score(*trial).map(|score| (score - answers).abs() <= 1e-12 * answers.abs().max(1e-9))
    };
    let columns: Vec<Trial> =
        (0..u8::MAX).map(Trial::Column).filter(|trial| battery.get(*trial).is_some()).collect();
    let parts: Vec<Trial> = (0..PARTS).map(Trial::Part).collect();
    let count =
        |trials: &[Trial], wanted: bool| trials.iter().filter(|trial| unmoved(trial) == Some(wanted)).count();
    if count(&columns, true) + count(&columns, false) + count(&parts, true) + count(&parts, false) == 0 {
        return Err(AssertError::not_run("no part of the predictions can be exchanged on its own"));
    }
    let mut report = Report::default()
        .with(
            Figure::new("columns that do not count", count(&columns, true) as f64)
                .bounded(Bound::AtMost(0.0)),
        )
        .with(
            Figure::new("stretches of rows that do not count", count(&parts, true) as f64)
                .bounded(Bound::AtMost(0.0)),
        );
    let place = cx.name(cx.script(Script::Metric));
    // Where nothing counts other rules say so.
    if count(&columns, false) > 0 {
        let names = pair.predicted();
        let ignored: Vec<String> = columns
            .iter()
            .filter(|trial| unmoved(trial) == Some(true))
            .filter_map(
                |trial| if let Trial::Column(at) = trial { names.get(usize::from(*at)) } else { None },
            )
            .map(|name| quoted(name))
            .collect();
        if !ignored.is_empty() {
            let message = format!(
                "predictions of other rows in the column {} leave the score as it is ({}). {}",
                ignored.join(", "),
                six_digits(answers),
                info.mend
            );
            let severity = if excused { Severity::Warning } else { info.severity };
            report.findings.push(Finding { severity, ..info.finding(&place, message) });
        }
    }
    if count(&parts, false) > 0 && count(&parts, true) > 0 {
        let ignored: Vec<String> = parts
            .iter()
            .filter(|trial| unmoved(trial) == Some(true))
            .filter_map(|trial| if let Trial::Part(at) = trial { Some((at + 1).to_string()) } else { None })
            .collect();
        let message = format!(
            "of {PARTS} equal parts of the rows of test_answer.csv, wrong predictions in part {} leave the score as it is \
             ({}). {}",
            ignored.join(", "),
            six_digits(answers),
            info.mend
        );
        let doubtful =
            excused || has_more_columns(pair) || pair.keys.len() > 1 || pair.answers.rows.len() < 50;
        let severity = if doubtful { Severity::Warning } else { info.severity };
        report.findings.push(Finding { severity, ..info.finding(&place, message) });
    }
    Ok(report)
}

/// Whether the description's part about the metric says that something does not count.
fn is_excused(cx: &Subject) -> Result<bool, AssertError> {
    let texts = cx.descriptions()?;
    let says = |text: &str| {
        let words: Vec<String> =
            super::families::metric_part(text).into_iter().map(|word| word.text).collect();
        let text = words.join(" ");
        EXCUSES.iter().any(|excuse| {
            text.split(' ').any(|word| word == *excuse) || (excuse.contains(' ') && text.contains(excuse))
        })
    };
    Ok(texts.iter().any(|description| says(&description.text)))
}

/// `S133`.
pub(super) async fn legal_scores(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    let Some(reaction) = battery.reaction(Trial::BelowAll) else {
        return Err(AssertError::not_run(
            "no answers are measured numbers above zero, or nothing was scored",
        ));
    };
    let (severity, what) = match reaction {
        Reaction::NoNumber => (info.severity, "gives no finite score"),
        Reaction::Crashed => (info.severity, "ends in another exception than InvalidSubmissionError"),
        _ => return Ok(Vec::new()),
    };
    // Whoever was told that numbers must be positive knows what went wrong.
    let is_told = cx.descriptions()?.iter().any(|description| {
        let text = description.text.to_lowercase();
        ABOVE_ZERO.iter().any(|words| text.contains(words))
    });
    let severity = if is_told && reaction == Reaction::Crashed { Severity::Warning } else { severity };
    let error = battery.get(Trial::BelowAll).and_then(|score| score.error.as_ref());
    let told = error.map_or_else(String::new, |error| format!("{}: {}", error.kind, quoted(&error.message)));
    let message = format!("a submission ({}) {what}. {}", Trial::BelowAll.words(), info.mend);
    Ok(vec![Finding {
        severity,
        evidence: told,
        ..info.finding(cx.name(cx.script(Script::Metric)), message)
    }])
}
