//! Columns that say the same as an earlier one or nearly so.
//!
//! Equal codes are found by their signature, whatever the number of columns. Pairs are compared in a few rows first
//! and in all sampled ones only when they look alike there; at most [`MAX_COLUMNS`] columns are paired.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use smith_task_schema::profile::{ColumnKind, CopyKind, NearCopy};

use crate::column::hash;
use crate::relations::sample::{Sample, Sampled, mix, probe};

/// Most columns that are compared in pairs.
pub(crate) const MAX_COLUMNS: usize = 400;
/// Rows of a first look at a pair.
const PROBE_ROWS: usize = 2_000;
/// Rows of all pairs together in a first look.
const PROBE_BUDGET: usize = 20_000_000;
/// Fewest rows that show a line or an agreement.
const MIN_ROWS: usize = 20;
/// Pairs of one column that are compared in all rows.
const VERIFIED: usize = 3;
/// Agreement or correlation from which on columns are nearly the same.
const NEARLY: f64 = 0.99;
/// Correlation of numbers on a line, but for rounding.
const EXACT: f64 = 0.9999;
/// Correlation of numbers on a line that both rise with the rows.
const TREND: f64 = 0.999_999_9;
/// Agreement where the columns do not both have the most frequent value.
const NEARLY_ELSEWHERE: f64 = 0.9;
/// Fewest missing values whose coincidence is no accident.
const MIN_MISSING: usize = 5;

/// True when two columns are known to be copies in whatever rows: a rule between them says nothing new.
pub(crate) fn is_same(copies: &[NearCopy], a: &str, b: &str) -> bool {
    copies.iter().any(|copy| {
        let pair = (copy.of.as_str(), copy.column.as_str());
        (pair == (a, b) || pair == (b, a))
            && (matches!(copy.kind, CopyKind::Equal | CopyKind::NearlyEqual)
                || (copy.kind == CopyKind::Linear && copy.strength >= EXACT))
    })
}

/// The columns that are exact copies of an earlier one: what holds for one holds for the other.
pub(crate) fn repeated(copies: &[NearCopy]) -> HashSet<&str> {
    let exact = |copy: &&NearCopy| {
        copy.kind == CopyKind::Equal || (copy.kind == CopyKind::Linear && copy.strength >= EXACT)
    };
    copies.iter().filter(exact).map(|copy| copy.column.as_str()).collect()
}

/// All copies of a table, each later column with the earlier one that it is most like.
pub(crate) fn find(sample: &Sample<'_>) -> Vec<NearCopy> {
    let mut copies = equal(sample);
    let taken: HashSet<String> = copies.iter().map(|copy| copy.column.clone()).collect();
    copies.extend(nearly(sample, &taken));
    let mut together = missing_together(sample);
    let equal: HashSet<(String, String)> = copies
        .iter()
        .filter(|copy| copy.kind == CopyKind::Equal)
        .map(|copy| (copy.of.clone(), copy.column.clone()))
        .collect();
    together.retain(|new| !equal.contains(&(new.of.clone(), new.column.clone())));
    copies.extend(together);
    let places: HashMap<&str, usize> = sample.columns.iter().map(|c| (c.name(), c.index)).collect();
    copies.sort_by_key(|copy| {
        (copy.kind == CopyKind::MissingTogether, places.get(copy.column.as_str()).copied())
    });
    copies
}

fn equal(sample: &Sample<'_>) -> Vec<NearCopy> {
    // All columns whose values are all different have the same codes: among thousands of them only the values tell.
    let mut firsts: HashMap<(u64, u64), Vec<&Sampled<'_>>> = HashMap::new();
    let hashes: Vec<u64> = sample.columns.par_iter().map(hash_of_values).collect();
    let mut copies = Vec::new();
    for (column, hash) in sample.columns.iter().zip(hashes).filter(|(column, _)| column.distinct() >= 2) {
        let alike = firsts.entry((column.signature, hash)).or_default();
        match alike.iter().find(|first| have_equal_values(first, column)) {
            Some(first) => copies.push(copy(first, column, CopyKind::Equal, 1.0)),
            None => alike.push(column),
        }
    }
    copies
}

