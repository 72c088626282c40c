//! Learners on the task, and how well they do by our own measure.

use smith_data::TextColumn;

use super::calm;
use super::chance::spread;
use super::decode::{self, Style};
use super::folds::folds;
use super::form::{Form, Group};
use super::problem::Problem;
use super::skill::correlation;
use super::targets::{Target, target};
use crate::features::{Encoded, encode};
use crate::learn::boosting::Settings;
use crate::learn::{Loss, Matrix, boosting, linear, neighbours};

/// Multiplications that a fit may take.
const LINEAR_WORK: usize = 400_000_000;
const NEIGHBOUR_WORK: usize = 500_000_000;
const BOOSTING_WORK: usize = 60_000_000;
/// Passes that a linear fit takes over its rows.
const PASSES: usize = 100;
const NEIGHBOURS: usize = 10;
/// Fewest rows that work is saved down to, and trees.
const LEAST_ROWS: usize = 300;
const LEAST_ROUNDS: usize = 10;
const ROUNDS: usize = 60;

/// A kind of learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learner {
    Linear,
    Neighbours,
    Boosting,
}

impl Learner {
    pub(crate) const ALL: [Self; 3] = [Self::Linear, Self::Neighbours, Self::Boosting];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Neighbours => "neighbours",
            Self::Boosting => "boosting",
        }
    }
}

/// A correlation of predictions with what is known, over so many examples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Skill {
    pub(crate) correlation: f64,
    pub(crate) rows: usize,
}

impl Skill {
    /// Standard deviations by which it differs from chance.
    pub(crate) fn deviations(self) -> f64 {
        super::skill::deviations(self.correlation, self.rows)
    }
}

/// What a learner did with the columns of one group.
struct Learned {
    learner: Learner,
    group: usize,
    /// For each test example.
    outputs: Matrix,
    is_log: bool,
    /// For each test example the nearest training example, of the nearest neighbours only.
    nearest: Vec<usize>,
}

/// What the learners predict.
pub(crate) struct Climb {
    pub(crate) problem: Problem,
    learned: Vec<Learned>,
    /// Best skill of the learners on training examples that they had not seen, and the skill of the same learner on
    /// the test examples, for the first group of columns that can be learnt.
    pub(crate) inside: Skill,
    pub(crate) outside: Skill,
    /// The group that these speak of.
    pub(crate) measured: Option<usize>,
    best: Option<Learner>,
}

impl Climb {
    pub(super) fn of(problem: Problem) -> Self {
        let mut climb = Self {
            learned: Vec::new(),
            inside: Skill::default(),
            outside: Skill::default(),
            measured: None,
            best: None,
            problem,
        };
        for group in 0..climb.problem.groups.len() {
            climb.learn(group);
        }
        climb
    }

    fn learn(&mut self, at: usize) {
        let Some(group) = self.problem.groups.get(at) else { return };
        let rows: Vec<usize> = (0..self.problem.train).collect();
        let test: Vec<usize> = (self.problem.train..self.problem.raw.rows).collect();
        let Some(target) = target(group, &self.problem.known, &rows, None) else {
            self.copy(at, &rows, &test);
            return;
        };
        if target.known.len() < LEAST_KNOWN {
            return;
        }
        let y = target.y.pick(&target.known);
        let encoded = encode(&self.problem.raw, &target.known, &y, &test);
        for learner in Learner::ALL {
            let (outputs, nearest) = predict(learner, &encoded, &y, target.loss);
            let nearest = nearest.into_iter().filter_map(|near| target.known.get(near).copied()).collect();
            self.learned.push(Learned { learner, group: at, outputs, is_log: target.is_log, nearest });
        }
        if self.measured.is_none() {
            self.measure(at, &target);
        }
    }

    /// Where nothing can be learnt, the answer of the nearest example is copied.
    fn copy(&mut self, group: usize, rows: &[usize], test: &[usize]) {
        let y = Matrix::zeros(rows.len(), 1);
        let encoded = encode(&self.problem.raw, rows, &y, test);
        let (outputs, nearest) = predict(Learner::Neighbours, &encoded, &y, Loss::Squared);
        self.learned.push(Learned { learner: Learner::Neighbours, group, outputs, is_log: false, nearest });
    }

