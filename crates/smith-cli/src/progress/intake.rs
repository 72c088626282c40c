//! The bar of a profile: bytes, what is done now, and the time that is left.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::ProgressBar;
use smith_core::data::ProfileObserver;

use super::style;

/// Draws on a terminal, on stderr; elsewhere it says nothing.
pub(crate) struct IntakeProgress {
    bar: Option<ProgressBar>,
}

impl IntakeProgress {
    /// A bar that shows when something is known.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            style(&bar, "{spinner} {msg}");
            bar.set_message("listing files");
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar }
    }

    /// Takes the bar away, so that what is printed next stands alone.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl ProfileObserver for IntakeProgress {
    fn total(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(bytes);
            style(
                bar,
                "{bar:24} {decimal_bytes} of {decimal_total_bytes} · {msg} · {elapsed} · about {eta} left",
            );
        }
    }

    fn read(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    fn phase(&self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
        }
    }
}
