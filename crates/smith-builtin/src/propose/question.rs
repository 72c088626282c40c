//! What is asked of a target, and by which metric, from the values that it has.

use std::collections::BTreeMap;

use smith_task_schema::Formulation;
use smith_task_schema::profile::{ColumnKind, ColumnProfile};

use super::MIN_EXAMPLES;
use crate::plan::{Ask, Cells, Metric};

/// Rows that a class needs to stand on both sides; where hardly any class has as many, fewer will do.
const MIN_CLASS: u64 = 10;
const MIN_OF_SMALL_CLASSES: u64 = 5;
/// Rows of the rarer of two classes.
const MIN_RARE: u64 = 30;
/// Lists that are put in order, and rows of one on average.
const MIN_LISTS: u64 = 60;
const MIN_OF_LIST: u64 = 5;
/// Characters of a text that is written at most, and share of the texts that must be different.
const LONGEST_TEXT: u64 = 20_000;
const DIFFERENT_TEXTS: f64 = 0.5;
/// Most classes that are asked for.
const MAX_CLASSES: usize = 120;
/// Below this share of the rarer class, ranking it to the front is what counts.
const RARE: f64 = 0.1;
/// Words in names of columns whose whole numbers are steps of a scale.
const STEPS: [&str; 12] = [
    "rating",
    "stars",
    "grade",
    "quality",
    "level",
    "severity",
    "stage",
    "satisfaction",
    "degree",
    "rank",
    "likert",
    "overall",
];

/// A question with its metric, and the rows that take part.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) ask: Ask,
    pub(crate) metric: Metric,
    pub(crate) formulation: Formulation,
    pub(crate) rows: u64,
    /// The column that stands for a set, where it is not the candidate's own.
    pub(crate) first: Option<String>,
}

/// How the cells of a column are compared.
pub(crate) fn cells(kind: ColumnKind) -> Cells {
    match kind {
        ColumnKind::Integer | ColumnKind::Float => Cells::Numbers,
        ColumnKind::Boolean => Cells::Booleans,
        _ => Cells::Words,
    }
}

/// The class of a row: one of `counts`.
///
/// # Errors
/// Why these classes are no task.
pub(crate) fn of_classes(
    name: &str,
    cells: Cells,
    counts: &BTreeMap<String, u64>,
) -> Result<Question, String> {
    let whole = (cells == Cells::Numbers).then(|| whole_numbers(counts)).flatten();
    let counts = whole.as_ref().unwrap_or(counts);
    let mut classes: Vec<(&str, u64)> =
        counts.iter().map(|(label, count)| (label.as_str(), *count)).collect();
    classes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let total: u64 = classes.iter().map(|(_, count)| count).sum();
    let all = classes.len();
    let least = least(&classes, total);
    classes.retain(|(_, count)| *count >= least);
    let rows: u64 = classes.iter().map(|(_, count)| count).sum();
    let small = (all - classes.len()) as u64;
    match classes.as_slice() {
        [] => Err(format!("none of its {all} classes has {least} rows")),
        [(only, count)] => Err(format!(
            "it has one class of any size: {count} of {total} rows are `{}`",
            smith_data::words::safe_line(only, 30)
        )),
        _ if rows < MIN_EXAMPLES => Err(format!("only {rows} rows have a class of {least} rows or more")),
        _ if rows * 10 < total * 6 => Err(format!(
            "it has {all} classes, and {} of {total} rows are not of the {} that can be asked for",
            total - rows,
            classes.len()
        )),
        [(frequent, many), (rare, few)] if small == 0 => {
            if *few < MIN_RARE {
                return Err(format!("its rarer class has {few} rows, fewer than {MIN_RARE}"));
            }
            let (positive, negative) = positive(frequent, rare);
            let share = if positive == *rare { *few } else { *many } as f64 / rows as f64;
            let metric = if share < RARE { Metric::AveragePrecision } else { Metric::RocAuc };
            let ask =
                Ask::Binary { positive: positive.to_owned(), negative: negative.to_owned(), share, cells };
            Ok(Question { ask, metric, formulation: Formulation::Classification, rows, first: None })
        }
        [(_, most), ..] => {
            let mut labels: Vec<String> = classes.iter().map(|(label, _)| (*label).to_owned()).collect();
            labels.sort();
            let steps = cells == Cells::Numbers && is_scale(name, &labels);
            let even = *most * labels.len() as u64 <= rows * 2;
            let metric = match (steps, even) {
                (true, _) => Metric::WeightedKappa,
                (_, true) => Metric::Accuracy,
                _ => Metric::MacroF1,
            };
            let ask = Ask::Classes { labels, least, cells, small };
            Ok(Question { ask, metric, formulation: Formulation::Classification, rows, first: None })
        }
    }
}

