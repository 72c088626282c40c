//! Which rules of a catalogue are wanted.

use crate::RuleInfo;

/// Rules that are wanted and rules that are not, each as a code (`S105`), the beginning of codes (`S`, `A1`) or a name
/// (`target-in-test`). What is ignored is not run, whatever was selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// Only these; all when there are none.
    pub select: Vec<String>,
    /// Without these.
    pub ignore: Vec<String>,
}

/// No rule is meant by this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no rule is called `{0}`, and no code begins so; see the list of rules")]
pub struct UnknownRule(pub String);

impl Selection {
    /// These rules without those.
    #[must_use]
    pub fn new(select: Vec<String>, ignore: Vec<String>) -> Self {
        Self { select, ignore }
    }

    /// True when a rule is wanted.
    #[must_use]
    pub fn wants(&self, rule: &RuleInfo) -> bool {
        let is_named = |patterns: &[String]| patterns.iter().any(|pattern| means(pattern, rule));
        (self.select.is_empty() || is_named(&self.select)) && !is_named(&self.ignore)
    }

    /// The patterns, of both kinds.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &String> {
        self.select.iter().chain(&self.ignore)
    }
}

/// True when a pattern names a rule.
pub(crate) fn means(pattern: &str, rule: &RuleInfo) -> bool {
    !pattern.is_empty()
        && (rule.name == pattern || rule.code.to_lowercase().starts_with(&pattern.to_lowercase()))
}
