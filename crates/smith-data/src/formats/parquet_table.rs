//! Reads Parquet, its columns side by side.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{ChunkReader, Length};
use smith_task_schema::profile::TableProfile;

use crate::column::gather::Column;
use crate::column::table_builder::{RowBlock, TableBuilder};
use crate::findings::Findings;
use crate::formats::shield::shielded;
use crate::formats::{Counted, arrow_cells};
use crate::source::reader::read_at;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Bytes of all columns that are decoded at once.
const STRIPE_BYTES: u64 = 24 << 20;
/// Rows that are decoded at once: few where a row holds a whole image.
const STRIPE_ROWS: std::ops::RangeInclusive<u64> = 16..=32_768;
/// Readers of a table, about: each is busy with one column of all but the widest.
const READERS: usize = 64;
/// Rows that are decoded at once to be shown.
const SHOWN_BATCH: usize = 64;

/// An open Parquet file.
pub(crate) struct ParquetTable {
    pub(crate) names: Vec<String>,
    /// Types of the columns as arrow writes them.
    pub(crate) types: Vec<String>,
    /// Rows of the whole file.
    pub(crate) rows: u64,
    file: SharedFile,
    metadata: ArrowReaderMetadata,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Missing,
    Text(String),
}

/// Opens a Parquet file. The error says in words why it is none.
pub(crate) fn open(path: &Path) -> Result<ParquetTable, String> {
    shielded(DAMAGED, || open_reader(path))?
}

/// What is said of a file on which the reader panics.
const DAMAGED: &str = "damaged Parquet";

fn open_reader(path: &Path) -> Result<ParquetTable, String> {
    let file = SharedFile::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    let unsound = |e: parquet::errors::ParquetError| format!("is no sound Parquet: {e}");
    let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(unsound)?;
    let fields = metadata.schema().fields();
    let names = fields.iter().map(|field| field.name().clone()).collect();
    let types = fields.iter().map(|field| field.data_type().to_string()).collect();
    let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or(0);
    Ok(ParquetTable { names, types, rows, file, metadata })
}

impl ParquetTable {
    /// Hands the cells of the first `max_rows` rows to `take`, column by column within a batch of rows, with the
    /// row's number from 0 and the column's. Returns the number of rows.
    pub(crate) fn read(&self, max_rows: u64, mut take: impl FnMut(u64, usize, Cell)) -> Result<u64, String> {
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), self.metadata.clone());
        let mut batches =
            shielded(DAMAGED, || builder.with_batch_size(SHOWN_BATCH).build())?.map_err(|e| e.to_string())?;
        let mut done = 0;
        while done < max_rows {
            let Some(batch) = shielded(DAMAGED, || batches.next())? else { break };
            let batch = batch.map_err(|e| format!("cannot be read to its end: {e}"))?;
            let rows = batch.num_rows().min(usize::try_from(max_rows - done).unwrap_or(usize::MAX));
            for (column, array) in batch.columns().iter().enumerate() {
                for row in 0..rows {
                    let text = || shielded(DAMAGED, || arrow_cells::text(array, row));
                    let cell = if array.is_null(row) { Cell::Missing } else { Cell::Text(text()?) };
                    take(done + row as u64, column, cell);
                }
            }
            done += rows as u64;
        }
        Ok(done)
    }

    /// Rows that are decoded at once.
    fn stripe_rows(&self) -> u64 {
        let groups = self.metadata.metadata().row_groups();
        let bytes: u64 = groups.iter().map(|group| u64::try_from(group.total_byte_size()).unwrap_or(0)).sum();
        // Eight bytes a value at least: what is stored in fewer grows when it is decoded.
        let a_row = (bytes / self.rows.max(1)).max(self.names.len() as u64 * 8);
        (STRIPE_BYTES / a_row.max(1)).clamp(*STRIPE_ROWS.start(), *STRIPE_ROWS.end())
    }

    fn readers(&self) -> Result<Vec<Mutex<Reader>>, String> {
        let stripe = usize::try_from(self.stripe_rows()).unwrap_or(1);
        let metadata = self.with_dictionaries();
        let columns = self.names.len();
        let open = |first: usize| {
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), metadata.clone());
            let together = first..columns.min(first + self.columns_a_reader());
            let mask = ProjectionMask::roots(builder.parquet_schema(), together);
            let reader = shielded(DAMAGED, || builder.with_projection(mask).with_batch_size(stripe).build())?;
            let batches = reader.map_err(|e| format!("is no sound Parquet: {e}"))?;
            Ok(Mutex::new(Reader { batches, rest: None, current: Vec::new(), rows_read: 0 }))
        };
        (0..columns).step_by(self.columns_a_reader()).map(open).collect()
    }

    /// Columns that one reader reads: to open one costs time and memory for each column of the whole table.
    fn columns_a_reader(&self) -> usize {
        (self.names.len() / READERS).max(1)
    }

    /// The metadata, with texts that the file keeps in dictionaries read as such: each different one is then looked
    /// at once.
    fn with_dictionaries(&self) -> ArrowReaderMetadata {
        let schema = self.metadata.schema();
        let parquet = self.metadata.metadata();
        let field = |(index, field): (usize, &Arc<Field>)| {
            let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8);
            if is_text && is_all_dictionary(parquet, index, schema.fields().len()) {
                let kind =
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(field.data_type().clone()));
                Arc::new(Field::new(field.name(), kind, field.is_nullable()))
            } else {
                Arc::clone(field)
            }
        };
        let fields: Vec<Arc<Field>> = schema.fields().iter().enumerate().map(field).collect();
        let wanted = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let options = ArrowReaderOptions::new().with_schema(wanted);
        ArrowReaderMetadata::try_new(Arc::clone(parquet), options).unwrap_or_else(|_| self.metadata.clone())
    }
}

