//! How much may be sent to a model in a minute and at once.

mod window;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::chat::{ChatRequest, Usage};
use crate::estimate;
use crate::spec::ModelSpec;
use window::Window;

/// What one model may be sent. Absent means without limit; 0 counts as 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests in any 60 seconds, repeated attempts included.
    pub requests_per_minute: Option<u32>,
    /// Tokens in any 60 seconds, sent and received together. Before a call they are estimated, from what earlier calls
    /// used; afterwards what was counted takes the place of the estimate. A call that alone is more waits until nothing
    /// else counts.
    pub tokens_per_minute: Option<u64>,
    /// Requests under way at once.
    pub in_flight: Option<u32>,
}

/// Limits by provider and model, and what was sent. Clones share what they count.
#[derive(Clone, Default)]
pub struct RateLimits {
    default: RateLimit,
    own: HashMap<String, RateLimit>,
    limiters: Arc<Mutex<HashMap<String, Arc<Limiter>>>>,
}

impl RateLimits {
    /// The same limit for each model, counted for each alone.
    #[must_use]
    pub fn new(default: RateLimit) -> Self {
        Self { default, ..Self::default() }
    }

    /// These limits with another one for `spec`.
    #[must_use]
    pub fn with(mut self, spec: &ModelSpec, limit: RateLimit) -> Self {
        self.own.insert(spec.to_string(), limit);
        self
    }

    /// The limiter of a model.
    pub(crate) fn of(&self, spec: &ModelSpec) -> Arc<Limiter> {
        let name = spec.to_string();
        let limit = self.own.get(&name).copied().unwrap_or(self.default);
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(limiters.entry(name).or_insert_with(|| Arc::new(Limiter::new(limit))))
    }
}

impl fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimits")
            .field("default", &self.default)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}

/// Lets the calls of one model pass, in the order in which they came.
pub(crate) struct Limiter {
    counts_tokens: bool,
    flight: Option<Arc<Semaphore>>,
    /// Held by the call that is next. The lock is fair.
    turn: tokio::sync::Mutex<()>,
    window: Mutex<Window>,
    /// Told when the window has more room than the next call knows.
    freed: Notify,
}

/// What a call is expected to use.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expected {
    input: u64,
    longest_output: u64,
}

impl Limiter {
    fn new(limit: RateLimit) -> Self {
        let flight = limit.in_flight.map(|most| {
            let most = usize::try_from(most.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)))
        });
        Self {
            counts_tokens: limit.tokens_per_minute.is_some(),
            flight,
            turn: tokio::sync::Mutex::default(),
            window: Mutex::new(Window::new(limit.requests_per_minute, limit.tokens_per_minute)),
            freed: Notify::new(),
        }
    }

    /// What `request` will use; nothing where tokens do not count.
    pub(crate) fn expected(&self, request: &ChatRequest) -> Expected {
        if !self.counts_tokens {
            return Expected::default();
        }
        Expected { input: estimate::input(request), longest_output: estimate::longest_output(request) }
    }

    /// Waits until a call may be sent.
    pub(crate) async fn admit(self: &Arc<Self>, expected: Expected) -> Slot {
        let in_flight = match &self.flight {
            // Closed it never is.
            Some(flight) => Arc::clone(flight).acquire_owned().await.ok(),
            None => None,
        };
        let _turn = self.turn.lock().await;
        loop {
            let admitted = self.window().admit(Instant::now(), expected.input, expected.longest_output);
            match admitted {
                Ok(number) => {
                    return Slot { limiter: Arc::clone(self), number, expected, _in_flight: in_flight };
                }
                Err(until) => tokio::select! {
                    () = sleep_until(until) => {}
                    () = self.freed.notified() => {}
                },
            }
        }
    }

    /// Lets no call pass for a while: the endpoint said when it will take the next one.
    pub(crate) fn hold(&self, wait: Duration) {
        self.window().hold(Instant::now(), wait);
    }

    /// Every update leaves the window consistent, so a lock that a panicking thread left behind is usable.
    fn window(&self) -> MutexGuard<'_, Window> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permission to send one request. Dropped without a word (nobody knows what became of it), the estimate counts.
pub(crate) struct Slot {
    limiter: Arc<Limiter>,
    number: u64,
    expected: Expected,
    _in_flight: Option<OwnedSemaphorePermit>,
}

impl Slot {
    /// The request was answered; an endpoint that counts nothing leaves the estimate as it is.
    pub(crate) fn answered(self, usage: &Usage) {
        if *usage != Usage::default() {
            let (input, output) = (usage.input_tokens, usage.output_tokens);
            self.limiter.window().answered(self.number, self.expected.input, input, output);
            self.limiter.freed.notify_one();
        }
    }

