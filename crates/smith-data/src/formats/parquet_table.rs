//! Reads Parquet. The only place that names arrow types; they do not leave it.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::{Array, ArrayRef, BinaryArray, FixedSizeBinaryArray, LargeBinaryArray, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use smith_task_schema::profile::TableProfile;

use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Rows that are decoded at once. Small, because a row may hold a whole image.
const BATCH_ROWS: usize = 256;

/// An open Parquet file.
pub(crate) struct ParquetTable {
    pub(crate) names: Vec<String>,
    /// Types of the columns as arrow writes them.
    pub(crate) types: Vec<String>,
    /// Rows of the whole file.
    pub(crate) rows: u64,
    batches: ParquetRecordBatchReader,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Missing,
    Text(String),
    /// A list or a record, written out.
    Nested(String),
    /// Bytes, and how many.
    Binary(usize),
}

/// Opens a Parquet file. The error says in words why it is none.
pub(crate) fn open(path: &Path) -> Result<ParquetTable, String> {
    shielded(|| open_reader(path))?
}

/// Runs a part of the Parquet reader, which panics on some damaged files where it should report an error. The
/// process's panic hook still sees it.
fn shielded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_| String::from("is damaged Parquet that cannot be decoded"))
}

fn open_reader(path: &Path) -> Result<ParquetTable, String> {
    let file = File::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| format!("is no sound Parquet: {e}"))?;
    let fields = builder.schema().fields();
    let names = fields.iter().map(|field| field.name().clone()).collect();
    let types = fields.iter().map(|field| field.data_type().to_string()).collect();
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let batches =
        builder.with_batch_size(BATCH_ROWS).build().map_err(|e| format!("is no sound Parquet: {e}"))?;
    Ok(ParquetTable { names, types, rows, batches })
}

impl ParquetTable {
    /// Hands the cells of the first `max_rows` rows to `take`, column by column within a batch of rows, with the
    /// row's number from 0 and the column's. Returns the number of rows.
    pub(crate) fn read(
        &mut self,
        max_rows: u64,
        mut take: impl FnMut(u64, usize, Cell),
    ) -> Result<u64, String> {
        let mut done = 0;
        while done < max_rows {
            let Some(batch) = shielded(|| self.batches.next())? else { break };
            let batch = batch.map_err(|e| format!("cannot be read to its end: {e}"))?;
            let rows = batch.num_rows().min(usize::try_from(max_rows - done).unwrap_or(usize::MAX));
            for column in 0..batch.num_columns() {
                let mut on_cell = |row: usize, cell| take(done + row as u64, column, cell);
                read_column(&batch, column, rows, &mut on_cell)?;
            }
            done += rows as u64;
        }
        Ok(done)
    }
}

fn read_column(
    batch: &RecordBatch,
    column: usize,
    rows: usize,
    take: &mut impl FnMut(usize, Cell),
) -> Result<(), String> {
    let array = batch.column(column);
    if holds_bytes(array.data_type()) {
        for row in 0..rows {
            take(row, if array.is_null(row) { Cell::Missing } else { Cell::Binary(byte_length(array, row)) });
        }
        return Ok(());
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(|e| e.to_string())?;
    let nested = array.data_type().is_nested();
    for row in 0..rows {
        if array.is_null(row) {
            take(row, Cell::Missing);
            continue;
        }
        let text = formatter.value(row).try_to_string().map_err(|e| e.to_string())?;
        take(row, if nested { Cell::Nested(text) } else { Cell::Text(text) });
    }
    Ok(())
}

/// True for bytes, and for records and lists with bytes somewhere in them: an image with its name, say.
fn holds_bytes(kind: &DataType) -> bool {
    match kind {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            true
        }
        DataType::Struct(fields) => fields.iter().any(|field| holds_bytes(field.data_type())),
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            holds_bytes(field.data_type())
        }
        _ => false,
    }
}

/// Bytes of one value; of a record those of the first field that holds bytes, 0 where they cannot be told.
fn byte_length(array: &ArrayRef, row: usize) -> usize {
    let any = array.as_any();
    if let Some(bytes) = any.downcast_ref::<BinaryArray>() {
        bytes.value(row).len()
    } else if let Some(bytes) = any.downcast_ref::<LargeBinaryArray>() {
        bytes.value(row).len()
    } else if let Some(bytes) = any.downcast_ref::<FixedSizeBinaryArray>() {
        bytes.value(row).len()
    } else if let Some(record) = any.downcast_ref::<arrow::array::StructArray>() {
        let field =
            record.columns().iter().find(|field| holds_bytes(field.data_type()) && !field.is_null(row));
        field.map_or(0, |field| byte_length(field, row))
    } else {
        0
    }
}

