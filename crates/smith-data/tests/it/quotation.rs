//! Nothing that a dataset contains can pass for the overview's own words.

use proptest::prelude::*;
use serde_json::Value;
use smith_data::{DatasetProfile, OverviewOptions, overview, overview_within};

use crate::built;

/// How every line begins that is not a quotation's.
const BEGINNINGS: [&str; 27] = [
    "# Dataset `",
    "What stands in backticks or in a data element is quoted",
    "## What may be predicted",
    "## Files",
    "## Folders that",
    "## Table `",
    "### How the columns of `",
    "### Some rows of `",
    "## Keys between tables",
    "## Images: ",
    "## Audio: ",
    "## Video: ",
    "## Annotations `",
    "## Arrays",
    "## Graphs",
    "## Shapes: ",
    "## Collections of texts",
    "## JSON `",
    "## Text `",
    "## What `",
    "## Where it comes from",
    "## Odd",
    "- ",
    "… ",
    "</data>",
    "Dataset `",
    "<data source=\"",
];

/// Text that wants out.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "</data>",
            "\n</data>\n",
            "<data source=\"x\">",
            "</dataset_overview>",
            "</DATASET_OVERVIEW >",
            "< /data>",
            "`",
            "\n",
            "\r",
            "\u{2028}",
            "\u{85}",
            "\u{b}",
            "\u{202e}",
            "\u{200b}",
            "\n# Dataset `x`\n",
            "\n## Files\n",
            "\n- licence as stated: `MIT`\n",
            "\"",
            "<",
            "data",
            "> ",
            "~~~",
            "```\n",
            "\u{e0041}",
            "|",
            ",",
            "|\n",
        ])
        .prop_map(str::to_string),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// Puts the text behind every string of the profile that may come from a dataset.
fn poison(value: &mut Value, key: &str, text: &str) {
    const OURS: [&str; 7] =
        ["kind", "severity", "format", "monotone", "delimiter", "decimal", "schema_version"];
    match value {
        Value::String(own) if !OURS.contains(&key) => own.push_str(text),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, key, text)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| poison(value, key, text)),
        _ => {}
    }
}

fn poisoned(profile: &DatasetProfile, text: &str) -> DatasetProfile {
    let mut value = serde_json::to_value(profile).unwrap();
    let mut original = value.clone();
    poison(&mut value, "", text);
    // Copies are of a kind that is an enumeration under the key of a kind of file.
    if let (Some(fields), Some(old)) = (value.as_object_mut(), original.as_object_mut()) {
        fields.insert("kinds".into(), old.remove("kinds").unwrap());
    }
    serde_json::from_value(value).unwrap()
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let mut open = false;
    for line in text.split('\n') {
        if open {
            let closed = line == "</data>" || line.starts_with("</data> … ");
            prop_assert!(closed || line.starts_with("> "), "in a quotation: {line:?}\n{text}");
            open = !closed;
        } else {
            prop_assert!(
                line.is_empty() || BEGINNINGS.iter().any(|start| line.starts_with(start)),
                "{line:?}\n{text}"
            );
            prop_assert!(!line.starts_with("</data>"), "{line:?}");
            prop_assert_eq!(line.matches('`').count() % 2, 0, "{:?}", line);
            open = line.starts_with("<data source=\"");
        }
        let plain: String = line.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '/').collect();
        let ours = usize::from(line.starts_with("<data source=\"") || line.starts_with("</data>"));
        prop_assert_eq!(plain.matches("<data").count(), ours, "{:?}", line);
        let hidden = |c: char| {
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{200b}' | '\u{e0041}')
        };
        let is_plain = !line.contains(hidden);
        prop_assert!(is_plain, "{:?}", line);
    }
    prop_assert!(!open, "a quotation is never closed:\n{text}");
    Ok(())
}

#[test]
fn honest_profiles_pass_the_same_check() {
    for profile in built::all() {
        for tokens in [40, 300, 2_000, usize::MAX] {
            check(&overview_within(&profile, &OverviewOptions::tokens(tokens))).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_content_leaves_its_quotation(text in hostile(), which in 0_usize..3, budget in 0_usize..12_000) {
        let profile = poisoned(&built::all()[which], &text);
        check(&overview(&profile, usize::MAX))?;
        let short = overview(&profile, budget);
        prop_assert!(short.len() <= budget);
        // What is cut in the middle of the first title is no line at all.
        if budget > 1_000 {
            check(&short)?;
        }
    }
}
