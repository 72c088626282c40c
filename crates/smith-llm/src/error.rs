//! What can go wrong between a caller and a model.

use crate::chat::Usage;
use crate::money::MicroUsd;

/// Failure of a call or of the connection. Texts never hold the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// The caller's: unknown spec, missing or refused key, unknown model.
    #[error("{0}")]
    Mistake(String),
    /// The endpoint does not accept this one request (HTTP 400, 413, 422). What a model wrote can be the reason, so
    /// in the middle of a conversation it need not be the caller's mistake.
    #[error("{0}")]
    NotAccepted(String),
    /// The infrastructure's: endpoint down, overloaded or timing out after all attempts, undecodable body.
    #[error("{0}")]
    Fault(String),
    /// The conversation does not fit into the model's context.
    #[error("{0}")]
    ContextLength(String),
    /// The call could cost more than is left, so it was not made.
    #[error(
        "the budget of {limit} is reached: {spent} spent, {reserved} reserved by running calls, and the next call may \
         cost up to {needed}; raise the limit to go on"
    )]
    BudgetReached {
        /// The limit.
        limit: MicroUsd,
        /// Settled so far.
        spent: MicroUsd,
        /// Held by calls that have not ended.
        reserved: MicroUsd,
        /// Estimate of the refused call.
        needed: MicroUsd,
    },
    /// A replayed run asked something that its recording does not hold.
    #[error("{0}")]
    Drift(String),
    /// The provider's content policy, or the model itself, refused to answer.
    #[error("{0}")]
    Refused(String),
    /// One of the others, of a call that the endpoint counted tokens for: a refusal in the model's own words, an answer
    /// that cannot be read. See [`LlmError::cause`].
    #[error("{}", .0.error)]
    Charged(Box<Charged>),
}

/// What went wrong with a call that was paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// What went wrong; never itself [`LlmError::Charged`].
    pub error: LlmError,
    /// Tokens that the endpoint counted, over all attempts.
    pub usage: Usage,
    /// Their cost; absent when the price is not known or nobody keeps account.
    pub cost: Option<MicroUsd>,
}

impl LlmError {
    /// What went wrong, whether it was paid for or not.
    #[must_use]
    pub fn cause(&self) -> &Self {
        match self {
            Self::Charged(charged) => &charged.error,
            other => other,
        }
    }

    /// Tokens and cost of a call that was paid for without an answer of use.
    #[must_use]
    pub fn charge(&self) -> Option<(Usage, Option<MicroUsd>)> {
        match self {
            Self::Charged(charged) => Some((charged.usage, charged.cost)),
            _ => None,
        }
    }

    /// The same error of a call for which these tokens were counted too.
    pub(crate) fn charged(self, usage: Usage) -> Self {
        if usage == Usage::default() {
            return self;
        }
        match self {
            Self::Charged(charged) => {
                Self::Charged(Box::new(Charged { usage: charged.usage + usage, ..*charged }))
            }
            error => Self::Charged(Box::new(Charged { error, usage, cost: None })),
        }
    }

    /// Short name of the kind, for traces.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Charged(charged) => charged.error.kind(),
            Self::Mistake(_) => "mistake",
            Self::NotAccepted(_) => "not_accepted",
            Self::Fault(_) => "fault",
            Self::ContextLength(_) => "context_length",
            Self::BudgetReached { .. } => "budget_reached",
            Self::Drift(_) => "drift",
            Self::Refused(_) => "refused",
        }
    }

    /// The same error with its text changed.
    pub(crate) fn map_text(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::Mistake(text) => Self::Mistake(change(&text)),
            Self::NotAccepted(text) => Self::NotAccepted(change(&text)),
            Self::Fault(text) => Self::Fault(change(&text)),
            Self::ContextLength(text) => Self::ContextLength(change(&text)),
            Self::Drift(text) => Self::Drift(change(&text)),
            Self::Refused(text) => Self::Refused(change(&text)),
            Self::Charged(charged) => {
                Self::Charged(Box::new(Charged { error: charged.error.map_text(change), ..*charged }))
            }
            Self::BudgetReached { .. } => self,
        }
    }
}
