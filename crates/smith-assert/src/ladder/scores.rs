//! What the task's metric says of the rungs, and how noisy it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use smith_data::TextColumn;
use smith_data::table::Table;
use smith_exec::Score;
use smith_task_schema::Calibration;
use smith_task_schema::calibration::Measured;

use super::chance::Chance;
use super::climb::{Climb, Learner};
use super::decode::Style;
use super::problem::{Filling, Problem};
use crate::AssertError;
use crate::subject::{Compared, Subject, better, number};

/// Fewer scores do not make a deviation.
const LEAST_SCORES: usize = 4;
/// Fewer answers are not halved.
const LEAST_HALVED: usize = 16;
/// Bytes from which a part of a cell counts as copied.
const LONG: usize = 12;
/// Times that a sample submission is dealt to other rows.
const SHUFFLED_SAMPLES: usize = 6;

/// The ladder of a task, with what its rules want to know beside it.
pub(crate) struct Ladder {
    pub(crate) calibration: Calibration,
    /// How many predictions dealt anew and how many halves of the test examples the noise was measured on.
    pub(crate) dealt: usize,
    pub(crate) halves: usize,
    pub(crate) sample: SampleFacts,
    /// Rows of the answers that were scored.
    pub(crate) rows: usize,
}

/// What the scores say of the sample submission.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SampleFacts {
    pub(crate) score: Option<f64>,
    /// True when every column holds one value.
    pub(crate) is_constant: bool,
    /// Mean and deviation of its scores when its predictions are dealt to other rows.
    pub(crate) shuffled: Option<(f64, f64)>,
    /// True when it repeats a column of the test examples, or parts of its cells.
    pub(crate) copies_a_column: bool,
    /// True when it holds numbers that are not whole and nearly all of which are targets of training examples, as
    /// forecasts of the last known value are.
    pub(crate) repeats_known_numbers: bool,
}

/// A submission of the first round.
#[derive(Clone, Copy, PartialEq)]
enum Entry {
    Sample,
    ShuffledSample,
    Constant,
    Learnt(Learner, Style),
    Answers,
}

impl Ladder {
    /// Scores everything. Not run when nothing was learnt, or the metric cannot be used on answers.
    pub(super) async fn score(subject: &Subject) -> Result<Self, AssertError> {
        let climb = subject.climb()?;
        let battery = subject.battery().await?;
        let higher = battery
            .higher_is_better
            .ok_or_else(|| AssertError::not_run("the metric does not state its direction (S102)"))?;
        let problem = &climb.problem;
        let entries = first_round(climb);
        if !entries.iter().any(|(entry, _)| matches!(entry, Entry::Learnt(..))) {
            return Err(AssertError::not_run("nothing of what is predicted could be learnt"));
        }
        let (entries, tables): (Vec<Entry>, Vec<Table>) = entries.into_iter().unzip();
        let scores = subject.score_compared(vec![compared(problem, tables)]).await?;
        let scored: Vec<(Entry, Option<f64>)> = entries.into_iter().zip(scores.iter().map(valid)).collect();
        let answers = scored.iter().find(|(entry, _)| *entry == Entry::Answers).and_then(|(_, score)| *score);
        let answers = answers.ok_or_else(|| AssertError::not_run("the answers have no score (S105)"))?;
        let best = best_of(&scored, higher, |entry| matches!(entry, Entry::Learnt(..)));
        let noise = Noise::of(subject, climb, best.map(|(entry, _)| entry)).await?;
        let sample = sample_facts(problem, &scored);
        let constant = best_of(&scored, higher, |entry| *entry == Entry::Constant).map(|(_, score)| score);
        let trivial = [constant, noise.dealt_mean, sample.score.filter(|_| sample.is_constant)];
        let trivial = trivial.into_iter().flatten().reduce(|a, b| if better(higher, b, a) { b } else { a });
        let trivial =
            trivial.ok_or_else(|| AssertError::not_run("no constant prediction has a score (S103)"))?;
        let mut rungs = vec![("constant".to_owned(), constant), ("sample".to_owned(), sample.score)];
        for learner in Learner::ALL.into_iter().filter(|learner| learns(&scored, *learner)) {
            let own =
                best_of(&scored, higher, |entry| matches!(entry, Entry::Learnt(of, _) if *of == learner));
            rungs.push((learner.name().to_owned(), own.map(|(_, score)| score)));
        }
        rungs.push(("answers".to_owned(), Some(answers)));
        let reference = best.and_then(|(entry, score)| match entry {
            Entry::Learnt(learner, _) => Some((learner.name().to_owned(), score)),
            _ => None,
        });
        let sigma = noise.sigma();
        let measured = Measured { higher_is_better: higher, trivial, reference, answers, sigma, rungs };
        Ok(Self {
            calibration: Calibration::new(measured),
            dealt: noise.dealt,
            halves: noise.halves,
            sample,
            rows: problem.submission.rows.len(),
        })
    }
}

