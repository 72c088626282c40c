//! Signals that end the program in order.

use smith_core::SmithError;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for a signal that asks the program to end. Those that the command minds itself are left to it.
pub(crate) async fn asked(minds_end: bool, minds_interrupt: bool) -> SmithError {
    let stopped = |name: &str| SmithError::Fault(format!("stopped by {name}; what was finished is kept"));
    let listen = |kind: SignalKind, minded: bool| if minded { None } else { signal(kind).ok() };
    let mut interrupt = listen(SignalKind::interrupt(), minds_interrupt);
    let mut terminate = listen(SignalKind::terminate(), minds_end);
    let mut hangup = listen(SignalKind::hangup(), minds_end);
    tokio::select! {
        () = heard(&mut interrupt) => stopped("SIGINT"),
        () = heard(&mut terminate) => stopped("SIGTERM"),
        () = heard(&mut hangup) => stopped("SIGHUP"),
    }
}

/// Never returns when there is nothing to listen to.
async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}
