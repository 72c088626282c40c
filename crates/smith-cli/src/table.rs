//! Tables and colours: fitted to the terminal, plain elsewhere.

mod costs;
mod datasets;

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use smith_core::exec::Guarantee;
use smith_core::llm::Usage;
use smith_core::review::bench::{BenchReport, Figures, Share};
use smith_core::schema::calibration::SIGNAL_SIGMAS;
use smith_core::schema::figure::six_digits;
use smith_core::schema::{Calibration, Finding, SandboxRecord, Verdict};
use smith_core::{DoctorReport, Outcome, RunSummary};

/// Width of tables when no terminal tells one.
const PLAIN_WIDTH: u16 = 120;

/// Red text on a terminal.
pub(crate) fn red(text: &str) -> String {
    if std::io::stderr().is_terminal() { format!("\u{1b}[31m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Columns of the terminal, or [`PLAIN_WIDTH`].
pub(crate) fn width() -> u16 {
    if std::io::stdout().is_terminal() { Table::new().width().unwrap_or(PLAIN_WIDTH) } else { PLAIN_WIDTH }
}

/// An empty table with a header.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(PLAIN_WIDTH).force_no_tty();
    }
    table.set_header(header.iter().map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
    table
}

/// The summary of a run, candidate by candidate.
pub(crate) fn summary(summary: &RunSummary) -> String {
    let mut out = String::new();
    if !summary.rows.is_empty() {
        out.push_str(&format!("{}\n", candidates(summary)));
    }
    if summary.datasets > 1 {
        out.push_str(&format!("{}\n{}\n", datasets::table(summary), datasets::conclusion(summary)));
    }
    if summary.model_calls > 0 || summary.usage != Usage::default() {
        out.push_str(&format!("{}\n", costs::table(summary)));
    }
    for (dataset, reason) in &summary.refused {
        out.push_str(&format!("{dataset}: no candidates: {reason}\n"));
    }
    for fault in &summary.faults {
        out.push_str(&format!("fault: {fault}\n"));
    }
    let unpriced = match summary.unpriced_calls {
        0 => String::new(),
        n => format!(" and {n} calls of unknown price"),
    };
    out.push_str(&format!(
        "{} verified, {} rejected of {} candidates from {} datasets · {} model calls · ${:.4}{unpriced} · {:.0} s\n",
        summary.verified,
        summary.rejected,
        summary.candidates,
        summary.datasets,
        summary.model_calls,
        summary.cost_usd,
        summary.seconds
    ));
    out.push_str(&costs::per_task(summary));
    let over_budget = summary.rows.iter().filter(|row| row.outcome == Outcome::OverBudget).count();
    if over_budget > 0 {
        out.push_str(&format!(
            "{over_budget} candidates stopped at their budget: go on with a larger --budget-per-candidate or \
             --budget-per-dataset and --resume --out {}\n",
            summary.run.display()
        ));
    }
    if summary.replay_drift > 0 {
        out.push_str(&format!(
            "replay: in {} requests programs printed something else than in the recording (clocks, owners, versions)\n",
            summary.replay_drift
        ));
    }
    out.push_str(&weakness(summary.sandbox.as_ref()));
    out.push_str(&format!("run: {}\n", summary.run.display()));
    for task in summary.tasks.iter().filter(|task| task.verdict == Verdict::Accepted) {
        out.push_str(&format!("task: {}\n", task.path.display()));
    }
    out
}

/// A line when programs were confined less than usual, else nothing.
pub(crate) fn weakness(sandbox: Option<&SandboxRecord>) -> String {
    let Some(sandbox) = sandbox else { return String::new() };
    let missing: Vec<_> = Guarantee::ALL
        .iter()
        .map(|what| what.as_str())
        .filter(|what| !sandbox.guards.contains_key(*what))
        .collect();
    match (sandbox.tier.as_str(), missing.as_slice()) {
        (_, []) => String::new(),
        ("none", _) => "sandbox: none; programs could read your files and use your network\n".to_owned(),
        (tier, missing) => format!("sandbox: {tier}, without the guarantees {}\n", missing.join(", ")),
    }
}

fn candidates(summary: &RunSummary) -> String {
    let mut table = table(&["candidate", "task", "stage", "attempts", "verdict"]);
    for row in &summary.rows {
        let (word, colour) = match row.outcome {
            Outcome::Accepted => ("verified", Color::Green),
            Outcome::Rejected => ("rejected", Color::Red),
            Outcome::Fault => ("fault", Color::Yellow),
            Outcome::OverBudget => ("stopped", Color::Yellow),
            Outcome::Open => ("open", Color::Yellow),
        };
        let verdict = if row.reason.is_empty() { word.to_owned() } else { format!("{word}: {}", row.reason) };
        table.add_row(vec![
            Cell::new(format!("{}/{}", row.dataset, row.index)),
            Cell::new(&row.title),
            Cell::new(row.stage.map_or("", |stage| stage.as_str())),
            Cell::new(row.attempts),
            Cell::new(verdict).fg(colour),
        ]);
    }
    table.to_string()
}

/// What the machine gives, guarantee by guarantee and tier by tier.
pub(crate) fn doctor(report: &DoctorReport) -> String {
    let mut header = vec!["guarantee"];
    header.extend(report.tiers.iter().map(|tier| tier.tier.as_str()));
    let mut table = table(&header);
    for guarantee in Guarantee::ALL {
        let mut row = vec![Cell::new(guarantee.as_str())];
        row.extend(report.tiers.iter().map(|tier| match tier.guards.get(guarantee) {
            Some(by) => Cell::new(by).fg(Color::Green),
            None => Cell::new("-").fg(Color::Red),
        }));
        table.add_row(row);
    }
    let mut out = format!("{table}\n");
    for tier in report.tiers.iter().filter(|tier| !tier.holds) {
        out.push_str(&format!("{}: {}\n", tier.tier.as_str(), tier.problem));
        if !tier.remedy.is_empty() {
            out.push_str(&format!("  to have it: {}\n", tier.remedy));
        }
    }
    let cgroups = &report.cgroups;
    if cgroups.delegated {
        out.push_str("cgroups: one for each job\n");
    } else if !cgroups.problem.is_empty() {
        out.push_str(&format!("cgroups: none: {}\n  to have them: {}\n", cgroups.problem, cgroups.remedy));
    }
    let chosen = report.tier.map_or("none; nothing runs without --unsafe", |tier| tier.as_str());
    out.push_str(&format!("sandbox: {chosen}\n"));
    if let Some(python) = &report.python {
        let state = if python.ready { "ready" } else { "made on first use" };
        out.push_str(&format!(
            "python: {} at {} · environment {} {state}, by {}\n",
            python.version,
            python.interpreter.display(),
            python.env,
            python.installer
        ));
        let built =
            python.profiles.iter().filter(|profile| profile.ready).map(|profile| profile.name.as_str());
        let built = built.collect::<Vec<_>>().join(", ");
        out.push_str(&format!("profiles in the cache: {}\n", if built.is_empty() { "none" } else { &built }));
    }
    if let Some(bytes) = report.free_bytes {
        out.push_str(&format!("disk: {:.1} GB free for environments\n", bytes as f64 / 1e9));
    }
    for problem in &report.problems {
        out.push_str(&format!("problem: {problem}\n"));
    }
    out
}

/// What a reviewer saw, missed and invented, criterion by criterion.
pub(crate) fn review_bench(report: &BenchReport) -> String {
    let mut table = table(&[
        "criterion",
        "defects",
        "hits",
        "false alarms",
        "precision",
        "recall",
        "cannot tell",
        "agreement",
        "refused",
    ]);
    for figures in report.criteria.iter().chain([&report.all]) {
        table.add_row(bench_row(figures));
    }
    let share = |share: Share| format!("{} of {}", share.count, share.of);
    let spent = &report.spent;
    let unpriced = match spent.unpriced_calls {
        0 => String::new(),
        n => format!(" and {n} calls of unknown price"),
    };
    let mut out = format!(
        "{table}\ndefective tasks caught: {} · sound tasks failed: {} · kappa {}\n",
        share(report.caught),
        share(report.alarmed),
        figure(report.kappa)
    );
    for (case, fault) in &report.faults {
        out.push_str(&format!("fault: {case}: {fault}\n"));
    }
    out.push_str(&format!(
        "{} tasks reviewed · {} model calls · ${:.4}{unpriced} · {:.0} s\n",
        report.cases.len(),
        spent.model_calls,
        spent.cost_usd,
        report.seconds
    ));
    out
}

fn bench_row(figures: &Figures) -> Vec<Cell> {
    vec![
        Cell::new(figures.criterion.map_or("all", |criterion| criterion.as_str())),
        Cell::new(figures.defects),
        Cell::new(figures.hits),
        Cell::new(figures.false_alarms),
        Cell::new(figure(figures.precision)),
        Cell::new(figure(figures.recall)),
        Cell::new(figure(figures.cannot_tell_rate)),
        Cell::new(figure(figures.agreement)),
        Cell::new(figures.refused),
    ]
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

/// The rungs from guessing to the answers, with the reward that each earns, and what medals take.
pub(crate) fn ladder(calibration: &Calibration) -> String {
    let mut table = table(&["rung", "score", "reward"]);
    for rung in &calibration.rungs {
        let score = rung.score.map_or_else(|| "refused".to_owned(), six_digits);
        let reward = rung.normalised.map_or_else(|| "-".to_owned(), |reward| format!("{reward:.3}"));
        let cells = [score, reward].map(|text| Cell::new(text).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(&rung.name)).chain(cells));
    }
    let direction = if calibration.higher_is_better { "higher" } else { "lower" };
    let noise = six_digits(calibration.sigma);
    let medals = match &calibration.medals {
        Some(medals) => {
            let [bronze, silver, gold] = [medals.bronze, medals.silver, medals.gold].map(six_digits);
            format!("bronze {bronze}, silver {silver}, gold {gold}")
        }
        None => format!("no medals: no learner is better than guessing by {SIGNAL_SIGMAS} times the noise"),
    };
    format!("{table}\n{direction} scores are better · noise {noise} · {medals}")
}

/// Findings, errors first.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let mut table = table(&["rule", "severity", "place", "finding"]);
    for finding in findings {
        let (word, colour) =
            if finding.is_error() { ("error", Color::Red) } else { ("warning", Color::Yellow) };
        let text = if finding.evidence.is_empty() {
            finding.message.clone()
        } else {
            format!("{}\n{}", finding.message, finding.evidence)
        };
        table.add_row(vec![
            Cell::new(&finding.rule),
            Cell::new(word).fg(colour),
            Cell::new(&finding.path),
            Cell::new(text),
        ]);
    }
    table.to_string()
}
