//! A model's judgement of a task: verdicts by vote of independent passes, with quotations.

use serde::{Deserialize, Serialize};

use crate::stage::Stage;

/// What a review looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Description, preparation, metric and data speak of one and the same task.
    Alignment,
    /// The target can be learnt from what is public.
    Feasibility,
    /// A substantial share of the raw data is used, and the part that tells most.
    DataUse,
    /// `description.txt` says all that a participant needs.
    Coverage,
    /// The metric fits the question.
    Metric,
    /// No submission scores well without solving the task.
    Gaming,
    /// Nothing public gives the answers away.
    Leakage,
    /// In reviews of five criteria only: what [`Self::Coverage`] and [`Self::Alignment`] ask now.
    Description,
    /// In reviews of five criteria only: what [`Self::Gaming`] asks now.
    Shortcuts,
    /// In reviews of five criteria only: what [`Self::Feasibility`] and [`Self::DataUse`] ask now.
    Usefulness,
}

impl Criterion {
    /// The criteria of the rubric, in its order. Those that only older reviews know are not among them.
    pub const ALL: [Self; 7] = [
        Self::Alignment,
        Self::Feasibility,
        Self::DataUse,
        Self::Coverage,
        Self::Metric,
        Self::Gaming,
        Self::Leakage,
    ];

    /// The word in files and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alignment => "alignment",
            Self::Feasibility => "feasibility",
            Self::DataUse => "data_use",
            Self::Coverage => "coverage",
            Self::Metric => "metric",
            Self::Gaming => "gaming",
            Self::Leakage => "leakage",
            Self::Description => "description",
            Self::Shortcuts => "shortcuts",
            Self::Usefulness => "usefulness",
        }
    }
}

/// Judgement on one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// In order.
    Pass,
    /// Not in order, with evidence.
    Fail,
    /// The reviewer abstains, failed the point without evidence, or its passes do not agree.
    CannotTell,
}

/// A passage of a task's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "QuotationForm")]
pub struct Quotation {
    /// The file, relative to the task; empty in reviews made before files were named.
    pub file: String,
    /// The passage.
    pub text: String,
}

impl std::fmt::Display for Quotation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.file.is_empty() { f.write_str(&self.text) } else { write!(f, "{}: {}", self.file, self.text) }
    }
}

/// Older reviews hold the passage alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum QuotationForm {
    Alone(String),
    Named { file: String, text: String },
}

impl From<QuotationForm> for Quotation {
    fn from(form: QuotationForm) -> Self {
        match form {
            QuotationForm::Alone(text) => Self { file: String::new(), text },
            QuotationForm::Named { file, text } => Self { file, text },
        }
    }
}

/// How the passes of a review voted on one criterion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Votes {
    /// Passes that found it in order.
    pub pass: u32,
    /// Passes that failed it with evidence.
    pub fail: u32,
    /// Passes that could not tell; those `lowered` are among them.
    pub cannot_tell: u32,
    /// Passes that failed it without evidence that stands, and so could not tell.
    pub lowered: u32,
}

impl Votes {
    /// All votes.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.pass.saturating_add(self.fail).saturating_add(self.cannot_tell)
    }

    /// Share of the most frequent vote, from 1/3 to 1; nothing without votes.
    #[must_use]
    pub fn agreement(&self) -> Option<f64> {
        let most = self.pass.max(self.fail).max(self.cannot_tell);
        (self.total() > 0).then(|| f64::from(most) / f64::from(self.total()))
    }
}

/// One criterion judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewPoint {
    /// What was judged.
    pub criterion: Criterion,
    /// The judgement: of the majority of the passes, after checking the evidence.
    pub verdict: ReviewVerdict,
    /// How the passes voted; absent in reviews of one pass by older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Votes>,
    /// [`Votes::agreement`], to six decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// Passages of the task's files, checked to stand there: those of all passes that failed the criterion, or when
    /// none did those of the passes that share the verdict.
    pub evidence: Vec<Quotation>,
    /// Quotations of all passes that do not stand in the file that they name, or prove nothing.
    #[serde(default)]
    pub refused: u32,
    /// Why, and for a failing point what to change.
    pub reason: String,
    /// Which stage can mend it.
    pub route: Stage,
    /// Set when votes were lowered (a fail without evidence), with the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered: Option<String>,
}

