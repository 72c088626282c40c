//! Live bars of a run: one for the whole, a line for each candidate that is being worked on.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use smith_core::Observer;
use smith_core::schema::{CandidateId, Event, Stage, Verdict};

/// Units of work that a candidate is expected to need: design, refactor, review, validate.
const UNITS: u64 = 4;

/// Draws bars on a terminal; elsewhere says one line for each decision.
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
    calls: u64,
    cost_micro_usd: u64,
    done: u64,
    candidates: u64,
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
    fn seen(&self, candidate: &CandidateId, event: &Event) {
        match &self.bars {
            Some(bars) => bars.seen(candidate, event),
            None => say(candidate, event),
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
        Event::Faulted { message } => eprintln!("{candidate}: fault: {message}"),
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

    fn seen(&self, candidate: &CandidateId, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Proposed { report, .. } => {
                state.candidates += report.proposals.len() as u64;
                self.total.inc_length(UNITS * report.proposals.len() as u64);
                self.leave(&mut state, candidate);
            }
            Event::StageStarted { stage, attempt, .. } => self.begin(&mut state, candidate, *stage, *attempt),
            Event::ModelCallStarted { key, .. } => state.on(candidate, |row| row.step = key.step, "thinking"),
            Event::ModelCallFinished(call) => {
                state.calls += 1;
                state.cost_micro_usd += call.cost_micro_usd.unwrap_or(0);
                let cost = call.cost_micro_usd.unwrap_or(0);
                state.on(candidate, |row| row.cost_micro_usd += cost, "");
            }
            Event::ToolCallStarted { name, .. } => state.on(candidate, |_| {}, name),
            Event::StageFinished { .. } => state.on(candidate, |_| {}, "assertions"),
            Event::Asserted { findings, .. } if findings.iter().all(|f| !f.is_error()) => self.total.inc(1),
            Event::Reviewed { .. } | Event::Validated { .. } => self.total.inc(1),
            Event::DefectsRouted { .. } => self.total.inc_length(UNITS),
            Event::CandidateClosed { .. } | Event::Faulted { .. } => {
                state.done += 1;
                self.leave(&mut state, candidate);
            }
            _ => {}
        }
        self.total.set_message(format!(
            "{}/{} candidates · {} model calls · {}",
            state.done,
            state.candidates,
            state.calls,
            dollars(state.cost_micro_usd)
        ));
    }

    fn begin(&self, state: &mut State, candidate: &CandidateId, stage: Stage, attempt: u32) {
        let row = state.rows.entry(candidate.clone()).or_insert_with(|| {
            let bar = self.multi.insert_before(&self.total, ProgressBar::new_spinner());
            style(&bar, "{spinner} {msg}");
            bar.enable_steady_tick(Duration::from_millis(150));
            Row { bar, stage, attempt, step: 0, cost_micro_usd: 0 }
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
