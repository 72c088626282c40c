//! Reads Arrow files, Arrow streams and Feather.
//!
//! A file holds a stream between its magic bytes and its index, so both are read as streams. Every length is compared
//! with what the file has before anything is allocated for it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::StreamDecoder;
use arrow::ipc::{Message, root_as_message};
use smith_task_schema::profile::TableProfile;

use super::shield::shielded;
use crate::column::gather::Column;
use crate::column::table_builder::{RowBlock, TableBuilder};
use crate::findings::Findings;
use crate::formats::arrow_cells;
use crate::frame::Gather;
use crate::overview::display::one_line;
use crate::source::walk::Found;
use crate::table_data::TableData;

const MAGIC: &[u8] = b"ARROW1";
const FEATHER_1: &[u8] = b"FEA1";
/// Words of four bytes with which a file is filled up behind its magic bytes, at most.
const MAX_PADDING: usize = 64;
const CONTINUATION: [u8; 4] = [0xff; 4];
/// What stands at the end of a stream.
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
/// Longest description of a message, and largest body of one before and after decompression, in bytes.
const MAX_DESCRIPTION: usize = 64 << 20;
const MAX_BODY: u64 = 1 << 30;
/// Length to which a declared type is shown.
const SHOWN_CHARS: usize = 120;

/// Facts of the first `max_rows` rows; none, with a finding, when the file cannot be read at all.
pub(crate) fn profile(found: &Found, max_rows: u64, findings: &mut Findings) -> Option<TableData> {
    match File::open(&found.path) {
        Ok(file) => profile_bytes(BufReader::new(file), &found.relative, max_rows, findings),
        Err(error) => {
            findings.error(&found.relative, format!("cannot be read: {error}"));
            None
        }
    }
}

fn profile_bytes(input: impl Read, path: &str, max_rows: u64, findings: &mut Findings) -> Option<TableData> {
    let mut stream = match Stream::open(input) {
        Ok(stream) => stream,
        Err(message) => {
            findings.error(path, message);
            return None;
        }
    };
    let schema = match stream.schema() {
        Ok(schema) => schema,
        Err(message) => {
            findings.error(path, message);
            return None;
        }
    };
    let names = schema.fields().iter().map(|field| field.name().clone()).collect();
    let (names, renamed) = super::sniff::make_unique(names);
    if renamed {
        findings.warn(path, "has columns without a name or with the name of another; they are renamed");
    }
    let mut builder = TableBuilder::new(&names);
    let mut table = TableProfile::new(path, "arrow");
    match read_rows(&mut stream, &mut builder, max_rows) {
        Ok(exact) => table.exact = exact,
        Err(message) => {
            table.exact = false;
            findings.error(path, format!("{message}; the {} rows before are profiled", builder.rows()));
        }
    }
    let mut data = builder.finish(table, findings);
    for (facts, field) in data.facts.columns.iter_mut().zip(schema.fields()) {
        facts.declared = Some(one_line(&field.data_type().to_string(), SHOWN_CHARS));
    }
    Some(data)
}