/// The same classes as whole numbers, where they are: `2.0` is 2.
fn whole_numbers(counts: &BTreeMap<String, u64>) -> Option<BTreeMap<String, u64>> {
    let mut whole = BTreeMap::new();
    for (label, count) in counts {
        let number = label.trim().parse::<f64>().ok()?;
        if number.fract() != 0.0 || number.abs() > 1e15 {
            return None;
        }
        *whole.entry(format!("{number:.0}")).or_default() += count;
    }
    Some(whole)
}

/// Rows that a class must have to be asked for: more where there are too many classes, fewer where nearly all are small.
/// `classes` are sorted, the largest first.
fn least(classes: &[(&str, u64)], total: u64) -> u64 {
    let rows_from =
        |least: u64| -> u64 { classes.iter().map(|(_, count)| *count).filter(|count| *count >= least).sum() };
    let enough = if rows_from(MIN_CLASS) * 10 < total * 7 && classes.len() > 2 {
        MIN_OF_SMALL_CLASSES
    } else {
        MIN_CLASS
    };
    match classes.get(MAX_CLASSES) {
        Some((_, next)) => enough.max(next + 1),
        None => enough,
    }
}

/// Which of two classes is asked for: the one that says yes, else the rarer one.
fn positive<'a>(frequent: &'a str, rare: &'a str) -> (&'a str, &'a str) {
    let says_yes =
        |word: &str| matches!(word.to_ascii_lowercase().as_str(), "1" | "1.0" | "yes" | "true" | "y" | "t");
    if says_yes(frequent) && !says_yes(rare) { (frequent, rare) } else { (rare, frequent) }
}

/// Three to ten whole numbers in a row, under a name that is usual for a scale.
fn is_scale(name: &str, labels: &[String]) -> bool {
    let Some(mut steps) = labels.iter().map(|label| label.parse::<i64>().ok()).collect::<Option<Vec<_>>>()
    else {
        return false;
    };
    steps.sort_unstable();
    let name = name.to_lowercase();
    (3..=10).contains(&steps.len())
        && steps.windows(2).all(|pair| matches!(pair, [a, b] if b - a == 1))
        && STEPS.iter().any(|word| name.contains(word))
}

/// The number in a row.
///
/// # Errors
/// Why there is none.
pub(crate) fn of_numbers(column: &ColumnProfile, rows: u64) -> Result<Question, String> {
    let known = rows.saturating_sub(column.missing);
    if known < MIN_EXAMPLES {
        return Err(format!("only {known} rows have a value"));
    }
    if !column.kind.is_numeric() {
        return Err(format!("its cells are no plain numbers but {}", column.kind.as_str()));
    }
    let figure = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let (least, greatest) = (figure(&column.min), figure(&column.max));
    let ask = Ask::Number { integer: column.kind == ColumnKind::Integer, least, greatest };
    let metric = of_spread(column, least, greatest);
    Ok(Question { ask, metric, formulation: Formulation::Regression, rows: known, first: None })
}

/// The order of the rows of each of `groups` groups, by a grade.
///
/// # Errors
/// Why there is none to ask for.
pub(crate) fn of_ranks(
    column: &ColumnProfile,
    within: &str,
    groups: u64,
    rows: u64,
) -> Result<Question, String> {
    let known = rows.saturating_sub(column.missing);
    let least = column.min.as_deref().and_then(|text| text.parse::<f64>().ok());
    if !column.kind.is_numeric() || least.is_none_or(|least| least < 0.0) {
        return Err("its grades are no numbers from 0 on".to_owned());
    }
    if groups < MIN_LISTS || known < groups.saturating_mul(MIN_OF_LIST) {
        return Err(format!("its {groups} lists of {known} rows are too few or too short"));
    }
    Ok(Question {
        ask: Ask::Ranked { within: within.to_owned() },
        metric: Metric::Ndcg,
        formulation: Formulation::Ranking,
        rows: known,
        first: None,
    })
}

/// A text of each row.
///
/// # Errors
/// Why there is none to ask for.
pub(crate) fn of_texts(column: &ColumnProfile, rows: u64) -> Result<Question, String> {
    let known = rows.saturating_sub(column.missing);
    let longest = column.lengths.map_or(0, |lengths| lengths.longest);
    if known < MIN_EXAMPLES {
        return Err(format!("only {known} rows have a text"));
    }
    if longest == 0 || longest > LONGEST_TEXT {
        return Err(format!("its texts have up to {longest} characters"));
    }
    if (column.distinct as f64) < DIFFERENT_TEXTS * known as f64 {
        return Err(format!("only {} of its {known} texts are different", column.distinct));
    }
    Ok(Question {
        ask: Ask::Text { longest: longest.saturating_mul(2) },
        metric: Metric::Rouge,
        formulation: Formulation::Generation,
        rows: known,
        first: None,
    })
}

