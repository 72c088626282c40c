//! Raw datasets, written anew for each test.

use std::fmt::Write;
use std::path::Path;

use crate::program::Draw;

/// Rows that make a learnable dataset.
const ROWS: u32 = 240;

/// Writes the samples of tea that the scripted model knows into the folder `dir`.
pub(crate) fn tea(dir: &Path) {
    tea_of(dir, ROWS);
}

/// The same columns with another number of rows.
pub(crate) fn tea_of(dir: &Path, rows: u32) {
    let mut draw = Draw::new(3);
    let mut text = String::from("sample,origin,altitude_m,leaf_mm,rain_mm,caffeine_mg,grade\n");
    for sample in 1..=rows {
        let origin = ["hill", "valley", "coast"][draw.below(3) as usize];
        let (altitude, leaf, rain) = (200 + draw.below(1800), 20 + draw.below(60), 800 + draw.below(1400));
        // In tenths of a milligram: known effects, and noise that no model can learn.
        let caffeine = 150 + altitude / 10 + 3 * leaf + draw.below(40);
        let grade = if altitude / 10 + draw.below(60) > leaf + 80 { "fine" } else { "plain" };
        let (whole, tenth) = (caffeine / 10, caffeine % 10);
        writeln!(text, "{sample},{origin},{altitude},{leaf},{rain},{whole}.{tenth},{grade}").unwrap();
    }
    std::fs::create_dir_all(dir).unwrap();
    std::fs::write(dir.join("tea.csv"), text).unwrap();
}