fn valid(score: &Score) -> Option<f64> {
    score.score.filter(|_| score.valid)
}

fn learns(scored: &[(Entry, Option<f64>)], learner: Learner) -> bool {
    scored.iter().any(|(entry, _)| matches!(entry, Entry::Learnt(of, _) if *of == learner))
}

fn best_of(
    scored: &[(Entry, Option<f64>)],
    higher: bool,
    of: impl Fn(&Entry) -> bool,
) -> Option<(Entry, f64)> {
    let scored =
        scored.iter().filter(|(entry, _)| of(entry)).filter_map(|(entry, score)| Some((*entry, (*score)?)));
    scored.reduce(|a, b| if better(higher, b.1, a.1) { b } else { a })
}

fn compared(problem: &Problem, submissions: Vec<Table>) -> Compared {
    Compared { answers: (!problem.is_whole).then(|| problem.truth.clone()), submissions }
}

fn first_round(climb: &Climb) -> Vec<(Entry, Table)> {
    let problem = &climb.problem;
    let mut entries =
        vec![(Entry::Sample, problem.sample.clone()), (Entry::Answers, problem.submission.clone())];
    if !is_constant(&problem.sample, problem.id) {
        entries.extend((0..SHUFFLED_SAMPLES).map(|seed| {
            (
                Entry::ShuffledSample,
                dealt(
                    &problem.sample,
                    problem.id,
                    &Chance::new(seed as u64).order(problem.sample.rows.len()),
                ),
            )
        }));
    }
    for constant in constants(problem) {
        entries.push((
            Entry::Constant,
            filled(problem, |column, _| constant.get(column).map_or("", String::as_str)),
        ));
    }
    for learner in Learner::ALL {
        for &style in climb.styles() {
            if let Some(table) = predicted(climb, learner, style) {
                entries.push((Entry::Learnt(learner, style), table));
            }
        }
    }
    entries
}

fn predicted(climb: &Climb, learner: Learner, style: Style) -> Option<Table> {
    let columns = climb.predictions(learner, style)?;
    let cell = |column: usize, row: usize| {
        columns.get(column).and_then(|cells| cells.get(row)).map_or("", String::as_str)
    };
    Some(filled(&climb.problem, cell))
}

/// The answers' rows with other predictions.
fn filled<'c>(problem: &Problem, cell: impl Fn(usize, usize) -> &'c str) -> Table {
    let mut table = problem.submission.clone();
    for (at, row) in table.rows.iter_mut().enumerate() {
        let mut first = "";
        let shown = problem.sample.rows.get(at % problem.sample.rows.len().max(1));
        let mut others = shown.into_iter().flatten().enumerate().filter(|(place, _)| *place != problem.id);
        for (place, filling) in row.iter_mut().zip(&problem.fillings) {
            match filling {
                Filling::Kept => {}
                Filling::Learnt(column) => {
                    cell(*column, at).clone_into(place);
                    first = if first.is_empty() { cell(*column, at) } else { first };
                }
                Filling::Another => {
                    if let Some((_, other)) = others.by_ref().find(|(_, other)| *other != first) {
                        place.clone_from(other);
                    }
                }
            }
        }
    }
    problem.shapes.apply(&mut table, &problem.sample, problem.id);
    table
}

