//! A CSV with a header of distinct names and as many values in every row.

use std::collections::HashSet;
use std::io::BufRead;

use super::GateLimits;
use super::fields::{Fields, Place};
use super::open::{BYTE_ORDER_MARK, refuse_by_first_bytes};
use super::refusal::{Refusal, RefusalKind, shown};

/// A table whose header is read and whose values are read one at a time.
pub(super) struct Table<R> {
    fields: Fields<R>,
    names: Vec<String>,
    most_rows: u64,
    rows: u64,
    byte_order_mark: bool,
}

impl<R: BufRead> Table<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// A refusal when the file is no text in UTF-8, or the header is missing or has empty or repeated names.
    pub(super) fn begin(mut source: R, limits: GateLimits) -> Result<Self, Refusal> {
        let byte_order_mark = skip_byte_order_mark(&mut source)?;
        let mut fields = Fields::new(source, limits);
        let (names, line) = header(&mut fields)?;
        refuse_names(&names).map_err(|refusal| refusal.on_line(line))?;
        Ok(Self { fields, names, most_rows: limits.rows, rows: 0, byte_order_mark })
    }

    /// Names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The value that was read last.
    pub(super) fn text(&self) -> &str {
        self.fields.text()
    }

    /// Whole rows so far, without the header.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether the file begins with a byte-order mark.
    pub(super) fn has_byte_order_mark(&self) -> bool {
        self.byte_order_mark
    }

    /// Whether there were lines without text.
    pub(super) fn has_blank_lines(&self) -> bool {
        self.fields.blank_lines() > 0
    }

    /// The source, behind what was read.
    pub(super) fn into_source(self) -> R {
        self.fields.into_source()
    }

    /// Reads the next value; there is no place behind the last one. Every place belongs to a column.
    ///
    /// # Errors
    /// A refusal when the file is no CSV, a row has more or fewer values than the header, there are no rows
    /// or too many.
    pub(super) fn advance(&mut self) -> Result<Option<Place>, Refusal> {
        let Some(place) = self.fields.advance()? else { return self.end().map(|()| None) };
        if place.at == 0 && self.rows == self.most_rows {
            let message = format!("the file has more than the {} rows that are taken", self.most_rows);
            return Err(Refusal::new(RefusalKind::TooManyRows, message).on_line(place.line));
        }
        if place.ends_row != (place.at + 1 == self.names.len()) {
            return Err(self.ragged(place)?);
        }
        self.rows += u64::from(place.ends_row);
        Ok(Some(place))
    }

    fn end(&self) -> Result<(), Refusal> {
        if self.rows > 0 {
            return Ok(());
        }
        Err(Refusal::new(RefusalKind::Empty, "the file has a header and no rows; write a row for each id"))
    }

    /// Reads to the end of a row that is too short or too long. The outer error is what else is found there.
    fn ragged(&mut self, place: Place) -> Result<Refusal, Refusal> {
        let mut last = place;
        while !last.ends_row
            && let Some(next) = self.fields.advance()?
        {
            last = next;
        }
        let (values, names) = (last.at + 1, self.names.len());
        let hint = if values > names { "; quote values that contain a comma" } else { "" };
        let message = format!("the row has {values} values, the header {names} names{hint}");
        Ok(Refusal::new(RefusalKind::RaggedRow, message).on_line(place.line))
    }
}

/// Looks at the first bytes. A regular file gives them all at once.
fn skip_byte_order_mark<R: BufRead>(source: &mut R) -> Result<bool, Refusal> {
    let first = source.fill_buf().map_err(|error| Refusal::io("the file cannot be read", error))?;
    refuse_by_first_bytes(first)?;
    let found = first.starts_with(BYTE_ORDER_MARK);
    if found {
        source.consume(BYTE_ORDER_MARK.len());
    }
    Ok(found)
}

/// The names, and the line of the last one.
fn header<R: BufRead>(fields: &mut Fields<R>) -> Result<(Vec<String>, u64), Refusal> {
    let mut names = Vec::new();
    while let Some(place) = fields.advance()? {
        names.push(fields.text().to_owned());
        if place.ends_row {
            return Ok((names, place.line));
        }
    }
    Err(Refusal::new(RefusalKind::Empty, "the file has no text; write a header and a row for each id"))
}

