//! What the digits of ids tell of the answers, one by one.

use smith_task_schema::Finding;

use super::shortcut::is_explained;
use super::{shown, warning};
use crate::leakage::digests;
use crate::leakage::explained::explained;
use crate::leakage::sheet::Sheet;
use crate::leakage::target::Target;
use crate::rule::RuleInfo;
use crate::subject::{Split, Subject};

/// Test examples that prove it.
const MIN_ROWS: usize = 40;
/// What digits must tell (0 nothing, 1 all) to give the answers away, and to be worth a word.
const GIVES_AWAY: f64 = 0.4;
const SUSPICIOUS: f64 = 0.1;
/// Natural logarithms of the probability below which chance does not do so: among some ten thousand that are tried, one
/// in a million; and far below that for what tells little.
const LN_CHANCE: f64 = -24.0;
const LN_CHANCE_OF_LITTLE: f64 = -50.0;
/// By what the numbers are divided.
const DIVISORS: [u128; 18] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 20, 25, 32, 50, 100];
/// Letters from the front of a number in hexadecimal that are looked at.
const FRONT: usize = 32;
/// Share of what digits tell that a feature must tell of them to explain it.
const BY_FEATURE: f64 = 0.5;
/// Part of what digits tell of the answers that a feature must tell of them to explain it.
const AS_WELL: f64 = 0.8;
const MAX_FEATURES: usize = 100;

/// A way to put ids into groups.
struct Grouping {
    what: String,
    names: Vec<Option<String>>,
}

/// A finding when a digit of the ids, or what is left of them when they are divided, tells the answers.
pub(super) fn digits_tell(info: &RuleInfo, cx: &Subject, sheet: &Sheet, split: &Split) -> Option<Finding> {
    if sheet.ids.len() < MIN_ROWS || is_explained(&split.test) {
        return None;
    }
    let mut groupings = groupings(&sheet.ids);
    groupings.extend(of_serials(&sheet.ids));
    let mut best: Option<(f64, f64, &Grouping, &Target)> = None;
    for target in &sheet.targets {
        for grouping in &groupings {
            let names: Vec<Option<&str>> = grouping.names.iter().map(Option::as_deref).collect();
            let Some(found) = explained(target, &names) else { continue };
            let is_found = (found.share >= GIVES_AWAY && found.ln_chance <= LN_CHANCE)
                || (found.share >= SUSPICIOUS && found.ln_chance <= LN_CHANCE_OF_LITTLE);
            // Of digits that tell as much the first is named, which is the simplest.
            let is_better = best.is_none_or(|(share, ..)| found.share > share + 0.01);
            if is_found && is_better && !is_known_otherwise(&names, (target, found.share), sheet, split) {
                best = Some((found.share, found.ln_chance, grouping, target));
            }
        }
    }
    let (share, ln_chance, grouping, target) = best?;
    let message = format!(
        "the ids of the test examples tell {}: by the {} one knows {:.0} % of what the best constant does not (chance does so \
         once in 10^{:.0} cases). {}",
        shown(&target.name),
        grouping.what,
        share * 100.0,
        -ln_chance / std::f64::consts::LN_10,
        info.mend
    );
    let place = cx.name(&cx.layout().sample_submission());
    Some(if share >= GIVES_AWAY { info.finding(place, message) } else { warning(info, place, message) })
}

/// True when a feature says the same as the groups do, or tells nearly as much of the answers: ids that count on over hours
/// and places have such digits.
fn is_known_otherwise(
    names: &[Option<&str>],
    (target, share): (&Target, f64),
    sheet: &Sheet,
    split: &Split,
) -> bool {
    let rows = sheet.rows_among(&split.test.ids);
    let groups = Target::new("group", names.iter().map(|name| format!("g{}", name.unwrap_or(""))).collect());
    split.test.features.iter().take(MAX_FEATURES).any(|feature| {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| row.map(|row| feature.cells.get(row))).collect();
        let tells = |of: &Target, least: f64| {
            explained(of, &cells).is_some_and(|found| found.share >= least && found.ln_chance <= LN_CHANCE)
        };
        tells(&groups, BY_FEATURE) || tells(target, AS_WELL * share)
    })
}

fn groupings(ids: &[String]) -> Vec<Grouping> {
    let ids: Vec<String> = ids.iter().map(|id| bare(id)).collect();
    let mut all = lengths(&ids);
    match numbers(&ids) {
        Some((numbers, radix)) => all.extend(of_numbers(&numbers, &ids, radix)),
        None => all.extend(of_letters(&ids)),
    }
    all
}

/// Groups of neighbouring serial numbers, where ids are their digests.
fn of_serials(ids: &[String]) -> Vec<Grouping> {
    let Some((kind, serials)) = digests::serials(ids) else { return Vec::new() };
    let mut sorted: Vec<u32> = serials.iter().flatten().copied().collect();
    sorted.sort_unstable();
    let group = |parts: usize| {
        let name = |serial: u32| {
            let before = sorted.partition_point(|other| *other < serial);
            (before * parts / sorted.len().max(1)).to_string()
        };
        Grouping {
            what: format!(
                "{kind}, which hides a serial number, and by which of {parts} stretches of it they lie in"
            ),
            names: serials.iter().map(|serial| serial.map(name)).collect(),
        }
    };
    [4, 20].map(group).into()
}

