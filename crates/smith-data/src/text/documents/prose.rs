//! Readmes and other prose: title, first paragraph, licence, sources, and what is said of columns.

use crate::text::documents::dictionary;
use crate::text::documents::licence;
use crate::text::documents::stated::Stated;
use crate::text::documents::{citation, yaml};

/// A first paragraph shorter than this is joined by the next.
const SHORT_PARAGRAPH: usize = 160;
/// Shorter paragraphs describe nothing.
const LEAST_PARAGRAPH: usize = 30;
/// Words of a line that state a source.
const SOURCE_WORDS: [&str; 12] = [
    "source",
    "sources",
    "homepage",
    "url",
    "website",
    "doi",
    "citation",
    "data source",
    "dataset source",
    "version",
    "repository",
    "original source",
];

/// What a readme or another document in prose states.
pub(super) fn stated(text: &str) -> Stated {
    let mut stated = Stated::default();
    let (front, body) = front_matter(text);
    front_matter_facts(front, &mut stated);
    let lines: Vec<&str> = body.lines().collect();
    if let Some((title, behind)) = title(&lines) {
        stated.title(&title);
        if let Some(text) = first_paragraph(lines.get(behind..).unwrap_or_default()) {
            stated.description(&text);
        }
    }
    lines.iter().for_each(|line| of_line(line, &mut stated));
    headed(&lines, &mut stated);
    dictionary::in_prose(&lines, &mut stated);
    stated
}

/// The lines between two `---` at the top, and what is below.
fn front_matter(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches('\u{feff}');
    let inside = text.strip_prefix("---\n").or_else(|| text.strip_prefix("---\r\n"));
    inside.and_then(|rest| rest.split_once("\n---")).unwrap_or(("", text))
}

fn front_matter_facts(front: &str, stated: &mut Stated) {
    for (key, values) in yaml::top(front) {
        match key.as_str() {
            "license" | "licence" | "license_name" => values.iter().for_each(|value| stated.licence(value)),
            "pretty_name" | "title" => values.iter().for_each(|value| stated.title(value)),
            "source_datasets" | "doi" | "homepage" | "repository" | "citation" | "version" => {
                values.iter().for_each(|value| stated.provenance(&key, value));
            }
            _ => {}
        }
    }
}

/// The first heading, or a `Title:` line, and the number of the line behind it.
fn title(lines: &[&str]) -> Option<(String, usize)> {
    for (index, line) in lines.iter().enumerate().take(40) {
        let plain = line.trim();
        if let Some(heading) = plain.strip_prefix("# ") {
            return Some((cleaned(heading), index + 1));
        }
        let under = lines.get(index + 1).map_or("", |line| line.trim());
        let is_underline =
            under.len() >= 3 && (under.chars().all(|c| c == '=') || under.chars().all(|c| c == '-'));
        if is_underline && plain.chars().any(char::is_alphabetic) && !plain.starts_with('|') {
            return Some((cleaned(plain), index + 2));
        }
        if let Some((word, rest)) = plain.split_once(':')
            && word.trim_start_matches(|c: char| !c.is_alphabetic()).eq_ignore_ascii_case("title")
            && !rest.trim().is_empty()
        {
            return Some((cleaned(rest), index + 1));
        }
    }
    None
}

/// The first paragraph of prose, and the next when it is short.
fn first_paragraph(lines: &[&str]) -> Option<String> {
    let mut found = String::new();
    let mut fenced = false;
    let mut paragraph = String::new();
    for line in lines.iter().map(|line| line.trim()).chain([""]) {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        if line.starts_with('#') && !found.is_empty() {
            break;
        }
        if !line.is_empty() && !fenced && is_prose(line) && statement(line).is_none() {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
            continue;
        }
        if paragraph.chars().count() >= LEAST_PARAGRAPH {
            found = if found.is_empty() { paragraph.clone() } else { format!("{found}\n{paragraph}") };
            if found.chars().count() >= SHORT_PARAGRAPH {
                break;
            }
        }
        paragraph.clear();
    }
    (!found.is_empty()).then(|| cleaned(&found))
}

/// False for headings, lists, tables, pictures, code and lines of other marks.
fn is_prose(line: &str) -> bool {
    let starts = ["#", "|", "!", "[!", "<", "```", "- ", "* ", "+ ", "===", "---", "~~~", "..", ":", "@"];
    !starts.iter().any(|start| line.starts_with(start))
        && line.chars().filter(|c| c.is_alphabetic()).count() * 2 > line.len() / 2
}

/// Without the marks of emphasis around it.
fn cleaned(text: &str) -> String {
    text.lines()
        .map(|line| line.trim().trim_matches(['*', '_', '#']).trim())
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_string()
}

/// `License: MIT`, `**Source:** https://…`.
fn of_line(line: &str, stated: &mut Stated) {
    match statement(line) {
        Some((key, value)) if is_licence(&key) => {
            stated.licence(value.split(['[', ']', '|']).next().unwrap_or(value));
        }
        Some((key, value)) => stated.provenance(&key, value),
        None => {}
    }
}

/// The word and the value of a line that states a licence or a source.
fn statement(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let value = value.trim_matches(|c: char| c.is_whitespace() || "*_`\"'".contains(c));
    let is_meant = is_licence(&key) || SOURCE_WORDS.contains(&key.as_str());
    (is_meant && !value.is_empty() && !value.starts_with("//")).then_some((key, value))
}

fn is_licence(word: &str) -> bool {
    matches!(word, "license" | "licence")
}

