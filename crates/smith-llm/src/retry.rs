//! When a failed attempt is made again, and after how long.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::error::LlmError;

/// How stubbornly a call is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included; 0 counts as 1.
    pub max_attempts: u32,
    /// Wait before the second attempt; it doubles from there.
    pub base_delay: Duration,
    /// Longest wait of our own choice. An endpoint that asks for a longer one gets it.
    pub max_delay: Duration,
    /// No wait for another attempt ends later than this after the first attempt began. What an attempt then waits for
    /// the caller's own [`RateLimits`](crate::RateLimits) is not counted.
    pub total_deadline: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts, waits from 1 s doubling to at most 60 s, none begun after 15 minutes.
    fn default() -> Self {
        Self {
            max_attempts: 5,
            base_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(60),
            total_deadline: Duration::from_secs(15 * 60),
        }
    }
}

impl RetryPolicy {
    /// The wait after attempt number `attempt` (from 1). `jitter` in 0..1 takes away up to half of it, so that
    /// calls that failed together do not return together.
    fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.base_delay.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        let longest = doubled.min(self.max_delay);
        longest - (longest / 2).mul_f64(jitter)
    }
}

/// The wait that an endpoint asked for, and up to a quarter of it more: it asked all that it refused alike.
fn spread(asked: Duration, jitter: f64) -> Duration {
    asked.saturating_add((asked / 4).mul_f64(jitter))
}

/// A failed attempt.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the caller gets if this attempt is the last.
    pub(crate) error: LlmError,
    pub(crate) retry: Retry,
}

/// Whether an attempt is worth repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    Never,
    /// Yes, after the endpoint's own wait if it named one.
    After(Option<Duration>),
}

impl Failure {
    pub(crate) fn last(error: LlmError) -> Self {
        Self { error, retry: Retry::Never }
    }
}

/// Runs `attempt` until it succeeds, fails for good, or the policy is used up.
pub(crate) async fn run<T, F, Fut>(policy: &RetryPolicy, mut attempt: F) -> Result<T, LlmError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Failure>>,
{
    let start = Instant::now();
    let mut made = 0;
    loop {
        let failure = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        made += 1;
        let Retry::After(asked) = failure.retry else { return Err(failure.error) };
        let jitter = random_unit();
        let wait = asked.map_or_else(|| policy.delay(made, jitter), |asked| spread(asked, jitter));
        if made >= policy.max_attempts || start.elapsed().saturating_add(wait) > policy.total_deadline {
            return Err(counted(failure.error, made));
        }
        tracing::warn!(attempt = made, wait_ms = wait.as_millis(), error = %failure.error, "retrying a model call");
        sleep(wait).await;
    }
}

/// Says how often we tried.
fn counted(error: LlmError, made: u32) -> LlmError {
    match error {
        LlmError::Fault(text) if made > 1 => LlmError::Fault(format!("{text} (after {made} attempts)")),
        other => other,
    }
}

/// A number in 0..1. Every `RandomState` is keyed anew, which is all the chance that jitter needs.
fn random_unit() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or(0);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::VecDeque;

    const POLICY: RetryPolicy = RetryPolicy {
        max_attempts: 4,
        base_delay: Duration::from_secs(2),
        max_delay: Duration::from_secs(5),
        total_deadline: Duration::from_secs(100),
    };

    fn failing(retry: Retry) -> Result<u8, Failure> {
        Err(Failure { error: LlmError::Fault("down".into()), retry })
    }

    fn soon() -> Result<u8, Failure> {
        failing(Retry::After(None))
    }

    fn after(seconds: u64) -> Result<u8, Failure> {
        failing(Retry::After(Some(Duration::from_secs(seconds))))
    }

    /// Runs a script of attempts; gives the result, the attempts made and the (virtual) time that passed.
    async fn play(
        policy: RetryPolicy,
        script: Vec<Result<u8, Failure>>,
    ) -> (Result<u8, LlmError>, usize, Duration) {
        let total = script.len();
        let script = RefCell::new(VecDeque::from(script));
        let start = Instant::now();
        let result = run(&policy, || async { script.borrow_mut().pop_front().unwrap() }).await;
        (result, total - script.borrow().len(), start.elapsed())
    }

    #[test]
    fn delays_double_up_to_the_maximum_and_jitter_halves_them_at_most() {
        for (attempt, jitter, seconds) in
            [(1, 0.0, 2.0), (2, 0.0, 4.0), (3, 0.0, 5.0), (60, 0.0, 5.0), (2, 1.0, 2.0)]
        {
            assert_eq!(POLICY.delay(attempt, jitter), Duration::from_secs_f64(seconds), "{attempt} {jitter}");
        }
        for (jitter, seconds) in [(0.0, 8.0), (0.5, 9.0), (1.0, 10.0)] {
            assert_eq!(spread(Duration::from_secs(8), jitter), Duration::from_secs_f64(seconds));
        }
        let drawn: Vec<f64> = (0..50).map(|_| random_unit()).collect();
        assert!(drawn.iter().all(|unit| (0.0..1.0).contains(unit)));
        assert!(drawn.iter().any(|unit| (unit - drawn[0]).abs() > f64::EPSILON));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_succeeds_ends_the_waiting() {
        let (result, made, passed) = play(POLICY, vec![soon(), soon(), Ok(7), Ok(8)]).await;
        assert_eq!((result, made), (Ok(7), 3));
        assert!(passed >= Duration::from_secs(3) && passed <= Duration::from_millis(6010), "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_attempts_is_exact_and_named() {
        let (result, made, _) = play(POLICY, (0..9).map(|_| soon()).collect()).await;
        assert_eq!((result, made), (Err(LlmError::Fault("down (after 4 attempts)".into())), 4));
        let once = RetryPolicy { max_attempts: 0, ..POLICY };
        let (result, made, passed) = play(once, vec![soon(), soon()]).await;
        assert_eq!((result, made, passed), (Err(LlmError::Fault("down".into())), 1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_final_failure_is_not_repeated() {
        let (result, made, passed) = play(POLICY, vec![failing(Retry::Never), Ok(1)]).await;
        assert_eq!((result, made, passed), (Err(LlmError::Fault("down".into())), 1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn the_endpoint_may_ask_for_more_than_our_maximum() {
        let (result, _, passed) = play(POLICY, vec![after(30), Ok(1)]).await;
        assert_eq!(result, Ok(1));
        assert!(passed >= Duration::from_secs(30) && passed <= Duration::from_millis(37_510), "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_the_deadline_is_not_begun() {
        let (result, made, passed) = play(POLICY, vec![after(60), after(41), Ok(1)]).await;
        assert_eq!((result, made), (Err(LlmError::Fault("down (after 2 attempts)".into())), 2));
        assert!(passed <= Duration::from_millis(75_010), "{passed:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn waits_without_end_are_no_trouble() {
        let (result, made, _) = play(POLICY, vec![after(u64::MAX), Ok(1)]).await;
        assert_eq!((result, made), (Err(LlmError::Fault("down".into())), 1));
        assert_eq!(spread(Duration::MAX, 0.99), Duration::MAX);
        let endless = RetryPolicy { base_delay: Duration::MAX, max_delay: Duration::MAX, ..POLICY };
        assert_eq!(endless.delay(9, 0.0), Duration::MAX);
    }
}
