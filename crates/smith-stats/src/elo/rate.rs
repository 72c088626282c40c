//! Ratings with their intervals, overall and by category.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::battles::{Battles, Row};
use super::bootstrap::{Round, Sampler, Unit};
use super::comparisons::{Pair, connected, pairs, tiers};
use super::{newton, sandwich};
use crate::interval::{check_level, normal_deviate};
use crate::summary::quantile_of_sorted;
use crate::{Interval, StatsError};

/// Most rounds of a bootstrap.
pub const MAX_ROUNDS: usize = 100_000;
/// Most ratings that the rounds of a bootstrap hold together.
const MAX_ROUND_RATINGS: usize = 50_000_000;

/// How ratings are made of battles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EloOptions {
    /// Points by which the odds grow `base`-fold.
    pub scale: f64,
    /// See `scale`.
    pub base: f64,
    /// Mean of all ratings.
    pub offset: f64,
    /// Penalty ridge/2 · Σ θ² (θ in natural units) where the likelihood has no maximum, and only there.
    pub ridge: f64,
    /// Rounds of the bootstrap; 0 for none.
    pub rounds: usize,
    /// What the bootstrap draws, and between what the sandwich takes scores to be independent. By default tasks where
    /// every battle has one and there are two at least, else battles.
    pub unit: Option<Unit>,
    /// Seed of the draws.
    pub seed: u64,
    /// Level of confidence of all intervals.
    pub level: f64,
}

impl Default for EloOptions {
    /// Scale 400, base 10, mean 1000; 1000 rounds; 95 %; a ridge that weighs like one tie against an average model.
    fn default() -> Self {
        Self {
            scale: 400.0,
            base: 10.0,
            offset: 1000.0,
            // A tie of equals has a curvature of a quarter.
            ridge: 0.25,
            rounds: 1000,
            unit: None,
            seed: 0,
            level: 0.95,
        }
    }
}

impl EloOptions {
    fn check(&self) -> Result<(), StatsError> {
        let demands = [
            ("the scale", "be positive", self.scale, self.scale > 0.0 && self.scale.is_finite()),
            ("the base", "be greater than 1", self.base, self.base > 1.0 && self.base.is_finite()),
            ("the offset", "be finite", self.offset, self.offset.is_finite()),
            ("the ridge", "lie between 1e-6 and 1e6", self.ridge, (1e-6..=1e6).contains(&self.ridge)),
        ];
        for (option, demand, value, is_met) in demands {
            if !is_met {
                return Err(StatsError::InvalidOption { option, demand, value });
            }
        }
        if self.rounds > MAX_ROUNDS {
            return Err(StatsError::TooMany { what: "rounds", limit: MAX_ROUNDS, found: self.rounds });
        }
        check_level(self.level)
    }

    /// Rating points of one natural unit of strength.
    fn points(&self) -> f64 {
        self.scale / self.base.ln()
    }
}

/// The rating of one model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rating {
    /// Name of the model.
    pub model: String,
    /// Points; the mean over all models is the offset.
    pub elo: f64,
    /// Lower end of the interval: by bootstrap (percentiles of the rounds), or by the sandwich when there are no rounds.
    /// None where nothing bounds the rating: of the last group of separated models.
    pub low: Option<f64>,
    /// Upper end of the interval; none for the first group of separated models, which never lost to the rest.
    pub high: Option<f64>,
    /// Sandwich standard error, in points.
    pub standard_error: Option<f64>,
    /// Normal interval by the sandwich standard error.
    pub sandwich: Option<Interval>,
    /// Battles of the model.
    pub battles: usize,
    /// Weight that it won, a tie being half of it, as a share of the weight of its battles.
    pub win_share: f64,
}

/// Why the plain likelihood has no maximum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ridged {
    /// No model of a group ever lost to one of a later group: the distance between them is what the ridge makes it.
    Separable {
        /// The groups, the winning one first.
        tiers: Vec<Vec<String>>,
    },
    /// Models of different groups were never compared, not even through others: only ratings within a group compare.
    Unconnected {
        /// The groups.
        groups: Vec<Vec<String>>,
    },
}

/// How the intervals were drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resampling {
    /// What was drawn.
    pub unit: Unit,
    /// Rounds.
    pub rounds: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Rounds whose draws had no maximum of the likelihood, so that the ridge was used.
    pub ridged_rounds: usize,
}

/// Ratings of one set of battles, the best model first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ratings {
    /// One for every model with a battle.
    pub ratings: Vec<Rating>,
    /// Number of battles.
    pub battles: usize,
    /// Number of tasks that battles name.
    pub tasks: usize,
    /// Set when the likelihood has no maximum and the ridge was used.
    pub ridged: Option<Ridged>,
    /// The bootstrap, if there was one.
    pub bootstrap: Option<Resampling>,
    /// Between what the sandwich takes scores to be independent.
    pub sandwich_unit: Option<Unit>,
    /// Level of confidence of the intervals.
    pub level: f64,
}

