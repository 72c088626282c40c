//! The shapes in which a session's observations are written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{History, Observation};

/// How the answers to a session's steps are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Dialect {
    /// The observation with all of its fields.
    #[default]
    Smith,
    /// MLE-Dojo's pair of observation and reward, as an object.
    MleDojo,
}

/// An observation in a dialect.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Told {
    Smith(Observation),
    MleDojo {
        observation: Value,
        /// The score of the submission that this step made, else 0.
        reward: f64,
    },
}

impl Dialect {
    pub(super) fn tell(self, observation: Observation, history: &History) -> Told {
        match self {
            Self::Smith => Told::Smith(observation),
            Self::MleDojo => Told::MleDojo {
                observation: observation.to_mle_dojo(history),
                reward: observation.current_raw_score.unwrap_or_default(),
            },
        }
    }
}
