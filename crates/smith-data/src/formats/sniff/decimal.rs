//! Finds what stands between the whole and the fraction of a number, and between thousands.

use super::cell::{Class, Notation, class, notation};

/// Rows that are looked at.
const ROWS: usize = 500;

/// The decimal mark and the mark between thousands, from the columns that hold numbers.
pub(crate) fn marks(rows: &[Vec<&str>], columns: usize, delimiter: u8) -> (u8, Option<u8>) {
    let (mut commas, mut points, mut either) = (0_usize, 0_usize, 0_usize);
    let mut thousands = None;
    for column in 0..columns {
        let notations = of_column(rows, column);
        for notation in &notations {
            match notation {
                Notation::Comma => commas += 1,
                Notation::ThousandsAndComma => {
                    commas += 1;
                    thousands = thousands.or(Some(b'.'));
                }
                Notation::EitherComma => either += 1,
                Notation::Point => points += 1,
                Notation::Thousands(mark) => {
                    points += usize::from(*mark == b',');
                    thousands = thousands.or(Some(*mark));
                }
                Notation::Whole => {}
            }
        }
    }
    // With a semicolon between cells the comma is free to be what it is in the languages that need it there.
    let is_comma =
        if commas == 0 { either > 0 && points == 0 && delimiter == b';' } else { commas >= points };
    if is_comma {
        (b',', thousands.filter(|mark| *mark != b','))
    } else if either > 0 {
        (b'.', thousands.or(Some(b',')))
    } else {
        (b'.', thousands.filter(|mark| *mark != b'.' || points == 0))
    }
}

/// How the numbers of a column are written, when it holds numbers.
fn of_column(rows: &[Vec<&str>], column: usize) -> Vec<Notation> {
    let cells = rows.iter().take(ROWS).filter_map(|row| row.get(column)).map(|cell| cell.trim());
    let values: Vec<&str> = cells.filter(|cell| class(cell) != Class::Missing).collect();
    let notations: Vec<Notation> = values.iter().filter_map(|cell| notation(cell)).collect();
    if notations.len() * 5 >= values.len() * 4 { notations } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_numbers() {
        let cases = [
            ("1,5 2,25", b';', (b',', None)),
            ("1.5 2.25", b',', (b'.', None)),
            ("1,234 2", b',', (b'.', Some(b','))),
            ("1,234 2", b';', (b',', None)),
            ("1.234,50 7,5", b';', (b',', Some(b'.'))),
            ("1,234.50 7.5", b';', (b'.', Some(b','))),
            ("1.234.567 2.000.000", b';', (b'.', Some(b'.'))),
            ("word 1,5 other", b';', (b'.', None)),
        ];
        for (text, delimiter, expected) in cases {
            let rows: Vec<Vec<&str>> = text.split(' ').map(|cell| vec![cell]).collect();
            assert_eq!(marks(&rows, 1, delimiter), expected, "{text}");
        }
    }
}
