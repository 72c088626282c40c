//! Tables of any format that hold the answers beside the ids of the test examples, or in their order.

use std::collections::{BTreeMap, HashMap, HashSet};

use smith_data::{Frame, FrameLimits, TextColumn, frames, line_frame, text_frames};
use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::shortcut::trailing_number;
use super::{agrees, ending, is_media, names, place, shown, warning};
use crate::leakage::agree::{Agreement, Relation, agreement};
use crate::leakage::digests::Digests;
use crate::leakage::sheet::Sheet;
use crate::leakage::target::Target;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Pair, Public, PublicFile, Split, Subject, holds_table};

pub(in crate::rules) const SIDE_TABLES: RuleInfo = RuleInfo {
    code: "A201",
    name: "answers-in-side-files",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No table, document, database, array file or list in public/, archives included, holds the answers of the \
             test examples by their ids or in their order, in any notation.",
    why: "Participants look for such files first, and need no model then.",
    mend: "Remove the file, or the column and the rows of the test examples in it, in prepare.py.",
    references: &[literature::LEAKAGE],
};

/// Columns of one table that are compared.
const MAX_COLUMNS: usize = 300;
/// Files of one directory and ending beyond which there is one for each example.
const MAX_ALIKE: usize = 60;
/// Largest file of an unknown kind that is read as a table, in bytes.
pub(super) const MAX_SIDE_BYTES: u64 = 64 << 20;
/// What is held of such a file.
pub(super) const SIDE_LIMITS: (usize, usize) = (300_000, 64 << 20);
/// Strength from which on numbers that only rise with the answers are them.
const CERTAIN: f64 = 0.995;
/// Findings of one file.
const MAX_FINDINGS: usize = 3;

/// `A201`.
pub(in crate::rules) fn side_tables(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public, split) = (cx.pair()?, cx.public()?, cx.split()?);
    let sheet = Sheet::of(pair);
    let search = Search::new(&sheet, pair, public, split);
    let (mut findings, mut compared) = (Vec::new(), 0_usize);
    let mut unread = public.unread.len();
    for table in &public.tables {
        compared += 1;
        findings.extend(search.table(info, cx, &table.path, &table.frame));
    }
    for tables in public.tables.chunk_by(|a, b| a.path == b.path) {
        let frames: Vec<&Frame> = tables.iter().map(|table| &table.frame).collect();
        let path = tables.first().map_or("", |table| table.path.as_str());
        findings.extend(search.beside(info, cx, path, &frames));
    }
    for file in side_files(public) {
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = SIDE_LIMITS;
        if file.bytes > MAX_SIDE_BYTES {
            unread += 1;
            continue;
        }
        let location = public.location(&file.path);
        let mut read = frames(&location, &limits).unwrap_or_default();
        read.extend(line_frame(&location, &limits));
        read.extend(text_frames(&location, &limits).unwrap_or_default());
        compared += 1;
        let found = read
            .iter()
            .map(|frame| search.table(info, cx, &file.path, frame))
            .find(|found| !found.is_empty());
        let beside = || search.beside(info, cx, &file.path, &read.iter().collect::<Vec<_>>());
        findings.extend(found.unwrap_or_else(beside));
    }
    for file in documents(public) {
        let mut limits = FrameLimits::default();
        (limits.rows, limits.bytes) = SIDE_LIMITS;
        let read = text_frames(&public.location(&file.path), &limits).unwrap_or_default();
        let found = read.iter().map(|frame| search.table(info, cx, &file.path, frame));
        findings.extend(found.into_iter().find(|found| !found.is_empty()).unwrap_or_default());
    }
    Ok(Report::from(findings)
        .with(Figure::new("tables and side files compared with the answers", compared as f64))
        .with(Figure::new("files of public/ that were not compared, or not wholly", unread as f64)))
}

/// Documents that are read as tables and may have texts in them that hold tables in turn.
fn documents(public: &Public) -> impl Iterator<Item = &PublicFile> {
    let is_document = |file: &&PublicFile| holds_table(file) && file.name().to_lowercase().contains(".json");
    let mut tables: Vec<&str> = public.tables.iter().map(|table| table.path.as_str()).collect();
    tables.dedup();
    public.all_files().filter(is_document).filter(move |file| tables.contains(&file.path.as_str()))
}

