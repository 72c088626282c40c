//! Targets that are columns of a table.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use smith_task_schema::profile::{
    ColumnKind, ColumnProfile, DatasetProfile, FileKind, TableProfile, TargetCandidate,
};
use smith_task_schema::{Formulation, Modality};

use super::classes::Cells;
use super::question::{self, Question};
use super::reading::{is_zip, reader};
use super::{Considered, Draft, MIN_EXAMPLES, columns, forecast};
use crate::plan::{About, Ask, Media, MediaKind, Plan, Reader, Source, Split, Table, Target};

/// Targets of one table that are looked into.
const TRIED: usize = 8;
/// Groups that a split needs, and the largest share of the rows that one of them may hold.
const MIN_GROUPS: u64 = 20;
const LARGEST_GROUP: f64 = 0.25;
/// Rows that say yes, and rows that say no, of a column of a set.
const MIN_FLAGS: u64 = 40;
/// Share of the values that must name a file.
const NAMES_FILES: f64 = 0.9;

/// Tables with the same columns: the ready-made parts of one.
pub(crate) struct Family<'a> {
    /// The largest, whose columns reach as far as those of all parts.
    pub(crate) main: Cow<'a, TableProfile>,
    pub(crate) paths: Vec<String>,
    pub(crate) rows: u64,
}

/// Considers the targets of all tables.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    let mut cells = Cells::default();
    let families = families(profile);
    let largest = families.iter().map(|family| family.rows).max().unwrap_or(0);
    for family in families {
        let path = &family.main.path;
        if family.rows < MIN_EXAMPLES {
            considered.refused.push(format!("`{path}`: {} rows are too few for a task", family.rows));
            continue;
        }
        let reader = match reader(root, &family.main) {
            Ok(reader) => reader,
            Err(reason) => {
                considered.refused.push(format!("`{path}`: {reason}"));
                continue;
            }
        };
        let media = media(profile, &family.main);
        let table = Table { paths: family.paths.clone(), reader, media };
        // A small table beside a large one mostly explains its codes.
        let weight = if family.rows * 20 < largest { 0.7 } else { 1.0 };
        // Rows that are boxes of pictures are asked for all together.
        let are_boxes = profile.annotations.iter().any(|boxes| boxes.path == *path && boxes.images_found > 0);
        let weight = if are_boxes { weight * 0.5 } else { weight };
        let mut look = Look { root, profile, about, family: &family, table, weight, cells: &mut cells };
        look.targets(considered);
        forecast::consider(profile, about, &family, &look.table, considered);
    }
}

/// The tables of a dataset, ready-made parts put together.
pub(crate) fn families(profile: &DatasetProfile) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for table in &profile.tables {
        let same = |other: &TableProfile| {
            let names = |table: &TableProfile| {
                table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
            };
            let place = |table: &TableProfile| archive(&table.path).map(str::to_owned);
            let is_part = |table: &TableProfile| table.path.contains("!/") && archive(&table.path).is_none();
            other.format == table.format
                && !is_part(other)
                && !is_part(table)
                && place(other) == place(table)
                && other.delimiter == table.delimiter
                && other.encoding == table.encoding
                && other.has_header == table.has_header
                && !table.columns.is_empty()
                && (table.columns.len() > 1)
                && names(other) == names(table)
        };
        match families.iter_mut().find(|family| same(&family.main)) {
            Some(family) => {
                family.paths.push(table.path.clone());
                family.rows = family.rows.saturating_add(table.rows);
                let (main, part) = if table.rows > family.main.rows {
                    (table, &*family.main)
                } else {
                    (&*family.main, table)
                };
                family.main = Cow::Owned(joined(main, part));
            }
            None => families.push(Family {
                main: Cow::Borrowed(table),
                paths: vec![table.path.clone()],
                rows: table.rows,
            }),
        }
    }
    families
}

