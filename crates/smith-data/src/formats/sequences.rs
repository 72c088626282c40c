//! Reads FASTA and FASTQ: biological sequences with their names.

use smith_task_schema::profile::TableProfile;

use super::lines::{BadRows, Lines};
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Letters of a sequence that are kept; its length is counted all the same.
const KEPT_LETTERS: usize = 1 << 16;

/// The two formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sequences {
    Fasta,
    Fastq,
}

/// The format of a text that begins so.
pub(crate) fn recognise(head: &str) -> Option<Sequences> {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty() && !line.starts_with(';'));
    let (name, letters) = (lines.next()?, lines.next()?.trim());
    let is_sequence = letters.len() >= 5
        && letters.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'*' | b'-' | b'.'));
    if !is_sequence {
        return None;
    }
    if name.starts_with('>') && name.len() > 1 {
        return Some(Sequences::Fasta);
    }
    let (plus, quality) = (lines.next()?, lines.next()?);
    (name.starts_with('@') && plus.starts_with('+') && quality.len() == letters.len())
        .then_some(Sequences::Fastq)
}

/// Facts of the first `max_rows` sequences.
pub(crate) fn profile(
    found: &Found,
    kind: Sequences,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    read(Lines::open(found)?, kind, &found.relative, format, max_rows, findings)
}

fn read(
    mut lines: Lines,
    kind: Sequences,
    path: &str,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let names = ["id", "description", "sequence", "length"].map(String::from);
    let mut rows = Rows { builder: TableBuilder::new(&names), max_rows, complete: true };
    let mut bad = BadRows::default();
    match kind {
        Sequences::Fasta => read_fasta(&mut lines, &mut rows, &mut bad)?,
        Sequences::Fastq => read_fastq(&mut lines, &mut rows, &mut bad)?,
    }
    bad.report(path, findings);
    let mut table = TableProfile::new(path, format);
    (table.has_header, table.exact) = (false, rows.complete);
    Ok(rows.builder.finish(table, findings))
}

/// A sequence on the way.
#[derive(Default)]
struct Entry {
    name: String,
    letters: String,
    length: u64,
}

impl Entry {
    fn add(&mut self, letters: &str) {
        self.length += letters.len() as u64;
        let room = KEPT_LETTERS.saturating_sub(self.letters.len());
        self.letters.extend(letters.chars().take(room));
    }
}

struct Rows {
    builder: TableBuilder,
    max_rows: u64,
    complete: bool,
}

impl Rows {
    /// False when there are enough.
    fn push(&mut self, entry: &Entry) -> bool {
        if self.builder.rows() == self.max_rows {
            self.complete = false;
            return false;
        }
        let (id, description) = entry.name.split_once(char::is_whitespace).unwrap_or((&entry.name, ""));
        for (index, cell) in
            [id, description.trim(), &entry.letters, &entry.length.to_string()].into_iter().enumerate()
        {
            if let Some(column) = self.builder.column(index) {
                column.push(cell);
            }
        }
        self.builder.end_row();
        true
    }
}

fn read_fasta(lines: &mut Lines, rows: &mut Rows, bad: &mut BadRows) -> Result<(), String> {
    let mut entry: Option<Entry> = None;
    while let Some(line) = lines.next()? {
        if let Some(name) = line.strip_prefix('>') {
            if entry
                .replace(Entry { name: name.trim().to_string(), ..Entry::default() })
                .is_some_and(|e| !rows.push(&e))
            {
                return Ok(());
            }
        } else if let Some(entry) = &mut entry {
            entry.add(line.trim());
        } else if !line.trim().is_empty() && !line.starts_with(';') {
            bad.add(lines.number, "it stands before the first name");
        }
    }
    if let Some(entry) = entry {
        rows.push(&entry);
    }
    Ok(())
}

fn read_fastq(lines: &mut Lines, rows: &mut Rows, bad: &mut BadRows) -> Result<(), String> {
    while let Some(first) = lines.next()? {
        if first.trim().is_empty() {
            continue;
        }
        let Some(name) = first.strip_prefix('@') else {
            bad.add(lines.number, "an entry begins with @");
            continue;
        };
        let (letters, plus, quality) = (lines.next()?, lines.next()?, lines.next()?);
        let (Some(letters), Some(_), Some(quality)) =
            (letters, plus.filter(|plus| plus.starts_with('+')), quality)
        else {
            bad.add(lines.number, "an entry has four lines, the third of which begins with +");
            continue;
        };
        if quality.len() != letters.len() {
            bad.add(lines.number, "an entry has as many qualities as letters");
        }
        let mut entry = Entry { name: name.trim().to_string(), ..Entry::default() };
        entry.add(letters.trim());
        if !rows.push(&entry) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, kind: Sequences) -> (TableData, usize) {
        let mut findings = Findings::default();
        let lines = Lines::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        let table = read(lines, kind, "x.fa", "fasta", 2, &mut findings).unwrap();
        (table, findings.finish().len())
    }

    #[test]
    fn fasta_goes_over_lines() {
        let text = ">sp|P1 some protein\nMKTAY\nIAK*\n>q2\nACGTACGT\n";
        assert_eq!(recognise(text), Some(Sequences::Fasta));
        let (table, findings) = of(text, Sequences::Fasta);
        let facts = table.facts;
        assert_eq!((facts.rows, facts.exact, findings), (2, true, 0));
        assert_eq!(
            (facts.columns[0].examples[0].as_str(), facts.columns[2].examples[0].as_str()),
            ("sp|P1", "MKTAYIAK*")
        );
        assert_eq!((facts.columns[1].missing, facts.columns[3].max.as_deref()), (1, Some("9")));
        assert!(!of(&format!("{text}>q3\nAC\n"), Sequences::Fasta).0.facts.exact);
    }

    #[test]
    fn fastq_has_four_lines() {
        let text = "@r1\nACGTA\n+\n!!#@I\n@r2\nACGTA\n+\nIIIII\n";
        assert_eq!(recognise(text), Some(Sequences::Fastq));
        let (table, findings) = of(text, Sequences::Fastq);
        assert_eq!((table.facts.rows, findings), (2, 0));
        assert_eq!(of("@r1\nACGTA\n+\nII\nnoise\n", Sequences::Fastq).1, 1);
    }

    #[test]
    fn quotations_are_no_sequences() {
        for text in ["> quoted mail\nhello there\n", "@data\n1,2\n", "", ">x\n", "<html>\nabcdef\n"] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }
}
