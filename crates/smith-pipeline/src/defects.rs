//! From what was found to what a stage is asked to mend.

use smith_task_schema::{Defect, Finding, ReviewReport, Stage, Votes};

use crate::performance;

/// The first defect of an attempt after one that ran out of steps.
pub(crate) fn spent(stage: Stage) -> Defect {
    Defect {
        source: "steps".to_owned(),
        route: stage,
        text: "[steps error] The last attempt used up its steps before it was done. Work more directly."
            .to_owned(),
    }
}

/// The points of a review that must be mended.
pub(crate) fn review_defects(review: &ReviewReport) -> Vec<Defect> {
    review
        .failing()
        .map(|point| Defect {
            source: format!("review:{}", point.criterion.as_str()),
            // A reviewer can only send work back to those who build.
            route: if point.route == Stage::Refactor { Stage::Refactor } else { Stage::Design },
            text: format!(
                "[review of {}{}] {}\n    evidence: {}",
                point.criterion.as_str(),
                point.votes.map(of_passes).unwrap_or_default(),
                point.reason,
                point.evidence.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
            ),
        })
        .collect()
}

/// How many saw it, when there was more than one to see it.
fn of_passes(votes: Votes) -> String {
    match votes.total() {
        0 | 1 => String::new(),
        passes => format!(", {} of {passes} passes", votes.fail),
    }
}

/// An unsolvable description is the Refactor's to mend; a target that cannot be learnt is the Designer's.
pub(crate) fn route_validation(finding: &Finding) -> Defect {
    let route = match finding.rule.as_str() {
        performance::NO_SUBMISSION | performance::ABOVE_ANSWERS => Stage::Refactor,
        _ => Stage::Design,
    };
    Defect::from_finding(finding, route)
}

/// The first defect in one line, for the reason of a rejection.
pub(crate) fn first_of(defects: &[Defect]) -> String {
    defects.first().map_or_else(String::new, |defect| one_line(&defect.text))
}

/// The first finding in one line.
pub(crate) fn first_finding(findings: &[Finding]) -> String {
    findings.first().map_or_else(String::new, |finding| one_line(&finding.to_string()))
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use smith_task_schema::{Criterion, Quotation, ReviewPoint, ReviewVerdict};

    use super::*;

    fn point(verdict: ReviewVerdict, votes: Option<Votes>) -> ReviewPoint {
        let quote = |file: &str| Quotation { file: file.to_owned(), text: "a passage of it".to_owned() };
        ReviewPoint {
            criterion: Criterion::Gaming,
            verdict,
            votes,
            agreement: None,
            evidence: vec![quote("metric.py"), quote("description.txt")],
            refused: 0,
            reason: "Long answers win.".to_owned(),
            route: Stage::Refactor,
            lowered: None,
        }
    }

    #[test]
    fn what_the_passes_failed_goes_back_with_votes_and_passages() {
        let votes = |pass, fail, cannot_tell| Some(Votes { pass, fail, cannot_tell, lowered: 0 });
        let points = vec![
            point(ReviewVerdict::Fail, votes(1, 2, 0)),
            point(ReviewVerdict::Fail, votes(0, 1, 0)),
            point(ReviewVerdict::Fail, None),
            // What a minority failed, or nobody could tell, sends nothing back.
            point(ReviewVerdict::Pass, votes(2, 1, 0)),
            point(ReviewVerdict::CannotTell, votes(1, 1, 1)),
        ];
        let defects = review_defects(&ReviewReport { points, ..ReviewReport::default() });
        let texts: Vec<_> = defects.iter().map(|defect| defect.text.as_str()).collect();
        let rest = "] Long answers win.\n    evidence: metric.py: a passage of it | description.txt: a passage of it";
        let wanted = ["[review of gaming, 2 of 3 passes", "[review of gaming", "[review of gaming"];
        assert_eq!(texts, wanted.map(|start| format!("{start}{rest}")));
        assert!(
            defects.iter().all(|defect| defect.route == Stage::Refactor && defect.source == "review:gaming")
        );
    }
}