/// A whole review.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReviewReport {
    /// One point a criterion.
    pub points: Vec<ReviewPoint>,
    /// Model calls that it took, over all passes.
    pub steps: u32,
    /// Independent passes.
    #[serde(default = "one")]
    pub passes: u32,
    /// Fleiss' kappa of the passes over the criteria, to six decimals: 1 when they vote alike, 0 when no more than
    /// chance would have it. Absent for a single pass, and when all votes of the review are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kappa: Option<f64>,
}

fn one() -> u32 {
    1
}

impl ReviewReport {
    /// The points that must be mended.
    pub fn failing(&self) -> impl Iterator<Item = &ReviewPoint> {
        self.points.iter().filter(|p| p.verdict == ReviewVerdict::Fail)
    }

    /// How many points nobody could tell.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.points.iter().filter(|p| p.verdict == ReviewVerdict::CannotTell).count()
    }

    /// How many quotations were refused.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.points.iter().map(|point| point.refused).fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reviews_of_five_criteria_are_still_read() {
        let words = ["description", "metric", "leakage", "shortcuts", "usefulness"];
        let points: Vec<_> = words
            .iter()
            .map(|word| {
                json!({"criterion": word, "verdict": "fail", "evidence": ["Ids are row numbers."],
                       "reason": "They tell the answers.", "route": "design"})
            })
            .collect();
        let old: ReviewReport = serde_json::from_value(json!({"points": points, "steps": 2})).unwrap();
        let read: Vec<_> = old.points.iter().map(|point| point.criterion.as_str()).collect();
        assert_eq!(read, words);
        assert_eq!((old.passes, old.kappa, old.refused(), old.failing().count()), (1, None, 0, 5));
        let alone = Quotation { file: String::new(), text: "Ids are row numbers.".to_owned() };
        assert_eq!(old.points[0].evidence, std::slice::from_ref(&alone));
        assert_eq!(alone.to_string(), "Ids are row numbers.");
        let again: ReviewReport = serde_json::from_value(serde_json::to_value(&old).unwrap()).unwrap();
        assert_eq!(again, old);
    }

    #[test]
    fn words_are_the_same_in_files_and_reports() {
        for criterion in Criterion::ALL {
            assert_eq!(serde_json::to_value(criterion).unwrap(), json!(criterion.as_str()));
        }
    }

    #[test]
    fn a_review_survives_its_file_to_the_last_digit() {
        let votes = Votes { pass: 1, fail: 2, cannot_tell: 0, lowered: 0 };
        let point = ReviewPoint {
            criterion: Criterion::DataUse,
            verdict: ReviewVerdict::Fail,
            votes: Some(votes),
            agreement: Some(0.666_667),
            evidence: vec![Quotation { file: "prepare.py".to_owned(), text: "readings = None".to_owned() }],
            refused: 1,
            reason: "It drops the readings.".to_owned(),
            route: Stage::Design,
            lowered: None,
        };
        let report = ReviewReport { points: vec![point], steps: 3, passes: 3, kappa: Some(-0.142_857) };
        let text = serde_json::to_string(&report).unwrap();
        assert!(text.contains("data_use") && text.contains("\"file\":\"prepare.py\""), "{text}");
        assert_eq!(serde_json::from_str::<ReviewReport>(&text).unwrap(), report);
        assert_eq!((report.undecided(), report.refused(), votes.total()), (0, 1, 3));
        assert_eq!(votes.agreement(), Some(2.0 / 3.0));
        assert_eq!(Votes::default().agreement(), None);
    }
}
