//! The format gate, over real files, and held against pandas itself.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode};
use serde::Deserialize;
use smith_exec::gate::{self, GateLimits, Note, Passed, Refusal, RefusalKind, Shape};
use smith_exec::{JobStatus, testing};
use tempfile::TempDir;

use crate::sandbox::seconds;

const GOOD: &str = "id,y\n1,2\n2,3\n";

fn check(path: &Path) -> Result<Passed, Refusal> {
    gate::check(path, None, &GateLimits::default())
}

/// What is said about a file that `make` puts at `submission.csv`.
fn refused(make: impl FnOnce(&Path)) -> Refusal {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("submission.csv");
    make(&path);
    check(&path).unwrap_err()
}

fn with_submission(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("submission.csv");
    fs::write(&path, content).unwrap();
    (dir, path)
}

#[test]
fn only_a_regular_file_of_one_name_is_opened() {
    for (refusal, kind, words) in [
        (refused(|_| ()), RefusalKind::NotFound, "no such file"),
        (refused(|path| symlink("/etc/passwd", path).unwrap()), RefusalKind::NotRegular, "a symbolic link"),
        (refused(|path| fs::create_dir(path).unwrap()), RefusalKind::NotRegular, "a directory"),
        // Opening a pipe for reading would wait for its writer.
        (
            refused(|path| rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR, 0).unwrap()),
            RefusalKind::NotRegular,
            "a named pipe",
        ),
        (refused(|path| drop(UnixListener::bind(path).unwrap())), RefusalKind::NotRegular, "a socket"),
        (check(Path::new("/dev/null")).unwrap_err(), RefusalKind::NotRegular, "a device"),
        (
            refused(|path| {
                fs::write(path.with_file_name("answers"), GOOD).unwrap();
                fs::hard_link(path.with_file_name("answers"), path).unwrap();
            }),
            RefusalKind::HardLink,
            "another name",
        ),
        (refused(|path| fs::write(path, "").unwrap()), RefusalKind::Empty, "empty"),
    ] {
        assert_eq!(refusal.kind, kind, "{refusal}");
        assert!(refusal.message.contains(words), "{refusal}");
    }
}

#[test]
fn size_is_judged_before_a_byte_is_read() {
    // Neither could be read to its end here.
    let sparse = refused(|path| File::create(path).unwrap().set_len(1 << 40).unwrap());
    assert_eq!(sparse.kind, RefusalKind::TooLarge);
    assert!(sparse.message.contains("1099511627776 bytes"), "{sparse}");
    let (_dir, path) = with_submission(GOOD);
    let limits = |bytes| GateLimits { bytes, ..GateLimits::default() };
    assert!(gate::check(&path, None, &limits(GOOD.len() as u64)).is_ok());
    let refusal = gate::check(&path, None, &limits(GOOD.len() as u64 - 1)).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::TooLarge);
}

#[test]
fn hostile_files_are_refused() {
    let wide = (0..100_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",") + "\n";
    // A compressed gigabyte of zeros begins like this; nothing of it is unpacked.
    let bomb = [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &[0; 1000]].concat();
    let long = format!("id,y\n1,{}\n", "a".repeat(5 << 20));
    let long_row = format!("id,y\n1,{}\n", format!("{},", "a".repeat(1000)).repeat(5000));
    let unclosed = format!("id,y\n1,\"a\n{}", "2,b\n".repeat(1 << 20));
    for (content, kind, line) in [
        (wide.as_bytes(), RefusalKind::TooManyColumns, Some(1)),
        (&bomb, RefusalKind::Compressed, None),
        (long.as_bytes(), RefusalKind::FieldTooLong, Some(2)),
        (long_row.as_bytes(), RefusalKind::LineTooLong, Some(2)),
        (unclosed.as_bytes(), RefusalKind::FieldTooLong, Some(2)),
        (&[0; 4096], RefusalKind::Nul, Some(1)),
        (b"\xff\xfei\0d\0\n\0", RefusalKind::WideEncoding, None),
        (b"id,y\n1,M\xfcnchen\n", RefusalKind::InvalidUtf8, Some(2)),
        (b"id,y\r1,2\r", RefusalKind::LineEnds, Some(1)),
    ] {
        let (_dir, path) = with_submission(content);
        let refusal = check(&path).unwrap_err();
        assert_eq!((refusal.kind, refusal.line), (kind, line), "{refusal}");
    }
}