/// Ratings over all battles and over those of each category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Standings {
    /// Over all battles.
    #[serde(flatten)]
    pub overall: Ratings,
    /// By category, each centred by itself.
    pub categories: BTreeMap<String, Ratings>,
    /// Models that are known and have no battle.
    pub unrated: Vec<String>,
}

/// Ratings by maximum likelihood under Bradley and Terry's model: overall and by category, with intervals.
///
/// Order of rows does not matter, nor does the number of cores.
///
/// # Errors
/// [`StatsError::NoBattle`], an option outside its range, more rounds than can be held, or
/// [`StatsError::NotConverged`] for weights that differ by many orders of magnitude.
pub fn rate(battles: &Battles, options: &EloOptions) -> Result<Standings, StatsError> {
    options.check()?;
    let names = battles.models().sorted();
    if battles.is_empty() {
        return Err(StatsError::NoBattle { models: names.iter().map(ToString::to_string).collect() });
    }
    let overall = ratings(&battles.ordered(None), &names, options)?;
    let mut categories = BTreeMap::new();
    for (number, name) in battles.categories().iter() {
        categories.insert(name.to_owned(), ratings(&battles.ordered(Some(number)), &names, options)?);
    }
    let is_rated = |name: &&str| overall.ratings.iter().any(|rating| rating.model == **name);
    let unrated = names.iter().filter(|name| !is_rated(name)).map(ToString::to_string).collect();
    Ok(Standings { overall, categories, unrated })
}

/// Ratings from a square matrix of wins: row beat column so often, a tie being half a win for each. In the order of
/// the rows, without intervals.
///
/// # Errors
/// A matrix that is not square, a number of wins that is negative or not finite, a model without a comparison, and what
/// [`rate`] refuses.
pub fn rate_wins<S: AsRef<[f64]>>(wins: &[S], options: &EloOptions) -> Result<Vec<f64>, StatsError> {
    options.check()?;
    let models = wins.len();
    if models > super::MAX_MODELS {
        return Err(StatsError::TooMany { what: "models", limit: super::MAX_MODELS, found: models });
    }
    let mut flat = Vec::with_capacity(models * models);
    for (row, cells) in wins.iter().map(AsRef::as_ref).enumerate() {
        if cells.len() != models {
            return Err(StatsError::UnequalLengths { expected: models, found: cells.len() });
        }
        if cells.iter().any(|cell| !(*cell == 0.0 || (1e-9..=1e15).contains(cell))) {
            let problem = String::from("a number of wins must be 0, or lie between 1e-9 and 1e15");
            return Err(StatsError::Rows { rows: vec![row + 1], problem });
        }
        flat.extend_from_slice(cells);
    }
    let pairs = super::comparisons::pairs_of(&flat, models);
    if pairs.is_empty() {
        return Err(StatsError::TooFew { what: "pairs of models that met", needed: 1, found: 0 });
    }
    let ridge = if tiers(&pairs, models).len() > 1 { options.ridge } else { 0.0 };
    let strengths = newton::strengths(&pairs, models, ridge, &[])?;
    Ok(strengths.iter().map(|strength| options.offset + options.points() * strength).collect())
}

/// Ratings of battles between the models of `names` that have one.
fn ratings(rows: &[Row], names: &[&str], options: &EloOptions) -> Result<Ratings, StatsError> {
    let (rows, names) = compact(rows, names);
    let models = names.len();
    let pairs = pairs(&rows, models);
    let ridged = ridged(&pairs, &names);
    let ridge = if ridged.is_some() { options.ridge } else { 0.0 };
    let strengths = newton::strengths(&pairs, models, ridge, &[])?;
    let unit = options.unit.unwrap_or_else(|| default_unit(&rows));
    let errors = sandwich::errors(unit, &rows, &pairs, ridge, &strengths);
    let sampler = Sampler::new(unit, &rows, &pairs, models, options.ridge, &strengths);
    let rounds = match sampler {
        Some(sampler) if options.rounds > 0 => {
            let held = models.saturating_mul(options.rounds);
            if held > MAX_ROUND_RATINGS {
                let what = "ratings in all rounds together";
                return Err(StatsError::TooMany { what, limit: MAX_ROUND_RATINGS, found: held });
            }
            sampler.rounds(options.rounds, options.seed)?
        }
        _ => Vec::new(),
    };
    let bootstrap = (!rounds.is_empty()).then(|| Resampling {
        unit,
        rounds: rounds.len(),
        seed: options.seed,
        ridged_rounds: rounds.iter().filter(|round| round.is_ridged).count(),
    });
    let mut table = Vec::with_capacity(models);
    let shares = shares(&rows, models);
    for (model, name) in names.iter().enumerate() {
        let elo = options.offset + options.points() * strengths[model];
        let standard_error = errors.as_ref().map(|errors| options.points() * errors[model]);
        let sandwich =
            standard_error.and_then(|error| Interval::around(elo, normal_deviate(options.level) * error));
        let interval =
            percentiles(&rounds, model, options).or(if rounds.is_empty() { sandwich } else { None });
        let (below, above) = bounded_sides(ridged.as_ref(), name);
        table.push(Rating {
            model: (*name).to_owned(),
            elo,
            low: interval.filter(|_| below).map(|interval| interval.low),
            high: interval.filter(|_| above).map(|interval| interval.high),
            standard_error,
            sandwich,
            battles: shares[model].0,
            win_share: shares[model].1,
        });
    }
    table.sort_by(|a, b| b.elo.total_cmp(&a.elo).then_with(|| a.model.cmp(&b.model)));
    let tasks: std::collections::BTreeSet<_> = rows.iter().filter_map(|row| row.task).collect();
    Ok(Ratings {
        ratings: table,
        battles: rows.len(),
        tasks: tasks.len(),
        ridged,
        bootstrap,
        sandwich_unit: errors.map(|_| unit),
        level: options.level,
    })
}

