//! Reads ZIP by its directory.

use std::path::Path;

use zip::read::{Config, ZipFileEntry};
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use crate::column::hash;
use crate::source::unpack::near::NearReader;
use crate::source::unpack::oddity::Oddity;
use crate::source::unpack::sink::{About, Sink, Stop};
use crate::source::unpack::{plain, zipfile_cut};

/// What of a mode says which kind of file it is, and the value for a regular one.
const MODE_KIND: u32 = 0o170_000;
const MODE_REGULAR: u32 = 0o100_000;

pub(super) fn read(path: &Path, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let opened = ZipIterable::try_new(NearReader::new(plain(path)?), Config::default());
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(error) => return zipfile_cut::read(plain(path)?, sink, &error.to_string()),
    };
    let mut body = NearReader::new(plain(path)?);
    let files = archive.files().map_err(|error| Stop::Damaged(error.to_string()))?;
    for entry in files {
        let entry = entry.map_err(|error| Stop::Damaged(error.to_string()))?;
        if !entry.is_dir() {
            member(entry, &mut body, sink)?;
        }
    }
    Ok(())
}

fn member(entry: ZipFileEntry<'_>, body: &mut NearReader, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let name = entry.name().map_or_else(
        |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
        std::borrow::Cow::into_owned,
    );
    if let Some(oddity) = unread(&entry) {
        sink.oddities.add(oddity, &name);
        return Ok(());
    }
    let stated = entry.size();
    sink.about = about(&entry);
    let damage = match entry.with_reader(body, ZipReadOptions::default()) {
        Ok(mut file) => sink.keep(&name, Some(stated), &mut file)?,
        Err(error) => Some(error.to_string()),
    };
    if let Some(damage) = damage {
        sink.oddities.explain(Oddity::Damaged, &name, damage);
    }
    Ok(())
}

fn about(entry: &ZipFileEntry<'_>) -> About {
    let (date, time): (u16, u16) = entry.last_modified().map_or((0, 0), Into::into);
    About {
        time: u64::from(date) << 16 | u64::from(time),
        mode: entry.external_attributes(),
        beside: hash::of_bytes(entry.comment_raw()),
        ..About::default()
    }
}

/// Why a member is not read at all.
#[allow(deprecated)]
fn unread(entry: &ZipFileEntry<'_>) -> Option<Oddity> {
    let kind = entry.unix_mode().map_or(0, |mode| mode & MODE_KIND);
    if entry.is_symlink() {
        Some(Oddity::Link)
    } else if kind != 0 && kind != MODE_REGULAR {
        Some(Oddity::Device)
    } else if entry.encrypted() {
        Some(Oddity::Encrypted)
    } else if matches!(entry.compression(), CompressionMethod::Unsupported(_)) {
        Some(Oddity::Unsupported)
    } else {
        None
    }
}