    /// Compares the skill on training examples that were held back with that on the test examples.
    fn measure(&mut self, at: usize, target: &Target) {
        let by_rank =
            self.problem.groups.get(at).is_some_and(|group| matches!(group.form, Form::Numbers { .. }));
        let folds = folds(&target.known);
        let mut best: Option<(Learner, Skill)> = None;
        for learner in [Learner::Linear, Learner::Boosting] {
            let mut held_back = Matrix::zeros(target.y.rows(), target.y.columns());
            let mut held = Vec::new();
            for (learnt, predicted) in &folds {
                let y = target.y.pick(learnt);
                let encoded = encode(&self.problem.raw, learnt, &y, predicted);
                let (outputs, _) = predict(learner, &encoded, &y, target.loss);
                for (from, &to) in predicted.iter().enumerate() {
                    held_back.row_mut(to).copy_from_slice(outputs.row(from));
                }
                held.extend(predicted);
            }
            if target.loss == Loss::Softmax {
                let heat = calm::temperature(&held_back, &target.y, &held);
                let own = self.learned.iter_mut().filter(|own| own.group == at && own.learner == learner);
                own.for_each(|own| calm::cool(&mut own.outputs, heat));
            }
            let skill =
                Skill { correlation: correlation(&held_back, &target.y, &held, by_rank), rows: held.len() };
            if !held.is_empty() && best.is_none_or(|(_, best)| skill.correlation > best.correlation) {
                best = Some((learner, skill));
            }
        }
        let Some((learner, inside)) = best else { return };
        (self.measured, self.inside, self.best) = (Some(at), inside, Some(learner));
        let order: Vec<usize> = (0..self.problem.example.len()).collect();
        self.outside = self.skill_of(&order).unwrap_or_default();
    }

    /// The measured group, and what the learner that was best in training did with it.
    fn best_learned(&self) -> Option<(&Group, &Learned)> {
        let at = self.measured?;
        let learned = self.learned.iter().find(|own| own.group == at && Some(own.learner) == self.best)?;
        Some((self.problem.groups.get(at)?, learned))
    }

    /// The skill on the test examples of the learner that was best in training, when row `i` of the answers is taken for
    /// row `order[i]`.
    pub(crate) fn skill_of(&self, order: &[usize]) -> Option<Skill> {
        let problem = &self.problem;
        let (group, learned) = self.best_learned()?;
        let target = target(group, &problem.answers, order, Some(learned.is_log))?;
        let mut outputs = Matrix::zeros(order.len(), learned.outputs.columns());
        let mut rows = Vec::new();
        for row in target.known {
            if let Some(example) = problem.example.get(row).copied().flatten() {
                outputs.row_mut(row).copy_from_slice(learned.outputs.row(example));
                rows.push(row);
            }
        }
        let by_rank = matches!(group.form, Form::Numbers { .. });
        Some(Skill { correlation: correlation(&outputs, &target.y, &rows, by_rank), rows: rows.len() })
    }

