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

/// Words of which the name of a Creative Commons licence is made, and those that stand around it.
const COMMONS: [&str; 42] = [
    "cc",
    "creative",
    "commons",
    "creativecommons",
    "org",
    "licenses",
    "license",
    "licence",
    "publicdomain",
    "zero",
    "public",
    "domain",
    "by",
    "attribution",
    "nc",
    "noncommercial",
    "non",
    "commercial",
    "sa",
    "share",
    "alike",
    "sharealike",
    "nd",
    "no",
    "derivatives",
    "noderivatives",
    "noderivs",
    "international",
    "unported",
    "universal",
    "generic",
    "deed",
    "legalcode",
    "en",
    "https",
    "http",
    "www",
    "version",
    "v",
    "the",
    "igo",
    "cc0",
];

/// The Creative Commons licence that a sentence names somewhere.
pub(super) fn commons_within(sentence: &str) -> Option<String> {
    let all = words(sentence);
    let parts = all.split(|word| !is_of_commons(word));
    let mut found: Vec<String> = parts.filter_map(creative_commons).collect();
    found.dedup();
    // Of two different ones it is not known which holds for what.
    found.pop().filter(|_| found.is_empty())
}

fn is_of_commons(word: &str) -> bool {
    COMMONS.contains(&word) || version_part(word).is_some()
}

/// A number of one digit, perhaps behind a `v`.
fn version_part(word: &str) -> Option<&str> {
    let digits = word.strip_prefix('v').unwrap_or(word);
    (digits.len() == 1 && digits.chars().all(|c| c.is_ascii_digit())).then_some(digits)
}

/// `CC BY-NC-SA 4.0`, however it is written: by letters, in words, as an address. Nothing when another word stands
/// among them, or more than one version: then more than this licence is named.
fn creative_commons(words: &[String]) -> Option<String> {
    let named = |word: &str| words.iter().any(|w| w == word);
    let is_commons =
        named("cc") || named("cc0") || named("creativecommons") || (named("creative") && named("commons"));
    if !is_commons || !words.iter().all(|word| is_of_commons(word)) {
        return None;
    }
    let mut numbers: Vec<&str> = words.iter().filter_map(|word| version_part(word)).collect();
    // A name with its address says the version twice.
    if let [major, minor, again @ ..] = numbers.as_slice()
        && again.chunks(2).all(|pair| pair == [*major, *minor])
    {
        numbers.truncate(2);
    }
    let says = |letters: &str, word: &str, parts: &[&str]| {
        named(letters) || named(word) || (!parts.is_empty() && parts.iter().all(|part| named(part)))
    };
    if !says("by", "attribution", &[]) {
        let is_zero = named("zero") || named("cc0");
        return (is_zero && matches!(numbers.as_slice(), [] | ["1", "0"])).then(|| String::from("CC0-1.0"));
    }
    let ([major @ ("1" | "2" | "3" | "4"), minor @ ("0" | "5")], false) =
        (numbers.as_slice(), named("zero") || named("cc0"))
    else {
        return None;
    };
    let mut id = String::from("CC-BY");
    for (present, letters) in [
        (says("nc", "noncommercial", &["non", "commercial"]), "NC"),
        (says("nd", "noderivatives", &["no", "derivatives"]) || named("noderivs"), "ND"),
        (says("sa", "sharealike", &["share", "alike"]), "SA"),
    ] {
        if present {
            id = format!("{id}-{letters}");
        }
    }
    Some(format!("{id}-{major}.{minor}"))
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
    fn sentences_may_name_one_licence() {
        let table = [
            ("It is under the Creative Commons Attribution 4.0 International License.", Some("CC-BY-4.0")),
            (
                "Version 2.0 of the data is licensed under [CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/).",
                Some("CC-BY-SA-4.0"),
            ),
            ("Texts are CC BY 4.0 and pictures CC BY-NC 4.0.", None),
            ("By the way, see page 4.0.", None),
        ];
        for (sentence, id) in table {
            assert_eq!(commons_within(sentence).as_deref(), id, "{sentence}");
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
