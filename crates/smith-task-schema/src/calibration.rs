//! What scores on a task mean: a ladder from guessing to the answers, measured with the task's own metric.

use serde::{Deserialize, Serialize};

/// Standard deviations that the reference has to be better than trivial before a reward is measured by it.
pub const SIGNAL_SIGMAS: f64 = 5.0;
/// Share of the way from trivial to the reference at which bronze begins.
const BRONZE: f64 = 0.5;
/// Share of the way from the reference to the answers at which gold begins.
const GOLD: f64 = 0.25;

/// One rung of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// What predicted: `constant`, `sample`, `linear`, `neighbours`, `boosting`, `answers`, …
    pub name: String,
    /// Whether the metric accepted the submission and gave a finite score.
    pub valid: bool,
    /// The metric's score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The reward that this score would have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalised: Option<f64>,
}

/// The scores between which a reward is measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RewardScale {
    /// The score that earns 0.
    pub zero: f64,
    /// The score that earns 1.
    pub one: f64,
}

/// Scores from which a medal is earned, this score included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Medals {
    /// Half of the way from trivial to the reference.
    pub bronze: f64,
    /// The reference itself.
    pub silver: f64,
    /// A quarter of the way from the reference to the answers.
    pub gold: f64,
}

/// The ladder of a task. Scores are those of its metric; "better" follows [`higher_is_better`](Self::higher_is_better).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The metric's direction.
    pub higher_is_better: bool,
    /// The best score that needs no example: of constants and of predictions dealt to the wrong rows.
    pub trivial: f64,
    /// The best score of a solver: a generic learner, or whoever else was let to try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<f64>,
    /// Which rung that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_rung: Option<String>,
    /// The score of the answers.
    pub answers: f64,
    /// Noise of a score: the larger of the standard deviations over predictions dealt anew and over random halves of
    /// the test examples.
    pub sigma: f64,
    /// The rungs from the bottom to the top.
    pub rungs: Vec<Rung>,
    /// Between which scores a reward is measured.
    pub reward: RewardScale,
    /// When medals are earned; absent when no solver did better than guessing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medals: Option<Medals>,
}

/// What was measured, before anything is derived from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The metric's direction.
    pub higher_is_better: bool,
    /// See [`Calibration::trivial`].
    pub trivial: f64,
    /// Name and score of the best solver.
    pub reference: Option<(String, f64)>,
    /// The score of the answers.
    pub answers: f64,
    /// See [`Calibration::sigma`].
    pub sigma: f64,
    /// Name and score of each rung, from the bottom to the top; without a score when the metric refused it.
    pub rungs: Vec<(String, Option<f64>)>,
}

impl Calibration {
    /// Derives scale and medals. The reward is measured between trivial and the reference, or between trivial and the
    /// answers where no solver is better than trivial by [`SIGNAL_SIGMAS`].
    #[must_use]
    pub fn new(measured: Measured) -> Self {
        let Measured { higher_is_better, trivial, reference, answers, sigma, rungs } = measured;
        let gain = |from: f64, to: f64| if higher_is_better { to - from } else { from - to };
        let signal = reference.as_ref().map(|(_, score)| *score).filter(|score| {
            let gained = gain(trivial, *score);
            gained > 0.0 && gained >= SIGNAL_SIGMAS * sigma
        });
        let reward = RewardScale { zero: trivial, one: signal.unwrap_or(answers) };
        let between = |from: f64, to: f64, share: f64| from + (to - from) * share;
        let medals = signal.map(|reference| Medals {
            bronze: between(trivial, reference, BRONZE),
            silver: reference,
            gold: if gain(reference, answers) > 0.0 { between(reference, answers, GOLD) } else { reference },
        });
        let rungs = rungs
            .into_iter()
            .map(|(name, score)| Rung {
                name,
                valid: score.is_some(),
                score,
                normalised: score.and_then(|score| reward.of(score)),
            })
            .collect();
        let (reference_rung, reference) = reference.unzip();
        Self { higher_is_better, trivial, reference, reference_rung, answers, sigma, rungs, reward, medals }
    }

    /// The same ladder with the score of one more solver below the answers, such as the agent that validated the task.
    /// If it is better than the reference, it is the reference, and scale and medals follow it.
    #[must_use]
    pub fn with_solver(self, name: &str, score: f64) -> Self {
        let best = match (self.reference_rung, self.reference) {
            (Some(rung), Some(own)) if self.higher_is_better == (own >= score) || own == score => (rung, own),
            _ => (name.to_owned(), score),
        };
        let mut rungs: Vec<_> = self.rungs.into_iter().map(|rung| (rung.name, rung.score)).collect();
        rungs.insert(rungs.len().saturating_sub(1), (name.to_owned(), Some(score)));
        Self::new(Measured {
            higher_is_better: self.higher_is_better,
            trivial: self.trivial,
            reference: Some(best),
            answers: self.answers,
            sigma: self.sigma,
            rungs,
        })
    }

