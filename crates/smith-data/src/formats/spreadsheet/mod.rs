//! Reads spreadsheets: the sheets of XLSX, XLSB, XLS and ODS workbooks as tables.

mod guard;
mod sheet;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{
    Cell, CellErrorType, Data, DataRef, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx,
    open_workbook_from_rs,
};

use super::shield::shielded;
use crate::findings::Findings;
use crate::frame::Gather;
use crate::source::walk::Found;
use crate::table_data::TableData;
use guard::Kind;
use sheet::{Filled, Sheet};

/// Sheets of one workbook that are read.
const MAX_SHEETS: usize = 100;
/// Columns of a sheet in its formats.
const MAX_COLUMNS: u32 = 16_384;
/// Length of a text in a cell in its formats.
const MAX_CELL_BYTES: usize = 1 << 20;
/// Cells of one sheet; a row has at most [`MAX_COLUMNS`] of them, a sheet a million rows.
const MAX_CELLS: u64 = 500_000_000;

type Input = BufReader<File>;

/// The sheets of a workbook that hold something, each called `FILE!/SHEET`. What cannot be read is a finding.
pub(crate) fn profile(found: &Found, max_rows: u64, findings: &mut Findings) -> Vec<TableData> {
    let blank = || Sheet::new(max_rows);
    let read = guard::inspect(&found.path).and_then(|kind| {
        shielded("a damaged spreadsheet", || {
            read(&found.path, kind, &blank, |sheets, format, sheet| {
                each_sheet(found, sheets, format, findings, sheet)
            })
        })?
    });
    read.unwrap_or_else(|message| {
        findings.error(&found.relative, message);
        Vec::new()
    })
}

/// Hands the rows of every sheet to `gather`.
pub(crate) fn each_row(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let kind = guard::inspect(path)?;
    let limits = gather.room();
    let blank = || Sheet::of_text(limits);
    shielded("a damaged spreadsheet", || {
        read(path, kind, &blank, |sheets, _, sheet| {
            for meta in sheets.iter().filter(|meta| meta.typ == SheetType::WorkSheet).take(MAX_SHEETS) {
                let read = shielded("sheet", || sheet(&meta.name)).and_then(|read| read);
                if let Some(frame) = read.ok().and_then(|(sheet, _)| sheet.into_frame()) {
                    gather.take(&meta.name, frame);
                }
            }
        })
    })?
}

/// Shows the sheets of a workbook, its format and a reader of a sheet by its name to `each`.
fn read<T>(
    path: &Path,
    kind: Kind,
    blank: &dyn Fn() -> Sheet,
    each: impl FnOnce(&[calamine::Sheet], &str, &mut dyn FnMut(&str) -> Result<Read, String>) -> T,
) -> Result<T, String> {
    let file = File::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    let input = BufReader::new(file);
    match kind {
        Kind::Xlsx => {
            let mut book: Xlsx<Input> = open_workbook_from_rs(input).map_err(|e| words(&e))?;
            let sheets = book.sheets_metadata().to_vec();
            Ok(each(&sheets, "xlsx", &mut |name| {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| words(&e))?;
                by_cells(blank(), || cells.next_cell().map_err(|e| words(&e)))
            }))
        }
        Kind::Xlsb => {
            let mut book: Xlsb<Input> = open_workbook_from_rs(input).map_err(|e| words(&e))?;
            let sheets = book.sheets_metadata().to_vec();
            Ok(each(&sheets, "xlsb", &mut |name| {
                let mut cells = book.worksheet_cells_reader(name).map_err(|e| words(&e))?;
                by_cells(blank(), || cells.next_cell().map_err(|e| words(&e)))
            }))
        }
        Kind::Xls => {
            let mut book: Xls<Input> = open_workbook_from_rs(input).map_err(|e| words(&e))?;
            let sheets = book.sheets_metadata().to_vec();
            Ok(each(&sheets, "xls", &mut |name| whole(&mut book, name, blank())))
        }
        Kind::Ods => {
            let mut book: Ods<Input> = open_workbook_from_rs(input).map_err(|e| words(&e))?;
            let sheets = book.sheets_metadata().to_vec();
            Ok(each(&sheets, "ods", &mut |name| whole(&mut book, name, blank())))
        }
    }
}

fn words(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    if text.to_lowercase().contains("password") {
        guard::encrypted()
    } else {
        format!("is a damaged spreadsheet: {text}")
    }
}

/// A sheet as far as it could be read, and what stopped the reading.
type Read = (Sheet, Option<String>);

fn each_sheet(
    found: &Found,
    sheets: &[calamine::Sheet],
    format: &str,
    findings: &mut Findings,
    read: &mut dyn FnMut(&str) -> Result<Read, String>,
) -> Vec<TableData> {
    let sheets: Vec<&calamine::Sheet> =
        sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    if sheets.len() > MAX_SHEETS {
        findings
            .warn(&found.relative, format!("has {} sheets; the first {MAX_SHEETS} are read", sheets.len()));
    }
    let mut tables = Vec::new();
    for sheet in sheets.into_iter().take(MAX_SHEETS) {
        let path = format!("{}!/{}", found.relative, sheet.name);
        let outcome = shielded("sheet", || read(&sheet.name)).and_then(|outcome| outcome);
        match outcome {
            Ok((rows, fault)) => {
                let table = rows.finish(path.clone(), format, findings);
                if let Some(fault) = fault {
                    findings.error(&path, format!("{fault}; the rows before are profiled"));
                }
                if table.is_some() && sheet.visible != SheetVisible::Visible {
                    findings.warn(&path, "is hidden");
                }
                tables.extend(table);
            }
            Err(message) => findings.error(&path, message),
        }
    }
    tables
}