/// Predictions dealt to other rows, each row's together.
fn dealt(table: &Table, id: usize, order: &[usize]) -> Table {
    let mut dealt = table.clone();
    for (row, &from) in dealt.rows.iter_mut().zip(order) {
        let Some(from) = table.rows.get(from) else { continue };
        for (at, (cell, other)) in row.iter_mut().zip(from).enumerate() {
            if at != id {
                cell.clone_from(other);
            }
        }
    }
    dealt
}

fn is_constant(table: &Table, id: usize) -> bool {
    let Some(first) = table.rows.first() else { return true };
    let same = |row: &Vec<String>| row.iter().zip(first).enumerate().all(|(at, (a, b))| at == id || a == b);
    table.rows.iter().all(same)
}

/// The most frequent values of the answers, their means and their medians, without repetition.
fn constants(problem: &Problem) -> Vec<Vec<String>> {
    let columns = &problem.answers;
    let all = |of: &dyn Fn(&TextColumn) -> Option<f64>| -> Vec<String> {
        columns
            .iter()
            .map(|column| of(column).map_or_else(|| mode(column), |value| value.to_string()))
            .collect()
    };
    let mut constants = vec![columns.iter().map(mode).collect(), all(&mean), all(&median)];
    constants.dedup();
    constants
}

/// The most frequent cell; of equally frequent ones the first in order.
pub(super) fn mode(column: &TextColumn) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in column.iter().filter(|cell| !cell.is_empty()) {
        *counts.entry(cell).or_default() += 1;
    }
    let best = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
    best.map(|(cell, _)| cell.to_owned()).unwrap_or_default()
}

