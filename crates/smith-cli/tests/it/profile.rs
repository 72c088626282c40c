//! `smith profile` in its three forms.

use serde_json::Value;

use crate::datasets;
use crate::program::{Place, run};

fn tea() -> Place {
    let place = Place::new();
    datasets::tea(&place.path("tea"));
    place
}

#[test]
fn people_get_tables_without_colours_where_there_is_no_terminal() {
    let place = tea();
    std::fs::write(place.path("tea").join("README.md"), "# Tea\u{1b}[31m leaves\nlicense: CC BY 4.0\n")
        .unwrap();
    let ended = run(place.smith().args(["profile", "tea"]).current_dir(place.path("."))).expect(0);
    for part in ["(tea)", "licence       CC-BY-4.0", "240 rows", "distinct"] {
        assert!(ended.stdout.contains(part), "{part} in\n{}", ended.stdout);
    }
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 120), "{}", ended.stdout);
    assert_eq!(ended.stderr, "", "no bar where there is no terminal");
}

#[test]
fn the_overview_keeps_to_its_budget() {
    let place = tea();
    let overview = |budget: &str| {
        run(place.smith().args(["profile", budget, "tea"]).current_dir(place.path("."))).expect(0).stdout
    };
    let (short, usual) = (overview("--overview=120"), overview("--overview"));
    assert!(short.starts_with("# Dataset `tea`\n") && short.ends_with('\n'), "{short}");
    assert!(short.len() < usual.len(), "{short}\n{usual}");
    let profile: Value =
        run(place.smith().args(["profile", "--json", "tea"]).current_dir(place.path("."))).expect(0).json();
    assert_eq!(profile["schema_version"], 2);
    run(place.smith().args(["profile", "--json", "--overview", "tea"]).current_dir(place.path(".")))
        .expect(2);
}
