//! Answers and predictions side by side, read as whatever a formula needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::labels::Marked;
use super::lists::Ranked;
use super::masks::{self, Runs};
use super::sequences::{self, Edits};
use crate::subject::number;

const SEPARATORS: [char; 4] = [' ', ',', ';', '|'];
/// More classes than this are no classes.
const MOST_CLASSES: usize = 1_000;

/// Cells of one side, column by column.
pub(crate) type Side = Vec<Vec<String>>;

/// Answers and predictions of the same rows and columns.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    names: Vec<String>,
    truth: Vec<Column>,
    given: Vec<Column>,
    /// The group that each row is ranked within.
    groups: Option<Vec<usize>>,
    read: Read,
}

/// One label for each row, and the places of the classes on a scale.
type Labels = (Marked, Vec<f64>);

/// What was read of the answers and of the predictions.
type Both<T> = (T, T);

/// What the cells were read as, once for all formulas.
#[derive(Debug, Clone, Default)]
struct Read {
    labels: OnceLock<Vec<Option<Labels>>>,
    sets: OnceLock<Option<Marked>>,
    ranked: OnceLock<Option<Vec<Ranked>>>,
    masks: OnceLock<Option<(Vec<Runs>, Vec<Runs>)>>,
    edits: [OnceLock<Option<Vec<Edits>>>; 2],
}

#[derive(Debug, Clone)]
struct Column {
    cells: Vec<String>,
    numbers: Option<Vec<f64>>,
}

impl Column {
    fn new(cells: Vec<String>) -> Self {
        let numbers = cells.iter().map(|cell| number(cell)).collect();
        Self { cells, numbers }
    }

    fn keep(&mut self, kept: impl Fn(usize) -> bool) {
        let mut at = 0..;
        self.cells.retain(|_| at.next().is_some_and(&kept));
        let mut at = 0..;
        if let Some(numbers) = &mut self.numbers {
            numbers.retain(|_| at.next().is_some_and(&kept));
        }
    }

    /// A label without regard to how its number is written.
    fn label(&self, row: usize) -> String {
        match self.numbers.as_ref().and_then(|numbers| numbers.get(row)) {
            Some(number) => number.to_string(),
            None => self.cells.get(row).cloned().unwrap_or_default(),
        }
    }

    /// Yes and no, if it holds nothing else.
    fn flags(&self) -> Option<Vec<bool>> {
        if let Some(numbers) = &self.numbers {
            let flag =
                |number: &f64| if *number == 1.0 { Some(true) } else { (*number == 0.0).then_some(false) };
            return numbers.iter().map(flag).collect();
        }
        let flag = |cell: &String| match cell.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.cells.iter().map(flag).collect()
    }

    fn separator(&self) -> Option<char> {
        SEPARATORS
            .into_iter()
            .find(|separator| self.cells.iter().any(|cell| cell.trim().contains(*separator)))
    }
}

impl Sheet {
    /// Both sides have the columns `names` and the same rows; nothing otherwise.
    pub(crate) fn new(names: Vec<String>, truth: Side, given: Side) -> Option<Self> {
        let rows = truth.first()?.len();
        let fits = |side: &Side| side.len() == names.len() && side.iter().all(|column| column.len() == rows);
        if rows == 0 || !fits(&truth) || !fits(&given) {
            return None;
        }
        let columns = |side: Side| side.into_iter().map(Column::new).collect();
        Some(Self {
            names,
            truth: columns(truth),
            given: columns(given),
            groups: None,
            read: Read::default(),
        })
    }

    /// The same with rows that are ranked within groups.
    pub(crate) fn grouped(mut self, groups: Vec<usize>) -> Self {
        self.groups = (groups.len() == self.rows()).then_some(groups);
        self.read = Read::default();
        self
    }

    pub(crate) fn rows(&self) -> usize {
        self.truth.first().map_or(0, |column| column.cells.len())
    }

