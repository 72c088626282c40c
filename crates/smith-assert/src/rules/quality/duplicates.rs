//! Training examples that come again among the test examples.

use std::cell::OnceCell;

use smith_data::Frame;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{has_files, percent, place, quoted, sides, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::copies::{BROKEN_SHARE, Copies, SameTarget, Twins};
use crate::quality::media::{self, Medium};
use crate::quality::raw_files::{self, RawFiles};
use crate::quality::turned::Turned;
use crate::quality::{rows, texts};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Split, Subject};

const WHY: &str =
    "An example that stands in both can be looked up; the score then tells nothing about learning.";
const MEND: &str =
    "Remove duplicates before splitting, or keep all copies of one example on one side of the split.";
const REFERENCES: &[&str] = &[
    literature::REPRODUCIBILITY,
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
    proves: "Test texts that are nearly those of a training example, or use nearly the same words, are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

pub(in crate::rules) const PICTURES: RuleInfo = RuleInfo {
    code: "Q103",
    name: "pictures-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test pictures that show what a training picture shows (scaled, compressed, mirrored, turned, cut out, brighter) are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

pub(in crate::rules) const SOUNDS: RuleInfo = RuleInfo {
    code: "Q104",
    name: "sounds-in-train",
    severity: Severity::Warning,
    layer: Layer::Data,
    proves: "Test recordings that are those of a training example (at another volume, rate or depth, or windows of one recording that overlap) are few, or no more than the data have by nature.",
    why: WHY,
    mend: MEND,
    references: REFERENCES,
};

/// Test pictures that train shows in another view: how many times more than look alike by nature, and how many.
const VIEWS_RATIO: f64 = 3.0;
const VIEWS_MORE: f64 = 0.02;
const LEAST_VIEWS: usize = 5;
const PLANTED_DEVIATIONS: f64 = 6.0;

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

    /// Takes in twins of one kind: figures in any case, a finding when they weigh. True when there is one. `raw` gives
    /// the share of the raw examples that have a copy, and is asked only where that decides.
    fn add(
        &mut self,
        info: &RuleInfo,
        what: &str,
        twins: &Twins,
        (telling, whole): (bool, bool),
        raw: &dyn Fn() -> Option<f64>,
    ) -> bool {
        let mut copies = Copies::count(twins, &self.same, self.train.rows, telling, whole);
        if copies.is_open() {
            copies.raw = raw();
        }
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
        let in_raw = format!("share of the raw examples with a copy among themselves ({what})");
        self.report.figures.extend(copies.raw.map(|raw| Figure::new(in_raw, raw)));
        let Some(severity) = copies.weight() else { return false };
        let finding = self.finding(info, severity, what, &copies);
        self.report.findings.push(finding);
        true
    }

    /// Takes in pictures that are found mirrored, turned or cut out: those that look alike by nature look alike as they
    /// are too, and raw pictures that are turned copies by nature are so before any split.
    fn add_views(&mut self, info: &RuleInfo, turned: &Turned, raw: &dyn Fn() -> Option<f64>) {
        let share = turned.share();
        let figure = Figure::new(
            format!(
                "share of {} test pictures that train shows mirrored, turned or cut out",
                turned.compared
            ),
            share,
        );
        self.report.figures.push(figure.bounded(Bound::AtMost(VIEWS_RATIO * turned.natural + VIEWS_MORE)));
        let found = turned.found.len();
        let is_much = share > VIEWS_RATIO * turned.natural + VIEWS_MORE && found >= LEAST_VIEWS;
        // Put into train after the split, such copies are rare among the training pictures themselves.
        let expected = turned.natural_views * turned.compared as f64;
        let is_planted = share > VIEWS_RATIO * turned.natural_views + VIEWS_MORE
            && found as f64 - expected > PLANTED_DEVIATIONS * (expected + 1.0).sqrt();
        let is_much = is_much || is_planted;
        let within = "share of the training pictures that another one shows mirrored, turned or cut out";
        self.report.figures.push(Figure::new(within, turned.natural_views));
        if !is_much || raw().is_some_and(|raw| raw * 4.0 > share) {
            return;
        }
        let shown = turned.found.iter().take(3).map(|(test, train, view)| {
            format!(
                "test {} is train {}, {view}",
                self.name(&self.split.test, *test),
                self.name(self.train, *train)
            )
        });
        let evidence = shown.collect::<Vec<_>>().join("\n");
        let message = format!(
            "{} of {} test pictures are training pictures in another view (mirrored, turned or cut out), while {} of the \
             training pictures look like another as they are. Split the pictures first, and make such copies of training \
             pictures alone, if at all. {}",
            turned.found.len(),
            turned.compared,
            percent(turned.natural),
            info.mend
        );
        let place = place(self.cx, &self.split.test);
        let finding = Finding { evidence, ..weighed(info, Severity::Error, place, message) };
        self.report.findings.push(finding);
    }

    fn name(&self, side: &Examples, row: usize) -> String {
        let id = side.ids.get(row);
        if id.is_empty() { format!("row {}", row + 1) } else { quoted(id) }
    }

    fn finding(&self, info: &RuleInfo, severity: Severity, what: &str, copies: &Copies) -> Finding {
        let message = format!(
            "{} of {} test examples have a copy among the training examples ({what}) with the same target: {} of them; \
             {} of the training examples have one among themselves{}. {}",
            copies.same,
            copies.compared,
            percent(copies.share()),
            percent(copies.natural),
            copies.raw.map(|raw| format!(", and {} of the raw ones", percent(raw))).unwrap_or_default(),
            info.mend
        );
        let pair = |(test, train): &(usize, usize)| {
            format!("test {} is train {}", self.name(&self.split.test, *test), self.name(self.train, *train))
        };
        let evidence = copies.examples.iter().map(pair).collect::<Vec<_>>().join("\n");
        Finding { evidence, ..weighed(info, severity, place(self.cx, &self.split.test), message) }
    }
}

/// `Q101`.
pub(in crate::rules) fn rows(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut compared = Compared::new(cx)?;
    let features: Vec<&str> = compared
        .split
        .columns()
        .columns
        .iter()
        .filter(|column| column.is_feature())
        .map(|column| column.name.as_str())
        .collect();
    if features.is_empty() {
        return Err(AssertError::not_run("the two sides share no features in a table"));
    }
    if has_files(compared.train) {
        return Err(AssertError::not_run("the examples are files; rows say little of them"));
    }
    let in_raw = || raw_files::repeated_rows(&raw_tables(cx)?, &features);
    let (twins, telling) = rows::exact(compared.split, compared.train);
    if !compared.add(info, "equal features", &twins, (telling, true), &in_raw)
        && let Some(twins) = rows::near(compared.split.columns())
    {
        compared.add(info, "features that differ by noise", &twins, (true, false), &|| None);
    }
    Ok(compared.report)
}

fn raw_tables(cx: &Subject) -> Option<Vec<Frame>> {
    RawFiles::read(cx).ok().flatten().map(|raw| raw.tables())
}

/// `Q102`.
pub(in crate::rules) fn texts(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut compared = Compared::new(cx)?;
    let found = texts::texts(compared.split, compared.train, cx.public()?, &cx.layout().public);
    if found.is_empty() {
        return Err(AssertError::not_run("the examples have no texts"));
    }
    for texts in &found {
        let in_raw = |by_words| texts.in_raw(&raw_tables(cx)?, by_words);
        let weight = (texts.len() > 0, texts.is_all);
        if !compared.add(info, &texts.name, &texts.twins(), weight, &|| in_raw(false))
            && let Some(twins) = texts.same_words()
        {
            let what = format!("{}, nearly the same words", texts.name);
            compared.add(info, &what, &twins, (true, false), &|| in_raw(true));
        }
    }
    Ok(compared.report)
}

/// `Q103`.
pub(in crate::rules) fn pictures(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut media = Media::new(cx, Medium::Picture, "the examples have no pictures")?;
    if media.copies(info)? {
        return Ok(media.compared.report);
    }
    let Some(turned) = media::in_other_views(&media.train, &media.test, cx.public()?, &cx.layout().public)
    else {
        return Ok(media.compared.report);
    };
    let in_raw = OnceCell::new();
    let in_raw = || {
        *in_raw.get_or_init(|| RawFiles::read(cx).ok().flatten().and_then(|raw| media::views_in_raw(&raw)))
    };
    let mut compared = media.compared;
    if !compared.add(info, "brighter or darker", &turned.plain, (true, false), &|| Some(in_raw()?.1)) {
        compared.add_views(info, &turned, &|| Some(in_raw()?.0));
    }
    Ok(compared.report)
}

/// `Q104`.
pub(in crate::rules) fn sounds(info: &RuleInfo, cx: &Subject) -> Measured {
    let mut media = Media::new(cx, Medium::Sound, "the examples have no recordings")?;
    if !media.copies(info)?
        && let Some(twins) = media::overlapping(&media.train, &media.test, cx.public()?, &cx.layout().public)
    {
        let in_raw = || RawFiles::read(cx).ok().flatten().and_then(|raw| media::overlaps_in_raw(&raw));
        media.compared.add(info, "the same piece of sound", &twins, (true, true), &in_raw);
    }
    Ok(media.compared.report)
}

/// The files of a medium of both sides.
struct Media<'a> {
    compared: Compared<'a>,
    medium: Medium,
    train: Vec<(usize, usize)>,
    test: Vec<(usize, usize)>,
}

