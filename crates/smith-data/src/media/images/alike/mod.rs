//! Finds images that are nearly the same: copies that were scaled, compressed anew or slightly retouched.
//!
//! Every image is shrunk to a thumbnail of 32 by 32 points. Two hashes of it, one of its coarse frequencies and one
//! of its gradients, name pairs that may be alike; the thumbnails decide. Images without structure are left out, so
//! that blank ones do not all repeat each other.

mod decode;
mod hash;
pub(in crate::media) mod index;
mod thumbnail;

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use smith_task_schema::profile::DuplicateFiles;

use super::measure::{Fault, ImageMeasure, measure};
use crate::media::folded::Folded;
use crate::source::walk::Found;
use crate::spread::spread;
use decode::Failure;
pub(in crate::media) use hash::Hashes;
use thumbnail::Thumbnail;

/// What may be decoded in all, in pixels: two seconds or three of one core.
const BUDGET: u64 = 400_000_000;
/// What a file costs however small it is, in pixels.
const FILE_COST: u64 = 30_000;
/// Sets of images alike that are named, and images of a set.
const EXAMPLES: usize = 5;
const NAMED: usize = 4;

/// A decoded image.
struct Seen {
    /// Index among the files.
    file: usize,
    thumbnail: Thumbnail,
}

/// Compares at most `limit` of the images, spread evenly; none when there are not two to compare.
pub(super) fn find(
    files: &[&Found],
    measures: &[Result<ImageMeasure, Fault>],
    limit: usize,
    folded: &mut Folded,
) -> Option<DuplicateFiles> {
    let chosen = choose(files, measures, limit);
    let decoded: Vec<(usize, Result<Thumbnail, Failure>)> =
        chosen.into_par_iter().map(|file| (file, decode::thumbnail(&files[file].path))).collect();
    let mut seen = Vec::new();
    let mut looked_at = 0;
    for (file, result) in decoded {
        match result {
            Ok(thumbnail) if thumbnail.is_blank() => {
                folded.warn(&files[file].relative, "is of a single colour");
                looked_at += 1;
            }
            Ok(thumbnail) => {
                looked_at += 1;
                if !thumbnail.is_flat() {
                    seen.push(Seen { file, thumbnail });
                }
            }
            Err(Failure::Broken(why)) => {
                folded.error(
                    &files[file].relative,
                    format!("has a header, but no picture can be decoded ({why})"),
                );
            }
            Err(Failure::Unsupported) => {}
        }
    }
    (seen.len() > 1).then(|| summary(files, &seen, looked_at == files.len()))
}

/// The images to decode, in order: all, or as many as the limit and the budget allow. The budget is spent on small
/// images first, because that is how most files are compared; of those that are equally large some, spread evenly.
fn choose(files: &[&Found], measures: &[Result<ImageMeasure, Fault>], limit: usize) -> Vec<usize> {
    let able: Vec<(usize, u64)> = measures
        .iter()
        .enumerate()
        .filter_map(|(file, measure)| {
            let (measure, found) = (measure.as_ref().ok()?, files.get(file)?);
            decode::can(measure, found.bytes).then(|| (file, measure.pixels().saturating_add(FILE_COST)))
        })
        .collect();
    let mut left = spread(&able, limit);
    left.sort_by_key(|&(file, cost)| (cost, file));
    let (mut chosen, mut budget) = (Vec::new(), BUDGET);
    for alike in left.chunk_by(|a, b| a.1 == b.1) {
        let cost = alike.first().map_or(1, |&(_, cost)| cost);
        let fits = spread(alike, usize::try_from(budget / cost).unwrap_or(usize::MAX));
        budget -= cost.saturating_mul(fits.len() as u64).min(budget);
        chosen.extend(fits.into_iter().map(|(file, _)| file));
    }
    chosen.sort_unstable();
    chosen
}

