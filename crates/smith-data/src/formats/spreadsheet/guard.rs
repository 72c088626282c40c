//! Looks at a spreadsheet before a parser does that trusts it: what it is, and how much it unpacks to.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

/// What is held in memory may unpack to this much, sheets (which are read as a stream) to this much.
const MAX_HELD: u64 = 256 << 20;
const MAX_SHEETS: u64 = 8 << 30;
/// Sheets that are held in memory as a whole have so many cells at most.
const MAX_CELLS: u64 = 5_000_000;
/// Size of a workbook of the old binary format.
const MAX_BINARY: u64 = 128 << 20;
/// Deflate makes no more of a byte than this.
const MAX_RATIO: u64 = 1_032;
/// Attribute by which shared texts say how many they are.
const UNIQUE_COUNT: &[u8] = b"uniqueCount";
/// The shortest shared text.
const LEAST_TEXT: &[u8] = b"<si/>";
/// Longest such attribute, with blanks and zeros, and how much is looked through at once.
const LONGEST_CLAIM: usize = 1 << 10;
const CHUNK: u64 = 64 << 10;

/// The format of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

/// What a file is, once it is known to be harmless. The error says in words why it is not read.
pub(super) fn inspect(path: &Path) -> Result<Kind, String> {
    let words = |e: std::io::Error| format!("cannot be read: {e}");
    let file = File::open(path).map_err(words)?;
    let length = file.metadata().map_err(words)?.len();
    let mut head = Vec::new();
    (&file).take(8).read_to_end(&mut head).map_err(words)?;
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return inspect_binary(path, length);
    }
    if !head.starts_with(b"PK") {
        return Err(String::from("is named like a spreadsheet, but is none"));
    }
    let file = File::open(path).map_err(words)?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|e| format!("is a damaged spreadsheet: {e}"))?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    let kind = if has("xl/workbook.bin") {
        Kind::Xlsb
    } else if has("content.xml") {
        Kind::Ods
    } else if has("xl/workbook.xml") || has("_rels/.rels") {
        Kind::Xlsx
    } else {
        return Err(String::from("is named like a spreadsheet, but is another archive"));
    };
    measure(&mut archive)?;
    check_shared_texts(&mut archive)?;
    if kind == Kind::Ods {
        let cells = archive.by_name("content.xml").map_err(|e| format!("is a damaged spreadsheet: {e}"))?;
        let mut text = String::new();
        cells
            .take(MAX_HELD)
            .read_to_string(&mut text)
            .map_err(|e| format!("is a damaged spreadsheet: {e}"))?;
        if cells_of_ods(&text) > MAX_CELLS {
            return Err(format!("has more than {MAX_CELLS} cells; save its sheets as CSV to have them read"));
        }
    }
    Ok(kind)
}

fn inspect_binary(path: &Path, length: u64) -> Result<Kind, String> {
    if length > MAX_BINARY {
        return Err(String::from("is larger than 128 MiB; save its sheets as CSV to have them read"));
    }
    let bytes = std::fs::read(path).map_err(|e| format!("cannot be read: {e}"))?;
    let marker: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(marker.len()).any(|window| window == marker) {
        return Err(encrypted());
    }
    Ok(Kind::Xls)
}

pub(super) fn encrypted() -> String {
    String::from("is encrypted; save it without a password to have it read")
}

/// Unpacks what may be too much, without keeping it: the sizes in an archive are only claims.
fn measure(archive: &mut ZipArchive<BufReader<File>>) -> Result<(), String> {
    let (mut held, mut sheets) = (0_u64, 0_u64);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| match e {
            zip::result::ZipError::UnsupportedArchive(reason) if reason.contains("assword") => encrypted(),
            other => format!("is a damaged spreadsheet: {other}"),
        })?;
        let name = entry.name().map_or_else(|_| String::new(), |name| name.to_lowercase());
        let is_sheet = name.contains("/worksheets/");
        let is_part = [".xml", ".rels", ".bin"].iter().any(|ending| name.ends_with(ending));
        if !is_sheet && !is_part {
            continue;
        }
        let (sum, limit) = if is_sheet { (&mut sheets, MAX_SHEETS) } else { (&mut held, MAX_HELD) };
        let most = entry.compressed_size().saturating_mul(MAX_RATIO);
        let size = if sum.saturating_add(most) <= limit {
            entry.size().min(most)
        } else {
            let room = limit.saturating_sub(*sum).saturating_add(1);
            std::io::copy(&mut entry.take(room), &mut std::io::sink())
                .map_err(|e| format!("is a damaged spreadsheet: {e}"))?
        };
        *sum = sum.saturating_add(size);
        if *sum > limit {
            return Err(String::from(
                "unpacks to more than memory allows; save its sheets as CSV to have them read",
            ));
        }
    }
    Ok(())
}

/// The parser makes room for as many shared texts as a workbook claims to have.
fn check_shared_texts(archive: &mut ZipArchive<BufReader<File>>) -> Result<(), String> {
    let damaged = |e: &dyn std::fmt::Display| format!("is a damaged spreadsheet: {e}");
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| damaged(&e))?;
        let name = entry.name().map_or_else(|_| String::new(), |name| name.to_lowercase());
        if name.ends_with("sharedstrings.xml")
            && claims_too_much(entry.take(MAX_HELD)).map_err(|e| damaged(&e))?
        {
            return Err(damaged(&"it claims to have more texts than it can hold"));
        }
    }
    Ok(())
}