    /// The request was refused: it used no tokens.
    pub(crate) fn refused(self) {
        self.limiter.window().correct(self.number, 0);
        self.limiter.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(limit: RateLimit) -> Arc<Limiter> {
        Arc::new(Limiter::new(limit))
    }

    fn expected(input: u64) -> Expected {
        Expected { input, longest_output: 0 }
    }

    fn used(input_tokens: u64) -> Usage {
        Usage { input_tokens, ..Usage::default() }
    }

    /// Admits calls one after the other; gives the whole second of each.
    async fn seconds(limiter: &Arc<Limiter>, calls: usize, input: u64) -> Vec<u64> {
        let start = Instant::now();
        let mut seconds = Vec::new();
        for _ in 0..calls {
            drop(limiter.admit(expected(input)).await);
            seconds.push(start.elapsed().as_secs());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        seconds
    }

    #[tokio::test(start_paused = true)]
    async fn requests_pass_until_the_minute_is_full_and_then_as_earlier_ones_leave_it() {
        let limit = RateLimit { requests_per_minute: Some(3), ..RateLimit::default() };
        assert_eq!(seconds(&limiter(limit), 7, 0).await, [0, 1, 2, 60, 61, 62, 120]);
        let none = RateLimit { requests_per_minute: Some(0), ..RateLimit::default() };
        assert_eq!(seconds(&limiter(none), 2, 0).await, [0, 60]);
        assert_eq!(seconds(&limiter(RateLimit::default()), 3, 9).await, [0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_count_by_estimate_and_a_call_that_is_too_large_waits_for_an_empty_minute() {
        let limit = RateLimit { tokens_per_minute: Some(100), ..RateLimit::default() };
        assert_eq!(seconds(&limiter(limit), 4, 40).await, [0, 1, 60, 61]);
        assert_eq!(seconds(&limiter(limit), 3, 1000).await, [0, 60, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_counted_takes_the_place_of_the_estimate_at_once() {
        let limiter = limiter(RateLimit { tokens_per_minute: Some(100), ..RateLimit::default() });
        let start = Instant::now();
        let (first, waiting) = (limiter.admit(expected(90)).await, Arc::clone(&limiter));
        let second = tokio::spawn(async move { waiting.admit(expected(90)).await });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!second.is_finished());
        // A ninth of the estimate was used, which also tells what the next call will use.
        first.answered(&used(10));
        second.await.unwrap().answered(&used(80));
        assert_eq!(start.elapsed().as_secs(), 5);
        limiter.admit(expected(90)).await.refused();
        // It fits when what the second one really used has left the minute.
        assert_eq!(start.elapsed().as_secs(), 65);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_call_used_no_tokens_and_an_unknown_one_its_estimate() {
        let limiter = limiter(RateLimit { tokens_per_minute: Some(100), ..RateLimit::default() });
        let start = Instant::now();
        limiter.admit(expected(90)).await.refused();
        drop(limiter.admit(expected(90)).await);
        assert_eq!(start.elapsed().as_secs(), 0);
        limiter.admit(expected(90)).await.answered(&Usage::default());
        assert_eq!(start.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_requests_are_under_way_than_allowed_and_they_go_in_order() {
        let limiter = limiter(RateLimit { in_flight: Some(2), ..RateLimit::default() });
        let (under_way, order) = (Arc::new(Mutex::new((0_u32, 0_u32))), Arc::new(Mutex::new(Vec::new())));
        let mut calls = tokio::task::JoinSet::new();
        for number in 0..8 {
            let (limiter, under_way, order) =
                (Arc::clone(&limiter), Arc::clone(&under_way), Arc::clone(&order));
            calls.spawn(async move {
                let slot = limiter.admit(Expected::default()).await;
                order.lock().unwrap().push(number);
                {
                    let mut counts = under_way.lock().unwrap();
                    counts.0 += 1;
                    counts.1 = counts.1.max(counts.0);
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
                under_way.lock().unwrap().0 -= 1;
                drop(slot);
            });
        }
        let start = Instant::now();
        calls.join_all().await;
        assert_eq!((under_way.lock().unwrap().1, start.elapsed().as_secs()), (2, 4));
        assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_endpoint_names_a_time_all_calls_wait_for_it() {
        let limiter = limiter(RateLimit::default());
        let start = Instant::now();
        limiter.hold(Duration::from_secs(7));
        limiter.hold(Duration::from_secs(3));
        limiter.hold(Duration::MAX);
        drop(limiter.admit(Expected::default()).await);
        assert_eq!(start.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_gives_up_waiting_leaves_its_place() {
        let limiter =
            limiter(RateLimit { requests_per_minute: Some(1), in_flight: Some(1), ..RateLimit::default() });
        drop(limiter.admit(Expected::default()).await);
        let gave_up = tokio::time::timeout(Duration::from_secs(10), limiter.admit(Expected::default())).await;
        assert!(gave_up.is_err());
        let start = Instant::now();
        drop(limiter.admit(Expected::default()).await);
        assert!((49..=50).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    }

    #[test]
    fn each_model_is_counted_alone_and_clones_count_together() {
        let spec = |text: &str| text.parse::<ModelSpec>().unwrap();
        let strict = RateLimit { tokens_per_minute: Some(1), ..RateLimit::default() };
        let limits = RateLimits::default().with(&spec("gemini:a"), strict);
        let a = limits.of(&spec("gemini:a"));
        assert!(Arc::ptr_eq(&a, &limits.clone().of(&spec("gemini:a"))));
        assert!(!Arc::ptr_eq(&a, &limits.of(&spec("anthropic:a"))));
        assert!(a.counts_tokens && !limits.of(&spec("gemini:b")).counts_tokens);
        assert!(RateLimits::new(strict).of(&spec("openai:c")).counts_tokens);
    }
}
