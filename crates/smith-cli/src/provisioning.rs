//! Progress of making the Python environment, which takes a minute once.

use std::io::IsTerminal;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use smith_core::exec::ProvisionProgress;

/// A bar on a terminal, one line elsewhere, nothing when the environment is in the cache.
#[derive(Default)]
pub(crate) struct ProvisionBar {
    bar: Mutex<Option<ProgressBar>>,
}

impl ProvisionProgress for ProvisionBar {
    fn step(&self, done: u64, total: u64, what: &str) {
        let Ok(mut slot) = self.bar.lock() else { return };
        let bar = slot.get_or_insert_with(|| bar(total));
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(what.to_owned());
        if done >= total {
            bar.finish_and_clear();
            *slot = None;
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        eprintln!("making the Python environment (once; later runs take it from the cache)");
        return ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(total);
    let template = "Python environment {bar:30} {pos}/{len} {elapsed} {wide_msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}
