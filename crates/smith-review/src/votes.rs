//! From the votes of independent passes to one review.

use std::collections::BTreeSet;

use smith_task_schema::{Criterion, Quotation, ReviewPoint, ReviewReport, ReviewVerdict, Stage, Votes};

use crate::kappa::{fleiss_kappa, to_six_decimals};

/// What one pass says of one criterion, after checking its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vote {
    pub(crate) criterion: Criterion,
    pub(crate) verdict: ReviewVerdict,
    pub(crate) evidence: Vec<Quotation>,
    pub(crate) refused: u32,
    pub(crate) reason: String,
    pub(crate) route: Stage,
    pub(crate) lowered: Option<String>,
}

impl Vote {
    /// The vote of a pass that never handed in a review.
    fn none(criterion: Criterion) -> Self {
        Self {
            criterion,
            verdict: ReviewVerdict::CannotTell,
            evidence: Vec::new(),
            refused: 0,
            reason: "The reviewer did not hand in a review.".to_owned(),
            route: Stage::Design,
            lowered: None,
        }
    }
}

/// One pass: its votes, if it handed them in, and the model calls that it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) votes: Option<Vec<Vote>>,
    pub(crate) steps: u32,
}

/// The review that these passes make together.
pub(crate) fn report(passes: &[Pass]) -> ReviewReport {
    let points: Vec<ReviewPoint> = Criterion::ALL.iter().map(|&criterion| point(criterion, passes)).collect();
    let ratings: Vec<[u32; 3]> = points
        .iter()
        .filter_map(|point| point.votes)
        .map(|votes| [votes.pass, votes.fail, votes.cannot_tell])
        .collect();
    ReviewReport {
        points,
        steps: passes.iter().map(|pass| pass.steps).fold(0, u32::saturating_add),
        passes: u32::try_from(passes.len()).unwrap_or(u32::MAX),
        kappa: fleiss_kappa(&ratings).map(to_six_decimals),
    }
}

fn point(criterion: Criterion, passes: &[Pass]) -> ReviewPoint {
    let of_pass = |pass: &Pass| {
        let found = pass.votes.iter().flatten().find(|vote| vote.criterion == criterion);
        found.cloned().unwrap_or_else(|| Vote::none(criterion))
    };
    let all: Vec<Vote> = passes.iter().map(of_pass).collect();
    let votes = count(&all);
    let verdict = verdict(votes);
    let failing: Vec<&Vote> = all.iter().filter(|vote| vote.verdict == ReviewVerdict::Fail).collect();
    let sharing: Vec<&Vote> = all.iter().filter(|vote| vote.verdict == verdict).collect();
    let quoting = if failing.is_empty() { &sharing } else { &failing };
    ReviewPoint {
        criterion,
        verdict,
        votes: Some(votes),
        agreement: votes.agreement().map(to_six_decimals),
        evidence: distinct(quoting.iter().flat_map(|vote| vote.evidence.iter().cloned())),
        refused: all.iter().map(|vote| vote.refused).fold(0, u32::saturating_add),
        reason: reason(verdict, &all, &sharing),
        route: route(if failing.is_empty() { &sharing } else { &failing }),
        lowered: lowered(&all),
    }
}

fn count(all: &[Vote]) -> Votes {
    let of = |verdict| {
        u32::try_from(all.iter().filter(|vote| vote.verdict == verdict).count()).unwrap_or(u32::MAX)
    };
    Votes {
        pass: of(ReviewVerdict::Pass),
        fail: of(ReviewVerdict::Fail),
        cannot_tell: of(ReviewVerdict::CannotTell),
        lowered: u32::try_from(all.iter().filter(|vote| vote.lowered.is_some()).count()).unwrap_or(u32::MAX),
    }
}

/// The majority of the passes that could tell. A tie decides nothing, and neither do the few when half of the passes
/// or more could not tell.
fn verdict(votes: Votes) -> ReviewVerdict {
    let told = votes.pass.saturating_add(votes.fail);
    if told <= votes.cannot_tell || votes.pass == votes.fail {
        return ReviewVerdict::CannotTell;
    }
    if votes.fail > votes.pass { ReviewVerdict::Fail } else { ReviewVerdict::Pass }
}

/// The reasons of those who failed the criterion; of those who passed it the first, since one is as good as the other;
/// without a majority what everybody said.
fn reason(verdict: ReviewVerdict, all: &[Vote], sharing: &[&Vote]) -> String {
    match verdict {
        ReviewVerdict::Fail => lines(sharing.iter().map(|vote| vote.reason.clone())),
        ReviewVerdict::Pass => sharing.first().map(|vote| vote.reason.clone()).unwrap_or_default(),
        ReviewVerdict::CannotTell if all.len() == sharing.len() => {
            lines(sharing.iter().map(|vote| vote.reason.clone()))
        }
        ReviewVerdict::CannotTell => lines(all.iter().map(|vote| {
            let word = match vote.verdict {
                ReviewVerdict::Pass => "pass",
                ReviewVerdict::Fail => "fail",
                ReviewVerdict::CannotTell => "cannot tell",
            };
            format!("{word}: {}", vote.reason)
        })),
    }
}

/// The stage that most of them name, and of two named as often the earlier one, after which the later one runs again.
fn route(votes: &[&Vote]) -> Stage {
    let of = |stage| votes.iter().filter(|vote| vote.route == stage).count();
    if of(Stage::Refactor) > of(Stage::Design) { Stage::Refactor } else { Stage::Design }
}

