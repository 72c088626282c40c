//! The same classes in two notations: `true` among the training examples is `1` among the answers.

use std::collections::BTreeMap;

use smith_data::TextColumn;

/// Words for the two sides of a question.
const YES: [&str; 8] = ["1", "1.0", "true", "t", "yes", "y", "positive", "pos"];
const NO: [&str; 8] = ["0", "0.0", "false", "f", "no", "n", "negative", "neg"];
/// Share up to which one of two classes is the rare one on whichever side of the split.
const RARE: f64 = 0.35;
/// Different answers up to which they are classes.
const MAX_CLASSES: usize = 1_000;

/// Values of a column with how often each stands there, empty cells left out.
type Counts<'c> = BTreeMap<&'c str, usize>;

/// A column of the training table in the notation of the answers; none when it holds something else. `is_only` says
/// that no other column can be meant: then numbers need not be those of the answers.
pub(super) fn as_answers(column: &TextColumn, answers: &TextColumn, is_only: bool) -> Option<TextColumn> {
    let (own, wanted) = (counts(column), counts(answers));
    let are_classes = is_only || (wanted.len() <= MAX_CLASSES && own.len() <= 2 * wanted.len() + 2);
    let shared = wanted.keys().filter(|value| own.contains_key(*value)).count();
    if are_classes && shared * 2 >= wanted.len().max(1) {
        return Some(column.clone());
    }
    let rare = || rare_as_rare(&own, &wanted).filter(|_| is_only);
    if let Some(pairs) = said(&own, &wanted).or_else(rare) {
        return Some(rewritten(column, &pairs));
    }
    let are_numbers = |values: &Counts<'_>| values.keys().all(|cell| cell.parse::<f64>().is_ok());
    (is_only && are_numbers(&own) && are_numbers(&wanted)).then(|| column.clone())
}

/// A column of the name of the answers in their notation, where both are no more than true and false.
pub(super) fn harmonised(column: &TextColumn, answers: &TextColumn) -> Option<TextColumn> {
    let (own, wanted) = (counts(column), counts(answers));
    let is_plain = |values: &Counts<'_>| {
        values.keys().all(|value| {
            ["1", "0", "1.0", "0.0", "true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value))
        })
    };
    let differ = !own.keys().any(|value| wanted.contains_key(value));
    let pairs = said(&own, &wanted).filter(|_| differ && is_plain(&own) && is_plain(&wanted))?;
    Some(rewritten(column, &pairs))
}

fn counts(column: &TextColumn) -> Counts<'_> {
    let mut counts = BTreeMap::new();
    for cell in column.iter().filter(|cell| !cell.is_empty()) {
        *counts.entry(cell).or_insert(0) += 1;
    }
    counts
}

/// What each value is called among the answers.
type Pairs<'c> = Vec<(&'c str, &'c str)>;

/// Values that say yes and no, as the answers say it.
fn said<'c>(own: &Counts<'c>, wanted: &Counts<'c>) -> Option<Pairs<'c>> {
    let of = |values: &Counts<'c>, words: &[&str]| {
        values.keys().copied().find(|value| words.iter().any(|word| word.eq_ignore_ascii_case(value)))
    };
    if own.len() != 2 || wanted.len() != 2 {
        return None;
    }
    Some(vec![(of(own, &YES)?, of(wanted, &YES)?), (of(own, &NO)?, of(wanted, &NO)?)])
}

/// Two classes of which the same one is rare on both sides, under whatever names.
fn rare_as_rare<'c>(own: &Counts<'c>, wanted: &Counts<'c>) -> Option<Pairs<'c>> {
    let ((rare, common), (answer, other)) = (ranked(own)?, ranked(wanted)?);
    Some(vec![(rare, answer), (common, other)])
}

/// The rare and the common one of two values.
fn ranked<'c>(values: &Counts<'c>) -> Option<(&'c str, &'c str)> {
    let mut both = values.iter();
    let (Some((a, few)), Some((b, many)), None) = (both.next(), both.next(), both.next()) else {
        return None;
    };
    let (rare, common, count) = if few <= many { (*a, *b, *few) } else { (*b, *a, *many) };
    (count as f64 <= RARE * (few + many) as f64).then_some((rare, common))
}

fn rewritten(column: &TextColumn, pairs: &Pairs<'_>) -> TextColumn {
    let of = |cell: &str| pairs.iter().find(|(own, _)| *own == cell).map(|(_, answer)| *answer);
    column.iter().map(|cell| of(cell).unwrap_or("")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[&str]) -> TextColumn {
        values.iter().copied().collect()
    }

    fn read(values: &[&str], answers: &[&str], is_only: bool) -> Option<Vec<String>> {
        let found = as_answers(&column(values), &column(answers), is_only)?;
        Some(found.iter().map(str::to_owned).collect())
    }

    #[test]
    fn one_question_has_many_notations() {
        let cases: [(&[&str], &[&str]); 4] = [
            (&["true", "false", "true"], &["0", "1"]),
            (&["yes", "no", "yes"], &["0.0", "1.0"]),
            (&["spam", "ham", "ham", "ham"], &["0", "0", "1", "0"]),
            (&["Y", "N"], &["true", "false"]),
        ];
        for (own, answers) in cases {
            let found = read(own, answers, true).unwrap();
            let yes = answers.iter().find(|a| YES.contains(&a.to_lowercase().as_str())).unwrap();
            assert_eq!(found[0], **yes, "{own:?}");
        }
        assert_eq!(read(&["spam", "ham"], &["0", "1"], true), None, "neither is rare");
        assert_eq!(read(&["spam", "ham", "ham", "ham"], &["0", "0", "1", "0"], false), None);
    }

    #[test]
    fn a_column_of_the_same_name_is_read_in_the_notation_of_the_answers() {
        let found = harmonised(&column(&["True", "False"]), &column(&["0", "1"])).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), ["1", "0"]);
        assert!(harmonised(&column(&["1", "0"]), &column(&["0", "1"])).is_none());
        assert!(harmonised(&column(&["yes", "no"]), &column(&["0", "1"])).is_none());
    }

    #[test]
    fn of_several_columns_the_one_with_the_classes_is_meant() {
        assert!(read(&["a", "b", "a"], &["b", "a"], false).is_some());
        assert!(read(&["3", "4"], &["5", "6"], false).is_none());
        assert!(read(&["3", "4"], &["5", "6"], true).is_some());
    }
}
