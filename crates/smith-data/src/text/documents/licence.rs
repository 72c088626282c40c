//! Licences: an SPDX identifier where the words are plain, else the words themselves.

use crate::overview::display::one_line;

/// Characters of a licence's statement that are kept.
const LICENCE_CHARS: usize = 120;

/// Identifiers that are recognised in any case, with the usual other ways of writing them.
const IDENTIFIERS: [(&str, &[&str]); 22] = [
    (
        "CC0-1.0",
        &["cc0", "cc0 1 0 universal", "cc0 public domain", "creative commons zero", "creative commons cc0"],
    ),
    ("MIT", &["mit license", "mit licence", "the mit license", "the mit licence"]),
    ("Apache-2.0", &["apache 2", "apache license 2 0", "apache license version 2 0", "apache licence 2 0"]),
    ("BSD-2-Clause", &["bsd 2 clause license", "bsd 2"]),
    ("BSD-3-Clause", &["bsd 3 clause license", "bsd 3"]),
    ("ISC", &["isc license"]),
    ("Unlicense", &["the unlicense"]),
    ("ODbL-1.0", &["odbl", "open database license", "open data commons open database license", "odc odbl"]),
    ("ODC-By-1.0", &["odc by", "open data commons attribution license"]),
    ("PDDL-1.0", &["pddl", "odc pddl", "open data commons public domain dedication and license"]),
    ("DbCL-1.0", &["dbcl", "database contents license"]),
    ("CDLA-Permissive-1.0", &[]),
    ("CDLA-Permissive-2.0", &[]),
    ("CDLA-Sharing-1.0", &[]),
    ("GPL-2.0-only", &[]),
    ("GPL-2.0-or-later", &[]),
    ("GPL-3.0-only", &[]),
    ("GPL-3.0-or-later", &[]),
    ("LGPL-3.0-only", &[]),
    ("AGPL-3.0-only", &[]),
    ("MPL-2.0", &["mozilla public license 2 0"]),
    ("OGL-UK-3.0", &["open government licence v3 0", "open government licence 3 0"]),
];

/// A statement of a licence as it is kept; nothing for words that state none.
pub(super) fn normalised(statement: &str) -> Option<String> {
    let line = one_line(statement, LICENCE_CHARS);
    let line = line.trim_matches(|c: char| c.is_whitespace() || "*_`\"'.,;".contains(c));
    let plain = words(line).join(" ");
    if plain.is_empty()
        || matches!(
            plain.as_str(),
            "unknown" | "none" | "null" | "n a" | "other" | "tbd" | "more information needed"
        )
    {
        return None;
    }
    Some(identifier(statement).unwrap_or_else(|| line.to_string()))
}

/// The identifier of a licence that is named by a short statement or an address.
pub(super) fn identifier(statement: &str) -> Option<String> {
    let all = words(statement);
    let plain = all.join(" ");
    let exact = IDENTIFIERS
        .iter()
        .find(|(id, others)| words(id).join(" ") == plain || others.contains(&plain.as_str()))
        .map(|(id, _)| (*id).to_string());
    exact.or_else(|| creative_commons(&all))
}

/// `CC BY-NC-SA 4.0`, however it is written: by letters, in words, as an address.
fn creative_commons(words: &[String]) -> Option<String> {
    let named = |word: &str| words.iter().any(|w| w == word);
    if !(named("cc") || named("creativecommons") || (named("creative") && named("commons"))) {
        return None;
    }
    if named("zero") || (named("cc0") && !named("by")) {
        return Some(String::from("CC0-1.0"));
    }
    let says = |letters: &str, word: &str, parts: &[&str]| {
        named(letters) || named(word) || (!parts.is_empty() && parts.iter().all(|part| named(part)))
    };
    if !says("by", "attribution", &[]) {
        return None;
    }
    let version = words.windows(2).find_map(|pair| match pair {
        [major, minor]
            if ["1", "2", "3", "4"].contains(&major.trim_start_matches('v'))
                && ["0", "5"].contains(&minor.as_str()) =>
        {
            Some(format!("{}.{minor}", major.trim_start_matches('v')))
        }
        _ => None,
    })?;
    let mut id = String::from("CC-BY");
    for (present, letters) in [
        (says("nc", "noncommercial", &["non", "commercial"]), "NC"),
        (says("sa", "sharealike", &["share", "alike"]), "SA"),
        (says("nd", "noderivatives", &["no", "derivatives"]) || named("noderivs"), "ND"),
    ] {
        if present {
            id = format!("{id}-{letters}");
        }
    }
    Some(format!("{id}-{version}"))
}

