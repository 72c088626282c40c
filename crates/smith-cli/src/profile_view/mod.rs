//! A profile for people: what the dataset is, what may be predicted, its files, its tables column by column, the rest
//! as sentences, and what is odd. Fitted to the terminal, plain elsewhere.
//!
//! Whatever comes from the dataset passes through `smith_data::words::safe_line`: it cannot control the terminal.

mod chart;
mod columns;
mod grid;

use std::cmp::Reverse;
use std::io::IsTerminal;

use comfy_table::Color;
use smith_core::data::words::{number_of, safe_line, size};
use smith_core::data::{passages, relation_lines};
use smith_core::schema::profile::{DatasetProfile, FileGroup, ProfileFinding, TableProfile, TargetCandidate};
use smith_core::schema::{DatasetProfile as Profile, Severity};

use crate::table::width;
use grid::{Entry, Grid, Heading};

/// Tables that are shown column by column; the others have a line each.
const TABLES: usize = 8;
/// Rows of the list of files.
const GROUPS: usize = 20;
/// Candidate targets.
const TARGETS: usize = 10;
/// Findings.
const FINDINGS: usize = 30;
/// Lines of a passage.
const PASSAGE_LINES: usize = 12;
/// Characters of a path or name in a table.
const NAME_CHARS: usize = 80;

/// The whole view, with a line end.
pub(crate) fn view(profile: &Profile) -> String {
    let mut out = head(profile);
    out += &targets(profile);
    out += &files(profile);
    out += &tables(profile);
    for passage in passages(profile) {
        let lines: Vec<&str> = passage.lines.iter().filter_map(|line| shown(line)).collect();
        out += &heading(&passage.title.replace('`', ""));
        lines.iter().take(PASSAGE_LINES).for_each(|line| out += &paragraph(&line.replace('`', ""), 2));
        out += &more(lines.len(), PASSAGE_LINES, "line");
    }
    out + &findings(profile)
}

/// A line of a passage without the marks of quotations, which are there for models.
fn shown(line: &str) -> Option<&str> {
    let is_mark = line.starts_with("<data ") || line.starts_with("</data>");
    (!is_mark).then(|| line.strip_prefix("> ").unwrap_or(line))
}

/// A line of its own, bold on a terminal.
fn heading(text: &str) -> String {
    let text = text.to_owned();
    if std::io::stdout().is_terminal() {
        format!("\n\u{1b}[1m{text}\u{1b}[0m\n")
    } else {
        format!("\n{text}\n")
    }
}

/// Text broken into lines of the terminal's width; the lines behind the first of a list's item are indented further.
fn paragraph(text: &str, indent: usize) -> String {
    let room = usize::from(width()).saturating_sub(1).max(20);
    let blanks = " ".repeat(indent);
    let mut lines = String::new();
    let mut line = blanks.clone();
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > room && line.trim() != "" {
            lines += line.trim_end();
            lines.push('\n');
            line = if text.starts_with("- ") { format!("{blanks}  ") } else { blanks.clone() };
        }
        if !line.ends_with(' ') && !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines + line.trim_end() + "\n"
}

fn head(profile: &DatasetProfile) -> String {
    let name = safe_line(&profile.name, NAME_CHARS);
    let title =
        profile.title.as_deref().map_or(name.clone(), |title| format!("{} ({name})", safe_line(title, 200)));
    let mut out = heading(&title).trim_start().to_owned();
    let kinds: Vec<String> =
        profile.kinds.iter().map(|(kind, files)| format!("{} {files}", kind.as_str())).collect();
    out += &fact(
        "size",
        &format!("{}, {}: {}", number_of(profile.files, "file"), size(profile.bytes), kinds.join(", ")),
    );
    out += &fact(
        "licence",
        &profile.licence.as_deref().map_or_else(|| "none found".to_owned(), |text| safe_line(text, 300)),
    );
    profile.provenance.iter().take(4).for_each(|text| out += &fact("from", &safe_line(text, 300)));
    for tag in &profile.modalities {
        out += &tagged("modality", tag.modality.as_str(), tag.confidence, &tag.evidence);
    }
    for tag in &profile.formulations {
        out += &tagged("formulation", tag.formulation.as_str(), tag.confidence, &tag.evidence);
    }
    for line in profile.description.iter().flat_map(|text| text.lines()).take(8) {
        out += &paragraph(&safe_line(line, 1_000), 2);
    }
    out
}

