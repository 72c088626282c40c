//! Live bars of a run: one for the whole, a line for each candidate that is being worked on.

mod intake;
mod tally;

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use smith_core::Observer;
use smith_core::pipeline::Seen;
use smith_core::schema::{CandidateId, Event, Stage, Verdict};

pub(crate) use intake::IntakeProgress;
use tally::Tally;

/// Draws bars on a terminal; elsewhere says one line for each decision of this process.
pub(crate) struct RunProgress {
    bars: Option<Bars>,
}

struct Bars {
    multi: MultiProgress,
    total: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rows: HashMap<CandidateId, Row>,
    tally: Tally,
}

struct Row {
    bar: ProgressBar,
    stage: Stage,
    attempt: u32,
    step: u32,
    cost_micro_usd: u64,
}

impl RunProgress {
    /// Bars if stderr is a terminal and the caller wants them.
    pub(crate) fn new(quiet: bool) -> Self {
        let draw = !quiet && std::io::stderr().is_terminal();
        Self { bars: draw.then(Bars::new) }
    }

    /// Takes the bars away, so that what is printed next stands alone.
    pub(crate) fn finish(&self) {
        if let Some(bars) = &self.bars {
            bars.total.finish_and_clear();
            // Clearing can only fail with the terminal itself.
            let _ = bars.multi.clear();
        }
    }
}

impl Observer for RunProgress {
    fn seen(&self, seen: Seen<'_>) {
        match &self.bars {
            Some(bars) => bars.seen(seen),
            None if seen.earlier => {}
            None => say(seen.candidate, seen.event),
        }
    }
}

/// The plain form: decisions and faults only.
fn say(candidate: &CandidateId, event: &Event) {
    match event {
        Event::Proposed { dataset, report } => eprintln!("{dataset}: {} proposals", report.proposals.len()),
        Event::DatasetRefused { dataset, reason } => eprintln!("{dataset}: refused: {reason}"),
        Event::DefectsRouted { to, defects, .. } => {
            eprintln!("{candidate}: {} defects go back to {to}", defects.len());
        }
        // Faults of a whole dataset name it themselves.
        Event::Faulted { message } if candidate.dataset.is_empty() => eprintln!("fault: {message}"),
        Event::Faulted { message } => eprintln!("{candidate}: fault: {message}"),
        Event::BudgetSpent { reason, .. } => eprintln!("{candidate}: stopped: {reason}"),
        Event::CandidateClosed { verdict: Verdict::Accepted, package, .. } => {
            eprintln!("{candidate}: verified: {package}");
        }
        Event::CandidateClosed { reason, .. } => eprintln!("{candidate}: rejected: {reason}"),
        _ => {}
    }
}

impl Bars {
    fn new() -> Self {
        let multi = MultiProgress::new();
        let total = multi.add(ProgressBar::new(0));
        style(&total, "{bar:24} {msg} · {elapsed} · about {eta} left");
        total.enable_steady_tick(Duration::from_millis(250));
        total.set_message("reading");
        Self { multi, total, state: Mutex::default() }
    }

    fn seen(&self, seen: Seen<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tally.take(seen.candidate, seen.event, seen.earlier);
        if !seen.earlier {
            self.draw(&mut state, seen.candidate, seen.event);
        }
        let tally = &state.tally;
        self.total.set_length(tally.units());
        self.total.set_position(tally.finished);
        if seen.earlier {
            // What took no time now says nothing about the time that is left.
            self.total.reset_eta();
        }
        self.total.set_message(format!(
            "{}/{} candidates · {} model calls · {}",
            tally.done,
            tally.candidates,
            tally.calls,
            dollars(tally.cost_micro_usd)
        ));
    }

    /// The line of whatever is being worked on.
    fn draw(&self, state: &mut State, candidate: &CandidateId, event: &Event) {
        match event {
            Event::StageStarted { stage, attempt, .. } => self.begin(state, candidate, *stage, *attempt),
            Event::ModelCallStarted { key, .. } => state.on(candidate, |row| row.step = key.step, "thinking"),
            Event::ModelCallFinished(_) => {
                let cost = state.tally.cost_of(candidate);
                state.on(candidate, |row| row.cost_micro_usd = cost, "");
            }
            Event::ToolCallStarted { name, .. } => state.on(candidate, |_| {}, name),
            Event::StageFinished { .. } => state.on(candidate, |_| {}, "assertions"),
            Event::Proposed { .. }
            | Event::DatasetRefused { .. }
            | Event::CandidateClosed { .. }
            | Event::BudgetSpent { .. }
            | Event::Faulted { .. } => self.leave(state, candidate),
            _ => {}
        }
    }

    fn begin(&self, state: &mut State, candidate: &CandidateId, stage: Stage, attempt: u32) {
        let cost_micro_usd = state.tally.cost_of(candidate);
        let row = state.rows.entry(candidate.clone()).or_insert_with(|| {
            let bar = self.multi.insert_before(&self.total, ProgressBar::new_spinner());
            style(&bar, "{spinner} {msg}");
            bar.enable_steady_tick(Duration::from_millis(150));
            Row { bar, stage, attempt, step: 0, cost_micro_usd }
        });
        (row.stage, row.attempt, row.step) = (stage, attempt, 0);
        row.show(candidate, "");
    }

    fn leave(&self, state: &mut State, candidate: &CandidateId) {
        if let Some(row) = state.rows.remove(candidate) {
            row.bar.finish_and_clear();
            self.multi.remove(&row.bar);
        }
    }
}

impl State {
    fn on(&mut self, candidate: &CandidateId, change: impl FnOnce(&mut Row), doing: &str) {
        if let Some(row) = self.rows.get_mut(candidate) {
            change(row);
            row.show(candidate, doing);
        }
    }
}

impl Row {
    fn show(&self, candidate: &CandidateId, doing: &str) {
        let name = if candidate.index == 0 { candidate.dataset.clone() } else { candidate.to_string() };
        self.bar.set_message(format!(
            "{name:<24} {:<10} attempt {} step {:>2} {} {doing}",
            self.stage,
            self.attempt,
            self.step,
            dollars(self.cost_micro_usd)
        ));
    }
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

fn dollars(micro: u64) -> String {
    format!("${:.4}", micro as f64 / 1e6)
}
