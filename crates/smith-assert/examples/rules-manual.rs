//! Prints the manual of the rules:
//! `cargo run -p smith-assert --example rules-manual > docs/rules.md`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(smith_assert::manual::manual().as_bytes())
}