#[test]
fn what_was_checked_is_what_is_copied() {
    for (content, clean, notes) in [
        (GOOD, GOOD, &[][..]),
        ("\u{feff}id,y\n1,2\n", "id,y\n1,2\n", &[Note::ByteOrderMark]),
        // Everything else stays as it is, another mark in the first name too.
        (
            "\u{feff}\u{feff}a,b\r\n\r\n1,2",
            "\u{feff}a,b\r\n\r\n1,2",
            &[Note::ByteOrderMark, Note::BlankLines],
        ),
        ("a\n1", "a\n1", &[]),
    ] {
        let (dir, path) = with_submission(content);
        let passed = check(&path).unwrap();
        assert_eq!(passed.notes, notes, "{content:?}");
        assert_eq!(passed.bytes, content.len() as u64);
        assert_eq!(passed.hash(), blake3::hash(content.as_bytes()).to_hex().to_string());
        let target = dir.path().join("clean.csv");
        // The name may lead elsewhere by now; the file that was checked is still at hand.
        fs::rename(&path, dir.path().join("elsewhere")).unwrap();
        fs::write(&path, "id,y\n1,999\n").unwrap();
        passed.write_clean(&target).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), clean);
    }
}

#[test]
fn a_file_that_changes_after_the_check_is_not_copied() {
    for changed in ["id,y\n1,2\n2,9\n", "id,y\n1,2\n2,3\n3,4\n", "id,y\n1,2\n", ""] {
        let (dir, path) = with_submission(GOOD);
        let passed = check(&path).unwrap();
        fs::write(&path, changed).unwrap();
        let target = dir.path().join("clean.csv");
        assert_eq!(passed.write_clean(&target).unwrap_err().kind, RefusalKind::Changed, "{changed:?}");
        assert!(!target.exists());
    }
}

#[test]
fn a_copy_replaces_nothing() {
    let (dir, path) = with_submission(GOOD);
    let target = dir.path().join("clean.csv");
    symlink(dir.path().join("elsewhere"), &target).unwrap();
    let refusal = check(&path).unwrap().write_clean(&target).unwrap_err();
    assert!(refusal.kind.is_fault(), "{refusal}");
    assert!(!dir.path().join("elsewhere").exists() && target.is_symlink());
}

/// Runs a Python program and reads the JSON that it leaves in `result.json`, beside its other files.
async fn told_by_python<T: serde::de::DeserializeOwned>(dir: &Path, program: &str) -> T {
    let ended = testing::runtime().await.run_code(dir, program, seconds(300)).await.unwrap();
    assert_eq!(ended.status, JobStatus::Ok, "{}", ended.stderr.text);
    serde_json::from_slice(&fs::read(dir.join("result.json")).unwrap()).unwrap()
}

/// Writes random tables with Python's `csv` and with pandas, and damaged copies of them.
const WRITE_TABLES: &str = r#"
import csv, io, json, random
import pandas as pd

rng = random.Random(5)
ALPHABET = ["a", "b", "1", "0.5", "é", ",", '"', "\n", "\r\n", " ", "\t", ";", "'", "=1+1", "NA", "001"]
DAMAGE = [b'"', b",", b"\n", b"\r", b"\r\n", b" ", b"\0", b";", b"\xff", b"\xef\xbb\xbf", b"a", b""]


def value():
    return "".join(rng.choices(ALPHABET, k=rng.randrange(4)))


def written(header, rows):
    text = io.StringIO(newline="")
    end = rng.choice(["\n", "\r\n"])
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    if rng.random() < 0.5:
        csv.writer(text, lineterminator=end, quoting=quoting).writerows([header, *rows])
    else:
        pd.DataFrame(rows, columns=header).to_csv(text, index=False, lineterminator=end, quoting=quoting)
    text = text.getvalue()
    return (text if rng.random() < 0.8 else text.removesuffix(end)).encode()


def damaged(content):
    for _ in range(rng.randrange(1, 3)):
        at = rng.randrange(len(content))
        content = content[:at] + rng.choice(DAMAGE) + content[at + rng.randrange(3):]
    return content


def read(content):
    try:
        return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    except Exception:
        return None


def told(content, intended=None):
    table = read(content)
    straight = table is not None and isinstance(table.index, pd.RangeIndex)
    return {
        "rows": len(table) if straight else None,
        "columns": len(table.columns) if straight else None,
        "intended": straight and intended == [list(table.columns), *table.values.tolist()],
    }


result = {}
for number in range(600):
    width = rng.randrange(1, 5)
    header = [f"{value()}{at}" for at in range(width)]
    rows = [[value() for _ in header] for _ in range(rng.randrange(1, 6))]
    content = written(header, rows)
    broken = damaged(content)
    for name, content, told_of in [
        (f"good{number}.csv", content, told(content, [header, *rows])),
        (f"broken{number}.csv", broken, told(broken)),
    ]:
        with open(name, "wb") as file:
            file.write(content)
        result[name] = told_of