impl<'a> Media<'a> {
    fn new(cx: &'a Subject, medium: Medium, none: &str) -> Result<Self, AssertError> {
        let compared = Compared::new(cx)?;
        let public = cx.public()?;
        let test = media::files(&compared.split.test, public, medium);
        let train = media::files(compared.train, public, medium);
        if test.is_empty() || train.is_empty() {
            return Err(AssertError::not_run(none));
        }
        let shared: Vec<usize> = test.iter().map(|(_, file)| *file).collect();
        // Examples of both sides may speak of one file: that is no copy.
        let train = train.into_iter().filter(|(_, file)| shared.binary_search(file).is_err()).collect();
        Ok(Self { compared, medium, train, test })
    }

    /// Files of the same bytes, then of the same content. True when there is a finding.
    fn copies(&mut self, info: &RuleInfo) -> Result<bool, AssertError> {
        let cx = self.compared.cx;
        let (public, root) = (cx.public()?, &cx.layout().public);
        let twins = media::same_bytes(&self.train, &self.test, public, root);
        if self.compared.add(info, "the same bytes", &twins, (true, true), &|| None) {
            return Ok(true);
        }
        let twins = media::same_content(&self.train, &self.test, public, root, self.medium);
        Ok(twins.is_some_and(|twins| {
            self.compared.add(info, "the same content", &twins, (true, false), &|| None)
        }))
    }
}
