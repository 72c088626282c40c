//! The more of the answers is corrupted, the worse the score.

use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::scoring::{as_sure, stated_direction, tried};
use crate::AssertError;
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Battery, Corruption, PERMUTATIONS, STEPS, Script, Subject, Trial, better};

pub(super) const LADDER: RuleInfo = RuleInfo {
    code: "S117",
    name: "corruption-ladder",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "From the answers to noise in ten steps the score falls with every step, or stays where the metric does not look.",
    why: "A metric that does not follow how right a submission is ranks solutions in the wrong order.",
    mend: "Compare every row with its own answer, and let each right prediction improve the score; check clipping, thresholds and signs.",
    references: &[literature::METAMORPHIC],
};

pub(super) const PERMUTED: RuleInfo = RuleInfo {
    code: "S118",
    name: "permuted-answers-know-nothing",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The right answers under the wrong ids score about as a submission that knows nothing.",
    why: "If they score like the answers, the metric looks at how often values occur and not at which row has them.",
    mend: "Match rows by id before comparing; do not sort or count the values of the two columns on their own.",
    references: &[literature::PERMUTATIONS],
};

/// Rank correlation of step and score below which the ladder is broken, and below which it is doubtful.
const BROKEN: f64 = 0.9;
const DOUBTFUL: f64 = 0.99;
/// A rise counts from this share of the whole range on.
const RISE: f64 = 0.01;
/// And from so many standard errors on.
const ERRORS: f64 = 3.0;
/// Rows whose scores are finer than tenths, whatever the metric.
const COARSE_ROWS: usize = 100;
/// Part of the way from knowing nothing to the answers that permuted answers may go.
const FAR: f64 = 0.8;
const SUSPICIOUS: f64 = 0.5;

/// The scores of one way from the answers to noise.
struct Ladder {
    kind: Corruption,
    /// For each seed the scores from the answers on, the better the larger.
    seeds: Vec<Vec<f64>>,
}

/// `S117`.
pub(super) async fn ladder(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    tried(battery, Trial::Answers)?;
    let higher = stated_direction(battery)?;
    let kinds = [Corruption::Exchange, Corruption::Noise, Corruption::Mixing, Corruption::Deletion];
    let ladders: Vec<Ladder> =
        kinds.into_iter().filter_map(|kind| Ladder::read(battery, kind, higher)).collect();
    if ladders.is_empty() {
        return Err(AssertError::not_run("corrupted answers have no score, or there are too few answers"));
    }
    let mut report = Report::default();
    for ladder in ladders {
        let sign = if higher { 1.0 } else { -1.0 };
        for (step, mean) in ladder.means().into_iter().enumerate() {
            let name = format!("score with {}, step {step} of {STEPS}", ladder.kind.words());
            report.figures.push(Figure::new(name, sign * mean));
        }
        let correlation = ladder.correlation();
        let name = format!("rank correlation of steps and scores, {}", ladder.kind.words());
        report.figures.push(Figure::new(name, correlation).bounded(Bound::AtLeast(DOUBTFUL)));
        let found = finding(info, cx, (&ladder, battery.rows), correlation, sign);
        report.findings.extend(found.map(|finding| as_sure(cx, battery, finding)));
    }
    Ok(report)
}

