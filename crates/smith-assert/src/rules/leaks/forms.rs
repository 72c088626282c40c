//! Answers in how cells are written, which reading them hides.

use std::collections::HashMap;
use std::io::Read;

use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::sides::Sides;
use super::{place, shown, warning};
use crate::AssertError;
use crate::leakage::agree::{Relation, agreement};
use crate::leakage::forms::{Form, forms, value, varies};
use crate::leakage::predict::shortcut;
use crate::leakage::target::Target;
use crate::leakage::written::{Cell, Format, Written};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Examples, Public, Subject};

pub(in crate::rules) const FORMS: RuleInfo = RuleInfo {
    code: "A220",
    name: "answers-in-form-of-cells",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "How the cells of the tables are written (blanks around them, decimals and trailing zeros, quotation marks, letter \
             case, spelling of missing values, order of keys, line ends) tells no more of the answers than their values do.",
    why: "Nobody who looks at values sees it, and a model that is given the texts of the cells learns nothing else; mostly \
          it is left over from tables of one class each that were put together.",
    mend: "Read every source in the same way, strip texts, and give each column one type before the tables are written \
           (`astype`, `str.strip()`, `float_format`).",
    references: &[literature::LEAKAGE],
};

/// Bytes of a table that are read.
const MAX_BYTES: u64 = 96 << 20;
/// Columns whose forms are looked at.
const MAX_COLUMNS: usize = 200;
/// Score of a form (0 a constant, 1 perfect) from which on it gives the answers away, and from which on it is worth a
/// word; by how much it must exceed what the values explain.
const GIVES_AWAY: f64 = 0.75;
const SUSPICIOUS: f64 = 0.3;
const BEYOND_VALUES: f64 = 0.15;
/// Forms that have nothing to do with what a cell says, and the score at which one of them gives a class of several away
/// while the values say next to nothing.
const BARE: [&str; 4] = [
    "blanks around it",
    "quotation marks around it",
    "form of the rows",
    "number of characters in it that nobody sees",
];
const PART: f64 = 0.4;
const NEXT_TO_NOTHING: f64 = 0.1;
/// Test examples that prove it.
const MIN_TEST_ROWS: usize = 40;
/// Findings of the rule.
const MAX_FINDINGS: usize = 4;

/// A side of the split as it is written: for each of its rows that are looked at the record.
struct Side {
    written: Written,
    records: Vec<Option<usize>>,
}

/// What was found of one form.
struct Told {
    column: String,
    form: &'static str,
    score: f64,
    by_values: f64,
    /// True when it is seen among the test rows alone.
    in_test_alone: bool,
}

/// `A220`.
pub(in crate::rules) fn forms_tell(info: &RuleInfo, cx: &Subject) -> Measured {
    let sides = Sides::of(cx.split()?)?;
    let public = cx.public()?;
    let train = Side::read(public, sides.train, &sides.train_rows)?;
    let test = Side::read(public, sides.test, &sides.test_rows)?;
    let (mut found, mut best, mut tried) = (Vec::new(), 0.0_f64, 0_usize);
    let parts: Vec<(Target, Target)> =
        sides.targets.iter().map(|target| target.split_at(sides.train_rows.len())).collect();
    for (column, form, values) in all_forms(&train, &test) {
        tried += 1;
        let told = told(&column, &form, &values, &parts, sides.train_rows.len());
        best = best.max(told.score - told.by_values);
        found.push(told);
    }
    found.retain(|told| told.score >= SUSPICIOUS && told.score - told.by_values >= BEYOND_VALUES);
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MAX_FINDINGS);
    let table = place(cx, &sides.test.path);
    let is_proven = sides.test_rows.len() >= MIN_TEST_ROWS;
    let findings: Vec<Finding> = found.iter().map(|told| finding(info, &table, told, is_proven)).collect();
    Ok(Report::from(findings)
        .with(Figure::new("forms of cells compared with the answers", tried as f64))
        .with(
            Figure::new("most that a form of cells tells beyond their values (0 nothing, 1 all)", best)
                .bounded(Bound::AtMost(SUSPICIOUS)),
        ))
}

fn finding(info: &RuleInfo, table: &str, told: &Told, is_proven: bool) -> Finding {
    let of = if told.column.is_empty() { String::new() } else { format!(" of {}", shown(&told.column)) };
    let alone = if told.in_test_alone { "among the test rows " } else { "" };
    let message = format!(
        "the {}{of} {alone}predicts the answers with a score of {:.3}, and what its cells say with {:.3} (0 is a constant, 1 \
         perfect). {}",
        told.form, told.score, told.by_values, info.mend
    );
    let is_bare = BARE.contains(&told.form) && told.score >= PART && told.by_values <= NEXT_TO_NOTHING;
    if (told.score >= GIVES_AWAY || is_bare) && is_proven {
        info.finding(table, message)
    } else {
        warning(info, table, message)
    }
}

