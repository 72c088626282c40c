//! The transport for real endpoints.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use super::{HttpRequest, HttpResponse, HttpTransport, TransportError};

/// HTTP and HTTPS without redirects and without the system's proxy settings. Certificates are checked with the
/// system's roots and ring; no process-global TLS provider is installed.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: ::reqwest::Client,
    /// Why HTTPS cannot work here; plain HTTP to a local server still can.
    tls_problem: Option<String>,
}

impl ReqwestTransport {
    /// A transport that gives up on an answer after `timeout`.
    ///
    /// # Errors
    /// [`TransportError::InvalidRequest`] if the client cannot be set up.
    pub fn new(timeout: Duration) -> Result<Self, TransportError> {
        let (tls, tls_problem) = match platform_tls() {
            Ok(tls) => (tls, None),
            Err(problem) => (rootless_tls().map_err(setup_failed)?, Some(problem.to_string())),
        };
        let client = ::reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            // A redirected POST may arrive as a GET, and the key must not follow to another host.
            .redirect(::reqwest::redirect::Policy::none())
            // Retries have one owner, and it is not the HTTP client.
            .retry(::reqwest::retry::never())
            .timeout(timeout)
            .build()
            .map_err(setup_failed)?;
        Ok(Self { client, tls_problem })
    }
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn execute(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let url = request.url();
        if let Some(problem) = self.tls_problem.as_ref().filter(|_| url.starts_with("https:")) {
            return Err(TransportError::InvalidRequest(format!(
                "HTTPS is not possible on this machine: {problem}"
            )));
        }
        let method = ::reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|e| TransportError::InvalidRequest(e.to_string()))?;
        let HttpRequest { headers, credential, body, .. } = request;
        // Agents wait for long: a body that cannot be sent once more is dropped when it is sent.
        let body = ::reqwest::Body::wrap(Full::<Bytes>::from(body));
        let mut builder =
            self.client.request(method, url).header("content-type", "application/json").body(body);
        for (name, value) in &headers {
            builder = builder.header(name, value);
        }
        if let Some(credential) = &credential {
            builder = builder
                .header(&credential.header, sensitive(&credential.prefix, credential.secret.expose())?);
        }
        let response = builder.send().await.map_err(describe)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let body = response.bytes().await.map_err(describe)?.to_vec();
        Ok(HttpResponse { status, headers, body })
    }
}

fn sensitive(prefix: &str, key: &str) -> Result<::reqwest::header::HeaderValue, TransportError> {
    let mut value = ::reqwest::header::HeaderValue::from_str(&format!("{prefix}{key}")).map_err(|_| {
        TransportError::InvalidRequest("the key holds characters that an HTTP header cannot carry".into())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn platform_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(ring_tls()?.with_platform_verifier()?.with_no_client_auth())
}

/// Trusts nobody: keeps the client usable for plain HTTP where the system has no certificates.
fn rootless_tls() -> Result<ClientConfig, rustls::Error> {
    Ok(ring_tls()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn ring_tls() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
}

fn setup_failed(error: impl Error) -> TransportError {
    TransportError::InvalidRequest(format!("the HTTP client cannot be set up: {error}"))
}

/// Sorts reqwest's error into ours. Its URL is left out: the caller names the endpoint.
fn describe(error: ::reqwest::Error) -> TransportError {
    let error = error.without_url();
    let text = with_causes(&error);
    if error.is_timeout() {
        TransportError::Timeout(text)
    } else if error.is_connect() {
        TransportError::Connect(text)
    } else if error.is_builder() {
        TransportError::InvalidRequest(text)
    } else {
        TransportError::Network(text)
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_system_certificates_only_https_is_refused() {
        let transport = ReqwestTransport {
            tls_problem: Some("no certificates".into()),
            ..ReqwestTransport::new(Duration::from_secs(5)).unwrap()
        };
        let to = |base: &str| HttpRequest {
            method: "POST".into(),
            base_url: base.into(),
            path: "/".into(),
            headers: Vec::new(),
            credential: None,
            body: "{}".into(),
            label: None,
        };
        let refused = transport.execute(to("https://127.0.0.1:1")).await.unwrap_err();
        assert!(
            matches!(&refused, TransportError::InvalidRequest(text) if text.contains("no certificates")),
            "{refused}"
        );
        let tried = transport.execute(to("http://127.0.0.1:1")).await.unwrap_err();
        assert!(matches!(tried, TransportError::Connect(_)), "{tried}");
    }

    #[test]
    fn a_client_without_roots_can_be_built_and_no_global_provider_appears() {
        assert!(rootless_tls().is_ok());
        assert!(ReqwestTransport::new(Duration::from_secs(1)).is_ok());
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    }
}
