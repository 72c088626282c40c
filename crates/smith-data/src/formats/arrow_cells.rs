//! Hands the cells of Arrow arrays to columns. Arrow types do not leave `formats`.

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, FixedSizeBinaryArray, LargeBinaryArray,
    OffsetSizeTrait, PrimitiveArray, StructArray,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::column::gather::{Column, Typed};

/// Pushes every cell of `array`; `sampled` and `row_hashes` are those of its rows.
///
/// # Errors
/// Words for a value that cannot be written out.
pub(crate) fn push(
    array: &ArrayRef,
    column: &mut Column,
    sampled: &[u32],
    row_hashes: &mut [u64],
) -> Result<(), String> {
    match array.data_type() {
        DataType::Int8 => integers::<Int8Type>(array, column, sampled, row_hashes),
        DataType::Int16 => integers::<Int16Type>(array, column, sampled, row_hashes),
        DataType::Int32 => integers::<Int32Type>(array, column, sampled, row_hashes),
        DataType::Int64 => integers::<Int64Type>(array, column, sampled, row_hashes),
        DataType::UInt8 => integers::<UInt8Type>(array, column, sampled, row_hashes),
        DataType::UInt16 => integers::<UInt16Type>(array, column, sampled, row_hashes),
        DataType::UInt32 => integers::<UInt32Type>(array, column, sampled, row_hashes),
        DataType::UInt64 => integers::<UInt64Type>(array, column, sampled, row_hashes),
        DataType::Float16 => {
            primitives::<Float16Type>(array, column, sampled, row_hashes, |v| Typed::decimal(v.to_f64()));
        }
        DataType::Float32 => {
            primitives::<Float32Type>(array, column, sampled, row_hashes, |v| Typed::decimal(v.into()));
        }
        DataType::Float64 => primitives::<Float64Type>(array, column, sampled, row_hashes, Typed::decimal),
        DataType::Boolean => booleans(array, column, sampled, row_hashes),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
            times(array, column, sampled, row_hashes);
        }
        DataType::Utf8 => {
            let texts = array.as_string::<i32>();
            column.push_texts(|row| texts.is_valid(row).then(|| texts.value(row)), sampled, row_hashes);
        }
        DataType::LargeUtf8 => {
            let texts = array.as_string::<i64>();
            column.push_texts(|row| texts.is_valid(row).then(|| texts.value(row)), sampled, row_hashes);
        }
        DataType::Utf8View => {
            let texts = array.as_string_view();
            column.push_texts(|row| texts.is_valid(row).then(|| texts.value(row)), sampled, row_hashes);
        }
        DataType::Dictionary(_, values) if **values == DataType::Utf8 => {
            keyed::<i32>(array, column, sampled, row_hashes);
        }
        DataType::Dictionary(_, values) if **values == DataType::LargeUtf8 => {
            keyed::<i64>(array, column, sampled, row_hashes);
        }
        kind if holds_bytes(kind) => {
            column.push_binaries(|row| bytes_of(array, row), sampled, row_hashes);
        }
        kind => return written(array, column, sampled, row_hashes, kind.is_nested()),
    }
    Ok(())
}

fn primitives<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    column: &mut Column,
    sampled: &[u32],
    row_hashes: &mut [u64],
    typed: impl Fn(T::Native) -> Typed,
) {
    let values: &PrimitiveArray<T> = array.as_primitive();
    if values.null_count() == 0 {
        let values = values.values();
        column.push_typed(|row| values.get(row).map(|&value| typed(value)), sampled, row_hashes);
    } else {
        column.push_typed(|row| values.is_valid(row).then(|| typed(values.value(row))), sampled, row_hashes);
    }
}

fn integers<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    column: &mut Column,
    sampled: &[u32],
    row_hashes: &mut [u64],
) where
    T::Native: Into<i128>,
{
    primitives::<T>(array, column, sampled, row_hashes, |value| Typed::integer(value.into()));
}

fn booleans(array: &ArrayRef, column: &mut Column, sampled: &[u32], row_hashes: &mut [u64]) {
    let values = array.as_boolean();
    let key = |row| values.is_valid(row).then(|| usize::from(values.value(row)));
    column.push_keyed(&["false", "true"], key, sampled, row_hashes);
}