/// Several columns of each row.
///
/// # Errors
/// Why these columns are no task.
pub(crate) fn of_several(columns: Vec<String>, numbers: bool, rows: u64) -> Result<Question, String> {
    if columns.len() < 2 {
        return Err("fewer than two columns of its set have enough rows of each kind".to_owned());
    }
    if rows < MIN_EXAMPLES {
        return Err(format!("only {rows} rows have all values of its set"));
    }
    let (metric, formulation) = if numbers {
        (Metric::MeanR2, Formulation::Regression)
    } else {
        (Metric::MeanRocAuc, Formulation::MultiLabel)
    };
    let first = columns.first().cloned();
    Ok(Question { ask: Ask::Several { columns, numbers }, metric, formulation, rows, first })
}

/// Ratios for numbers over several orders of magnitude, distances for long tails, squares for the others.
fn of_spread(column: &ColumnProfile, least: Option<f64>, greatest: Option<f64>) -> Metric {
    let quantile = |share: f64| {
        let found = column
            .quantiles
            .iter()
            .min_by(|a, b| (a.share - share).abs().total_cmp(&(b.share - share).abs()));
        found
            .filter(|found| (found.share - share).abs() < 0.02)
            .and_then(|found| found.value.parse::<f64>().ok())
    };
    let (Some(least), Some(greatest), Some(low), Some(middle), Some(high)) =
        (least, greatest, quantile(0.25), quantile(0.5), quantile(0.75))
    else {
        return Metric::Rmse;
    };
    if least >= 0.0 && middle > 0.0 && greatest > middle * 50.0 {
        return Metric::Rmsle;
    }
    let spread = (high - low).max(f64::MIN_POSITIVE);
    if greatest - high > 15.0 * spread || low - least > 15.0 * spread { Metric::Mae } else { Metric::Rmse }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(counts: &[(&str, u64)]) -> Result<Question, String> {
        let counts = counts.iter().map(|(label, count)| ((*label).to_owned(), *count)).collect();
        of_classes("overall rating", Cells::Numbers, &counts)
    }

    #[test]
    fn metrics_follow_the_balance_and_the_scale() {
        for (counts, metric) in [
            (&[("no", 500_u64), ("yes", 400)][..], Metric::RocAuc),
            (&[("0", 960), ("1", 40)], Metric::AveragePrecision),
            (&[("a", 60), ("b", 50), ("c", 40)], Metric::Accuracy),
            (&[("a", 900), ("b", 50), ("c", 40)], Metric::MacroF1),
            (&[("1", 60), ("2", 50), ("3", 40)], Metric::WeightedKappa),
        ] {
            assert_eq!(ask(counts).unwrap().metric, metric, "{counts:?}");
        }
    }

    #[test]
    fn whole_numbers_are_written_as_such() {
        for (cells, wanted) in [(Cells::Numbers, ["1", "2", "3"]), (Cells::Words, ["1.0", "2.0", "3.0"])] {
            let counts =
                [("1.0", 50), ("2.0", 40), ("3.0", 60)].map(|(label, count)| (label.to_owned(), count));
            let question = of_classes("kind", cells, &counts.into()).unwrap();
            assert!(matches!(question.ask, Ask::Classes { labels, .. } if labels == wanted));
        }
    }

    #[test]
    fn classes_that_are_no_task_are_named() {
        for (counts, reason) in [
            (&[("a", 9_u64), ("b", 3)][..], "none of its 2 classes"),
            (&[("a", 999), ("b", 1)], "one class of any size: 999 of 1000"),
            (&[("a", 1500), ("b", 15)], "rarer class has 15 rows"),
            (&[("a", 50), ("b", 20)], "only 70 rows"),
            (&[], "none of its 0 classes"),
        ] {
            let found = ask(counts).unwrap_err();
            assert!(found.contains(reason), "{found}");
        }
    }

    #[test]
    fn small_classes_and_the_largest_of_very_many_are_asked_for() {
        let counts = |sizes: &[u64]| -> BTreeMap<String, u64> {
            sizes.iter().enumerate().map(|(at, size)| (format!("c{at:03}"), *size)).collect()
        };
        for (sizes, classes, wanted) in [
            (vec![6; 52], 52, 5),
            (vec![40, 40, 40, 6], 3, 10),
            ([vec![30; 100], vec![12; 60]].concat(), 100, 13),
        ] {
            let question = of_classes("kind", Cells::Words, &counts(&sizes)).unwrap();
            let Ask::Classes { labels, least, .. } = question.ask else { panic!("{:?}", question.ask) };
            assert_eq!((labels.len(), least), (classes, wanted));
        }
        let found = of_classes("kind", Cells::Words, &counts(&vec![12; 400])).unwrap_err();
        assert!(found.contains("none of its 400 classes"), "{found}");
    }

    #[test]
    fn the_class_that_says_yes_is_asked_for() {
        let question = ask(&[("Yes", 500), ("No", 300)]).unwrap();
        assert!(matches!(question.ask, Ask::Binary { positive, .. } if positive == "Yes"));
        let question = ask(&[(">50K", 300), ("<=50K", 500)]).unwrap();
        assert!(matches!(question.ask, Ask::Binary { positive, .. } if positive == ">50K"));
    }
}