/// A table with the columns of another part of it: their kinds hold for both, and their least and greatest values.
fn joined(main: &TableProfile, part: &TableProfile) -> TableProfile {
    let mut joined = main.clone();
    for (column, other) in joined.columns.iter_mut().zip(&part.columns) {
        column.missing = column.missing.saturating_add(other.missing);
        if (column.kind, other.kind) == (ColumnKind::Integer, ColumnKind::Float) {
            column.kind = ColumnKind::Float;
        }
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
        let beyond = |of: fn(&ColumnProfile) -> &Option<String>, lies: fn(&f64, &f64) -> bool| {
            let (own, others) = (of(column), of(other));
            match (number(own), number(others)) {
                (Some(a), Some(b)) if lies(&b, &a) => others.clone(),
                (Some(_), Some(_)) => own.clone(),
                _ if own == others => own.clone(),
                _ => None,
            }
        };
        (column.min, column.max) =
            (beyond(|column| &column.min, |b, a| b < a), beyond(|column| &column.max, |b, a| b > a));
    }
    joined
}

/// The archive in which a table lies.
fn archive(path: &str) -> Option<&str> {
    path.split_once("!/").map(|(file, _)| file).filter(|file| is_zip(file))
}

/// The column that names a picture or a recording of each row.
fn media(profile: &DatasetProfile, table: &TableProfile) -> Option<Media> {
    table.columns.iter().find_map(|column| {
        let directory = column.names_files_in.clone()?;
        let inside = directory.contains('*') || directory.contains("!/");
        if inside || column.names_files_share.unwrap_or(0.0) < NAMES_FILES {
            return None;
        }
        let group = profile
            .groups
            .iter()
            .filter(|group| group.directory == directory)
            .max_by_key(|group| group.files)?;
        let kind = match group.kind {
            FileKind::Image => MediaKind::Image,
            FileKind::Audio => MediaKind::Audio,
            FileKind::Video => MediaKind::Video,
            FileKind::Geometry => MediaKind::Geometry,
            _ => return None,
        };
        Some(Media { column: column.name.clone(), directory, kind })
    })
}

/// A random split that keeps the shares of classes where there are classes.
fn alike(question: &Question) -> Split {
    match question.ask {
        Ask::Binary { .. } | Ask::Classes { .. } => Split::Stratified,
        _ => Split::Random,
    }
}

struct Look<'a> {
    root: &'a Path,
    profile: &'a DatasetProfile,
    about: &'a About,
    family: &'a Family<'a>,
    table: Table,
    weight: f64,
    cells: &'a mut Cells,
}