/// True when every page of a flat column says that it points into a dictionary.
fn is_all_dictionary(metadata: &ParquetMetaData, column: usize, columns: usize) -> bool {
    // In a flat file the leaves are the columns.
    metadata.file_metadata().schema_descr().num_columns() == columns
        && metadata.row_groups().iter().all(|group| {
            let pages = group.columns().get(column).and_then(|chunk| chunk.page_encoding_stats_mask());
            pages.is_some_and(|pages| {
                pages.is_only(Encoding::RLE_DICTIONARY) || pages.is_only(Encoding::PLAIN_DICTIONARY)
            })
        })
}

/// One column, read on its own, or some of many.
struct Reader {
    batches: ParquetRecordBatchReader,
    /// What was read beyond the last stripe.
    rest: Option<RecordBatch>,
    /// What was read of this stripe.
    current: Vec<RecordBatch>,
    /// Rows up to the end of this stripe.
    rows_read: u64,
}

impl Reader {
    /// Reads on to the stripe of `rows` rows that ends at `end`, whichever column needs it first.
    fn advance(&mut self, rows: usize, end: u64) -> Result<(), String> {
        if self.rows_read == end {
            return Ok(());
        }
        self.current.clear();
        let mut wanted = rows;
        while wanted > 0 {
            let batch = match self.rest.take() {
                Some(batch) => batch,
                None => {
                    self.next_batch()?.ok_or("cannot be read to its end: a column is shorter than others")?
                }
            };
            let taken = batch.num_rows().min(wanted);
            if taken < batch.num_rows() {
                self.rest = Some(batch.slice(taken, batch.num_rows() - taken));
            }
            self.current.push(batch.slice(0, taken));
            wanted -= taken;
        }
        self.rows_read = end;
        Ok(())
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, String> {
        match shielded(DAMAGED, || self.batches.next())? {
            None => Ok(None),
            Some(Err(error)) => Err(format!("cannot be read to its end: {error}")),
            Some(Ok(batch)) => Ok(Some(batch)),
        }
    }

    /// The arrays of a column in this stripe.
    fn arrays(&self, column: usize) -> Vec<ArrayRef> {
        self.current.iter().filter_map(|batch| batch.columns().get(column).cloned()).collect()
    }
}

/// The next rows of all columns.
struct Stripe<'c> {
    readers: &'c [Mutex<Reader>],
    columns_a_reader: usize,
    rows: usize,
    /// Number of the row behind it.
    end: u64,
}

