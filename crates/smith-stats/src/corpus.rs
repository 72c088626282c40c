//! What a corpus of generated tasks is made of, and what it cost (paper, section 4.2).
//!
//! Times and costs are averaged as the paper does it: per verified task, and per dataset that yielded one. The sum of
//! all candidates and of all proposing is spread over them, the rejected and fruitless ones included, since those were
//! paid for too.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::StatsError;
use crate::summary::{FiveNumbers, five_numbers, raw_mean, sd};

/// What one agent used on a candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentUse {
    /// The agent.
    pub agent: String,
    /// Attempts until its result was taken, or until it was given up.
    pub attempts: u32,
    /// Steps of all attempts.
    pub steps: u32,
    /// Its result was taken.
    pub succeeded: bool,
}

/// One candidate on its way through the pipeline, as a plain row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The dataset that it was made of.
    pub dataset: String,
    /// It became a verified task.
    pub verified: bool,
    /// Seconds that it took, without its execution-based validation.
    pub seconds: Option<f64>,
    /// Seconds of its execution-based validation.
    pub validation_seconds: Option<f64>,
    /// What its model calls cost; nothing where the price is not known.
    pub cost_usd: Option<f64>,
    /// What each agent used.
    pub agents: Vec<AgentUse>,
    /// Modalities of its data.
    pub modalities: Vec<String>,
    /// Its domain.
    pub domain: Option<String>,
    /// Its formulation.
    pub formulation: Option<String>,
    /// Its metric.
    pub metric: Option<String>,
}

/// What it took to propose the candidates of one dataset, as a plain row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposing {
    /// The dataset.
    pub dataset: String,
    /// Seconds that it took.
    pub seconds: Option<f64>,
    /// What its model calls cost; nothing where the price is not known.
    pub cost_usd: Option<f64>,
    /// What the agent used.
    pub agent: AgentUse,
}

/// The rows of some runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CorpusRows {
    /// Candidates whose fate is decided.
    pub candidates: Vec<Candidate>,
    /// Proposing that is done, a row for each dataset, those without a candidate too.
    pub proposing: Vec<Proposing>,
    /// Candidates that are not decided: what will come of them, and what they will cost, is not known.
    pub open_candidates: usize,
    /// Datasets of which nothing is proposed yet.
    pub open_datasets: usize,
}

impl CorpusRows {
    /// Adds the rows of another run.
    pub fn extend(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.proposing.extend(other.proposing);
        self.open_candidates += other.open_candidates;
        self.open_datasets += other.open_datasets;
    }
}

/// Location and spread of some figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Distribution {
    /// How many there are.
    pub count: usize,
    /// Their sum.
    pub sum: f64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation; none for a single one.
    pub sd: Option<f64>,
    /// Extremes and quartiles.
    pub range: FiveNumbers,
}

impl Distribution {
    /// Of these figures; none when there are none.
    fn of(values: &[f64]) -> Result<Option<Self>, StatsError> {
        if values.is_empty() {
            return Ok(None);
        }
        let mean = crate::check::finite(raw_mean(values))?;
        let sum = crate::check::finite(values.iter().sum())?;
        Ok(Some(Self { count: values.len(), sum, mean, sd: sd(values).ok(), range: five_numbers(values)? }))
    }
}

/// Whole numbers with how often each of them is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counted {
    /// Location and spread.
    pub summary: Distribution,
    /// How often each number is there.
    pub counts: BTreeMap<u32, usize>,
}

impl Counted {
    /// Share of figures of at most `number`, from 0 to 1.
    #[must_use]
    pub fn share_up_to(&self, number: u32) -> f64 {
        let up_to: usize = self.counts.range(..=number).map(|(_, count)| count).sum();
        up_to as f64 / self.summary.count as f64
    }

    fn of(values: &[u32]) -> Result<Option<Self>, StatsError> {
        let figures: Vec<f64> = values.iter().copied().map(f64::from).collect();
        let mut counts = BTreeMap::new();
        for value in values {
            *counts.entry(*value).or_default() += 1;
        }
        Ok(Distribution::of(&figures)?.map(|summary| Self { summary, counts }))
    }
}

