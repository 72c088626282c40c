//! Numbers that are easily told wrongly: too long, infinite, or with a comma.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, UInt64Array};
use parquet::arrow::ArrowWriter;
use smith_data::{ProfileOptions, profile};
use smith_task_schema::profile::{ColumnKind, ColumnProfile, ForeignKey};

use crate::folder;

const ROWS: u64 = 300;
/// From here on the next whole number may have the same `f64`.
const LONG: u64 = 9_007_199_254_740_992;

/// Greatest, falling, every one twice but the first; rising below zero; with two infinite ones.
fn row(i: u64) -> (u64, i64, f64) {
    let infinite = [f64::INFINITY, f64::NEG_INFINITY];
    (u64::MAX - i / 2 - i.min(1), i64::MIN + i as i64, *infinite.get(i as usize).unwrap_or(&(i as f64 + 0.5)))
}

fn text(delimiter: char, decimal: &str) -> Vec<u8> {
    let mut text = format!("great{delimiter}small{delimiter}part\n");
    for (great, small, part) in (0..ROWS).map(row) {
        let part = format!("{part:?}").replace('.', decimal);
        text += &format!("{great}{delimiter}{small}{delimiter}{part}\n");
    }
    text.into_bytes()
}

fn parquet() -> Vec<u8> {
    let columns: [(&str, ArrayRef); 3] = [
        ("great", Arc::new(UInt64Array::from_iter_values((0..ROWS).map(|i| row(i).0)))),
        ("small", Arc::new(Int64Array::from_iter_values((0..ROWS).map(|i| row(i).1)))),
        ("part", Arc::new(Float64Array::from_iter_values((0..ROWS).map(|i| row(i).2)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn range(column: &ColumnProfile) -> (&str, &str) {
    (column.min.as_deref().unwrap_or("none"), column.max.as_deref().unwrap_or("none"))
}

#[test]
fn long_and_infinite_numbers_are_the_same_in_every_format() {
    let root = folder(&[("a.csv", &text(',', ".")), ("b.csv", &text(';', ",")), ("c.parquet", &parquet())]);
    let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
    assert_eq!(facts.tables.len(), 3);
    for table in &facts.tables {
        let [great, small, part] = table.columns.as_slice() else { panic!("{:?}", table.columns) };
        let kinds = [great.kind, small.kind, part.kind];
        assert_eq!(kinds, [ColumnKind::Integer, ColumnKind::Integer, ColumnKind::Float], "{}", table.path);
        assert_eq!(range(great), ("18446744073709551465", "18446744073709551615"), "{}", table.path);
        assert_eq!(range(small), ("-9223372036854775808", "-9223372036854775509"), "{}", table.path);
        assert_eq!((great.distinct, small.distinct, part.distinct), (151, 300, 300), "{}", table.path);
        assert_eq!((great.unique, small.unique, small.monotone), (false, true, None), "{}", table.path);
        assert!(small.top.is_empty() && part.top.is_empty(), "{:?} {:?}", small.top, part.top);
        let top: Vec<(&str, u64)> =
            great.top.iter().map(|top| (top.value.as_str(), top.count)).take(3).collect();
        let twice = [("18446744073709551613", 2), ("18446744073709551612", 2), ("18446744073709551611", 2)];
        assert_eq!(top, twice, "{}", table.path);
        assert_eq!((part.negatives, part.missing), (1, 0), "{}", table.path);
    }
}

#[test]
fn a_decimal_comma_is_a_point_in_the_range() {
    let lines: String = (0..50).map(|i| format!("{i};{i},25\n")).collect();
    let root = folder(&[("t.csv", format!("n;price\n{lines}").as_bytes())]);
    let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
    assert_eq!(range(&facts.tables[0].columns[1]), ("0.25", "49.25"));
}

#[test]
fn words_that_may_mean_infinity_are_words_beside_words() {
    let lines: String = (0..200).map(|i| if i % 20 == 0 { "sup\n" } else { "inf\n" }).collect();
    let root = folder(&[("t.csv", format!("side\n{lines}").as_bytes())]);
    let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
    let side = &facts.tables[0].columns[0];
    assert_eq!((side.kind, side.distinct, range(side)), (ColumnKind::Category, 2, ("none", "none")));
}

/// A word that occurs once is told like one that comes back.
#[test]
fn what_occurs_once_is_told() {
    let lines: String = (0..200)
        .map(|i| if i == 7 { "caf\u{e9},NA\n".into() } else { format!("plain,{}\n", i % 9) })
        .collect();
    let root = folder(&[("t.csv", format!("word,n\n{lines}").as_bytes())]);
    let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
    let [word, n] = facts.tables[0].columns.as_slice() else { panic!("{:?}", facts.tables) };
    let top: Vec<(&str, u64)> = word.top.iter().map(|top| (top.value.as_str(), top.count)).collect();
    assert_eq!(top, [("plain", 199), ("caf\u{e9}", 1)]);
    assert_eq!(n.missing_words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>(), ["NA"]);
}

#[test]
fn long_keys_meet_whatever_holds_them() {
    let ids = || (0..ROWS).map(|i| LONG + i);
    let kinds: String = ids().map(|id| format!("{id},{}\n", id % 7)).collect();
    let columns: [(&str, ArrayRef); 2] = [
        ("item_id", Arc::new(UInt64Array::from_iter_values(ids().chain(ids())))),
        ("size", Arc::new(Int64Array::from_iter_values((0..2 * ROWS as i64).map(|i| i % 11)))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut sales = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut sales, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let root =
        folder(&[("items.csv", format!("item_id,kind\n{kinds}").as_bytes()), ("sales.parquet", &sales)]);
    let facts = profile(root.path(), &ProfileOptions::default()).unwrap();
    let keys: Vec<&ForeignKey> = facts.foreign_keys.iter().collect();
    assert!(keys.iter().any(|key| key.column == "item_id" && key.to_table == "items.csv"), "{keys:?}");
}
