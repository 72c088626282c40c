//! Performance validation (paper, section 3.2): what the validation agent's scores say of the task.

use smith_assert::Scores;
use smith_task_schema::figure::six_digits;
use smith_task_schema::{Finding, Layer, Severity, ValidationReport};

/// Codes of the findings, for the routing.
pub(crate) const NO_SUBMISSION: &str = "V001";
pub(crate) const NOT_ABOVE_SAMPLE: &str = "V002";
pub(crate) const NOT_ABOVE_CONSTANT: &str = "V003";
pub(crate) const ABOVE_ANSWERS: &str = "V004";

/// Relative difference below which scores count as equal: the order of a sum must not decide a task.
const EQUAL: f64 = 1e-9;

/// Adds the scores that need no agent to the report.
pub(crate) fn complete(report: &mut ValidationReport, scores: &Scores) {
    report.higher_is_better = scores.higher_is_better;
    report.sample = scores.sample;
    report.constant = scores.constant;
    report.answers = scores.answers;
}

/// What stands against the task. No finding means that a modest agent did non-trivial work on it.
pub(crate) fn judge(report: &ValidationReport) -> Vec<Finding> {
    let Some(best) = report.best else {
        return vec![finding(
            NO_SUBMISSION,
            format!(
                "The validation agent made no valid submission in {} steps. Make the task solvable from description.txt and the public files alone: file names, columns and the submission format must be exact.",
                report.steps
            ),
            last_error(report),
        )];
    };
    let mut findings = Vec::new();
    for (code, what, score) in [
        (NOT_ABOVE_SAMPLE, "sample_submission.csv", report.sample),
        (NOT_ABOVE_CONSTANT, "the best constant prediction", report.constant),
    ] {
        if let Some(score) = score.filter(|score| !beats(report, best, *score)) {
            findings.push(finding(
                code,
                format!(
                    "The validation agent's best score does not beat {what}. Either the target cannot be learnt from the public files, or the metric does not tell good from bad."
                ),
                format!("agent {}, {what} {}, {}", six_digits(best), six_digits(score), direction(report)),
            ));
        }
    }
    if let Some(answers) = report.answers.filter(|answers| beats(report, best, *answers)) {
        findings.push(finding(
            ABOVE_ANSWERS,
            "The validation agent scored better than the answers themselves, so the metric does not measure closeness to them.".to_owned(),
            format!("agent {}, answers {}, {}", six_digits(best), six_digits(answers), direction(report)),
        ));
    }
    findings
}

/// Better by more than rounding, in the metric's direction.
fn beats(report: &ValidationReport, a: f64, b: f64) -> bool {
    report.better(a, b) && (a - b).abs() > EQUAL * a.abs().max(b.abs())
}

fn finding(code: &str, message: String, evidence: String) -> Finding {
    Finding {
        rule: code.to_owned(),
        severity: Severity::Error,
        layer: Layer::Execution,
        path: String::new(),
        message,
        evidence,
    }
}

fn direction(report: &ValidationReport) -> &'static str {
    if report.higher_is_better { "higher is better" } else { "lower is better" }
}

/// The last submission's error; without any submission, what the agent said.
fn last_error(report: &ValidationReport) -> String {
    let error = report.submissions.iter().rev().find_map(|submission| submission.error.clone());
    error.unwrap_or_else(|| report.note.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_judged_in_the_metrics_direction() {
        let report = |best, sample, constant, answers, higher_is_better| ValidationReport {
            best,
            sample: Some(sample),
            constant: Some(constant),
            answers: Some(answers),
            higher_is_better,
            ..ValidationReport::default()
        };
        let codes = |report: &ValidationReport| judge(report).into_iter().map(|f| f.rule).collect::<Vec<_>>();
        assert!(codes(&report(Some(0.9), 0.3, 0.2, 1.0, true)).is_empty());
        assert!(codes(&report(Some(2.0), 9.0, 8.0, 0.0, false)).is_empty());
        assert_eq!(codes(&report(None, 0.3, 0.2, 1.0, true)), [NO_SUBMISSION]);
        assert_eq!(codes(&report(Some(0.3), 0.3, 0.2, 1.0, true)), [NOT_ABOVE_SAMPLE]);
        assert_eq!(codes(&report(Some(8.5), 9.0, 8.0, 0.0, false)), [NOT_ABOVE_CONSTANT]);
        assert_eq!(codes(&report(Some(1.1), 0.3, 0.2, 1.0, true)), [ABOVE_ANSWERS]);
        // Sums in another order are no merit and no fault.
        assert_eq!(codes(&report(Some(0.1 + 0.2), 0.3, 0.2, 1.0, true)), [NOT_ABOVE_SAMPLE]);
        assert!(codes(&report(Some(0.1 + 0.2), 0.1, 0.2, 0.3, true)).is_empty());
        // A perfect solution equals the answers and is fine.
        assert!(codes(&report(Some(1.0), 0.3, 0.2, 1.0, true)).is_empty());
    }
}