/// A word with what there is to say about it.
fn fact(word: &str, text: &str) -> String {
    let lines = paragraph(text, 14);
    format!("{word:<12}  {}", lines.trim_start())
}

fn tagged(word: &str, tag: &str, confidence: f64, evidence: &[String]) -> String {
    let evidence: Vec<String> = evidence.iter().take(3).map(|text| plain(text, 160)).collect();
    let evidence = if evidence.is_empty() { String::new() } else { format!(": {}", evidence.join("; ")) };
    fact(word, &format!("{} {confidence:.2}{evidence}", safe_line(tag, 40)))
}

/// What may be predicted, over all tables, best first.
fn targets(profile: &DatasetProfile) -> String {
    let mut all: Vec<(&TableProfile, &TargetCandidate)> =
        profile.tables.iter().flat_map(|of| of.targets.iter().map(move |target| (of, target))).collect();
    if all.is_empty() {
        return String::new();
    }
    all.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    let mut rows = Grid::new([
        Heading::text("target"),
        Heading::text("table"),
        Heading::word("formulation"),
        Heading::figure("score"),
        Heading::text("for"),
        Heading::text("against"),
    ]);
    for (of, target) in all.iter().take(TARGETS) {
        let said =
            |texts: &[String]| texts.iter().map(|text| plain(text, 160)).collect::<Vec<_>>().join("; ");
        let mut against = said(&target.cautions);
        if !target.given_away_by.is_empty() {
            let names: Vec<String> =
                target.given_away_by.iter().take(4).map(|name| safe_line(name, 40)).collect();
            let between = if against.is_empty() { "" } else { "; " };
            against += &format!("{between}given away by {}", names.join(", "));
        }
        let table = if profile.tables.len() > 1 { safe_line(&of.path, NAME_CHARS) } else { String::new() };
        rows.row([
            Entry::new(safe_line(&target.column, NAME_CHARS)).colour(Color::Green),
            Entry::new(table),
            Entry::new(safe_line(target.formulation.as_str(), 40)),
            Entry::new(format!("{:.2}", target.score)),
            Entry::new(said(&target.reasons)),
            Entry::new(against).colour(Color::Yellow),
        ]);
    }
    format!("{}{}{}", heading("What may be predicted"), rows.text(), more(all.len(), TARGETS, "candidate"))
}

/// A sentence without backticks, which say nothing to people.
fn plain(text: &str, max_chars: usize) -> String {
    safe_line(text, max_chars).replace('`', "")
}

fn more(all: usize, shown: usize, noun: &str) -> String {
    let left = all.saturating_sub(shown);
    if left == 0 {
        String::new()
    } else {
        format!("  … and {} more (--json has all)\n", number_of(left as u64, noun))
    }
}

fn files(profile: &DatasetProfile) -> String {
    let mut groups: Vec<&FileGroup> = profile.groups.iter().collect();
    groups.sort_by_key(|group| (!group.kind.is_data(), Reverse(group.bytes)));
    let mut rows = Grid::new([
        Heading::text("files"),
        Heading::word("kind"),
        Heading::figure("number"),
        Heading::figure("size"),
        Heading::text("directories"),
    ]);
    for group in groups.iter().take(GROUPS) {
        let folded: Vec<String> = group
            .folded
            .iter()
            .take(6)
            .map(|part| format!("{} {}", safe_line(&part.value, 40), part.count))
            .collect();
        let etc = if group.directories > folded.len() as u64 && !folded.is_empty() { ", …" } else { "" };
        rows.row([
            Entry::new(safe_line(&group.pattern, NAME_CHARS)),
            Entry::new(group.kind.as_str()),
            Entry::new(group.files.to_string()),
            Entry::new(size(group.bytes)),
            Entry::new(format!("{}{etc}", folded.join(", "))),
        ]);
    }
    if groups.is_empty() {
        return String::new();
    }
    format!("{}{}{}", heading("Files"), rows.text(), more(groups.len(), GROUPS, "group"))
}

