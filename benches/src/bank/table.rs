//! Counting: recall of each layer, what was missed, and sound tasks that were turned away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use smith_core::VerifyReport;
use smith_core::schema::{Finding, Layer, Verdict};

use super::case::{Case, Weight};
use super::run::Judged;
use crate::Spread;

/// The least share of must-reject defects that verification has to reject.
pub const LEAST_RECALL: f64 = 0.98;

const LAYERS: [Layer; 4] = [Layer::Static, Layer::Dynamic, Layer::Data, Layer::Execution];

/// Must-reject defects of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerCount {
    /// The layer that ought to find them.
    pub layer: Layer,
    /// Cases.
    pub planted: usize,
    /// Cases that were rejected, by whichever layer.
    pub rejected: usize,
    /// Cases with an error of this very layer.
    pub by_own_layer: usize,
    /// Rejected of planted; 1 when there are none.
    pub recall: f64,
}

/// A defect that was not found, or a sound task about which something was said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remark {
    /// The case's name.
    pub case: String,
    /// What verification owes the defect; nothing for a sound task.
    pub owed: Option<Weight>,
    /// The defect's layer; nothing for a sound task.
    pub layer: Option<Layer>,
    /// The defect in one sentence; empty for a sound task.
    pub says: String,
    /// Findings of the case.
    pub findings: Vec<Finding>,
}

/// How one case went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseResult {
    /// The case's name.
    pub case: String,
    /// Whether verification did what it owes.
    pub right: bool,
    /// Rules with an error.
    pub errors: BTreeSet<String>,
    /// Rules with a warning.
    pub warnings: BTreeSet<String>,
    /// Seconds of verification.
    pub seconds: f64,
}

/// The whole bank counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Must-reject defects by layer.
    pub layers: Vec<LayerCount>,
    /// Must-reject cases that were rejected, of all.
    pub recall: f64,
    /// Must-warn cases.
    pub warn_planted: usize,
    /// Must-warn cases with a finding that the sound task does not have.
    pub warn_caught: usize,
    /// Sound tasks.
    pub sound: usize,
    /// Defects that were not found.
    pub misses: Vec<Remark>,
    /// Sound tasks that were rejected, with the errors.
    pub false_alarms: Vec<Remark>,
    /// Sound tasks with warnings, with the warnings.
    pub warnings_on_sound: Vec<Remark>,
    /// Cases that could not be built or verified, with the reason: faults of the bank or of the machine.
    pub broken: Vec<(String, String)>,
    /// Every other case.
    pub cases: Vec<CaseResult>,
    /// Median seconds of verification.
    pub median_seconds: f64,
    /// Wall time of everything, in seconds.
    pub total_seconds: f64,
}

impl Summary {
    /// Counts what was judged in `total_seconds`.
    #[must_use]
    pub fn of(judged: &[Judged], total_seconds: f64) -> Self {
        let known = sound_findings(judged);
        let mut summary = Self {
            layers: LAYERS.iter().map(|layer| count(*layer, judged)).collect(),
            recall: 1.0,
            warn_planted: 0,
            warn_caught: 0,
            sound: 0,
            misses: Vec::new(),
            false_alarms: Vec::new(),
            warnings_on_sound: Vec::new(),
            broken: Vec::new(),
            cases: Vec::new(),
            median_seconds: 0.0,
            total_seconds,
        };
        for one in judged {
            match &one.outcome {
                Ok(report) => summary.add(&one.case, report, &known),
                Err(why) => summary.broken.push((one.case.name(), why.to_string())),
            }
        }
        let (planted, rejected) =
            summary.layers.iter().fold((0, 0), |(all, found), row| (all + row.planted, found + row.rejected));
        summary.recall = share(rejected, planted);
        let seconds = summary.cases.iter().map(|case| case.seconds).collect();
        summary.median_seconds = Spread::of(seconds).map_or(0.0, |spread| spread.median);
        summary
    }

    fn add(&mut self, case: &Case, report: &VerifyReport, known: &Known) {
        let right = is_right(case, report, known);
        match &case.defect {
            None => self.add_sound(case, report),
            Some(defect) => {
                if defect.severity == Weight::MustWarn {
                    self.warn_planted += 1;
                    self.warn_caught += usize::from(right);
                }
                if !right {
                    self.misses.push(remark(case, report.findings.clone()));
                }
            }
        }
        let rules = |error: bool| {
            let of = report.findings.iter().filter(|finding| finding.is_error() == error);
            of.map(|finding| finding.rule.clone()).collect()
        };
        self.cases.push(CaseResult {
            case: case.name(),
            right,
            errors: rules(true),
            warnings: rules(false),
            seconds: report.seconds,
        });
    }

    fn add_sound(&mut self, case: &Case, report: &VerifyReport) {
        self.sound += 1;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            report.findings.iter().cloned().partition(Finding::is_error);
        if report.verdict == Verdict::Rejected {
            self.false_alarms.push(remark(case, errors));
        }
        if !warnings.is_empty() {
            self.warnings_on_sound.push(remark(case, warnings));
        }
    }

