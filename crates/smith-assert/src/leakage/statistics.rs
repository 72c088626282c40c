//! Whether a feature is a statistic of the answers of a group, those of the test rows among them.

use super::exact::{Term, agreement, fit};
use super::panel::{Groups, Numbers, Panel, Truth};
use super::summaries::{deviation, median, sample_deviation};

/// Share of the rows on which it must hold.
const HOLDS: f64 = 0.95;
/// Share of the rows on which the same statistic of train alone may hold: it is honest then.
const BY_TRAIN: f64 = 0.5;
/// Rows that must stand in groups of several answers.
const MIN_ROWS: usize = 50;
/// What the groups in which both statistics differ must tell, in units of e.
const MIN_INFORMATION: f64 = 14.0;
/// Groups in which the feature must go with the answers, and rows of one.
const MIN_GROUPS: usize = 5;
const ROWS_OF_GROUP: usize = 4;
/// Times its rounding that a feature must vary within a group.
const FINE: f64 = 20.0;

/// A statistic that is taken of each group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mean,
    Sum,
    Least,
    Greatest,
    Median,
    Deviation,
}

impl Kind {
    fn of(self, values: &[f64]) -> Option<f64> {
        let count = values.len() as f64;
        let sum = || values.iter().sum::<f64>();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        match self {
            Self::Mean => (!values.is_empty()).then(|| sum() / count),
            Self::Sum => Some(sum()),
            Self::Least => sorted.first().copied(),
            Self::Greatest => sorted.last().copied(),
            Self::Median => median(&sorted),
            Self::Deviation => sample_deviation(values, sum() / count),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::Least => "least",
            Self::Greatest => "greatest",
            Self::Median => "median",
            Self::Deviation => "standard deviation",
        }
    }
}

/// Answers of the rows of a group, those of train first.
struct Members {
    value: f64,
    answers: Vec<f64>,
    of_train: usize,
}

impl Members {
    fn varies(&self) -> bool {
        self.answers.iter().any(|answer| Some(answer) != self.answers.first())
    }
}

/// How the feature is computed from the answers of groups, with those of test, and from which of the targets; none when it
/// is not.
pub(crate) fn computed<'p>(panel: &'p Panel, feature: &Numbers) -> Option<(&'p Truth, String)> {
    let by_value = by_value(feature);
    let constant: Vec<bool> = panel.groups.iter().map(|groups| is_constant(groups, feature)).collect();
    panel.truths.iter().find_map(|truth| {
        let shared = by_value
            .as_ref()
            .filter(|rows| matches(&members(panel, feature, &truth.numbers, rows), Kind::Mean, feature));
        let by_group = || {
            let groups = panel.groups.iter().zip(&constant);
            groups
                .filter_map(|(groups, constant)| of_groups(panel, groups, *constant, feature, &truth.numbers))
                .next()
        };
        let how = match shared {
            Some(_) => Some("the mean answer of the rows that share its value".to_owned()),
            None => by_group(),
        };
        how.map(|how| (truth, how))
    })
}

/// Rows that share a value, where they do.
fn by_value(feature: &Numbers) -> Option<Vec<Vec<usize>>> {
    let mut rows: Vec<usize> = (0..feature.values.len())
        .filter(|row| feature.values.get(*row).is_some_and(|x| x.is_finite()))
        .collect();
    let value = |row: usize| feature.values.get(row).copied().unwrap_or(f64::NAN);
    rows.sort_by(|&a, &b| value(a).total_cmp(&value(b)).then(a.cmp(&b)));
    let groups: Vec<Vec<usize>> =
        rows.chunk_by(|&a, &b| value(a) == value(b)).map(<[usize]>::to_vec).collect();
    (groups.len() >= 2 && groups.len() * 3 <= rows.len() * 2).then_some(groups)
}