/// What one agent used over all candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentStatistics {
    /// Candidates that it worked on; datasets, where it proposes them.
    pub candidates: usize,
    /// Share of them whose result was taken.
    pub success: f64,
    /// Attempts of those whose result was taken.
    pub attempts: Option<Counted>,
    /// Steps of those whose result was taken.
    pub steps: Option<Counted>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Share {
    /// The value.
    pub value: String,
    /// Verified tasks that have it.
    pub tasks: usize,
    /// Share of all mentions of the facet, so that shares add up to 1 where a task has several values.
    pub share: f64,
}

/// Statistics of a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CorpusStatistics {
    /// Datasets of which something was proposed, or nothing could be.
    pub datasets: usize,
    /// Datasets of which nothing is proposed yet; they are in no other figure.
    pub open_datasets: usize,
    /// Datasets that yielded a verified task.
    pub yielding_datasets: usize,
    /// Candidates whose fate is decided.
    pub candidates: usize,
    /// Candidates that are not decided; they are in no other figure.
    pub open_candidates: usize,
    /// Verified tasks.
    pub verified: usize,
    /// Verified tasks per candidate.
    pub yield_share: f64,
    /// Verified tasks of the datasets that yielded one.
    pub tasks_per_dataset: Option<Counted>,
    /// Seconds of all candidates and of proposing them per verified task; none unless all are known.
    pub seconds_per_task: Option<f64>,
    /// The same seconds per dataset that yielded a task.
    pub seconds_per_dataset: Option<f64>,
    /// Cost of all candidates and of proposing them per verified task; none unless all prices are known.
    pub cost_per_task: Option<f64>,
    /// The same cost per dataset that yielded a task.
    pub cost_per_dataset: Option<f64>,
    /// Seconds of single candidates.
    pub seconds: Option<Distribution>,
    /// Seconds of single validations.
    pub validation_seconds: Option<Distribution>,
    /// Cost of single candidates.
    pub cost_usd: Option<Distribution>,
    /// What each agent used.
    pub agents: BTreeMap<String, AgentStatistics>,
    /// Modalities of verified tasks, the most frequent first.
    pub modalities: Vec<Share>,
    /// Domains of verified tasks.
    pub domains: Vec<Share>,
    /// Formulations of verified tasks.
    pub formulations: Vec<Share>,
    /// Metrics of verified tasks.
    pub metrics: Vec<Share>,
}

impl CorpusStatistics {
    /// Of these rows.
    ///
    /// # Errors
    /// No decided candidate and no dataset; [`StatsError::Rows`] for a dataset without a name, and a time or cost that is
    /// negative or not finite, with the numbers of the candidates or of the rows of proposing.
    pub fn of(rows: &CorpusRows) -> Result<Self, StatsError> {
        let CorpusRows { candidates, proposing, .. } = rows;
        if candidates.is_empty() && proposing.is_empty() {
            return Err(StatsError::TooFew { what: "candidates that are decided", needed: 1, found: 0 });
        }
        check(
            candidates
                .iter()
                .map(|row| (row.dataset.as_str(), [row.seconds, row.validation_seconds, row.cost_usd])),
        )?;
        check(proposing.iter().map(|row| (row.dataset.as_str(), [row.seconds, row.cost_usd, None])))?;
        let verified: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.verified).collect();
        let proposed = proposing.iter().map(|row| row.dataset.as_str());
        let datasets: BTreeSet<&str> =
            candidates.iter().map(|candidate| candidate.dataset.as_str()).chain(proposed).collect();
        let mut yields: BTreeMap<&str, u32> = BTreeMap::new();
        for task in &verified {
            *yields.entry(&task.dataset).or_default() += 1;
        }
        let seconds: Vec<Option<f64>> = candidates.iter().map(|candidate| candidate.seconds).collect();
        let costs: Vec<Option<f64>> = candidates.iter().map(|candidate| candidate.cost_usd).collect();
        let validations: Vec<f64> =
            candidates.iter().filter_map(|candidate| candidate.validation_seconds).collect();
        let known = |figures: &[Option<f64>]| figures.iter().flatten().copied().collect::<Vec<f64>>();
        let all_seconds = [seconds.clone(), proposing.iter().map(|row| row.seconds).collect()].concat();
        let all_costs = [costs.clone(), proposing.iter().map(|row| row.cost_usd).collect()].concat();
        Ok(Self {
            datasets: datasets.len(),
            open_datasets: rows.open_datasets,
            yielding_datasets: yields.len(),
            candidates: candidates.len(),
            open_candidates: rows.open_candidates,
            verified: verified.len(),
            yield_share: if candidates.is_empty() {
                0.0
            } else {
                verified.len() as f64 / candidates.len() as f64
            },
            tasks_per_dataset: Counted::of(&yields.values().copied().collect::<Vec<u32>>())?,
            seconds_per_task: spread_over(&all_seconds, verified.len()),
            seconds_per_dataset: spread_over(&all_seconds, yields.len()),
            cost_per_task: spread_over(&all_costs, verified.len()),
            cost_per_dataset: spread_over(&all_costs, yields.len()),
            seconds: Distribution::of(&known(&seconds))?,
            validation_seconds: Distribution::of(&validations)?,
            cost_usd: Distribution::of(&known(&costs))?,
            agents: agents(candidates, proposing)?,
            modalities: shares(verified.iter().flat_map(|task| task.modalities.iter().map(String::as_str))),
            domains: shares(verified.iter().filter_map(|task| task.domain.as_deref())),
            formulations: shares(verified.iter().filter_map(|task| task.formulation.as_deref())),
            metrics: shares(verified.iter().filter_map(|task| task.metric.as_deref())),
        })
    }
}

