//! Reads the tables of an SQLite database.
//!
//! A database is a program as much as a file: views, triggers and virtual tables can make a query run for ever or
//! reach beyond the file. So only ordinary tables are read, row by row, with everything else switched off, and a
//! query that works on without delivering a row is stopped.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use smith_task_schema::profile::{ForeignKey, TableProfile};

use crate::column::gather::Column;
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::frame::Gather;
use crate::overview::display::one_line;
use crate::source::reader;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// Tables of one database that are read.
const MAX_TABLES: usize = 200;
/// Names that a finding lists.
const SHOWN_NAMES: usize = 10;
/// Longest value, in bytes.
const MAX_VALUE_BYTES: i32 = 64 << 20;
/// Steps of the database's machine after which it asks whether to go on.
const STEPS: i32 = 100_000;
/// How often it may ask before the next row comes.
const PATIENCE: u32 = 50;

/// The tables of a database, each called `FILE!/TABLE`. What cannot be read is a finding.
pub(crate) fn profile(found: &Found, max_rows: u64, findings: &mut Findings) -> Vec<TableData> {
    let path = &found.relative;
    match begins_as_sqlite(&found.path) {
        Ok(None) => {}
        Ok(Some(reason)) | Err(reason) => {
            findings.error(path, reason);
            return Vec::new();
        }
    }
    let wal = found.path.with_file_name(format!("{}-wal", found.name()));
    if std::fs::metadata(wal).is_ok_and(|file| file.len() > 0) {
        findings.error(
            path,
            "has a write-ahead log beside it, whose changes are not read; open and close the database once with \
             `PRAGMA wal_checkpoint(TRUNCATE)` to merge them",
        );
    }
    let read = Database::open(&found.path).and_then(|mut database| database.read(path, max_rows, findings));
    read.unwrap_or_else(|error| {
        findings.error(path, format!("is no sound SQLite database: {error}"));
        Vec::new()
    })
}

/// Hands the rows of the tables of a database to `gather`.
pub(crate) fn each_row(path: &Path, gather: &mut Gather<'_>) -> Result<(), String> {
    let words = |error: rusqlite::Error| format!("is no sound SQLite database: {error}");
    let database = Database::open(path).map_err(words)?;
    let (mut names, _) = database.names().map_err(words)?;
    names.truncate(MAX_TABLES);
    for name in &names {
        database.asked.store(0, Ordering::Relaxed);
        database.gather(name, gather).map_err(words)?;
    }
    Ok(())
}

/// Why a file is no SQLite database; none when it begins like one.
fn begins_as_sqlite(path: &Path) -> Result<Option<String>, String> {
    use std::io::Read;
    let mut head = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(16).read_to_end(&mut head))
        .map_err(|e| format!("cannot be read: {e}"))?;
    if head.starts_with(b"SQLite format 3\0") {
        return Ok(None);
    }
    if head.get(8..12) == Some(b"DUCK") {
        return Ok(Some(String::from(
            "is a DuckDB database, which is not read; export its tables as Parquet",
        )));
    }
    let unpacks = reader::head(path, 16).is_ok_and(|head| head.starts_with(b"SQLite format 3\0"));
    Ok(Some(String::from(if unpacks {
        "is a compressed SQLite database; unpack it to have it read"
    } else {
        "is named like a database, but does not begin like SQLite: it is encrypted or of another kind; export its \
         tables as CSV or Parquet"
    })))
}

/// An open database.
struct Database {
    connection: Connection,
    /// How often the machine asked since the last row.
    asked: Arc<AtomicU32>,
}

/// A column as the database declares it.
struct Declared {
    name: String,
    kind: String,
    /// Position in the primary key, from 1; 0 outside of it.
    key: u32,
}

