//! Export of spans over OpenTelemetry's protocol (OTLP), as JSON over HTTP. Where they go and how long that may take say
//! the standard `OTEL_*` variables, which the exporter reads itself.
//!
//! Requests leave through the HTTP site of the models: one TLS stack, no second client, no global provider.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use smith_core::llm::{HttpRequest, HttpTransport, ReqwestTransport};
use tokio::runtime::Handle;
use tracing::Metadata;
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::{Layer, Registry};

/// The longest that one request may take whatever the exporter's own timeout is.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);
/// How long the end of the program may wait for the last spans.
const LAST_SPANS: Duration = Duration::from_secs(10);

/// An export on its way.
pub(crate) struct Export {
    provider: SdkTracerProvider,
    failure: Arc<Mutex<Option<String>>>,
}

impl Export {
    /// An export whose requests run on `runtime`, under the name of this service.
    ///
    /// # Errors
    /// Why nothing can be exported, such as an address that is none.
    pub(crate) fn start(runtime: Handle, service: String) -> Result<Self, String> {
        let failure = Arc::<Mutex<Option<String>>>::default();
        let transport = ReqwestTransport::new(LONGEST_REQUEST).map_err(|error| error.to_string())?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { transport, runtime, failure: failure.clone() })
            .with_protocol(Protocol::HttpJson)
            .build()
            .map_err(|error| error.to_string())?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(service).with_attribute(version).build();
        let provider =
            SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
        Ok(Self { provider, failure })
    }

    /// What hands this program's own spans on. Events are left out: their messages may quote what a model or a program
    /// said, and spans hold no content.
    pub(crate) fn layer(&self) -> impl Layer<Registry> + use<> {
        let ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target().starts_with("smith_");
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("smith"))
            // Neither threads nor files of the build: they say nothing about a run.
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(FilterFn::new(ours).with_max_level_hint(LevelFilter::INFO))
    }

    /// Sends what is left, on a runtime that still runs.
    ///
    /// # Errors
    /// Why spans were lost.
    pub(crate) fn finish(self) -> Result<(), String> {
        let ended = self.provider.shutdown_with_timeout(LAST_SPANS);
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner).take();
        match failure {
            Some(why) => Err(why),
            None => ended.map_err(|error| error.to_string()),
        }
    }
}

/// Carries the exporter's requests, which come from a thread without a runtime.
#[derive(Debug)]
struct Client {
    transport: ReqwestTransport,
    runtime: Handle,
    /// Why the last request that failed did so.
    failure: Arc<Mutex<Option<String>>>,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.send(request).await;
        let why = match &answer {
            Ok(answer) if answer.status().is_success() => return Ok(answer.clone()),
            Ok(answer) => format!("the collector answered with status {}", answer.status().as_u16()),
            Err(error) => error.to_string(),
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        answer
    }
}

impl Client {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (transport, request) = (self.transport.clone(), translated(&request)?);
        let answer = self.runtime.spawn(async move { transport.execute(request).await }).await??;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        Ok(response.body(Bytes::from(answer.body))?)
    }
}

/// The exporter's request in the words of our transport, which says itself that a body is JSON.
fn translated(request: &Request<Bytes>) -> Result<HttpRequest, HttpError> {
    let uri = request.uri();
    let headers = request.headers().iter().filter(|(name, _)| *name != "content-type");
    let headers = headers.map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
    Ok(HttpRequest {
        method: request.method().to_string(),
        base_url: format!(
            "{}://{}",
            uri.scheme_str().unwrap_or("http"),
            uri.authority().ok_or("the collector's address has no host")?
        ),
        path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        headers: headers.collect::<Result<_, HttpError>>()?,
        credential: None,
        body: String::from_utf8(request.body().to_vec())?,
        label: None,
    })
}