    pub(crate) fn columns(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// Without one row.
    pub(crate) fn without_row(&self, row: usize) -> Self {
        let mut sheet = Self { read: Read::default(), ..self.clone() };
        let kept = |at: usize| at != row;
        sheet.truth.iter_mut().chain(&mut sheet.given).for_each(|column| column.keep(kept));
        if let Some(groups) = &mut sheet.groups {
            let mut at = 0..;
            groups.retain(|_| at.next().is_some_and(kept));
        }
        sheet
    }

    /// With the columns that `kept` names; nothing when none is left.
    pub(crate) fn of_columns(&self, kept: impl Fn(usize) -> bool) -> Option<Self> {
        let pick = |columns: &[Column]| -> Vec<Column> {
            columns.iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, column)| column.clone()).collect()
        };
        let names = self.names.iter().enumerate().filter(|(at, _)| kept(*at)).map(|(_, name)| name.clone());
        let sheet = Self {
            names: names.collect(),
            truth: pick(&self.truth),
            given: pick(&self.given),
            groups: self.groups.clone(),
            read: Read::default(),
        };
        (!sheet.truth.is_empty()).then_some(sheet)
    }

    /// All columns below each other.
    pub(super) fn pooled(&self) -> Self {
        let pool = |columns: &[Column]| {
            vec![Column::new(columns.iter().flat_map(|column| column.cells.iter().cloned()).collect())]
        };
        Self {
            names: vec!["all".to_owned()],
            truth: pool(&self.truth),
            given: pool(&self.given),
            groups: None,
            read: Read::default(),
        }
    }

    /// Predictions as answers and the other way round.
    pub(crate) fn swapped(&self) -> Self {
        let Self { names, truth, given, groups, .. } = self.clone();
        Self { names, truth: given, given: truth, groups, read: Read::default() }
    }

    pub(super) fn numbers(&self, column: usize) -> Option<(&[f64], &[f64])> {
        let (truth, given) = (self.truth.get(column)?, self.given.get(column)?);
        Some((truth.numbers.as_deref()?, given.numbers.as_deref()?))
    }

    /// What is true of each row, and the number that was given for it.
    pub(super) fn scored(&self, column: usize) -> Option<(Vec<bool>, &[f64])> {
        let (truth, given) = (self.truth.get(column)?, self.given.get(column)?);
        Some((truth.flags()?, given.numbers.as_deref()?))
    }

    /// All columns as numbers on both sides.
    pub(super) fn all_numbers(&self) -> Option<Both<Vec<Vec<f64>>>> {
        (0..self.columns()).map(|at| self.numbers(at).map(|(t, p)| (t.to_vec(), p.to_vec()))).collect()
    }

    /// Cells of a column, as they are written.
    pub(super) fn cells(&self, column: usize) -> Option<(&[String], &[String])> {
        Some((&self.truth.get(column)?.cells, &self.given.get(column)?.cells))
    }

    /// Whether the cells of the only column have parts.
    pub(crate) fn is_list(&self) -> bool {
        self.columns() == 1 && self.separator().is_some()
    }

    fn separator(&self) -> Option<char> {
        let of = |side: &[Column]| {
            side.first().filter(|column| column.numbers.is_none()).and_then(Column::separator)
        };
        of(&self.given).or_else(|| of(&self.truth))
    }

    /// One label for each row, and the places of the classes on a scale: their numbers, or their order.
    pub(super) fn labels(&self, column: usize) -> Option<&Labels> {
        let all = || (0..self.columns()).map(|at| self.read_labels(at)).collect();
        self.read.labels.get_or_init(all).get(column)?.as_ref()
    }

    fn read_labels(&self, column: usize) -> Option<Labels> {
        let (truth, given) = (self.truth.get(column)?, self.given.get(column)?);
        let labels = |of: &Column| (0..of.cells.len()).map(|row| of.label(row)).collect::<Vec<_>>();
        let (truth, given) = (labels(truth), labels(given));
        let classes = order_of(truth.iter().chain(&given))?;
        let values =
            classes.iter().enumerate().map(|(at, class)| number(class).unwrap_or(at as f64)).collect();
        let numbered: BTreeMap<&str, u32> =
            (0..).zip(&classes).map(|(at, class)| (class.as_str(), at)).collect();
        let coded = |labels: &[String]| {
            labels.iter().map(|label| numbered.get(label.as_str()).copied().into_iter().collect()).collect()
        };
        Some((Marked { truth: coded(&truth), given: coded(&given), classes: classes.len() }, values))
    }

    /// Several labels for each row: columns of yes and no, or a list.
    pub(super) fn sets(&self) -> Option<&Marked> {
        self.read.sets.get_or_init(|| self.read_sets()).as_ref()
    }

    fn read_sets(&self) -> Option<Marked> {
        if self.columns() > 1 {
            let side = |columns: &[Column]| -> Option<Vec<Vec<u32>>> {
                let flags: Vec<Vec<bool>> = columns.iter().map(Column::flags).collect::<Option<_>>()?;
                let row = |row: usize| {
                    let set = (0..).zip(&flags).filter(|(_, flags)| flags.get(row) == Some(&true));
                    set.map(|(at, _): (u32, _)| at).collect()
                };
                Some((0..self.rows()).map(row).collect())
            };
            return Some(Marked {
                truth: side(&self.truth)?,
                given: side(&self.given)?,
                classes: self.columns(),
            });
        }
        let (truth, given) = self.parts()?;
        let classes = order_of(truth.iter().chain(&given).flatten())?;
        let numbered: BTreeMap<&str, u32> =
            (0..).zip(&classes).map(|(at, class)| (class.as_str(), at)).collect();
        let coded = |rows: &[Vec<String>]| {
            let set = |row: &Vec<String>| {
                let set: BTreeSet<u32> =
                    row.iter().filter_map(|part| numbered.get(part.as_str()).copied()).collect();
                set.into_iter().collect()
            };
            rows.iter().map(set).collect()
        };
        Some(Marked { truth: coded(&truth), given: coded(&given), classes: classes.len() })
    }

    /// The parts of the cells of the only column.
    fn parts(&self) -> Option<Both<Side>> {
        let separator = self.separator()?;
        let (truth, given) = self.cells(0)?;
        let parts = |cells: &[String]| cells.iter().map(|cell| split(cell, separator)).collect();
        Some((parts(truth), parts(given)))
    }

    /// Lists by rank: those of the rows, or the rows of each group ordered by the numbers given.
    pub(super) fn ranked(&self) -> Option<&Vec<Ranked>> {
        self.read.ranked.get_or_init(|| self.read_ranked()).as_ref()
    }

    fn read_ranked(&self) -> Option<Vec<Ranked>> {
        match &self.groups {
            Some(groups) => self.ranked_groups(groups),
            None => {
                // An item alone is a list too.
                let alone = || {
                    let (truth, given) = self.cells(0).filter(|_| self.columns() == 1)?;
                    let lists = |cells: &[String]| cells.iter().map(|cell| vec![cell.clone()]).collect();
                    Some((lists(truth), lists(given)))
                };
                let (truth, given): Both<Side> = self.parts().or_else(alone)?;
                Some(truth.iter().zip(&given).map(|(truth, given)| ranked_list(truth, given)).collect())
            }
        }
    }

    fn ranked_groups(&self, groups: &[usize]) -> Option<Vec<Ranked>> {
        let (truth, given) = self.numbers(0).filter(|_| self.columns() == 1)?;
        let mut rows: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
        for ((group, truth), given) in groups.iter().zip(truth).zip(given) {
            rows.entry(*group).or_default().push((*given, *truth));
        }
        let ranked = |mut rows: Vec<(f64, f64)>| {
            rows.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut relevant: Vec<f64> = rows.iter().map(|row| row.1).filter(|gain| *gain > 0.0).collect();
            relevant.sort_by(|a, b| b.total_cmp(a));
            Ranked { gains: rows.into_iter().map(|row| row.1).collect(), relevant }
        };
        Some(rows.into_values().map(ranked).collect())
    }

    /// The masks of the only column, if all cells of both sides are such.
    pub(super) fn masks(&self) -> Option<&(Vec<Runs>, Vec<Runs>)> {
        self.read.masks.get_or_init(|| self.read_masks()).as_ref()
    }

    /// Edits between the cells of the only column, of words or of characters.
    pub(super) fn edits(&self, words: bool) -> Option<&Vec<Edits>> {
        let edits = || {
            let (truth, given) = self.cells(0).filter(|_| self.columns() == 1)?;
            sequences::edits(truth, given, words)
        };
        self.read.edits.get(usize::from(words))?.get_or_init(edits).as_ref()
    }

    fn read_masks(&self) -> Option<(Vec<Runs>, Vec<Runs>)> {
        let (truth, given) = self.cells(0).filter(|_| self.columns() == 1)?;
        let decode = |cells: &[String]| cells.iter().map(|cell| masks::decode(cell)).collect::<Option<_>>();
        Some((decode(truth)?, decode(given)?))
    }
}

