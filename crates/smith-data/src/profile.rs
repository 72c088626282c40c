//! Gathers the profile of a dataset: lists its files, reads every byte once, looks into each kind, and relates what
//! was found.

use std::path::Path;

use smith_task_schema::profile::{DatasetProfile, FileKind};

use crate::column;
use crate::error::DataError;
use crate::findings::Findings;
use crate::intake::Intake;
use crate::options::ProfileOptions;
use crate::source::name::dataset_name;
use crate::source::walk::list;
use crate::source::{Sources, group};
use crate::{structured, tags};

/// Stack of a thread that works on a profile: parsers of nested formats go deep before their limits stop them.
const STACK_BYTES: usize = 16 << 20;

/// Profiles the dataset at `root`, a folder, an archive or any other single file. Blocks, works on all cores, and
/// reads every byte once for the digest.
///
/// What cannot be read becomes a finding of the profile. Links below `root` are not followed. When the folder is
/// called `raw` or `data`, the metadata files beside it are read too, as documents named `../NAME`. Archives are
/// unpacked to a temporary directory, which is removed before this returns.
///
/// # Errors
/// [`DataError::NotFound`], [`DataError::Empty`] when there is not a single file or the only one is empty,
/// [`DataError::NotAFile`] for a pipe or a device, [`DataError::Unreadable`] when `root` itself cannot be listed.
pub fn profile(root: &Path, options: &ProfileOptions) -> Result<DatasetProfile, DataError> {
    let threads =
        rayon::ThreadPoolBuilder::new().num_threads(options.threads).stack_size(STACK_BYTES).build();
    match threads {
        Ok(threads) => threads.install(|| gather(root, options)),
        // A machine that gives no further threads still has this one.
        Err(_) => gather(root, options),
    }
}

fn gather(root: &Path, options: &ProfileOptions) -> Result<DatasetProfile, DataError> {
    let mut findings = Findings::default();
    options.phase("listing files");
    let listing = list(root, &mut findings)?;
    let bytes = listing.bytes();
    if listing.files.is_empty() || (root.is_file() && bytes == 0) {
        return Err(DataError::Empty(root.to_path_buf()));
    }
    let mut profile = DatasetProfile::new(options.name.clone().unwrap_or_else(|| dataset_name(root)));
    profile.bytes = bytes;
    profile.files = listing.files.len() as u64;
    options.total(bytes);
    options.phase("reading files");
    let mut sources =
        Sources::read(listing, &options.unpack_limits(), &|bytes| options.read(bytes), &mut findings);
    structured::correct_kinds(&mut sources.files);
    profile.digest = sources.digest.take();
    profile.duplicate_files = sources.duplicates.take();
    for (_, kind) in &sources.files {
        *profile.kinds.entry(*kind).or_default() += 1;
    }
    profile.groups = group::fold(&sources.files);
    options.total(bytes + bytes_of_tables(&sources));
    let mut intake = Intake::new(options, findings);
    intake.look_inside(root, &sources.files, &mut profile);
    options.phase("finding what it can be used for");
    tags::add(&mut profile, &sources.files);
    sources.recheck(&mut intake.findings);
    profile.limits.extend(column::limits().map(|(name, size)| (name.to_string(), size)));
    profile.findings = intake.findings.finish();
    Ok(profile)
}

/// Bytes that are read a second time, as tables.
fn bytes_of_tables(sources: &Sources) -> u64 {
    let is_table = |kind| matches!(kind, FileKind::Table | FileKind::Json | FileKind::Database);
    sources.files.iter().filter(|(_, kind)| is_table(*kind)).map(|(found, _)| found.bytes).sum()
}
