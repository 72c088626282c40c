//! Bodies: reading them within bounds, and writing them.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// How long a body may be on its way.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many times the allowed size is read and thrown away, so that a client which sends first and reads then
/// comes to read why it was refused.
const DISCARDED: usize = 8;

/// A response with this body.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(text) => with_json(status, text),
        Err(error) => Refusal::fault("writing the answer", &error).into_response(),
    }
}

/// A response with this body, which is JSON already.
pub(super) fn with_json(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The request's body as a value, with the number of its bytes.
///
/// # Errors
/// What is wrong with it.
pub(super) async fn read<T: DeserializeOwned>(request: Request, most: usize) -> Result<(T, u64), Refusal> {
    if !is_json(&request) {
        return Err(Refusal::not_json());
    }
    let collected = tokio::time::timeout(PATIENCE, collect(request.into_body(), most)).await;
    let bytes = collected.map_err(|_| Refusal::slow())??;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let value = object(&mut reader).and_then(|value| reader.end().map(|()| value));
    let value = value.and_then(|value| value.ok_or_else(|| Error::custom("it must be an object")));
    let value = value.map_err(|error| Refusal::bad_request(format!("the body does not fit: {error}")))?;
    Ok((value, bytes.len() as u64))
}

/// A value that is written as an object, or nothing. A derived reader would also take an array of its fields.
pub(super) fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let fields = Option::<Map<String, Value>>::deserialize(deserializer)?;
    fields.map(|fields| T::deserialize(Value::Object(fields)).map_err(D::Error::custom)).transpose()
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

async fn collect(mut body: Body, most: usize) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let broken = |error: axum::Error| Refusal::bad_request(format!("the body is broken: {error}"));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        seen += data.len();
        if seen <= most {
            bytes.extend_from_slice(&data);
        } else if seen > most.saturating_mul(DISCARDED) {
            break;
        }
    }
    if seen > most { Err(Refusal::body_too_large(most)) } else { Ok(bytes) }
}
