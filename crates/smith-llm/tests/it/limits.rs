//! Limits of a connection, with time that is virtual.

use std::time::Duration;

use smith_llm::{ConnectOptions, Connection, ModelSpec, RateLimit, RateLimits, connect};
use tokio::time::Instant;

use crate::support::{Memory, ask, http, opening, options, says};

fn spec() -> ModelSpec {
    "openai-compatible:m".parse().unwrap()
}

fn limited(transport: &std::sync::Arc<Memory>, limits: &RateLimits) -> Connection {
    connect(&spec(), ConnectOptions { limits: limits.clone(), ..options(transport) }).unwrap()
}

/// Whole seconds until each of so many calls was answered.
async fn seconds(connection: &Connection, calls: usize) -> Vec<u64> {
    let start = Instant::now();
    let mut seconds = Vec::new();
    for _ in 0..calls {
        ask(&connection.model, &opening("hi")).await.unwrap();
        seconds.push(start.elapsed().as_secs());
    }
    seconds
}

#[tokio::test(start_paused = true)]
async fn every_attempt_counts_as_a_request_and_connections_count_together() {
    let transport = Memory::new(|number, _| {
        Ok(if number == 0 { http(503, &[("retry-after", "0")], "busy") } else { says("fine") })
    });
    let limit = RateLimit { requests_per_minute: Some(3), ..RateLimit::default() };
    let limits = RateLimits::default().with(&spec(), limit);
    assert_eq!(seconds(&limited(&transport, &limits), 2).await, [0, 0]);
    assert_eq!(seconds(&limited(&transport, &limits), 3).await, [60, 60, 60]);
    assert_eq!(seconds(&limited(&transport, &RateLimits::new(limit)), 3).await, [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn what_answers_counted_decides_how_many_calls_fit() {
    // Fifteen tokens each. The first one is thought to be far more and passes alone.
    let transport = Memory::new(|_, _| Ok(says("fine")));
    let limits = RateLimits::new(RateLimit { tokens_per_minute: Some(100), ..RateLimit::default() });
    let connection = limited(&transport, &limits);
    assert_eq!(seconds(&connection, 8).await, [0, 0, 0, 0, 0, 0, 60, 60]);
}

#[tokio::test(start_paused = true)]
async fn when_one_call_is_told_to_wait_the_others_do_not_ask() {
    let transport = Memory::new(|number, _| {
        Ok(if number == 0 { http(429, &[("retry-after", "30")], "slow down") } else { says("fine") })
    });
    let connection = limited(&transport, &RateLimits::default());
    let (start, first) = (Instant::now(), connection.clone());
    let first = tokio::spawn(async move { ask(&first.model, &opening("a")).await });
    tokio::time::sleep(Duration::from_secs(5)).await;
    ask(&connection.model, &opening("b")).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
    first.await.unwrap().unwrap();
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_limits_takes_nothing_from_the_time_for_attempts() {
    let transport = Memory::new(|number, _| {
        Ok(if number == 1 { http(503, &[("retry-after", "1")], "busy") } else { says("fine") })
    });
    let limits = RateLimits::new(RateLimit { requests_per_minute: Some(1), ..RateLimit::default() });
    let mut all = ConnectOptions { limits, ..options(&transport) };
    all.retry.total_deadline = Duration::from_secs(30);
    let connection = connect(&spec(), all).unwrap();
    // The second call waits a minute before its first attempt, and again before its second one.
    assert_eq!(seconds(&connection, 2).await, [0, 120]);
}