    /// The reward of a score: 0 for trivial, 1 for the reference, more for what is better still. None when nothing
    /// lies between the two.
    #[must_use]
    pub fn normalised(&self, score: f64) -> Option<f64> {
        self.reward.of(score)
    }

    /// By how many standard deviations of noise the reference is better than trivial; none without a reference or
    /// without noise.
    #[must_use]
    pub fn signal(&self) -> Option<f64> {
        let gain = self.gain(self.trivial, self.reference?);
        (self.sigma > 0.0).then(|| gain / self.sigma)
    }

    /// How much better `to` is than `from`; negative when it is worse.
    #[must_use]
    pub fn gain(&self, from: f64, to: f64) -> f64 {
        if self.higher_is_better { to - from } else { from - to }
    }

    /// The share of the way from trivial to the answers that a score has gone. None when nothing lies between.
    #[must_use]
    pub fn way(&self, score: f64) -> Option<f64> {
        RewardScale { zero: self.trivial, one: self.answers }.of(score)
    }
}

impl RewardScale {
    /// Where a score lies between the two ends.
    #[must_use]
    pub fn of(self, score: f64) -> Option<f64> {
        let range = self.one - self.zero;
        let share = (score - self.zero) / range;
        // Adding zero turns a negative one into a plain one.
        (range != 0.0 && share.is_finite()).then_some(share + 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(higher_is_better: bool, reference: Option<f64>, sigma: f64) -> Measured {
        let (trivial, answers) = if higher_is_better { (0.4, 1.0) } else { (9.0, 0.0) };
        Measured {
            higher_is_better,
            trivial,
            reference: reference.map(|score| ("boosting".to_owned(), score)),
            answers,
            sigma,
            rungs: vec![("constant".into(), Some(trivial)), ("linear".into(), None)],
        }
    }

    #[test]
    fn rewards_and_medals_follow_the_direction() {
        for (higher, reference, bronze, gold) in [(true, 0.8, 0.6, 0.85), (false, 5.0, 7.0, 3.75)] {
            let ladder = Calibration::new(measured(higher, Some(reference), 0.01));
            assert_eq!(ladder.reward, RewardScale { zero: ladder.trivial, one: reference });
            let medals = ladder.medals.unwrap();
            assert!((medals.bronze - bronze).abs() < 1e-12 && (medals.gold - gold).abs() < 1e-12);
            assert!(ladder.gain(medals.bronze, medals.silver) > 0.0);
            assert!(ladder.gain(medals.silver, medals.gold) > 0.0);
            assert_eq!(ladder.rungs[0].normalised, Some(0.0));
            assert!(!ladder.rungs[1].valid && ladder.rungs[1].normalised.is_none());
            assert!((ladder.normalised(medals.bronze).unwrap() - 0.5).abs() < 1e-12);
            assert!(ladder.way(ladder.answers).unwrap() == 1.0 && ladder.signal().unwrap() > 5.0);
        }
    }

    #[test]
    fn what_does_not_rise_above_the_noise_is_no_scale() {
        for reference in [None, Some(0.45), Some(0.2)] {
            let ladder = Calibration::new(measured(true, reference, 0.05));
            assert_eq!((ladder.reward.one, ladder.medals), (1.0, None));
        }
        let mut flat = measured(true, None, 0.0);
        flat.answers = flat.trivial;
        assert_eq!(Calibration::new(flat).normalised(0.7), None);
    }

    #[test]
    fn another_solver_may_become_the_reference() {
        for (higher, worse, better) in [(true, 0.7, 0.9), (false, 6.0, 2.0)] {
            let reference = if higher { 0.8 } else { 5.0 };
            let ladder = Calibration::new(measured(higher, Some(reference), 0.01));
            let same = ladder.clone().with_solver("agent", worse);
            assert_eq!((same.reward, same.medals), (ladder.reward, ladder.medals));
            assert_eq!(
                (same.rungs[1].name.as_str(), same.reference_rung.as_deref()),
                ("agent", Some("boosting"))
            );
            let raised = ladder.with_solver("agent", better);
            assert_eq!((raised.reward.one, raised.reference_rung.as_deref()), (better, Some("agent")));
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let ladder = Calibration::new(measured(true, Some(0.8), 0.01));
        let text = serde_json::to_string(&ladder).unwrap();
        assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), ladder);
    }
}
