//! From a spec such as `openai:gpt-4o` to a model that is ready to answer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::client::{DialectModel, Endpoint};
use crate::error::LlmError;
use crate::limits::RateLimits;
use crate::model::ChatModel;
use crate::money::{Budget, Metered, Prepaid, PriceTable};
use crate::recording::{DriftLog, Lenient, RecordTransport, RecordingHeader, RecordingInfo, ReplayTransport};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::spec::{ModelSpec, Provider};
use crate::transport::{Credential, HttpTransport, ReqwestTransport};
use crate::windows::ContextWindow;

/// How to connect. Start from `ConnectOptions::default()`.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Endpoint up to and with its version part, without the path of the call (`/chat/completions`, `/messages`);
    /// needed for `openai-compatible`, overrides the provider's own.
    pub base_url: Option<String>,
    /// Key; needed by every provider but `openai-compatible`. [`ModelSpec::key_variable`] says where it usually is.
    pub api_key: Option<Secret>,
    /// File to record the answers into, for `replay:FILE`. There must be none yet.
    pub record: Option<PathBuf>,
    /// Continue the recording that is there.
    pub record_append: bool,
    /// Record what endpoints refuse for good, too, and not only what they answer.
    pub record_refusals: bool,
    /// Prices; the bundled ones by default.
    pub prices: PriceTable,
    /// The account that pays; without a limit by default.
    pub budget: Budget,
    /// Time for one attempt, the whole answer included.
    pub timeout: Duration,
    /// Attempts and waits.
    pub retry: RetryPolicy,
    /// How much may be sent, by model. Connections share what they count when they are given clones of one value;
    /// no limits by default.
    pub limits: RateLimits,
    /// Who records or replays, and on what.
    pub recording_info: RecordingInfo,
    /// Replay only: what programs that ran on this machine wrote. Differences in it are noted instead of refused.
    pub lenient: Lenient,
    /// Tokens of the model's window; absent means those of the bundled table, or 128,000 for a model that is not listed.
    pub context_window: Option<u64>,
    /// What carries the requests of a live model; absent means HTTP by [`ReqwestTransport`].
    pub transport: Option<Arc<dyn HttpTransport>>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key: None,
            record: None,
            record_append: false,
            record_refusals: false,
            prices: PriceTable::bundled(),
            budget: Budget::default(),
            timeout: Duration::from_secs(600),
            retry: RetryPolicy::default(),
            limits: RateLimits::default(),
            recording_info: RecordingInfo::default(),
            lenient: Lenient::default(),
            context_window: None,
            transport: None,
        }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = self.transport.as_ref().map_or("default", |_| "the caller's");
        f.debug_struct("ConnectOptions")
            .field("base_url", &self.base_url)
            .field("api_key", &self.api_key)
            .field("record", &self.record)
            .field("budget", &self.budget)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("limits", &self.limits)
            .field("transport", &transport)
            .finish_non_exhaustive()
    }
}

/// A model that is ready to answer.
#[derive(Clone)]
pub struct Connection {
    /// The model.
    pub model: Arc<dyn ChatModel>,
    /// Its name, without the spec's prefix.
    pub name: String,
    /// Whether it answers over the network; false for a replay.
    pub live: bool,
    /// How much it can be sent.
    pub window: ContextWindow,
    /// Replay only: which differences were let pass.
    pub drift: Option<DriftLog>,
    meter: Option<Meter>,
}

/// What a model of a live connection is metered with.
#[derive(Clone)]
struct Meter {
    client: Arc<dyn ChatModel>,
    prices: PriceTable,
}

impl Connection {
    /// The model of this connection with another account that pays for it. A replay costs nothing, whoever asks.
    #[must_use]
    pub fn charged_to(&self, budget: &Budget) -> Arc<dyn ChatModel> {
        let Some(Meter { client, prices }) = &self.meter else { return Arc::clone(&self.model) };
        Arc::new(Metered::new(Arc::clone(client), self.name.as_str(), prices.clone(), budget.clone()))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.name)
            .field("live", &self.live)
            .field("window", &self.window.tokens)
            .field("drift", &self.drift)
            .finish_non_exhaustive()
    }
}

/// Makes the model of `spec` ready. Sends nothing yet.
///
/// # Errors
/// [`LlmError::Mistake`] if the spec needs a key, an endpoint or a price that is not given, or a recording that
/// cannot be read or written.
pub fn connect(spec: &ModelSpec, options: ConnectOptions) -> Result<Connection, LlmError> {
    match spec.provider() {
        Some((name, provider)) => live(spec, name, &provider, options),
        None => replay(spec, &options),
    }
}

