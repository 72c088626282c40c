//! The TOML header of a template file.

use serde::Deserialize;

use crate::PromptError;

/// What stands between the two lines of `+++` at the head of a template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrontMatter {
    /// The prompt's word; equal to [`crate::PromptId::as_str`].
    pub(crate) id: String,
    /// Raised by one with every change of the text that can change a model's behaviour.
    pub(crate) version: u32,
    /// The variables that the template and the parts it includes need, sorted.
    pub(crate) variables: Vec<String>,
}

/// Splits a template file into its header and its body.
pub(crate) fn split(source: &str) -> Result<(FrontMatter, &str), PromptError> {
    let broken = |why: &str| PromptError::FrontMatter(why.to_owned());
    let rest = source.strip_prefix("+++\n").ok_or_else(|| broken("the first line is not +++"))?;
    let (header, body) = rest.split_once("\n+++\n").ok_or_else(|| broken("no closing line of +++"))?;
    let header = toml::from_str(header).map_err(|error| broken(error.message()))?;
    Ok((header, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_body_are_told_apart() {
        let (header, body) =
            split("+++\nid = \"x\"\nversion = 3\nvariables = []\n+++\n\nText +++ more\n").unwrap();
        assert_eq!((header.id.as_str(), header.version, header.variables.len()), ("x", 3, 0));
        assert_eq!(body, "\nText +++ more\n");
    }

    #[test]
    fn what_is_wrong_with_a_header_is_said() {
        for (source, why) in [
            ("id = 1", "the first line is not +++"),
            ("+++\nid = \"x\"\n", "no closing line"),
            ("+++\nid = \"x\"\nversion = 1\n+++\n", "missing field `variables`"),
            ("+++\nid = \"x\"\nversion = 1\nvariables = []\nauthor = \"y\"\n+++\n", "unknown field `author`"),
        ] {
            let error = split(source).unwrap_err().to_string();
            assert!(error.contains(why), "{source:?}: {error}");
        }
    }
}