impl Stripe<'_> {
    /// The arrays of a column, read when they are not.
    fn arrays(&self, index: usize) -> Result<Vec<ArrayRef>, String> {
        let reader =
            self.readers.get(index / self.columns_a_reader).ok_or("has fewer columns than it says")?;
        let mut reader = reader.lock().map_err(|_| "is damaged Parquet that cannot be decoded")?;
        reader.advance(self.rows, self.end)?;
        Ok(reader.arrays(index % self.columns_a_reader))
    }
}

impl RowBlock for Stripe<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn push(
        &self,
        index: usize,
        column: &mut Column,
        sampled: &[u32],
        row_hashes: &mut [u64],
    ) -> Result<(), String> {
        let mut first = 0;
        for array in self.arrays(index)? {
            let end = first + array.len();
            let places: Vec<u32> = sampled
                .iter()
                .filter(|&&place| (first..end).contains(&(place as usize)))
                .map(|&place| place - first as u32)
                .collect();
            let hashes = row_hashes.get_mut(first..end).unwrap_or_default();
            shielded(DAMAGED, || arrow_cells::push(&array, column, &places, hashes))??;
            first = end;
        }
        Ok(())
    }

    fn text(&self, index: usize, mut row: usize) -> String {
        for array in self.arrays(index).unwrap_or_default() {
            if row < array.len() {
                return shielded(DAMAGED, || arrow_cells::text(&array, row)).unwrap_or_default();
            }
            row -= array.len();
        }
        String::new()
    }
}

/// A file that many readers read at places of their own.
#[derive(Debug, Clone)]
struct SharedFile {
    file: Arc<File>,
    bytes: u64,
}

impl SharedFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), bytes })
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(ReadFrom { file: self.file.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<bytes::Bytes> {
        let available = self.bytes.saturating_sub(start);
        if length as u64 > available {
            let words = format!("{length} bytes are wanted at {start}, and the file has {}", self.bytes);
            return Err(parquet::errors::ParquetError::EOF(words));
        }
        let mut bytes = vec![0; length];
        ReadFrom { file: self.file.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads a shared file from a place of its own.
struct ReadFrom {
    file: Arc<File>,
    at: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = read_at(&self.file, buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

/// Facts of the first `max_rows` rows.
///
/// # Errors
/// Words for why the file is no sound Parquet.
pub(crate) fn profile(
    found: &Found,
    max_rows: u64,
    counted: &Counted<'_>,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let open = open(&found.path)?;
    let readers = open.readers()?;
    let mut builder = TableBuilder::new(&open.names);
    let mut table = TableProfile::new(found.relative.as_str(), "parquet");
    let wanted = open.rows.min(max_rows);
    while builder.rows() < wanted {
        let rows = open.stripe_rows().min(wanted - builder.rows());
        let stripe = Stripe {
            readers: &readers,
            columns_a_reader: open.columns_a_reader(),
            rows: usize::try_from(rows).unwrap_or(1),
            end: builder.rows() + rows,
        };
        // On an error some columns have taken in a part that others have not: nothing of it can be said.
        builder.push_block(&stripe)?;
        let share = builder.rows() as f64 / open.rows.max(1) as f64;
        counted.reach((share * found.bytes as f64) as u64, found.bytes);
    }
    table.exact = wanted == open.rows;
    Ok(builder.finish(table, findings))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
    use arrow::datatypes::Int32Type;
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
        let table = profile(&found, max_rows, &Counted::silent(), &mut findings).unwrap().facts;
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
            if let Ok(table) = open(&path) {
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
