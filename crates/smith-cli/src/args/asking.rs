//! How a model is asked: how much at once, and how hard it is to think.

use clap::{Args, ValueEnum};
use smith_core::llm::{Effort, RateLimit, RateLimits};

/// What the model may be sent.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// Requests to the model in any minute at most [default: no limit].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) requests_per_minute: Option<u32>,
    /// Tokens in any minute at most, sent and received together [default: no limit].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) tokens_per_minute: Option<u64>,
    /// Requests that are under way at once at most [default: no limit].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) in_flight: Option<u32>,
}

impl LimitArgs {
    pub(crate) fn limits(&self) -> RateLimits {
        RateLimits::new(RateLimit {
            requests_per_minute: self.requests_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            in_flight: self.in_flight,
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum EffortChoice {
    Minimal,
    Low,
    Medium,
    High,
}

impl From<EffortChoice> for Effort {
    fn from(choice: EffortChoice) -> Self {
        match choice {
            EffortChoice::Minimal => Self::Minimal,
            EffortChoice::Low => Self::Low,
            EffortChoice::Medium => Self::Medium,
            EffortChoice::High => Self::High,
        }
    }
}