/// An id without folders and ending, and without the bars of a UUID. Leading zeros stay: they are letters of a digest.
fn bare(id: &str) -> String {
    let name = id.trim().rsplit(['/', '\\']).next().unwrap_or(id);
    let is_ending = |ending: &str| ending.len() <= 5 && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    let bare = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => stem,
        _ => name.strip_suffix(".0").unwrap_or(name),
    };
    let is_uuid = bare.len() == 36 && bare.bytes().filter(|byte| *byte == b'-').count() == 4;
    if is_uuid { bare.replace('-', "") } else { bare.to_owned() }
}

/// The number that each id is, behind the letters that all begin with, and by what it is written: 10 or 16. None for ids
/// that are made of parts, and for dates, whose digits have a meaning of their own.
fn numbers(ids: &[String]) -> Option<(Vec<u128>, u32)> {
    let first = ids.first()?;
    let digits_from = first.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let prefix = first.get(..digits_from)?;
    let decimal = |id: &String| id.strip_prefix(prefix).filter(|rest| rest.len() <= 30)?.parse::<u128>().ok();
    if prefix.chars().all(|c| c.is_alphabetic() || matches!(c, '_' | '-' | '#'))
        && let Some(numbers) = ids.iter().map(decimal).collect::<Option<Vec<u128>>>()
    {
        return (!numbers.iter().all(|number| is_date(*number))).then_some((numbers, 10));
    }
    let length = first.len();
    let hexadecimal = |id: &String| {
        let front = id.get(..length.min(FRONT))?;
        (id.len() == length).then(|| u128::from_str_radix(front, 16).ok()).flatten()
    };
    let numbers: Option<Vec<u128>> = ids.iter().map(hexadecimal).collect();
    numbers.filter(|_| length >= 6).map(|numbers| (numbers, 16))
}

/// True for a number that begins with a year and a month.
fn is_date(number: u128) -> bool {
    let text = number.to_string();
    let month = text.get(4..6).and_then(|month| month.parse::<u8>().ok());
    (6..=14).contains(&text.len())
        && text.starts_with(['1', '2'])
        && month.is_some_and(|month| (1..=12).contains(&month))
}

fn of_numbers(numbers: &[u128], ids: &[String], radix: u32) -> Vec<Grouping> {
    let mut all: Vec<Grouping> = Vec::new();
    if radix == 16 {
        all.extend(of_letters(ids));
    }
    all.extend(DIVISORS.map(|by| Grouping {
        what: format!("remainder of their number divided by {by}"),
        names: numbers.iter().map(|number| Some((number % by).to_string())).collect(),
    }));
    let sum = |number: &u128| {
        number
            .to_string()
            .bytes()
            .fold(0_u32, |sum, digit| sum.saturating_add(u32::from(digit.saturating_sub(b'0'))))
    };
    all.extend([2, 4, 5, 10].map(|by| Grouping {
        what: format!("sum of their digits divided by {by}"),
        names: numbers.iter().map(|number| Some((sum(number) % by).to_string())).collect(),
    }));
    all
}

/// Each letter of ids of one length that are made of no words.
fn of_letters(ids: &[String]) -> Vec<Grouping> {
    let Some(length) = ids.first().map(String::len) else { return Vec::new() };
    let is_even =
        ids.iter().all(|id| id.len() == length && id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !is_even || length < 6 {
        return Vec::new();
    }
    let at = |place: usize| Grouping {
        what: if place + 1 == length { "last letter".to_owned() } else { format!("letter {}", place + 1) },
        names: ids.iter().map(|id| id.get(place..=place).map(str::to_owned)).collect(),
    };
    (0..length.min(FRONT)).rev().map(at).collect()
}

/// Lengths of ids that are no numbers.
fn lengths(ids: &[String]) -> Vec<Grouping> {
    if ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
        return Vec::new();
    }
    vec![Grouping {
        what: "length".to_owned(),
        names: ids.iter().map(|id| Some(id.len().to_string())).collect(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ids: &[&str]) -> Option<u32> {
        numbers(&ids.iter().map(|id| bare(id)).collect::<Vec<_>>()).map(|(_, radix)| radix)
    }

    #[test]
    fn ids_that_are_numbers_are_read() {
        assert_eq!(read(&["17", "203"]), Some(10));
        assert_eq!(read(&["t000123", "t000456"]), Some(10));
        assert_eq!(read(&["img/0a1b2c3d.png", "img/ffeedd00.png"]), Some(16));
        assert_eq!(read(&["123e4567-e89b-12d3-a456-426614174000"]), Some(16));
        assert_eq!(read(&["0a1b2c3d4e5f", "001234567890"]), Some(16), "one of digits alone keeps its zeros");
        assert_eq!(read(&["7_12", "8_13"]), None, "parts have a meaning of their own");
        assert_eq!(read(&["201501", "201612"]), None, "and so have dates");
        assert_eq!(read(&["anna", "bert"]), None);
    }
}
