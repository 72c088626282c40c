//! Masks that are written as runs: of what is asked for, and in the order that is described.

use rayon::prelude::*;
use smith_data::TextColumn;
use smith_data::signal::{Picture, picture};
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::{description, place, weighed};
use crate::AssertError;
use crate::leakage::mask::{Numbering, SIDE, are_runs, drawn, runs, shows};
use crate::quality::media::Medium;
use crate::quality::spread;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Public, PublicFile, Subject};

pub(in crate::rules) const MASKS: RuleInfo = RuleInfo {
    code: "Q139",
    name: "masks-as-described",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Masks of the test side cover as much as those of the training side, and number the pixels as the description says.",
    why: "Whoever marks what is asked for, in the order that is told, is judged by the background or by a mask that lies on \
          its side.",
    mend: "Make the masks of both sides by the same lines, and describe the order that these write (`ravel()` goes row by row, \
           `ravel(order=\"F\")` column by column).",
    references: &["https://numpy.org/doc/stable/reference/generated/numpy.ravel.html"],
};

/// Examples of a side that are looked at, and at least so many.
const MAX_EXAMPLES: usize = 60;
const MIN_EXAMPLES: usize = 8;
/// How much better pictures must fit masks in one order than in the other one, and how well.
const BETTER: f64 = 0.08;
const FITS: f64 = 0.25;
/// How far the share that masks cover must be from one half for the other part to be told from it.
const UNEVEN: f64 = 0.05;
/// By how much nearer the share of the test side must be to that of the other part.
const NEARER: f64 = 0.1;
/// Words for the order of pixels.
const BY_ROWS: &[&str] =
    &["row by row", "row-by-row", "row after row", "row-major", "row major", "rows first", "along the rows"];
const BY_COLUMNS: &[&str] = &[
    "column by column",
    "column-by-column",
    "column after column",
    "column-major",
    "column major",
    "columns first",
    "along the columns",
];

/// `Q139`.
pub(in crate::rules) fn as_described(info: &RuleInfo, cx: &Subject) -> Measured {
    let split = cx.split()?;
    let train = split.train.as_ref();
    let public = cx.public()?;
    let Some((at, answers)) = split.test.targets.iter().enumerate().find(|(_, cells)| are_masks(cells))
    else {
        return Err(AssertError::not_run("the answers are no masks that are written as runs"));
    };
    let test = masks(public, &split.test, answers);
    if test.len() < MIN_EXAMPLES {
        return Err(AssertError::not_run("too few test examples have a picture that belongs to their mask"));
    }
    let mut report =
        Report::default().with(Figure::new("masks of the test side that were compared", test.len() as f64));
    let order = order(&test);
    let (rows, columns) = order;
    report = report
        .with(Figure::new("how well pictures fit masks row by row", rows))
        .with(Figure::new("how well pictures fit masks column by column", columns));
    let told = said(&description(cx));
    let is_other = |told: Numbering| match told {
        Numbering::Rows => columns >= FITS && columns - rows >= BETTER,
        Numbering::Columns => rows >= FITS && rows - columns >= BETTER,
    };
    if let Some(told) = told.filter(|told| is_other(*told)) {
        let (said, are) = match told {
            Numbering::Rows => ("row by row", "column by column"),
            Numbering::Columns => ("column by column", "row by row"),
        };
        let message = format!(
            "the description numbers the pixels {said}, and the answers fit the pictures only {are} (agreement {:.2} against \
             {:.2}). {}",
            rows.max(columns),
            rows.min(columns),
            info.mend
        );
        report.findings.push(weighed(info, info.severity, cx.name(&cx.layout().test_answer()), message));
    }
    let targets = |train: &Examples| {
        let cells = train.targets.get(at).filter(|cells| are_masks(cells))?;
        Some(masks(public, train, cells).iter().map(Mask::share).collect::<Vec<f64>>())
    };
    let of_train = train.and_then(targets).unwrap_or_else(|| drawn_shares(public, train));
    let of_train = Some(of_train).filter(|all| all.len() >= MIN_EXAMPLES);
    let Some(of_train) = of_train else { return Ok(report) };
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let (learnt, asked) = (mean(&of_train), mean(&test.iter().map(Mask::share).collect::<Vec<f64>>()));
    let apart = (asked - learnt).abs() - (asked - (1.0 - learnt)).abs();
    report = report
        .with(Figure::new("share of the pictures that the masks of the training side cover", learnt))
        .with(
            Figure::new("how much nearer the test side is to the other part", apart)
                .bounded(Bound::AtMost(NEARER)),
        );
    if (learnt - 0.5).abs() >= UNEVEN && apart >= NEARER {
        let message = format!(
            "the masks of the training side cover {:.0} % of their pictures and those of the answers {:.0} %: they mark the \
             other part. {}",
            learnt * 100.0,
            asked * 100.0,
            info.mend
        );
        report.findings.push(weighed(info, info.severity, place(cx, &split.test), message));
    }
    Ok(report)
}