fn refuse_names(names: &[String]) -> Result<(), Refusal> {
    let mut known = HashSet::new();
    for (at, name) in names.iter().enumerate() {
        let (kind, message) = if name.is_empty() {
            let message = "the column has no name; with pandas, write the file with index=False".to_owned();
            (RefusalKind::EmptyName, message)
        } else if !known.insert(name) {
            let message =
                format!("the name {} occurs twice in the header; name every column once", shown(name));
            (RefusalKind::DuplicateName, message)
        } else {
            continue;
        };
        return Err(Refusal::new(kind, message).at_value(at));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str, limits: GateLimits) -> Result<(u64, usize), Refusal> {
        let mut table = Table::begin(csv.as_bytes(), limits)?;
        while table.advance()?.is_some() {}
        Ok((table.rows(), table.names().len()))
    }

    #[test]
    fn tables_are_counted() {
        for (csv, rows) in [("id,x\n1,2\n", 1), ("id,x\n1,2\n\n3,4", 2), ("\u{feff}id,x\n1,2\n", 1)] {
            assert_eq!(read(csv, GateLimits::default()).unwrap(), (rows, 2), "{csv:?}");
        }
    }

    #[test]
    fn what_pandas_would_shift_fill_or_rename_is_refused() {
        for (csv, kind, line, column, words) in [
            ("id,x\n1,2,3\n", RefusalKind::RaggedRow, Some(2), None, "3 values, the header 2 names; quote"),
            ("id,x\n1,2,3,4\n", RefusalKind::RaggedRow, Some(2), None, "4 values"),
            ("id,x\n1,2\n3,4,\n", RefusalKind::RaggedRow, Some(3), None, "3 values"),
            ("id,x\n1\n", RefusalKind::RaggedRow, Some(2), None, "1 values, the header 2 names"),
            ("id,x\n1,2\n3", RefusalKind::RaggedRow, Some(3), None, "1 values"),
            ("id,x\n1,2,\"\n", RefusalKind::UnclosedQuote, Some(2), Some(3), "closed"),
            ("id,x,id\n1,2,3\n", RefusalKind::DuplicateName, Some(1), Some(3), "\"id\""),
            ("\n,x\n0,1\n", RefusalKind::EmptyName, Some(2), Some(1), "index=False"),
            ("id,x,\n1,2,\n", RefusalKind::EmptyName, Some(1), Some(3), "no name"),
            ("id,x\n", RefusalKind::Empty, None, None, "no rows"),
            ("id,x", RefusalKind::Empty, None, None, "no rows"),
            ("\u{feff}", RefusalKind::Empty, None, None, "no text"),
            ("\n \n", RefusalKind::Empty, None, None, "no text"),
        ] {
            let refusal = read(csv, GateLimits::default()).unwrap_err();
            assert_eq!((refusal.kind, refusal.line, refusal.column), (kind, line, column), "{csv:?}");
            assert!(refusal.message.contains(words), "{csv:?}: {refusal}");
        }
    }

    #[test]
    fn rows_are_limited() {
        let limits = GateLimits { rows: 2, ..GateLimits::default() };
        assert_eq!(read("x\n1\n2\n\n", limits).unwrap(), (2, 1));
        let refusal = read("x\n1\n2\n3\n", limits).unwrap_err();
        assert_eq!((refusal.kind, refusal.line), (RefusalKind::TooManyRows, Some(4)));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_name() {
        let table = Table::begin("\u{feff}\"id\",x\n".as_bytes(), GateLimits::default()).unwrap();
        assert!(table.has_byte_order_mark());
        assert_eq!(table.names(), ["id", "x"]);
        let table = Table::begin("id,\u{feff}x\n".as_bytes(), GateLimits::default()).unwrap();
        assert!(!table.has_byte_order_mark());
        assert_eq!(table.names(), ["id", "\u{feff}x"]);
    }
}