fn finding(
    info: &RuleInfo,
    cx: &Subject,
    (ladder, rows): (&Ladder, usize),
    correlation: f64,
    sign: f64,
) -> Option<Finding> {
    if ladder.is_coarse(rows) {
        let message = format!(
            "with {rows} rows every score is a whole tenth: most improvements do not show. {}",
            "Return the score without rounding it."
        );
        return Some(info.finding(cx.name(cx.script(Script::Metric)), message));
    }
    if ladder.is_flat() {
        let message = format!(
            "the answers with {} score the same after every step: only the answers themselves are told apart. {}",
            ladder.kind.words(),
            info.mend
        );
        return Some(info.finding(cx.name(cx.script(Script::Metric)), message));
    }
    let (from, to) = ladder.rise().filter(|_| correlation < DOUBTFUL)?;
    // Metrics of lists may look at their beginning alone, or punish what is too long.
    let sure = correlation < BROKEN && ladder.kind != Corruption::Deletion;
    let severity = if sure { info.severity } else { Severity::Warning };
    let means = ladder.means();
    let told = |at: usize| means.get(at).map_or_else(String::new, |mean| six_digits(sign * mean));
    let message = format!(
        "the answers with {}: after {to} of {STEPS} steps the score ({}) is better than after {from} ({}). {}",
        ladder.kind.words(),
        told(to),
        told(from),
        info.mend
    );
    let scores: Vec<String> = (0..means.len()).map(told).collect();
    let evidence = format!("scores from the answers to noise: {}", scores.join(", "));
    Some(Finding { severity, evidence, ..info.finding(cx.name(cx.script(Script::Metric)), message) })
}

impl Ladder {
    /// The seeds all of whose steps have a score.
    fn read(battery: &Battery, kind: Corruption, higher: bool) -> Option<Self> {
        let sign = if higher { 1.0 } else { -1.0 };
        let score = |trial| battery.score(trial).map(|score| sign * score);
        let answers = score(Trial::Answers)?;
        let steps = |seed: u8| {
            let steps: Option<Vec<f64>> =
                (1..=STEPS).map(|step| score(Trial::Ladder(kind, step, seed))).collect();
            steps.map(|steps| [vec![answers], steps].concat())
        };
        let seeds: Vec<Vec<f64>> = (0..u8::MAX).map_while(steps).collect();
        (!seeds.is_empty()).then_some(Self { kind, seeds })
    }

    fn means(&self) -> Vec<f64> {
        let count = self.seeds.len().max(1) as f64;
        let at = |step: usize| self.seeds.iter().filter_map(|seed| seed.get(step)).sum::<f64>() / count;
        (0..=usize::from(STEPS)).map(at).collect()
    }

    /// True when scores of many rows are whole tenths: most of what solutions differ in does not show.
    fn is_coarse(&self, rows: usize) -> bool {
        let scores = || self.seeds.iter().flatten();
        let is_tenth = |score: &f64| ((score * 10.0).round() - score * 10.0).abs() < 1e-9;
        let all_alike = Self::range(&self.means()) < 1e-9;
        rows >= COARSE_ROWS
            && scores().count() >= 22
            && Self::range(&self.means()) < 2.0
            && !all_alike
            && scores().all(is_tenth)
    }

    /// True when every step scores the same and only the answers score otherwise.
    fn is_flat(&self) -> bool {
        let means = self.means();
        let corrupted = means.get(1..).unwrap_or_default();
        let (all, of_steps) = (Self::range(&means), Self::range(corrupted));
        all > 0.0 && of_steps <= 1e-9 * all && self.kind != Corruption::Deletion
    }

    fn range(means: &[f64]) -> f64 {
        let least = means.iter().copied().fold(f64::INFINITY, f64::min);
        means.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least
    }

    /// Spearman's correlation of the steps with how bad the scores are. Scores that are equal stand in the
    /// order of their steps: a metric need not see every step.
    fn correlation(&self) -> f64 {
        let means = self.means();
        let mut order: Vec<(usize, f64)> = means.iter().copied().enumerate().collect();
        let equal = 1e-9 * Self::range(&means);
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        // Neighbours that are equal but for rounding: in the order of their steps.
        let mut sorted: Vec<usize> = Vec::new();
        let mut group: Vec<(usize, f64)> = Vec::new();
        for entry in order {
            if group.last().is_some_and(|last| last.1 - entry.1 > equal) {
                group.sort_by_key(|(step, _)| *step);
                sorted.extend(group.drain(..).map(|(step, _)| step));
            }
            group.push(entry);
        }
        group.sort_by_key(|(step, _)| *step);
        sorted.extend(group.into_iter().map(|(step, _)| step));
        let n = sorted.len() as f64;
        let squares: f64 =
            sorted.iter().enumerate().map(|(rank, &step)| (rank as f64 - step as f64).powi(2)).sum();
        1.0 - 6.0 * squares / (n * (n * n - 1.0))
    }

