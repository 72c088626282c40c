//! Who may ask: clients with the token; without a token those of this machine that mean this server.
//!
//! A web page that somebody of this machine looks at can make the browser send requests to a server on this
//! machine, and by a name of its own that it lets lead here it can also read the answers. Such requests carry
//! the page's host in `Origin` or its name in `Host`, and are refused. With a token no page can know what to
//! send, and behind a proxy the name is the proxy's, so that names do not count there.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, header};
use axum::middleware::Next;

use super::options::Token;
use super::refusal::Refusal;
use super::routes::App;

/// Lets a request pass or refuses it.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    let headers = request.headers();
    let allowed = match &app.token {
        Some(_) if is_open(request.uri().path()) => Ok(()),
        Some(token) => knows(headers, token),
        None => means_this_machine(headers),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Routes that tell nothing of tasks and sessions.
fn is_open(path: &str) -> bool {
    matches!(path, "/health" | "/openapi.json")
}

fn knows(headers: &HeaderMap, token: &Token) -> Result<(), Refusal> {
    let value = headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes).unwrap_or_default();
    let (scheme, offered) = value.split_at_checked("Bearer ".len()).unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"Bearer ") && token.is(offered.trim_ascii()) {
        Ok(())
    } else {
        Err(Refusal::unauthorized())
    }
}

fn means_this_machine(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or_default());
    match text(header::HOST) {
        None => return Err(Refusal::bad_request("the header `Host` is missing")),
        Some(host) if !is_local(host) => {
            return Err(Refusal::foreign(
                "the header `Host` names another machine; ask for 127.0.0.1 or localhost, or give the server a token",
            ));
        }
        Some(_) => {}
    }
    match text(header::ORIGIN) {
        Some(origin) if !origin.split_once("://").is_some_and(|(_, host)| is_local(host)) => {
            Err(Refusal::foreign("web pages of other hosts may not use this server"))
        }
        _ => Ok(()),
    }
}

/// Whether `host`, with or without a port, is this machine for itself. Any port will do: it may be forwarded.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, port)) if port.is_empty() || port.starts_with(':') => name,
            _ => return false,
        },
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in ["localhost", "LocalHost:80", "127.0.0.1:8000", "127.1.2.3", "[::1]:80", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com:80",
            "10.0.0.1",
            "[::1",
            "[::2]",
            "[::1]x",
            "127.0.0.1@example.com",
            "localhost@example.com:80",
            "0.0.0.0",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn pages_of_other_hosts_are_refused() {
        let local = (header::HOST, "127.0.0.1:80");
        assert!(means_this_machine(&headers(std::slice::from_ref(&local))).is_ok());
        assert!(means_this_machine(&headers(&[])).is_err());
        assert!(means_this_machine(&headers(&[(header::HOST, "evil.example")])).is_err());
        for (origin, allowed) in [
            ("http://localhost:3000", true),
            ("https://127.0.0.1", true),
            ("http://evil.example", false),
            ("null", false),
            ("", false),
        ] {
            let both = headers(&[local.clone(), (header::ORIGIN, origin)]);
            assert_eq!(means_this_machine(&both).is_ok(), allowed, "{origin}");
        }
    }

    #[test]
    fn the_token_is_wanted_whole() {
        let token = Token::new("0123456789abcdef").unwrap();
        for (value, allowed) in [
            ("Bearer 0123456789abcdef", true),
            ("bearer  0123456789abcdef", true),
            ("Bearer 0123456789abcde", false),
            ("Bearer ", false),
            ("Basic 0123456789abcdef", false),
            ("0123456789abcdef", false),
            ("", false),
        ] {
            let offered = headers(&[(header::AUTHORIZATION, value)]);
            assert_eq!(knows(&offered, &token).is_ok(), allowed, "{value}");
        }
        assert!(knows(&headers(&[]), &token).is_err());
    }
}