impl Look<'_> {
    fn targets(&mut self, considered: &mut Considered) {
        let table = &*self.family.main;
        if table.targets.is_empty() {
            considered.refused.push(format!("`{}`: none of its columns looks like a target", table.path));
        }
        for (at, candidate) in table.targets.iter().enumerate() {
            let outcome = if at < TRIED {
                self.draft(candidate)
            } else {
                Err(format!("{TRIED} columns of its table are more likely targets"))
            };
            match outcome {
                Ok(draft) => considered.drafts.push(draft),
                Err(reason) => {
                    considered.refused.push(format!("`{}` of `{}`: {reason}", candidate.column, table.path));
                }
            }
        }
    }

    fn draft(&mut self, candidate: &TargetCandidate) -> Result<Draft, String> {
        let question = self.question(candidate)?;
        let media = self.table.media.as_ref().map(|media| media.column.clone());
        let mut sorted = columns::sort(&self.family.main, candidate, media.as_deref());
        if let Ask::Several { columns, .. } = &question.ask {
            sorted.dropped.retain(|dropped| !columns.contains(&dropped.name));
        }
        if let Ask::Ranked { within } = &question.ask {
            // What is in the lists comes again in others, and is known by its id.
            let others = self.family.main.group_columns.iter().map(|group| group.column.as_str());
            for name in others.filter(|name| *name != candidate.column.as_str()).chain([within.as_str()]) {
                sorted.keep(&self.family.main, name);
            }
        }
        let series = matches!(self.table.reader, Reader::Cases { .. });
        if series {
            // The profile's columns tell of the cases; the numbers of their series are what is learnt from.
            (sorted.features, sorted.dropped) = (Vec::new(), Vec::new());
        } else if sorted.features.is_empty() && media.is_none() {
            return Err("no column is left to learn it from".to_owned());
        }
        let split = match &question.ask {
            Ask::Ranked { within } => {
                Split::Group { column: within.clone(), reason: "whole lists are put in order".to_owned() }
            }
            _ if series => alike(&question),
            _ => self.split(candidate, &question),
        };
        let modality = match series {
            true => Modality::TimeSeries,
            false => self
                .modality(&sorted.features.iter().map(|feature| feature.name.as_str()).collect::<Vec<_>>()),
        };
        let plan = Plan {
            about: self.about.clone(),
            source: Source::Table(self.table.clone()),
            target: Target {
                column: question.first.unwrap_or_else(|| candidate.column.clone()),
                ask: question.ask,
            },
            metric: question.metric,
            split,
            features: sorted.features,
            dropped: sorted.dropped,
            rows: question.rows,
            reasons: candidate.reasons.clone(),
            looks_once: false,
            mended: Vec::new(),
        };
        let media_bonus = if media.is_some() { 0.3 } else { 0.0 };
        let score = (candidate.score * self.weight + media_bonus).min(1.0);
        Ok(Draft { score, formulation: question.formulation, modality, plan })
    }

    fn question(&mut self, candidate: &TargetCandidate) -> Result<Question, String> {
        let column = self.family.main.column(&candidate.column).ok_or("the column is not there")?;
        match candidate.formulation {
            Formulation::Classification => self.classes(candidate, column.kind),
            Formulation::Regression if !candidate.together_with.is_empty() => self.several(candidate, true),
            Formulation::Regression => question::of_numbers(column, self.family.rows),
            Formulation::Ranking if self.ranks(candidate).is_ok() => self.ranks(candidate),
            // The class or the number is asked for where there are no lists to put in order.
            Formulation::Ranking if candidate.within.is_some() && candidate.classes.is_some() => {
                self.classes(candidate, column.kind)
            }
            Formulation::Ranking if candidate.within.is_some() => {
                question::of_numbers(column, self.family.rows)
            }
            Formulation::MultiLabel if candidate.together_with.is_empty() => self.labels(candidate),
            Formulation::MultiLabel => self.several(candidate, false),
            Formulation::Generation => question::of_texts(column, self.family.rows),
            // Forecasts are drafted from the axis of time.
            Formulation::Forecasting => Err("it is a series: see the forecasts".to_owned()),
            _ => Err(format!("there is no template for {} of this column", candidate.formulation)),
        }
    }

    fn ranks(&self, candidate: &TargetCandidate) -> Result<Question, String> {
        let table = &*self.family.main;
        let within = candidate.within.as_deref().ok_or("nothing says what is put in order")?;
        let group = table.group_columns.iter().find(|group| group.column == within);
        let column = table.column(&candidate.column).ok_or("the column is not there")?;
        let groups = group.map_or(0, |group| group.groups);
        question::of_ranks(column, within, groups, self.family.rows)
    }

    fn classes(&mut self, candidate: &TargetCandidate, kind: ColumnKind) -> Result<Question, String> {
        let counts = self
            .cells
            .counts(self.root, &self.family.paths, &candidate.column)
            .or_else(|| self.listed(&candidate.column))
            .ok_or("the table could not be read a second time")?;
        question::of_classes(&candidate.column, question::cells(kind), &counts)
    }

    /// The values as the profile lists them, where it lists them all.
    fn listed(&self, column: &str) -> Option<BTreeMap<String, u64>> {
        let mut counts = BTreeMap::new();
        for path in &self.family.paths {
            let table = self.profile.tables.iter().find(|table| table.path == *path)?;
            let column = table.column(column).filter(|column| column.distinct == column.top.len() as u64)?;
            for value in &column.top {
                *counts.entry(value.value.clone()).or_default() += value.count;
            }
        }
        Some(counts)
    }

    fn labels(&mut self, candidate: &TargetCandidate) -> Result<Question, String> {
        let counts = self
            .cells
            .counts(self.root, &self.family.paths, &candidate.column)
            .ok_or("the table could not be read a second time")?;
        super::forecast::labels(&counts)
    }

    /// The columns of a set, without those in which hardly anything differs.
    fn several(&mut self, candidate: &TargetCandidate, numbers: bool) -> Result<Question, String> {
        let mut columns = vec![candidate.column.clone()];
        columns.extend(candidate.together_with.iter().cloned());
        let (mut kept, mut missing) = (Vec::new(), 0_u64);
        for name in columns {
            let Some(column) = self.family.main.column(&name) else { continue };
            let usable = if numbers { column.kind.is_numeric() } else { self.says_both(&name) };
            if usable {
                missing = missing.saturating_add(column.missing);
                kept.push(name);
            }
        }
        question::of_several(kept, numbers, self.family.rows.saturating_sub(missing))
    }

    fn says_both(&mut self, column: &str) -> bool {
        let counts = self.cells.counts(self.root, &self.family.paths, column).unwrap_or_default();
        counts.len() == 2 && counts.values().all(|count| *count >= MIN_FLAGS)
    }

    fn split(&self, candidate: &TargetCandidate, question: &Question) -> Split {
        let table = &*self.family.main;
        let rows = self.family.rows.max(1) as f64;
        if let Some(time) = table.time.as_ref().filter(|time| time.in_order && time.with_columns.is_empty()) {
            let column =
                table.column(&time.column).filter(|column| column.missing == 0 && column.distinct > 20);
            if let Some(column) = column.filter(|column| column.name != candidate.column) {
                return Split::Time { column: column.name.clone(), date: column.kind == ColumnKind::Date };
            }
        }
        let group = table.group_columns.iter().find(|group| {
            group.groups >= MIN_GROUPS
                && group.largest as f64 <= rows * LARGEST_GROUP
                && group.column != candidate.column
                && !candidate.given_away_by.contains(&group.column)
        });
        match group {
            Some(group) => Split::Group { column: group.column.clone(), reason: group.reason.clone() },
            None => alike(question),
        }
    }

    fn modality(&self, features: &[&str]) -> Modality {
        match self.table.media.as_ref().map(|media| media.kind) {
            Some(MediaKind::Image) => return Modality::Image,
            Some(MediaKind::Audio) => return Modality::Audio,
            Some(MediaKind::Video) => return Modality::Video,
            Some(MediaKind::Geometry) => return Modality::OtherStructured,
            Some(MediaKind::Text) | None => {}
        }
        let table = &*self.family.main;
        let prose = |name: &&str| {
            let lengths =
                table.column(name).filter(|column| column.kind == ColumnKind::Text).and_then(|c| c.lengths);
            lengths.is_some_and(|lengths| lengths.mean_words >= 4.0)
        };
        let says_text = self.profile.modalities.iter().any(|tag| tag.modality == Modality::NaturalLanguage);
        if says_text && features.iter().any(prose) { Modality::NaturalLanguage } else { Modality::Tabular }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_parts_reach_as_far_as_all_of_them() {
        let part = |kind, least: &str, greatest: &str, missing| {
            let mut column = ColumnProfile::new("depth");
            (column.kind, column.missing) = (kind, missing);
            (column.min, column.max) = (Some(least.to_owned()), Some(greatest.to_owned()));
            let mut table = TableProfile::new("t.csv", "csv");
            table.columns = vec![column];
            table
        };
        let cases = [
            (part(ColumnKind::Float, "-3.5", "10.25", 0), Some("-3.5"), Some("10.25"), ColumnKind::Float),
            (part(ColumnKind::Integer, "2", "4", 3), Some("-1"), Some("9"), ColumnKind::Integer),
            (part(ColumnKind::Text, "low", "9", 1), None, Some("9"), ColumnKind::Integer),
        ];
        for (other, least, greatest, kind) in cases {
            let table = joined(&part(ColumnKind::Integer, "-1", "9", 2), &other);
            let column = &table.columns[0];
            assert_eq!((column.min.as_deref(), column.max.as_deref(), column.kind), (least, greatest, kind));
            assert_eq!(column.missing, 2 + other.columns[0].missing);
        }
    }
}
