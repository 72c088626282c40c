//! Signs by which texts of certain formats are told from other texts.

use serde::Deserialize;
use serde::de::IgnoredAny;
use smith_task_schema::profile::FileKind;

use crate::formats::time_series::is_time_series;

/// Lines that are looked at.
const LINES: usize = 200;
/// Rows of numbers that make a list of points.
const ROWS: usize = 20;

/// The kind of a text whose extension stands for several formats, or for one that its content has to confirm.
pub(super) fn by_extension(extension: &str, text: &str) -> Option<FileKind> {
    let geometry = |holds: bool| holds.then_some(FileKind::Geometry);
    match extension {
        "off" => geometry(is_off(text)),
        "ply" => geometry(text.starts_with("ply")),
        "stl" => geometry(text.trim_start().starts_with("solid")),
        "obj" => geometry(is_obj(text)),
        "pcd" => geometry(lines(text).any(|line| line.starts_with("FIELDS "))),
        "xyz" | "pts" => geometry(is_points(text)),
        "svg" => text.contains("<svg").then_some(FileKind::Image),
        "names" => Some(FileKind::Document),
        // Programs in TypeScript; the archives of time series use the same ending.
        "ts" => (!is_time_series(text)).then_some(FileKind::Text),
        _ => None,
    }
}

/// True for the extensions of tables that are text.
pub(super) fn is_delimited(extension: &str) -> bool {
    let plain = extension.split_once('.').map_or(extension, |(plain, _)| plain);
    matches!(plain, "csv" | "tsv" | "psv" | "tab" | "arff")
}

/// A file of Git Large File Storage that stands for another one.
pub(super) fn is_lfs_pointer(text: &str) -> bool {
    text.len() < 1024
        && text.starts_with("version https://git-lfs.github.com/spec/")
        && text.contains("\noid ")
}

pub(super) fn is_web_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(15).collect::<String>().to_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// True when the text is JSON as far as it goes: the first value is sound, or cut at the end of the head.
pub(super) fn is_json(head: &[u8]) -> bool {
    let start = head.trim_ascii_start();
    if !matches!(start, [b'{' | b'[', ..]) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_slice(start);
    match IgnoredAny::deserialize(&mut values) {
        Err(error) => error.is_eof(),
        Ok(_) => {
            let rest = values.into_iter::<IgnoredAny>();
            let after = start.get(rest.byte_offset()..).unwrap_or_default();
            after.first().is_none_or(u8::is_ascii_whitespace)
        }
    }
}

/// True for a ZIP that begins like the documents of an office program do.
pub(super) fn is_office_zip(head: &[u8]) -> bool {
    let name = head.get(30..).unwrap_or_default();
    let is_open_document = head.windows(32).take(64).any(|part| part == b"application/vnd.oasis.opendocume");
    name.starts_with(b"[Content_Types].xml") || (name.starts_with(b"mimetype") && is_open_document)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take(LINES).map(str::trim).filter(|line| !line.is_empty())
}

fn is_off(text: &str) -> bool {
    let first =
        lines(text).find(|line| !line.starts_with('#')).and_then(|line| line.split_whitespace().next());
    first.is_some_and(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        letters.ends_with("OFF") && letters.len() <= 7 && letters.chars().all(|c| "STCN4nOF".contains(c))
    })
}

/// Corners of a mesh, each with its three coordinates.
fn is_obj(text: &str) -> bool {
    lines(text).any(|line| {
        let mut words = line.split_whitespace();
        words.next() == Some("v") && words.clone().count() >= 3 && words.all(is_number)
    }) || lines(text).any(|line| line.starts_with("mtllib ") || line.starts_with("usemtl "))
}

/// Rows of at least three numbers, behind a line with their count at most.
fn is_points(text: &str) -> bool {
    let mut rows = lines(text).filter(|line| !line.starts_with('#') && !line.starts_with("//")).peekable();
    if rows.peek().is_some_and(|first| first.parse::<u64>().is_ok()) {
        rows.next();
    }
    // The last line of a head may be cut.
    let rows: Vec<&str> = rows.take(ROWS).collect();
    !rows.is_empty()
        && rows.iter().all(|row| {
            let cells = row.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
            let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
            cells.len() >= 3 && cells.into_iter().all(is_number)
        })
}

fn is_number(word: &str) -> bool {
    word.parse::<f64>().is_ok()
}
