//! What the scores agree with.

use super::promise::Promise;
use super::readings::{Kind, Reading, readings};
use super::shots::Shot;
use crate::formulas::{Measure, Sheet};

/// Relative difference below which two figures are one.
const SAME: f64 = 2e-6;
/// Figures that are compared at least.
const LEAST: usize = 5;
/// And of those that differ from each other.
const LEAST_DIFFERENT: usize = 4;
/// Part of the figures that have to agree with the promise: edges are defined in more than one way.
const MOST_OF_THEM: f64 = 0.6;
/// And with another metric, before it is named.
const NEARLY_ALL: f64 = 0.95;
/// Most columns and classes that are left out in turn.
const MOST_LEFT_OUT: usize = 20;

/// How a score may be made of a figure.
type Turn = (fn(f64) -> f64, &'static str);

const PLAIN: [Turn; 4] = [
    (|x| x, ""),
    (|x| -x, " with the opposite sign"),
    (|x| 1.0 - x, " taken from 1"),
    (|x| 100.0 * x, " in percent"),
];
/// What nobody calls another metric.
const ALLOWED: [Turn; 9] = [
    (|x| 100.0 * (1.0 - x), ""),
    (|x| 2.0 * x - 1.0, ""),
    (|x| (x + 1.0) / 2.0, ""),
    (|x| (-x).exp(), ""),
    (|x| 1.0 / (1.0 + x), ""),
    (|x| x.max(0.0), ""),
    (|x| x / std::f64::consts::LN_2, ""),
    (|x| x / std::f64::consts::LN_10, ""),
    (|x| x / 2.0, ""),
];

/// What the scores are, when they are not what is promised.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// They are the promised metric, or one of its readings, by this name.
    Kept { reading: String, rounded: bool },
    /// They are this instead.
    Other(String),
    /// They are the promised metric, changed in a way that nobody means.
    Changed(String),
    /// They are the promised metric times a factor.
    Factor(f64),
    /// They are nothing that is known; of so many figures so many are far away from the nearest reading.
    Unlike { reading: String, far: usize, of: usize },
}

/// Scores with everything that is computed of them.
pub(super) struct Evidence<'s> {
    shots: &'s [Shot],
    /// Decimals that scores are rounded to, if they are.
    pub(super) decimals: Option<i32>,
}

/// How figures agree with scores.
#[derive(Debug, Clone, Copy, Default)]
struct Agreement {
    hard: (usize, usize),
    soft: (usize, usize),
}

impl Agreement {
    fn share((same, of): (usize, usize)) -> Option<f64> {
        (of > 0).then(|| same as f64 / of as f64)
    }

    /// Whether enough agree among those that count. Where only soft ones can be compared, the others may differ.
    fn holds(self, least: f64, soft_only: bool) -> bool {
        let (hard, soft) = (Self::share(self.hard), Self::share(self.soft));
        let soft_counts = self.soft.1 >= 3;
        match (hard, soft) {
            _ if soft_only && soft_counts => soft.is_some_and(|soft| soft >= least),
            (Some(hard), Some(soft)) => hard >= least && soft >= least,
            (Some(share), None) | (None, Some(share)) => share >= least,
            (None, None) => false,
        }
    }
}

/// A value for each shot, where there is one.
type Values = Vec<Option<f64>>;

impl<'s> Evidence<'s> {
    pub(super) fn new(shots: &'s [Shot]) -> Self {
        Self { shots, decimals: decimals(shots) }
    }

    /// Whether enough different figures are there to say anything.
    pub(super) fn suffices(&self) -> bool {
        let mut scores: Vec<f64> = self.shots.iter().map(|shot| shot.score).collect();
        scores.sort_by(f64::total_cmp);
        scores.dedup_by(|a, b| same(*a, *b, 0.0));
        self.shots.len() >= LEAST && scores.len() >= LEAST_DIFFERENT
    }

