//! What the certificate in `task.json` says is what comes out when it is computed again.

use async_trait::async_trait;
use smith_task_schema::calibration::Measured;
use smith_task_schema::{
    Calibration, CheckRecord, CheckVerdict, Finding, Layer, LayoutKind, Severity, TaskManifest,
};

use super::certificate;
use crate::literature;
use crate::rule::{Report, Rule, RuleInfo};
use crate::subject::{Subject, listed};
use crate::{AssertError, Outcome};

pub(super) const RECOMPUTED: RuleInfo = RuleInfo {
    code: "L111",
    name: "certificate-recomputed",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Verdicts, figures and calibration of task.json come out again when they are computed anew.",
    why: "Whoever edits a certificate can seal it again; only computing it anew tells whether it is true.",
    mend: "Remove task.json and have the task verified and packaged again.",
    references: &[literature::PROVENANCE],
};

/// Relative difference up to which two figures are one: what another processor rounds otherwise.
const SAME: f64 = 1e-6;

/// The rule speaks when all others have.
pub(super) struct Recomputed;

#[async_trait]
impl Rule for Recomputed {
    fn info(&self) -> &'static RuleInfo {
        &RECOMPUTED
    }

    async fn check(&self, cx: &Subject) -> Result<Report, AssertError> {
        certified(cx).map(|_| Report::default()).ok_or_else(|| AssertError::not_run("there is no task.json"))
    }

    fn conclude(&self, cx: &Subject, outcome: &Outcome) -> Vec<Finding> {
        // A certificate of other files says nothing of these.
        let is_current = |check: &CheckRecord| {
            check.rule == certificate::CURRENT.code && check.verdict == CheckVerdict::Holds
        };
        let Some(manifest) = certified(cx).filter(|_| outcome.checks.iter().any(is_current)) else {
            return Vec::new();
        };
        let mut differences = Vec::new();
        let is_own = manifest.provenance.generator == format!("smith {}", env!("CARGO_PKG_VERSION"));
        for now in outcome.checks.iter().filter(|now| is_comparable(now)) {
            match manifest.certificate.checks.iter().find(|stored| stored.rule == now.rule) {
                Some(stored) if !is_same(stored, now) => differences.push(now.rule.clone()),
                None if is_own => differences.push(format!("{} (not in it)", now.rule)),
                _ => {}
            }
        }
        if !calibrations_agree(manifest.certificate.calibration.as_ref(), outcome.calibration.as_ref()) {
            differences.push("calibration".to_owned());
        }
        if differences.is_empty() {
            return Vec::new();
        }
        let made_by =
            if is_own { String::new() } else { format!(" (made by {:?})", manifest.provenance.generator) };
        let message =
            format!("it says something else{made_by} of {}. {}", listed(&differences), RECOMPUTED.mend);
        let finding = RECOMPUTED.finding(cx.name(&cx.layout().manifest()), message);
        // Another version may measure otherwise.
        let severity = if is_own { finding.severity } else { Severity::Warning };
        vec![Finding { severity, ..finding }]
    }
}

fn certified(cx: &Subject) -> Option<TaskManifest> {
    let layout = cx.layout();
    let is_there = layout.kind == LayoutKind::Package && layout.manifest().is_file();
    is_there.then(|| TaskManifest::read(&layout.root).ok()).flatten().map(|(manifest, _)| manifest)
}

/// Rules that ran and do not speak of the certificate itself.
fn is_comparable(now: &CheckRecord) -> bool {
    let own = [certificate::CURRENT.code, RECOMPUTED.code];
    now.verdict != CheckVerdict::NotRun && !own.contains(&now.rule.as_str())
}

fn is_same(stored: &CheckRecord, now: &CheckRecord) -> bool {
    let now = now.clone().lasting();
    let figures = stored.figures.iter().zip(&now.figures);
    stored.verdict == now.verdict
        && stored.findings == now.findings
        && stored.figures.len() == now.figures.len()
        && figures.into_iter().all(|(a, b)| {
            a.name == b.name && a.bound == b.bound && a.varies == b.varies && is_near(a.value, b.value)
        })
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs()).max(SAME)
}

/// True when the ladders agree, and what is derived from the stored one is derived rightly. A stored ladder may have more
/// solvers, such as the agent that validated the task.
fn calibrations_agree(stored: Option<&Calibration>, now: Option<&Calibration>) -> bool {
    let Some(now) = now else { return true };
    let Some(stored) = stored else { return false };
    let rungs_agree = now.rungs.iter().all(|rung| {
        let kept = stored.rungs.iter().find(|kept| kept.name == rung.name);
        kept.is_some_and(|kept| match (kept.score, rung.score) {
            (Some(a), Some(b)) => is_near(a, b),
            (a, b) => a == b,
        })
    });
    stored.higher_is_better == now.higher_is_better
        && [(stored.trivial, now.trivial), (stored.answers, now.answers), (stored.sigma, now.sigma)]
            .iter()
            .all(|(a, b)| is_near(*a, *b))
        && rungs_agree
        && is_derived(stored)
        && has_best_reference(stored, now)
}