/// Files that are neither media nor read as tables anyway, and not one for each example.
pub(super) fn side_files(public: &Public) -> Vec<&PublicFile> {
    let mut groups: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for file in public.all_files() {
        *groups.entry((file.directory(), ending(file))).or_default() += 1;
    }
    public
        .all_files()
        .filter(|file| !holds_table(file) && !is_media(file) && file.bytes > 0)
        .filter(|file| file.name() != "sample_submission.csv")
        .filter(|file| groups.get(&(file.directory(), ending(file))).is_some_and(|count| *count <= MAX_ALIKE))
        .collect()
}

/// Orders in which lists of answers may stand: for each answer its place in one.
pub(super) fn orders(sheet: &Sheet, pair: &Pair, split: &Split) -> Vec<(&'static str, Vec<Option<usize>>)> {
    let of_ids = |ids: &TextColumn| -> Vec<Option<usize>> {
        let mut places = vec![None; sheet.ids.len()];
        for (at, id) in ids.iter().enumerate() {
            if let Some(place) = sheet.position(id).and_then(|row| places.get_mut(row)) {
                *place = Some(at);
            }
        }
        places
    };
    let mut orders = vec![("of the answers", sheet.rows.iter().copied().map(Some).collect::<Vec<_>>())];
    if sheet.are_unique {
        let sample: TextColumn =
            pair.sample.rows.iter().filter_map(|row| row.get(pair.id)).map(String::as_str).collect();
        for (words, ids) in [("of the sample submission", &sample), ("of the test table", &split.test.ids)] {
            let places = of_ids(ids);
            let is_known = orders.iter().any(|(_, known)| *known == places);
            if ids.len() == sheet.all && !is_known {
                orders.push((words, places));
            }
        }
    }
    orders
}

/// The number that an id is, or ends in.
fn whole_number(id: &str) -> Option<usize> {
    let number = trailing_number(id)?;
    (number <= 1e9).then_some(number as usize)
}

/// What is known when a table is looked at.
struct Search<'s> {
    sheet: &'s Sheet,
    id_name: &'s str,
    orders: Vec<(&'static str, Vec<Option<usize>>)>,
    split: &'s Split,
    /// In how many tables a column of a name stands.
    tables_with: HashMap<&'s str, usize>,
    /// Columns that participants learn from.
    features: HashSet<&'s str>,
    named: Digests<'s>,
}

impl<'s> Search<'s> {
    fn new(sheet: &'s Sheet, pair: &'s Pair, public: &'s Public, split: &'s Split) -> Self {
        let mut tables_with: HashMap<&str, usize> = HashMap::new();
        for name in public.tables.iter().flat_map(|table| table.frame.names()) {
            *tables_with.entry(name).or_default() += 1;
        }
        let train = split.train.as_ref();
        let features =
            train.map(|train| train.features.iter().map(|feature| feature.name.as_str()).collect());
        let orders = orders(sheet, pair, split);
        Self {
            sheet,
            id_name: pair.id_name(),
            orders,
            split,
            tables_with,
            features: features.unwrap_or_default(),
            named: Digests::of(sheet, split, public),
        }
    }

    fn is_train(&self, path: &str) -> bool {
        self.split.train.as_ref().is_some_and(|train| train.path == path)
    }

    /// Parts of texts that stand beside the ids in a table of its own: paths and names that hold the answer.
    fn parts(
        &self,
        info: &RuleInfo,
        cx: &Subject,
        path: &str,
        frame: &Frame,
        key: usize,
        rows: &[Option<usize>],
    ) -> Option<Finding> {
        if self.is_train(path) || path == self.split.test.path {
            return None;
        }
        let columns = frame.names().iter().zip(frame.columns()).enumerate();
        let own = columns.filter(|(at, (name, _))| *at != key && !self.features.contains(name.as_str()));
        own.take(MAX_ALIKE).find_map(|(_, (name, column))| {
            let texts: Vec<Option<String>> =
                rows.iter().map(|row| row.map(|row| column.get(row).to_owned())).collect();
            let place = place(cx, path);
            names::said(
                info,
                self.sheet,
                &texts,
                &[],
                &place,
                &format!("cells of its column {}", shown(name)),
            )
        })
    }