fn live(
    spec: &ModelSpec,
    name: &str,
    provider: &Provider,
    options: ConnectOptions,
) -> Result<Connection, LlmError> {
    let endpoint = Endpoint {
        base_url: base_url(spec, provider, options.base_url.as_deref())?,
        credential: credential(spec, provider, options.api_key.as_ref())?,
        model: name.to_owned(),
        provider: *provider,
    };
    let transport = recorded(spec, &options, transport(&options)?)?;
    let limiter = options.limits.of(spec);
    let client = DialectModel::new(spec.dialect(), endpoint, transport, options.retry, limiter);
    let meter = Meter { client: Arc::new(client), prices: options.prices };
    let metered = Metered::new(Arc::clone(&meter.client), name, meter.prices.clone(), options.budget);
    metered.check_price()?;
    let window = ContextWindow::of(spec, options.context_window);
    let (model, name) = (Arc::new(metered), name.to_owned());
    Ok(Connection { model, name, live: true, window, drift: None, meter: Some(meter) })
}

fn replay(spec: &ModelSpec, options: &ConnectOptions) -> Result<Connection, LlmError> {
    let ModelSpec::Replay(path) = spec else {
        return Err(LlmError::Mistake(format!("{spec} is no recording")));
    };
    if options.record.is_some() {
        return Err(LlmError::Mistake(
            "a replay cannot be recorded: leave --record out, or name a live model".into(),
        ));
    }
    let transport = ReplayTransport::open(path, &options.recording_info.environment, &options.lenient)?;
    replayed(path, transport, options)
}

/// The model that answered when `transport` was recorded.
fn replayed(
    path: &Path,
    transport: ReplayTransport,
    options: &ConnectOptions,
) -> Result<Connection, LlmError> {
    let spec: ModelSpec = transport.spec().parse()?;
    let Some((name, provider)) = spec.provider() else {
        return Err(LlmError::Mistake(format!(
            "{}: a recording of {spec} cannot be replayed",
            path.display()
        )));
    };
    let endpoint = Endpoint {
        base_url: format!("replay:{}", path.display()),
        credential: None,
        model: name.to_owned(),
        provider,
    };
    let drift = transport.drift();
    let window = window_then(&spec, &transport, options);
    // Nobody's limits bind a replay.
    let limiter = RateLimits::default().of(&spec);
    let client = DialectModel::new(spec.dialect(), endpoint, Arc::new(transport), options.retry, limiter);
    Ok(Connection {
        model: Arc::new(Prepaid(client)),
        name: name.to_owned(),
        live: false,
        window,
        drift: Some(drift),
        meter: None,
    })
}

/// Name of the setting in which a recording keeps its window: what was sent depends on it.
const WINDOW_SETTING: &str = "context_window";

/// The window with which `transport` was recorded.
fn window_then(spec: &ModelSpec, transport: &ReplayTransport, options: &ConnectOptions) -> ContextWindow {
    let kept = transport.info().settings.get(WINDOW_SETTING).copied().map(u64::from);
    ContextWindow::of(spec, options.context_window.or(kept))
}

fn base_url(spec: &ModelSpec, provider: &Provider, given: Option<&str>) -> Result<String, LlmError> {
    let Some(url) = given.or(provider.url) else {
        return Err(LlmError::Mistake(format!(
            "{spec} needs the endpoint's address: give --base-url, such as http://localhost:8000/v1"
        )));
    };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(LlmError::Mistake(format!("the base URL {url:?} must begin with http:// or https://")));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn credential(
    spec: &ModelSpec,
    provider: &Provider,
    key: Option<&Secret>,
) -> Result<Option<Credential>, LlmError> {
    let key = key.filter(|key| !key.is_empty());
    if key.is_none() && provider.url.is_some() {
        return Err(LlmError::Mistake(format!(
            "{spec} needs a key: set {} in the environment or in a .env file",
            provider.key_variable
        )));
    }
    Ok(key.map(|key| Credential {
        header: provider.key_header.into(),
        prefix: provider.key_prefix.into(),
        secret: key.clone(),
    }))
}

/// What carries requests by these options.
pub(crate) fn transport(options: &ConnectOptions) -> Result<Arc<dyn HttpTransport>, LlmError> {
    if let Some(transport) = &options.transport {
        return Ok(Arc::clone(transport));
    }
    let transport = ReqwestTransport::new(options.timeout).map_err(|e| LlmError::Mistake(e.to_string()))?;
    Ok(Arc::new(transport))
}

/// `inner`, with its answers written down if the caller wants that.
fn recorded(
    spec: &ModelSpec,
    options: &ConnectOptions,
    inner: Arc<dyn HttpTransport>,
) -> Result<Arc<dyn HttpTransport>, LlmError> {
    let Some(path) = &options.record else { return Ok(inner) };
    let mut info = options.recording_info.clone();
    let window = ContextWindow::of(spec, options.context_window).tokens;
    info.settings.insert(WINDOW_SETTING.to_owned(), u32::try_from(window).unwrap_or(u32::MAX));
    let header = RecordingHeader { spec: spec.to_string(), info };
    let recorder = if options.record_append {
        RecordTransport::append(inner, path, &header)?
    } else {
        RecordTransport::create(inner, path, &header)?
    };
    Ok(Arc::new(recorder.with_refusals(options.record_refusals)))
}
