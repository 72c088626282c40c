//! What scoring costs, and what a metric tells by the way.

use std::collections::BTreeMap;

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::scoring::tried;
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, Measured, Report, RuleInfo};
use crate::subject::{Battery, Pair, Reaction, Script, Subject, Trial, cell};

pub(super) const BOUNDED: RuleInfo = RuleInfo {
    code: "S119",
    name: "scoring-is-bounded",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Every submission that was tried is scored or refused within 20 seconds, and time does not explode with the number of rows.",
    why: "A submission on which the metric never returns stops whoever grades it.",
    mend: "Use vectorised comparisons instead of loops over pairs of rows, and check the form before computing.",
    references: &[literature::SLOW_INPUTS],
};

pub(super) const SILENT: RuleInfo = RuleInfo {
    code: "S120",
    name: "tells-no-answers",
    severity: Severity::Warning,
    layer: Layer::Execution,
    proves: "The metric does not print answers together with their ids.",
    why: "What a metric prints ends in logs that participants may read.",
    mend: "Remove the prints from metric.py.",
    references: &[literature::TELLING_ERRORS, literature::LEADERBOARDS],
};

/// Growth of time with ten times the rows that is too much, and the seconds from which on it matters.
const GROWTH: f64 = 30.0;
const SECONDS: f64 = 5.0;
/// Answers in what was printed from which on they are told.
const TOLD: usize = 3;

/// `S119`.
pub(super) async fn bounded(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    let seconds = seconds_of_answers(battery)?;
    let place = cx.name(cx.script(Script::Metric));
    let mut findings = lost(info, battery, &place);
    if battery.too_late > 0 && findings.iter().all(|finding| finding.severity == Severity::Warning) {
        let message = format!(
            "{} submissions were not tried, because scoring the others took all of the time. {}",
            battery.too_late, info.mend
        );
        findings.push(Finding { severity: Severity::Warning, ..info.finding(&place, message) });
    }
    let growth = battery.get(Trial::FirstTenth).map(|tenth| seconds / tenth.seconds.max(1e-3));
    if let Some(growth) = growth.filter(|growth| *growth > GROWTH && seconds > SECONDS) {
        let message = format!(
            "with ten times the rows scoring takes {growth:.0} times as long ({:.1} seconds for {} rows). {}",
            seconds, battery.rows, info.mend
        );
        findings.push(Finding { severity: Severity::Warning, ..info.finding(&place, message) });
    }
    let slowest = battery.all().map(|(_, tried)| tried.score.seconds).fold(0.0, f64::max);
    let report = Report::from(findings)
        .with(Figure::new("submissions tried", battery.all().count() as f64))
        .with(Figure::new("submissions not tried", (battery.left_out + battery.too_late) as f64));
    let mebibytes = battery.usage.peak_memory_bytes.map(|bytes| bytes as f64 / f64::from(1 << 20));
    let costs = [
        Some(Figure::new("seconds to score the answers", seconds)),
        Some(Figure::new("seconds for the slowest submission", slowest).bounded(Bound::AtMost(20.0))),
        growth.map(|growth| Figure::new("growth of time with ten times the rows", growth)),
        mebibytes.map(|size| Figure::new("largest memory of scoring in MiB", size)),
    ];
    Ok(costs.into_iter().flatten().fold(report, |report, cost| report.with(cost.varying())))
}

/// The first trial of all pays for much that later ones find ready, so that the same submission is asked for twice.
fn seconds_of_answers(battery: &Battery) -> Result<f64, AssertError> {
    let first = tried(battery, Trial::Answers)?.seconds;
    Ok(battery.get(Trial::AnswersAgain).map_or(first, |again| again.seconds.min(first)))
}

/// Submissions that were never scored: an error, but for those that are many times larger than what is asked for.
fn lost(info: &RuleInfo, battery: &Battery, place: &str) -> Vec<Finding> {
    const MOST: usize = 3;
    let lost = battery.all().filter(|(trial, _)| battery.reaction(*trial) == Some(Reaction::Lost));
    let finding = |trial: Trial| {
        let is_large = matches!(
            trial,
            Trial::LongText
                | Trial::EveryGuess
                | Trial::EveryGuessPadded
                | Trial::AllClasses
                | Trial::WholeTwice
        );
        let why = battery.get(trial).and_then(|score| score.error.as_ref());
        let why = why.map(|error| error.message.clone()).unwrap_or_default();
        let message = format!("a submission was not scored ({}): {why}. {}", trial.words(), info.mend);
        let severity = if is_large { Severity::Warning } else { info.severity };
        Finding { severity, ..info.finding(place, message) }
    };
    lost.map(|(trial, _)| finding(trial)).take(MOST).collect()
}

/// `S120`.
pub(super) async fn silent(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let printed = battery.all().find(|(trial, _)| *trial == Trial::Mode).map(|(_, tried)| &tried.printed);
    let Some(printed) = printed.filter(|printed| told(cx.pair().ok(), printed) >= TOLD) else {
        return Ok(Vec::new());
    };
    let shown: String = printed.chars().take(400).collect();
    let message = format!("while it scores, the metric prints answers with their ids. {}", info.mend);
    let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    Ok(vec![Finding { evidence: shown, ..finding }])
}

/// Lines that hold an id and its answer, but for the answer that was submitted in every row.
fn told(pair: Option<&Pair>, printed: &str) -> usize {
    let Some(pair) = pair else { return 0 };
    let (Some(name), id) = (pair.predicted().first().copied(), pair.id_name()) else { return 0 };
    let (Some(id), Some(value)) = (pair.answers.column(id), pair.answers.column(name)) else { return 0 };
    let rows = pair.answers.rows.iter();
    let answers: BTreeMap<&str, &str> = rows.map(|row| (cell(row, id), cell(row, value))).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers.values() {
        *counts.entry(answer).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, count)| **count).map_or("", |(answer, _)| *answer);
    let tells = |line: &&str| {
        let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || ",;:|()[]".contains(c)).collect();
        let answer = words.iter().find_map(|word| answers.get(word));
        answer.is_some_and(|answer| *answer != most && words.contains(answer))
    };
    printed.lines().filter(tells).count()
}

#[cfg(test)]
mod tests {
    use smith_data::table::Table;

    use super::*;
    use crate::subject::Tables;

    #[test]
    fn answers_are_told_by_lines_that_hold_them_with_their_ids() {
        let row = |id: usize| vec![format!("a{id}"), if id < 6 { "no" } else { "yes" }.to_owned()];
        let table = Table { headers: vec!["id".into(), "y".into()], rows: (0..10).map(row).collect() };
        let pair = Tables::pair(table.clone(), table).pair.unwrap();
        assert_eq!(told(Some(&pair), "   id    y\n0  a0   no\n7  a7  yes\n8  a8  yes\n"), 2);
        assert_eq!(told(Some(&pair), "valid\n10 rows\nyes"), 0);
    }
}
