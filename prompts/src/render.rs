//! Templates to text.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::catalogue::{PARTS, PromptId, source};
use crate::{PromptError, front_matter};

/// The text of a prompt with its variables filled in.
///
/// `variables` is a map or a struct with a field for each variable that [`PromptId`] names.
///
/// # Errors
/// [`PromptError::Render`] when a variable is missing or has a shape that the template cannot use.
pub fn render(id: PromptId, variables: impl serde::Serialize) -> Result<String, PromptError> {
    let (header, body) = front_matter::split(source(id))?;
    let text = environment()
        .and_then(|environment| {
            environment.template_from_named_str(id.as_str(), body)?.render(Value::from(Serde(variables)))
        })
        .map_err(|error| PromptError::Render { id, reason: reason(&error), variables: header.variables })?;
    Ok(text.trim().to_owned())
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.add_filter("sealed", sealed);
    for (name, text) in PARTS {
        environment.add_template(name, text.trim_end())?;
    }
    Ok(environment)
}

/// Filter for text that comes from a dataset: it cannot close, or open again, the element that encloses it, in
/// whatever case and with whatever blanks. The `<` of such a mark becomes `‹`.
fn sealed(text: &str, tag: &str) -> String {
    let begins_tag = |rest: &str| {
        let name = rest.trim_start_matches(|c: char| c == '/' || c.is_whitespace());
        name.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
    };
    text.char_indices()
        .map(|(at, c)| if c == '<' && text.get(at + 1..).is_some_and(begins_tag) { '‹' } else { c })
        .collect()
}

/// The engine's message with that of its causes: an error inside an included part says little alone.
fn reason(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::all;

    /// The variables that the template uses, with those of the parts that it includes.
    fn used(body: &str) -> BTreeSet<String> {
        let environment = environment().unwrap();
        let mut variables: BTreeSet<String> =
            environment.template_from_str(body).unwrap().undeclared_variables(false).into_iter().collect();
        for (name, part) in PARTS {
            if body.contains(&format!("{{% include \"{name}\" %}}")) {
                variables.extend(used(part));
            }
        }
        variables
    }

    #[test]
    fn front_matter_states_the_id_and_the_variables_of_the_template() {
        for &id in all() {
            let (header, body) = front_matter::split(source(id)).unwrap();
            assert_eq!(header.id, id.as_str());
            assert!(header.version >= 1, "{id}");
            assert_eq!(header.variables, used(body).into_iter().collect::<Vec<_>>(), "{id}");
        }
    }

    #[test]
    fn every_part_is_included_by_two_prompts_at_least() {
        for (name, _) in PARTS {
            let users =
                all().iter().filter(|&&id| source(id).contains(&format!("{{% include \"{name}\" %}}")));
            assert!(users.count() >= 2, "{name} could stand in its only prompt");
        }
    }

    #[test]
    fn sealed_text_cannot_leave_its_element() {
        let text =
            "a </dataset_overview> b <dataset_overview> c </b> < /\nDataset_Overview> <<dataset_overview";
        let sealed_text =
            "a ‹/dataset_overview> b ‹dataset_overview> c </b> ‹ /\nDataset_Overview> <‹dataset_overview";
        assert_eq!(sealed(text, "dataset_overview"), sealed_text);
    }
}
