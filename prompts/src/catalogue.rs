//! Which prompts there are, and the text of each, embedded at compile time.

/// Declares the prompts once: variant, word, file.
macro_rules! prompts {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// One prompt. The words in brackets are the template's variables; [`crate::render`] needs all of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum PromptId {
            $($(#[$doc])* $variant,)+
        }

        /// Every prompt, in the order of the pipeline.
        #[must_use]
        pub fn all() -> &'static [PromptId] {
            &[$(PromptId::$variant,)+]
        }

        impl PromptId {
            /// The word that names the prompt in its front matter and, with `.md`, its file.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        /// The file behind a prompt as it was written: front matter and template, includes not resolved.
        #[must_use]
        pub fn source(id: PromptId) -> &'static str {
            match id {
                $(PromptId::$variant => include_str!(concat!("../templates/", $word, ".md")),)+
            }
        }
    };
}

prompts! {
    /// First instruction of the Brainstormer: `max_proposals`, `max_steps`, `overview` (the dataset as text).
    Brainstorm = "brainstorm",
    /// Sends unreadable proposals back to the Brainstormer, in the same conversation: `problems`, a list of texts
    /// that name the file.
    BrainstormRepair = "brainstorm-repair",
    /// First instruction of the Designer: `max_steps`, `overview`.
    Design = "design",
    /// First instruction of the Designer when an attempt has failed: `max_steps`, `overview`, `defects` (a list
    /// of texts).
    DesignMend = "design-mend",
    /// First instruction of the Refactor: `max_steps`.
    Refactor = "refactor",
    /// First instruction of the Refactor when an attempt has failed: `max_steps`, `defects` (a list of texts).
    RefactorMend = "refactor-mend",
    /// Instruction of the reviewer: `criteria`, a list of the rubric's words (`alignment`, `feasibility`, `data_use`,
    /// `coverage`, `metric`, `gaming`, `leakage`) in the order in which they are asked; any other word is an error.
    Review = "review",
    /// Instruction of the validation agent: `max_steps` actions, `limit_seconds` a run.
    Validate = "validate",
    /// Reminder in the middle of a conversation: `steps_left` model calls.
    StepsLeft = "steps-left",
    /// Reminder after an answer that does not count: `cut`, true when it reached the limit of its length, false
    /// when it held neither text nor a tool call.
    EmptyAnswer = "empty-answer",
}

/// The texts that several prompts include, by the name that `{% include %}` uses.
pub(crate) const PARTS: [(&str, &str); 4] = [
    ("parts/workbench.md", include_str!("../templates/parts/workbench.md")),
    ("parts/dataset.md", include_str!("../templates/parts/dataset.md")),
    ("parts/design-contract.md", include_str!("../templates/parts/design-contract.md")),
    ("parts/package-contract.md", include_str!("../templates/parts/package-contract.md")),
];

/// Every text that this crate may put into a prompt, as it was written: the templates and the parts that they include.
/// What stands here is smith's own and says nothing of a task.
pub fn texts() -> impl Iterator<Item = &'static str> {
    all().iter().map(|&id| source(id)).chain(PARTS.iter().map(|(_, text)| *text))
}

impl std::fmt::Display for PromptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