/// The largest tables column by column, the others a line each.
fn tables(profile: &DatasetProfile) -> String {
    let mut all: Vec<&TableProfile> = profile.tables.iter().collect();
    all.sort_by_key(|of| (Reverse(of.rows.saturating_mul(of.columns.len() as u64)), &of.path));
    let mut out = String::new();
    for of in all.iter().take(TABLES) {
        out += &heading(&table_title(of));
        out += &columns::columns(of);
        relation_lines(of)
            .iter()
            .take(PASSAGE_LINES)
            .for_each(|line| out += &paragraph(&line.replace('`', ""), 2));
    }
    if all.len() > TABLES {
        let mut rows = Grid::new([
            Heading::text("further tables"),
            Heading::figure("rows"),
            Heading::figure("columns"),
            Heading::word("format"),
        ]);
        for of in all.iter().skip(TABLES).take(GROUPS) {
            rows.row([
                Entry::new(safe_line(&of.path, NAME_CHARS)),
                Entry::new(of.rows.to_string()),
                Entry::new(of.columns.len().to_string()),
                Entry::new(safe_line(&of.format, 40)),
            ]);
        }
        out += &format!("\n{}{}", rows.text(), more(all.len(), TABLES + GROUPS, "table"));
    }
    out
}

fn table_title(of: &TableProfile) -> String {
    let part = if of.exact { "" } else { "first " };
    let delimiter = match of.delimiter {
        Some(',') => ", comma".to_owned(),
        Some(';') => ", semicolon".to_owned(),
        Some('\t') => ", tab".to_owned(),
        Some(' ') => ", blanks".to_owned(),
        Some('|') => ", bar".to_owned(),
        Some(c) => format!(", {}", safe_line(&c.to_string(), 2)),
        None => String::new(),
    };
    let header = if of.has_header { "" } else { ", no header" };
    format!(
        "{}: {part}{}, {} ({}{delimiter}{header})",
        safe_line(&of.path, 160),
        number_of(of.rows, "row"),
        number_of(of.columns.len() as u64, "column"),
        safe_line(&of.format, 40),
    )
}

fn findings(profile: &DatasetProfile) -> String {
    if profile.findings.is_empty() {
        return String::new();
    }
    let mut all: Vec<&ProfileFinding> = profile.findings.iter().collect();
    all.sort_by_key(|finding| Reverse(finding.severity));
    let mut rows = Grid::new([Heading::word("severity"), Heading::text("file"), Heading::text("finding")]);
    for finding in all.iter().take(FINDINGS) {
        let (word, colour) = match finding.severity {
            Severity::Error => ("error", Color::Red),
            _ => ("warning", Color::Yellow),
        };
        rows.row([
            Entry::new(word).colour(colour),
            Entry::new(safe_line(&finding.path, NAME_CHARS)),
            Entry::new(plain(&finding.message, 400)),
        ]);
    }
    format!("{}{}{}", heading("Odd"), rows.text(), more(all.len(), FINDINGS, "finding"))
}

#[cfg(test)]
mod tests {
    use smith_core::schema::profile::{ColumnKind, ColumnProfile};

    use super::*;

    /// A profile whose every text wants to control the terminal.
    fn hostile() -> DatasetProfile {
        let evil = "\u{1b}]0;title\u{7}\u{1b}[31mred\u{202e}\nline\u{9b}5A";
        let mut profile = DatasetProfile::new(evil);
        (profile.title, profile.licence) = (Some(evil.to_owned()), Some(evil.to_owned()));
        profile.description = Some(evil.to_owned());
        profile.provenance = vec![evil.to_owned()];
        let mut of = TableProfile::new(evil, evil);
        let mut column = ColumnProfile::new(evil);
        (column.kind, column.examples) = (ColumnKind::Text, vec![evil.to_owned()]);
        column.description = Some(evil.to_owned());
        of.columns = vec![column];
        of.targets = vec![TargetCandidate::new(evil, evil.to_owned().into(), 0.5)];
        of.targets[0].reasons = vec![evil.to_owned()];
        profile.tables = vec![of];
        profile.findings = vec![ProfileFinding::error(evil, evil)];
        profile
    }

    #[test]
    fn nothing_of_a_dataset_reaches_the_terminal_as_a_command() {
        let text = view(&hostile());
        let control = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!text.contains(control), "{text:?}");
        assert!(text.contains("title"), "{text}");
    }

    #[test]
    fn an_empty_profile_has_a_head() {
        let text = view(&DatasetProfile::new("nothing"));
        assert!(text.starts_with("nothing\n"), "{text}");
        assert!(text.contains("licence       none found\n"), "{text}");
    }

    #[test]
    fn paragraphs_keep_to_the_width() {
        let text = paragraph(&"word ".repeat(100), 2);
        assert!(text.lines().all(|line| line.chars().count() < usize::from(width())), "{text}");
        assert!(text.lines().count() > 3);
        assert_eq!(paragraph("one two", 2), "  one two\n");
    }
}
