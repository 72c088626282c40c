//! Training examples that come again among the test examples.

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{has_files, percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::quality::copies::{BROKEN_SHARE, Copies, SameTarget, Twins};
use crate::quality::media::{self, Medium};
use crate::quality::{Column, rows, texts};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Split, Subject};

const WHY: &str =
    "An example that stands in both can be looked up; the score then tells nothing about learning.";
const MEND: &str =
    "Remove duplicates before splitting, or keep all copies of one example on one side of the split.";
const REFERENCES: &[&str] = &[
    "Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 4 (2023)",
    "Lee et al., Deduplicating training data makes language models better, ACL 2022",
];

pub(in crate::rules) const ROWS: RuleInfo = RuleInfo {
    code: "Q101",
    name: "rows-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test rows whose features equal those of a training row, or differ by noise, are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

pub(in crate::rules) const TEXTS: RuleInfo = RuleInfo {
    code: "Q102",
    name: "texts-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test texts that are nearly those of a training example are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

pub(in crate::rules) const PICTURES: RuleInfo = RuleInfo {
    code: "Q103",
    name: "pictures-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test pictures that show what a training picture shows (scaled, compressed, mirrored) are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

pub(in crate::rules) const SOUNDS: RuleInfo = RuleInfo {
    code: "Q104",
    name: "sounds-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test recordings that are those of a training example (at another volume, rate or depth) are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

/// One comparison of the two sides.
struct Compared<'a> {
    cx: &'a Subject,
    split: &'a Split,
    train: &'a Examples,
    same: SameTarget,
    report: Report,
}

impl<'a> Compared<'a> {
    fn new(cx: &'a Subject) -> Result<Self, AssertError> {
        let (split, train) = sides(cx)?;
        Ok(Self { cx, split, train, same: SameTarget::of(train, &split.test), report: Report::default() })
    }

    /// Takes in twins of one kind: figures in any case, a finding when they weigh. True when there is one.
    fn add(&mut self, info: &RuleInfo, what: &str, twins: &Twins, telling: bool, whole: bool) -> bool {
        let copies = Copies::count(twins, &self.same, self.train.rows, telling, whole);
        let named = |name: &str| format!("share of {} test examples {name} ({what})", copies.compared);
        let share = Figure::new(named("with a copy in train that has the same target"), copies.share());
        let share = if telling {
            share.bounded(Bound::AtMost(BROKEN_SHARE.max(2.0 * copies.natural + 0.1)))
        } else {
            share
        };
        self.report.figures.push(share);
        let within = format!(
            "share of training examples with a copy among themselves that has the same target ({what})"
        );
        self.report.figures.push(Figure::new(within, copies.natural));
        let Some(severity) = copies.weight() else { return false };
        let finding = self.finding(info, severity, what, &copies);
        self.report.findings.push(finding);
        true
    }

    fn finding(&self, info: &RuleInfo, severity: Severity, what: &str, copies: &Copies) -> Finding {
        let message = format!(
            "{} of {} test examples have a copy among the training examples ({what}) with the same target: {} of them; \
             {} of the training examples have one among themselves. {}",
            copies.same,
            copies.compared,
            percent(copies.share()),
            percent(copies.natural),
            info.mend
        );
        let name = |side: &Examples, row: usize| {
            let id = side.ids.get(row);
            if id.is_empty() { format!("row {}", row + 1) } else { quoted(id) }
        };
        let pair = |(test, train): &(usize, usize)| {
            format!("test {} is train {}", name(&self.split.test, *test), name(self.train, *train))
        };
        let evidence = copies.examples.iter().map(pair).collect::<Vec<_>>().join("\n");
        Finding { evidence, ..weighed(info, severity, place(self.cx, &self.split.test), message) }
    }
}

/// `Q101`.
pub(in crate::rules) fn rows(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut compared = Compared::new(cx)?;
    if !compared.split.columns().columns.iter().any(Column::is_feature) {
        return Err(AssertError::not_run("the two sides share no features in a table"));
    }
    if has_files(compared.train) {
        return Err(AssertError::not_run("the examples are files; rows say little of them"));
    }
    let (twins, telling) = rows::exact(compared.split, compared.train);
    if !compared.add(info, "equal features", &twins, telling, true)
        && let Some(twins) = rows::near(compared.split.columns())
    {
        compared.add(info, "features that differ by noise", &twins, true, false);
    }
    Ok(compared.report)
}

/// `Q102`.
pub(in crate::rules) fn texts(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut compared = Compared::new(cx)?;
    let found = texts::texts(compared.split, compared.train, cx.public()?, &cx.layout().public);
    if found.is_empty() {
        return Err(AssertError::not_run("the examples have no texts"));
    }
    for texts in &found {
        let twins = texts.twins();
        compared.add(info, &texts.name, &twins, texts.len() > 0, texts.is_all);
    }
    Ok(compared.report)
}

/// `Q103`.
pub(in crate::rules) fn pictures(info: &RuleInfo, cx: &Subject) -> Measured {
    media(info, cx, Medium::Picture, "the examples have no pictures")
}

/// `Q104`.
pub(in crate::rules) fn sounds(info: &RuleInfo, cx: &Subject) -> Measured {
    media(info, cx, Medium::Sound, "the examples have no recordings")
}

fn media(info: &RuleInfo, cx: &Subject, medium: Medium, none: &str) -> Measured {
    let mut compared = Compared::new(cx)?;
    let (public, root) = (cx.public()?, &cx.layout().public);
    let test = media::files(&compared.split.test, public, medium);
    let train = media::files(compared.train, public, medium);
    if test.is_empty() || train.is_empty() {
        return Err(AssertError::not_run(none));
    }
    let shared: Vec<usize> = test.iter().map(|(_, file)| *file).collect();
    // Examples of both sides may speak of one file: that is no copy.
    let train: Vec<(usize, usize)> =
        train.into_iter().filter(|(_, file)| shared.binary_search(file).is_err()).collect();
    let twins = media::same_bytes(&train, &test, public, root);
    if !compared.add(info, "the same bytes", &twins, true, true)
        && let Some(twins) = media::same_content(&train, &test, public, root, medium)
    {
        compared.add(info, "the same content", &twins, true, false);
    }
    Ok(compared.report)
}