/// Hands the rows of a file to `gather`.
pub(crate) fn each_row(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut stream = Stream::open(BufReader::new(file))?;
    let schema = stream.schema()?;
    if !gather.begin("", schema.fields().iter().map(|field| field.name().clone()).collect()) {
        return Ok(());
    }
    while let Some(batch) = stream.next_batch()? {
        let (rows, columns) = (batch.num_rows(), batch.num_columns());
        let block = Batch { batch: &batch, rows };
        for row in 0..rows {
            let cells: Vec<String> = (0..columns).map(|column| block.text(column, row)).collect();
            if !gather.row(cells.iter().map(String::as_str)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// True when all rows were read.
fn read_rows<R: Read>(
    stream: &mut Stream<R>,
    builder: &mut TableBuilder,
    max_rows: u64,
) -> Result<bool, String> {
    while let Some(batch) = stream.next_batch()? {
        let left = max_rows - builder.rows();
        let rows = batch.num_rows().min(usize::try_from(left).unwrap_or(usize::MAX));
        builder.push_block(&Batch { batch: &batch, rows })?;
        if rows < batch.num_rows() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The first rows of a batch.
struct Batch<'b> {
    batch: &'b RecordBatch,
    rows: usize,
}

impl RowBlock for Batch<'_> {
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
        let array = self.batch.columns().get(index).ok_or("has fewer columns than it says")?;
        shielded("a damaged Arrow file", || arrow_cells::push(array, column, sampled, row_hashes))?
    }

    fn text(&self, index: usize, row: usize) -> String {
        let array = self.batch.columns().get(index);
        array.map_or_else(String::new, |array| {
            shielded("a damaged Arrow file", || arrow_cells::text(array, row)).unwrap_or_default()
        })
    }
}

/// The messages of a stream, one at a time.
struct Stream<R> {
    input: R,
    decoder: StreamDecoder,
    /// First bytes that were read to tell the format.
    pending: Vec<u8>,
    /// Words of zeros that may come before the first message.
    padding: usize,
    /// A batch that came out while the schema was looked for.
    early: Option<RecordBatch>,
    ended: bool,
}

impl<R: Read> Stream<R> {
    fn open(mut input: R) -> Result<Self, String> {
        let mut head = Vec::new();
        (&mut input).take(8).read_to_end(&mut head).map_err(|e| format!("cannot be read: {e}"))?;
        if head.starts_with(FEATHER_1) {
            return Err(String::from(
                "is Feather of version 1, which is not read; write it again with a current pyarrow, as version 2 or Parquet",
            ));
        }
        let (pending, padding) = if head.starts_with(MAGIC) { (Vec::new(), MAX_PADDING) } else { (head, 0) };
        Ok(Self { input, decoder: StreamDecoder::new(), pending, padding, early: None, ended: false })
    }

    fn schema(&mut self) -> Result<SchemaRef, String> {
        while self.decoder.schema().is_none() {
            let Some(mut message) = self.message()? else { break };
            // A message without a body is decoded only when the next one comes.
            let decoded = shielded("a damaged Arrow file", || self.decoder.decode(&mut message))?;
            self.early = decoded.map_err(|e| format!("is no sound Arrow file: {e}"))?;
        }
        if self.decoder.schema().is_none() {
            let decoded = shielded("a damaged Arrow file", || self.decoder.decode(&mut Buffer::from(END)))?;
            decoded.map_err(|e| format!("is no sound Arrow file: {e}"))?;
        }
        self.decoder.schema().ok_or_else(|| String::from("is no Arrow file: it has no schema"))
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>, String> {
        if let Some(batch) = self.early.take() {
            return Ok(Some(batch));
        }
        while let Some(mut message) = self.message()? {
            let decoded = shielded("a damaged Arrow file", || self.decoder.decode(&mut message))?;
            if let Some(batch) = decoded.map_err(|e| format!("cannot be read to its end: {e}"))? {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// The bytes of one message, its frame included; none at the end.
    fn message(&mut self) -> Result<Option<Buffer>, String> {
        if self.ended {
            return Ok(None);
        }
        let mut first = self.exactly(4)?;
        // Behind its magic bytes a file is filled up with zeros.
        while self.padding > 0 && first == [0; 4] {
            self.padding -= 1;
            first = self.exactly(4)?;
        }
        self.padding = 0;
        if first.is_empty() {
            return Ok(None);
        }
        // Without the mark it is the frame of old versions.
        let length = if first == CONTINUATION { self.exactly(4)? } else { first };
        let length = <[u8; 4]>::try_from(length.as_slice()).map_err(|_| cut_off())?;
        let length = u32::from_le_bytes(length) as usize;
        if length == 0 {
            self.ended = true;
            return Ok(None);
        }
        if length > MAX_DESCRIPTION {
            return Err(String::from("is no sound Arrow file: a message is described in more than 64 MiB"));
        }
        let description = self.exactly(length)?;
        if description.len() < length {
            return Err(cut_off());
        }
        let message = root_as_message(&description).map_err(|e| format!("is no sound Arrow file: {e}"))?;
        let body_length = u64::try_from(message.bodyLength()).unwrap_or(u64::MAX);
        if body_length > MAX_BODY {
            return Err(String::from("cannot be read to its end: a part of it is larger than 1 GiB"));
        }
        let body = self.exactly(usize::try_from(body_length).unwrap_or(usize::MAX))?;
        if (body.len() as u64) < body_length {
            return Err(cut_off());
        }
        check_buffers(&message, &body)?;
        let mut bytes = CONTINUATION.to_vec();
        bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(description);
        bytes.extend(body);
        Ok(Some(Buffer::from_vec(bytes)))
    }

    /// So many bytes, or fewer at the end of the file. Memory grows with what is there, not with what is asked for.
    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, String> {
        let mut bytes: Vec<u8> = self.pending.drain(..self.pending.len().min(length)).collect();
        let rest = (length - bytes.len()) as u64;
        (&mut self.input)
            .take(rest)
            .read_to_end(&mut bytes)
            .map_err(|e| format!("cannot be read to its end: {e}"))?;
        Ok(bytes)
    }
}

fn cut_off() -> String {
    String::from("ends in the middle of a part")
}

/// Refuses a batch whose buffers claim to be larger, once decompressed, than memory allows.
fn check_buffers(message: &Message<'_>, body: &[u8]) -> Result<(), String> {
    let batch = message
        .header_as_record_batch()
        .or_else(|| message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()));
    let Some(batch) = batch else { return Ok(()) };
    if batch.length() < 0 || batch.length() > i64::from(i32::MAX) {
        return Err(String::from(
            "is no sound Arrow file: a part claims more than two thousand million rows",
        ));
    }
    if batch.compression().is_none() {
        return Ok(());
    }
    let mut sum = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let prefix =
            usize::try_from(buffer.offset()).ok().and_then(|start| body.get(start..)?.first_chunk::<8>());
        // -1 stands for what is not compressed.
        let length = prefix.map_or(0, |prefix| i64::from_le_bytes(*prefix));
        sum = sum.saturating_add(u64::try_from(length).unwrap_or(0));
    }
    if sum > MAX_BODY {
        Err(String::from("cannot be read to its end: a part of it unpacks to more than 1 GiB"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        Array, ArrayRef, BinaryArray, DictionaryArray, Float64Array, Int64Array, ListArray, StringArray,
    };
    use arrow::datatypes::{Field, Int32Type, Schema};
    use arrow::ipc::CompressionType;
    use arrow::ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
    use proptest::prelude::*;
    use smith_task_schema::profile::ColumnKind;

    use super::*;

    fn batch(rows: usize) -> RecordBatch {
        let weights: Float64Array = (0..rows).map(|i| (i % 10 != 9).then_some(i as f64 / 4.0)).collect();
        let kinds: DictionaryArray<Int32Type> = (0..rows).map(|i| Some(["cat", "dog"][i % 2])).collect();
        let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(
            (0..rows).map(|i| Some([Some(i as i32), Some(1)])),
        );
        let bytes: BinaryArray = (0..rows).map(|_| Some(&b"\x89PNG"[..])).collect();
        let words: StringArray = (0..rows).map(|i| Some(format!("word {i}"))).collect();
        let ids: Int64Array = (0..rows as i64).map(Some).collect();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(ids)),
            ("weight", Arc::new(weights)),
            ("kind", Arc::new(kinds)),
            ("list", Arc::new(lists)),
            ("image", Arc::new(bytes)),
            ("text", Arc::new(words)),
        ];
        let fields: Vec<Field> =
            columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
        RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns.into_iter().map(|(_, array)| array).collect(),
        )
        .unwrap()
    }

    fn written(rows: usize, as_file: bool, compression: Option<CompressionType>) -> Vec<u8> {
        written_batch(&batch(rows), as_file, compression)
    }

    fn written_batch(batch: &RecordBatch, as_file: bool, compression: Option<CompressionType>) -> Vec<u8> {
        let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
        if as_file {
            let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
            writer.write(batch).unwrap();
            writer.write(batch).unwrap();
            writer.into_inner().unwrap()
        } else {
            let mut writer =
                StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
            writer.write(batch).unwrap();
            writer.write(batch).unwrap();
            writer.into_inner().unwrap()
        }
    }

    fn read(bytes: &[u8], max_rows: u64) -> (Option<TableProfile>, Vec<String>) {
        let mut findings = Findings::default();
        let table = profile_bytes(bytes, "x.arrow", max_rows, &mut findings);
        (
            table.map(|table| table.facts),
            findings.finish().into_iter().map(|finding| finding.message).collect(),
        )
    }

    #[test]
    fn files_and_streams_are_read_compressed_or_not() {
        for as_file in [true, false] {
            for compression in [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)] {
                let (table, findings) = read(&written(100, as_file, compression), 1_000);
                let table = table.unwrap();
                assert!(findings.is_empty(), "{findings:?}");
                assert_eq!((table.rows, table.exact), (200, true));
                let kinds: Vec<ColumnKind> = table.columns.iter().map(|column| column.kind).collect();
                assert_eq!(
                    kinds[1..5],
                    [ColumnKind::Float, ColumnKind::Category, ColumnKind::Nested, ColumnKind::Binary]
                );
                assert_eq!(
                    (table.columns[1].missing, table.columns[0].declared.as_deref()),
                    (20, Some("Int64"))
                );
            }
        }
    }

    #[test]
    fn no_batch_is_lost_where_no_dictionary_comes_before_it() {
        for as_file in [true, false] {
            let plain = batch(10).project(&[0, 5]).unwrap();
            let (table, findings) = read(&written_batch(&plain, as_file, None), 100);
            assert_eq!((table.map(|table| table.rows), findings.len()), (Some(20), 0));
            let empty = batch(0).project(&[0]).unwrap();
            let (table, findings) = read(&written_batch(&empty, as_file, None), 100);
            assert_eq!((table.map(|table| table.columns.len()), findings.len()), (Some(1), 0));
        }
        let batch = batch(1);
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.finish().unwrap();
        let (table, findings) = read(&writer.into_inner().unwrap(), 100);
        assert_eq!((table.map(|table| table.columns.len()), findings.len()), (Some(6), 0), "a schema alone");
    }

    #[test]
    fn rows_beyond_the_limit_are_left_out() {
        let (table, _) = read(&written(100, true, None), 150);
        assert_eq!(table.map(|table| (table.rows, table.exact)), Some((150, false)));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let whole = written(100, false, None);
        let (table, findings) = read(&whole[..whole.len() * 3 / 4], 1_000);
        assert_eq!(table.map(|table| (table.rows, table.exact)), Some((100, false)));
        assert!(findings[0].contains("ends in the middle"), "{findings:?}");
        for (bytes, message) in [
            (&b"FEA1\0\0\0\0"[..], "Feather of version 1"),
            (b"ARROW1\0\0", "no schema"),
            (b"\xff\xff\xff\xff\xff\xff\xff\x7f", "more than 64 MiB"),
            (b"\xff\xff\xff\xff\x08\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08", "no sound Arrow"),
        ] {
            let (table, findings) = read(bytes, 10);
            assert!(table.is_none() && findings.len() == 1 && findings[0].contains(message), "{findings:?}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_file_is_read_or_refused(
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
            as_file in any::<bool>(),
            compressed in any::<bool>(),
        ) {
            let mut bytes = written(20, as_file, compressed.then_some(CompressionType::LZ4_FRAME));
            for (index, byte) in damage {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            read(&bytes, 100);
        }
    }
}
