//! Finds the dialect of delimited text: the delimiter by consistency, the header by its looks.

use csv::{ByteRecord, ReaderBuilder};

use crate::column::{dates, value};
use crate::source::encoding::decode;

/// Candidates; of equally consistent ones the first wins.
const DELIMITERS: [u8; 4] = *b",\t;|";

/// Rows from which on a dialect is trusted for a file whose name promises no table.
const CERTAIN_ROWS: usize = 5;

/// How a delimited text is to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) has_header: bool,
    /// Cells in most rows.
    pub(crate) columns: usize,
    rows: usize,
    /// Share of rows with that many cells.
    consistency: f64,
    last_cell_always_empty: bool,
}

impl Dialect {
    /// True when the text is a table whatever its name says.
    pub(crate) fn is_certain(&self) -> bool {
        self.columns >= 2
            && self.rows >= CERTAIN_ROWS
            && self.consistency >= 1.0
            && !self.last_cell_always_empty
            && (self.columns >= 3 || self.delimiter == b'\t')
    }
}

/// The dialect of the text that begins with `sample`; `whole` says that nothing follows. Text without any
/// repeated delimiter is a table of one column; nothing at all is none.
pub(crate) fn sniff(sample: &[u8], whole: bool) -> Option<Dialect> {
    let sample = sample.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sample);
    let mut best: Option<(f64, Dialect)> = None;
    for delimiter in DELIMITERS {
        let rows = split(sample, delimiter, whole);
        let Some((score, dialect)) = judge(&rows, delimiter) else { continue };
        if best.is_none_or(|(other, _)| score > other + 0.02) {
            best = Some((score, dialect));
        }
    }
    best.map(|(_, dialect)| dialect)
}

fn split(sample: &[u8], delimiter: u8, whole: bool) -> Vec<ByteRecord> {
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(sample);
    let mut rows: Vec<ByteRecord> = reader.byte_records().map_while(Result::ok).collect();
    if !whole && rows.len() > 1 {
        rows.pop();
    }
    rows
}

/// A score from 0 to 1 and the dialect that it belongs to.
fn judge(rows: &[ByteRecord], delimiter: u8) -> Option<(f64, Dialect)> {
    let first = rows.first()?;
    let columns = most_frequent(rows.iter().map(ByteRecord::len))?;
    let usual: Vec<&ByteRecord> = rows.iter().filter(|row| row.len() == columns).collect();
    let consistency = usual.len() as f64 / rows.len() as f64;
    // A delimiter that never occurs is perfectly consistent; that must not beat one that does.
    let occurs = if columns >= 2 { 1.0 } else { 0.1 };
    let fits_header = if first.len() == columns { 1.0 } else { 0.5 };
    let dialect = Dialect {
        delimiter,
        has_header: has_header(rows),
        columns,
        rows: rows.len(),
        consistency,
        last_cell_always_empty: usual.iter().all(|row| row.get(columns - 1).is_some_and(<[u8]>::is_empty)),
    };
    Some((consistency * occurs * fits_header, dialect))
}

fn most_frequent(counts: impl Iterator<Item = usize>) -> Option<usize> {
    let mut seen = std::collections::BTreeMap::new();
    for count in counts {
        *seen.entry(count).or_insert(0_usize) += 1;
    }
    seen.into_iter().max_by_key(|&(columns, rows)| (rows, columns)).map(|(columns, _)| columns)
}

/// A header has no number, no cell twice and nothing that keeps coming back in the column below it.
fn has_header(rows: &[ByteRecord]) -> bool {
    let Some((first, below)) = rows.split_first() else { return false };
    let names: Vec<String> = first.iter().map(|cell| decode(cell).0.trim().to_string()).collect();
    let distinct: std::collections::BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let is_name = |name: &String| value::number(name).is_none() && dates::date(name).is_none();
    distinct.len() == names.len()
        && names.iter().all(is_name)
        && names.iter().any(|name| !name.is_empty())
        && !(0..first.len()).any(|column| comes_back(first, below, column))
}

fn comes_back(first: &ByteRecord, below: &[ByteRecord], column: usize) -> bool {
    let Some(cell) = first.get(column).filter(|cell| !cell.is_empty()) else { return false };
    let again = below.iter().filter(|row| row.get(column) == Some(cell)).count();
    again > 0 && again * 20 >= below.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Dialect {
        sniff(text.as_bytes(), true).unwrap()
    }

    #[test]
    fn delimiters_inside_cells_do_not_mislead() {
        let decimal_commas = of("name;price;size\nanvil;1,50;2,5\nrope;2,25;3,5\nbell;0,75;4,5\n");
        assert_eq!((decimal_commas.delimiter, decimal_commas.columns), (b';', 3));
        let quoted = of("id,text\n1,\"a;b;c\"\n2,\"d;e;f\"\n3,\"g;h;i\"\n");
        assert_eq!((quoted.delimiter, quoted.columns), (b',', 2));
        assert_eq!(of("genre|title\nAction,War|A\nDrama,War|B\n").delimiter, b'|');
        assert_eq!(of("a\tb\n1\t2\n").delimiter, b'\t');
    }

    #[test]
    fn one_column_is_a_table_without_certainty() {
        let dialect = of("word\nalpha\nbeta\ngamma\ndelta\nepsilon\n");
        assert_eq!((dialect.columns, dialect.has_header, dialect.is_certain()), (1, true, false));
    }

    #[test]
    fn headers() {
        assert!(of("a,b\n1,2\n").has_header);
        assert!(of(",b\n1,2\n").has_header, "an index without a name");
        assert!(!of("1,b\n1,2\n").has_header);
        assert!(!of("5.1,3.5,setosa\n4.9,3.0,setosa\n").has_header);
        assert!(!of("a,a\n1,2\n").has_header, "a name twice");
        assert!(!of("spam,win now\nham,see you\nspam,free\nham,ok\n").has_header, "a value that comes back");
        assert!(!of("2012-01-01,rain\n2012-01-02,sun\n").has_header);
    }

    #[test]
    fn a_cut_last_row_does_not_count() {
        let sample = b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n4,5";
        assert!(sniff(sample, false).unwrap().is_certain());
        assert!(!sniff(sample, true).unwrap().is_certain());
    }

    #[test]
    fn prose_and_code_are_no_tables() {
        let prose =
            "It was, in a way, odd.\nNobody came.\nThen, late, one did; he left.\nYes.\nNo, not yet.\n";
        assert!(!of(prose).is_certain());
        assert!(!of("int a;\nint b;\nint c;\nint d;\nint e;\nint f;\n").is_certain());
    }

    #[test]
    fn nothing_has_no_dialect() {
        assert_eq!(sniff(b"", true), None);
        assert_eq!(sniff(b"\n\n", true), None);
    }

    proptest! {
        #[test]
        fn the_delimiter_that_wrote_a_table_is_found(
            delimiter in proptest::sample::select(DELIMITERS.as_slice()),
            rows in (2_usize..6).prop_flat_map(|columns| {
                proptest::collection::vec(proptest::collection::vec("[a-z0-9 ,;|\"\t.]{0,12}", columns), 3..30)
            }),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record((0..rows[0].len()).map(|i| format!("name_{i}"))).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let dialect = sniff(&writer.into_inner().unwrap(), true).unwrap();
            prop_assert_eq!(dialect.delimiter, delimiter);
            prop_assert_eq!(dialect.columns, rows[0].len());
        }
    }
}