    fn table(&self, info: &RuleInfo, cx: &Subject, path: &str, frame: &Frame) -> Vec<Finding> {
        let keys = self.sheet.keys(frame);
        let mut findings = Vec::new();
        for (key, rows) in &keys {
            let how = format!("found by their ids in {}", self.column_name(frame, *key));
            findings.extend(self.columns(info, cx, path, frame, &[*key], rows, &how));
            // Where an example has several rows, one may be the last for a reason.
            if let Some(last) = frame.columns().get(*key).and_then(|ids| self.sheet.last_rows_among(ids)) {
                let how = format!("found in the last row of each id in {}", self.column_name(frame, *key));
                let found = self.columns(info, cx, path, frame, &[*key], &last, &how);
                if found.iter().any(Finding::is_error) {
                    findings = found;
                }
            }
            if findings.is_empty() {
                findings.extend(self.parts(info, cx, path, frame, *key, rows));
            }
        }
        if findings.is_empty()
            && path != self.split.test.path
            && let Some(found) = self.named.rows(frame)
        {
            let how = format!("found by the {} in {}", found.what, self.column_name(frame, found.column));
            findings.extend(self.columns(info, cx, path, frame, &[found.column], &found.rows, &how));
        }
        let is_of_train = self.is_train(path) || path.to_lowercase().contains("train");
        if keys.is_empty() && !is_of_train {
            for (how, rows) in self.places(frame) {
                findings.extend(self.columns(info, cx, path, frame, &[], &rows, &how));
            }
        }
        findings.truncate(MAX_FINDINGS);
        findings
    }

    /// Arrays of one file of which one has the ids and another, as long, the answers.
    fn beside(&self, info: &RuleInfo, cx: &Subject, path: &str, frames: &[&Frame]) -> Vec<Finding> {
        let few = frames.get(..frames.len().min(MAX_ALIKE)).unwrap_or_default();
        if few.len() < 2 || self.is_train(path) {
            return Vec::new();
        }
        for ids in few {
            for (key, rows) in self.sheet.keys(ids) {
                let how = format!(
                    "found by their ids in {} of {}, which is as long",
                    self.column_name(ids, key),
                    shown(ids.part())
                );
                for other in
                    few.iter().filter(|other| !std::ptr::eq(**other, *ids) && other.rows() == ids.rows())
                {
                    let mut found = self.columns(info, cx, path, other, &[], &rows, &how);
                    found.truncate(MAX_FINDINGS);
                    if !found.is_empty() {
                        return found;
                    }
                }
            }
        }
        Vec::new()
    }

    /// Rows of a table without ids that the answers may stand in.
    fn places(&self, frame: &Frame) -> Vec<(String, Vec<Option<usize>>)> {
        // A list may have had its first value taken for its header.
        let (all, rows) = (self.sheet.all, frame.rows());
        let lead = usize::from(rows + 1 == all && frame.names().len() <= 2);
        let shifted = |places: &[Option<usize>], by: usize| -> Vec<Option<usize>> {
            places
                .iter()
                .map(|place| place.and_then(|place| place.checked_sub(by)).filter(|at| *at < rows))
                .collect()
        };
        let mut places = Vec::new();
        if rows + lead == all {
            let orders = self.orders.iter();
            places.extend(orders.map(|(order, at)| (format!("in the order {order}"), shifted(at, lead))));
        }
        // The labels of all examples often stand in a list in which the id is the place.
        let numbers: Vec<Option<usize>> = self.sheet.ids.iter().map(|id| whole_number(id)).collect();
        let largest = numbers.iter().flatten().copied().max().unwrap_or(usize::MAX);
        if self.sheet.are_unique && numbers.iter().all(Option::is_some) && largest <= rows + lead {
            for first in [0, 1] {
                let how = format!("found by the number in their id, counted from {first}");
                places.push((how, shifted(&numbers, first + lead)));
            }
        }
        places
    }

