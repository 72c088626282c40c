//! The one place where requests leave the process, behind a trait of one method.

mod reqwest;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

pub use self::reqwest::ReqwestTransport;
use crate::secret::Secret;

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    /// Method in capitals, `POST`.
    pub method: String,
    /// Endpoint without a slash at its end, `http://localhost:8000/v1`.
    pub base_url: String,
    /// Rest of the URL with its leading slash, `/chat/completions`.
    pub path: String,
    /// Headers that are no secret.
    pub headers: Vec<(String, String)>,
    /// The key, kept apart from the other headers so that no print or recording can hold it.
    pub credential: Option<Credential>,
    /// Body: the text of a JSON object, as every chat endpoint expects.
    pub body: String,
    /// Name of the conversation, for recordings alone; never sent.
    pub label: Option<String>,
}

impl HttpRequest {
    /// Where the request goes.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}{}", self.base_url, self.path)
    }

    /// The body as JSON, for transports that look into it; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// `text` with the key masked.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.credential.as_ref().map_or_else(|| text.to_owned(), |credential| credential.secret.redact(text))
    }
}

/// A header that authenticates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Name of the header, `authorization`.
    pub header: String,
    /// What comes before the key in its value, `Bearer ` or nothing.
    pub prefix: String,
    /// The key.
    pub secret: Secret,
}

/// An answer of any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// HTTP status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body as it came.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Value of a header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// No answer at all. An answer with an error status is an [`HttpResponse`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The endpoint was not reached.
    #[error("no connection: {0}")]
    Connect(String),
    /// The answer did not come in time.
    #[error("timed out: {0}")]
    Timeout(String),
    /// The connection broke, or the answer ended in the middle.
    #[error("the connection failed: {0}")]
    Network(String),
    /// The request itself is not possible, such as a URL that is none.
    #[error("{0}")]
    InvalidRequest(String),
    /// The answer came but could not be written to the recording.
    #[error("{0}")]
    Recording(String),
    /// A replay holds no answer to this request.
    #[error("{0}")]
    Drift(String),
}

/// Carries one request to its answer.
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends `request` once and reads the whole answer. No retries here.
    ///
    /// # Errors
    /// [`TransportError`] if there is no complete answer.
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

#[async_trait]
impl<T: HttpTransport + ?Sized> HttpTransport for Arc<T> {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        (**self).execute(request).await
    }
}