fn copy(of: &Sampled<'_>, column: &Sampled<'_>, kind: CopyKind, strength: f64) -> NearCopy {
    NearCopy { of: of.name().into(), column: column.name().into(), kind, strength }
}

/// Equal for columns that have the same value in every row.
fn hash_of_values(column: &Sampled<'_>) -> u64 {
    match column.numbers(true) {
        // Zero has two signs, and what is no number many forms.
        Some(numbers) => numbers.iter().fold(1, |hash, &number| {
            mix(hash, if number.is_nan() { f64::NAN.to_bits() } else { (number + 0.0).to_bits() })
        }),
        None => {
            let texts = column.data.written.iter().map(|text| hash::of_bytes(text.as_bytes()));
            column.data.hashes.iter().copied().chain(texts).fold(2, mix)
        }
    }
}

/// True when two columns have the same value in every row.
fn have_equal_values(a: &Sampled<'_>, b: &Sampled<'_>) -> bool {
    if a.codes() != b.codes() {
        return false;
    }
    match (a.numbers(true), b.numbers(true)) {
        (Some(a), Some(b)) => a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan())),
        // Values are written in order of first appearance: swapped labels have the same codes, but not the same order.
        (None, None) => {
            a.data.written == b.data.written && a.data.hashes == b.data.hashes && a.data.texts == b.data.texts
        }
        _ => false,
    }
}

