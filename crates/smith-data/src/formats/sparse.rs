//! Reads LIBSVM and SVMlight files: a label, perhaps a query, and pairs of an index and a value.

use std::collections::BTreeMap;

use smith_task_schema::profile::TableProfile;

use super::lines::{BadRows, Lines};
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Features that become columns of their own; with more of them only their number is told.
const MAX_FEATURES: u64 = 1_000;
/// Lines that are looked at to recognise the format.
const PROBED_LINES: usize = 50;

/// One row.
#[derive(Debug, Default, PartialEq)]
struct SparseRow<'a> {
    label: &'a str,
    query: Option<&'a str>,
    pairs: Vec<(u64, &'a str)>,
}

fn parse(line: &str) -> Option<SparseRow<'_>> {
    let line = line.split_once('#').map_or(line, |(line, _)| line);
    let mut words = line.split_whitespace();
    let label = words.next()?;
    // Several labels stand between commas.
    if !label.split(',').all(|label| label.parse::<f64>().is_ok()) {
        return None;
    }
    let mut row = SparseRow { label, ..SparseRow::default() };
    for word in words {
        let (index, value) = word.split_once(':')?;
        if index == "qid" {
            row.query = Some(value);
        } else {
            value.parse::<f64>().ok()?;
            row.pairs.push((index.parse().ok()?, value));
        }
    }
    Some(row)
}

/// True for text of such rows.
pub(crate) fn is_sparse(head: &str) -> bool {
    let whole = head.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let rows: Option<Vec<SparseRow<'_>>> = lines.take(PROBED_LINES).map(parse).collect();
    rows.is_some_and(|rows| {
        let with_pairs = rows.iter().filter(|row| !row.pairs.is_empty()).count();
        let rising = |row: &SparseRow<'_>| row.pairs.windows(2).all(|pair| pair[0].0 < pair[1].0);
        with_pairs >= 3 && with_pairs * 10 >= rows.len() * 9 && rows.iter().all(rising)
    })
}

/// Facts of the first `max_rows` rows. The file is read twice: first for the greatest index.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    read(&|| Lines::open(found), &found.relative, format, max_rows, findings)
}

fn read(
    open: &dyn Fn() -> Result<Lines, String>,
    path: &str,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let extent = Extent::find(&mut open()?, max_rows)?;
    let mut names = vec![String::from("label")];
    names.extend(extent.has_query.then(|| String::from("qid")));
    let as_columns = extent.greatest <= MAX_FEATURES && extent.greatest > 0;
    if as_columns {
        names.extend((extent.least..=extent.greatest).map(|index| format!("feature_{index}")));
    } else {
        names.push(String::from("features"));
        findings.warn(
            path,
            format!(
                "is sparse with feature numbers up to {}; the table tells how many each row has",
                extent.greatest
            ),
        );
    }
    let mut builder = TableBuilder::new(&names);
    let mut table = TableProfile::new(path, format);
    table.has_header = false;
    let (mut bad, mut lines) = (BadRows::default(), open()?);
    while let Some(line) = lines.next()? {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if builder.rows() == max_rows {
            table.exact = false;
            break;
        }
        match parse(&line) {
            Some(row) => push(&mut builder, &row, &extent, as_columns),
            None => bad.add(lines.number, "it is no label with pairs behind it"),
        }
    }
    bad.report(path, findings);
    Ok(builder.finish(table, findings))
}

/// Which indices there are.
struct Extent {
    least: u64,
    greatest: u64,
    has_query: bool,
}

impl Extent {
    fn find(lines: &mut Lines, max_rows: u64) -> Result<Self, String> {
        let mut extent = Self { least: 1, greatest: 0, has_query: false };
        let mut rows = 0;
        while let Some(line) = lines.next()? {
            let Some(row) = parse(&line) else { continue };
            extent.has_query |= row.query.is_some();
            for (index, _) in row.pairs {
                extent.greatest = extent.greatest.max(index);
                extent.least = extent.least.min(index);
            }
            rows += 1;
            if rows >= max_rows {
                break;
            }
        }
        Ok(extent)
    }
}

fn push(builder: &mut TableBuilder, row: &SparseRow<'_>, extent: &Extent, as_columns: bool) {
    let mut cells = vec![row.label];
    if extent.has_query {
        cells.push(row.query.unwrap_or_default());
    }
    let count = row.pairs.len().to_string();
    if as_columns {
        let values: BTreeMap<u64, &str> = row.pairs.iter().copied().collect();
        cells
            .extend((extent.least..=extent.greatest).map(|index| values.get(&index).copied().unwrap_or("0")));
    } else {
        cells.push(&count);
    }
    for (index, cell) in cells.into_iter().enumerate() {
        if let Some(column) = builder.column(index) {
            column.push(cell);
        }
    }
    builder.end_row();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (TableData, usize) {
        let text = text.to_string();
        let open = || Ok(Lines::new(Box::new(std::io::Cursor::new(text.clone().into_bytes()))));
        let mut findings = Findings::default();
        let table = read(&open, "x.svm", "libsvm", 100, &mut findings).unwrap();
        (table, findings.finish().len())
    }

    #[test]
    fn pairs_become_columns_with_zeros() {
        let text = "1 qid:3 1:0.5 3:2\n-1 qid:3 2:1 # note\n1 qid:4 1:7\n";
        assert!(is_sparse(text));
        let (table, findings) = of(text);
        let names: Vec<&str> = table.facts.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["label", "qid", "feature_1", "feature_2", "feature_3"]);
        assert_eq!((table.facts.rows, table.facts.columns[4].min.as_deref(), findings), (3, Some("0"), 0));
    }

    #[test]
    fn very_many_features_are_counted() {
        let (table, findings) = of("1 5:1 900000:2\n0 7:1\nrubbish\n");
        assert_eq!((table.facts.columns.len(), table.facts.rows, findings), (2, 2, 2));
    }

    #[test]
    fn other_texts_are_not_taken_for_it() {
        for text in [
            "a b\nc d\ne f\n",
            "1 2 3\n4 5 6\n7 8 9\n",
            "10:00 5:1\n",
            "",
            "1\n2\n3\n",
            "1 3:5 2:1\n1 3:5 2:1\n1 3:5 2:1\n",
        ] {
            assert!(!is_sparse(text), "{text}");
        }
    }
}
