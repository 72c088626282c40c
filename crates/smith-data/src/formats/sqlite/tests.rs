//! Databases that are read, damaged and hostile ones too.

use std::sync::OnceLock;

use proptest::prelude::*;
use smith_task_schema::profile::{ColumnKind, ProfileFinding};

use super::*;

fn shop(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, photo BLOB);
             CREATE TABLE \"order lines\" (order_no INT, line INT, customer INT REFERENCES customers,
                 price REAL, PRIMARY KEY (order_no, line));
             CREATE VIEW rich AS SELECT * FROM customers;
             CREATE INDEX by_name ON customers (name);",
        )
        .unwrap();
    connection.execute_batch("BEGIN").unwrap();
    for i in 0..30 {
        connection
            .execute("INSERT INTO customers VALUES (?1, ?2, x'0102')", (i, format!("name {}", i % 7)))
            .unwrap();
        connection
            .execute("INSERT INTO \"order lines\" VALUES (?1, ?2, ?3, 5.0)", (i / 2, i % 2, i))
            .unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    connection.close().unwrap();
}

fn read(path: &Path, max_rows: u64) -> (Vec<TableData>, Vec<ProfileFinding>) {
    let found = Found { path: path.to_path_buf(), relative: "shop.db".into(), bytes: 1 };
    let mut findings = Findings::default();
    let tables = profile(&found, max_rows, &mut findings);
    (tables, findings.finish())
}

#[test]
fn tables_have_their_types_and_keys() {
    let dir = tempfile::tempdir().unwrap();
    // A name that an address has to escape.
    let path = dir.path().join("a b?#%é.db");
    shop(&path);
    let (tables, findings) = read(&path, 100);
    let facts: Vec<_> = tables.iter().map(|t| (t.facts.path.as_str(), t.facts.rows, t.facts.exact)).collect();
    assert_eq!(facts, [("shop.db!/customers", 30, true), ("shop.db!/order lines", 30, true)]);
    let customers = &tables[0].facts;
    assert_eq!(customers.keys, [["id"]]);
    assert_eq!(customers.columns[2].kind, ColumnKind::Binary);
    assert_eq!(customers.columns[0].declared.as_deref(), Some("INTEGER"));
    let lines = &tables[1];
    assert_eq!(lines.facts.keys, [["order_no", "line"]]);
    assert_eq!(lines.facts.columns[3].kind, ColumnKind::Float);
    let key = &lines.declared_keys[0];
    assert_eq!(
        (key.column.as_str(), key.to_table.as_str(), key.to_column.as_str(), key.declared),
        ("customer", "shop.db!/customers", "id", true)
    );
    assert!(findings.len() == 1 && findings[0].message.contains("view `rich`"), "{findings:?}");
}

#[test]
fn rows_beyond_the_limit_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    shop(&path);
    let (tables, _) = read(&path, 10);
    assert_eq!((tables[0].facts.rows, tables[0].facts.exact), (10, false));
}

#[test]
fn what_never_ends_is_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trap.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "CREATE TABLE t (a, b AS (hex(zeroblob(1000 * a))));
             INSERT INTO t (a) VALUES (1), (2);
             CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
                 SELECT count(*) FROM c;
             CREATE TRIGGER again AFTER INSERT ON t BEGIN INSERT INTO t (a) VALUES (new.a + 1); END;",
        )
        .unwrap();
    connection.close().unwrap();
    let (tables, findings) = read(&path, 100);
    assert_eq!((tables.len(), tables[0].facts.rows), (1, 2));
    assert_eq!(findings.len(), 1);
}

#[test]
fn what_is_no_sqlite_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    shop(&path);
    let whole = std::fs::read(&path).unwrap();
    let duck = [&[0; 8][..], b"DUCK"].concat();
    for (bytes, message) in [
        (vec![7; 4096], "does not begin like SQLite"),
        (duck, "DuckDB"),
        (whole[..60].to_vec(), "is no sound SQLite"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let (tables, findings) = read(&path, 100);
        assert!(tables.is_empty());
        assert!(findings.len() == 1 && findings[0].message.contains(message), "{findings:?}");
    }
    // Half a database: what can be read is, and the rest is told.
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(!read(&path, 100).1.is_empty());
}

#[test]
fn a_log_beside_the_database_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    shop(&path);
    std::fs::write(dir.path().join("shop.db-wal"), b"something").unwrap();
    let found = Found { path, relative: "data/shop.db".into(), bytes: 1 };
    let mut findings = Findings::default();
    assert_eq!(profile(&found, 100, &mut findings).len(), 2);
    assert!(findings.finish().iter().any(|finding| finding.message.contains("write-ahead log")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_database_is_read_or_refused(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..40),
    ) {
        static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        let mut bytes = WHOLE
            .get_or_init(|| {
                shop(&path);
                std::fs::read(&path).unwrap()
            })
            .clone();
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        std::fs::write(&path, bytes).unwrap();
        read(&path, 100);
    }
}