    /// What the scores are; nothing when no reading of the promise fits what is compared.
    pub(super) fn weigh(&self, promise: &Promise) -> Option<Verdict> {
        let all = readings(promise);
        let (promised, others): (Vec<Reading>, Vec<Reading>) =
            all.into_iter().partition(|reading| promise.allows(reading));
        let computed: Vec<(Reading, Values)> = promised
            .iter()
            .flat_map(|reading| self.all_values(*reading))
            .filter(|(_, values)| count(values) >= LEAST)
            .collect();
        if computed.is_empty() {
            return None;
        }
        let turns = || PLAIN.iter().chain(&ALLOWED);
        for slack in [0.0, self.slack()] {
            let agrees = |reading: &Reading, values: &Values| {
                turns().any(|turn| {
                    self.agreement(values, turn.0, slack).holds(MOST_OF_THEM, self.soft_only(reading))
                })
            };
            if let Some((reading, values)) = computed.iter().find(|(reading, values)| agrees(reading, values))
            {
                if let Some(mistake) = self.mistake(&others, reading, values, slack) {
                    return Some(Verdict::Other(mistake));
                }
                return Some(Verdict::Kept { reading: reading.name(), rounded: slack > 0.0 });
            }
        }
        if let Some(other) = self.other(&others) {
            return Some(Verdict::Other(other));
        }
        if let Some(change) = promised.iter().find_map(|reading| self.changed(reading)) {
            return Some(Verdict::Changed(change));
        }
        let factor = computed.iter().find_map(|(reading, values)| self.factor(reading, values));
        Some(factor.map_or_else(|| self.unlike(&computed), Verdict::Factor))
    }

    /// What is computed by mistake only and agrees with all scores, where the promise agrees with most of them.
    fn mistake(&self, others: &[Reading], kept: &Reading, values: &Values, slack: f64) -> Option<String> {
        let all = |values: &Values, turn: fn(f64) -> f64| {
            let agreement = self.agreement(values, turn, slack);
            agreement.hard.0 == agreement.hard.1 && agreement.soft.0 == agreement.soft.1
        };
        let turns = || PLAIN.iter().chain(&ALLOWED);
        if turns().any(|turn| all(values, turn.0)) {
            return None;
        }
        let alike = others.iter().filter(|other| !other.usual && other.kind == kept.kind);
        alike.filter(|other| self.may_be(other)).find_map(|other| {
            let mut own = self.all_values(*other).into_iter();
            own.find(|(_, values)| {
                count(values) == self.shots.len() && PLAIN.iter().any(|turn| all(values, turn.0))
            })
            .map(|(other, _)| other.name())
        })
    }

    /// The plain error that the scores are, if they are one.
    pub(super) fn plain_error(&self) -> Option<String> {
        let kinds = [Kind::Mae, Kind::Rmse, Kind::Mse];
        let all = readings(&Promise::default());
        self.other(&all.into_iter().filter(|reading| kinds.contains(&reading.kind)).collect::<Vec<_>>())
    }

    fn other(&self, others: &[Reading]) -> Option<String> {
        others.iter().filter(|reading| self.may_be(reading)).find_map(|reading| {
            self.all_values(*reading).into_iter().find_map(|(reading, values)| {
                let turn = PLAIN.iter().find(|turn| self.is_exactly(&reading, &values, turn.0))?;
                Some(format!("{}{}", reading.name(), turn.1))
            })
        })
    }

    /// Whether a reading agrees with one of the first submissions at least, on any of their sheets.
    fn may_be(&self, reading: &Reading) -> bool {
        self.begins(|sheet| reading.measure.value(sheet), is_of_lists(reading.measure))
    }

    /// Whether figures agree with the scores of the first submissions.
    fn begins(&self, of: impl Fn(&Sheet) -> Option<f64>, of_lists: bool) -> bool {
        const FIRST: usize = 3;
        let sheets = if of_lists { usize::MAX } else { 1 };
        let close =
            |score: f64, value: f64| PLAIN.iter().any(|turn| same(score, turn.0(value), self.slack()));
        self.shots.iter().take(FIRST).any(|shot| {
            shot.sheets
                .iter()
                .take(sheets)
                .any(|sheet| of(sheet).is_some_and(|value| close(shot.score, value)))
        })
    }

    /// A reading of the plain sheets, and of the grouped ones.
    fn all_values(&self, reading: Reading) -> Vec<(Reading, Values)> {
        let sheets = self.shots.first().map_or(0, |shot| shot.sheets.len());
        let kinds = if is_of_lists(reading.measure) { sheets } else { sheets.min(1) };
        (0..kinds)
            .map(|at| (reading, self.values(|shot| reading.measure.value(shot.sheets.get(at)?))))
            .collect()
    }