/// Reads a sheet cell by cell.
fn by_cells<'a>(
    mut sheet: Sheet,
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'a>>>, String>,
) -> Result<Read, String> {
    let (mut row, mut number, mut count) = (Vec::new(), 0, 0_u64);
    loop {
        let cell = match next() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(fault) => {
                sheet.row(row);
                return Ok((sheet, Some(fault)));
            }
        };
        count += 1;
        let (at, column) = cell.get_position();
        if at != number {
            number = at;
            if !sheet.row(sorted(std::mem::take(&mut row))) {
                return Ok((sheet, None));
            }
        }
        if column >= MAX_COLUMNS || row.len() >= MAX_COLUMNS as usize || count > MAX_CELLS {
            return Err(String::from("is a damaged spreadsheet: it has more cells than a sheet can have"));
        }
        match of_ref(cell.get_value()) {
            Ok(Some(text)) => row.push(Filled { column, text }),
            Ok(None) => {}
            Err(error) => sheet.error(error),
        }
    }
    sheet.row(sorted(row));
    Ok((sheet, None))
}

/// Cells from left to right; of a cell that is written twice the last counts.
fn sorted(mut row: Vec<Filled>) -> Vec<Filled> {
    if row.windows(2).any(|pair| pair[0].column >= pair[1].column) {
        row.reverse();
        row.sort_by_key(|cell| cell.column);
        row.dedup_by_key(|cell| cell.column);
    }
    row
}

/// Reads a sheet that its parser holds as a whole.
fn whole<R: Reader<Input>>(book: &mut R, name: &str, mut sheet: Sheet) -> Result<Read, String> {
    let range = book.worksheet_range(name).map_err(|e| {
        let text = format!("{e:?}");
        if text.contains("Password") {
            guard::encrypted()
        } else {
            format!("is a damaged spreadsheet: {text}")
        }
    })?;
    for cells in range.rows() {
        let mut row = Vec::new();
        for (column, cell) in (0_u32..).zip(cells) {
            match of_data(cell) {
                Ok(Some(text)) => row.push(Filled { column, text }),
                Ok(None) => {}
                Err(error) => sheet.error(error),
            }
        }
        if !sheet.row(row) {
            break;
        }
    }
    Ok((sheet, None))
}

/// The text of a value; none for an empty one; the error of a cell that has no value.
fn of_ref(value: &DataRef<'_>) -> Result<Option<String>, String> {
    Ok(match value {
        DataRef::Empty => None,
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        DataRef::Bool(flag) => Some(flag.to_string()),
        DataRef::String(text) | DataRef::DurationIso(text) => filled(text),
        DataRef::DateTimeIso(text) => filled(without_midnight(text)),
        DataRef::SharedString(text) => filled(text),
        DataRef::DateTime(time) => Some(point_in_time(time)),
        DataRef::Error(error) => return error_cell(error),
    })
}

fn of_data(value: &Data) -> Result<Option<String>, String> {
    Ok(match value {
        Data::Empty => None,
        Data::Int(number) => Some(number.to_string()),
        Data::Float(number) => Some(number.to_string()),
        Data::Bool(flag) => Some(flag.to_string()),
        Data::String(text) | Data::DurationIso(text) => filled(text),
        Data::DateTimeIso(text) => filled(without_midnight(text)),
        Data::DateTime(time) => Some(point_in_time(time)),
        Data::Error(error) => return error_cell(error),
    })
}

fn filled(text: &str) -> Option<String> {
    let text = text.get(..MAX_CELL_BYTES).unwrap_or(text);
    (!text.trim().is_empty()).then(|| text.to_string())
}

/// A date without the time that some programs write behind every date.
fn without_midnight(text: &str) -> &str {
    text.strip_suffix("T00:00:00").unwrap_or(text)
}

/// `#N/A` is how a sheet writes a missing value; other errors are faults of a formula.
fn error_cell(error: &CellErrorType) -> Result<Option<String>, String> {
    if *error == CellErrorType::NA { Ok(None) } else { Err(error.to_string()) }
}

/// `2012-01-31`, with the time behind it where there is one; a time of day or a duration alone as `10:05:00`.
fn point_in_time(time: &ExcelDateTime) -> String {
    let (year, month, day, hours, minutes, seconds, millis) = time.to_ymd_hms_milli();
    if time.is_duration() || (0.0..1.0).contains(&time.as_f64()) {
        let total = (time.as_f64() * 86_400.0).round().clamp(-1e15, 1e15) as i64;
        let sign = if total < 0 { "-" } else { "" };
        let total = total.abs();
        return format!("{sign}{:02}:{:02}:{:02}", total / 3_600, total / 60 % 60, total % 60);
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hours, minutes, seconds, millis) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date} {hours:02}:{minutes:02}:{seconds:02}"),
        _ => format!("{date} {hours:02}:{minutes:02}:{seconds:02}.{millis:03}"),
    }
}

#[cfg(test)]
mod tests;
