//! Figures of a reviewer: what it saw, missed and invented.

use serde::Serialize;
use smith_task_schema::{Criterion, ReviewPoint, ReviewVerdict};

use super::CaseResult;
use crate::kappa::{fleiss_kappa, to_six_decimals};

/// How a reviewer judged one criterion over all cases, or all criteria together. A criterion that a case may fail, but
/// need not, is left out of that case. Shares are to six decimals, and absent when there is nothing to take a share of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figures {
    /// The criterion; absent for all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criterion: Option<Criterion>,
    /// Judgements.
    pub judged: u32,
    /// Judgements that should be a fail.
    pub defects: u32,
    /// Of these, fails.
    pub hits: u32,
    /// Fails that should be none.
    pub false_alarms: u32,
    /// Hits among all fails.
    pub precision: Option<f64>,
    /// Hits among what should be a fail; who could not tell has missed.
    pub recall: Option<f64>,
    /// Judgements that could not tell.
    pub cannot_tell: u32,
    /// Their share.
    pub cannot_tell_rate: Option<f64>,
    /// Mean agreement of the passes: share of the most frequent vote.
    pub agreement: Option<f64>,
    /// Votes that failed the criterion without evidence that stands.
    pub lowered_votes: u32,
    /// Quotations that were refused.
    pub refused: u32,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many of them.
    pub count: u32,
    /// How many in all.
    pub of: u32,
}

pub(super) fn of_criterion(criterion: Criterion, results: &[CaseResult]) -> Figures {
    Figures { criterion: Some(criterion), ..of_points(results, |point| point.criterion == criterion) }
}

pub(super) fn of_all(results: &[CaseResult]) -> Figures {
    of_points(results, |point| Criterion::ALL.contains(&point.criterion))
}

fn of_points(results: &[CaseResult], wanted: impl Fn(&ReviewPoint) -> bool) -> Figures {
    let mut figures = Figures::default();
    let (mut agreements, mut agreement) = (0_u32, 0.0);
    for result in results {
        let expected = &result.expected;
        let counts = |point: &&ReviewPoint| wanted(point) && !expected.may_fail.contains(&point.criterion);
        for point in result.review.points.iter().filter(counts) {
            take(&mut figures, point, expected.fails.contains(&point.criterion));
            if let Some(votes) = point.votes {
                agreement += votes.agreement().unwrap_or_default();
                agreements += 1;
                figures.lowered_votes += votes.lowered;
            }
        }
    }
    figures.precision = share(figures.hits, figures.hits + figures.false_alarms);
    figures.recall = share(figures.hits, figures.defects);
    figures.cannot_tell_rate = share(figures.cannot_tell, figures.judged);
    figures.agreement = (agreements > 0).then(|| to_six_decimals(agreement / f64::from(agreements)));
    figures
}

fn take(figures: &mut Figures, point: &ReviewPoint, should_fail: bool) {
    figures.judged += 1;
    figures.defects += u32::from(should_fail);
    figures.refused += point.refused;
    match point.verdict {
        ReviewVerdict::Fail if should_fail => figures.hits += 1,
        ReviewVerdict::Fail => figures.false_alarms += 1,
        ReviewVerdict::CannotTell => figures.cannot_tell += 1,
        ReviewVerdict::Pass => {}
    }
}

fn share(count: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| to_six_decimals(f64::from(count) / f64::from(of)))
}

/// Defective cases that were sent back for what is wrong with them.
pub(super) fn caught(results: &[CaseResult]) -> Share {
    share_of_cases(results.iter().filter(|result| !result.expected.fails.is_empty()), |result| {
        result.review.failing().any(|point| result.expected.fails.contains(&point.criterion))
    })
}

/// Sound cases that were sent back.
pub(super) fn alarmed(results: &[CaseResult]) -> Share {
    share_of_cases(results.iter().filter(|result| result.expected.fails.is_empty()), |result| {
        result.review.failing().any(|point| !result.expected.may_fail.contains(&point.criterion))
    })
}

fn share_of_cases<'a>(
    cases: impl Iterator<Item = &'a CaseResult>,
    is_one: impl Fn(&CaseResult) -> bool,
) -> Share {
    let (mut count, mut of) = (0, 0);
    for case in cases {
        of += 1;
        count += u32::from(is_one(case));
    }
    Share { count, of }
}

/// Agreement beyond chance over all judgements.
pub(super) fn kappa(results: &[CaseResult]) -> Option<f64> {
    let points = results.iter().flat_map(|result| &result.review.points);
    let ratings: Vec<[u32; 3]> = points
        .filter_map(|point| point.votes)
        .map(|votes| [votes.pass, votes.fail, votes.cannot_tell])
        .collect();
    fleiss_kappa(&ratings).map(to_six_decimals)
}