fn keyed<O: OffsetSizeTrait>(array: &ArrayRef, column: &mut Column, sampled: &[u32], row_hashes: &mut [u64]) {
    let Some(dictionary) = array.as_any_dictionary_opt() else { return };
    let texts = dictionary.values().as_string::<O>();
    if texts.is_empty() {
        column.push_texts(|_| None, sampled, row_hashes);
        return;
    }
    let list: Vec<&str> = texts.iter().map(Option::unwrap_or_default).collect();
    let keys = dictionary.normalized_keys();
    let valid = dictionary.keys();
    column.push_keyed(&list, |row| valid.is_valid(row).then(|| keys[row]), sampled, row_hashes);
}

fn times(array: &ArrayRef, column: &mut Column, sampled: &[u32], row_hashes: &mut [u64]) {
    let since = |parts: i64, of_a_second: f64| Typed::time(parts as f64 / of_a_second);
    match array.data_type() {
        DataType::Date32 => {
            primitives::<Date32Type>(array, column, sampled, row_hashes, |days| {
                Typed::time(f64::from(days) * 86_400.0)
            });
        }
        DataType::Date64 => primitives::<Date64Type>(array, column, sampled, row_hashes, |v| since(v, 1e3)),
        DataType::Timestamp(TimeUnit::Second, _) => {
            primitives::<TimestampSecondType>(array, column, sampled, row_hashes, |v| since(v, 1.0));
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            primitives::<TimestampMillisecondType>(array, column, sampled, row_hashes, |v| since(v, 1e3));
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            primitives::<TimestampMicrosecondType>(array, column, sampled, row_hashes, |v| since(v, 1e6));
        }
        _ => primitives::<TimestampNanosecondType>(array, column, sampled, row_hashes, |v| since(v, 1e9)),
    }
}

/// Cells by the way they are written out.
fn written(
    array: &ArrayRef,
    column: &mut Column,
    sampled: &[u32],
    row_hashes: &mut [u64],
    is_nested: bool,
) -> Result<(), String> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(|e| e.to_string())?;
    let mut failure = None;
    let text = |row: usize| {
        if array.is_null(row) || *array.data_type() == DataType::Null {
            return None;
        }
        formatter.value(row).try_to_string().map_err(|e| failure = Some(e.to_string())).ok()
    };
    column.push_written(text, is_nested, sampled, row_hashes);
    failure.map_or(Ok(()), Err)
}

/// A cell as text, nothing for a missing one.
pub(crate) fn text(array: &ArrayRef, row: usize) -> String {
    if row >= array.len() || array.is_null(row) {
        return String::new();
    }
    if holds_bytes(array.data_type()) {
        return format!("<{} bytes>", byte_length(array, row));
    }
    let options = FormatOptions::default();
    ArrayFormatter::try_new(array.as_ref(), &options)
        .and_then(|formatter| formatter.value(row).try_to_string())
        .unwrap_or_default()
}

/// True for bytes, and for records and lists with bytes somewhere in them: an image with its name, say.
pub(crate) fn holds_bytes(kind: &DataType) -> bool {
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

/// The bytes of one value; of a record those of the first field that holds bytes; none where they cannot be told.
fn bytes_of(array: &ArrayRef, row: usize) -> Option<&[u8]> {
    if array.is_null(row) {
        return None;
    }
    let any = array.as_any();
    if let Some(bytes) = any.downcast_ref::<BinaryArray>() {
        Some(bytes.value(row))
    } else if let Some(bytes) = any.downcast_ref::<LargeBinaryArray>() {
        Some(bytes.value(row))
    } else if let Some(bytes) = any.downcast_ref::<BinaryViewArray>() {
        Some(bytes.value(row))
    } else if let Some(bytes) = any.downcast_ref::<FixedSizeBinaryArray>() {
        Some(bytes.value(row))
    } else if let Some(record) = any.downcast_ref::<StructArray>() {
        let fields = record.columns().iter();
        fields
            .filter(|field| holds_bytes(field.data_type()) && !field.is_null(row))
            .find_map(|field| bytes_of(field, row))
    } else {
        Some(&[])
    }
}

/// Number of bytes of one value.
pub(crate) fn byte_length(array: &ArrayRef, row: usize) -> usize {
    bytes_of(array, row).map_or(0, <[u8]>::len)
}
