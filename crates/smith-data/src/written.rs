//! Writes tables as Parquet, for whoever wants to go on with them in another program.
//!
//! ```
//! use smith_data::written::{Cells, write_parquet};
//!
//! let dir = tempfile::tempdir()?;
//! let file = dir.path().join("trees.parquet");
//! let tree = Cells::Text(vec![Some("oak".to_owned()), Some("elm".to_owned())]);
//! let height = Cells::Number(vec![Some(21.5), None]);
//! write_parquet(&file, &[("tree", tree), ("height", height)])?;
//! let read = smith_data::frames(&file, &smith_data::FrameLimits::default())?;
//! assert_eq!(read[0].names(), ["tree", "height"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::DataError;

/// The cells of a column, each of which may be missing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Cells {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Numbers of double precision.
    Number(Vec<Option<f64>>),
    /// Whole numbers of 64 bits.
    Whole(Vec<Option<i64>>),
    /// True or false.
    Truth(Vec<Option<bool>>),
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Whole(cells) => cells.len(),
            Self::Truth(cells) => cells.len(),
        }
    }

    fn kind(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Number(_) => DataType::Float64,
            Self::Whole(_) => DataType::Int64,
            Self::Truth(_) => DataType::Boolean,
        }
    }

    fn array(&self) -> ArrayRef {
        match self {
            Self::Text(cells) => Arc::new(StringArray::from_iter(cells)),
            Self::Number(cells) => Arc::new(Float64Array::from_iter(cells)),
            Self::Whole(cells) => Arc::new(Int64Array::from_iter(cells)),
            Self::Truth(cells) => Arc::new(BooleanArray::from_iter(cells)),
        }
    }
}

/// Writes a table of named columns to `path`. The file is whole or not there: it is written beside its place and renamed. A
/// table without a row keeps its columns and their types.
///
/// # Errors
/// [`DataError::Unwritable`] when the place cannot be written, columns differ in length, or they are more than 2 GB of text.
pub fn write_parquet(path: &Path, columns: &[(&str, Cells)]) -> Result<(), DataError> {
    let unwritable = |source| DataError::Unwritable { path: path.to_path_buf(), source };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!("{name}.part"));
    let file = File::create(&part).map_err(unwritable)?;
    write_to(file, columns).map_err(unwritable)?;
    std::fs::rename(&part, path).map_err(unwritable)
}

fn write_to(file: File, columns: &[(&str, Cells)]) -> std::io::Result<()> {
    let other = std::io::Error::other::<ParquetError>;
    // Arrow counts the bytes of texts with 31 bits.
    const MOST_TEXT: usize = i32::MAX as usize;
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    for (name, cells) in columns {
        if cells.len() != rows {
            return Err(std::io::Error::other(format!(
                "the column {name} has {} cells, not {rows}",
                cells.len()
            )));
        }
        if let Cells::Text(texts) = cells
            && texts.iter().flatten().map(String::len).sum::<usize>() > MOST_TEXT
        {
            return Err(std::io::Error::other(format!("the column {name} holds more than 2 GB of text")));
        }
    }
    let fields: Vec<Field> =
        columns.iter().map(|(name, cells)| Field::new(*name, cells.kind(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(other)?;
    if rows > 0 {
        let arrays = columns.iter().map(|(_, cells)| cells.array()).collect();
        let batch = RecordBatch::try_new(schema, arrays).map_err(std::io::Error::other)?;
        writer.write(&batch).map_err(other)?;
    }
    writer.into_inner().map_err(other)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FrameLimits, frames};

    #[test]
    fn what_is_written_is_read_with_its_gaps() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        let columns = [
            ("text", Cells::Text(vec![Some("a\n\"é\"".to_owned()), None])),
            ("number", Cells::Number(vec![None, Some(0.1)])),
            ("whole", Cells::Whole(vec![Some(i64::MIN), None])),
            ("truth", Cells::Truth(vec![None, Some(true)])),
        ];
        write_parquet(&path, &columns).unwrap();
        let read = frames(&path, &FrameLimits::default()).unwrap();
        let column = |index: usize| read[0].columns()[index].iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(read[0].names(), ["text", "number", "whole", "truth"]);
        assert_eq!(column(0), ["a\n\"é\"", ""]);
        assert_eq!(column(1), ["", "0.1"]);
        assert_eq!(column(2), [i64::MIN.to_string().as_str(), ""]);
        assert_eq!(column(3), ["", "true"]);
        assert!(!dir.path().join("t.parquet.part").exists());
    }

    #[test]
    fn a_table_without_rows_has_columns_and_a_lame_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.parquet");
        write_parquet(&path, &[("a", Cells::Text(vec![])), ("b", Cells::Number(vec![]))]).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > 100);
        let lame = [("a", Cells::Text(vec![None])), ("b", Cells::Number(vec![]))];
        let error = write_parquet(&path, &lame).unwrap_err();
        assert!(!error.is_mistake() && error.to_string().contains("column b has 0 cells"), "{error}");
        let nowhere = write_parquet(&dir.path().join("no/t.parquet"), &lame).unwrap_err().to_string();
        assert!(nowhere.contains("cannot be written"), "{nowhere}");
    }
}