    /// The largest rise that is more than chance: the two steps, the better score behind the worse one.
    fn rise(&self) -> Option<(usize, usize)> {
        let range = Self::range(&self.means());
        let steps = usize::from(STEPS);
        let pairs = (0..steps).flat_map(|from| (from + 1..=steps).map(move |to| (from, to)));
        let certain = pairs.filter_map(|(from, to)| {
            let rises: Vec<f64> =
                self.seeds.iter().filter_map(|seed| Some(seed.get(to)? - seed.get(from)?)).collect();
            let (mean, error) = mean_and_error(&rises);
            (mean > RISE * range && mean > ERRORS * error).then_some((mean, (from, to)))
        });
        certain.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, pair)| pair)
    }
}

/// The mean of some numbers and its standard error.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0) / count).sqrt())
}

/// `S118`.
pub(super) async fn permuted(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    let higher = stated_direction(battery)?;
    let scores: Vec<f64> =
        (0..PERMUTATIONS).filter_map(|seed| battery.score(Trial::Permuted(seed))).collect();
    let (Some(answers), Some(constant)) =
        (battery.score(Trial::Answers), battery.best(&[Trial::Mode, Trial::Mean, Trial::Median]))
    else {
        return Err(AssertError::not_run("the answers or a constant have no score"));
    };
    if scores.is_empty() || !better(higher, answers, constant) {
        return Err(AssertError::not_run(
            "permuted answers have no score, or a constant scores like the answers",
        ));
    }
    let (mean, _) = mean_and_error(&scores);
    let share = (mean - constant) / (answers - constant);
    let name = "part of the way from a constant to the answers that permuted answers go";
    let report = Report::default()
        .with(Figure::new("score of permuted answers", mean))
        .with(Figure::new(name, share).bounded(Bound::AtMost(SUSPICIOUS)));
    if share <= SUSPICIOUS {
        return Ok(report);
    }
    let severity = if share > FAR { info.severity } else { Severity::Warning };
    let message = format!(
        "the answers under wrong ids score {} on average, the answers {} and the best constant {}. {}",
        six_digits(mean),
        six_digits(answers),
        six_digits(constant),
        info.mend
    );
    let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    let finding = as_sure(cx, battery, Finding { severity, ..finding });
    Ok(Report { findings: vec![finding], ..report })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(seeds: Vec<Vec<f64>>) -> Ladder {
        Ladder { kind: Corruption::Exchange, seeds }
    }

    #[test]
    fn a_falling_score_is_sound_also_when_it_stays_in_between() {
        for seed in [
            (0..=10).map(|step| 1.0 - 0.1 * f64::from(step)).collect::<Vec<_>>(),
            vec![1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.2, 0.2, 0.0, 0.0],
        ] {
            let ladder = ladder(vec![seed.clone(), seed]);
            assert!((ladder.correlation() - 1.0).abs() < 1e-12);
            assert_eq!(ladder.rise(), None);
        }
    }

    #[test]
    fn a_rise_counts_when_all_seeds_agree_on_it() {
        let bend: Vec<f64> = (0..=10).map(|step| f64::from((step - 5_i32).abs())).collect();
        let bent = ladder(vec![bend.clone(), bend.clone(), bend]);
        assert!(bent.correlation() < BROKEN, "{}", bent.correlation());
        assert_eq!(bent.rise(), Some((5, 10)));

        let noisy = |sign: f64| (0..=10).map(|step| 0.1 * sign * f64::from(step % 3)).collect::<Vec<_>>();
        assert_eq!(ladder(vec![noisy(1.0), noisy(-1.0), noisy(0.5)]).rise(), None);
    }
}
