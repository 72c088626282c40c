//! A model behind an endpoint: dialect, transport, limits and retries put together.

mod failure;
mod said;
mod wait;

pub use failure::shown_url;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use tracing::{Instrument, Span, field};

use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::dialect::{Dialect, reports_error};
use crate::error::LlmError;
use crate::limits::{Expected, Limiter, Slot};
use crate::model::ChatModel;
use crate::retry::{self, Failure, Retry, RetryPolicy};
use crate::spec::Provider;
use crate::transport::{Credential, HttpRequest, HttpResponse, HttpTransport};

/// Whether an answer says that the conversation does not fit into the model's window.
pub(crate) fn is_context_length(body: &Value) -> bool {
    reports_error(body) && said::ErrorBody::read(body).is_context_length()
}

/// Different warnings that are traced; the answers hold them all.
const MOST_TRACED: usize = 64;

/// Whom the requests go to.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) credential: Option<Credential>,
    /// Name of the model on the wire.
    pub(crate) model: String,
    pub(crate) provider: Provider,
}

impl Endpoint {
    /// `text` with the key masked.
    fn redact(&self, text: &str) -> String {
        self.credential.as_ref().map_or_else(|| text.to_owned(), |credential| credential.secret.redact(text))
    }
}

/// Answers by sending requests of one dialect over a transport.
pub(crate) struct DialectModel {
    dialect: Box<dyn Dialect>,
    endpoint: Endpoint,
    transport: Arc<dyn HttpTransport>,
    policy: RetryPolicy,
    limiter: Arc<Limiter>,
    /// Warnings that were traced already: an agent's requests repeat them.
    traced: Mutex<BTreeSet<String>>,
}

impl DialectModel {
    pub(crate) fn new(
        dialect: Box<dyn Dialect>,
        endpoint: Endpoint,
        transport: Arc<dyn HttpTransport>,
        policy: RetryPolicy,
        limiter: Arc<Limiter>,
    ) -> Self {
        Self { dialect, endpoint, transport, policy, limiter, traced: Mutex::default() }
    }

    async fn answer(&self, request: &ChatRequest, most: Option<u32>) -> Result<ChatResponse, LlmError> {
        let (http, warnings) = self.encode(request, most)?;
        let mut encoded = Some(http);
        let expected = self.limiter.expected(request);
        // Waiting for the first permission is not part of the time that the policy allows.
        let mut first = Some(self.limiter.admit(expected).await);
        let wasted = Mutex::default();
        let answer = retry::run(&self.policy, || {
            // Kept for another attempt, the body would be the greater part of what a waiting agent holds.
            let http = encoded.take().map_or_else(|| self.encode(request, most).map(|(http, _)| http), Ok);
            let attempt = self.attempt(request, http, first.take(), expected);
            async { attempt.await.map_err(|failure| apart(failure, &wasted)) }
        });
        let answer = answer.await;
        let wasted = wasted.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut answer =
            answer.map_err(|error| error.map_text(|text| self.endpoint.redact(text)).charged(wasted))?;
        // Also what earlier attempts used is paid for.
        answer.usage = answer.usage + wasted;
        answer.warnings = self.warn(warnings, &answer.warnings);
        Ok(answer)
    }

    /// The request on the wire, and what of it cannot be sent.
    fn encode(
        &self,
        request: &ChatRequest,
        most: Option<u32>,
    ) -> Result<(HttpRequest, Vec<String>), LlmError> {
        let encoded = self.dialect.encode(&self.endpoint.model, request, most)?;
        let headers = self.dialect.headers().iter();
        let http = HttpRequest {
            method: "POST".into(),
            base_url: self.endpoint.base_url.clone(),
            path: self.dialect.path(&self.endpoint.model),
            headers: headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            credential: self.endpoint.credential.clone(),
            body: encoded.body,
            label: request.label.clone(),
        };
        Ok((http, encoded.warnings))
    }

    async fn attempt(
        &self,
        request: &ChatRequest,
        http: Result<HttpRequest, LlmError>,
        slot: Option<Slot>,
        expected: Expected,
    ) -> Result<ChatResponse, Failure> {
        let http = http.map_err(Failure::last)?;
        let slot = match slot {
            Some(slot) => slot,
            None => self.limiter.admit(expected).await,
        };
        let response = self.exchange(http).await?;
        let read = self.read(request, &response);
        match &read {
            Ok(answer) => slot.answered(&answer.usage),
            Err(Failure { error: LlmError::Charged(charged), .. }) => slot.answered(&charged.usage),
            Err(failure) => self.refused(slot, response.status, failure),
        }
        read
    }

    /// Sends a request. An endpoint may repeat the key, and errors are traced, answers written into journals: it is
    /// masked in both.
    async fn exchange(&self, http: HttpRequest) -> Result<HttpResponse, Failure> {
        let secret = http.credential.as_ref().map(|credential| credential.secret.clone()).unwrap_or_default();
        match self.transport.execute(http).await {
            Ok(response) => Ok(HttpResponse { body: secret.redact_body(response.body), ..response }),
            Err(error) => {
                let Failure { error, retry } = failure::of_transport(&self.endpoint, error);
                Err(Failure { error: error.map_text(|text| secret.redact(text)), retry })
            }
        }
    }