fn of_groups(
    panel: &Panel,
    groups: &Groups,
    is_constant: bool,
    feature: &Numbers,
    truth: &Numbers,
) -> Option<String> {
    if is_constant {
        let members = members(panel, feature, truth, &groups.rows);
        let kinds = [Kind::Sum, Kind::Least, Kind::Greatest, Kind::Median, Kind::Deviation];
        if let Some(kind) = kinds.into_iter().find(|kind| matches(&members, *kind, feature)) {
            return Some(format!("the {} of the answers of each `{}`", kind.words(), groups.name));
        }
        return is_smoothed(&members, feature)
            .then(|| format!("the mean answer of each `{}`, drawn towards a constant", groups.name));
    }
    goes_along(panel, groups, feature, truth).then(|| {
        format!("a number that goes up and down with the answer within each `{}`, exactly", groups.name)
    })
}

fn members(panel: &Panel, feature: &Numbers, truth: &Numbers, groups: &[Vec<usize>]) -> Vec<Members> {
    let of = |rows: &Vec<usize>| -> Option<Members> {
        Some(Members {
            value: *feature.values.get(*rows.first()?)?,
            answers: rows.iter().filter_map(|row| truth.values.get(*row)).copied().collect(),
            of_train: rows.iter().filter(|row| !panel.is_test(**row)).count(),
        })
    };
    groups.iter().filter_map(of).collect()
}

/// True when the value of each group is the statistic of all its answers, and not that of those of train.
fn matches(members: &[Members], kind: Kind, feature: &Numbers) -> bool {
    let tolerance = feature.tolerance();
    let (mut rows, mut hits, mut by_train, mut told) = (0_usize, 0_usize, 0_usize, 0_usize);
    for group in members.iter().filter(|group| group.varies() && group.value.is_finite()) {
        let Some(all) = kind.of(&group.answers) else { continue };
        let train = kind.of(group.answers.get(..group.of_train).unwrap_or_default());
        let is = |made: f64| (made - group.value).abs() <= tolerance;
        let count = group.answers.len();
        rows += count;
        hits += if is(all) { count } else { 0 };
        by_train += if train.is_some_and(is) { count } else { 0 };
        let differs = train.is_none_or(|train| (train - all).abs() > 2.0 * tolerance);
        told += usize::from(differs && is(all));
        if rows >= 10 * MIN_ROWS && hits * 2 < rows {
            return false;
        }
    }
    let each = (feature.spread / tolerance.max(f64::MIN_POSITIVE)).ln().max(0.0);
    rows >= MIN_ROWS
        && hits as f64 >= HOLDS * rows as f64
        && (by_train as f64) < BY_TRAIN * rows as f64
        && told >= 2
        && told as f64 * each >= MIN_INFORMATION
}

/// Means that are drawn towards a constant as if it stood in each group some times: of all answers, and not of train's.
fn is_smoothed(members: &[Members], feature: &Numbers) -> bool {
    let groups: Vec<&Members> =
        members.iter().filter(|group| group.varies() && group.value.is_finite()).collect();
    if groups.len() < MIN_GROUPS * 2 || are_alike(&groups) {
        return false;
    }
    let values: Vec<f64> = groups.iter().map(|group| group.value).collect();
    let share = |of: &dyn Fn(&Members) -> usize| {
        let left = |group: &&Members| {
            let own = group.answers.get(..of(group)).unwrap_or_default();
            group.value * own.len() as f64 - own.iter().sum::<f64>()
        };
        let left: Vec<f64> = groups.iter().map(left).collect();
        let rows: Vec<usize> = (0..left.len()).collect();
        let terms = [Term { values: &values, rounding: feature.rounding }];
        let Some(weights) = fit(&terms, &left, &rows) else { return 0.0 };
        let most = groups.iter().map(|group| of(group)).max().unwrap_or(1) as f64;
        // A group of many rows makes much of what rounding hides.
        let tolerance = feature.tolerance() * (most + weights.of.first().map_or(0.0, |weight| weight.abs()));
        if deviation(&left) < FINE * tolerance {
            return 0.0;
        }
        agreement(rows.into_iter(), &left, tolerance, |row| weights.at(&terms, row)).0
    };
    share(&|group| group.answers.len()) >= HOLDS && share(&|group| group.of_train) < BY_TRAIN
}

