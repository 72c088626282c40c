//! Scoring of submissions against answers that need not be all answers, and the ladder that is built of such scores.

use std::future::Future;
use std::sync::Arc;

use smith_data::table::Table;
use smith_exec::Score;

use super::Subject;
use super::battery::{copy, write};
use crate::AssertError;
use crate::ladder::{Climb, Ladder};

/// Answers and the submissions that are compared with them. Without a table the answers are those of the task.
pub(crate) struct Compared {
    pub(crate) answers: Option<Table>,
    pub(crate) submissions: Vec<Table>,
}

impl Subject {
    /// Scores all submissions in one sandboxed process, each with a fresh instance; the scores stand in their order.
    ///
    /// # Errors
    /// [`AssertError::NotRun`] without a runtime or a metric, or when the metric cannot be used at all; faults of the
    /// machine.
    pub(crate) async fn score_compared(&self, compared: Vec<Compared>) -> Result<Vec<Score>, AssertError> {
        let desk = self.desk().await?;
        let tables = desk.folder()?;
        let (mut groups, mut count) = (Vec::new(), 0);
        for (at, Compared { answers, submissions }) in compared.into_iter().enumerate() {
            let folder = tables.path().join(format!("{at}"));
            std::fs::create_dir(&folder).map_err(AssertError::io(&folder))?;
            let path = folder.join("test_answer.csv");
            match answers {
                Some(table) => write(&table, &path)?,
                None => copy(&self.layout().test_answer(), &path)?,
            }
            let mut paths = Vec::new();
            for table in submissions {
                let path = folder.join(format!("submission-{}.csv", paths.len()));
                write(&table, &path)?;
                paths.push(path);
            }
            count += paths.len();
            groups.push((path, paths));
        }
        let scoring = desk.scorer.score_against(&groups).await?;
        if scoring.scores.len() != count {
            return Err(AssertError::not_run("the metric cannot be used (S102)"));
        }
        Ok(scoring.scores)
    }

    /// What the learners predict, made once.
    pub(crate) fn climbed(
        &self,
        make: impl FnOnce(&Self) -> Result<Climb, AssertError>,
    ) -> Result<&Climb, AssertError> {
        let made = self.0.climb.get(|| match make(self) {
            Err(AssertError::NotRun(why)) => Ok(Err(why)),
            other => other.map(|climb| Ok(Box::new(climb))),
        })?;
        made.as_deref().map_err(AssertError::not_run)
    }

    /// The scores of all of it, made once.
    pub(crate) async fn laddered<F: Future<Output = Result<Arc<Ladder>, AssertError>>>(
        &self,
        make: impl FnOnce(Self) -> F,
    ) -> Result<&Arc<Ladder>, AssertError> {
        let made = self.0.ladder.get_or_try_init(|| async {
            match make(self.clone()).await {
                Err(AssertError::NotRun(why)) => Ok(Err(why)),
                other => other.map(Ok),
            }
        });
        made.await?.as_ref().map_err(AssertError::not_run)
    }

    /// The ladder, when it has been made.
    pub(crate) fn known_ladder(&self) -> Option<&Arc<Ladder>> {
        self.0.ladder.get()?.as_ref().ok()
    }
}