    /// Tells the limiter that an endpoint did not do the work, and until when it will not.
    fn refused(&self, slot: Slot, status: u16, failure: &Failure) {
        if (200..300).contains(&status) {
            return;
        }
        slot.refused();
        if let (429, Retry::After(Some(wait))) = (status, failure.retry)
            && wait <= self.policy.total_deadline
        {
            self.limiter.hold(wait);
        }
    }

    fn read(&self, request: &ChatRequest, response: &HttpResponse) -> Result<ChatResponse, Failure> {
        if !(200..300).contains(&response.status) {
            return Err(failure::of_status(&self.endpoint, response));
        }
        let body: Value = serde_json::from_slice(&response.body)
            .map_err(|e| failure::of_body(&self.endpoint, response, &format!("it is not JSON ({e})")))?;
        self.understand(request, response, &body).map_err(|Failure { error, retry }| {
            // A refusal and an answer that cannot be read are paid for like any other.
            Failure { error: error.charged(self.dialect.usage(&body)), retry }
        })
    }

    fn understand(
        &self,
        request: &ChatRequest,
        response: &HttpResponse,
        body: &Value,
    ) -> Result<ChatResponse, Failure> {
        if let Some(failure) = failure::of_error_in_success(&self.endpoint, response, body) {
            return Err(failure);
        }
        let earlier_calls = request.messages.iter().map(|message| message.tool_calls().count()).sum();
        self.dialect
            .decode(body, earlier_calls)
            .map_err(|error| failure::of_decoding(&self.endpoint, response, error))
    }

    /// All warnings of a call. Each is traced once for this model. Those of the answer hold a provider's words.
    fn warn(&self, mut warnings: Vec<String>, of_the_answer: &[String]) -> Vec<String> {
        warnings.extend(of_the_answer.iter().map(|words| said::excerpt(words)));
        let mut traced = self.traced.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in &warnings {
            if traced.len() < MOST_TRACED && traced.insert(warning.clone()) {
                tracing::warn!(model = self.endpoint.model, "{warning}");
            }
        }
        warnings
    }

    /// A span of the GenAI semantic conventions; it never holds content.
    fn span(&self, request: &ChatRequest, most: Option<u32>) -> Span {
        tracing::info_span!(
            "chat",
            // What a span is called and which kind it is of, for exporters; `tracing` itself has static names alone.
            otel.name = %format_args!("chat {}", self.endpoint.model),
            otel.kind = "client",
            otel.status_code = field::Empty,
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = self.endpoint.provider.name,
            gen_ai.request.model = self.endpoint.model,
            gen_ai.request.temperature = request.temperature,
            gen_ai.request.max_tokens = most.map(i64::from),
            gen_ai.response.model = field::Empty,
            gen_ai.usage.input_tokens = field::Empty,
            gen_ai.usage.cache_read.input_tokens = field::Empty,
            gen_ai.usage.output_tokens = field::Empty,
            error.r#type = field::Empty,
        )
    }
}

/// A failure without its charge, which is added to what the attempts of a call used.
fn apart(failure: Failure, wasted: &Mutex<Usage>) -> Failure {
    let LlmError::Charged(charged) = failure.error else { return failure };
    let mut wasted = wasted.lock().unwrap_or_else(PoisonError::into_inner);
    *wasted = *wasted + charged.usage;
    Failure { error: charged.error, retry: failure.retry }
}

/// The conventions know signed integers; exporters make text of others.
fn signed(tokens: u64) -> i64 {
    i64::try_from(tokens).unwrap_or(i64::MAX)
}

impl DialectModel {
    /// Asks, with `most` as the bound of the answer's tokens, within a span.
    async fn ask(&self, request: &ChatRequest, most: Option<u32>) -> Result<ChatResponse, LlmError> {
        let span = self.span(request, most);
        let answer = self.answer(request, most).instrument(span.clone()).await;
        match &answer {
            Ok(response) => {
                span.record("gen_ai.response.model", response.model.as_str());
                let Usage { input_tokens, cached_tokens, output_tokens, .. } = response.usage;
                span.record("gen_ai.usage.input_tokens", signed(input_tokens));
                span.record("gen_ai.usage.cache_read.input_tokens", signed(cached_tokens));
                span.record("gen_ai.usage.output_tokens", signed(output_tokens));
            }
            Err(error) => {
                span.record("error.type", error.kind());
                span.record("otel.status_code", "ERROR");
            }
        }
        answer
    }
}

#[async_trait]
impl ChatModel for DialectModel {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        self.ask(request, request.max_output_tokens).await
    }

    async fn complete_within(
        &self,
        request: &ChatRequest,
        most_output_tokens: u32,
    ) -> Result<ChatResponse, LlmError> {
        self.ask(request, request.max_output_tokens.or(Some(most_output_tokens))).await
    }
}
