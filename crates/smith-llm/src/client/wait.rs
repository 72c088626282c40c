//! How long an endpoint asks to be left alone.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use super::said::ErrorBody;
use crate::transport::HttpResponse;

/// Headers in which providers say how much is left until when: OpenAI and those like it (in requests and tokens),
/// gateways, Anthropic. Those that count tokens are last.
const RESETS: [(&str, &str); 7] = [
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
];

/// From here on, a number of seconds is a time and not a duration.
const FIRST_TIME: f64 = 1e9;

/// The same in milliseconds.
const FIRST_TIME_MS: f64 = 1e12;

/// The wait that a response asks for: in its own words first, else until the limit that was hit is reset.
pub(super) fn asked(response: &HttpResponse, status: u16, said: &ErrorBody) -> Option<Duration> {
    let now = now(response);
    let header = |name: &str| response.header(name).map(str::trim);
    let milliseconds =
        || Duration::try_from_secs_f64(header("retry-after-ms")?.parse::<f64>().ok()? / 1000.0).ok();
    let named = milliseconds().or_else(|| until(header("retry-after")?, now)).or(said.retry_delay);
    named.or_else(|| if status == 429 { reset(response, now) } else { None })
}

/// When the limit that was hit is reset. If none says that nothing is left, the request wanted more tokens than were
/// left, and the shortest wait for tokens is a guess that the next answer will correct.
fn reset(response: &HttpResponse, now: OffsetDateTime) -> Option<Duration> {
    let wait = |name: &str| until(response.header(name)?.trim(), now).filter(|wait| !wait.is_zero());
    let is_spent = |name: &str| {
        response.header(name).and_then(|left| left.trim().parse::<f64>().ok()).is_some_and(|left| left <= 0.0)
    };
    let spent = RESETS.iter().filter(|(left, _)| is_spent(left)).filter_map(|(_, reset)| wait(reset)).max();
    let of_tokens = || {
        RESETS.iter().filter(|(_, reset)| reset.contains("tokens")).filter_map(|(_, reset)| wait(reset)).min()
    };
    spent.or_else(of_tokens)
}

/// The time by the endpoint's own clock if it tells it: ours may be wrong, and its dates are by that one.
fn now(response: &HttpResponse) -> OffsetDateTime {
    let told = response.header("date").and_then(|date| OffsetDateTime::parse(date.trim(), &Rfc2822).ok());
    told.unwrap_or_else(OffsetDateTime::now_utc)
}

/// The wait in a header: a number of seconds, a duration in units, a date, or seconds or milliseconds since 1970. A
/// date that is past asks for nothing.
fn until(text: &str, now: OffsetDateTime) -> Option<Duration> {
    if let Ok(number) = text.parse::<f64>() {
        let seconds = match number {
            time if time >= FIRST_TIME_MS => time / 1000.0 - now.unix_timestamp() as f64,
            time if time >= FIRST_TIME => time - now.unix_timestamp() as f64,
            seconds => seconds,
        };
        return Duration::try_from_secs_f64(seconds).ok();
    }
    duration(text).or_else(|| {
        let date =
            OffsetDateTime::parse(text, &Rfc2822).or_else(|_| OffsetDateTime::parse(text, &Rfc3339)).ok()?;
        Duration::try_from(date - now).ok()
    })
}

/// A duration such as `6m0s`, `1h2m3.5s`, `20ms` or `36.4s`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let seconds = match unit {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: &str = "Thu, 26 Nov 2026 12:00:00 GMT";

    fn seconds(status: u16, headers: &[(&str, &str)]) -> Option<f64> {
        let headers = headers.iter().chain([&("date", NOW)]);
        let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let response = HttpResponse { status, headers, body: Vec::new() };
        asked(&response, status, &ErrorBody::default()).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn a_wait_in_words_of_its_own_counts_with_any_status() {
        for (headers, expected) in [
            (vec![("retry-after-ms", "1500"), ("retry-after", "9")], Some(1.5)),
            (vec![("retry-after", "7")], Some(7.0)),
            (vec![("retry-after", "Thu, 26 Nov 2026 12:00:30 GMT")], Some(30.0)),
            (vec![("retry-after", "Thu, 26 Nov 2026 11:59:59 GMT")], None),
            (vec![("retry-after", "-1")], None),
            (vec![("retry-after", "soon")], None),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")], None),
            (vec![], None),
        ] {
            assert_eq!(seconds(503, &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_hit_limit_names_its_reset_in_each_providers_way() {
        for (headers, expected) in [
            // OpenAI: both limits, one of them spent.
            (
                vec![
                    ("x-ratelimit-remaining-requests", "99"),
                    ("x-ratelimit-reset-requests", "2m59.56s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                    ("x-ratelimit-reset-tokens", "7.66s"),
                ],
                Some(7.66),
            ),
            // Both spent: the later one.
            (
                vec![
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "20s"),
                    ("x-ratelimit-remaining-tokens", "0"),
                    ("x-ratelimit-reset-tokens", "6m0s"),
                ],
                Some(360.0),
            ),
            // None is spent: the request wanted more tokens than were left.
            (
                vec![
                    ("x-ratelimit-remaining-requests", "99"),
                    ("x-ratelimit-reset-requests", "1s"),
                    ("x-ratelimit-remaining-tokens", "12"),
                    ("x-ratelimit-reset-tokens", "4s"),
                ],
                Some(4.0),
            ),
            (
                vec![
                    ("anthropic-ratelimit-input-tokens-remaining", "0"),
                    ("anthropic-ratelimit-input-tokens-reset", "2026-11-26T12:00:12Z"),
                    ("anthropic-ratelimit-requests-remaining", "40"),
                    ("anthropic-ratelimit-requests-reset", "2026-11-26T12:00:01Z"),
                ],
                Some(12.0),
            ),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795694410000")], Some(10.0)),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795694403")], Some(3.0)),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "0")], None),
            (vec![("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1595694403")], None),
            (
                vec![("retry-after", "2"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")],
                Some(2.0),
            ),
        ] {
            assert_eq!(seconds(429, &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn durations_have_units() {
        for (text, expected) in [
            ("1h2m3.5s", Some(3723.5)),
            ("20ms", Some(0.02)),
            ("36.429760048s", Some(36.429_760_048)),
            ("1d", Some(86_400.0)),
            ("", None),
            ("5", None),
            ("5parsecs", None),
            ("s", None),
            ("1..2s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(duration(text).map(|wait| wait.as_secs_f64()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_a_trouble(text in "[0-9.eEinfNa:hmsZTµ +-]{0,20}") {
            let now = OffsetDateTime::UNIX_EPOCH;
            let _ = (until(&text, now), duration(&text));
        }
    }
}
