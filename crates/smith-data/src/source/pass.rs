//! One pass over the bytes of all files, on all cores: their hashes, what they are, and whether they held still.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};

use rayon::prelude::*;
use smith_task_schema::hash::digest_of;
use smith_task_schema::profile::FileKind;

use crate::findings::Findings;
use crate::source::content::{Verdict, judge};
use crate::source::file_hash::{self, BLOCK_BYTES};
use crate::source::kind::{SNIFF_BYTES, by_name};
use crate::source::stamp::Stamp;
use crate::source::walk::{Found, Listing};

/// The hash of a file's bytes.
pub(crate) type Hash = [u8; 32];

/// Told how many bytes were read since it was last told, by whichever core read them.
pub(crate) type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// What the pass finds out about one file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Passed {
    pub(crate) verdict: Verdict,
    /// Absent when the file could not be read to its end.
    pub(crate) hash: Option<Hash>,
}

/// Reads every file once. One result for each file of the listing, in its order.
pub(crate) fn pass(listing: &Listing, progress: Progress<'_>, findings: &mut Findings) -> Vec<Passed> {
    let first_names = first_names(&listing.stamps);
    let read: Vec<Outcome> = (0..listing.files.len())
        .into_par_iter()
        .map_init(
            || vec![0; BLOCK_BYTES],
            |block, index| {
                let is_known = first_names.contains_key(&index);
                read_one(&listing.files[index], &listing.stamps[index], is_known, block, progress)
            },
        )
        .collect();
    let mut passed: Vec<Passed> = Vec::with_capacity(read.len());
    for (index, one) in read.into_iter().enumerate() {
        if let Some((is_error, message)) = one.finding {
            let path = &listing.files[index].relative;
            if is_error {
                findings.error(path, message);
            } else {
                findings.warn(path, message);
            }
        }
        let hash = first_names.get(&index).map_or(one.hash, |&first| passed[first].hash);
        passed.push(Passed { verdict: one.verdict, hash });
    }
    passed
}

/// For every further name of a file the index of its first one: names cost nothing to make, reading does.
fn first_names(stamps: &[Stamp]) -> BTreeMap<usize, usize> {
    let (mut seen, mut first_names) = (BTreeMap::new(), BTreeMap::new());
    for (index, stamp) in stamps.iter().enumerate() {
        let Some(identity) = stamp.shared_identity() else { continue };
        let first = *seen.entry(identity).or_insert(index);
        if first != index {
            first_names.insert(index, first);
        }
    }
    first_names
}

struct Outcome {
    verdict: Verdict,
    hash: Option<Hash>,
    finding: Option<(bool, String)>,
}

fn read_one(
    found: &Found,
    stamp: &Stamp,
    is_known: bool,
    block: &mut [u8],
    progress: Progress<'_>,
) -> Outcome {
    let mut head = Vec::new();
    let read = hash_file(found, is_known, block, &mut head, progress);
    let verdict = judge(found, &head);
    match read {
        Ok((hash, now)) => {
            let changed = stamp.difference(&now).map(|how| (true, changed(&how)));
            // The hash of a file in between two states is that of neither.
            Outcome { verdict, hash: hash.filter(|_| changed.is_none()), finding: changed }
        }
        Err(error) => {
            let kind = by_name(&found.relative).unwrap_or(FileKind::Other);
            let verdict = Verdict { kind, container: None, remark: None };
            Outcome { verdict, hash: None, finding: Some((true, error)) }
        }
    }
}

/// What is said of a file that did not hold still.
pub(crate) fn changed(how: &str) -> String {
    format!("changed while it was profiled ({how}): profile it again when nothing writes to it any more")
}

