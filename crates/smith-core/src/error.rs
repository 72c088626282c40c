//! Errors of the facade, sorted by who can put them right.

use smith_pipeline::PipelineError;

/// Why something could not be done. That a task is bad is never an error; it is an answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmithError {
    /// The caller can put it right; the text says how.
    #[error("{0}")]
    Mistake(String),
    /// The money ran out; the run can be resumed with a larger budget.
    #[error("{0}")]
    BudgetReached(String),
    /// The machine, the network or the endpoint failed; what was finished is kept.
    #[error("{0}")]
    Fault(String),
}

impl SmithError {
    /// The program's exit code: 1 for a spent budget, 2 for a mistake, 3 for a fault.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::BudgetReached(_) => 1,
            Self::Mistake(_) => 2,
            Self::Fault(_) => 3,
        }
    }

    fn sorted(is_mistake: bool, text: String) -> Self {
        if is_mistake { Self::Mistake(text) } else { Self::Fault(text) }
    }
}

impl From<PipelineError> for SmithError {
    fn from(error: PipelineError) -> Self {
        if error.is_budget() {
            return Self::BudgetReached(error.to_string());
        }
        Self::sorted(error.is_mistake(), error.to_string())
    }
}

impl From<smith_exec::ExecError> for SmithError {
    fn from(error: smith_exec::ExecError) -> Self {
        Self::sorted(error.is_mistake(), error.to_string())
    }
}

impl From<smith_assert::AssertError> for SmithError {
    fn from(error: smith_assert::AssertError) -> Self {
        Self::Fault(error.to_string())
    }
}

impl From<smith_assert::UnknownRule> for SmithError {
    fn from(error: smith_assert::UnknownRule) -> Self {
        Self::Mistake(error.to_string())
    }
}

impl From<smith_data::DataError> for SmithError {
    fn from(error: smith_data::DataError) -> Self {
        Self::sorted(error.is_mistake(), error.to_string())
    }
}

impl From<smith_task_schema::LayoutError> for SmithError {
    fn from(error: smith_task_schema::LayoutError) -> Self {
        Self::Mistake(error.to_string())
    }
}

impl From<smith_llm::LlmError> for SmithError {
    fn from(error: smith_llm::LlmError) -> Self {
        match error {
            smith_llm::LlmError::Mistake(_) => Self::Mistake(error.to_string()),
            smith_llm::LlmError::BudgetReached { .. } => Self::BudgetReached(error.to_string()),
            _ => Self::Fault(error.to_string()),
        }
    }
}