/// True when scale, medals and rewards follow from the scores.
fn is_derived(stored: &Calibration) -> bool {
    let Calibration { higher_is_better, trivial, answers, sigma, .. } = *stored;
    let again = Calibration::new(Measured {
        higher_is_better,
        trivial,
        reference: stored.reference_rung.clone().zip(stored.reference),
        answers,
        sigma,
        rungs: stored.rungs.iter().map(|rung| (rung.name.clone(), rung.score)).collect(),
    });
    let pairs = |calibration: &Calibration| {
        let medals = calibration.medals.map_or([f64::INFINITY; 3], |m| [m.bronze, m.silver, m.gold]);
        let mut figures = vec![calibration.reward.zero, calibration.reward.one];
        figures.extend(medals);
        figures.extend(calibration.rungs.iter().map(|rung| rung.normalised.unwrap_or(f64::INFINITY)));
        figures
    };
    stored.medals.is_some() == again.medals.is_some()
        && pairs(stored).into_iter().zip(pairs(&again)).all(|(a, b)| a == b || is_near(a, b))
}

/// True when the reference is the score of its rung, or the one that was found again, and none that was found is better.
fn has_best_reference(stored: &Calibration, now: &Calibration) -> bool {
    let (Some(kept), Some(found)) = (stored.reference, now.reference) else {
        return stored.reference.is_some() || now.reference.is_none();
    };
    let of_rung = stored.rungs.iter().find(|rung| Some(&rung.name) == stored.reference_rung.as_ref());
    let is_of_rung = of_rung.is_some_and(|rung| rung.score.is_some_and(|score| is_near(score, kept)));
    is_near(kept, found) || (is_of_rung && now.gain(found, kept) >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use smith_task_schema::Figure;

    fn ladder() -> Calibration {
        let rungs =
            [("constant", Some(0.5)), ("linear", Some(0.8)), ("boosting", None), ("answers", Some(1.0))];
        Calibration::new(Measured {
            higher_is_better: true,
            trivial: 0.5,
            reference: Some(("linear".to_owned(), 0.8)),
            answers: 1.0,
            sigma: 0.01,
            rungs: rungs.map(|(name, score)| (name.to_owned(), score)).to_vec(),
        })
    }

    #[test]
    fn a_ladder_agrees_with_itself_and_with_one_more_solver_and_with_no_other() {
        let agree = |stored: &Calibration| calibrations_agree(Some(stored), Some(&ladder()));
        assert!(agree(&ladder()) && agree(&ladder().with_solver("agent", 0.9)));
        assert!(calibrations_agree(Some(&ladder()), None) && !calibrations_agree(None, Some(&ladder())));
        let edits: [fn(&mut Calibration); 7] = [
            |own| own.sigma = 0.02,
            |own| own.medals.as_mut().unwrap().gold = 0.81,
            |own| own.medals = None,
            |own| own.reward.one = 0.7,
            |own| own.reference = Some(0.7),
            |own| own.rungs[1].normalised = Some(2.0),
            |own| own.rungs[2].score = Some(0.6),
        ];
        for (index, edit) in edits.into_iter().enumerate() {
            let mut edited = ladder();
            edit(&mut edited);
            assert!(!agree(&edited), "{index}");
        }
        assert!(!agree(&with_worse_reference()));
    }

    /// The ladder with a reference that is worse than one that was found.
    fn with_worse_reference() -> Calibration {
        let Calibration { higher_is_better, trivial, answers, sigma, rungs, .. } =
            ladder().with_solver("agent", 0.7);
        Calibration::new(Measured {
            higher_is_better,
            trivial,
            reference: Some(("agent".to_owned(), 0.7)),
            answers,
            sigma,
            rungs: rungs.into_iter().map(|rung| (rung.name, rung.score)).collect(),
        })
    }

    #[test]
    fn records_are_the_same_up_to_rounding_and_what_varies() {
        let record = |value: f64, seconds: f64| CheckRecord {
            rule: "Q1".to_owned(),
            figures: vec![Figure::new("share", value), Figure::new("seconds", seconds).varying()],
            ..CheckRecord::default()
        };
        let stored = record(0.5, 1.0).lasting();
        assert!(is_same(&stored, &record(0.5 + 1e-9, 2.0)));
        assert!(!is_same(&stored, &record(0.51, 1.0)));
        assert!(!is_same(&stored, &CheckRecord { findings: 1, ..record(0.5, 1.0) }));
        assert!(!is_same(&stored, &CheckRecord { verdict: CheckVerdict::Warned, ..record(0.5, 1.0) }));
    }
}
