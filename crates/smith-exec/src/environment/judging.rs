//! From a submission to a score that counts, and from the scores to what a session comes to.

use std::path::Path;

use super::Environment;
use super::answer::Graded;
use super::feedback::FeedbackMode;
use super::finish::{FinalScore, FinalSubmission};
use super::ledger::Accepted;
use super::observation::Failure;
use super::session::blocking;
use super::submission;
use crate::ExecError;

impl Environment {
    /// Ends the session and says what it comes to; every action is refused from then on. Called again, it says the
    /// same.
    ///
    /// # Errors
    /// Faults of the machine only. The session then goes on.
    pub async fn finish(&mut self) -> Result<FinalScore, ExecError> {
        if let Some(score) = &self.finished {
            return Ok(score.clone());
        }
        let (submission, last) = match (self.ledger.chosen(), self.ledger.last()) {
            (Some(chosen), Some(last)) => self.final_submissions(chosen, last).await?,
            _ => (None, None),
        };
        let score = FinalScore {
            feedback: self.config.feedback,
            higher_is_better: self.higher_is_better,
            seed: self.config.seed,
            submission,
            last,
        };
        self.finished = Some(score.clone());
        Ok(score)
    }

    /// Takes out and grades what the script of this step submitted, and remembers it when it counts.
    pub(super) async fn grade(&mut self) -> Result<Result<Graded, Failure>, ExecError> {
        let step = self.steps_used + 1;
        let archived = self.session.archived(step);
        let (cwd, target) = (self.session.cwd(), archived.clone());
        let taken = blocking(&archived, move || submission::take(&cwd, &target)).await?;
        if let Err(failure) = taken {
            return Ok(Err(failure));
        }
        let score = match self.score(&archived).await? {
            Ok(score) => score,
            Err(failure) => {
                return Ok(Err(Failure { error: self.session.hide(&failure.error), ..failure }));
            }
        };
        let improvement = self.ledger.accept(Accepted { step, score });
        Ok(Ok(match self.config.feedback {
            FeedbackMode::None => Graded { raw_score: None, improvement: None },
            _ => Graded { raw_score: Some(score), improvement },
        }))
    }

    /// The score that decides: on the validation part in that mode, else on all answers. A submission must be valid
    /// as a whole first, so that nothing said about its faults depends on the parts.
    async fn score(&mut self, archived: &Path) -> Result<Result<f64, Failure>, ExecError> {
        let candid = self.config.feedback.shows_messages();
        let whole = submission::grade(self.grader.as_ref(), &self.config.task, archived, candid).await?;
        match (&mut self.held_out, whole) {
            (Some(held_out), Ok(_)) => Ok(match held_out.validate(archived).await? {
                Ok(score) => score.ok_or_else(submission::unscored),
                Err(words) => Err(submission::invalid(words)),
            }),
            (_, whole) => Ok(whole),
        }
    }

    /// The chosen and the last submission with their final scores.
    async fn final_submissions(
        &self,
        chosen: Accepted,
        last: Accepted,
    ) -> Result<(Option<FinalSubmission>, Option<FinalSubmission>), ExecError> {
        let Some(held_out) = &self.held_out else {
            let known = |accepted: Accepted| final_submission(accepted, Ok(accepted.score), None);
            return Ok((Some(known(chosen)), Some(known(last))));
        };
        let archived = [chosen, last].map(|accepted| self.session.archived(accepted.step));
        let scores = held_out.test(&[&archived[0], &archived[1]]).await?;
        let mut submissions = [chosen, last]
            .into_iter()
            .zip(scores)
            .map(|(accepted, score)| final_submission(accepted, score, Some(accepted.score)));
        Ok((submissions.next(), submissions.next()))
    }
}

fn final_submission(
    accepted: Accepted,
    score: Result<f64, String>,
    validation_score: Option<f64>,
) -> FinalSubmission {
    let message = score.as_ref().err().cloned().unwrap_or_default();
    FinalSubmission { step: accepted.step, score: score.ok(), validation_score, message }
}