impl Database {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let mut connection = Connection::open_with_flags(address(path), flags)?;
        for (setting, on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        ] {
            connection.set_db_config(setting, on)?;
        }
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let asks_too_often = move || counter.fetch_add(1, Ordering::Relaxed) >= PATIENCE;
        connection.progress_handler(STEPS, Some(asks_too_often))?;
        connection.execute_batch(
            "PRAGMA query_only=1; PRAGMA cell_size_check=1; PRAGMA mmap_size=0; PRAGMA cache_size=-8000;",
        )?;
        Ok(Self { connection, asked })
    }

    /// Names of the ordinary tables, and kinds and names of what else there is.
    fn names(&self) -> rusqlite::Result<(Vec<String>, Vec<String>)> {
        let (mut names, mut others) = (Vec::new(), Vec::new());
        let mut list = self.connection.prepare(
            "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             ORDER BY name",
        )?;
        let mut rows = list.query([])?;
        while let Some(row) = rows.next()? {
            let (name, kind) = (text(row, 0), text(row, 1));
            if kind == "table" {
                names.push(name);
            } else if kind != "shadow" {
                others.push(format!("{kind} `{}`", one_line(&name, 60)));
            }
        }
        Ok((names, others))
    }

    /// Hands the rows of one table to `gather`.
    fn gather(&self, name: &str, gather: &mut Gather<'_>) -> rusqlite::Result<()> {
        let columns: Vec<String> = self.columns(name)?.into_iter().map(|column| column.name).collect();
        if !gather.begin(name, columns.clone()) {
            return Ok(());
        }
        let mut statement = self.connection.prepare(&selection(name, &columns))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            self.asked.store(0, Ordering::Relaxed);
            let cells: Vec<String> = (0..columns.len()).map(|at| written(row, at)).collect();
            if !gather.row(cells.iter().map(String::as_str)) {
                break;
            }
        }
        Ok(())
    }

    fn read(
        &mut self,
        path: &str,
        max_rows: u64,
        findings: &mut Findings,
    ) -> rusqlite::Result<Vec<TableData>> {
        let (mut names, others) = self.names()?;
        if !others.is_empty() {
            let more = if others.len() > SHOWN_NAMES { ", …" } else { "" };
            let shown = others.iter().take(SHOWN_NAMES).cloned().collect::<Vec<_>>().join(", ");
            findings.warn(path, format!("holds what is no ordinary table and is not read: {shown}{more}"));
        }
        if names.len() > MAX_TABLES {
            let message = format!("has {} tables; the first {MAX_TABLES} by name are read", names.len());
            findings.warn(path, message);
            names.truncate(MAX_TABLES);
        }
        let mut tables = Vec::new();
        for name in &names {
            self.asked.store(0, Ordering::Relaxed);
            match self.read_table(path, name, max_rows, findings) {
                Ok(table) => tables.push(table),
                Err(error) => findings.error(&inner(path, name), format!("cannot be read: {error}")),
            }
        }
        Ok(tables)
    }

    fn read_table(
        &self,
        path: &str,
        name: &str,
        max_rows: u64,
        findings: &mut Findings,
    ) -> rusqlite::Result<TableData> {
        let declared = self.columns(name)?;
        let names: Vec<String> = declared.iter().map(|column| column.name.clone()).collect();
        let mut builder = TableBuilder::new(&names);
        let mut table = TableProfile::new(inner(path, name), "sqlite");
        match self.read_rows(name, &names, max_rows, &mut builder) {
            Ok(exact) => table.exact = exact,
            Err(error) => {
                table.exact = false;
                let message = format!(
                    "cannot be read to its end: {error}; the {} rows before are profiled",
                    builder.rows()
                );
                findings.error(&table.path, message);
            }
        }
        let mut data = builder.finish(table, findings);
        let mut key: Vec<&Declared> = declared.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        if !key.is_empty() {
            data.facts.keys.push(key.iter().map(|column| column.name.clone()).collect());
        }
        for (facts, column) in data.facts.columns.iter_mut().zip(&declared) {
            facts.declared = Some(column.kind.clone()).filter(|kind| !kind.is_empty());
        }
        data.declared_keys = self.foreign_keys(path, name)?;
        Ok(data)
    }

    /// True when all rows were read.
    fn read_rows(
        &self,
        name: &str,
        columns: &[String],
        max_rows: u64,
        builder: &mut TableBuilder,
    ) -> rusqlite::Result<bool> {
        let mut statement = self.connection.prepare(&selection(name, columns))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if builder.rows() == max_rows {
                return Ok(false);
            }
            self.asked.store(0, Ordering::Relaxed);
            for index in 0..columns.len() {
                if let Some(column) = builder.column(index) {
                    push(column, row.get_ref(index)?);
                }
            }
            builder.end_row();
        }
        Ok(true)
    }

    fn columns(&self, table: &str) -> rusqlite::Result<Vec<Declared>> {
        let mut statement =
            self.connection.prepare("SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
        let mut rows = statement.query([table])?;
        let mut columns = Vec::new();
        while let Some(row) = rows.next()? {
            let key = row.get_ref(2)?.as_i64().ok().and_then(|key| u32::try_from(key).ok()).unwrap_or(0);
            columns.push(Declared { name: text(row, 0), kind: one_line(&text(row, 1), 60), key });
        }
        Ok(columns)
    }

    fn foreign_keys(&self, path: &str, table: &str) -> rusqlite::Result<Vec<ForeignKey>> {
        let mut statement = self.connection.prepare(
            "SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq",
        )?;
        let mut rows = statement.query([table])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let (to_table, column, mut to_column) = (text(row, 0), text(row, 1), text(row, 2));
            if to_column.is_empty() {
                // Without a name the other table's primary key is meant.
                let columns = self.columns(&to_table).unwrap_or_default();
                to_column =
                    columns.into_iter().find(|column| column.key == 1).map_or(to_column, |key| key.name);
            }
            keys.push(ForeignKey {
                table: inner(path, table),
                column,
                to_table: inner(path, &to_table),
                to_column,
                share: 0.0,
                missing_examples: Vec::new(),
                declared: true,
            });
        }
        Ok(keys)
    }
}

fn push(column: &mut Column, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => {}
        ValueRef::Integer(number) => column.push(&number.to_string()),
        // With its point, so that it stays what it is.
        ValueRef::Real(number) => column.push(&format!("{number:?}")),
        ValueRef::Text(text) => column.push(&String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => column.push_binary(bytes),
    }
}

fn text(row: &Row<'_>, index: usize) -> String {
    match row.get_ref(index) {
        Ok(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

/// A cell as text, nothing for a missing one.
fn written(row: &Row<'_>, index: usize) -> String {
    match row.get_ref(index) {
        Ok(ValueRef::Integer(number)) => number.to_string(),
        Ok(ValueRef::Real(number)) => number.to_string(),
        Ok(ValueRef::Blob(bytes)) => format!("<{} bytes>", bytes.len()),
        _ => text(row, index),
    }
}

fn selection(table: &str, columns: &[String]) -> String {
    let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    format!("SELECT {} FROM main.{}", list.join(", "), quoted(table))
}

fn inner(path: &str, table: &str) -> String {
    format!("{path}!/{table}")
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The file as an address that says that nobody changes it, so that no lock and no log is looked for.
fn address(path: &Path) -> String {
    let mut address = String::from("file:");
    let lossy = path.to_string_lossy();
    let text = if cfg!(windows) { format!("/{}", lossy.replace('\\', "/")) } else { lossy.into_owned() };
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            address.push(char::from(byte));
        } else {
            address += &format!("%{byte:02X}");
        }
    }
    address + "?mode=ro&immutable=1"
}

#[cfg(test)]
mod tests;