fn are_masks(cells: &TextColumn) -> bool {
    are_runs(spread(cells.len(), 200).into_iter().map(|row| cells.get(row)))
}

/// A mask and its picture.
struct Mask {
    runs: Vec<(usize, usize)>,
    picture: Picture,
}

impl Mask {
    /// Share of the picture that it covers.
    fn share(&self) -> f64 {
        let pixels = f64::from(self.picture.width) * f64::from(self.picture.height);
        self.runs.iter().map(|(_, length)| *length as f64).sum::<f64>() / pixels
    }

    /// How well the picture fits it, numbered in some order.
    fn fits(&self, numbering: Numbering) -> Option<f64> {
        let mask = drawn(&self.runs, self.picture.width, self.picture.height, numbering)?;
        Some(shows(&self.picture.points, None, &mask))
    }
}

fn masks(public: &Public, side: &Examples, cells: &TextColumn) -> Vec<Mask> {
    let chosen = spread(side.files.len().min(cells.len()), MAX_EXAMPLES);
    let read = |row: &usize| {
        let file = public.files.get((*side.files.get(*row)?)? as usize)?;
        let runs = runs(cells.get(*row))?;
        let picture = picture(&public.location(&file.path), u32::try_from(SIDE).ok()?)?;
        Some(Mask { runs, picture })
    };
    chosen.par_iter().filter_map(read).collect()
}

/// How well pictures fit masks row by row, and column by column.
fn order(masks: &[Mask]) -> (f64, f64) {
    let mean = |numbering: Numbering| {
        let fits: Vec<f64> = masks.par_iter().filter_map(|mask| mask.fits(numbering)).collect();
        fits.iter().sum::<f64>() / fits.len().max(1) as f64
    };
    (mean(Numbering::Rows), mean(Numbering::Columns))
}

/// The order that a description tells, if it tells one. `text` is in lower case.
fn said(text: &str) -> Option<Numbering> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |of: &[&str]| of.iter().any(|said| words.contains(said));
    // What is said first runs fastest: `top to bottom and then left to right`.
    let runs = |first: &str, then: &str| {
        let (at, next) = (words.find(first), words.find(then));
        at.zip(next).is_some_and(|(at, next)| {
            at < next && words.get(at..next).is_some_and(|between| between.contains("then"))
        })
    };
    let by_rows = has(BY_ROWS) || runs("left to right", "top to bottom");
    let by_columns = has(BY_COLUMNS) || runs("top to bottom", "left to right");
    match (by_rows, by_columns) {
        (true, false) => Some(Numbering::Rows),
        (false, true) => Some(Numbering::Columns),
        _ => None,
    }
}

/// Shares that masks cover which are pictures of two colours, in a folder of the training examples that is called after them.
fn drawn_shares(public: &Public, train: Option<&Examples>) -> Vec<f64> {
    let is_mask = |path: &str| {
        let lower = path.to_lowercase();
        let folder = lower.rsplit_once('/').map_or("", |(folder, _)| folder);
        Medium::Picture.has(path)
            && ["mask", "segm", "annot", "label"].iter().any(|word| folder.contains(word))
    };
    let names: std::collections::HashSet<&str> = train
        .iter()
        .flat_map(|train| train.files.iter().flatten())
        .filter_map(|at| public.files.get(*at as usize))
        .map(PublicFile::stem)
        .collect();
    let files: Vec<_> = public
        .all_files()
        .filter(|file| is_mask(&file.path) && !file.path.to_lowercase().contains("test"))
        .filter(|file| names.is_empty() || names.contains(file.stem()))
        .collect();
    let share = |at: &usize| {
        let own = picture(&public.location(&files.get(*at)?.path), u32::try_from(SIDE).ok()?)?;
        let bright: Vec<f64> = own.points.iter().map(|[r, g, b]| f64::from(r.max(*g).max(*b))).collect();
        let most = bright.iter().copied().fold(0.0, f64::max);
        let are_two = bright.iter().filter(|x| **x <= 0.05 * most || **x >= 0.95 * most).count();
        (most > 0.0 && are_two * 10 >= bright.len() * 7)
            .then(|| bright.iter().sum::<f64>() / (most * bright.len() as f64))
    };
    spread(files.len(), MAX_EXAMPLES).par_iter().filter_map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read() {
        assert_eq!(said("pixels are numbered from 1, row by\nrow from the top"), Some(Numbering::Rows));
        assert_eq!(said("numbered top to bottom, then left to right"), Some(Numbering::Columns));
        assert_eq!(said("from left to right and then from top to bottom"), Some(Numbering::Rows));
        assert_eq!(said("row-major, not column-major"), None);
        assert_eq!(said("runs of pixels"), None);
    }
}
