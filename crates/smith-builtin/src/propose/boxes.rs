//! Targets that are boxes around what pictures show.

use std::collections::BTreeMap;
use std::path::Path;

use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, DatasetProfile};
use smith_task_schema::{Formulation, Modality};

use super::reading::reader;
use super::{Considered, Draft, MIN_EXAMPLES};
use crate::plan::{About, Ask, BoxFormat, BoxPart, BoxTable, Boxes, Metric, Plan, Source, Split, Target};

/// How much speaks for boxes.
const SCORE: f64 = 0.85;
/// Share of the pictures that must be there, and of the boxes that must have an area within their picture.
const FOUND: f64 = 0.9;
const VALID: f64 = 0.9;
/// Boxes of a kind that can be learnt and tested, and kinds at most.
const MIN_BOXES: u64 = 30;
const MOST_KINDS: usize = 100;
/// The kind of a box where none is named.
const ONE_KIND: &str = "object";
/// Name of the column of the boxes.
const TARGET: &str = "boxes";

/// Considers all annotations that have boxes.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    for family in families(profile) {
        match draft(root, profile, about, &family) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => {
                let paths: Vec<String> = family.iter().map(|part| format!("`{}`", part.path)).collect();
                considered.refused.push(format!("boxes of {}: {reason}", paths.join(", ")));
            }
        }
    }
}

/// Annotations of one format with the same kinds: the ready-made parts of one.
fn families(profile: &DatasetProfile) -> Vec<Vec<&AnnotationProfile>> {
    let mut families: Vec<Vec<&AnnotationProfile>> = Vec::new();
    for part in profile.annotations.iter().filter(|part| has_boxes(part)) {
        let same = |other: &AnnotationProfile| other.format == part.format && shares_kinds(other, part);
        match families.iter_mut().find(|family| family.iter().any(|other| same(other))) {
            Some(family) => family.push(part),
            None => families.push(vec![part]),
        }
    }
    families
}

fn has_boxes(part: &AnnotationProfile) -> bool {
    let outlined = matches!(part.format, AnnotationFormat::Coco | AnnotationFormat::Labelme);
    let followed = matches!(part.format, AnnotationFormat::Tracks | AnnotationFormat::Masks);
    !followed && part.shapes.iter().any(|shape| shape == "box" || (outlined && shape == "polygon"))
}

/// At least half of the kinds of the smaller one are those of the other.
fn shares_kinds(a: &AnnotationProfile, b: &AnnotationProfile) -> bool {
    let shared = a.classes.iter().filter(|class| b.classes.iter().any(|other| other.value == class.value));
    shared.count() * 2 >= a.classes.len().min(b.classes.len())
}

fn draft(
    root: &Path,
    profile: &DatasetProfile,
    about: &About,
    family: &[&AnnotationProfile],
) -> Result<Draft, String> {
    let sum = |of: &dyn Fn(&AnnotationProfile) -> u64| family.iter().map(|part| of(part)).sum::<u64>();
    let (images, objects) = (sum(&|part| part.images), sum(&|part| part.objects));
    if images < MIN_EXAMPLES {
        return Err(format!("{images} pictures are too few for a task"));
    }
    if (sum(&|part| part.images_found) as f64) < FOUND * images as f64 {
        return Err("their pictures are not in the dataset".to_owned());
    }
    let (checked, invalid) = (sum(&|part| part.checked), sum(&|part| part.invalid));
    if invalid as f64 > (1.0 - VALID) * checked as f64 {
        return Err(format!("{invalid} of {checked} boxes have no area or lie outside of their picture"));
    }
    let kinds = kinds(family, objects)?;
    let first = family.first().ok_or("there are none")?;
    let boxes = Boxes { format: format(root, profile, first)?, parts: parts(family)? };
    let plan = Plan {
        about: about.clone(),
        source: Source::Boxes(boxes),
        target: Target { column: TARGET.to_owned(), ask: Ask::Boxes { kinds: kinds.clone() } },
        metric: Metric::MeanAveragePrecision,
        split: Split::Random,
        features: Vec::new(),
        dropped: Vec::new(),
        rows: images,
        reasons: vec![format!("{objects} boxes of {} kinds are drawn in {images} pictures", kinds.len())],
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

/// The kinds with enough boxes, as a submission writes them.
fn kinds(family: &[&AnnotationProfile], objects: u64) -> Result<Vec<String>, String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for class in family.iter().flat_map(|part| &part.classes) {
        *counts.entry(in_one_word(&class.value)).or_default() += class.count;
    }
    if counts.is_empty() {
        counts.insert(ONE_KIND.to_owned(), objects);
    }
    let kinds: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count >= MIN_BOXES).map(|(kind, _)| kind).collect();
    match kinds.len() {
        0 => Err(format!("no kind has {MIN_BOXES} boxes")),
        many if many > MOST_KINDS => Err(format!("there are {many} kinds")),
        _ => Ok(kinds),
    }
}

/// A kind without the blanks that part the words of a box.
fn in_one_word(kind: &str) -> String {
    kind.split_whitespace().collect::<Vec<_>>().join("_")
}

/// The directory of the pictures. Where they lie in several, they are looked for everywhere.
pub(super) fn images_of(part: &AnnotationProfile) -> String {
    part.images_in.clone().filter(|directory| !directory.contains(['*', '!'])).unwrap_or_default()
}

fn parts(family: &[&AnnotationProfile]) -> Result<Vec<BoxPart>, String> {
    let part = |part: &&AnnotationProfile| {
        if part.path.contains(['*', '!']) {
            return Err("they lie in an archive or in too many directories".to_owned());
        }
        Ok(BoxPart { path: part.path.clone(), images: images_of(part) })
    };
    family.iter().map(part).collect()
}

fn format(root: &Path, profile: &DatasetProfile, part: &AnnotationProfile) -> Result<BoxFormat, String> {
    Ok(match part.format {
        AnnotationFormat::Coco => BoxFormat::Coco,
        AnnotationFormat::Voc => BoxFormat::Voc,
        AnnotationFormat::Labelme => BoxFormat::Labelme,
        AnnotationFormat::Yolo => BoxFormat::Yolo { names: part.names.clone() },
        AnnotationFormat::BoxTable => {
            let table = profile.tables.iter().find(|table| table.path == part.path);
            let (table, columns) =
                table.zip(part.columns.as_ref()).ok_or("their table is not in the profile")?;
            BoxFormat::Table(Box::new(BoxTable {
                reader: reader(root, table)?,
                image: columns.image.clone(),
                sides: columns.sides.clone(),
                sized: columns.sized,
                class: columns.class.clone(),
            }))
        }
        other => return Err(format!("there is no template for {other:?}")),
    })
}
