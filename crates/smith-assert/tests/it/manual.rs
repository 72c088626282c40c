//! The page of the rules is what the code says.

use std::path::Path;

use smith_assert::manual::manual;

#[test]
fn the_page_of_the_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    // Outside of the repository the page is not there.
    let Ok(page) = std::fs::read_to_string(&path) else { return };
    assert!(
        page == manual(),
        "docs/rules.md is out of date; write it anew with\n  cargo run -p smith-assert --example rules-manual > \
         docs/rules.md"
    );
}
