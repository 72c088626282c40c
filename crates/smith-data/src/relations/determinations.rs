//! Columns whose value decides that of another.
//!
//! Every deciding column costs one ordering of its rows; a pair is given up as soon as too many rows contradict it,
//! which for unrelated columns is after about a hundredth of the rows. A table wider than [`MAX_BY`] or
//! [`MAX_COLUMNS`] is compared only in the columns with the fewest different values.

use rayon::prelude::*;
use smith_task_schema::profile::{ColumnKind, Determination, NearCopy};

use crate::relations::copies::{is_same, repeated};
use crate::relations::sample::{Groups, Sample, Sampled};

/// Most columns that are tried as deciding ones.
pub(crate) const MAX_BY: usize = 100;
/// Most columns that are tried as decided ones.
pub(crate) const MAX_COLUMNS: usize = 200;
/// Most rules that are reported of a table.
const MAX_RULES: usize = 200;
/// Share of the rows from which on a rule nearly holds.
const NEARLY: f64 = 0.99;
/// Share of the errors of always saying the most frequent value that a rule must avoid.
const BETTER: f64 = 0.9;
/// How many contradictions unrelated columns would have shown, for their absence to mean something.
const EXPECTED_CONTRADICTIONS: f64 = 20.0;
/// Least share of the rows that have a neighbour with the same deciding value.
const MIN_REPEATED: f64 = 0.2;
/// The same for fractions, which repeat themselves by the way.
const MIN_REPEATED_FLOATS: f64 = 0.5;

/// All rules of a table that do not follow from `copies`.
pub(crate) fn find(sample: &Sample<'_>, copies: &[NearCopy]) -> Vec<Determination> {
    let repeated = repeated(copies);
    let plain = || sample.columns.iter().filter(|column| !repeated.contains(column.name()));
    let by = narrow(plain().filter(|c| can_decide(c, sample.rows)).collect(), MAX_BY);
    let decided = narrow(plain().filter(|c| can_be_decided(c)).collect(), MAX_COLUMNS);
    let found: Vec<Vec<Determination>> = by.par_iter().map(|by| rules_of(by, &decided, copies)).collect();
    let mut rules = join_both_ways(sample, found.into_iter().flatten().collect());
    if rules.len() > MAX_RULES {
        // What always holds is worth more than what nearly does; the order is kept otherwise.
        rules.sort_by_key(|rule| (!rule.one_to_one, rule.share < 1.0));
        rules.truncate(MAX_RULES);
    }
    rules
}

/// The columns with the fewest different values, in their order.
fn narrow<'s, 'a>(mut columns: Vec<&'s Sampled<'a>>, most: usize) -> Vec<&'s Sampled<'a>> {
    if columns.len() > most {
        columns.sort_by_key(|column| (column.counts.len(), column.index));
        columns.truncate(most);
        columns.sort_by_key(|column| column.index);
    }
    columns
}

/// Values that repeat and are more than one.
fn can_decide(column: &Sampled<'_>, rows: usize) -> bool {
    let least = if column.facts.kind == ColumnKind::Float { MIN_REPEATED_FLOATS } else { MIN_REPEATED };
    column.distinct() >= 2
        && column.facts.kind != ColumnKind::Binary
        && column.repeated as f64 >= least * rows as f64
}

fn can_be_decided(column: &Sampled<'_>) -> bool {
    // Where nothing repeats, nothing is decided by what does.
    column.distinct() >= 2 && column.repeated > 0 && column.facts.kind != ColumnKind::Binary
}

fn rules_of(by: &Sampled<'_>, decided: &[&Sampled<'_>], copies: &[NearCopy]) -> Vec<Determination> {
    let groups = by.groups();
    let mut scratch = Scratch::default();
    decided
        .iter()
        .filter(|column| column.index != by.index && !is_same(copies, by.name(), column.name()))
        .filter_map(|column| {
            let share = scratch.share(by, &groups, column)?;
            let one_to_one = share == 1.0 && by.signature == column.signature;
            Some(Determination { by: by.name().into(), column: column.name().into(), share, one_to_one })
        })
        .collect()
}

/// Counts of the values within a group, used again for each.
#[derive(Default)]
struct Scratch {
    counts: Vec<u32>,
}

impl Scratch {
    /// The share of the rows for which the most frequent value of their group is right, when that says something.
    fn share(&mut self, by: &Sampled<'_>, groups: &Groups, column: &Sampled<'_>) -> Option<f64> {
        if !is_telling(by, column) {
            return None;
        }
        // Every count is back at zero after its group.
        if self.counts.len() < column.counts.len() {
            self.counts.resize(column.counts.len(), 0);
        }
        let repeated = by.repeated;
        let usual = column.counts.get(column.usual as usize).map_or(0, |&count| count as usize);
        let others = column.codes().len().saturating_sub(usual) as f64;
        let allowed = ((1.0 - NEARLY) * repeated as f64).min((1.0 - BETTER) * others) as usize;
        let mut errors = 0;
        for group in groups.iter().filter(|group| group.len() >= 2) {
            errors += self.errors(group, column.codes(), allowed - errors)?;
        }
        Some(1.0 - errors as f64 / repeated.max(1) as f64)
    }