/// Every form in which the cells of both sides differ: the column, the form, and what the cells say.
fn all_forms(train: &Side, test: &Side) -> Vec<(String, Form, Vec<String>)> {
    let mut all = Vec::new();
    let rows: Vec<String> = train.forms().chain(test.forms()).collect();
    if varies(&rows) {
        let expected = vec![String::new(); rows.len()];
        let form = Form { name: "form of the rows", codes: rows, expected: expected.clone() };
        all.push((String::new(), form, expected));
    }
    for name in test.written.names.iter().take(MAX_COLUMNS) {
        let Some((a, b)) = train.written.column(name).zip(test.written.column(name)) else { continue };
        let cells: Vec<Option<Cell<'_>>> = train.cells(a).chain(test.cells(b)).collect();
        let found = forms(&cells);
        if found.is_empty() {
            continue;
        }
        let values: Vec<String> =
            cells.iter().map(|cell| cell.map_or_else(String::new, |cell| value(&cell.text()))).collect();
        all.extend(found.into_iter().map(|form| (name.clone(), form, values.clone())));
    }
    all
}

fn told(column: &str, form: &Form, values: &[String], parts: &[(Target, Target)], train: usize) -> Told {
    let score = |cells: &[String]| {
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let (known, asked) = cells.split_at(train.min(cells.len()));
        parts.iter().map(|(before, behind)| shortcut((known, before), (asked, behind))).fold(0.0, f64::max)
    };
    let by_values = score(values).max(score(&form.expected));
    let mut told = Told {
        column: column.to_owned(),
        form: form.name,
        score: score(&form.codes),
        by_values,
        in_test_alone: false,
    };
    if told.score < SUSPICIOUS && by_values < SUSPICIOUS {
        let asked = form.codes.get(train..).unwrap_or_default();
        let given: Vec<Option<&str>> = asked.iter().map(|code| Some(code.as_str())).collect();
        let found = parts.iter().find_map(|(_, behind)| agreement(behind, &given, false));
        if let Some(found) =
            found.filter(|found| matches!(found.relation, Relation::Same | Relation::Renamed))
        {
            (told.score, told.in_test_alone) = (found.strength, true);
        }
    }
    told
}

impl Side {
    /// Reads the table of a side, and finds its rows by their ids, or by their order.
    fn read(public: &Public, side: &Examples, rows: &[usize]) -> Result<Self, AssertError> {
        let format = Format::of(&side.path)
            .ok_or_else(|| AssertError::not_run("the examples do not stand in one table that is text"))?;
        let path = public.location(&side.path);
        let size = std::fs::metadata(&path).map_err(AssertError::io(&path))?;
        if !size.is_file() || size.len() > MAX_BYTES {
            return Err(AssertError::not_run("the table is larger than what is read cell by cell"));
        }
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&path).map_err(AssertError::io(&path))?;
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(AssertError::io(&path))?;
        let written = Written::of(format, bytes);
        let records = located(&written, side, rows);
        if records.iter().flatten().count() * 10 < rows.len() * 9 {
            return Err(AssertError::not_run(
                "the rows of a table could not be found again as they are written",
            ));
        }
        Ok(Self { written, records })
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = Option<Cell<'_>>> {
        self.records.iter().map(move |at| self.written.cell((*at)?, column))
    }

    fn forms(&self) -> impl Iterator<Item = String> {
        let form = |at: usize| Some(self.written.records.get(at)?.form.clone());
        self.records.iter().map(move |at| at.and_then(form).unwrap_or_default())
    }
}

/// For each row its record.
fn located(written: &Written, side: &Examples, rows: &[usize]) -> Vec<Option<usize>> {
    let key = side.keys.first().and_then(|key| Some((key, written.column(&key.name)?)));
    let id =
        |record: usize, column: usize| written.cell(record, column).map(|cell| cell.text().trim().to_owned());
    let agrees = |(row, record): (usize, usize)| {
        key.is_none_or(|(key, column)| id(record, column).is_none_or(|id| id == key.cells.get(row)))
    };
    let in_order =
        written.records.len() == side.rows && rows.iter().step_by(7).all(|row| agrees((*row, *row)));
    if in_order {
        return rows.iter().copied().map(Some).collect();
    }
    let Some((key, column)) = key.filter(|_| side.keys.len() == 1) else { return vec![None; rows.len()] };
    let places: HashMap<String, usize> =
        (0..written.records.len()).rev().filter_map(|record| Some((id(record, column)?, record))).collect();
    rows.iter().map(|row| places.get(key.cells.get(*row)).copied()).collect()
}