fn summary(files: &[&Found], seen: &[Seen], exact: bool) -> DuplicateFiles {
    let earlier = earlier_alike(seen);
    let mut duplicates = DuplicateFiles::default();
    duplicates.compared = seen.len() as u64;
    duplicates.exact = exact;
    let found = |index: usize| -> Option<&Found> { files.get(seen.get(index)?.file).copied() };
    // The first image of every set, for each image.
    let mut first: Vec<usize> = (0..seen.len()).collect();
    let mut sets: BTreeMap<usize, (Vec<usize>, bool)> = BTreeMap::new();
    for (index, earlier) in earlier.into_iter().enumerate() {
        let Some(earlier) = earlier else { continue };
        let leader = first.get(earlier).copied().unwrap_or(earlier);
        if let Some(first) = first.get_mut(index) {
            *first = leader;
        }
        let across = found(index).map(Found::directory) != found(earlier).map(Found::directory);
        duplicates.repeats += 1;
        duplicates.across_directories += u64::from(across);
        let set = sets.entry(leader).or_insert_with(|| (vec![leader], false));
        set.0.push(index);
        set.1 |= across;
    }
    // Sets that reach over directories tell most: the same picture under two labels or in two parts.
    let mut sets: Vec<(Vec<usize>, bool)> = sets.into_values().collect();
    sets.sort_by_key(|(set, across)| (!across, std::cmp::Reverse(set.len())));
    let names =
        |set: &[usize]| set.iter().filter_map(|&index| Some(found(index)?.relative.clone())).collect();
    duplicates.examples =
        sets.iter().take(EXAMPLES).map(|(set, _)| names(set.get(..NAMED).unwrap_or(set))).collect();
    duplicates
}

/// For fuzzing: what is decoded of an image.
pub(super) fn decode_only(bytes: &[u8]) {
    let _ = decode::decode(bytes);
}

/// For every image the first earlier one that it is like.
fn earlier_alike(seen: &[Seen]) -> Vec<Option<usize>> {
    first_alike(&seen.iter().map(|seen| &seen.thumbnail).collect::<Vec<_>>())
}

fn first_alike(seen: &[&Thumbnail]) -> Vec<Option<usize>> {
    let hashes: Vec<Hashes> = seen.par_iter().map(|thumbnail| Hashes::of(thumbnail)).collect();
    let index = index::Index::new(&hashes);
    (0..seen.len())
        .into_par_iter()
        .map_init(Vec::new, |candidates, at| {
            index.earlier(at, candidates);
            candidates.iter().map(|&other| other as usize).find(|&other| seen[other].is_like(seen[at]))
        })
        .collect()
}

/// What is kept of a picture to compare it with others.
#[derive(Debug, Clone)]
pub(crate) struct Print(Thumbnail);

impl Print {
    /// The print of a picture; none when it cannot be decoded, costs more than `max_pixels`, or shows hardly any
    /// structure.
    pub(crate) fn of(path: &Path, max_pixels: u64) -> Option<Self> {
        let bytes = std::fs::metadata(path).ok()?.len();
        let measured = measure(path).ok().filter(|measured| decode::can(measured, bytes))?;
        let affordable = measured.pixels() <= max_pixels;
        let thumbnail = affordable.then(|| decode::thumbnail(path).ok()).flatten()?;
        (!thumbnail.is_flat()).then_some(Self(thumbnail))
    }

    pub(crate) fn mirrored(&self) -> Self {
        Self(self.0.mirrored())
    }

    /// Mean brightness of each of eight by eight parts.
    pub(crate) fn points(&self) -> [u8; 64] {
        self.0.coarse_grey()
    }

    /// For each print the first earlier one that shows the same picture.
    pub(crate) fn first_alike(prints: &[&Self]) -> Vec<Option<usize>> {
        first_alike(&prints.iter().map(|print| &print.0).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn chosen(sides: &[u32], limit: usize) -> Vec<usize> {
        let files: Vec<Found> = (0..sides.len())
            .map(|i| Found { path: PathBuf::new(), relative: i.to_string(), bytes: 1_000 })
            .collect();
        let files: Vec<&Found> = files.iter().collect();
        let measures: Vec<Result<ImageMeasure, Fault>> =
            sides.iter().map(|&side| Ok(ImageMeasure::new("png", side, side))).collect();
        choose(&files, &measures, limit)
    }

    #[test]
    fn the_budget_goes_to_small_images_first() {
        // 200 images of 1,000,000 pixels and 400 of 4,000,000, one after the other: 194,000,000 are left for the
        // large ones, which are spread over all of them.
        let sides: Vec<u32> = (0..600).map(|i| if i % 3 == 0 { 1_000 } else { 2_000 }).collect();
        let chosen = chosen(&sides, 10_000);
        let small = chosen.iter().filter(|&&file| sides[file] == 1_000).count();
        assert_eq!((small, chosen.len() - small), (200, 48));
        assert!(chosen.is_sorted() && chosen.iter().any(|&file| file > 500 && sides[file] == 2_000));
    }

    #[test]
    fn the_limit_spreads_evenly() {
        assert_eq!(chosen(&[10; 10], 5), [0, 2, 4, 6, 8]);
        assert_eq!(chosen(&[10; 3], 5), [0, 1, 2]);
        // Too large for any budget.
        assert_eq!(chosen(&[10, 7_000, 10], 5), [0, 2]);
    }
}
