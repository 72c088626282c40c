//! The answers one behind the other in the bytes of a file of any format.

use memchr::memmem;

use super::target::{Target, Values};
use crate::subject::number;

/// Values of a sequence that are looked for.
const LENGTH: usize = 256;
/// Information that a sequence must hold, in units of e: by chance no file holds it.
const MIN_INFORMATION: f64 = 40.0;
/// Changes from one value to the next that it must have: files are full of runs.
const MIN_CHANGES: usize = 10;

/// A sequence of answers in one notation.
pub(crate) struct Needle {
    bytes: Vec<u8>,
    /// `numbers of 4 bytes`.
    pub(crate) notation: String,
}

/// The answers in the order of the target, in every notation in which a program writes a list; none when they hold too
/// little for chance to be excluded.
pub(crate) fn needles(target: &Target) -> Vec<Needle> {
    let rows = target.rows().min(LENGTH);
    let cells = target.cells.get(..rows).unwrap_or_default();
    let changes = cells.windows(2).filter(|pair| pair.first() != pair.last()).count();
    if changes < MIN_CHANGES || information(target, rows) < MIN_INFORMATION {
        return Vec::new();
    }
    let mut needles = Vec::new();
    let numbers: Option<Vec<f64>> = cells.iter().map(|cell| number(cell)).collect();
    if let Some(numbers) = &numbers {
        add_numbers(numbers, "", &mut needles);
    }
    if let Values::Classes(codes, names) = &target.values {
        let codes = codes.get(..rows).unwrap_or_default();
        let sorted: Vec<f64> = codes.iter().map(|code| f64::from(*code)).collect();
        if numbers.as_ref() != Some(&sorted) {
            add_numbers(&sorted, "codes of the classes as ", &mut needles);
        }
        if names.len() == 2 {
            let other: Vec<f64> = sorted.iter().map(|code| 1.0 - code).collect();
            add_numbers(&other, "codes of the classes as ", &mut needles);
        }
    }
    for separator in ["\n", ",", ", ", " ", "\t", "\0", "\",\"", "\", \"", "', '"] {
        needles.push(Needle { bytes: cells.join(separator).into_bytes(), notation: "text".to_owned() });
    }
    needles
}

/// What the first rows tell beyond what is known of the shares of the answers.
fn information(target: &Target, rows: usize) -> f64 {
    let entropy = match &target.values {
        Values::Classes(..) => {
            target.shares().iter().filter(|share| **share > 0.0).map(|share| -share * share.ln()).sum()
        }
        Values::Numbers(_) => 4.0,
    };
    entropy * rows as f64
}

fn add_numbers(numbers: &[f64], what: &str, needles: &mut Vec<Needle>) {
    let mut add = |notation: String, bytes: Vec<u8>| {
        needles.push(Needle { bytes, notation: format!("{what}{notation}") });
    };
    let floats = |numbers: &[f64], big: bool| -> Vec<u8> {
        let bytes = |x: &f64| if big { x.to_be_bytes() } else { x.to_le_bytes() };
        numbers.iter().flat_map(bytes).collect()
    };
    let halves = |numbers: &[f64], big: bool| -> Vec<u8> {
        let bytes = |x: &f64| if big { (*x as f32).to_be_bytes() } else { (*x as f32).to_le_bytes() };
        numbers.iter().flat_map(bytes).collect()
    };
    for big in [false, true] {
        add("floating-point numbers of 8 bytes".to_owned(), floats(numbers, big));
        add("floating-point numbers of 4 bytes".to_owned(), halves(numbers, big));
    }
    let are_whole = numbers.iter().all(|number| number.fract() == 0.0 && number.abs() < 2_f64.powi(31));
    if !are_whole {
        return;
    }
    let fits = |bytes: usize| bytes == 8 || numbers.iter().all(|x| x.abs() < 2_f64.powi(8 * bytes as i32));
    for bytes in [1_usize, 2, 4, 8].into_iter().filter(|bytes| fits(*bytes)) {
        for big in [false, true].into_iter().take(if bytes == 1 { 1 } else { 2 }) {
            let written = |x: &f64| -> Vec<u8> {
                let mut little = (*x as i64).to_le_bytes().get(..bytes).unwrap_or_default().to_vec();
                if big {
                    little.reverse();
                }
                little
            };
            add(format!("whole numbers of {bytes} bytes"), numbers.iter().flat_map(written).collect());
        }
    }
    // As digits, one character each.
    if numbers.iter().all(|x| (0.0..10.0).contains(x)) {
        add("digits".to_owned(), numbers.iter().map(|x| b'0' + *x as u8).collect());
        add("digits in lines".to_owned(), numbers.iter().flat_map(|x| [b'0' + *x as u8, b'\n']).collect());
        // A pickle writes a small number so.
        add("small numbers of a pickle".to_owned(), numbers.iter().flat_map(|x| [b'K', *x as u8]).collect());
    }
}

/// The notation in which the bytes hold the answers.
pub(crate) fn find<'n>(bytes: &[u8], needles: &'n [Needle]) -> Option<&'n str> {
    let holds = |needle: &&Needle| memmem::find(bytes, &needle.bytes).is_some();
    needles.iter().find(holds).map(|needle| needle.notation.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    #[test]
    fn sequences_of_every_notation() {
        let target = Target::new("y", (0..200).map(|row| (mixed(row) % 4).to_string()).collect());
        let needles = needles(&target);
        let of = |bytes: Vec<u8>| {
            let file: Vec<u8> = [b"head of the file".to_vec(), bytes, vec![7; 40]].concat();
            find(&file, &needles).map(str::to_owned)
        };
        let codes = || (0..200).map(|row| mixed(row) % 4);
        assert_eq!(of(codes().map(|code| code as u8).collect()), Some("whole numbers of 1 bytes".to_owned()));
        assert!(of(codes().flat_map(|code| (code as i64).to_le_bytes()).collect()).is_some());
        assert!(of(codes().flat_map(|code| (code as f32).to_be_bytes()).collect()).is_some());
        assert!(of(codes().map(|code| format!("{code}\n")).collect::<String>().into_bytes()).is_some());
        assert_eq!(of((0..200).map(|row| (mixed(row + 1) % 4) as u8).collect()), None);
    }

    #[test]
    fn what_tells_little_is_not_looked_for() {
        assert!(needles(&Target::new("y", (0..200).map(|row| (row / 100).to_string()).collect())).is_empty());
        assert!(
            needles(&Target::new("y", (0..12).map(|row| (mixed(row) % 2).to_string()).collect())).is_empty()
        );
    }
}
