//! Battles as rows, with names turned into numbers.

use std::collections::HashMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::StatsError;
use crate::error::quoted;

/// Most models that are rated together: the fit holds a square matrix of them.
pub const MAX_MODELS: usize = 2_000;
/// Most battles that are held together: about a gigabyte.
pub const MAX_BATTLES: usize = 20_000_000;
/// Weights of battles lie between these, so that no sum of them leaves double precision.
const WEIGHTS: std::ops::RangeInclusive<f64> = 1e-9..=1e9;

/// How a battle went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Winner {
    /// The first model won.
    A,
    /// The second model won.
    B,
    /// Neither: half a win for each.
    Tie,
}

impl FromStr for Winner {
    type Err = StatsError;

    /// Reads `a`, `b` and `tie`, and the words of Chatbot Arena's tables: `model_a`, `model_b`, `tie (bothbad)`.
    fn from_str(text: &str) -> Result<Self, StatsError> {
        match text.trim() {
            "a" | "A" | "model_a" => Ok(Self::A),
            "b" | "B" | "model_b" => Ok(Self::B),
            "tie" | "tie (bothbad)" => Ok(Self::Tie),
            other => Err(StatsError::Rows {
                rows: Vec::new(),
                problem: format!("the winner {} is none of `a`, `b` and `tie`", quoted(other)),
            }),
        }
    }
}

/// One battle as a plain row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Battle {
    /// The first model.
    pub model_a: String,
    /// The second model.
    pub model_b: String,
    /// How it went.
    pub winner: Winner,
    /// What the battle counts for; usually 1.
    pub weight: f64,
    /// The task on which they met. Battles of one task are not independent of each other.
    pub task: Option<String>,
    /// The category of the task.
    pub category: Option<String>,
}

impl Battle {
    /// A battle of weight 1 without task and category.
    #[must_use]
    pub fn new(model_a: &str, model_b: &str, winner: Winner) -> Self {
        Self {
            model_a: model_a.to_owned(),
            model_b: model_b.to_owned(),
            winner,
            weight: 1.0,
            task: None,
            category: None,
        }
    }
}

/// A battle with numbers for names. The first model is the one whose name comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) winner: Winner,
    pub(crate) weight: f64,
    pub(crate) task: Option<u32>,
    pub(crate) category: Option<u32>,
}

/// Many battles, held compactly: build it row by row, or from plain rows.
///
/// ```
/// use smith_stats::elo::{Battles, EloOptions, Winner, rate};
///
/// let mut battles = Battles::default();
/// battles.push("oak", "elm", Winner::A, 1.0, Some("leaves"), None)?;
/// battles.push("elm", "oak", Winner::A, 1.0, Some("bark"), None)?;
/// battles.push("oak", "elm", Winner::A, 1.0, Some("roots"), None)?;
/// let ratings = rate(&battles, &EloOptions::default())?.overall.ratings;
/// // Two wins of three: 400 · log10(2) apart.
/// assert_eq!(ratings[0].model, "oak");
/// assert!((ratings[0].elo - ratings[1].elo - 120.41199826559248).abs() < 1e-9);
/// # Ok::<(), smith_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Battles {
    models: Names,
    tasks: Names,
    categories: Names,
    rows: Vec<Row>,
}

impl Battles {
    /// Takes in plain rows.
    ///
    /// # Errors
    /// As [`Battles::push`], for all rows at once.
    pub fn from_rows(rows: &[Battle]) -> Result<Self, StatsError> {
        let mut battles = Self::default();
        for row in rows {
            battles.push(
                &row.model_a,
                &row.model_b,
                row.winner,
                row.weight,
                row.task.as_deref(),
                row.category.as_deref(),
            )?;
        }
        Ok(battles)
    }

    /// Adds one battle.
    ///
    /// # Errors
    /// [`StatsError::Rows`] with the number of the row when a model meets itself, has no name, or the weight is not
    /// within 1e-9 and 1e9; [`StatsError::TooMany`] beyond [`MAX_MODELS`] models or
    /// [`MAX_BATTLES`] battles.
    pub fn push(
        &mut self,
        model_a: &str,
        model_b: &str,
        winner: Winner,
        weight: f64,
        task: Option<&str>,
        category: Option<&str>,
    ) -> Result<(), StatsError> {
        let row = self.rows.len() + 1;
        if row > MAX_BATTLES {
            return Err(StatsError::TooMany { what: "battles", limit: MAX_BATTLES, found: row });
        }
        let refused = |problem: String| Err(StatsError::Rows { rows: vec![row], problem });
        if model_a.is_empty() || model_b.is_empty() {
            return refused(String::from("a model has no name"));
        }
        if model_a == model_b {
            return refused(format!("the model {} meets itself; leave such rows out", quoted(model_a)));
        }
        if !WEIGHTS.contains(&weight) {
            return refused(format!("the weight is {weight}; it must lie between 1e-9 and 1e9"));
        }
        let (first, second) = (self.models.number(model_a), self.models.number(model_b));
        if self.models.len() > MAX_MODELS {
            return Err(StatsError::TooMany { what: "models", limit: MAX_MODELS, found: self.models.len() });
        }
        self.rows.push(Row {
            first,
            second,
            winner,
            weight,
            task: task.map(|task| self.tasks.number(task)),
            category: category.map(|category| self.categories.number(category)),
        });
        Ok(())
    }

