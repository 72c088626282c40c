//! Targets that are masks of pictures: what each point belongs to.

use std::collections::BTreeMap;

use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, DatasetProfile};
use smith_task_schema::{Formulation, Modality};

use super::boxes::images_of;
use super::{Considered, Draft, MIN_EXAMPLES};
use crate::plan::{About, Ask, MaskPart, Masks, Metric, Plan, Source, Split, Target};

/// How much speaks for masks.
const SCORE: f64 = 0.85;
/// Share of the pictures that must be there.
const FOUND: f64 = 0.8;
/// Kinds at most, and one in how many masks has a kind at least.
const MOST_KINDS: usize = 100;
const ONE_IN: u64 = 20;
/// Values that stand for the ground, and the one that stands for what is not judged.
const GROUND: [&str; 2] = ["0", "#000000"];
const NOT_JUDGED: &str = "255";
/// Words for masks in which each thing has a number of its own.
const SINGLE_THINGS: [&str; 2] = ["instance", "object"];
/// Name of the column of the regions.
const TARGET: &str = "regions";

/// Considers all masks.
pub(crate) fn consider(profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    for family in families(profile) {
        match draft(about, &family) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => {
                let paths: Vec<String> = family.iter().map(|part| format!("`{}`", part.path)).collect();
                considered.refused.push(format!("masks in {}: {reason}", paths.join(", ")));
            }
        }
    }
}

/// Masks that are called alike: the ready-made parts of one.
fn families(profile: &DatasetProfile) -> Vec<Vec<&AnnotationProfile>> {
    let mut families: BTreeMap<String, Vec<&AnnotationProfile>> = BTreeMap::new();
    for part in profile.annotations.iter().filter(|part| part.format == AnnotationFormat::Masks) {
        families.entry(called(&part.path)).or_default().push(part);
    }
    families.into_values().collect()
}

/// The ending of the names of masks, or the name of their directory that is not one of a ready-made part.
fn called(path: &str) -> String {
    let (directory, ending) = place(path);
    if !ending.is_empty() {
        return ending.to_owned();
    }
    let is_part = |name: &&str| {
        !matches!(
            name.to_lowercase().as_str(),
            "train" | "training" | "val" | "valid" | "validation" | "test" | "testing"
        )
    };
    directory.rsplit('/').find(is_part).unwrap_or(directory).to_lowercase()
}

/// The directory of masks, and what their names end with.
fn place(path: &str) -> (&str, &str) {
    match path.rsplit_once('*') {
        Some((directory, ending)) => (directory.trim_end_matches('/'), ending),
        None => (path, ""),
    }
}

fn draft(about: &About, family: &[&AnnotationProfile]) -> Result<Draft, String> {
    let sum = |of: &dyn Fn(&AnnotationProfile) -> u64| family.iter().map(|part| of(part)).sum::<u64>();
    let images = sum(&|part| part.images);
    if images < MIN_EXAMPLES {
        return Err(format!("{images} pictures are too few for a task"));
    }
    if (sum(&|part| part.images_found) as f64) < FOUND * images as f64 {
        return Err("their pictures are not in the dataset".to_owned());
    }
    if family.iter().any(|part| SINGLE_THINGS.iter().any(|word| part.path.to_lowercase().contains(word))) {
        return Err("they tell things of one kind apart, for which there is no template".to_owned());
    }
    let kinds = kinds(family)?;
    let masks = Masks { parts: parts(family)?, colours: kinds.iter().any(|kind| kind.starts_with('#')) };
    let reason = match kinds.len() {
        0 => format!("{images} pictures have a mask"),
        many => format!("{images} pictures have a mask of {many} kinds"),
    };
    let metric = if kinds.is_empty() { Metric::Dice } else { Metric::MeanIou };
    let plan = Plan {
        about: about.clone(),
        source: Source::Masks(masks),
        target: Target { column: TARGET.to_owned(), ask: Ask::Regions { kinds } },
        metric,
        split: Split::Random,
        features: Vec::new(),
        dropped: Vec::new(),
        rows: images,
        reasons: vec![reason],
        looks_once: false,
        mended: Vec::new(),
    };
    Ok(Draft {
        score: SCORE,
        formulation: Formulation::StructuredPrediction,
        modality: Modality::Image,
        plan,
    })
}