/// What the text of a licence file is, by phrases of it that no other has; else its first line.
pub(super) fn of_text(text: &str) -> Option<String> {
    let plain = words(text).join(" ");
    let has = |phrase: &str| plain.contains(phrase);
    let known = if has("permission is hereby granted free of charge")
        && has("substantial portions of the software")
    {
        Some("MIT")
    } else if has("apache license version 2 0") {
        Some("Apache-2.0")
    } else if has("redistribution and use in source and binary forms") {
        Some(if has("neither the name") { "BSD-3-Clause" } else { "BSD-2-Clause" })
    } else if has("cc0 1 0 universal") {
        Some("CC0-1.0")
    } else if has("open database license odbl") {
        Some("ODbL-1.0")
    } else {
        None
    };
    if let Some(known) = known {
        return Some(known.to_string());
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?.trim_start_matches('#').trim();
    let second = lines.next().unwrap_or_default();
    if second.to_lowercase().starts_with("version") {
        return normalised(&format!("{first} {second}"));
    }
    normalised(first)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_become_identifiers() {
        let table = [
            ("CC0-1.0", "CC0-1.0"),
            ("cc0: Public Domain", "CC0-1.0"),
            ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
            ("cc-by-4.0", "CC-BY-4.0"),
            ("Attribution 4.0 International (CC BY 4.0)", "CC-BY-4.0"),
            ("https://creativecommons.org/licenses/by-nc-sa/3.0/", "CC-BY-NC-SA-3.0"),
            ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International", "CC-BY-NC-ND-4.0"),
            ("mit", "MIT"),
            ("**MIT License**", "MIT"),
            ("Apache License, Version 2.0", "Apache-2.0"),
            ("odbl", "ODbL-1.0"),
            ("Open Data Commons Attribution License", "ODC-By-1.0"),
        ];
        for (words, id) in table {
            assert_eq!(normalised(words).as_deref(), Some(id), "{words}");
        }
    }

    #[test]
    fn other_words_stay_as_they_are() {
        for words in [
            "For research only",
            "CC BY",
            "U.S. Government Works",
            "gpl-3.0",
            "Data files © Original Authors",
        ] {
            assert_eq!(normalised(words).as_deref(), Some(words));
        }
        for words in ["", "unknown", "  `other` ", "***"] {
            assert_eq!(normalised(words), None, "{words}");
        }
    }

    #[test]
    fn licence_texts() {
        let table = [
            (
                "MIT License\n\nPermission is hereby granted, free of charge, to any …\nall copies or substantial portions of the Software.",
                "MIT",
            ),
            ("                 Apache License\n           Version 2.0, January 2004\n", "Apache-2.0"),
            (
                "Redistribution and use in source and binary forms …\nNeither the name of the copyright holder",
                "BSD-3-Clause",
            ),
            (
                "Attribution-ShareAlike 4.0 International\n\nCreative Commons …",
                "Attribution-ShareAlike 4.0 International",
            ),
            (
                "\nGNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n",
                "GNU GENERAL PUBLIC LICENSE Version 3, 29 June 2007",
            ),
            ("# House rules\nBe kind.", "House rules"),
        ];
        for (text, expected) in table {
            assert_eq!(of_text(text).as_deref(), Some(expected), "{text}");
        }
    }
}