/// True where most groups have as many rows and the same sum: one choice among four, say. Any feature is then a line of
/// what is left of it, so that nothing could be told.
fn are_alike(groups: &[&Members]) -> bool {
    let mut kinds: Vec<(usize, u64)> = groups
        .iter()
        .map(|group| (group.answers.len(), group.answers.iter().sum::<f64>().to_bits()))
        .collect();
    kinds.sort_unstable();
    let most = kinds.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    most * 2 > groups.len()
}

/// True for a feature of one value in each group, and of several in all.
fn is_constant(groups: &Groups, feature: &Numbers) -> bool {
    let value = |row: &usize| feature.values.get(*row).map(|value| value.to_bits());
    let (mut equal, mut rows) = (0_usize, 0_usize);
    for group in &groups.rows {
        let first = group.first().and_then(value);
        equal += group.iter().filter(|row| value(row) == first).count();
        rows += group.len();
        if rows > 1_000 && equal * 2 < rows {
            return false;
        }
    }
    equal as f64 >= 0.98 * feature.values.len() as f64
}

/// True when within each group the feature is the answer on another scale: what is left of it beside the group's mean,
/// its share of the group's sum, the mean of the group without it.
fn goes_along(panel: &Panel, groups: &Groups, feature: &Numbers, truth: &Numbers) -> bool {
    let (mut seen, mut hits, mut found) = ([0_usize; 2], [0_usize; 2], 0_usize);
    for rows in groups.rows.iter().filter(|rows| rows.len() >= ROWS_OF_GROUP) {
        let pairs: Vec<(usize, f64, f64)> = rows
            .iter()
            .filter_map(|&row| Some((row, *truth.values.get(row)?, *feature.values.get(row)?)))
            .filter(|(_, _, given)| given.is_finite())
            .collect();
        let Some(line) = line(&pairs, feature) else { continue };
        found += 1;
        for (row, answer, given) in &pairs {
            let side = usize::from(panel.is_test(*row));
            seen[side] += 1;
            hits[side] += usize::from((line(*answer) - given).abs() <= 2.0 * feature.tolerance());
        }
        if seen[0] + seen[1] >= 2 * MIN_ROWS && (hits[0] + hits[1]) * 2 < seen[0] + seen[1] {
            return false;
        }
    }
    let holds = |side: usize| seen[side] >= MIN_ROWS / 5 && hits[side] as f64 >= HOLDS * seen[side] as f64;
    found >= MIN_GROUPS
        && (seen[0] + seen[1]) * 2 >= feature.values.len()
        && seen[0] + seen[1] >= MIN_ROWS
        && holds(0)
        && holds(1)
        && !is_one_scale(feature, truth)
}

/// The line through the least and the greatest answer of a group; none where there is nothing to check it by.
fn line(pairs: &[(usize, f64, f64)], feature: &Numbers) -> Option<impl Fn(f64) -> f64 + use<>> {
    let least = pairs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let greatest = pairs.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (from, scale) = (least.1, (greatest.2 - least.2) / (greatest.1 - least.1));
    let others = pairs.iter().filter(|pair| pair.0 != least.0 && pair.0 != greatest.0).count();
    let shift = least.2;
    let is_fine = (greatest.2 - least.2).abs() >= FINE * feature.tolerance();
    (scale.is_finite() && is_fine && others >= 2)
        .then_some(move |answer: f64| shift + scale * (answer - from))
}

