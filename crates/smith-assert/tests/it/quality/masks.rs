//! Masks as runs, beside their pictures.

use super::{ERROR, Made, noise};

const WIDTH: usize = 48;
const HEIGHT: usize = 32;

/// Left, top, width and height of what a picture shows: higher than wide, away from the middle.
fn thing(at: usize) -> [usize; 4] {
    [2 + noise(71, at, 30) as usize, 2 + noise(72, at, 8) as usize, 9, 19]
}

fn is_in(at: usize, x: usize, y: usize) -> bool {
    let [left, top, width, height] = thing(at);
    (left..left + width).contains(&x) && (top..top + height).contains(&y)
}

/// A bright thing on a dark ground, as a bitmap.
fn picture(at: usize) -> Vec<u8> {
    let size = 54 + WIDTH * HEIGHT * 3;
    let mut bytes = b"BM".to_vec();
    for number in [size, 0, 54, 40, WIDTH, HEIGHT] {
        bytes.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    for y in (0..HEIGHT).rev() {
        for x in 0..WIDTH {
            let ground = noise(73, (at * HEIGHT + y) * WIDTH + x, 60) as u8;
            bytes.extend(if is_in(at, x, y) { [230, 220, 200 + ground / 3] } else { [ground, ground, 40] });
        }
    }
    bytes
}

/// Runs of the pixels that are marked, row by row or column by column.
fn runs(at: usize, by_rows: bool, marks_ground: bool) -> String {
    let pixels = (0..WIDTH * HEIGHT).map(|pixel| {
        let (x, y) = if by_rows { (pixel % WIDTH, pixel / WIDTH) } else { (pixel / HEIGHT, pixel % HEIGHT) };
        is_in(at, x, y) != marks_ground
    });
    let marked: Vec<bool> = pixels.collect();
    let (mut runs, mut from) = (Vec::new(), 0);
    for run in marked.chunk_by(|a, b| a == b) {
        if run[0] {
            runs.push(format!("{} {}", from + 1, run.len()));
        }
        from += run.len();
    }
    runs.join(" ")
}

fn made(said: &str, answer: impl Fn(usize) -> String) -> Made {
    let made = Made::tabular()
        .answers(200, 40, answer)
        .table("public/train.csv", "id,y", (0..60).map(|at| format!("{at},{}", runs(at, true, false))))
        .table("public/test.csv", "id,shelf", (200..240).map(|at| format!("{at},{}", at % 7)))
        .put("description.txt", format!("Mark the thing. Pixels are numbered from 1, {said}."));
    (0..60).chain(200..240).fold(made, |made, at| {
        made.put(&format!("public/{}/{at}.bmp", if at < 200 { "train" } else { "test" }), picture(at))
    })
}

#[tokio::test]
async fn masks_are_those_that_are_described() {
    let rows = |at: usize| runs(at, true, false);
    let columns = |at: usize| runs(at, false, false);
    assert_eq!(made("row by row", rows).weight("Q139").await, None);
    assert_eq!(made("top to bottom, then left to right", rows).weight("Q139").await, ERROR);
    assert_eq!(made("row by row", columns).weight("Q139").await, ERROR);
    assert_eq!(made("in some order", columns).weight("Q139").await, None);
    assert_eq!(made("row by row", |at| runs(at, true, true)).weight("Q139").await, ERROR);
}