fn numbers(column: &TextColumn) -> Option<Vec<f64>> {
    let numbers: Option<Vec<f64>> = column.iter().map(number).collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

fn mean(column: &TextColumn) -> Option<f64> {
    numbers(column).map(|numbers| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

fn median(column: &TextColumn) -> Option<f64> {
    let mut numbers = numbers(column)?;
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    Some(if numbers.len() % 2 == 1 {
        upper
    } else {
        f64::midpoint(*numbers.get(middle.checked_sub(1)?)?, upper)
    })
}

fn sample_facts(problem: &Problem, scored: &[(Entry, Option<f64>)]) -> SampleFacts {
    let of = |wanted: Entry| {
        scored.iter().filter(move |(entry, _)| *entry == wanted).filter_map(|(_, score)| *score)
    };
    let shuffled: Vec<f64> = of(Entry::ShuffledSample).collect();
    SampleFacts {
        score: of(Entry::Sample).next(),
        is_constant: is_constant(&problem.sample, problem.id),
        shuffled: deviation(&shuffled),
        copies_a_column: copies_a_column(problem),
        repeats_known_numbers: repeats_known_numbers(problem),
    }
}

/// Whether most predictions of the sample are the cell that a column of the test examples has in the same row.
fn copies_a_column(problem: &Problem) -> bool {
    let given: HashMap<&str, &Vec<String>> =
        problem.sample.rows.iter().filter_map(|row| Some((row.get(problem.id)?.trim(), row))).collect();
    let rows: Vec<(&Vec<String>, usize)> = problem
        .submission
        .rows
        .iter()
        .zip(&problem.example)
        .filter_map(|(row, example)| Some((*given.get(row.get(problem.id)?.trim())?, (*example)?)))
        .collect();
    problem.test_cells.iter().any(|cells| {
        let same = |(row, example): &&(&Vec<String>, usize)| {
            let own = cells.get(*example);
            let copies = |cell: &str| cell == own || (cell.len() >= LONG && own.contains(cell));
            row.iter()
                .enumerate()
                .any(|(at, cell)| at != problem.id && !own.is_empty() && copies(cell.trim()))
        };
        rows.iter().filter(same).count() * 2 > rows.len()
    })
}

fn repeats_known_numbers(problem: &Problem) -> bool {
    let known: HashSet<u64> =
        problem.known.iter().flat_map(TextColumn::iter).filter_map(number).map(f64::to_bits).collect();
    let cells = problem.sample.rows.iter().flat_map(|row| row.iter().enumerate());
    let given = cells.filter(|(at, _)| *at != problem.id).map(|(_, cell)| number(cell.trim()));
    let Some(given) = given.collect::<Option<Vec<f64>>>() else { return false };
    let repeated = given.iter().filter(|value| known.contains(&value.to_bits())).count();
    repeated * 10 >= given.len() * 9 && given.iter().any(|value| value.fract() != 0.0)
}

/// Mean and standard deviation of enough scores.
fn deviation(scores: &[f64]) -> Option<(f64, f64)> {
    if scores.len() < LEAST_SCORES {
        return None;
    }
    let count = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let variance = scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / (count - 1.0);
    Some((mean, variance.sqrt()))
}

/// How much scores vary by chance.
#[derive(Debug, Default)]
struct Noise {
    dealt: usize,
    dealt_mean: Option<f64>,
    dealt_deviation: f64,
    halves: usize,
    halves_deviation: f64,
}

impl Noise {
    /// Deals the predictions of the best learner to other rows, and scores them on random halves of the test examples.
    /// The deviation over halves is that of the score over all: a half varies by sqrt(2) more, of which the half that
    /// both have in common takes sqrt(2) away.
    async fn of(subject: &Subject, climb: &Climb, best: Option<Entry>) -> Result<Self, AssertError> {
        let Some(Entry::Learnt(learner, style)) = best else { return Ok(Self::default()) };
        let (problem, Some(table)) = (&climb.problem, predicted(climb, learner, style)) else {
            return Ok(Self::default());
        };
        let rows = table.rows.len();
        let (deals, halves) = match rows {
            0..=3_000 => (20, 20),
            3_001..=10_000 => (12, 12),
            _ => (8, 8),
        };
        let halves = if rows < LEAST_HALVED { 0 } else { halves };
        let deal = |seed: u64| dealt(&table, problem.id, &Chance::new(100 + seed).order(rows));
        let mut groups = vec![compared(problem, (0..deals).map(deal).collect())];
        groups.extend((0..halves).map(|seed| half(problem, &table, seed)));
        let scores: Vec<Option<f64>> = subject.score_compared(groups).await?.iter().map(valid).collect();
        let (of_deals, of_halves) = scores.split_at(scores.len().min(deals as usize));
        let of_deals: Vec<f64> = of_deals.iter().copied().flatten().collect();
        let of_halves: Vec<f64> = of_halves.iter().copied().flatten().collect();
        Ok(Self {
            dealt: of_deals.len(),
            dealt_mean: deviation(&of_deals).map(|(mean, _)| mean),
            dealt_deviation: deviation(&of_deals).map_or(0.0, |(_, deviation)| deviation),
            halves: of_halves.len(),
            halves_deviation: deviation(&of_halves).map_or(0.0, |(_, deviation)| deviation),
        })
    }

    fn sigma(&self) -> f64 {
        self.dealt_deviation.max(self.halves_deviation)
    }
}

/// Half of the ids, with all of their rows.
fn half(problem: &Problem, table: &Table, seed: u64) -> Compared {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    let mut places = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let next = ids.len();
        places.push(*ids.entry(row.get(problem.id).map_or("", |id| id.trim())).or_insert(next));
    }
    let mut kept = vec![false; ids.len()];
    for id in Chance::new(1_000 + seed).order(ids.len()).into_iter().take(ids.len().div_ceil(2)) {
        if let Some(place) = kept.get_mut(id) {
            *place = true;
        }
    }
    let pick = |table: &Table| Table {
        headers: table.headers.clone(),
        rows: table
            .rows
            .iter()
            .zip(&places)
            .filter(|(_, id)| kept.get(**id).copied().unwrap_or(false))
            .map(|(row, _)| row.clone())
            .collect(),
    };
    Compared { answers: Some(pick(&problem.truth)), submissions: vec![pick(table)] }
}
