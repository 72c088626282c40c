//! What became of each dataset of a run over several.

use std::collections::BTreeSet;

use comfy_table::{Cell, CellAlignment, Color, Table};
use smith_core::pipeline::CandidateRow;
use smith_core::{Outcome, RunSummary};

/// Longest reason, in characters: the journal has it whole.
const REASON: usize = 160;

/// One line for each dataset: its modalities, how many proposals became verified tasks, why the others did not, and the
/// seconds of all of them together.
pub(super) fn table(summary: &RunSummary) -> Table {
    let mut table = super::table(&["dataset", "modality", "proposals", "verified", "why not", "s"]);
    for dataset in names(summary) {
        let rows = rows(summary, dataset);
        let verified = verified(&rows);
        let colour = if verified > 0 { Color::Green } else { Color::Red };
        table.add_row(vec![
            Cell::new(dataset),
            Cell::new(modalities(&rows)),
            Cell::new(rows.len()).set_alignment(CellAlignment::Right),
            Cell::new(verified).set_alignment(CellAlignment::Right).fg(colour),
            Cell::new(reasons(summary, dataset, &rows)),
            Cell::new(format!("{:.0}", seconds(summary, dataset, &rows))).set_alignment(CellAlignment::Right),
        ]);
    }
    table
}

/// How many datasets gave a task, and how long the task in the middle took.
pub(super) fn conclusion(summary: &RunSummary) -> String {
    let names = names(summary);
    let with_task = names.iter().filter(|name| verified(&rows(summary, name)) > 0).count();
    let mut times: Vec<f64> = summary
        .rows
        .iter()
        .filter(|row| row.outcome == Outcome::Accepted)
        .map(|row| row.spent.seconds)
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times
        .get(times.len() / 2)
        .map(|median| format!("; a verified task took {median:.0} s (median)"))
        .unwrap_or_default();
    format!("{with_task} of {} datasets gave a verified task{median}", summary.datasets)
}

/// The datasets that came to an answer, in order.
fn names(summary: &RunSummary) -> BTreeSet<&str> {
    let proposed = summary.proposing.iter().map(|row| row.dataset.as_str());
    let refused = summary.refused.iter().map(|(dataset, _)| dataset.as_str());
    proposed.chain(refused).chain(summary.rows.iter().map(|row| row.dataset.as_str())).collect()
}

fn rows<'a>(summary: &'a RunSummary, dataset: &str) -> Vec<&'a CandidateRow> {
    summary.rows.iter().filter(|row| row.dataset == dataset).collect()
}

fn verified(rows: &[&CandidateRow]) -> usize {
    rows.iter().filter(|row| row.outcome == Outcome::Accepted).count()
}

fn modalities(rows: &[&CandidateRow]) -> String {
    let words: BTreeSet<&str> = rows.iter().map(|row| row.modality.as_str()).collect();
    words.into_iter().collect::<Vec<_>>().join(", ")
}

fn reasons(summary: &RunSummary, dataset: &str, rows: &[&CandidateRow]) -> String {
    let refused = summary.refused.iter().filter(|(name, _)| name == dataset).map(|(_, reason)| short(reason));
    let failed = rows
        .iter()
        .filter(|row| !row.reason.is_empty())
        .map(|row| format!("{}: {}", row.index, short(&row.reason)));
    refused.chain(failed).collect::<Vec<_>>().join("; ")
}

fn short(reason: &str) -> String {
    let line = reason.lines().next().unwrap_or_default();
    match line.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(line)),
        None => line.to_owned(),
    }
}

fn seconds(summary: &RunSummary, dataset: &str, rows: &[&CandidateRow]) -> f64 {
    let proposing: f64 =
        summary.proposing.iter().filter(|row| row.dataset == dataset).map(|row| row.spent.seconds).sum();
    proposing + rows.iter().map(|row| row.spent.seconds).sum::<f64>()
}
