//! Predictions that a description shows as examples.

use super::Subject;

/// Rows of an example that are taken.
const MOST_ROWS: usize = 20;

/// A row of an example, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShownRow {
    /// Line in the description, from 1.
    pub(crate) line: usize,
    /// The cells, in the columns of the sample.
    pub(crate) cells: Vec<String>,
}

impl Subject {
    /// The rows of the first block that has the header of `sample_submission.csv`, with the name of its description.
    pub(crate) fn shown(&self) -> Option<(String, Vec<ShownRow>)> {
        let headers = &self.pair().ok()?.sample.headers;
        self.descriptions().ok()?.into_iter().find_map(|description| {
            let rows = rows_below(&description.text, headers);
            (!rows.is_empty()).then_some((description.name, rows))
        })
    }
}

/// The rows below the first line that is the header. Quotation marks are read as a table's.
fn rows_below(text: &str, headers: &[String]) -> Vec<ShownRow> {
    let lines: Vec<&str> = text.lines().collect();
    let is_header = |line: &&str| cells(line).is_some_and(|cells| cells == headers);
    let Some(at) = lines.iter().position(is_header).filter(|_| headers.len() >= 2) else { return Vec::new() };
    let below = lines.iter().enumerate().skip(at + 1).take(MOST_ROWS);
    below
        .map_while(|(index, line)| {
            let cells = cells(line).filter(|cells| cells.len() == headers.len())?;
            Some(ShownRow { line: index + 1, cells })
        })
        .filter(|row| row.cells.iter().all(|cell| is_value(cell)))
        .collect()
}

fn cells(line: &str) -> Option<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.trim().as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(|cell| cell.trim().to_owned()).collect())
}

/// False for what stands for values: `...`, `<label>`, an empty cell.
fn is_value(cell: &str) -> bool {
    !cell.is_empty() && !cell.contains("..") && !cell.contains(['…', '<', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_below_the_header_of_the_sample() {
        let headers = ["id", "kind"].map(str::to_owned);
        let text = "Write:\n\n```\nid,kind\n1,\"a, b\"\n2,<kind>\n...,...\n3,c\n```\nid,kind\n9,z\n";
        let rows: Vec<_> =
            rows_below(text, &headers).into_iter().map(|row| (row.line, row.cells.join("|"))).collect();
        assert_eq!(rows, [(5, "1|a, b".to_owned()), (8, "3|c".to_owned())]);
        assert_eq!(rows_below("id,sort\n1,2", &headers), []);
        assert_eq!(rows_below("    id,kind\n    1,2\n\n    3,4", &headers).len(), 1);
    }
}