with open("result.json", "w") as file:
    json.dump(result, file)
"#;

/// What pandas makes of a file.
#[derive(Debug, Deserialize)]
struct Told {
    /// Absent when it raises or takes a column for an index.
    rows: Option<u64>,
    columns: Option<usize>,
    /// Whether it is the table that was written.
    intended: bool,
}

#[tokio::test]
async fn what_passes_is_what_pandas_reads_as_it_was_meant() {
    let dir = tempfile::tempdir().unwrap();
    let told: BTreeMap<String, Told> = told_by_python(dir.path(), WRITE_TABLES).await;
    let (mut intended, mut refused) = (0, 0);
    for (name, told) in &told {
        let path = dir.path().join(name);
        let checked = check(&path);
        let content = || String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        if told.intended {
            intended += 1;
            assert!(checked.is_ok(), "{name}: {:?}: {:?}", content(), checked);
        }
        match checked {
            Ok(passed) => {
                let shape = (Some(passed.rows), Some(passed.columns));
                assert_eq!(shape, (told.rows, told.columns), "{name}: {:?}", content());
            }
            Err(_) => refused += 1,
        }
    }
    assert!(intended > 500 && refused > 200, "{intended} intended, {refused} refused");
}

/// Says what pandas makes of each of many spellings above a plain number, its own for missing values among them.
const READ_SPELLINGS: &str = r#"
import csv, io, json, math
import pandas as pd
from pandas._libs.parsers import STR_NA_VALUES

DIGITS = "99999999999999999999"
SPELLINGS = (
    "0 -1 +1 00012 .5 1. 1.e5 1E5 1E+05 1e308 1.7976931348623157e308 1e-400 9223372036854775807 "
    "18446744073709551615 -9223372036854775808 18446744073709551616 -9223372036854775809 1e20 "
    "inf -inf +inf iNf Infinity -INFINITY infinit 1e309 1e400 -1e400 1.7976931348623159e308 "
    "NAN Nan +nan null NULL none None <na> n/a N/a na 1,000 1,5 0x10 1_000 True false 1e 1e+ . - + --1 1..5 1d5 "
    "50% =1+1 a 1/2 $1 \u22121 \u0661 1\u00a0000"
).split(" ") + [DIGITS, f"{DIGITS}.5", f"-{DIGITS}.5", f"{DIGITS}e-5", f"0.{DIGITS}", f"000{DIGITS[1:]}", " 1.5\t", "\v2", "\f2\f", " nan", "  ", "1 2", "1e 5", "\u00a01"]


def kind(spelling):
    text = io.StringIO()
    csv.writer(text).writerows([["x"], [spelling], ["3"]])
    column = pd.read_csv(io.StringIO(text.getvalue()), skip_blank_lines=False)["x"]
    if pd.isna(column[0]):
        return "missing"
    if not pd.api.types.is_numeric_dtype(column):
        return "text"
    return "number" if math.isfinite(column[0]) else "infinite"


with open("result.json", "w") as file:
    json.dump({spelling: kind(spelling) for spelling in [*SPELLINGS, *STR_NA_VALUES]}, file)
"#;

#[tokio::test]
async fn values_are_judged_by_what_pandas_reads() {
    let dir = tempfile::tempdir().unwrap();
    let told: BTreeMap<String, String> = told_by_python(dir.path(), READ_SPELLINGS).await;
    let write = |name: &str, value: &str| {
        let path = dir.path().join(name);
        fs::write(&path, format!("id,y\n1,1.5\n2,\"{value}\"\n")).unwrap();
        path
    };
    let shape = Shape::of(&write("answers.csv", "2"), &write("sample.csv", "0")).unwrap();
    assert_eq!(shape.id_column(), Some("id"));
    assert!(told.len() > 80, "{}", told.len());
    for (spelling, kind) in &told {
        let checked = gate::check(&write("submission.csv", spelling), Some(&shape), &GateLimits::default());
        let judged = match checked.map_err(|refusal| refusal.kind) {
            Ok(_) => "number",
            Err(RefusalKind::MissingValue) => "missing",
            Err(RefusalKind::InfiniteValue) => "infinite",
            Err(RefusalKind::NotANumber | RefusalKind::OutOfRange) => "text",
            Err(other) => panic!("{spelling:?}: {other:?}"),
        };
        assert_eq!(judged, kind, "{spelling:?}");
    }
}