/// Names and figures that can be counted with; rows are numbered from 1.
fn check<'a>(rows: impl Iterator<Item = (&'a str, [Option<f64>; 3])>) -> Result<(), StatsError> {
    let (mut unnamed, mut wrong) = (Vec::new(), Vec::new());
    for (number, (dataset, figures)) in (1..).zip(rows) {
        if dataset.is_empty() {
            unnamed.push(number);
        }
        if figures.into_iter().flatten().any(|value| !(0.0..f64::INFINITY).contains(&value)) {
            wrong.push(number);
        }
    }
    for (rows, problem) in [
        (unnamed, "the dataset has no name"),
        (wrong, "a time or cost is negative or not finite; leave it empty if it is not known"),
    ] {
        if !rows.is_empty() {
            return Err(StatsError::Rows { rows, problem: problem.to_owned() });
        }
    }
    Ok(())
}

/// The sum over all, for each of `units`; none when one figure is not known.
fn spread_over(figures: &[Option<f64>], units: usize) -> Option<f64> {
    let sum: f64 = figures.iter().copied().sum::<Option<f64>>()?;
    (units > 0).then(|| sum / units as f64).filter(|each| each.is_finite())
}

fn agents(
    candidates: &[Candidate],
    proposing: &[Proposing],
) -> Result<BTreeMap<String, AgentStatistics>, StatsError> {
    let mut uses: BTreeMap<&str, Vec<&AgentUse>> = BTreeMap::new();
    let of_candidates = candidates.iter().flat_map(|candidate| &candidate.agents);
    for used in of_candidates.chain(proposing.iter().map(|row| &row.agent)) {
        uses.entry(&used.agent).or_default().push(used);
    }
    let statistics = |(agent, uses): (&str, Vec<&AgentUse>)| {
        let taken: Vec<&AgentUse> = uses.iter().copied().filter(|used| used.succeeded).collect();
        let of = |figure: fn(&AgentUse) -> u32| taken.iter().map(|used| figure(used)).collect::<Vec<u32>>();
        let statistics = AgentStatistics {
            candidates: uses.len(),
            success: taken.len() as f64 / uses.len() as f64,
            attempts: Counted::of(&of(|used| used.attempts))?,
            steps: Counted::of(&of(|used| used.steps))?,
        };
        Ok((agent.to_owned(), statistics))
    };
    uses.into_iter().map(statistics).collect()
}

