//! Counting: recall of each layer, what was missed, and sound tasks that were turned away.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use smith_core::schema::{Finding, Layer};

use super::case::{Case, Weight};
use super::run::{Judged, Verified};
use crate::Spread;

/// The least share of must-reject defects that verification has to reject.
pub const LEAST_RECALL: f64 = 0.98;

/// In the order of the table.
pub(super) const LAYERS: [Layer; 4] = [Layer::Static, Layer::Dynamic, Layer::Data, Layer::Execution];

/// Must-reject defects of one layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerCount {
    /// The layer that ought to find them.
    pub layer: Layer,
    /// Cases.
    pub planted: usize,
    /// Cases that were rejected, by whichever layer, for an error that the sound task does not have.
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
    /// Everything that was found.
    pub findings: Vec<Finding>,
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
            layers: LAYERS.iter().map(|layer| count(*layer, judged, &known)).collect(),
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

    fn add(&mut self, case: &Case, report: &Verified, known: &Known) {
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
        let (findings, seconds) = (report.findings.clone(), report.seconds);
        self.cases.push(CaseResult { case: case.name(), right, findings, seconds });
    }

    fn add_sound(&mut self, case: &Case, report: &Verified) {
        self.sound += 1;
        let (errors, warnings): (Vec<_>, Vec<_>) =
            report.findings.iter().cloned().partition(Finding::is_error);
        if report.rejected {
            self.false_alarms.push(remark(case, errors));
        }
        if !warnings.is_empty() {
            self.warnings_on_sound.push(remark(case, warnings));
        }
    }

    /// 3 when a case is broken, 1 when recall is below `least` or a sound task was turned away, else 0.
    #[must_use]
    pub fn exit_code(&self, least: f64) -> u8 {
        match (self.broken.is_empty(), self.recall >= least && self.false_alarms.is_empty()) {
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

/// Rules and files that sound tasks have findings of, by task.
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

/// Rule and file; planting moves lines.
fn place(finding: &Finding) -> (String, String) {
    let is_line = |end: &str| end.bytes().all(|byte| byte.is_ascii_digit());
    let file = finding.path.rsplit_once(':').filter(|(_, line)| is_line(line)).map(|(file, _)| file);
    (finding.rule.clone(), file.unwrap_or(&finding.path).to_owned())
}

/// Whether verification did what it owes. What is said of the sound task too is no answer to a defect.
fn is_right(case: &Case, report: &Verified, known: &Known) -> bool {
    let is_known =
        |finding: &Finding| known.get(&case.task).is_some_and(|known| known.contains(&place(finding)));
    let mut new = report.findings.iter().filter(|finding| !is_known(finding));
    match case.defect.as_ref().map(|defect| defect.severity) {
        None => !report.rejected,
        Some(Weight::MustReject) => new.any(Finding::is_error),
        Some(Weight::MustWarn) => new.next().is_some(),
    }
}

fn count(layer: Layer, judged: &[Judged], known: &Known) -> LayerCount {
    let mut row = LayerCount { layer, planted: 0, rejected: 0, by_own_layer: 0, recall: 1.0 };
    for one in judged {
        let (Some(defect), Ok(report)) = (&one.case.defect, &one.outcome) else { continue };
        if defect.layer != layer || defect.severity != Weight::MustReject {
            continue;
        }
        let right = is_right(&one.case, report, known);
        let is_own = |finding: &Finding| finding.is_error() && finding.layer == layer;
        row.planted += 1;
        row.rejected += usize::from(right);
        row.by_own_layer += usize::from(right && report.findings.iter().any(is_own));
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::case::{BankError, Defect};
    use super::*;

    fn finding(rule: &str, severity: &str, path: &str) -> Finding {
        let json = serde_json::json!({
            "rule": rule, "severity": severity, "layer": "data", "path": path, "message": "m", "evidence": ""
        });
        serde_json::from_value(json).unwrap()
    }

    fn judged(defect: Option<(&str, &str)>, findings: &[Finding]) -> Judged {
        let defect = defect.map(|(name, severity)| {
            let head = "of = [\"pears\"]\nlayer = \"data\"\nsays = \"Bad.\"\n";
            let text = format!("{head}severity = \"{severity}\"\n");
            Arc::new(Defect { name: name.to_owned(), ..toml::from_str(&text).unwrap() })
        });
        let rejected = findings.iter().any(Finding::is_error);
        let verified = Verified { rejected, findings: findings.to_vec(), seconds: 2.0 };
        Judged { case: Case { task: "pears".to_owned(), defect }, outcome: Ok(verified) }
    }

    const HARD: Option<(&str, &str)> = Some(("hard", "must-reject"));
    const SOFT: Option<(&str, &str)> = Some(("soft", "must-warn"));

    #[test]
    fn only_what_is_new_beside_the_sound_task_counts() {
        let alarm = finding("D102", "error", "description.txt:24");
        let moved = finding("D102", "error", "description.txt:25");
        let leak = finding("A101", "error", "public/x.json");
        let doubt = finding("A105", "warning", "public/train.csv");
        let table = [
            (HARD, vec![leak.clone()], true),
            (HARD, vec![moved.clone()], false),
            (HARD, vec![moved.clone(), doubt.clone()], false),
            (SOFT, vec![doubt], true),
            (SOFT, vec![leak], true),
            (SOFT, vec![moved], false),
        ];
        for (defect, findings, right) in table {
            let summary =
                Summary::of(&[judged(None, std::slice::from_ref(&alarm)), judged(defect, &findings)], 1.0);
            assert_eq!(summary.misses.is_empty(), right, "{defect:?} {findings:?}");
            let planted: usize = summary.layers.iter().map(|row| row.planted).sum();
            let found = if defect == HARD { summary.layers[2].rejected } else { summary.warn_caught };
            assert_eq!((planted, found), (usize::from(defect == HARD), usize::from(right)));
        }
    }

    #[test]
    fn the_exit_code_tells_a_miss_from_a_fault_of_the_bank() {
        let leak = finding("A101", "error", "public/x.json");
        let code = |judged: &[Judged]| Summary::of(judged, 1.0).exit_code(LEAST_RECALL);
        assert_eq!(code(&[judged(None, &[]), judged(HARD, std::slice::from_ref(&leak))]), 0);
        assert_eq!(code(&[judged(None, &[]), judged(HARD, &[])]), 1, "missed");
        assert_eq!(code(&[judged(None, std::slice::from_ref(&leak))]), 1, "a false alarm");
        assert_eq!(code(&[judged(None, &[]), judged(SOFT, &[])]), 0, "a judgement");
        let broken = Judged { outcome: Err(BankError("no".to_owned())), ..judged(HARD, &[]) };
        assert_eq!(code(&[judged(None, &[]), broken]), 3);
    }

    #[test]
    fn a_miss_is_one_line_with_what_was_owed_and_what_came() {
        let doubt = finding("A105", "warning", "public/train.csv");
        let text = Summary::of(&[judged(None, &[]), judged(HARD, &[doubt])], 1.0).text();
        let line = "missed   hard@pears (must-reject, data): Bad. — [A105 warning] public/train.csv: m";
        assert_eq!(text.lines().next(), Some(line));
        assert!(text.contains("all               1         0          0   0.000"), "{text}");
    }
}
