//! What an agent may do, and how its words become an [`Action`].

use serde_json::Value;

/// Names of the actions that agents may use, in the order in which they are told of them.
pub const ACTIONS: [&str; 5] = ["request_info", "validate_code", "execute_code", "get_history", "reset"];

/// Longest part of an agent's own words that an answer repeats, in characters.
const ECHOED_CHARS: usize = 80;

/// What is asked for when nothing is named, as in MLE-Dojo.
const ALL: &str = "all";

/// One action of an agent, named as MLE-Dojo names them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Asks for one part of the task's public information.
    RequestInfo {
        /// One of [`INFO_TYPES`](super::INFO_TYPES); anything else is answered with that list.
        info_type: String,
    },
    /// Checks the syntax of a script and runs it; its submission is thrown away.
    ValidateCode {
        /// Python source.
        code: String,
    },
    /// Runs a script and scores the `submission.csv` that it writes.
    ExecuteCode {
        /// Python source.
        code: String,
    },
    /// Asks for the last records of the history. Costs no step.
    GetHistory,
    /// Makes the work directory anew and forgets the best score. Costs no step.
    Reset,
    /// Words that are no action: a name that does not exist or arguments that do not fit.
    Unknown {
        /// The name as the agent wrote it.
        name: String,
        /// What is wrong, and what would be right.
        message: String,
    },
}

impl Action {
    /// Reads an action from its name and its arguments, a JSON object. What does not fit becomes
    /// [`Action::Unknown`], which the environment answers like any other action. Arguments that an
    /// action does not have are ignored; `request_info` without an `info_type` asks for everything.
    #[must_use]
    pub fn parse(name: &str, arguments: &Value) -> Self {
        let argument = |key: &str| string_argument(name, key, arguments);
        let parsed = match name {
            "request_info" if is_without(arguments, "info_type") => {
                Ok(Self::RequestInfo { info_type: ALL.to_owned() })
            }
            "request_info" => argument("info_type").map(|info_type| Self::RequestInfo { info_type }),
            "validate_code" => argument("code").map(|code| Self::ValidateCode { code }),
            "execute_code" => argument("code").map(|code| Self::ExecuteCode { code }),
            "get_history" => Ok(Self::GetHistory),
            "reset" => Ok(Self::Reset),
            _ => Err(format!("there is no action {:?}; the actions are {}", echo(name), ACTIONS.join(", "))),
        };
        parsed.unwrap_or_else(|message| Self::Unknown { name: name.to_owned(), message })
    }

    /// The action's name, cut to a short form when it is an agent's own invention.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::RequestInfo { .. } => "request_info".into(),
            Self::ValidateCode { .. } => "validate_code".into(),
            Self::ExecuteCode { .. } => "execute_code".into(),
            Self::GetHistory => "get_history".into(),
            Self::Reset => "reset".into(),
            Self::Unknown { name, .. } => echo(name),
        }
    }

    /// The action's one argument, empty when it has none.
    pub(super) fn argument(&self) -> &str {
        match self {
            Self::RequestInfo { info_type } => info_type,
            Self::ValidateCode { code } | Self::ExecuteCode { code } => code,
            Self::GetHistory | Self::Reset => "",
            Self::Unknown { message, .. } => message,
        }
    }

    /// Whether the action runs Python of the agent's.
    pub(super) fn runs_a_script(&self) -> bool {
        matches!(self, Self::ValidateCode { .. } | Self::ExecuteCode { .. })
    }

    /// Whether the action counts against the step budget.
    pub(super) fn costs_a_step(&self) -> bool {
        !matches!(self, Self::GetHistory | Self::Reset)
    }
}

/// The beginning of an agent's own words, short enough to be repeated to it.
pub(super) fn echo(words: &str) -> String {
    words.chars().take(ECHOED_CHARS).collect()
}

/// Whether these are arguments, and this one is not among them.
fn is_without(arguments: &Value, key: &str) -> bool {
    arguments.as_object().is_some_and(|arguments| !arguments.contains_key(key))
}

fn string_argument(action: &str, key: &str, arguments: &Value) -> Result<String, String> {
    match arguments.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("the argument {key:?} of {action} must be a string")),
        None => Err(format!("{action} needs the argument {key:?}, a string")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_every_action() {
        let code = || "print(1)".to_owned();
        let arguments = json!({"code": "print(1)", "info_type": "overview", "extra": 1});
        let expected = [
            Action::RequestInfo { info_type: "overview".into() },
            Action::ValidateCode { code: code() },
            Action::ExecuteCode { code: code() },
            Action::GetHistory,
            Action::Reset,
        ];
        for (name, action) in ACTIONS.iter().zip(expected) {
            let parsed = Action::parse(name, &arguments);
            assert_eq!(parsed, action);
            assert_eq!(&parsed.name(), name);
        }
    }

    #[test]
    fn bad_words_become_unknown_and_say_what_would_be_right() {
        let message = |name: &str, arguments: Value| match Action::parse(name, &arguments) {
            Action::Unknown { name: kept, message } => {
                assert_eq!(kept, name);
                message
            }
            other => panic!("{other:?}"),
        };
        for name in ACTIONS {
            assert!(message("run", json!({})).contains(name));
        }
        assert!(message("execute_code", json!({"code": 5})).contains("must be a string"));
        assert!(message("execute_code", json!(null)).contains("needs the argument \"code\""));
        for arguments in [json!(["overview"]), json!("overview"), json!(null), json!({"info_type": null})] {
            assert!(message("request_info", arguments).contains("info_type"));
        }
    }

    #[test]
    fn information_of_no_type_is_all_of_it() {
        let all = Action::RequestInfo { info_type: "all".into() };
        for arguments in [json!({}), json!({"code": "pass"})] {
            assert_eq!(Action::parse("request_info", &arguments), all);
        }
        assert!(super::super::INFO_TYPES.contains(&ALL));
    }

    #[test]
    fn an_invented_name_is_repeated_only_in_part() {
        let action = Action::parse(&"x".repeat(10_000), &json!({}));
        assert_eq!(action.name().len(), ECHOED_CHARS);
        assert!(action.argument().len() < 300);
    }
}