fn lowered(all: &[Vote]) -> Option<String> {
    let causes = lines(all.iter().filter_map(|vote| vote.lowered.clone()));
    (!causes.is_empty()).then_some(causes)
}

fn lines(texts: impl Iterator<Item = String>) -> String {
    distinct(texts).join("\n")
}

/// Each once, in the order in which they come.
fn distinct<T: Ord + Clone>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(verdict: ReviewVerdict, reason: &str, route: Stage) -> Vote {
        let quote = |text: &str| Quotation { file: "metric.py".to_owned(), text: text.to_owned() };
        let evidence = vec![quote(reason), quote("shared by all")];
        Vote {
            verdict,
            evidence,
            reason: reason.to_owned(),
            route,
            refused: 1,
            ..Vote::none(Criterion::Metric)
        }
    }

    fn passes(verdicts: &str) -> Vec<Pass> {
        let pass = |(number, word): (usize, char)| {
            let (verdict, route) = match word {
                'p' => (ReviewVerdict::Pass, Stage::Design),
                'f' => (ReviewVerdict::Fail, Stage::Design),
                'r' => (ReviewVerdict::Fail, Stage::Refactor),
                _ => (ReviewVerdict::CannotTell, Stage::Design),
            };
            let votes = (word != '-').then(|| vec![vote(verdict, &format!("{word}{number}"), route)]);
            Pass { votes, steps: 2 }
        };
        verdicts.chars().enumerate().map(pass).collect()
    }

    fn metric(verdicts: &str) -> ReviewPoint {
        let report = report(&passes(verdicts));
        assert_eq!((report.steps, report.passes), (2 * report.passes, verdicts.len() as u32));
        report.points.into_iter().find(|point| point.criterion == Criterion::Metric).unwrap()
    }

    #[test]
    fn the_majority_of_those_who_could_tell_decides() {
        for (verdicts, expected, agreement) in [
            ("p", ReviewVerdict::Pass, 1.0),
            ("f", ReviewVerdict::Fail, 1.0),
            ("?", ReviewVerdict::CannotTell, 1.0),
            ("-", ReviewVerdict::CannotTell, 1.0),
            ("pf", ReviewVerdict::CannotTell, 0.5),
            ("f?", ReviewVerdict::CannotTell, 0.5),
            ("ff", ReviewVerdict::Fail, 1.0),
            ("ffp", ReviewVerdict::Fail, 0.666_667),
            ("fpp", ReviewVerdict::Pass, 0.666_667),
            ("ff?", ReviewVerdict::Fail, 0.666_667),
            ("ff-", ReviewVerdict::Fail, 0.666_667),
            ("fp?", ReviewVerdict::CannotTell, 0.333_333),
            ("f??", ReviewVerdict::CannotTell, 0.666_667),
            ("fff??", ReviewVerdict::Fail, 0.6),
            ("ffp??", ReviewVerdict::Fail, 0.4),
            ("ff???", ReviewVerdict::CannotTell, 0.6),
        ] {
            let point = metric(verdicts);
            assert_eq!((point.verdict, point.agreement), (expected, Some(agreement)), "{verdicts}");
        }
        assert_eq!(metric("").verdict, ReviewVerdict::CannotTell);
    }

    #[test]
    fn those_who_fail_are_quoted_and_name_the_way() {
        let point = metric("fpfr");
        let quoted: Vec<_> = point.evidence.iter().map(|quotation| quotation.text.as_str()).collect();
        assert_eq!(quoted, ["f0", "shared by all", "f2", "r3"]);
        assert_eq!((point.reason.as_str(), point.route, point.refused), ("f0\nf2\nr3", Stage::Design, 4));
        assert_eq!(metric("frr").route, Stage::Refactor);
        assert_eq!(metric("fr").route, Stage::Design);
        // A minority is quoted too, and without a majority everybody is heard.
        let passing = metric("ppf");
        assert_eq!((passing.reason.as_str(), passing.evidence.len()), ("p0", 2));
        assert_eq!(metric("pf").reason, "pass: p0\nfail: f1");
        assert_eq!(metric("??").reason, "?0\n?1");
    }

    #[test]
    fn lowered_votes_are_counted_with_their_causes() {
        let mut passes = passes("?p?");
        for at in [0, 2] {
            passes[at].votes.as_mut().unwrap()[0].lowered = Some("failed without evidence".to_owned());
        }
        let report = report(&passes);
        let point = report.points.iter().find(|point| point.criterion == Criterion::Metric).unwrap();
        let votes = point.votes.unwrap();
        assert_eq!((votes.cannot_tell, votes.lowered, votes.total()), (2, 2, 3));
        assert_eq!(point.lowered.as_deref(), Some("failed without evidence"));
        assert_eq!(report.undecided(), 7);
    }

    #[test]
    fn agreement_over_the_review_is_that_of_fleiss() {
        // Six criteria that nobody could tell, and one on which three of four agree: (6.5/7 - 586/784) / (198/784).
        assert_eq!(report(&passes("fffp")).kappa, Some(0.717_172));
        assert_eq!(report(&passes("ffff")).kappa, Some(1.0));
        // Nothing that chance could have done otherwise, and nobody to agree with.
        assert_eq!(report(&passes("????")).kappa, None);
        assert_eq!(report(&passes("f")).kappa, None);
    }
}