/// Facts of the first `max_rows` rows; none, with a finding, when the file is no Parquet or broken on the way.
pub(crate) fn profile(found: &Found, max_rows: u64, findings: &mut Findings) -> Option<TableData> {
    let mut open = match open(&found.path) {
        Ok(open) => open,
        Err(message) => {
            findings.error(&found.relative, message);
            return None;
        }
    };
    let mut builder = TableBuilder::new(&open.names);
    let mut table = TableProfile::new(found.relative.as_str(), "parquet");
    let read = open.read(max_rows, |_, index, cell| {
        let Some(column) = builder.column(index) else { return };
        match cell {
            Cell::Missing => {}
            Cell::Text(text) => column.push(&text),
            Cell::Nested(text) => column.push_nested(&text),
            Cell::Binary(bytes) => column.push_binary(bytes),
        }
    });
    match read {
        Ok(rows) => {
            builder.end_rows(rows);
            table.exact = rows == open.rows;
        }
        Err(message) => {
            findings.error(&found.relative, message);
            return None;
        }
    }
    Some(builder.finish(table, findings))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use arrow::array::{Float64Array, Int64Array, ListArray, StringArray, StructArray};
    use arrow::datatypes::{Field, Int32Type, Schema};
    use parquet::arrow::ArrowWriter;
    use proptest::prelude::*;
    use smith_task_schema::profile::ColumnKind;

    use super::*;

    /// A Parquet file with a column of each sort.
    pub(crate) fn write(path: &Path, rows: usize) {
        let weights: Float64Array = (0..rows).map(|i| (i % 10 != 9).then_some(i as f64 / 4.0)).collect();
        let kinds: StringArray = (0..rows).map(|i| Some(["cat", "dog"][i % 2])).collect();
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(
            (0..rows).map(|i| Some([Some(i as i32), Some(1)])),
        );
        let bytes: ArrayRef = Arc::new((0..rows).map(|_| Some(&b"\x89PNG"[..])).collect::<BinaryArray>());
        let names: ArrayRef = Arc::new((0..rows).map(|i| Some(format!("{i}.png"))).collect::<StringArray>());
        let image = StructArray::from(vec![
            (Arc::new(Field::new("bytes", DataType::Binary, true)), bytes),
            (Arc::new(Field::new("path", DataType::Utf8, true)), names),
        ]);
        let ids: Int64Array = (0..rows as i64).map(Some).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(ids)),
            ("weight", Arc::new(weights)),
            ("kind", Arc::new(kinds)),
            ("list", Arc::new(lists)),
            ("image", Arc::new(image)),
        ];
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), columns.into_iter().map(|(_, array)| array).collect())
                .unwrap();
        let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), schema, None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    fn profiled(rows: usize, max_rows: u64) -> TableProfile {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pets.parquet");
        write(&path, rows);
        let found = Found { path, relative: "pets.parquet".into(), bytes: 1 };
        let mut findings = Findings::default();
        let table = profile(&found, max_rows, &mut findings).unwrap().facts;
        assert!(findings.finish().is_empty());
        table
    }

    #[test]
    fn every_sort_of_column_is_profiled() {
        let table = profiled(600, 1_000);
        assert_eq!((table.rows, table.exact), (600, true));
        let kinds: Vec<ColumnKind> = table.columns.iter().map(|column| column.kind).collect();
        let expected =
            [ColumnKind::Id, ColumnKind::Float, ColumnKind::Category, ColumnKind::Nested, ColumnKind::Binary];
        assert_eq!(kinds, expected);
        assert_eq!((table.columns[1].missing, table.columns[1].max.as_deref()), (60, Some("149.5")));
        assert_eq!(table.columns[2].top[0].count, 300);
        assert_eq!(table.columns[4].longest, 4);
    }

    proptest! {
        #[test]
        fn a_damaged_file_is_read_or_refused(
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("pets.parquet");
            write(&path, 50);
            let mut bytes = std::fs::read(&path).unwrap();
            for (index, byte) in damage {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            std::fs::write(&path, bytes).unwrap();
            if let Ok(mut table) = open(&path) {
                let _ = table.read(100, |_, _, _| {});
            }
        }
    }

    #[test]
    fn a_long_table_is_read_in_part() {
        let table = profiled(600, 300);
        assert_eq!((table.rows, table.exact, table.columns[0].max.as_deref()), (300, false, Some("299")));
    }
}
