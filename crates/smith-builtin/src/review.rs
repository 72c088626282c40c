//! A review by words and facts alone, marked as such.

use async_trait::async_trait;
use smith_task_schema::{
    Criterion, Quotation, Review, ReviewInput, ReviewPoint, ReviewReport, ReviewVerdict, Stage, StageContext,
    StageError,
};

/// Says of every criterion that no model judged it, and fails only what two files prove against each other.
#[derive(Debug, Clone, Copy, Default)]
pub struct FactualReviewer;

/// Stands in every point.
const NOT_JUDGED: &str = "Not judged: no model took part. Only words and facts were compared";

#[async_trait]
impl Review for FactualReviewer {
    async fn review(&self, _cx: &StageContext, input: ReviewInput) -> Result<ReviewReport, StageError> {
        let description = std::fs::read_to_string(&input.task.description).unwrap_or_default();
        let sample = std::fs::read_to_string(input.task.sample_submission()).unwrap_or_default();
        let points =
            Criterion::ALL.iter().map(|criterion| point(*criterion, &description, &sample)).collect();
        Ok(ReviewReport { points, steps: 0, passes: 1, kappa: None })
    }
}

fn point(criterion: Criterion, description: &str, sample: &str) -> ReviewPoint {
    let missing = if criterion == Criterion::Coverage { unnamed(description, sample) } else { None };
    let (verdict, reason, evidence) = match missing {
        Some(header) => {
            let reason = format!(
                "description.txt does not contain the header of sample_submission.csv, `{header}`: write it there."
            );
            let quotation = Quotation { file: "sample_submission.csv".to_owned(), text: header };
            (ReviewVerdict::Fail, reason, vec![quotation])
        }
        None if criterion == Criterion::Coverage => {
            let reason =
                format!("{NOT_JUDGED}: description.txt contains the header of sample_submission.csv.");
            (ReviewVerdict::CannotTell, reason, Vec::new())
        }
        None => {
            (ReviewVerdict::CannotTell, format!("{NOT_JUDGED}, and none of them speaks of this."), Vec::new())
        }
    };
    ReviewPoint {
        criterion,
        verdict,
        votes: None,
        agreement: None,
        evidence,
        refused: 0,
        reason,
        route: Stage::Refactor,
        lowered: None,
    }
}

/// The header of a submission, when the description does not show it.
fn unnamed(description: &str, sample: &str) -> Option<String> {
    let header = sample.lines().next().unwrap_or_default().trim();
    (!description.contains(header)).then(|| header.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_claimed_but_what_words_prove() {
        let sample = "id,kind\n1,oak\n";
        for criterion in Criterion::ALL {
            let point = point(criterion, "Submit `id,kind` for each tree.", sample);
            assert_eq!(point.verdict, ReviewVerdict::CannotTell);
            assert!(point.reason.starts_with(NOT_JUDGED));
        }
        let failed = point(Criterion::Coverage, "Submit kinds.", sample);
        assert_eq!((failed.verdict, failed.evidence.len()), (ReviewVerdict::Fail, 1));
    }
}