    fn values(&self, of: impl Fn(&Shot) -> Option<f64>) -> Values {
        // Most readings do not fit, which the first submissions show.
        let mut values: Values = self.shots.iter().take(3).map(&of).collect();
        let fits = values.iter().any(Option::is_some);
        values.extend(self.shots.iter().skip(3).map(|shot| if fits { of(shot) } else { None }));
        values
    }

    fn agreement(&self, values: &Values, turn: fn(f64) -> f64, slack: f64) -> Agreement {
        let mut agreement = Agreement::default();
        for (shot, value) in self.shots.iter().zip(values) {
            let Some(value) = value else { continue };
            let place = if shot.is_soft() { &mut agreement.soft } else { &mut agreement.hard };
            place.1 += 1;
            place.0 += usize::from(same(shot.score, turn(*value), slack));
        }
        agreement
    }

    /// Whether figures are the scores, beyond doubt: nearly all of enough different ones.
    fn is_exactly(&self, reading: &Reading, values: &Values, turn: fn(f64) -> f64) -> bool {
        let soft_only = self.soft_only(reading);
        // Coarse scores are near to many figures.
        let slack = if self.decimals.is_some_and(|decimals| decimals < 3) { 0.0 } else { self.slack() };
        let pairs = self.shots.iter().zip(values).filter(|(shot, _)| !soft_only || shot.is_soft());
        let agreeing =
            pairs.filter(|(shot, value)| value.is_some_and(|value| same(shot.score, turn(value), slack)));
        let mut agreeing: Vec<f64> = agreeing.map(|(shot, _)| shot.score).collect();
        agreeing.sort_by(f64::total_cmp);
        agreeing.dedup_by(|a, b| same(*a, *b, slack));
        let different = if soft_only { LEAST_DIFFERENT - 1 } else { LEAST_DIFFERENT };
        let enough = soft_only || count(values) * 10 >= self.shots.len() * 6;
        enough
            && agreeing.len() >= different
            && self.agreement(values, turn, slack).holds(NEARLY_ALL, soft_only)
    }

    fn soft_only(&self, reading: &Reading) -> bool {
        let grouped = self.shots.first().is_some_and(|shot| shot.sheets.len() > 1);
        reading.kind == Kind::LogLoss || (grouped && is_of_lists(reading.measure))
    }

    /// Half of the last decimal, where scores are rounded.
    fn slack(&self) -> f64 {
        self.decimals.map_or(0.0, |decimals| 0.51 * 10_f64.powi(-decimals))
    }

    /// The promised metric on a part of the rows or columns, or with both sides exchanged.
    fn changed(&self, reading: &Reading) -> Option<String> {
        let rows = self.shots.first()?.sheets.first()?.rows();
        let columns = self.shots.first()?.sheets.first()?.columns();
        let try_it = |change: &dyn Fn(&Sheet) -> Option<Sheet>| {
            if !self.begins(|sheet| reading.measure.value(&change(sheet)?), false) {
                return false;
            }
            let values = self.values(|shot| reading.measure.value(&change(shot.sheets.first()?)?));
            PLAIN.iter().any(|turn| self.is_exactly(reading, &values, turn.0))
        };
        let name = reading.name();
        if try_it(&|sheet| Some(sheet.swapped())) {
            return Some(format!("{name} with the submission and the answers exchanged"));
        }
        for (row, which) in [(0, "first"), (rows.saturating_sub(1), "last")] {
            if try_it(&|sheet| Some(sheet.without_row(row))) {
                return Some(format!("{name} without the {which} row of the answers"));
            }
        }
        if columns < 2 {
            return None;
        }
        let column_name =
            |at: usize| self.shots.first().and_then(|shot| shot.sheets.first()).map_or("", |s| s.name(at));
        for at in 0..columns.min(MOST_LEFT_OUT) {
            if try_it(&|sheet| sheet.of_columns(|other| other == at)) {
                return Some(format!("{name} of the column {} alone", super::quoted(column_name(at))));
            }
            if try_it(&|sheet| sheet.of_columns(|other| other != at)) {
                return Some(format!("{name} without the column {}", super::quoted(column_name(at))));
            }
        }
        None
    }