/// The hash of a file that has no hash yet, and its stamp after it was read. Only the head of one that has is read.
fn hash_file(
    found: &Found,
    is_known: bool,
    block: &mut [u8],
    head: &mut Vec<u8>,
    progress: Progress<'_>,
) -> Result<(Option<Hash>, Stamp), String> {
    let mut file = File::open(&found.path).map_err(|e| format!("cannot be opened: {e}"))?;
    if !is_known && file_hash::is_large(found.bytes) {
        return hash_large(found, &file, head, progress);
    }
    let mut hasher = blake3::Hasher::new();
    loop {
        let n = match file.read(block) {
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(format!("cannot be read to its end: {e}")),
        };
        let part = block.get(..n).unwrap_or_default();
        let missing = SNIFF_BYTES.saturating_sub(head.len()).min(n);
        head.extend_from_slice(part.get(..missing).unwrap_or_default());
        if n == 0 || (is_known && head.len() == SNIFF_BYTES) {
            break;
        }
        progress(n as u64);
        if !is_known {
            hasher.update(part);
        }
    }
    Ok(((!is_known).then(|| *hasher.finalize().as_bytes()), stamp_after(found)?))
}

/// The same for a large file, as long as it was when it was listed.
fn hash_large(
    found: &Found,
    file: &File,
    head: &mut Vec<u8>,
    progress: Progress<'_>,
) -> Result<(Option<Hash>, Stamp), String> {
    let unreadable = |e: io::Error| format!("cannot be read to its end: {e}");
    file.take(SNIFF_BYTES as u64).read_to_end(head).map_err(unreadable)?;
    match file_hash::of_large(file, found.bytes, progress) {
        Ok(hash) => Ok((Some(hash), stamp_after(found)?)),
        // One that was cut short has changed, and its stamp tells how.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => match std::fs::metadata(&found.path) {
            Ok(now) if now.len() != found.bytes => Ok((None, Stamp::of(&now))),
            _ => Err(unreadable(error)),
        },
        Err(error) => Err(unreadable(error)),
    }
}

fn stamp_after(found: &Found) -> Result<Stamp, String> {
    let now = std::fs::metadata(&found.path).map_err(|e| format!("is gone after it was read: {e}"))?;
    Ok(Stamp::of(&now))
}

/// The digest of a dataset whose files were all read, [`smith_task_schema::hash::tree_digest`] of its folder or
/// [`smith_task_schema::hash::file`] of its file; none, with a finding, when a part is not known.
pub(crate) fn digest(listing: &Listing, passed: &[Passed], findings: &mut Findings) -> Option<String> {
    let hashes: Option<Vec<&Hash>> = passed.iter().map(|passed| passed.hash.as_ref()).collect();
    let why = match hashes {
        None => "a file cannot be read or did not hold still",
        Some(_) if !listing.complete => "a folder cannot be listed",
        Some(_) if listing.files.windows(2).any(|pair| pair[0].relative == pair[1].relative) => {
            "two names that are not UTF-8 look the same in UTF-8"
        }
        Some(hashes) => return Some(digest_of_hashes(listing, &hashes)),
    };
    findings.error("", format!("there is no digest, because {why}"));
    None
}

fn digest_of_hashes(listing: &Listing, hashes: &[&Hash]) -> String {
    let hex = |hash: &Hash| blake3::Hash::from_bytes(*hash).to_hex();
    match hashes {
        [only] if listing.is_file => hex(only).to_string(),
        _ => {
            let names = listing.files.iter().map(|found| found.relative.as_str());
            digest_of(names.zip(hashes.iter().map(|hash| hex(hash))))
        }
    }
}