/// The different labels in order, numbers by size; nothing when there are too many.
fn order_of<'l>(labels: impl Iterator<Item = &'l String>) -> Option<Vec<String>> {
    let mut all: BTreeSet<&str> = BTreeSet::new();
    for label in labels {
        all.insert(label);
        if all.len() > MOST_CLASSES {
            return None;
        }
    }
    let mut all: Vec<String> = all.into_iter().map(str::to_owned).collect();
    if let Some(numbers) = all.iter().map(|label| number(label)).collect::<Option<Vec<f64>>>() {
        let mut both: Vec<(f64, String)> = numbers.into_iter().zip(all).collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        all = both.into_iter().map(|(_, label)| label).collect();
    }
    Some(all)
}

fn split(cell: &str, separator: char) -> Vec<String> {
    let bare = cell.trim().trim_matches(|c| matches!(c, '[' | ']' | '(' | ')' | '{' | '}'));
    let parts = bare.split(separator).map(|part| part.trim().trim_matches(['"', '\'', ',']));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// What is relevant counts once, at the first rank at which it stands.
fn ranked_list(truth: &[String], given: &[String]) -> Ranked {
    let relevant: BTreeSet<&str> = truth.iter().map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    let gain = |item: &String| f64::from(relevant.contains(item.as_str()) && seen.insert(item.clone()));
    Ranked { gains: given.iter().map(gain).collect(), relevant: vec![1.0; relevant.len()] }
}