    /// Rows of a group that do not have its most frequent value; none as soon as they are more than allowed.
    fn errors(&mut self, group: &[u32], codes: &[u32], allowed: usize) -> Option<usize> {
        let mut most = 0;
        let mut seen = 0;
        for &row in group {
            let code = codes.get(row as usize).copied().unwrap_or(0);
            let Some(count) = self.counts.get_mut(code as usize) else { continue };
            *count += 1;
            most = most.max(*count);
            seen += 1;
            // A further row adds to the errors or leaves them: they never become fewer.
            if seen - most as usize > allowed {
                break;
            }
        }
        for &row in group.iter().take(seen) {
            let code = codes.get(row as usize).copied().unwrap_or(0);
            if let Some(count) = self.counts.get_mut(code as usize) {
                *count = 0;
            }
        }
        let errors = seen - most as usize;
        (errors <= allowed).then_some(errors)
    }
}

/// True when unrelated columns of these values would contradict a rule many times over, where both are present.
fn is_telling(by: &Sampled<'_>, column: &Sampled<'_>) -> bool {
    if column.missing() == column.codes().len() {
        return false;
    }
    let same = column.same_present();
    let most = by.codes().len().saturating_sub(by.distinct() + by.missing()) as f64;
    if most * (1.0 - same) < EXPECTED_CONTRADICTIONS {
        return false;
    }
    if column.missing() == 0 {
        return true;
    }
    // Values may be given just where those of the other column are alone.
    let mut rows = vec![0_u32; by.counts.len()];
    for (&code, &value) in by.codes().iter().zip(column.codes()) {
        if let Some(count) = rows.get_mut(code as usize).filter(|_| value != 0) {
            *count += 1;
        }
    }
    let comparisons: f64 = rows.iter().skip(1).map(|&count| f64::from(count.saturating_sub(1))).sum();
    comparisons * (1.0 - same) >= EXPECTED_CONTRADICTIONS
}

/// Says once what holds both ways.
fn join_both_ways(sample: &Sample<'_>, mut rules: Vec<Determination>) -> Vec<Determination> {
    let places: std::collections::HashMap<&str, usize> =
        sample.columns.iter().map(|column| (column.name(), column.index)).collect();
    let place = |name: &str| places.get(name).copied();
    let pairs: std::collections::HashMap<(String, String), f64> =
        rules.iter().map(|rule| ((rule.by.clone(), rule.column.clone()), rule.share)).collect();
    rules.retain_mut(|rule| {
        let Some(&back) = pairs.get(&(rule.column.clone(), rule.by.clone())) else { return true };
        rule.one_to_one = true;
        rule.share = rule.share.min(back);
        place(&rule.by) < place(&rule.column)
    });
    rules
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::relations::testing;

    fn rules(header: &str, rows: &[String]) -> Vec<(String, String, f64, bool)> {
        let table = testing::table("t.csv", header, rows);
        let sample = Sample::of(&table);
        let rules = find(&sample, &[]);
        rules.into_iter().map(|r| (r.by, r.column, (r.share * 1e4).round() / 1e4, r.one_to_one)).collect()
    }

    #[test]
    fn codes_and_labels_are_one_to_one_and_children_decide_parents() {
        let towns =
            [("Ulm", "south"), ("Jena", "east"), ("Kiel", "north"), ("Bonn", "west"), ("Linz", "south")];
        let rows: Vec<String> = (0..200)
            .map(|i| {
                let town = i * 7 % 5;
                format!("{town},{},{},{}", towns[town].0, towns[town].1, i * 13 % 11)
            })
            .collect();
        let found = rules("code,town,region,noise", &rows);
        assert_eq!(
            found,
            [
                ("code".into(), "town".into(), 1.0, true),
                ("code".into(), "region".into(), 1.0, false),
                ("town".into(), "region".into(), 1.0, false),
            ]
        );
    }

    #[test]
    fn a_few_contradictions_leave_a_rule_nearly_right() {
        let row = |i: usize, wrong: bool| format!("z{},{}", i % 10, if wrong { 9 } else { i % 10 % 4 });
        let few: Vec<String> = (0..1000).map(|i| row(i, i % 201 == 5)).collect();
        assert_eq!(rules("zip,city", &few).first().map(|r| r.2), Some(0.995));
        let many: Vec<String> = (0..1000).map(|i| row(i, i % 21 == 5)).collect();
        assert_eq!(rules("zip,city", &many), []);
    }

    #[test]
    fn what_is_hardly_ever_different_is_not_decided() {
        let rows: Vec<String> = (0..500).map(|i| format!("{},{}", i % 50, u8::from(i == 7))).collect();
        assert_eq!(rules("user,fraud", &rows), []);
    }

    #[test]
    fn keys_and_nearly_keys_decide_nothing() {
        let rows: Vec<String> = (0..300).map(|i| format!("{i},{},{}", i / 2 * 2 + i % 2, i % 3)).collect();
        assert_eq!(rules("id,almost,class", &rows), []);
    }

    #[test]
    fn a_rule_about_presence_alone_is_none() {
        let rows: Vec<String> =
            (0..200).map(|i| if i % 2 == 0 { format!("a,{i}") } else { "b,".into() }).collect();
        assert_eq!(rules("kind,detail", &rows), []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn the_order_of_rows_does_not_matter(
            rows in proptest::collection::vec((0_u8..6, 0_u8..6), 40..160),
            seed in any::<u64>(),
        ) {
            let rows: Vec<String> =
                rows.into_iter().map(|(a, b)| format!("{a},{},{b}", a / 2)).collect();
            let mut shuffled: Vec<(u64, String)> =
                rows.iter().cloned().enumerate().map(|(i, row)| (crate::relations::sample::mix(seed, i as u64), row)).collect();
            shuffled.sort();
            let shuffled: Vec<String> = shuffled.into_iter().map(|(_, row)| row).collect();
            prop_assert_eq!(rules("a,half,b", &rows), rules("a,half,b", &shuffled));
        }
    }
}
