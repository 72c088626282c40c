//! From a spec such as `openai:gpt-4o` to a model that is ready to answer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{DialectModel, Endpoint};
use crate::dialect::openai_chat::OpenAiChat;
use crate::error::LlmError;
use crate::model::ChatModel;
use crate::money::{Budget, Metered, Prepaid, PriceTable};
use crate::recording::{DriftLog, Lenient, RecordTransport, RecordingHeader, RecordingInfo, ReplayTransport};
use crate::retry::RetryPolicy;
use crate::secret::Secret;
use crate::transport::{Credential, HttpTransport, ReqwestTransport};

const OPENAI_URL: &str = "https://api.openai.com/v1";
const FORMS: &str = "openai:NAME, openai-compatible:NAME (with --base-url) or replay:FILE";

/// Which model to talk to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ModelSpec {
    /// A model of OpenAI.
    OpenAi(String),
    /// A model behind any endpoint that speaks OpenAI's Chat Completions: vLLM, Ollama, llama.cpp, a gateway.
    OpenAiCompatible(String),
    /// The answers of a recording.
    Replay(PathBuf),
}

impl FromStr for ModelSpec {
    type Err = LlmError;

    fn from_str(text: &str) -> Result<Self, LlmError> {
        let unknown = || LlmError::Mistake(format!("unknown model {text:?}: give {FORMS}"));
        let (kind, rest) = text.split_once(':').ok_or_else(unknown)?;
        if rest.trim().is_empty() {
            return Err(LlmError::Mistake(format!(
                "model {text:?} lacks what follows the colon: give {FORMS}"
            )));
        }
        match kind {
            "openai" => Ok(Self::OpenAi(rest.to_owned())),
            "openai-compatible" => Ok(Self::OpenAiCompatible(rest.to_owned())),
            "replay" => Ok(Self::Replay(PathBuf::from(rest))),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenAi(name) => write!(f, "openai:{name}"),
            Self::OpenAiCompatible(name) => write!(f, "openai-compatible:{name}"),
            Self::Replay(path) => write!(f, "replay:{}", path.display()),
        }
    }
}

/// How to connect. Start from `ConnectOptions::default()`.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Endpoint up to and without `/chat/completions`; needed for `openai-compatible`, overrides OpenAI's own.
    pub base_url: Option<String>,
    /// Key; needed for `openai`.
    pub api_key: Option<Secret>,
    /// File to record the answers into, for `replay:FILE`. There must be none yet.
    pub record: Option<PathBuf>,
    /// Continue the recording that is there.
    pub record_append: bool,
    /// Prices; the bundled ones by default.
    pub prices: PriceTable,
    /// The account that pays; without a limit by default.
    pub budget: Budget,
    /// Time for one attempt, the whole answer included.
    pub timeout: Duration,
    /// Attempts and waits.
    pub retry: RetryPolicy,
    /// Who records or replays, and on what.
    pub recording_info: RecordingInfo,
    /// Replay only: what programs that ran on this machine wrote. Differences in it are noted instead of refused.
    pub lenient: Lenient,
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
            prices: PriceTable::bundled(),
            budget: Budget::default(),
            timeout: Duration::from_secs(600),
            retry: RetryPolicy::default(),
            recording_info: RecordingInfo::default(),
            lenient: Lenient::default(),
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
    /// Replay only: which differences were let pass.
    pub drift: Option<DriftLog>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.name)
            .field("live", &self.live)
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
    match spec {
        ModelSpec::Replay(path) => replay(path, &options),
        ModelSpec::OpenAi(name) | ModelSpec::OpenAiCompatible(name) => live(spec, name, options),
    }
}

fn live(spec: &ModelSpec, name: &str, options: ConnectOptions) -> Result<Connection, LlmError> {
    let (dialect, provider) = dialect_of(spec);
    let endpoint = Endpoint {
        base_url: base_url(spec, options.base_url.as_deref())?,
        credential: credential(spec, options.api_key.as_ref())?,
        model: name.to_owned(),
        provider,
    };
    let transport = recorded(spec, &options, transport(&options)?)?;
    let client = DialectModel::new(Box::new(dialect), endpoint, transport, options.retry);
    let metered = Metered::new(Arc::new(client), name, options.prices, options.budget);
    metered.check_price()?;
    Ok(Connection { model: Arc::new(metered), name: name.to_owned(), live: true, drift: None })
}

fn replay(path: &Path, options: &ConnectOptions) -> Result<Connection, LlmError> {
    if options.record.is_some() {
        return Err(LlmError::Mistake(
            "a replay cannot be recorded: leave --record out, or name a live model".into(),
        ));
    }
    let transport = ReplayTransport::open(path, &options.recording_info.environment, &options.lenient)?;
    let spec: ModelSpec = transport.spec().parse()?;
    let (ModelSpec::OpenAi(name) | ModelSpec::OpenAiCompatible(name)) = &spec else {
        return Err(LlmError::Mistake(format!(
            "{}: a recording of {spec} cannot be replayed",
            path.display()
        )));
    };
    let (dialect, provider) = dialect_of(&spec);
    let endpoint = Endpoint {
        base_url: format!("replay:{}", path.display()),
        credential: None,
        model: name.clone(),
        provider,
    };
    let drift = transport.drift();
    let client = DialectModel::new(Box::new(dialect), endpoint, Arc::new(transport), options.retry);
    Ok(Connection { model: Arc::new(Prepaid(client)), name: name.clone(), live: false, drift: Some(drift) })
}

/// The wire format of a spec and the provider's name in traces.
fn dialect_of(spec: &ModelSpec) -> (OpenAiChat, &'static str) {
    match spec {
        // OpenAI's newer models refuse `max_tokens`; most other servers know nothing else.
        ModelSpec::OpenAi(_) => (OpenAiChat { token_limit_field: "max_completion_tokens" }, "openai"),
        _ => (OpenAiChat { token_limit_field: "max_tokens" }, "openai-compatible"),
    }
}

fn base_url(spec: &ModelSpec, given: Option<&str>) -> Result<String, LlmError> {
    let url = match (given, spec) {
        (Some(url), _) => url,
        (None, ModelSpec::OpenAi(_)) => OPENAI_URL,
        (None, _) => {
            return Err(LlmError::Mistake(format!(
                "{spec} needs the endpoint's address: give --base-url, such as http://localhost:8000/v1"
            )));
        }
    };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(LlmError::Mistake(format!("the base URL {url:?} must begin with http:// or https://")));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn credential(spec: &ModelSpec, key: Option<&Secret>) -> Result<Option<Credential>, LlmError> {
    let key = key.filter(|key| !key.is_empty());
    if key.is_none() && matches!(spec, ModelSpec::OpenAi(_)) {
        return Err(LlmError::Mistake(format!(
            "{spec} needs a key: set OPENAI_API_KEY in the environment or in a .env file"
        )));
    }
    Ok(key.map(|key| Credential {
        header: "authorization".into(),
        prefix: "Bearer ".into(),
        secret: key.clone(),
    }))
}

fn transport(options: &ConnectOptions) -> Result<Arc<dyn HttpTransport>, LlmError> {
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
    let header = RecordingHeader { spec: spec.to_string(), info: options.recording_info.clone() };
    let recorder = if options.record_append {
        RecordTransport::append(inner, path, &header)?
    } else {
        RecordTransport::create(inner, path, &header)?
    };
    Ok(Arc::new(recorder))
}
