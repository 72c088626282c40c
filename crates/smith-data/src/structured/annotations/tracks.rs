//! MOT Challenge: lines of frame, identity and box, without a header.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;

use super::tally::{Tally, is_valid_box};
use crate::structured::lines::{Lines, number};

/// Frames and identities that are told apart.
const MAX_PAIRS: usize = 4_000_000;
/// Lines that are looked at before a file is taken for tracks.
const LOOKED_AT: usize = 200;

/// What a file of tracks holds.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    pub(crate) tally: Tally,
    /// Frames that are named.
    pub(crate) frames: Vec<u64>,
}

/// True when the first lines are frames, identities and boxes. `named` says that the path speaks of tracks.
pub(crate) fn looks_like(head: &[u8], named: bool) -> bool {
    let lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let mut rows: Vec<Vec<f64>> = Vec::new();
    // The last line may be cut.
    let lines: Vec<&[u8]> = lines.take(LOOKED_AT + 1).collect();
    let kept = if lines.len() > 1 { &lines[..lines.len() - 1] } else { &lines[..] };
    for line in kept {
        let Some(row) = row(line) else { return false };
        rows.push(row);
    }
    let Some(width) = rows.first().map(Vec::len).filter(|width| (9..=10).contains(width)) else {
        return false;
    };
    if rows.iter().any(|row| row.len() != width) {
        return false;
    }
    let whole = |value: f64| value.fract() == 0.0;
    let is_row = |row: &Vec<f64>| {
        row.len() == width
            && row[0] >= 0.0
            && whole(row[0])
            && row[1] >= -1.0
            && whole(row[1])
            && row[4] > 0.0
            && row[5] > 0.0
    };
    let unknown =
        rows.iter().all(|row| row.get(7..).is_some_and(|rest| rest.iter().all(|value| *value == -1.0)));
    let visible = width == 9
        && rows
            .iter()
            .all(|row| whole(row[7]) && (0.0..=20.0).contains(&row[7]) && (0.0..=1.0).contains(&row[8]));
    let mut pairs = HashSet::new();
    let distinct =
        rows.iter().all(|row| row.get(1) == Some(&-1.0) || pairs.insert((row[0] as i64, row[1] as i64)));
    rows.len() >= 2 && rows.iter().all(is_row) && distinct && (unknown || visible || named)
}

fn row(line: &[u8]) -> Option<Vec<f64>> {
    let separated = |byte: &u8| *byte == b',' || byte.is_ascii_whitespace();
    let words = line.split(separated).filter(|word| !word.is_empty());
    words.take(12).map(number).collect()
}

/// Reads a file of tracks.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn read(input: impl Read) -> std::io::Result<Tracks> {
    let mut tracks = Tracks::default();
    let mut per_frame: BTreeMap<u64, u64> = BTreeMap::new();
    let mut identities: BTreeMap<i64, u64> = BTreeMap::new();
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        let Some(row) = row(line).filter(|row| row.len() >= 6) else { continue };
        tracks.tally.objects += 1;
        tracks.tally.checked += 1;
        let corners = [row[2], row[3], row[2] + row[4], row[3] + row[5]];
        tracks.tally.invalid += u64::from(!is_valid_box(corners, None));
        if per_frame.len() < MAX_PAIRS {
            *per_frame.entry(row[0] as u64).or_default() += 1;
        }
        if row[1] >= 0.0 && identities.len() < MAX_PAIRS {
            *identities.entry(row[1] as i64).or_default() += 1;
        }
    }
    tracks.tally.images = per_frame.len() as u64;
    tracks.tally.shapes.insert("box");
    if !identities.is_empty() {
        tracks.tally.shapes.insert("identity");
    }
    tracks.tally.identities = identities.len() as u64;
    per_frame.values().for_each(|objects| tracks.tally.per_image(*objects));
    tracks.frames = per_frame.into_keys().collect();
    Ok(tracks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn truth_and_results() {
        let results = b"1,3,113.84,274.5,57.307,130.05,-1,-1,-1,-1\n1,6,273,203,77,175,-1,-1,-1,-1\n2,3,1,2,3,4,-1,-1,-1,-1\n";
        let truth = b"1 1 399 182 121 229 1 1 0.9\n1 2 282 201 92 184 1 1 1\n2 1 9 9 9 9 0 7 0\n";
        let placed = b"1,1,88,99,61,218,1,4.4,5.5,0\n2,1,88,99,61,218,1,4.4,5.5,0\n3,1,8,9,1,2,1,4.4,5.5,0\n";
        assert!(looks_like(results, false) && looks_like(truth, false));
        assert!(looks_like(placed, true) && !looks_like(placed, false));
        let tracks = read(&results[..]).unwrap();
        assert_eq!((tracks.tally.objects, tracks.tally.images, tracks.tally.identities), (3, 2, 2));
        assert_eq!(tracks.frames, [1, 2]);
    }

    #[test]
    fn measurements_are_no_tracks() {
        let numbers = b"50 21 77 0 28 0 27 48 22 2\n37 0 92 0 36 -8 1 9 8 7\n50 21 77 0 28 0 27 48 22 2\n";
        let repeated = b"1,1,5,5,5,5,-1,-1,-1,-1\n1,1,5,5,5,5,-1,-1,-1,-1\n1,1,5,5,5,5,-1,-1,-1,-1\n";
        for text in
            [&numbers[..], repeated, b"a,b\n1,2\n", b"", b"1,2,3\n", b"1,1,5,5,5,5,-1,-1,-1\n5\n\n7\n"]
        {
            assert!(!looks_like(text, true), "{}", String::from_utf8_lossy(text));
        }
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "([1-9](,-?[1-9]){0,9}\n){0,12}") {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                let _ = looks_like(bytes, true);
                let _ = read(bytes);
            }
        }
    }
}