/// True for the answer on one scale in all rows, of which another rule speaks.
fn is_one_scale(feature: &Numbers, truth: &Numbers) -> bool {
    crate::leakage::agree::is_linear(&feature.values, &truth.values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    /// 400 rows in groups, a quarter of them of test.
    fn panel(answer: impl Fn(usize) -> f64) -> Panel {
        let numbers = |values: Vec<f64>| Numbers::new("y", values, 0.0);
        Panel {
            train: 300,
            rows: 400,
            numbers: Vec::new(),
            groups: vec![Groups::new("town", (0..400).map(|row| mixed(row) as u32 % 12).collect())],
            truths: vec![Truth {
                name: "y".to_owned(),
                class: None,
                numbers: numbers((0..400).map(answer).collect()),
            }],
            orders: Vec::new(),
        }
    }

    fn found(panel: &Panel, rows: usize, of: impl Fn(usize, &[f64]) -> f64) -> Option<String> {
        let truth = &panel.truths[0].numbers;
        let codes = &panel.groups[0].codes;
        let value = |row: usize| {
            let group: Vec<f64> =
                (0..rows).filter(|at| codes[*at] == codes[row]).map(|at| truth.values[at]).collect();
            (of(row, &group) * 1e4).round() / 1e4
        };
        let values: Vec<f64> = (0..400).map(value).collect();
        let feature = Numbers::new("f", values, 5e-5);
        computed(panel, &feature).map(|(_, how)| how)
    }

    fn mean(group: &[f64]) -> f64 {
        group.iter().sum::<f64>() / group.len() as f64
    }

    #[test]
    fn statistics_of_all_answers_are_found() {
        let panel = panel(|row| f64::from(u8::from(mixed(row + 77).is_multiple_of(3))));
        assert!(found(&panel, 400, |_, group| mean(group)).is_some());
        assert!(found(&panel, 400, |_, group| group.iter().sum()).is_some());
        let smoothed =
            |_: usize, group: &[f64]| (group.iter().sum::<f64>() + 10.0 * 0.3) / (group.len() as f64 + 10.0);
        assert!(found(&panel, 400, smoothed).is_some());
        let without = |row: usize, group: &[f64]| {
            (group.iter().sum::<f64>() - panel.truths[0].numbers.values[row]) / (group.len() as f64 - 1.0)
        };
        assert!(found(&panel, 400, without).is_some());
    }

    #[test]
    fn what_is_left_beside_the_group_is_the_answer() {
        let panel = panel(|row| (mixed(row + 5) % 1000) as f64 + (mixed(row) % 12) as f64 * 500.0);
        let own = |row: usize| panel.truths[0].numbers.values[row];
        assert!(found(&panel, 400, |row, group| own(row) - mean(group)).is_some());
        assert!(found(&panel, 400, |row, group| 100.0 * own(row) / group.iter().sum::<f64>()).is_some());
        assert!(found(&panel, 400, |row, _| own(row) + (mixed(row + 9) % 50) as f64).is_none());
    }

    #[test]
    fn groups_of_one_choice_each_tell_nothing() {
        let codes: Vec<u32> = (0..400).map(|row| row / 4).collect();
        let panel = Panel {
            groups: vec![Groups::new("purchase", codes.clone())],
            ..panel(|row| f64::from(u8::from(mixed(row / 4) % 4 == row % 4)))
        };
        let number = Numbers::new("purchase", codes.iter().map(|code| f64::from(*code)).collect(), 0.0);
        assert!(computed(&panel, &number).is_none());
    }

    #[test]
    fn statistics_of_train_and_of_other_things_are_honest() {
        let panel = panel(|row| f64::from(u8::from(mixed(row + 77).is_multiple_of(3))));
        assert!(found(&panel, 300, |_, group| mean(group)).is_none());
        assert!(found(&panel, 300, |_, group| group.iter().sum()).is_none());
        assert!(found(&panel, 400, |_, group| group.len() as f64).is_none());
        assert!(found(&panel, 400, |row, _| (mixed(row + 3) % 100) as f64).is_none());
    }
}
