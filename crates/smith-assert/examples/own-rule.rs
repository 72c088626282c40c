//! A rule of one's own beside those of the catalogue.
//!
//! ```text
//! cargo run -p smith-assert --example own-rule -- path/to/task
//! ```
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use smith_assert::{AssertError, Catalogue, Report, Rule, RuleInfo, Subject};
use smith_task_schema::{Bound, Figure, Layer, Severity, TaskLayout};

/// Codes of a third party begin with a letter that the catalogue does not use.
static SHORT: RuleInfo = RuleInfo {
    code: "X101",
    name: "description-fits-one-page",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "The description has no more than 600 words.",
    why: "Agents with small windows read it in every step.",
    mend: "Leave out what the data says itself.",
    references: &[],
};

struct ShortDescription;

#[async_trait]
impl Rule for ShortDescription {
    fn info(&self) -> &'static RuleInfo {
        &SHORT
    }

    async fn check(&self, subject: &Subject) -> Result<Report, AssertError> {
        let text = std::fs::read_to_string(&subject.layout().description)
            .map_err(|error| AssertError::NotRun(format!("the description cannot be read: {error}")))?;
        let words = text.split_whitespace().count();
        let is_long = words > 600;
        let finding = is_long.then(|| SHORT.finding("description.txt", format!("it has {words} words")));
        let figure = Figure::new("words of the description", words as f64).bounded(Bound::AtMost(600.0));
        Ok(Report::from(Vec::from_iter(finding)).with(figure))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let task = std::env::args().nth(1).ok_or("give the directory of a task")?;
    let scratch = tempfile::tempdir()?;
    // Without a runtime, only what needs no program is checked.
    let subject = Subject::new(TaskLayout::detect(Path::new(&task))?, None, scratch.path().to_path_buf());
    let outcome = Catalogue::post_refactor().with(Arc::new(ShortDescription)).check(&subject).await?;
    for finding in &outcome.findings {
        println!("{} {}: {}", finding.rule, finding.path, finding.message);
    }
    println!("{} rules, {} of them not run", outcome.checks.len(), outcome.skipped.len());
    Ok(())
}
