//! The submissions that count.

use super::feedback::FeedbackMode;

/// A valid submission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Accepted {
    /// The step that made it.
    pub(super) step: u32,
    /// Its score: on the validation part in that mode, else on all answers.
    pub(super) score: f64,
}

/// What is remembered of the valid submissions since the session was opened or reset.
#[derive(Debug)]
pub(super) struct Ledger {
    mode: FeedbackMode,
    higher_is_better: bool,
    best: Option<Accepted>,
    last: Option<Accepted>,
}

impl Ledger {
    pub(super) fn new(mode: FeedbackMode, higher_is_better: bool) -> Self {
        Self { mode, higher_is_better, best: None, last: None }
    }

    /// Takes a submission in, and says by how much it is better than the best before it; that is less than zero when
    /// it is worse, and nothing for the first.
    pub(super) fn accept(&mut self, accepted: Accepted) -> Option<f64> {
        self.last = Some(accepted);
        let improvement = self.best.map(|best| match self.higher_is_better {
            true => accepted.score - best.score,
            false => best.score - accepted.score,
        });
        if improvement.is_none_or(|improvement| improvement > 0.0) {
            self.best = Some(accepted);
        }
        improvement
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        (self.best, self.last) = (None, None);
    }

    /// Best score, where the mode shows scores.
    pub(super) fn best_shown(&self) -> Option<f64> {
        match self.mode {
            FeedbackMode::None => None,
            _ => self.best.map(|best| best.score),
        }
    }

    /// The submission that counts: the best; of equals the first. Where nobody saw a score, nobody chose by it: the
    /// last.
    pub(super) fn chosen(&self) -> Option<Accepted> {
        match self.mode {
            FeedbackMode::None => self.last,
            _ => self.best,
        }
    }

    pub(super) fn last(&self) -> Option<Accepted> {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(mode: FeedbackMode, higher_is_better: bool, scores: &[f64]) -> (Ledger, Vec<Option<f64>>) {
        let mut ledger = Ledger::new(mode, higher_is_better);
        let accept = |(step, score): (u32, &f64)| ledger.accept(Accepted { step, score: *score });
        let improvements = (1..).zip(scores).map(accept).collect();
        (ledger, improvements)
    }

    #[test]
    fn improvements_are_positive_when_better_in_either_direction() {
        let (ledger, improvements) = after(FeedbackMode::Test, true, &[0.5, 0.75, 0.75, 0.25]);
        assert_eq!(improvements, [None, Some(0.25), Some(0.0), Some(-0.5)]);
        assert_eq!((ledger.best_shown(), ledger.chosen().unwrap().step), (Some(0.75), 2));
        let (ledger, improvements) = after(FeedbackMode::validation(), false, &[0.5, 0.75, 0.25]);
        assert_eq!(improvements, [None, Some(-0.25), Some(0.25)]);
        assert_eq!((ledger.best_shown(), ledger.chosen().unwrap().step), (Some(0.25), 3));
    }

    #[test]
    fn without_feedback_the_last_counts_and_no_score_is_shown() {
        let (ledger, _) = after(FeedbackMode::None, true, &[0.5, 0.75, 0.25]);
        assert_eq!((ledger.best_shown(), ledger.chosen(), ledger.last()), (None, ledger.last, ledger.last));
        assert_eq!(ledger.chosen().unwrap().step, 3);
    }

    #[test]
    fn what_is_cleared_is_forgotten() {
        let (mut ledger, _) = after(FeedbackMode::Test, true, &[0.5]);
        ledger.clear();
        assert_eq!((ledger.best_shown(), ledger.chosen(), ledger.last()), (None, None, None));
        assert_eq!(ledger.accept(Accepted { step: 2, score: 0.1 }), None);
    }
}
