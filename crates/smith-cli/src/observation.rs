//! What is told of a run beside its results: diagnostics on stderr, and spans where the program was built for that.

use tokio::runtime::Handle;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::environment;

/// What has to be brought to an end.
pub(crate) struct Observation {
    #[cfg(feature = "otlp")]
    export: Option<crate::spans::Export>,
}

impl Observation {
    /// Begins what the environment asks for; exports run on `runtime`.
    pub(crate) fn begin(runtime: &Handle) -> Self {
        let log = environment::log_filter().map(|filter| {
            tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::new(filter))
        });
        let begun = Self::exporting(runtime);
        let spans = begun.layer();
        // Without an observer, spans and events cost next to nothing.
        if log.is_some() || spans.is_some() {
            tracing_subscriber::registry().with(spans).with(log).init();
        }
        begun
    }
}

#[cfg(feature = "otlp")]
impl Observation {
    fn exporting(runtime: &Handle) -> Self {
        let export = environment::exported_as().and_then(|service| {
            let started = crate::spans::Export::start(runtime.clone(), service);
            started.inspect_err(|why| eprintln!("warning: no spans are exported: {why}")).ok()
        });
        Self { export }
    }

    fn layer(&self) -> Option<impl Layer<tracing_subscriber::Registry> + use<>> {
        self.export.as_ref().map(crate::spans::Export::layer)
    }

    /// Sends what is left. A run does not fail because nobody could watch it.
    pub(crate) fn end(self) {
        if let Some(Err(why)) = self.export.map(crate::spans::Export::finish) {
            eprintln!("warning: not all spans were exported: {why}");
        }
    }
}

#[cfg(not(feature = "otlp"))]
impl Observation {
    fn exporting(_: &Handle) -> Self {
        Self {}
    }

    #[expect(clippy::unused_self, reason = "the same call as in a program that exports")]
    fn layer(&self) -> Option<tracing_subscriber::layer::Identity> {
        None
    }

    /// There is nothing to end.
    pub(crate) fn end(self) {}
}