/// On which sides, below and above, the battles bound a rating. Where a group never lost to the rest, nothing but the ridge
/// keeps it from rising and the rest from falling.
fn bounded_sides(ridged: Option<&Ridged>, model: &str) -> (bool, bool) {
    let Some(Ridged::Separable { tiers }) = ridged else { return (true, true) };
    let holds = |tier: Option<&Vec<String>>| tier.is_some_and(|tier| tier.iter().any(|name| name == model));
    (!holds(tiers.last()), !holds(tiers.first()))
}

/// Renumbers the models that have a battle.
fn compact<'n>(rows: &[Row], names: &[&'n str]) -> (Vec<Row>, Vec<&'n str>) {
    let mut numbers: Vec<Option<u32>> = vec![None; names.len()];
    for row in rows {
        numbers[row.first as usize] = Some(0);
        numbers[row.second as usize] = Some(0);
    }
    for (number, slot) in (0..).zip(numbers.iter_mut().filter(|slot| slot.is_some())) {
        *slot = Some(number);
    }
    let number = |old: u32| numbers[old as usize].unwrap_or(0);
    let renumbered =
        rows.iter().map(|row| Row { first: number(row.first), second: number(row.second), ..*row });
    let kept = names.iter().zip(&numbers).filter(|(_, slot)| slot.is_some()).map(|(name, _)| *name);
    (renumbered.collect(), kept.collect())
}

/// Tasks where every battle has one: those of one task alone hang together, and tell of no interval.
fn default_unit(rows: &[Row]) -> Unit {
    if rows.iter().all(|row| row.task.is_some()) { Unit::Tasks } else { Unit::Battles }
}

fn ridged(pairs: &[Pair], names: &[&str]) -> Option<Ridged> {
    let named = |groups: Vec<Vec<u32>>| {
        let name = |model: &u32| names[*model as usize].to_owned();
        groups.iter().map(|group| group.iter().map(name).collect()).collect()
    };
    let groups = connected(pairs, names.len());
    if groups.len() > 1 {
        return Some(Ridged::Unconnected { groups: named(groups) });
    }
    let tiers = tiers(pairs, names.len());
    (tiers.len() > 1).then(|| Ridged::Separable { tiers: named(tiers) })
}

/// Number of battles and share of the weight won, of each model.
fn shares(rows: &[Row], models: usize) -> Vec<(usize, f64)> {
    let mut sums = vec![(0_usize, 0.0, 0.0); models];
    for row in rows {
        let (won, lost) = super::comparisons::halves(row.winner, row.weight);
        for (model, won) in [(row.first, won), (row.second, lost)] {
            let sum = &mut sums[model as usize];
            *sum = (sum.0 + 1, sum.1 + won, sum.2 + row.weight);
        }
    }
    sums.into_iter().map(|(battles, won, weight)| (battles, won / weight)).collect()
}

/// The interval between percentiles of the rounds in which the model has a battle.
fn percentiles(rounds: &[Round], model: usize, options: &EloOptions) -> Option<Interval> {
    let mut drawn: Vec<f64> =
        rounds.iter().map(|round| round.strengths[model]).filter(|strength| strength.is_finite()).collect();
    if drawn.is_empty() {
        return None;
    }
    drawn.sort_unstable_by(f64::total_cmp);
    let at = |probability| options.offset + options.points() * quantile_of_sorted(&drawn, probability);
    let tail = (1.0 - options.level) / 2.0;
    Interval::between(at(tail), at(1.0 - tail))
}