/// The values that stand for a kind; none where masks only tell what stands out from the ground.
fn kinds(family: &[&AnnotationProfile]) -> Result<Vec<String>, String> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for class in family.iter().flat_map(|part| &part.classes) {
        *counts.entry(&class.value).or_default() += class.count;
    }
    let of_colours = counts.keys().filter(|value| value.starts_with('#')).count();
    if of_colours > 0 && of_colours < counts.len() {
        return Err("some are of colours and some of numbers".to_owned());
    }
    if counts.len() == 1 {
        return Err("each is of one value".to_owned());
    }
    let has_ground = GROUND.iter().any(|ground| counts.remove(ground).is_some());
    if counts.is_empty() || (has_ground && (counts.len() == 1 || is_blurred(&counts))) {
        return Ok(Vec::new());
    }
    if counts.len() > 1 && counts.keys().all(|value| value.parse::<u8>().is_ok()) {
        counts.remove(NOT_JUDGED);
    }
    let measured: u64 = family.iter().map(|part| part.measured).sum();
    let mut kinds: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count >= 2 && count * ONE_IN >= measured)
        .map(|(kind, _)| kind.to_owned())
        .collect();
    kinds.sort_by_key(|kind| (kind.len(), kind.clone()));
    match kinds.len() {
        0 => Err("no kind is in enough of them".to_owned()),
        1 if has_ground => Ok(Vec::new()),
        many if many > MOST_KINDS => Err(format!("there are {many} kinds")),
        _ => Ok(kinds),
    }
}

/// Light and dark with a blurred border between: many values, most of which are neither near the ground nor near white.
fn is_blurred(counts: &BTreeMap<&str, u64>) -> bool {
    let numbers: Vec<u64> = counts.keys().filter_map(|value| value.parse().ok()).collect();
    let between = numbers.iter().filter(|number| (30..=225).contains(*number)).count();
    numbers.len() == counts.len() && numbers.len() >= 8 && between * 2 >= numbers.len()
}

fn parts(family: &[&AnnotationProfile]) -> Result<Vec<MaskPart>, String> {
    let part = |part: &&AnnotationProfile| {
        let (directory, ending) = place(&part.path);
        if directory.contains(['*', '!']) {
            return Err("they lie in an archive or in too many directories".to_owned());
        }
        Ok(MaskPart { path: directory.to_owned(), ending: ending.to_owned(), images: images_of(part) })
    };
    family.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use smith_task_schema::profile::ValueCount;

    fn masks(values: &[(&str, u64)]) -> AnnotationProfile {
        let mut part = AnnotationProfile::default();
        part.measured = 40;
        part.classes = values.iter().map(|(value, count)| ValueCount::new(*value, *count)).collect();
        part
    }

    #[test]
    fn kinds_are_the_values_that_are_no_ground() {
        let blurred: Vec<(String, u64)> = (0..=16).map(|step| ((step * 15).to_string(), 20)).collect();
        let blurred: Vec<(&str, u64)> =
            blurred.iter().map(|(value, count)| (value.as_str(), *count)).collect();
        type Case<'a> = (&'a [(&'a str, u64)], Result<&'a [&'a str], &'a str>);
        let cases: [Case<'_>; 9] = [
            (&[("0", 40), ("255", 38)], Ok(&[])),
            (&[("#000000", 40), ("#ffffff", 38)], Ok(&[])),
            (&[], Ok(&[])),
            (&blurred, Ok(&[])),
            (&[("0", 40), ("1", 40), ("2", 9), ("10", 12), ("17", 1), ("255", 40)], Ok(&["1", "2", "10"])),
            (&[("1", 40), ("2", 40), ("3", 40)], Ok(&["1", "2", "3"])),
            (&[("#ff0000", 30), ("#00ff00", 30), ("#000000", 4)], Ok(&["#00ff00", "#ff0000"])),
            (&[("0", 40)], Err("each is of one value")),
            (&[("0", 40), ("#ff0000", 3)], Err("some are of colours and some of numbers")),
        ];
        for (values, expected) in cases {
            let expected = expected
                .map(|kinds| kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>())
                .map_err(str::to_owned);
            assert_eq!(kinds(&[&masks(values)]), expected, "{values:?}");
        }
    }

    #[test]
    fn parts_of_one_split_are_called_alike() {
        assert_eq!(called("train/masks"), called("masks/val"));
        assert_eq!(called("benign/*_mask"), called("*_mask"));
        assert_ne!(called("SegmentationClass"), called("SegmentationObject"));
    }
}
