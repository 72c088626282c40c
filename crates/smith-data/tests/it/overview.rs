use std::path::Path;

use smith_data::{ProfileOptions, overview, profile};

use crate::{csv, folder, png};

#[test]
fn penguins() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/penguins/raw");
    let profile = profile(&root, &ProfileOptions::default()).unwrap();
    insta::assert_snapshot!(overview(&profile, 8_000));
}

#[test]
fn every_part_keeps_its_share_of_a_short_budget() {
    let mut wide = (0..300).map(|i| format!("name {i} x")).collect::<Vec<_>>().join(",");
    wide += "\n";
    for _ in 0..25 {
        wide += &vec!["1.5"; 300].join(",");
        wide += "\n";
    }
    let root = folder(&[
        ("wide.csv", wide.as_bytes()),
        ("small.csv", &csv(30)),
        ("images/1.png", &png(2, 2)),
        ("README.md", b"# About trees\nThe target is colour."),
    ]);
    let profile = profile(root.path(), &ProfileOptions::default()).unwrap();
    for budget in [0, 10, 200, 1_500, 4_000] {
        assert!(overview(&profile, budget).len() <= budget);
    }
    let text = overview(&profile, 4_000);
    for part in
        ["## Table `wide.csv`", "more lines left out", "`colour`: category", "2x2", "The target is colour."]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let (wide, small) =
        (text.find("## Table `wide.csv`").unwrap(), text.find("## Table `small.csv`").unwrap());
    assert!(wide < small, "the largest table comes first");
    assert!(!text.contains(root.path().to_str().unwrap()), "no absolute paths");
}

#[test]
fn numbered_columns_alike_are_one_line() {
    let mut text = (1..=100).map(|i| format!("x_{i:03}")).collect::<Vec<_>>().join(",") + ",fat\n";
    for row in 0..30 {
        text += &(0..100).map(|i| format!("{}.25", row + i)).collect::<Vec<_>>().join(",");
        text += &format!(",{}.5\n", row % 7);
    }
    let root = folder(&[("spectra.csv", text.as_bytes())]);
    let profile = profile(root.path(), &ProfileOptions::default()).unwrap();
    let text = overview(&profile, 8_000);
    assert!(
        text.contains("- `x_001` … `x_100` (100 columns): float, 0.25 to 128.25 over all, 0 missing"),
        "{text}"
    );
    assert!(text.contains("- `fat`: float, 0.5 to 6.5"), "{text}");
}