    /// The factor that all scores have in common.
    fn factor(&self, reading: &Reading, values: &Values) -> Option<f64> {
        let soft_only = self.soft_only(reading);
        let counted = |shot: &Shot| !soft_only || shot.is_soft();
        let pairs: Vec<(f64, f64)> = self
            .shots
            .iter()
            .zip(values)
            .filter(|(shot, _)| counted(shot))
            .filter_map(|(shot, value)| Some((shot.score, (*value)?)))
            .filter(|(score, value)| score.abs() > 1e-9 && value.abs() > 1e-9)
            .collect();
        let (score, value) = pairs.first()?;
        let factor = score / value;
        let all = pairs.len() >= LEAST
            && pairs.iter().all(|(score, value)| same(*score, factor * value, 2.0 * self.slack()));
        let mut different: Vec<f64> = pairs.iter().map(|(score, _)| *score).collect();
        different.sort_by(f64::total_cmp);
        different.dedup_by(|a, b| same(*a, *b, self.slack()));
        (all && different.len() >= LEAST_DIFFERENT - 1).then_some(factor)
    }

    /// The reading that comes nearest, and how often it is far away.
    fn unlike(&self, computed: &[(Reading, Values)]) -> Verdict {
        const FAR: f64 = 0.05;
        let span = self.span();
        let far = |values: &Values| {
            let pairs =
                self.shots.iter().zip(values).filter_map(|(shot, value)| Some((shot.score, (*value)?)));
            let away = |(score, value): &(f64, f64)| {
                let turns = PLAIN.iter().chain(&ALLOWED);
                turns.map(|turn| (score - turn.0(*value)).abs()).fold(f64::INFINITY, f64::min) > FAR * span
            };
            (pairs.clone().filter(away).count(), pairs.count())
        };
        let nearest = computed
            .iter()
            .map(|(reading, values)| (reading.name(), far(values)))
            .min_by_key(|(_, far)| far.0);
        let (reading, (far, of)) = nearest.unwrap_or_default();
        Verdict::Unlike { reading, far, of }
    }

    /// How many rounded scores lie between the worst and the best, if the last decimal is what tells them apart.
    pub(super) fn levels(&self) -> Option<f64> {
        Some(self.span() * 10_f64.powi(self.decimals?))
    }

    fn span(&self) -> f64 {
        let scores = || self.shots.iter().map(|shot| shot.score);
        scores().fold(f64::NEG_INFINITY, f64::max) - scores().fold(f64::INFINITY, f64::min)
    }

    /// A few submissions with their scores and what a measure says of them, for a message.
    pub(super) fn told(&self, promise: &Promise) -> Vec<(String, f64, Option<f64>)> {
        const TOLD: usize = 3;
        let reading =
            readings(promise).into_iter().filter(|reading| promise.allows(reading)).find_map(|reading| {
                self.all_values(reading)
                    .into_iter()
                    .map(|(_, values)| values)
                    .find(|values| count(values) >= LEAST)
            });
        let value = |at: usize| reading.as_ref().and_then(|values| values.get(at).copied().flatten());
        let telling = self.shots.iter().enumerate().filter(|(_, shot)| shot.score.abs() > 0.0);
        telling.map(|(at, shot)| (shot.trial.words(), shot.score, value(at))).take(TOLD).collect()
    }
}

fn count(values: &Values) -> usize {
    values.iter().flatten().count()
}

fn same(a: f64, b: f64, slack: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1e-3) + slack
}

fn is_of_lists(measure: Measure) -> bool {
    matches!(
        measure,
        Measure::MapAt(..)
            | Measure::NdcgAt(..)
            | Measure::MrrAt(..)
            | Measure::RecallAt(..)
            | Measure::PrecisionAt(..)
            | Measure::HitAt(..)
    )
}

/// Decimals after which every score ends; nothing when they have six or more.
fn decimals(shots: &[Shot]) -> Option<i32> {
    let ends = |decimals: i32| {
        let unit = 10_f64.powi(decimals);
        shots
            .iter()
            .all(|shot| (shot.score * unit - (shot.score * unit).round()).abs() < 1e-7 * unit.min(10.0))
    };
    (0..6).find(|decimals| ends(*decimals))
}