/// Looks at every file with a stamp once more: a finding for each that is not what was listed.
pub(crate) fn recheck(files: &[(Found, FileKind)], stamps: &[Option<Stamp>], findings: &mut Findings) {
    let changes: Vec<(&Found, String)> = files
        .par_iter()
        .zip(stamps)
        .filter_map(|((found, _), stamp)| {
            let stamp = stamp.as_ref()?;
            let how = match std::fs::metadata(&found.path) {
                Ok(now) => stamp.difference(&Stamp::of(&now))?,
                Err(error) => format!("it cannot be looked at any more: {error}"),
            };
            Some((found, how))
        })
        .collect();
    for (found, how) in changes {
        findings.error(&found.relative, changed(&how));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use smith_task_schema::hash;

    use super::*;
    use crate::source::walk::list;

    fn run(root: &Path, progress: Progress<'_>) -> (Vec<Passed>, Option<String>, Vec<String>) {
        let mut findings = Findings::default();
        let listing = list(root, &mut findings).unwrap();
        let passed = pass(&listing, progress, &mut findings);
        let digest = digest(&listing, &passed, &mut findings);
        (
            passed,
            digest,
            findings.finish().into_iter().map(|f| format!("{}: {}", f.path, f.message)).collect(),
        )
    }

    #[test]
    fn the_digest_is_that_of_the_tree_and_every_byte_is_counted() {
        use std::sync::atomic::{AtomicU64, Ordering};

        let dir = tempfile::tempdir().unwrap();
        let mut bytes = 0;
        for i in 0_usize..50 {
            let folder = dir.path().join(format!("d{}", i % 7));
            std::fs::create_dir_all(&folder).unwrap();
            let content = format!("{i}").repeat(i * i * 900);
            bytes += content.len() as u64;
            std::fs::write(folder.join(format!("{i}.txt")), content).unwrap();
        }
        let seen = AtomicU64::new(0);
        let (passed, digest, said) = run(dir.path(), &|n| {
            seen.fetch_add(n, Ordering::Relaxed);
        });
        assert_eq!(digest, Some(hash::tree_digest(dir.path()).unwrap()));
        assert_eq!((seen.into_inner(), passed.len()), (bytes, 50));
        assert!(said.is_empty(), "{said:?}");
        let file = dir.path().join("d1/8.txt");
        assert_eq!(run(&file, &|_| {}).1, Some(hash::file(&file).unwrap()));
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_is_told_and_has_no_digest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.csv");
        std::fs::write(&path, "a\n".repeat(100)).unwrap();
        std::fs::write(dir.path().join("still.csv"), "a\n").unwrap();
        let written = std::sync::Once::new();
        let (passed, digest, said) = run(dir.path(), &|_| {
            written.call_once(|| std::fs::write(&path, "a\n".repeat(200)).unwrap());
        });
        assert_eq!((passed[0].hash, digest), (None, None));
        assert!(passed[1].hash.is_some());
        assert!(
            said[0].starts_with("log.csv: changed while") && said[0].contains("from 200 to 400"),
            "{said:?}"
        );
    }

    #[test]
    fn a_file_that_is_removed_or_replaced_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.csv");
        std::fs::write(&path, "a\n").unwrap();
        let (_, digest, said) = run(dir.path(), &|_| std::fs::remove_file(&path).unwrap_or_default());
        assert!(digest.is_none() && said[0].contains("is gone after it was read"), "{said:?}");
        std::fs::write(&path, "a\n").unwrap();
        let (_, _, said) = run(dir.path(), &|_| {
            let other = dir.path().join("b");
            std::fs::write(&other, "b\n").unwrap();
            std::fs::rename(&other, &path).unwrap();
        });
        assert!(said[0].contains("changed while it was profiled"), "{said:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_many_names_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("0"), "x".repeat(3 << 20)).unwrap();
        for i in 1..20 {
            std::fs::hard_link(dir.path().join("0"), dir.path().join(i.to_string())).unwrap();
        }
        let read = std::sync::atomic::AtomicU64::new(0);
        let (passed, digest, _) = run(dir.path(), &|n| {
            read.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
        });
        assert!(passed.iter().all(|one| one.hash == passed[0].hash && one.hash.is_some()));
        assert_eq!(digest, Some(hash::tree_digest(dir.path()).unwrap()));
        assert!(read.into_inner() < 4 << 20);
    }
}
