//! The rules as a page to read, written from the rules themselves.

use std::fmt::Write;

use smith_task_schema::{Layer, Severity};

use crate::family::FAMILIES;
use crate::{Catalogue, RuleInfo};

/// The manual of the built-in rules as Markdown: a table, and below it every rule. `docs/rules.md` holds it.
#[must_use]
pub fn manual() -> String {
    let catalogue = Catalogue::all();
    let infos: Vec<&RuleInfo> = catalogue.rules().iter().map(|rule| rule.info()).collect();
    let mut page = String::from(
        "# Rules\n\nEvery assertion and probe that `smith verify` runs, written from the code by\n\
         `cargo run -p smith-assert --example rules-manual > docs/rules.md`. An *error* rejects a task, a *warning* does \
         not. `smith verify --select` and `--ignore` take codes, beginnings of codes (`A`, `S1`) and names.\n",
    );
    for family in FAMILIES {
        let rules: Vec<_> = infos.iter().filter(|info| info.code.starts_with(family.letter)).collect();
        let _ = write!(page, "\n## {} · {}\n\n{}\n\n", family.letter, family.title, family.about);
        page.push_str("| rule | name | weighs | layer | proves |\n|---|---|---|---|---|\n");
        for info in &rules {
            let (weight, layer) = (severity(info.severity), layer(info.layer));
            let _ =
                writeln!(page, "| {} | `{}` | {weight} | {layer} | {} |", info.code, info.name, info.proves);
        }
        for info in rules {
            let _ = write!(page, "\n### {} `{}`\n\n", info.code, info.name);
            let _ = writeln!(page, "{}\n\n*Why:* {}\n\n*Mend:* {}", info.proves, info.why, info.mend);
            if !info.references.is_empty() {
                let _ = writeln!(page, "\n*See:* {}", info.references.join(" · "));
            }
        }
    }
    page
}

/// A severity in one word.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A layer in one word.
#[must_use]
pub fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Static => "static",
        Layer::Dynamic => "dynamic",
        Layer::Data => "data",
        Layer::Execution => "execution",
    }
}
