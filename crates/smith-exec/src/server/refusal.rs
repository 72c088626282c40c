//! Why a request was not carried out: one shape of JSON for everything that is not a success.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::reply;
use super::session::End;

/// `{"error": {"kind": …, "message": …}}` with the code that goes with the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
    /// Seconds after which it is worth while to ask again.
    retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), retry_after: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message = "this server wants the header `Authorization: Bearer TOKEN` with its token";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub(super) fn foreign(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign", message)
    }

    pub(super) fn no_route(path: &str) -> Self {
        let message = format!("there is nothing at {path:?}; GET /openapi.json says what there is");
        Self::new(StatusCode::NOT_FOUND, "no_such_route", message)
    }

    pub(super) fn method() -> Self {
        let message = "this route has other methods; GET /openapi.json says which";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    pub(super) fn no_task(task: &str) -> Self {
        let message = format!("there is no task {task:?}; GET /v1/tasks lists them");
        Self::new(StatusCode::NOT_FOUND, "no_such_task", message)
    }

    pub(super) fn no_session() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_session",
            "there is no such session and there was none lately",
        )
    }

    pub(super) fn slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the request's body did not come in time")
    }

    pub(super) fn busy() -> Self {
        let message = "a step of this session is still running; a session takes one step after the other";
        Self::new(StatusCode::CONFLICT, "busy", message)
    }

    pub(super) fn ended(end: End) -> Self {
        match end {
            End::Closed => Self::new(StatusCode::GONE, "closed", "the session was closed"),
            End::Expired => Self::new(
                StatusCode::GONE,
                "expired",
                "the session was closed because no step was taken for long",
            ),
            End::Lost => Self::new(StatusCode::GONE, "lost", "the session was lost by a fault of the server"),
            End::ShutDown => Self::shutting_down(),
        }
    }

    pub(super) fn body_too_large(bytes: usize) -> Self {
        let message = format!("a request's body may have {bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    pub(super) fn session_too_large(bytes: u64) -> Self {
        let message =
            format!("all requests of a session together may carry {bytes} bytes: begin another one");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "session_too_large", message)
    }

    pub(super) fn not_json() -> Self {
        let message = "the body must be JSON and say so: `Content-Type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
    }

    pub(super) fn full(sessions: usize, retry_after: u64) -> Self {
        let message = format!("all {sessions} sessions are taken: close one, or try again later");
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sessions", message);
        refusal.retry_after = Some(retry_after);
        refusal
    }

    pub(super) fn shutting_down() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "the server is shutting down")
    }

    /// A fault of the machine. What it was may name the machine's paths, so that only the log says it.
    pub(super) fn fault(doing: &str, error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "{doing} failed");
        let message =
            format!("{doing} failed by a fault of the machine, not of yours; the server's log says more");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message)
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Whether it is no one's fault but the machine's, or the moment's.
    pub(super) fn is_fault(&self) -> bool {
        self.status.is_server_error() || self.status == StatusCode::TOO_MANY_REQUESTS
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let error = json!({"error": {"kind": self.kind, "message": self.message}});
        let mut response = reply::json(self.status, &error);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl axum::response::IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.into_response()
    }
}
