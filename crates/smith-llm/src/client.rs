//! A model behind an endpoint: dialect, transport and retries put together.

mod failure;

pub use failure::shown_url;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tracing::{Instrument, Span, field};

use crate::chat::{ChatRequest, ChatResponse};
use crate::dialect::Dialect;
use crate::error::LlmError;
use crate::model::ChatModel;
use crate::retry::{self, Failure, RetryPolicy};
use crate::transport::{Credential, HttpRequest, HttpResponse, HttpTransport};

/// Whom the requests go to.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) credential: Option<Credential>,
    /// Name of the model on the wire.
    pub(crate) model: String,
    /// Name of the provider in traces.
    pub(crate) provider: &'static str,
}

/// Answers by sending requests of one dialect over a transport.
pub(crate) struct DialectModel {
    dialect: Box<dyn Dialect>,
    endpoint: Endpoint,
    transport: Arc<dyn HttpTransport>,
    policy: RetryPolicy,
}

impl DialectModel {
    pub(crate) fn new(
        dialect: Box<dyn Dialect>,
        endpoint: Endpoint,
        transport: Arc<dyn HttpTransport>,
        policy: RetryPolicy,
    ) -> Self {
        Self { dialect, endpoint, transport, policy }
    }

    async fn answer(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let http = HttpRequest {
            method: "POST".into(),
            base_url: self.endpoint.base_url.clone(),
            path: self.dialect.path().into(),
            headers: Vec::new(),
            credential: self.endpoint.credential.clone(),
            body: self.dialect.encode(&self.endpoint.model, request)?,
            label: request.label.clone(),
        };
        let answer = retry::run(&self.policy, || self.attempt(request, http.clone())).await;
        answer.map_err(|error| error.map_text(|text| http.redact(text)))
    }

    async fn attempt(&self, request: &ChatRequest, http: HttpRequest) -> Result<ChatResponse, Failure> {
        let response =
            self.transport.execute(http).await.map_err(|e| failure::of_transport(&self.endpoint, e))?;
        self.read(request, &response)
    }

    fn read(&self, request: &ChatRequest, response: &HttpResponse) -> Result<ChatResponse, Failure> {
        if !(200..300).contains(&response.status) {
            return Err(failure::of_status(&self.endpoint, response));
        }
        let body: Value = serde_json::from_slice(&response.body)
            .map_err(|e| failure::of_body(&self.endpoint, response, &format!("it is not JSON ({e})")))?;
        if let Some(failure) = failure::of_error_in_success(&self.endpoint, response, &body) {
            return Err(failure);
        }
        let earlier_calls = request.messages.iter().map(|message| message.tool_calls().count()).sum();
        self.dialect
            .decode(&body, earlier_calls)
            .map_err(|error| failure::of_decoding(&self.endpoint, response, error))
    }

    /// A span of the GenAI semantic conventions; it never holds content.
    fn span(&self, request: &ChatRequest) -> Span {
        tracing::info_span!(
            "chat",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = self.endpoint.provider,
            gen_ai.request.model = self.endpoint.model,
            gen_ai.request.temperature = request.temperature,
            gen_ai.request.max_tokens = request.max_output_tokens,
            gen_ai.response.model = field::Empty,
            gen_ai.usage.input_tokens = field::Empty,
            gen_ai.usage.output_tokens = field::Empty,
            error.r#type = field::Empty,
        )
    }
}

#[async_trait]
impl ChatModel for DialectModel {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let span = self.span(request);
        let answer = self.answer(request).instrument(span.clone()).await;
        match &answer {
            Ok(response) => {
                span.record("gen_ai.response.model", response.model.as_str());
                span.record("gen_ai.usage.input_tokens", response.usage.input_tokens);
                span.record("gen_ai.usage.output_tokens", response.usage.output_tokens);
            }
            Err(error) => {
                span.record("error.type", error.kind());
            }
        }
        answer
    }
}