/// Numbers on a line and values that agree nearly always.
fn nearly(sample: &Sample<'_>, taken: &HashSet<String>) -> Vec<NearCopy> {
    let columns: Vec<Comparable<'_, '_>> = comparable(sample);
    let pairs = (columns.len() * columns.len() / 2).max(1);
    let rows = probe(sample.rows, (PROBE_BUDGET / pairs).clamp(200, PROBE_ROWS));
    let found: Vec<Option<NearCopy>> = (1..columns.len())
        .into_par_iter()
        .map(|later| {
            let (earlier, rest) = columns.split_at_checked(later)?;
            let column = rest.first()?;
            if taken.contains(column.sampled.name()) {
                return None;
            }
            best_of(earlier, column, &rows)
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// A column with something that can be compared with that of another row by row.
struct Comparable<'s, 'a> {
    sampled: &'s Sampled<'a>,
    values: Values<'a>,
    /// The most frequent value, as it is compared.
    usual: u64,
}

enum Values<'a> {
    Numbers(&'a [f64]),
    /// For each code the number of its text among those of all columns.
    Words(Vec<u32>),
}

fn comparable<'s, 'a>(sample: &'s Sample<'a>) -> Vec<Comparable<'s, 'a>> {
    let mut words: HashMap<&str, u32> = HashMap::new();
    let mut columns = Vec::new();
    for sampled in sample.columns.iter().filter(|column| column.distinct() >= 2) {
        if columns.len() == MAX_COLUMNS {
            break;
        }
        if let Some(numbers) = sampled.numbers(true) {
            let usual = usual_number(sampled, numbers);
            columns.push(Comparable { sampled, values: Values::Numbers(numbers), usual });
        } else if sample.whole && sampled.data.written.len() + 1 == sampled.counts.len() {
            let texts = sampled.data.written.iter().map(|text| {
                let next = words.len() as u32 + 1;
                *words.entry(text).or_insert(next)
            });
            let codes: Vec<u32> = std::iter::once(0).chain(texts).collect();
            let usual = word(&codes, sampled.usual);
            columns.push(Comparable { sampled, values: Values::Words(codes), usual });
        }
    }
    columns
}

/// The earlier column that a column is most like, if it is at all.
fn best_of(earlier: &[Comparable<'_, '_>], column: &Comparable<'_, '_>, rows: &[usize]) -> Option<NearCopy> {
    let mut alike: Vec<(f64, &Comparable<'_, '_>)> =
        earlier.iter().filter_map(|first| Some((first_look(first, column, rows)?, first))).collect();
    // The sort is stable: of equals the earlier column stays first.
    alike.sort_by_key(|(alike, _)| std::cmp::Reverse(rounded(*alike)));
    let verified = alike.iter().take(VERIFIED).filter_map(|(_, first)| verify(first, column));
    verified.fold(None, |best: Option<NearCopy>, new| match best {
        Some(best) if rank(&best) >= rank(&new) => Some(best),
        _ => Some(new),
    })
}

/// A line without a flaw says more than near agreement, and that more than a rough line.
fn rank(copy: &NearCopy) -> (bool, bool, u64) {
    let exact = copy.kind == CopyKind::Linear && copy.strength >= EXACT;
    (exact, copy.kind == CopyKind::NearlyEqual, rounded(copy.strength))
}

/// A figure without the last digits, which depend on the order in which rows are added up.
fn rounded(figure: f64) -> u64 {
    (figure * 1e7).round() as u64
}

/// How alike two columns look in some rows; none when they do not.
fn first_look(a: &Comparable<'_, '_>, b: &Comparable<'_, '_>, rows: &[usize]) -> Option<f64> {
    match (&a.values, &b.values) {
        (Values::Numbers(x), Values::Numbers(y)) => {
            let pairs = rows.iter().filter_map(|&row| Some((*x.get(row)?, *y.get(row)?)));
            let line = correlation(pairs.clone()).map_or(0.0, f64::abs);
            let agree = agreement(pairs.map(|(x, y)| (x.to_bits(), y.to_bits())), a.usual, b.usual);
            let agree = agree.map_or(0.0, |(share, _)| share);
            (line >= 0.98 || agree >= 0.97).then_some(line.max(agree))
        }
        (Values::Words(x), Values::Words(y)) => {
            let (share, elsewhere) = agreement(words(a, x, b, y, rows.iter().copied()), a.usual, b.usual)?;
            (share >= 0.97 && elsewhere >= 0.8).then_some(share)
        }
        _ => None,
    }
}

fn verify(a: &Comparable<'_, '_>, b: &Comparable<'_, '_>) -> Option<NearCopy> {
    let agree = match (&a.values, &b.values) {
        (Values::Numbers(x), Values::Numbers(y)) => {
            let line = correlation(x.iter().copied().zip(y.iter().copied())).map_or(0.0, f64::abs);
            let trending = is_trend(a.sampled) && is_trend(b.sampled);
            if trending && line < TREND {
                return None;
            }
            if line >= EXACT && is_no_outlier(a, x, b, y) {
                return Some(copy(a.sampled, b.sampled, CopyKind::Linear, line.min(1.0)));
            }
            let bits = x.iter().zip(y.iter()).map(|(x, y)| (x.to_bits(), y.to_bits()));
            let agree = agreement(bits, a.usual, b.usual);
            if !agree.is_some_and(nearly_agrees) {
                // The month goes nearly in step with the date: that is no copy of it.
                let dates =
                    a.sampled.facts.kind == ColumnKind::Date || b.sampled.facts.kind == ColumnKind::Date;
                let is_line = line >= NEARLY && !dates && is_no_outlier(a, x, b, y);
                return is_line.then(|| copy(a.sampled, b.sampled, CopyKind::Linear, line));
            }
            agree
        }
        (Values::Words(x), Values::Words(y)) => {
            agreement(words(a, x, b, y, 0..a.sampled.codes().len()), a.usual, b.usual)
        }
        _ => None,
    };
    let (share, _) = agree.filter(|&agree| nearly_agrees(agree))?;
    Some(copy(a.sampled, b.sampled, CopyKind::NearlyEqual, share))
}

/// True for what rises with the rows: any two such columns are nearly on a line.
fn is_trend(column: &Sampled<'_>) -> bool {
    column.facts.monotone.is_some() || matches!(column.facts.kind, ColumnKind::Date | ColumnKind::Id)
}

fn nearly_agrees((share, elsewhere): (f64, f64)) -> bool {
    share >= NEARLY && elsewhere >= NEARLY_ELSEWHERE
}

/// The share of agreeing pairs among those with a value, and among those that do not both have their usual value.
fn agreement(pairs: impl Iterator<Item = (u64, u64)>, usual_a: u64, usual_b: u64) -> Option<(f64, f64)> {
    let is_missing = |bits: u64| bits == MISSING_WORD || f64::from_bits(bits).is_nan();
    let (mut rows, mut agree, mut other, mut other_agree) = (0_usize, 0_usize, 0_usize, 0_usize);
    for (a, b) in pairs {
        if is_missing(a) && is_missing(b) {
            continue;
        }
        let same = a == b;
        rows += 1;
        agree += usize::from(same);
        if a != usual_a || b != usual_b {
            other += 1;
            other_agree += usize::from(same);
        }
    }
    if rows < MIN_ROWS || other < MIN_ROWS / 2 {
        return None;
    }
    Some((agree as f64 / rows as f64, other_agree as f64 / other as f64))
}

/// The bits of a missing word; no number among the few texts of a table has them.
const MISSING_WORD: u64 = u64::MAX;

fn words(
    a: &Comparable<'_, '_>,
    x: &[u32],
    b: &Comparable<'_, '_>,
    y: &[u32],
    rows: impl Iterator<Item = usize>,
) -> impl Iterator<Item = (u64, u64)> {
    let (a, b) = (a.sampled.codes(), b.sampled.codes());
    rows.filter_map(move |row| Some((word(x, *a.get(row)?), word(y, *b.get(row)?))))
}

fn word(texts: &[u32], code: u32) -> u64 {
    if code == 0 { MISSING_WORD } else { texts.get(code as usize).copied().map_or(MISSING_WORD, u64::from) }
}

fn usual_number(column: &Sampled<'_>, numbers: &[f64]) -> u64 {
    let place = column.codes().iter().position(|&code| code == column.usual);
    place.and_then(|row| numbers.get(row)).map_or(MISSING_WORD, |number| number.to_bits())
}

/// Pearson's correlation of the pairs without a gap; none for too few or when one side does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let given = pairs.filter(|(x, y)| x.is_finite() && y.is_finite());
    let (mut count, mut sum_x, mut sum_y) = (0.0, 0.0, 0.0);
    for (x, y) in given.clone() {
        count += 1.0;
        sum_x += x;
        sum_y += y;
    }
    if count < MIN_ROWS as f64 {
        return None;
    }
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in given {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    let r = xy / (xx.sqrt() * yy.sqrt());
    r.is_finite().then_some(r)
}

/// False when a line is only seen because of a few far points: without them there is none.
fn is_no_outlier(a: &Comparable<'_, '_>, x: &[f64], b: &Comparable<'_, '_>, y: &[f64]) -> bool {
    const FEW: usize = 20;
    if a.sampled.counts.len() <= FEW && b.sampled.counts.len() <= FEW {
        return true;
    }
    let (within_x, within_y) = (middle(x), middle(y));
    let pairs = x.iter().copied().zip(y.iter().copied());
    correlation(pairs.filter(|(x, y)| within_x.contains(x) && within_y.contains(y)))
        .is_some_and(|r| r.abs() >= 0.95)
}

/// From the 2 % to the 98 % quantile of some of the numbers.
fn middle(numbers: &[f64]) -> std::ops::RangeInclusive<f64> {
    let rows = probe(numbers.len(), PROBE_ROWS);
    let mut some: Vec<f64> =
        rows.iter().filter_map(|&row| numbers.get(row).copied()).filter(|n| n.is_finite()).collect();
    some.sort_by(f64::total_cmp);
    let at = |share: f64| some.get((share * some.len() as f64) as usize).or(some.last()).copied();
    match (at(0.02), at(0.98)) {
        (Some(low), Some(high)) => low..=high,
        _ => 0.0..=-1.0,
    }
}

/// Columns that are missing in the same rows as an earlier one, in some and not in all.
fn missing_together(sample: &Sample<'_>) -> Vec<NearCopy> {
    let patterns: Vec<(u64, &Sampled<'_>)> = sample
        .columns
        .par_iter()
        .filter(|column| (MIN_MISSING..sample.rows).contains(&column.missing()))
        .map(|column| {
            let rows = (0_u64..).zip(column.codes()).filter(|&(_, &code)| code == 0);
            (rows.fold(column.missing() as u64, |state, (row, _)| mix(state, row)), column)
        })
        .collect();
    let mut firsts: HashMap<u64, &Sampled<'_>> = HashMap::new();
    let mut together = Vec::new();
    for (pattern, column) in patterns {
        match firsts.get(&pattern) {
            Some(first) => together.push(copy(first, column, CopyKind::MissingTogether, 1.0)),
            None => {
                firsts.insert(pattern, column);
            }
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::relations::testing;

    fn copies(header: &str, rows: &[String]) -> Vec<(String, String, CopyKind, f64)> {
        let table = testing::table("t.csv", header, rows);
        let found = find(&Sample::of(&table));
        found.into_iter().map(|c| (c.of, c.column, c.kind, (c.strength * 1e4).round() / 1e4)).collect()
    }

    /// Numbers without order.
    fn noise(i: usize, of: u64) -> u64 {
        mix(of, i as u64) % 1000
    }

    #[test]
    fn the_same_value_in_every_row_is_equal_and_swapped_labels_are_not() {
        let rows: Vec<String> = (0..60)
            .map(|i| {
                let (a, b) = if noise(i, 1) < 500 { ("m", "f") } else { ("f", "m") };
                format!("{a},{b},{a},{},{}", noise(i, 2), noise(i, 2))
            })
            .collect();
        assert_eq!(
            copies("sex,other,gender,x,y", &rows),
            [
                ("sex".into(), "gender".into(), CopyKind::Equal, 1.0),
                ("x".into(), "y".into(), CopyKind::Equal, 1.0)
            ]
        );
    }

    #[test]
    fn units_are_linear_and_noise_is_measured() {
        let rows: Vec<String> = (0..300)
            .map(|i| {
                let cm = noise(i, 1) as f64 / 5.0 + 100.0;
                format!("{cm},{},{},{}", cm / 2.54, cm + (noise(i, 3) as f64 - 500.0) / 130.0, noise(i, 4))
            })
            .collect();
        let found = copies("cm,inch,rough,other", &rows);
        assert_eq!(found[0], ("cm".into(), "inch".into(), CopyKind::Linear, 1.0));
        let (of, column, kind, strength) = &found[1];
        assert_eq!((of.as_str(), column.as_str(), *kind), ("cm", "rough", CopyKind::Linear));
        assert!((0.99..0.9999).contains(strength), "{strength}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn one_far_point_makes_no_line() {
        let rows: Vec<String> = (0..200)
            .map(|i| if i == 9 { "900000,900000".into() } else { format!("{},{}", noise(i, 1), noise(i, 2)) })
            .collect();
        assert_eq!(copies("a,b", &rows), []);
    }

    #[test]
    fn few_differences_are_nearly_equal_but_mostly_zero_is_not() {
        let rows: Vec<String> = (0..1000)
            .map(|i| {
                let room = ["a", "b", "c"][noise(i, 1) as usize % 3];
                let assigned = if i % 250 == 7 { "d" } else { room };
                format!("{room},{assigned},{},{}", u8::from(i % 300 == 1), u8::from(i % 310 == 2))
            })
            .collect();
        assert_eq!(
            copies("room,assigned,rare,seldom", &rows),
            [("room".into(), "assigned".into(), CopyKind::NearlyEqual, 0.996)]
        );
    }

    #[test]
    fn columns_that_are_missing_together() {
        let rows: Vec<String> =
            (0..50)
                .map(|i| {
                    if i % 5 == 0 { format!("{i},,") } else { format!("{i},{},{}", noise(i, 1), noise(i, 2)) }
                })
                .collect();
        assert_eq!(
            copies("k,bmi,waist", &rows),
            [("bmi".into(), "waist".into(), CopyKind::MissingTogether, 1.0)]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn the_order_of_rows_does_not_matter(seed in any::<u64>(), of in any::<u64>()) {
            let row = |i: usize| {
                let (x, y) = (noise(i, of), noise(i, of ^ 9) % 3);
                let rough = x as f64 + (noise(i, of ^ 5) as f64 - 500.0) / 60.0;
                format!("{x},{},{rough},{y},{}", x * 3 + 1, if i % 150 == 7 { 5 } else { y })
            };
            let rows: Vec<String> = (0..300).map(row).collect();
            let mut shuffled: Vec<(u64, &String)> = (0..).map(|i| mix(seed, i)).zip(&rows).collect();
            shuffled.sort();
            let shuffled: Vec<String> = shuffled.into_iter().map(|(_, row)| row.clone()).collect();
            let found = copies("x,line,rough,class,nearly", &rows);
            prop_assert_eq!(found.len(), 3, "{:?}", found);
            prop_assert_eq!(found, copies("x,line,rough,class,nearly", &shuffled));
        }
    }
}