    /// The classes, and how often a test example of one is taken for another by the learner that was best in training.
    /// Nothing where classes are not what is learnt.
    pub(super) fn confusion(&self) -> Option<(&[String], Vec<Vec<usize>>)> {
        let (group, learned) = self.best_learned()?;
        let Form::Classes { labels, .. } = &group.form else { return None };
        let order: Vec<usize> = (0..self.problem.example.len()).collect();
        let target = target(group, &self.problem.answers, &order, Some(learned.is_log))?;
        let mut counts = vec![vec![0_usize; labels.len()]; labels.len()];
        let greatest =
            |row: &[f32]| row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at);
        for row in target.known {
            let Some(example) = self.problem.example.get(row).copied().flatten() else { continue };
            let is = greatest(target.y.row(row));
            let taken = greatest(learned.outputs.row(example));
            if let (Some(is), Some(taken)) = (is, taken)
                && let Some(count) = counts.get_mut(is).and_then(|row| row.get_mut(taken))
            {
                *count += 1;
            }
        }
        Some((labels, counts))
    }

    /// Ways of writing predictions that differ.
    pub(crate) fn styles(&self) -> &'static [Style] {
        if self.problem.groups.iter().any(decode::has_other) { &Style::ALL } else { &Style::ALL[..1] }
    }

    /// The predicted columns of a learner for the rows of the answers, column by column; rows and columns that it knows
    /// nothing of get what is most frequent. None when it has learnt nothing.
    pub(crate) fn predictions(&self, learner: Learner, style: Style) -> Option<Vec<Vec<String>>> {
        let mut columns: Vec<Vec<String>> =
            self.problem.known.iter().map(|known| self.most_frequent(known)).collect();
        let mut is_any = false;
        for learned in self.learned.iter().filter(|learned| learned.learner == learner) {
            let group = self.problem.groups.get(learned.group)?;
            let cells = match group.form {
                Form::Copies => self.copies(group, &learned.nearest),
                _ => decode::cells(group, &learned.outputs, learned.is_log, style),
            };
            for (&at, cells) in group.columns.iter().zip(cells) {
                let rows = columns.get_mut(at)?.iter_mut().zip(&self.problem.example);
                for (cell, example) in rows {
                    if let Some(predicted) = example.and_then(|example| cells.get(example)) {
                        cell.clone_from(predicted);
                    }
                }
            }
            is_any = true;
        }
        is_any.then_some(columns)
    }

    fn copies(&self, group: &Group, nearest: &[usize]) -> Vec<Vec<String>> {
        let column = |at: &usize| {
            let known = self.problem.known.get(*at);
            nearest.iter().map(|&near| known.map_or("", |known| known.get(near)).to_owned()).collect()
        };
        group.columns.iter().map(column).collect()
    }

    fn most_frequent(&self, known: &TextColumn) -> Vec<String> {
        vec![super::scores::mode(known); self.problem.example.len()]
    }
}

/// Fewest examples with a known value.
const LEAST_KNOWN: usize = 15;

/// Fits on what is encoded first and predicts what is encoded second; of the nearest neighbours also which they are.
pub(super) fn predict(learner: Learner, encoded: &Encoded, y: &Matrix, loss: Loss) -> (Matrix, Vec<usize>) {
    match learner {
        Learner::Linear => {
            let [train, test] = &encoded.linear;
            let work = train.density().max(1) * y.columns() * PASSES;
            let kept = spread(y.rows(), (LINEAR_WORK / work).max(LEAST_ROWS));
            let model = if kept.len() < y.rows() {
                linear::fit(&train.pick(&kept), &y.pick(&kept), loss, 1.0)
            } else {
                linear::fit(train, y, loss, 1.0)
            };
            (model.predict(test), Vec::new())
        }
        Learner::Neighbours => {
            let [train, test] = &encoded.space;
            let work = train.columns().max(1) * test.rows().max(1);
            let kept = spread(y.rows(), (NEIGHBOUR_WORK / work).max(LEAST_ROWS));
            let near = neighbours::nearest(&train.pick(&kept), test, NEIGHBOURS.min(kept.len() / 4).max(1));
            let mut outputs = neighbours::mean_of(&near, &y.pick(&kept));
            if loss == Loss::Softmax {
                calm::towards(&mut outputs, &y.means(), NEIGHBOURS);
            }
            let first = near.iter().filter_map(|near| kept.get(*near.first()?).copied()).collect();
            (outputs, first)
        }
        Learner::Boosting => {
            let [train, test] = &encoded.trees;
            let work = train.columns().max(1) * y.columns();
            let rounds = (BOOSTING_WORK / (work * y.rows()).max(1)).clamp(LEAST_ROUNDS, ROUNDS);
            let kept = spread(y.rows(), (BOOSTING_WORK / (work * rounds)).max(LEAST_ROWS));
            let settings =
                Settings { rounds, leaf_rows: (kept.len() / 40).clamp(3, 20), ..Settings::default() };
            let model = boosting::fit(&train.pick(&kept), &y.pick(&kept), loss, &settings);
            (model.predict(test), Vec::new())
        }
    }
}
