use std::path::Path;

use smith_data::{OverviewOptions, ProfileOptions, estimate_tokens, overview, overview_within, profile};

use crate::{built, csv, folder, png};

#[test]
fn penguins() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/penguins/raw");
    let profile = profile(&root, &ProfileOptions::default()).unwrap();
    insta::assert_snapshot!(overview(&profile, 8_000));
}

#[test]
fn the_example_in_docs_is_what_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/penguins/raw");
    let profile = profile(&root, &ProfileOptions::default()).unwrap();
    let text = overview_within(&profile, &OverviewOptions::tokens(600));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/profile.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&format!("```text\n{text}\n```")), "put this into docs/profile.md:\n{text}");
}

#[test]
fn built_profiles_under_budgets() {
    for profile in built::all() {
        for tokens in [500, 2_000, 20_000] {
            let text = overview_within(&profile, &OverviewOptions::tokens(tokens));
            assert!(estimate_tokens(&text) <= tokens);
            insta::assert_snapshot!(format!("{}_{tokens}", profile.name), text);
        }
    }
}

#[test]
fn a_longer_budget_never_says_less() {
    for profile in built::all() {
        let lengths = [0, 20, 100, 300, 1_000, 3_000, 9_000, 30_000]
            .map(|tokens| overview_within(&profile, &OverviewOptions::tokens(tokens)).len());
        assert!(lengths.is_sorted(), "{}: {lengths:?}", profile.name);
        assert_eq!(
            overview(&profile, usize::MAX),
            overview_within(&profile, &OverviewOptions::tokens(usize::MAX))
        );
    }
}

#[test]
fn every_part_keeps_its_share_of_a_short_budget() {
    let mut wide = (0..300).map(|i| format!("name {i} x")).collect::<Vec<_>>().join(",");
    wide += "\n";
    for row in 0..25 {
        wide += &(0..300)
            .map(|i| if i % 2 == 0 { "1.5" } else { ["u", "v"][row % 2] })
            .collect::<Vec<_>>()
            .join(",");
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
    for part in [
        "## Table `wide.csv`",
        "more columns left out",
        "`colour`: category",
        "2x2",
        "> The target is colour.",
    ] {
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