/// What stands below headings such as `## License` and `## Citation`.
fn headed(lines: &[&str], stated: &mut Stated) {
    for (index, line) in lines.iter().enumerate() {
        let under = lines.get(index + 1).map_or("", |line| line.trim());
        let is_underlined = under.len() >= 3 && under.chars().all(|c| matches!(c, '=' | '-' | '~'));
        if !line.trim_start().starts_with('#') && !is_underlined {
            continue;
        }
        let heading = line.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let section = section(lines.get(index + 1 + usize::from(is_underlined)..).unwrap_or_default());
        match heading.as_str() {
            "license" | "licence" | "licensing" | "license information" | "licensing information" => {
                below_licence(&section, stated);
            }
            "citation" | "citation information" | "how to cite" | "citing" => {
                below_citation(&section, stated);
            }
            "source" | "sources" | "source data" | "data source" | "provenance" | "origin" => {
                section
                    .iter()
                    .filter(|line| !line.starts_with("```"))
                    .take(2)
                    .for_each(|line| stated.provenance("source", line));
            }
            _ => {}
        }
    }
}

/// The lines up to the next heading that are not blank.
fn section<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let until_heading = lines.iter().take_while(|line| !line.starts_with('#'));
    until_heading.map(|line| line.trim()).filter(|line| !line.is_empty()).take(24).collect()
}

fn below_licence(section: &[&str], stated: &mut Stated) {
    let Some(first) = section.iter().find(|line| is_prose(line)) else { return };
    let known = section.iter().take(4).find_map(|line| identifier_within(line));
    match known {
        Some(id) => stated.add_licence(Some(id)),
        None => stated.licence(first),
    }
}

/// The identifier of a licence that a sentence names: the whole of it, an address or brackets in it, or a few words.
fn identifier_within(line: &str) -> Option<String> {
    // A bare `MIT` in a sentence may be the institute: without a figure it has to stand by itself or before `license`.
    let coded = line.split_whitespace().filter(|word| word.contains(|c: char| c.is_ascii_digit()));
    let parts = line.split(['(', ')', '[', ']', '"', '`', '*', ',']).chain(coded);
    let words: Vec<&str> = line.split_whitespace().collect();
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    licence::commons_within(line)
        .or_else(|| parts.map(str::to_string).chain(pairs).find_map(|part| licence::identifier(&part)))
}

fn below_citation(section: &[&str], stated: &mut Stated) {
    if section.iter().any(|line| line.starts_with('@')) {
        let entry: Vec<&str> = section.iter().copied().skip_while(|line| !line.starts_with('@')).collect();
        if let Some(line) = citation::bibtex_line(&entry.join("\n")) {
            stated.provenance("citation", &line);
        }
    } else if let Some(line) = section.iter().find(|line| is_prose(line)) {
        stated.provenance("citation", line.trim_start_matches(['>', ' ']));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_card() {
        let text = "---\nlicense: cc-by-4.0\npretty_name: Trees of a town\ntags:\n- trees\n---\n\n# Dataset Card for Trees\n\n\
            [![badge](https://x.example/b.svg)](https://x.example)\n\n\
            Every tree of the town, measured by the gardeners in the\nsummer of 2020.\n\n## Data\n\n\
            | Column | Description |\n|---|---|\n| `h` | Height in metres |\n| kind | Kind of tree |\n\n\
            ## Citation\n```bibtex\n@misc{trees,\n  title={The trees},\n  year={2020}\n}\n```\n\n**Source:** https://town.example/trees\n";
        let stated = stated(text);
        assert_eq!(stated.title.as_deref(), Some("Trees of a town"));
        let description = "Every tree of the town, measured by the gardeners in the summer of 2020.";
        assert_eq!(stated.description.as_deref(), Some(description));
        assert_eq!(stated.licences, ["CC-BY-4.0"]);
        assert_eq!(stated.provenance, ["source: https://town.example/trees", "citation: The trees, 2020"]);
        let columns: Vec<(&str, &str)> =
            stated.columns.iter().map(|note| (note.column.as_str(), note.text.as_str())).collect();
        assert_eq!(columns, [("h", "Height in metres"), ("kind", "Kind of tree")]);
    }

    #[test]
    fn licences_in_prose() {
        let table = [
            ("# A\n**Licence:** CC BY 4.0\n", &["CC-BY-4.0"][..]),
            (
                "# A\n## License\n\nThe data is under the [Open Data Commons](https://x.example) licence (ODbL).\n",
                &["ODbL-1.0"],
            ),
            ("# A\n## License\nMIT\n", &["MIT"]),
            (
                "# A\n## License\nReleased under the Creative Commons Attribution 4.0 International License.\n",
                &["CC-BY-4.0"],
            ),
            (
                "# A\n## Licence\nAsk the gardeners before you publish.\n",
                &["Ask the gardeners before you publish"],
            ),
            ("Trees\n=====\nLicense: MIT\n\nLicense\n-------\nMIT License\n", &["MIT"]),
            (
                "# A\n## License\nThe data come from MIT and are free\n",
                &["The data come from MIT and are free"],
            ),
            ("# A\n## License\nThis is under the MIT License, see LICENSE.\n", &["MIT"]),
            ("# A\nNothing of it: nothing.\n", &[]),
        ];
        for (text, licences) in table {
            assert_eq!(stated(text).licences, licences, "{text}");
        }
    }

    #[test]
    fn titles() {
        let table = [
            ("1. Title: Iris Plants Database\n\n2. Sources:\n", Some("Iris Plants Database")),
            ("Trees\n=====\nwords", Some("Trees")),
            ("\n\n#  **Trees**  \n", Some("Trees")),
            ("no title here", None),
            ("", None),
        ];
        for (text, title) in table {
            assert_eq!(stated(text).title.as_deref(), title, "{text}");
        }
    }
}