/// Values by frequency, those of equal frequency by name.
fn shares<'a>(values: impl Iterator<Item = &'a str>) -> Vec<Share> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let share = |(value, tasks): (&str, usize)| Share {
        value: value.to_owned(),
        tasks,
        share: tasks as f64 / all as f64,
    };
    let mut shares: Vec<Share> = counts.into_iter().map(share).collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.tasks));
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(dataset: &str, verified: bool, seconds: f64, cost: Option<f64>) -> Candidate {
        let used = |agent: &str, attempts, steps| AgentUse {
            agent: agent.to_owned(),
            attempts,
            steps,
            succeeded: verified,
        };
        Candidate {
            dataset: dataset.to_owned(),
            verified,
            seconds: Some(seconds),
            validation_seconds: None,
            cost_usd: cost,
            agents: vec![used("designer", 1, 8), used("refactor", if seconds > 25.0 { 2 } else { 1 }, 14)],
            modalities: vec!["tabular".to_owned(), "image".to_owned()],
            domain: None,
            formulation: Some("regression".to_owned()),
            metric: Some("RMSE".to_owned()),
        }
    }

    fn corpus(candidates: &[Candidate]) -> CorpusRows {
        CorpusRows { candidates: candidates.to_vec(), ..CorpusRows::default() }
    }

    #[test]
    fn sums_are_spread_over_what_came_of_them() {
        let rows = [
            candidate("x", true, 10.0, Some(0.5)),
            candidate("x", true, 20.0, Some(0.5)),
            candidate("y", true, 30.0, Some(1.0)),
            candidate("z", false, 40.0, Some(2.0)),
        ];
        let proposing = |dataset: &str, seconds, cost| Proposing {
            dataset: dataset.to_owned(),
            seconds: Some(seconds),
            cost_usd: Some(cost),
            agent: AgentUse {
                agent: "brainstorm".to_owned(),
                attempts: 1,
                steps: 5,
                succeeded: dataset != "barren",
            },
        };
        let mut rows = corpus(&rows);
        rows.proposing = vec![proposing("x", 2.0, 0.25), proposing("barren", 3.0, 0.75)];
        rows.extend(CorpusRows { open_candidates: 2, open_datasets: 1, ..CorpusRows::default() });
        let corpus = CorpusStatistics::of(&rows).unwrap();
        assert_eq!((corpus.open_candidates, corpus.open_datasets), (2, 1));
        assert_eq!(
            (corpus.datasets, corpus.yielding_datasets, corpus.verified, corpus.yield_share),
            (4, 2, 3, 0.75)
        );
        let tasks = corpus.tasks_per_dataset.unwrap();
        assert_eq!((tasks.summary.mean, &tasks.counts), (1.5, &BTreeMap::from([(1, 1), (2, 1)])));
        assert_eq!((corpus.seconds_per_task, corpus.seconds_per_dataset), (Some(35.0), Some(52.5)));
        assert_eq!((corpus.cost_per_task, corpus.cost_per_dataset), (Some(5.0 / 3.0), Some(2.5)));
        assert_eq!((corpus.agents["brainstorm"].candidates, corpus.agents["brainstorm"].success), (2, 0.5));
        let refactor = &corpus.agents["refactor"];
        assert_eq!((refactor.candidates, refactor.success), (4, 0.75));
        assert_eq!(refactor.attempts.as_ref().unwrap().share_up_to(1), 2.0 / 3.0);
        assert_eq!(refactor.steps.as_ref().unwrap().summary.range.max, 14.0);
        assert_eq!(
            corpus.modalities.iter().map(|share| (share.tasks, share.share)).collect::<Vec<_>>(),
            [(3, 0.5); 2]
        );
        assert!(corpus.domains.is_empty());
    }

    #[test]
    fn an_unknown_price_leaves_the_cost_open() {
        let rows = [candidate("x", true, 1.0, Some(0.5)), candidate("x", false, 1.0, None)];
        let corpus = CorpusStatistics::of(&corpus(&rows)).unwrap();
        assert_eq!((corpus.cost_per_task, corpus.cost_usd.unwrap().count), (None, 1));
    }

    #[test]
    fn nothing_verified_is_an_answer_and_bad_rows_are_named() {
        let nothing = CorpusStatistics::of(&corpus(&[candidate("x", false, 1.0, None)])).unwrap();
        assert_eq!(
            (nothing.seconds_per_task, nothing.tasks_per_dataset, nothing.yield_share),
            (None, None, 0.0)
        );
        let rows = [
            candidate("x", true, 1.0, None),
            candidate("x", true, f64::NAN, None),
            candidate("x", true, 1.0, Some(-1.0)),
        ];
        let message = CorpusStatistics::of(&corpus(&rows)).unwrap_err().to_string();
        assert!(message.starts_with("rows 2 and 3: a time or cost"), "{message}");
        assert!(CorpusStatistics::of(&corpus(&[candidate("", true, 1.0, None)])).is_err());
        assert!(CorpusStatistics::of(&CorpusRows::default()).is_err());
    }
}