    fn column_name(&self, frame: &Frame, at: usize) -> String {
        frame.names().get(at).map_or_else(String::new, |name| format!("its column {}", shown(name)))
    }

    #[expect(clippy::too_many_arguments, reason = "one place to look in, and how it was come to")]
    fn columns(
        &self,
        info: &RuleInfo,
        cx: &Subject,
        path: &str,
        frame: &Frame,
        without: &[usize],
        rows: &[Option<usize>],
        how: &str,
    ) -> Vec<Finding> {
        let columns = frame.columns().iter().zip(frame.names()).enumerate().take(MAX_COLUMNS);
        let mut findings = Vec::new();
        for (at, (cells, name)) in columns {
            if without.contains(&at) || self.is_feature(path, frame, name) {
                continue;
            }
            let given: Vec<Option<&str>> = rows
                .iter()
                .map(|row| row.map(|row| cells.get(row)).filter(|cell| !cell.is_empty()))
                .collect();
            let best = self.sheet.targets.iter().find_map(|target| {
                let is_named = name.eq_ignore_ascii_case(&target.name);
                Some((target, agreement(target, &given, is_named)?))
            });
            let Some((target, found)) = best else { continue };
            // A few of the ids stand in many a column by accident.
            let is_of_values =
                matches!(found.relation, Relation::Same | Relation::Renamed | Relation::Linear);
            if !is_of_values && !self.sheet.is_covered(rows) {
                continue;
            }
            if self.is_reported_elsewhere(path, frame, without, name, target, &found) {
                continue;
            }
            if self.is_train(path) && found.relation != Relation::Same {
                continue;
            }
            let part =
                if frame.part().is_empty() { String::new() } else { format!(" in {}", shown(frame.part())) };
            let message = format!(
                "its column {}{part} {} of {}, {how}. {}",
                shown(name),
                agrees(&found),
                shown(&target.name),
                info.mend
            );
            let place = place(cx, path);
            findings.push(if self.is_certain(name, &found) {
                info.finding(place, message)
            } else {
                warning(info, place, message)
            });
        }
        findings
    }

    /// A feature of the test table is judged as one, by other rules.
    fn is_feature(&self, path: &str, frame: &Frame, name: &str) -> bool {
        let shared = frame.names().iter().filter(|name| self.features.contains(name.as_str())).count();
        self.features.contains(name)
            && (path == self.split.test.path || shared * 2 >= frame.names().len().saturating_sub(1))
    }

    /// A102 reads comma-separated tables with the columns of the sample.
    fn is_reported_elsewhere(
        &self,
        path: &str,
        frame: &Frame,
        keys: &[usize],
        name: &str,
        target: &Target,
        found: &Agreement,
    ) -> bool {
        let has_ids = keys.iter().any(|at| frame.names().get(*at).is_some_and(|key| key == self.id_name));
        let as_written = keys.iter().filter_map(|at| frame.columns().get(*at)).any(|ids| {
            let exact: HashSet<&str> = ids.iter().take(100_000).collect();
            self.sheet.ids.iter().take(100).filter(|id| exact.contains(id.as_str())).count()
                >= 95.min(self.sheet.ids.len())
        });
        let is_plain = path.to_lowercase().ends_with(".csv") && !path.contains("!/");
        is_plain && has_ids && as_written && name == target.name && found.relation == Relation::Same
    }

    /// The same values are the answers. Numbers that rise with them may be an honest feature, where other tables have
    /// it too.
    fn is_certain(&self, name: &str, found: &Agreement) -> bool {
        match found.relation {
            Relation::Same | Relation::Renamed | Relation::Linear | Relation::Listed => true,
            Relation::Monotone | Relation::Parted | Relation::OneClass => {
                self.split.train.is_some()
                    && found.strength >= CERTAIN
                    && self.tables_with.get(name).copied().unwrap_or(0) < 2
            }
        }
    }
}