    /// Makes a model known, though it may never meet another.
    pub fn add_model(&mut self, model: &str) {
        self.models.number(model);
    }

    /// The same battles of no category, where only the ratings over all of them are wanted.
    pub(crate) fn without_categories(mut self) -> Self {
        self.categories = Names::default();
        self.rows.iter_mut().for_each(|row| row.category = None);
        self
    }

    /// Number of battles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True without a battle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The models by their numbers, in the order in which they came.
    pub(crate) fn models(&self) -> &Names {
        &self.models
    }

    /// The categories by their numbers, in the order in which they came.
    pub(crate) fn categories(&self) -> &Names {
        &self.categories
    }

    /// The rows of all categories or of one, with tasks and models numbered in the order of their names, so that the
    /// order of rows does not matter.
    pub(crate) fn ordered(&self, category: Option<u32>) -> Vec<Row> {
        let (models, tasks) = (self.models.ranks(), self.tasks.ranks());
        let rank = |ranks: &[u32], number: u32| ranks.get(number as usize).copied().unwrap_or(number);
        let wanted = |row: &&Row| category.is_none() || row.category == category;
        let renumbered = |row: &Row| {
            let (a, b) = (rank(&models, row.first), rank(&models, row.second));
            let winner = match row.winner {
                Winner::A if a > b => Winner::B,
                Winner::B if a > b => Winner::A,
                winner => winner,
            };
            let task = row.task.map(|task| rank(&tasks, task));
            Row { first: a.min(b), second: a.max(b), winner, task, ..*row }
        };
        let mut rows: Vec<Row> = self.rows.iter().filter(wanted).map(renumbered).collect();
        // Sums of ones are exact in any order; others would differ in the last digit.
        if rows.iter().any(|row| row.task.is_some() || row.weight != 1.0) {
            rows.sort_unstable_by_key(|row| {
                (row.task, row.first, row.second, row.winner, row.weight.to_bits())
            });
        }
        rows
    }
}

/// Different names, numbered as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The names in order.
    pub(crate) fn sorted(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// With their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.names.iter().map(String::as_str))
    }

    /// For each number, the place of its name in the order of names.
    fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_unstable_by(|&a, &b| self.names[a].cmp(&self.names[b]));
        let mut ranks = vec![0; order.len()];
        for (rank, index) in (0..).zip(order) {
            ranks[index] = rank;
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_no_battles_are_named() {
        let mut battles = Battles::default();
        battles.push("a", "b", Winner::Tie, 1.0, None, None).unwrap();
        for (a, b, weight, part) in [
            ("a", "a", 1.0, "row 2: the model `a` meets itself"),
            ("a", "", 1.0, "row 2: a model has no name"),
            ("a", "b", 0.0, "row 2: the weight is 0"),
            ("a", "b", f64::NAN, "row 2: the weight is NaN"),
            ("a", "b", 1e300, "between 1e-9 and 1e9"),
        ] {
            let message = battles.push(a, b, Winner::A, weight, None, None).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(battles.len(), 1);
    }

    #[test]
    fn the_words_of_the_arena_are_read() {
        for (text, winner) in
            [("a", Winner::A), ("model_b", Winner::B), (" tie ", Winner::Tie), ("tie (bothbad)", Winner::Tie)]
        {
            assert_eq!(text.parse(), Ok(winner));
        }
        assert!("c\n".parse::<Winner>().unwrap_err().to_string().contains("`c` is none of"));
    }

    #[test]
    fn order_makes_the_first_name_the_first_model() {
        let mut battles = Battles::default();
        battles.push("b", "a", Winner::A, 2.0, Some("t"), None).unwrap();
        let row = battles.ordered(None)[0];
        assert_eq!((row.first, row.second, row.winner, row.weight), (0, 1, Winner::B, 2.0));
    }
}
