//! A session in the words of an evaluation.

use smith_task_schema::{SolveReport, TakenAction};

use super::finish::FinalScore;
use super::history::HistoryRecord;

/// What a finished session says of the agent that acted in it. The score that counts is the final one, see
/// [`FeedbackMode`](super::FeedbackMode).
#[must_use]
pub fn solve_report(records: &[HistoryRecord], end: &FinalScore, note: String) -> SolveReport {
    let counts = end.submission.as_ref();
    SolveReport {
        actions: records.iter().map(taken).collect(),
        score: counts.and_then(|submission| submission.score),
        score_step: counts.map(|submission| submission.step),
        higher_is_better: end.higher_is_better,
        note,
        ..SolveReport::default()
    }
}

fn taken(record: &HistoryRecord) -> TakenAction {
    TakenAction {
        step: record.step,
        action: record.action.clone(),
        outcome: record.outcome.clone(),
        score: record.raw_score,
        at_seconds: record.at_seconds,
        code: record.code.clone(),
    }
}
