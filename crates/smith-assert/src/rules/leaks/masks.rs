//! Pictures beside those of the test examples that show the masks that are asked for.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use smith_data::signal::{Picture, picture};
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::{is_media, place};
use crate::leakage::mask::{Numbering, Plane, SIDE, are_runs, drawn, runs, shows};
use crate::leakage::sheet::Sheet;
use crate::leakage::target::Target;
use crate::literature;
use crate::rank::pearson;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Public, PublicFile, Subject};

pub(in crate::rules) const MASKS: RuleInfo = RuleInfo {
    code: "A217",
    name: "answers-in-side-pictures",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No picture beside that of a test example shows the mask that is asked for: as an area, as an outline, or \
             drawn over the picture.",
    why: "Previews and overlays of an annotated dataset are the annotation; a threshold reads it back.",
    mend: "Write such pictures for the training examples only, or not at all.",
    references: &[literature::LEAKAGE],
};

/// Test examples whose pictures are compared, and at least so many.
const MAX_EXAMPLES: usize = 40;
const MIN_EXAMPLES: usize = 8;
/// How well pictures must show the masks, and how much better than the picture that participants are given, and than
/// they show the mask of another.
const SHOWS: f64 = 0.7;
const BETTER: f64 = 0.2;

/// What is measured.
const AGREEMENT: &str = "agreement of pictures beside the test examples with their masks";

/// Files of one kind beside the examples: for each row of the sheet its file.
type Beside<'f> = BTreeMap<usize, &'f PublicFile>;

/// `A217`.
pub(in crate::rules) fn masks(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public, split) = (cx.pair()?, cx.public()?, cx.split()?);
    let sheet = Sheet::of(pair);
    let is_mask = |target: &&Target| are_runs(target.cells.iter().map(String::as_str));
    let Some(target) = sheet.targets.iter().find(is_mask) else {
        // Other answers are no pictures.
        return Ok(Report::default().with(Figure::new(AGREEMENT, 0.0)));
    };
    let given: BTreeSet<&str> = split
        .test
        .files
        .iter()
        .flatten()
        .filter_map(|at| public.files.get(*at as usize))
        .map(|file| file.path.as_str())
        .collect();
    let groups = beside(&sheet, public);
    let input = groups.values().find(|files| files.values().any(|file| given.contains(file.path.as_str())));
    let (mut findings, mut most) = (Vec::new(), 0.0_f64);
    for files in groups.values() {
        let is_input = files.values().any(|file| given.contains(file.path.as_str()));
        if is_input || files.len() < MIN_EXAMPLES {
            continue;
        }
        let Some(seen) = compared(public, target, files, input) else { continue };
        most = most.max(seen.shown);
        if seen.shown >= SHOWS && seen.shown - seen.by_input.max(seen.of_others) >= BETTER {
            let message = format!(
                "it and others of its kind show the masks of the test examples: their agreement with them is {:.2}, that \
                 of the pictures that participants are given {:.2}, that with masks of other examples {:.2}. {}",
                seen.shown, seen.by_input, seen.of_others, info.mend
            );
            let first = files.values().next().map_or("", |file| file.path.as_str());
            findings.push(info.finding(place(cx, first), message));
        }
    }
    if let Some((file, seen)) =
        input.and_then(|files| Some((files.values().next()?, by_opacity(public, target, files)?)))
    {
        most = most.max(seen.shown);
        if seen.shown >= SHOWS && seen.shown - seen.of_others >= BETTER {
            let message = format!(
                "the test pictures are transparent outside of what is asked for: the agreement of their fourth channel with \
                 the masks is {:.2}, with masks of other examples {:.2}. Save them without that channel (`convert(\"RGB\")`).",
                seen.shown, seen.of_others
            );
            findings.push(info.finding(place(cx, &file.path), message));
        }
    }
    let figure = Figure::new(AGREEMENT, most);
    Ok(Report::from(findings).with(figure.bounded(Bound::AtMost(SHOWS))))
}

/// Pictures that are named after the test examples, by folder and by what else stands in their name.
fn beside<'f>(sheet: &Sheet, public: &'f Public) -> BTreeMap<(String, String), Beside<'f>> {
    let mut groups: BTreeMap<(String, String), Beside<'f>> = BTreeMap::new();
    if !sheet.are_unique {
        return groups;
    }
    for file in public.all_files().filter(|file| is_media(file)) {
        let stem = file.stem();
        let ways = [
            Some((stem, "")),
            stem.rsplit_once(['_', '-', '.']),
            stem.split_once(['_', '-']).map(|(before, id)| (id, before)),
        ];
        let named = ways.into_iter().flatten().find_map(|(id, more)| Some((sheet.position(id)?, more)));
        if let Some((row, more)) = named {
            let key = (file.directory().to_owned(), more.to_owned());
            groups.entry(key).or_default().insert(row, file);
        }
    }
    groups
}

