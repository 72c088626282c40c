//! The calibration ladder: what guessing, generic learners and the answers score on a task.
//!
//! Learners see what participants see: the examples of the training side with their known values, and those of the
//! test side without. They are fast rather than strong; what they show is that there is something to be learnt, and
//! how much of it is easy.

mod calm;
mod chance;
mod climb;
mod decode;
mod drift;
mod exchanged;
mod folds;
mod form;
mod orders;
mod problem;
mod scores;
mod skill;
mod targets;

use std::sync::Arc;

use smith_task_schema::Calibration;

use crate::AssertError;
use crate::subject::Subject;

pub(crate) use climb::Climb;
pub(crate) use drift::separability;
pub(crate) use exchanged::exchanged;
pub(crate) use orders::other_order;
use problem::Problem;
pub(crate) use scores::Ladder;

impl Subject {
    /// What the learners predict, found once. Blocks.
    pub(crate) fn climb(&self) -> Result<&Climb, AssertError> {
        self.climbed(|subject| {
            let problem =
                Problem::of(subject.public()?, subject.split()?, subject.pair()?, &subject.layout().public)?;
            Ok(Climb::of(problem))
        })
    }

    /// [`climb`](Self::climb) where blocking is allowed, and then the scores of all of it, once.
    pub(crate) async fn ladder(&self) -> Result<&Arc<Ladder>, AssertError> {
        self.laddered(|subject| async move {
            subject.needed_runtime()?;
            subject
                .compute(|subject| {
                    subject.climb()?;
                    Ok(crate::Report::default())
                })
                .await?;
            Ladder::score(&subject).await.map(Arc::new)
        })
        .await
    }

    /// The ladder from guessing to the answers; none before a rule has asked for it, or when it could not be climbed.
    #[must_use]
    pub fn calibration(&self) -> Option<Calibration> {
        self.known_ladder().map(|ladder| ladder.calibration.clone())
    }
}
