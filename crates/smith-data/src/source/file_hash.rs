//! The hash of a file's bytes: of a large file made on all cores, each hashing a part of its own.

use std::fs::File;
use std::io;

use blake3::Hasher;
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root,
};

use crate::source::pass::{Hash, Progress};
use crate::source::reader::read_at;

/// Bytes that one core hashes at least before another helps.
const PART_BYTES: u64 = 4 << 20;
/// Bytes that are read at a time: they are hashed while they lie in the nearest caches.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

/// True for a file that is worth parting.
pub(crate) fn is_large(bytes: u64) -> bool {
    bytes > 2 * PART_BYTES
}

/// The hash of the first `bytes` bytes of a large file; an error when it ends before them. It is that of
/// [`blake3::hash`], whose tree of chunks is what parts are cut along.
pub(crate) fn of_large(file: &File, bytes: u64, progress: Progress<'_>) -> io::Result<Hash> {
    let (left, right) = halves(file, 0, bytes, progress)?;
    Ok(*merge_subtrees_root(&left, &right, Mode::Hash).as_bytes())
}

fn halves(
    file: &File,
    start: u64,
    bytes: u64,
    progress: Progress<'_>,
) -> io::Result<(ChainingValue, ChainingValue)> {
    let middle = left_subtree_len(bytes);
    let (left, right) = rayon::join(
        || subtree(file, start, middle, progress),
        || subtree(file, start + middle, bytes - middle, progress),
    );
    Ok((left?, right?))
}

fn subtree(file: &File, start: u64, bytes: u64, progress: Progress<'_>) -> io::Result<ChainingValue> {
    if bytes > PART_BYTES {
        let (left, right) = halves(file, start, bytes, progress)?;
        return Ok(merge_subtrees_non_root(&left, &right, Mode::Hash));
    }
    let mut hasher = Hasher::new();
    hasher.set_input_offset(start);
    let mut block = vec![0; BLOCK_BYTES];
    let mut done = 0;
    while done < bytes {
        let wanted = usize::try_from(bytes - done).unwrap_or(usize::MAX).min(block.len());
        let room = block.get_mut(..wanted).unwrap_or_default();
        let n = match read_at(file, room, start + done) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(room.get(..n).unwrap_or_default());
        progress(n as u64);
        done += n as u64;
    }
    Ok(hasher.finalize_non_root())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn parts_give_the_hash_of_the_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        for more in [1, 1_023, 1_024, 1_025, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 77]
        {
            let bytes = 2 * PART_BYTES + more;
            let content: Vec<u8> = (0..bytes).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let seen = AtomicU64::new(0);
            let progress = |n: u64| {
                seen.fetch_add(n, Ordering::Relaxed);
            };
            let hash = of_large(&File::open(&path).unwrap(), bytes, &progress).unwrap();
            assert_eq!((hash, seen.into_inner()), (*blake3::hash(&content).as_bytes(), bytes));
            assert!(of_large(&File::open(&path).unwrap(), bytes + 1, &|_| {}).is_err());
        }
    }
}
