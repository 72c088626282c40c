//! Why a statistic has no value.

/// Why a statistic has no value for these numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Fewer values than the statistic needs.
    #[error("at least {needed} {what} are needed, there are {found}")]
    TooFew {
        /// What is counted: values, pairs, raters, subjects.
        what: &'static str,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// No two models ever met, so none can be rated.
    #[error(
        "there is no battle: {}; two models need a task or a comparison in common",
        name_models(.models)
    )]
    NoBattle {
        /// The models that are there.
        models: Vec<String>,
    },
    /// Series that belong together differ in length.
    #[error("the series must have the same length; they have {expected} and {found} values")]
    UnequalLengths {
        /// Length of the first series.
        expected: usize,
        /// Length of the series that differs.
        found: usize,
    },
    /// NaN or an infinity among the values.
    #[error("value number {} is {value}; only finite numbers can be used", .index + 1)]
    NonFinite {
        /// Position in its series, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The statistic divides by a spread that is zero.
    #[error("{of} are all equal, so the statistic is undefined")]
    ZeroVariance {
        /// What does not vary.
        of: &'static str,
    },
    /// The size of the head of a ranking is zero or exceeds the number of values.
    #[error("k must lie between 1 and {len}, it is {k}")]
    InvalidK {
        /// The size that was asked for.
        k: usize,
        /// The number of values.
        len: usize,
    },
    /// A probability outside 0 to 1.
    #[error("a probability must lie between 0 and 1, it is {0}")]
    InvalidProbability(f64),
    /// Rows of a table that cannot be used as they are.
    #[error("{}: {problem}", name_rows(.rows))]
    Rows {
        /// Numbers of the rows from 1, in rising order.
        rows: Vec<usize>,
        /// What is wrong with them and what to do.
        problem: String,
    },
    /// More than is taken in at once.
    #[error("at most {limit} {what} can be used, there are {found}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many are taken.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// An option outside its range.
    #[error("{option} must {demand}, it is {value}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// What it must be.
        demand: &'static str,
        /// What it is.
        value: f64,
    },
    /// The likelihood has a maximum, but its tail is so flat that double precision does not find it.
    #[error("the ratings did not converge within {steps} Newton steps; weights that differ less help")]
    NotConverged {
        /// Steps that were taken.
        steps: usize,
    },
    /// The magnitudes are beyond double precision.
    #[error("the values are too large or too small for double precision; rescale them")]
    OutOfRange,
}

/// Most rows that a message names.
const NAMED_ROWS: usize = 8;

/// Rows in words: `row 3`, `rows 3, 7 and 9`, `rows 1, 2, 3, … (40 in all)`.
fn name_rows(rows: &[usize]) -> String {
    let named: Vec<String> = rows.iter().take(NAMED_ROWS).map(ToString::to_string).collect();
    match (named.split_last(), rows.len() > NAMED_ROWS) {
        (None, _) => String::from("the table"),
        (Some(_), true) => format!("rows {}, … ({} in all)", named.join(", "), rows.len()),
        (Some((last, [])), false) => format!("row {last}"),
        (Some((last, first)), false) => format!("rows {} and {last}", first.join(", ")),
    }
}

/// Models in words: none, the one, or the first few.
fn name_models(models: &[String]) -> String {
    const NAMED: usize = 4;
    let named: Vec<String> = models.iter().take(NAMED).map(|model| quoted(model)).collect();
    let more = if models.len() > NAMED { ", …" } else { "" };
    match models {
        [] => "there is no row with a model".to_owned(),
        [_] => format!("{} is the only model", named.join("")),
        _ => format!("the {} models ({}{more}) share no task", models.len(), named.join(", ")),
    }
}

/// Untrusted text for a message: cut, quoted, without control characters.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let cut: String = text.chars().take(SHOWN).collect();
    let mark = if cut.len() < text.len() { "…" } else { "" };
    format!("`{}{mark}`", cut.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_named_and_many_are_cut() {
        let message = |rows: Vec<usize>| StatsError::Rows { rows, problem: "no".to_owned() }.to_string();
        assert_eq!(message(vec![3]), "row 3: no");
        assert_eq!(message(vec![3, 7, 9]), "rows 3, 7 and 9: no");
        assert_eq!(message((1..=40).collect()), "rows 1, 2, 3, 4, 5, 6, 7, 8, … (40 in all): no");
        assert_eq!(message(Vec::new()), "the table: no");
    }

    #[test]
    fn text_of_others_is_cut_and_escaped() {
        assert_eq!(quoted("a\nb\u{1b}"), "`a\\nb\\u{1b}`");
        assert_eq!(quoted(&"x".repeat(50)), format!("`{}…`", "x".repeat(40)));
    }
}
