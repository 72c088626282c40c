//! What an agent is told about its submissions.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Share of the ids that the validation part gets when none is given. With halves, neither the number that an agent
/// chooses by nor the one that counts has a standard error of more than √2 times that over all rows.
pub const DEFAULT_SHARE: f64 = 0.5;

/// What an agent is told about its submissions. As text, and in JSON: `test`, `validation`, `validation:0.3` (another
/// share than the half) and `none`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum FeedbackMode {
    /// The score on all answers. The best submission counts.
    #[default]
    Test,
    /// The score on the validation part alone, a fixed part of the ids. The submission that is best there counts, and
    /// is scored on the other part when the session is finished. Agents submit predictions for all ids and cannot
    /// tell which part one is in.
    Validation {
        /// Share of the ids that are in the validation part, above 0 and below 1.
        share: f64,
    },
    /// Whether a submission is valid, and no score. The last valid submission counts.
    None,
}

impl FeedbackMode {
    /// Validation on half of the ids.
    #[must_use]
    pub fn validation() -> Self {
        Self::Validation { share: DEFAULT_SHARE }
    }

    /// Whether an agent is shown no more than in `other`: no score at all, or the score on a part of that part, as
    /// the parts of two shares lie in each other.
    #[must_use]
    pub fn shows_no_more_than(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Test) | (Self::None, _) => true,
            (Self::Validation { share }, Self::Validation { share: most }) => share <= most,
            _ => false,
        }
    }

    /// Whether an agent may be shown what a metric says in its own words when it crashes: these may hold a score.
    pub(super) fn shows_messages(self) -> bool {
        self == Self::Test
    }
}

impl fmt::Display for FeedbackMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test => f.write_str("test"),
            Self::Validation { share } if *share == DEFAULT_SHARE => f.write_str("validation"),
            Self::Validation { share } => write!(f, "validation:{share}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl FromStr for FeedbackMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("the feedback is test, validation, validation:SHARE or none, not {text:?}");
        match text.split_once(':') {
            None => match text {
                "test" => Ok(Self::Test),
                "validation" => Ok(Self::validation()),
                "none" => Ok(Self::None),
                _ => Err(wrong()),
            },
            Some(("validation", share)) => {
                let share = share.parse().map_err(|_| wrong())?;
                checked(share).map(|share| Self::Validation { share })
            }
            Some(_) => Err(wrong()),
        }
    }
}

/// # Errors
/// A sentence when this is no share.
pub(super) fn checked(share: f64) -> Result<f64, String> {
    if share > 0.0 && share < 1.0 {
        return Ok(share);
    }
    Err(format!("the share of the validation part must be above 0 and below 1, not {share}"))
}

impl TryFrom<String> for FeedbackMode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<FeedbackMode> for String {
    fn from(mode: FeedbackMode) -> Self {
        mode.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn modes_are_words() {
        for (mode, word) in [
            (FeedbackMode::default(), "test"),
            (FeedbackMode::validation(), "validation"),
            (FeedbackMode::Validation { share: 0.3 }, "validation:0.3"),
            (FeedbackMode::None, "none"),
        ] {
            assert_eq!(json!(mode), word);
            assert_eq!(serde_json::from_value::<FeedbackMode>(json!(word)).unwrap(), mode);
        }
        assert_eq!("validation:0.5".parse(), Ok(FeedbackMode::validation()));
    }

    #[test]
    fn modes_show_more_or_less() {
        let rising = ["none", "validation:0.3", "validation", "test"].map(|word| word.parse().unwrap());
        for (at, mode) in rising.iter().enumerate() {
            for (other_at, other) in rising.iter().enumerate() {
                assert_eq!(FeedbackMode::shows_no_more_than(*mode, *other), at <= other_at, "{mode} {other}");
            }
        }
    }

    #[test]
    fn other_words_are_refused() {
        for word in ["", "Test", "validation:", "validation:x", "none:0.5", "validation:0.3:1"] {
            assert!(word.parse::<FeedbackMode>().unwrap_err().contains("validation:SHARE"), "{word}");
        }
        for share in ["0", "1", "-0.5", "nan", "inf"] {
            let told = format!("validation:{share}").parse::<FeedbackMode>().unwrap_err();
            assert!(told.contains("above 0 and below 1"), "{told}");
        }
    }
}
