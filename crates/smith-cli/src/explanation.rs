//! Why a task was accepted or rejected, for people.

use comfy_table::{Cell, Color};
use smith_core::Explanation;
use smith_core::data::words::number_of;
use smith_core::schema::figure::six_digits;
use smith_core::schema::{
    Bound, CheckRecord, CheckVerdict, Figure, ReviewReport, ReviewVerdict, ValidationReport, Verdict,
};

use crate::table;

/// The whole explanation: the verdict, the steps with their costs, and what stands in the certificate.
pub(crate) fn text(explained: &Explanation) -> String {
    let manifest = &explained.manifest;
    let word = if manifest.verdict == Verdict::Accepted { "accepted" } else { "rejected" };
    let void = if explained.certificate_holds { "" } else { "VOID, was " };
    let mut out = format!("{}: {void}{word}", manifest.id);
    if let Some(reason) = &manifest.reason {
        out.push_str(&format!(": {reason}"));
    }
    out.push_str(&format!(
        "\n{} · {} · {}\n",
        manifest.title, manifest.provenance.dataset, manifest.provenance.generator
    ));
    out.push_str(if explained.certificate_holds {
        "certificate: holds; the files are those that were checked\n"
    } else {
        "certificate: VOID; task.json or files were changed since (`smith verify` names them)\n"
    });
    if !explained.steps.is_empty() {
        out.push_str(&format!("\n{}\n", steps(explained)));
    }
    let certificate = &manifest.certificate;
    if let Some(review) = certificate.review.as_ref().filter(|review| !review.points.is_empty()) {
        out.push_str(&format!("\n{}\n", votes(review)));
    }
    if let Some(validation) = &certificate.validation {
        out.push_str(&format!("\n{}\n", validated(validation)));
    }
    if let Some(calibration) = &certificate.calibration {
        out.push_str(&format!("\n{}\n", table::ladder(calibration)));
    }
    if !certificate.checks.is_empty() {
        out.push_str(&format!("\n{}\n", checks(&certificate.checks)));
    }
    out
}

/// How the passes of the review voted.
fn votes(review: &ReviewReport) -> String {
    let mut table = table::table(&["criterion", "verdict", "pass", "fail", "cannot tell", "why"]);
    for point in &review.points {
        let (word, colour) = match point.verdict {
            ReviewVerdict::Pass => ("pass", Color::Green),
            ReviewVerdict::Fail => ("fail", Color::Red),
            ReviewVerdict::CannotTell => ("cannot tell", Color::Yellow),
        };
        let votes = point.votes.unwrap_or_default();
        let quoted = point.evidence.iter().map(|quotation| format!("\n{quotation}"));
        table.add_row(vec![
            Cell::new(point.criterion.as_str()),
            Cell::new(word).fg(colour),
            Cell::new(votes.pass),
            Cell::new(votes.fail),
            Cell::new(votes.cannot_tell),
            Cell::new(std::iter::once(point.reason.clone()).chain(quoted).collect::<String>()),
        ]);
    }
    table.to_string()
}

fn validated(report: &ValidationReport) -> String {
    let valid = report.submissions.iter().filter(|submission| submission.score.is_some()).count();
    let best = report.best.map_or_else(|| "none".to_owned(), six_digits);
    format!(
        "validation: {} in {}, {valid} valid; best score {best}",
        number_of(report.submissions.len() as u64, "submission"),
        number_of(u64::from(report.steps), "step"),
    )
}

fn steps(explained: &Explanation) -> String {
    let mut table = table::table(&["step", "outcome", "calls", "cost", "s", "faults"]);
    for step in &explained.steps {
        let stage = step.stage.map_or("", |stage| stage.as_str());
        let mut outcome = step.outcome.clone();
        for finding in &step.findings {
            outcome.push_str(&format!("\n{} {}: {}", finding.rule, finding.path, finding.message));
        }
        let cost =
            if step.unpriced_calls > 0 { "unknown".to_owned() } else { format!("${:.4}", step.cost_usd) };
        table.add_row(vec![
            Cell::new(format!("{stage} {}.{}", step.round, step.attempt)),
            Cell::new(outcome),
            Cell::new(step.model_calls),
            Cell::new(cost),
            Cell::new(format!("{:.0}", step.seconds)),
            Cell::new(step.faults.join("\n")).fg(Color::Yellow),
        ]);
    }
    table.to_string()
}

fn checks(checks: &[CheckRecord]) -> String {
    let mut table = table::table(&["rule", "verdict", "proves", "figures"]);
    // What does not hold first: hundreds of rules hold.
    let weight = |check: &&CheckRecord| match check.verdict {
        CheckVerdict::Broken => 0,
        CheckVerdict::Warned => 1,
        CheckVerdict::Holds => 2,
        CheckVerdict::NotRun => 3,
    };
    let mut checks: Vec<&CheckRecord> = checks.iter().collect();
    checks.sort_by_key(weight);
    for check in checks {
        let (word, colour) = match check.verdict {
            CheckVerdict::Holds => ("holds", Color::Green),
            CheckVerdict::Warned => ("warned", Color::Yellow),
            CheckVerdict::Broken => ("broken", Color::Red),
            CheckVerdict::NotRun => ("not run", Color::Yellow),
        };
        let figures: Vec<String> = check.figures.iter().map(figure).collect();
        let proves = check.reason.as_ref().unwrap_or(&check.proves);
        table.add_row(vec![
            Cell::new(&check.rule),
            Cell::new(word).fg(colour),
            Cell::new(proves),
            Cell::new(figures.join("\n")),
        ]);
    }
    table.to_string()
}

/// `share of test rows in train: 0.0120 (at most 0.2)`.
fn figure(figure: &Figure) -> String {
    let value = number(figure.value);
    match figure.bound {
        None => format!("{}: {value}", figure.name),
        Some(Bound::AtLeast(least)) => format!("{}: {value} (at least {})", figure.name, number(least)),
        Some(Bound::AtMost(most)) => format!("{}: {value} (at most {})", figure.name, number(most)),
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 { format!("{value:.0}") } else { format!("{value:.4}") }
}