    /// 3 when a case is broken, 1 when the goal is missed, else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.broken.is_empty(), self.recall >= LEAST_RECALL && self.false_alarms.is_empty()) {
            (false, _) => 3,
            (true, false) => 1,
            (true, true) => 0,
        }
    }

    /// The table as a terminal shows it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.remarks();
        let _ = writeln!(
            text,
            "{:<10} {:>8} {:>9} {:>10} {:>7}",
            "layer", "planted", "rejected", "own layer", "recall"
        );
        for row in &self.layers {
            let LayerCount { layer, planted, rejected, by_own_layer, recall } = row;
            let _ = writeln!(
                text,
                "{:<10} {planted:>8} {rejected:>9} {by_own_layer:>10} {recall:>7.3}",
                layer_name(*layer)
            );
        }
        let all = |part: fn(&LayerCount) -> usize| self.layers.iter().map(part).sum::<usize>();
        let (planted, rejected) = (all(|row| row.planted), all(|row| row.rejected));
        let own = all(|row| row.by_own_layer);
        let _ = writeln!(text, "{:<10} {planted:>8} {rejected:>9} {own:>10} {:>7.3}", "all", self.recall);
        let _ = writeln!(text, "must-warn: {} of {} caught", self.warn_caught, self.warn_planted);
        let _ = writeln!(
            text,
            "sound tasks: {}, rejected {}, with warnings {}",
            self.sound,
            self.false_alarms.len(),
            self.warnings_on_sound.len()
        );
        let _ = writeln!(
            text,
            "seconds: {:.1} a case (median), {:.0} in all",
            self.median_seconds, self.total_seconds
        );
        text
    }

    /// A line for each case that is broken, missed, turned away or warned about.
    fn remarks(&self) -> String {
        let mut text = String::new();
        for (case, why) in &self.broken {
            let _ = writeln!(text, "broken   {case}: {why}");
        }
        for miss in &self.misses {
            let owed = miss.owed.map_or("", Weight::name);
            let layer = miss.layer.map_or("", layer_name);
            let findings = listed(&miss.findings);
            let _ = writeln!(text, "missed   {} ({owed}, {layer}): {} — {findings}", miss.case, miss.says);
        }
        for (word, remarks) in [("alarm   ", &self.false_alarms), ("warning ", &self.warnings_on_sound)] {
            for remark in remarks {
                let _ = writeln!(text, "{word} {}: {}", remark.case, listed(&remark.findings));
            }
        }
        text
    }
}

/// Rules and places that sound tasks have findings of, by task.
type Known = BTreeMap<String, BTreeSet<(String, String)>>;

fn sound_findings(judged: &[Judged]) -> Known {
    let sound = judged.iter().filter(|one| one.case.defect.is_none());
    sound
        .filter_map(|one| {
            let findings = &one.outcome.as_ref().ok()?.findings;
            Some((one.case.task.clone(), findings.iter().map(place).collect()))
        })
        .collect()
}

fn place(finding: &Finding) -> (String, String) {
    (finding.rule.clone(), finding.path.clone())
}

fn is_right(case: &Case, report: &VerifyReport, known: &Known) -> bool {
    let rejected = report.verdict == Verdict::Rejected;
    match case.defect.as_ref().map(|defect| defect.severity) {
        None => !rejected,
        Some(Weight::MustReject) => rejected,
        Some(Weight::MustWarn) => {
            let is_known =
                |finding| known.get(&case.task).is_some_and(|known| known.contains(&place(finding)));
            report.findings.iter().any(|finding| !is_known(finding))
        }
    }
}

fn count(layer: Layer, judged: &[Judged]) -> LayerCount {
    let mut row = LayerCount { layer, planted: 0, rejected: 0, by_own_layer: 0, recall: 1.0 };
    for one in judged {
        let (Some(defect), Ok(report)) = (&one.case.defect, &one.outcome) else { continue };
        if defect.layer != layer || defect.severity != Weight::MustReject {
            continue;
        }
        let is_own = |finding: &Finding| finding.is_error() && finding.layer == layer;
        row.planted += 1;
        row.rejected += usize::from(report.verdict == Verdict::Rejected);
        row.by_own_layer += usize::from(report.findings.iter().any(is_own));
    }
    row.recall = share(row.rejected, row.planted);
    row
}

#[expect(clippy::cast_precision_loss, reason = "a bank has far fewer cases than 2^52")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

fn remark(case: &Case, findings: Vec<Finding>) -> Remark {
    let defect = case.defect.as_ref();
    Remark {
        case: case.name(),
        owed: defect.map(|defect| defect.severity),
        layer: defect.map(|defect| defect.layer),
        says: defect.map_or_else(String::new, |defect| defect.says.clone()),
        findings,
    }
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Static => "static",
        Layer::Dynamic => "dynamic",
        Layer::Data => "data",
        Layer::Execution => "execution",
    }
}

/// Findings in one line.
fn listed(findings: &[Finding]) -> String {
    const LONGEST: usize = 160;
    let one = |finding: &Finding| {
        let severity = if finding.is_error() { "error" } else { "warning" };
        let message: String = finding.message.chars().take(LONGEST).collect();
        format!("[{} {severity}] {}: {}", finding.rule, finding.path, message.replace('\n', " "))
    };
    if findings.is_empty() {
        "no finding".to_owned()
    } else {
        findings.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