/// How well pictures show masks.
struct Seen {
    shown: f64,
    by_input: f64,
    of_others: f64,
}

/// How well the fourth channel of the pictures shows the masks; none where there is no such channel.
fn by_opacity(public: &Public, target: &Target, files: &Beside<'_>) -> Option<Seen> {
    let step = files.len().div_ceil(MAX_EXAMPLES).max(1);
    let some: Vec<(&usize, &&PublicFile)> = files.iter().step_by(step).collect();
    let loaded: Vec<(Vec<f64>, Plane)> = some
        .par_iter()
        .filter_map(|(row, file)| {
            let own = picture(&public.location(&file.path), u32::try_from(SIDE).ok()?)?;
            let opacity: Plane = own.opacity.as_ref()?.iter().map(|one| f64::from(*one)).collect();
            let cell = runs(target.cells.get(**row)?)?;
            Some((
                opacity,
                drawn(&cell, own.width, own.height, Numbering::Rows)?,
                drawn(&cell, own.width, own.height, Numbering::Columns)?,
            ))
        })
        .map(|(opacity, rows, columns)| {
            let by = |mask: &Plane| pearson(&opacity, mask).map_or(0.0, f64::abs);
            let mask = if by(&rows) >= by(&columns) { rows } else { columns };
            (opacity, mask)
        })
        .collect();
    if loaded.len() < MIN_EXAMPLES {
        return None;
    }
    let agreement = |(opacity, mask): (&Vec<f64>, &Plane)| pearson(opacity, mask).map_or(0.0, f64::abs);
    let count = loaded.len() as f64;
    let shown = loaded.iter().map(|(opacity, mask)| agreement((opacity, mask))).sum::<f64>() / count;
    let others = loaded.iter().zip(loaded.iter().cycle().skip(1));
    let of_others = others.map(|((opacity, _), (_, mask))| agreement((opacity, mask))).sum::<f64>() / count;
    Some(Seen { shown, by_input: 0.0, of_others })
}

fn compared(
    public: &Public,
    target: &Target,
    files: &Beside<'_>,
    input: Option<&Beside<'_>>,
) -> Option<Seen> {
    let step = files.len().div_ceil(MAX_EXAMPLES).max(1);
    let rows: Vec<usize> = files.keys().copied().step_by(step).collect();
    let open = |file: Option<&&PublicFile>| picture(&public.location(&file?.path), u32::try_from(SIDE).ok()?);
    let loaded: Vec<(usize, Picture, Option<Picture>)> = rows
        .par_iter()
        .filter_map(|row| Some((*row, open(files.get(row))?, open(input.and_then(|input| input.get(row))))))
        .collect();
    let each = |numbering: Numbering| -> Option<Seen> {
        let masks: Vec<_> = loaded
            .iter()
            .map(|(row, own, original)| {
                let of = original.as_ref().unwrap_or(own);
                drawn(&runs(target.cells.get(*row)?)?, of.width, of.height, numbering)
            })
            .collect();
        let known = masks.iter().flatten().count();
        if known < MIN_EXAMPLES {
            return None;
        }
        let (mut shown, mut by_input, mut of_others) = (0.0, 0.0, 0.0);
        for (at, (_, own, original)) in loaded.iter().enumerate() {
            let Some(mask) = masks.get(at).and_then(Option::as_ref) else { continue };
            let before = original.as_ref().map(|original| original.points.as_slice());
            shown += shows(&own.points, before, mask);
            by_input += before.map_or(0.0, |before| shows(before, None, mask));
            let other = masks.iter().cycle().skip(at + 1).take(masks.len()).flatten().next();
            of_others += other.map_or(0.0, |other| shows(&own.points, before, other));
        }
        let count = known as f64;
        Some(Seen { shown: shown / count, by_input: by_input / count, of_others: of_others / count })
    };
    let both = [Numbering::Rows, Numbering::Columns].into_iter().filter_map(each);
    both.max_by(|a, b| a.shown.total_cmp(&b.shown))
}