/// True when shared texts claim to be more than there are bytes for.
fn claims_too_much(mut part: impl Read) -> std::io::Result<bool> {
    let mut window = Vec::new();
    let (mut bytes, mut claimed) = (0_u64, 0_u64);
    loop {
        let start = window.len();
        let read = (&mut part).take(CHUNK).read_to_end(&mut window)?;
        bytes += read as u64;
        for at in memchr::memmem::find_iter(&window, UNIQUE_COUNT) {
            let rest = window.get(at + UNIQUE_COUNT.len()..).unwrap_or_default();
            claimed = claimed.max(claim(rest, read == 0));
        }
        if read == 0 {
            return Ok(claimed > bytes / LEAST_TEXT.len() as u64);
        }
        window.drain(..(start + read).saturating_sub(LONGEST_CLAIM));
    }
}

/// The number of an attribute behind its name: none where text follows or its end is still to come, more than can be
/// where it has no end.
fn claim(rest: &[u8], is_last: bool) -> u64 {
    let is_part = |byte: &&u8| byte.is_ascii_whitespace() || b"='\"+".contains(byte) || byte.is_ascii_digit();
    let length = rest.iter().take_while(is_part).count();
    if length == rest.len() && !is_last {
        return if length + UNIQUE_COUNT.len() < LONGEST_CLAIM { 0 } else { u64::MAX };
    }
    let digits = rest.iter().take(length).filter(|byte| byte.is_ascii_digit());
    digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

/// How many cells the sheets of an OpenDocument spreadsheet have once repeated rows and columns are written out.
fn cells_of_ods(xml: &str) -> u64 {
    let (mut cells, mut row_repeats, mut width, mut filled, mut widest) = (0_u64, 1_u64, 0_u64, 0_u64, 1_u64);
    let mut empty_rows = 0_u64;
    for tag in xml.split('<').skip(1) {
        let tag = tag.split_once('>').map_or(tag, |(tag, _)| tag);
        if tag.starts_with("table:table-row") {
            (row_repeats, width, filled) = (repeats(tag, "table:number-rows-repeated"), 0, 0);
        } else if tag.starts_with("table:table-cell") || tag.starts_with("table:covered-table-cell") {
            width = width.saturating_add(repeats(tag, "table:number-columns-repeated"));
            if tag.contains("office:value-type") || tag.contains("office:string-value") {
                filled = width;
            }
        } else if tag.starts_with("/table:table-row") {
            widest = widest.max(filled);
            if filled == 0 {
                empty_rows = empty_rows.saturating_add(row_repeats);
            } else {
                let rows = row_repeats.saturating_add(std::mem::take(&mut empty_rows));
                cells = cells.saturating_add(widest.saturating_mul(rows));
            }
        } else if tag.starts_with("/table:table") {
            (empty_rows, widest) = (0, 1);
        }
    }
    cells
}

fn repeats(tag: &str, attribute: &str) -> u64 {
    let value = tag.split_once(attribute).and_then(|(_, rest)| {
        let rest = rest.trim_start_matches([' ', '=']);
        let quote = rest.chars().next()?;
        rest.get(1..)?.split(quote).next()?.trim().parse().ok()
    });
    value.unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_compared_with_what_is_there() {
        let far = format!("<!--{}--><sst uniqueCount=\"4294967295\"><si/></sst>", " ".repeat(200_000));
        let zeros = format!("<sst uniqueCount='{}9'><si/></sst>", "0".repeat(2_000));
        for (text, expected) in [
            ("<sst count=\"9\" uniqueCount=\"2\"><si><t>a</t></si><si/></sst>", false),
            ("<sst><si><t>uniqueCount of 99999999</t></si></sst>", false),
            ("<sst count=\"9\" uniqueCount=\"4294967295\"><si><t>a</t></si></sst>", true),
            ("<!-- uniqueCount=\"1\" --><x:sst uniqueCount = '99999999999999999999999999'/>", true),
            ("<sst uniqueCount=\"9999", true),
            ("", false),
            (far.as_str(), true),
            (zeros.as_str(), false),
        ] {
            let seen = claims_too_much(text.as_bytes()).unwrap();
            assert_eq!(seen, expected, "{}", text.get(..80).unwrap_or(text));
        }
    }

    #[test]
    fn repeated_cells_are_multiplied() {
        let row = r#"<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" table:number-columns-repeated='1000'/></table:table-row>"#;
        assert_eq!(cells_of_ods(row), 1_000_000_000);
        let usual = "<table:table><table:table-row><table:table-cell office:value-type=\"float\"/><table:table-cell \
            table:number-columns-repeated=\"16383\"/></table:table-row><table:table-row \
            table:number-rows-repeated=\"1048575\"><table:table-cell table:number-columns-repeated=\"16384\"/>\
            </table:table-row></table:table>";
        assert_eq!(cells_of_ods(usual), 1);
    }
}
