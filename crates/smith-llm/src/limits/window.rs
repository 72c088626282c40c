//! What was sent in the last 60 seconds.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// Output tokens that a first call is expected to use.
const FIRST_OUTPUT: u64 = 1024;

/// Answers after which what was learnt is halved, so that it follows a change.
const MEMORY: u64 = 64;

pub(super) struct Window {
    most_requests: Option<usize>,
    most_tokens: Option<u64>,
    /// Oldest first, numbered without gaps.
    sent: VecDeque<Sent>,
    next_number: u64,
    /// Sum over `sent`.
    tokens: u64,
    not_before: Option<Instant>,
    learnt: Learnt,
}

struct Sent {
    at: Instant,
    tokens: u64,
}

/// Sums over answers.
#[derive(Default)]
struct Learnt {
    answers: u64,
    expected_input: u64,
    input: u64,
    output: u64,
}

impl Window {
    pub(super) fn new(most_requests: Option<u32>, most_tokens: Option<u64>) -> Self {
        Self {
            most_requests: most_requests.map(|most| usize::try_from(most.max(1)).unwrap_or(usize::MAX)),
            most_tokens: most_tokens.map(|most| most.max(1)),
            sent: VecDeque::new(),
            next_number: 0,
            tokens: 0,
            not_before: None,
            learnt: Learnt::default(),
        }
    }

    /// Takes a call in and gives its number, or says when to ask again.
    pub(super) fn admit(&mut self, now: Instant, input: u64, longest_output: u64) -> Result<u64, Instant> {
        while self.sent.front().is_some_and(|oldest| now.duration_since(oldest.at) >= MINUTE) {
            let gone = self.sent.pop_front().map_or(0, |sent| sent.tokens);
            self.tokens = self.tokens.saturating_sub(gone);
        }
        let tokens = self.learnt.expect(input, longest_output);
        let waits =
            [self.not_before.filter(|until| *until > now), self.requests_free(), self.tokens_free(tokens)];
        if let Some(until) = waits.into_iter().flatten().max() {
            return Err(until);
        }
        let number = self.next_number;
        if self.most_requests.is_some() || self.most_tokens.is_some() {
            self.sent.push_back(Sent { at: now, tokens });
            self.tokens = self.tokens.saturating_add(tokens);
            self.next_number = number.saturating_add(1);
        }
        Ok(number)
    }

    /// When there is room for one request more; `None` if there is now.
    fn requests_free(&self) -> Option<Instant> {
        let over = self.sent.len().checked_sub(self.most_requests?)?;
        self.sent.get(over).map(|sent| sent.at + MINUTE)
    }

    /// When there is room for so many tokens more; `None` if there is now.
    fn tokens_free(&self, tokens: u64) -> Option<Instant> {
        let room = self.most_tokens?.saturating_sub(tokens);
        let mut left = self.tokens;
        let mut free = None;
        for sent in &self.sent {
            if left <= room {
                break;
            }
            left = left.saturating_sub(sent.tokens);
            free = Some(sent.at + MINUTE);
        }
        free
    }

    /// Replaces the estimate of a call by what it used.
    pub(super) fn correct(&mut self, number: u64, tokens: u64) {
        let oldest = self.next_number.saturating_sub(self.sent.len() as u64);
        let place = number.checked_sub(oldest).and_then(|place| usize::try_from(place).ok());
        if let Some(sent) = place.and_then(|place| self.sent.get_mut(place)) {
            self.tokens = self.tokens.saturating_sub(sent.tokens).saturating_add(tokens);
            sent.tokens = tokens;
        }
    }

    /// The same, and learns from it for the calls to come.
    pub(super) fn answered(&mut self, number: u64, expected_input: u64, input: u64, output: u64) {
        self.correct(number, input.saturating_add(output));
        self.learnt.add(expected_input, input, output);
    }

    pub(super) fn hold(&mut self, now: Instant, wait: Duration) {
        // A time that no clock can show cannot be waited for.
        if let Some(until) = now.checked_add(wait) {
            self.not_before = self.not_before.max(Some(until));
        }
    }
}

impl Learnt {
    /// Tokens of a call, from its estimated input and the longest answer that it allows.
    fn expect(&self, input: u64, longest_output: u64) -> u64 {
        let output = self.output.checked_div(self.answers).unwrap_or(FIRST_OUTPUT).min(longest_output);
        let scaled =
            u128::from(input).saturating_mul(self.input.into()).checked_div(self.expected_input.into());
        let input = scaled.map_or(input, |scaled| u64::try_from(scaled).unwrap_or(u64::MAX));
        input.saturating_add(output)
    }

    fn add(&mut self, expected_input: u64, input: u64, output: u64) {
        if self.answers >= MEMORY {
            self.answers /= 2;
            self.expected_input /= 2;
            self.input /= 2;
            self.output /= 2;
        }
        self.answers += 1;
        self.expected_input = self.expected_input.saturating_add(expected_input);
        self.input = self.input.saturating_add(input);
        self.output = self.output.saturating_add(output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn estimates_follow_what_was_counted() {
        let mut learnt = Learnt::default();
        assert_eq!((learnt.expect(100, 8192), learnt.expect(100, 10)), (100 + FIRST_OUTPUT, 110));
        learnt.add(100, 50, 30);
        learnt.add(300, 150, 10);
        assert_eq!((learnt.expect(100, 8192), learnt.expect(100, 7)), (50 + 20, 57));
        for _ in 0..500 {
            learnt.add(100, 200, 40);
        }
        let expected = learnt.expect(100, 8192);
        assert!((235..=240).contains(&expected), "{expected}");
        learnt.add(u64::MAX, u64::MAX, u64::MAX);
        assert!(learnt.expect(u64::MAX, u64::MAX) > 0);
    }

    proptest! {
        /// In whatever order calls come and are corrected, no 60 seconds hold more than allowed, except for one call
        /// that alone is more.
        #[test]
        fn no_minute_holds_more_than_allowed(
            calls in prop::collection::vec((0_u64..30, 1_u64..60, 0_u64..60), 1..60),
        ) {
            let mut window = Window::new(Some(5), Some(100));
            let start = Instant::now();
            let mut now = start;
            let mut admitted: Vec<(Instant, u64)> = Vec::new();
            for (pause, expected, used) in calls {
                now += Duration::from_secs(pause);
                let number = loop {
                    match window.admit(now, expected, 0) {
                        Ok(number) => break number,
                        Err(until) => {
                            prop_assert!(until > now);
                            now = until;
                        }
                    }
                };
                admitted.push((now, expected));
                let inside: Vec<u64> = admitted.iter()
                    .filter(|(at, _)| now.duration_since(*at) < MINUTE).map(|(_, tokens)| *tokens).collect();
                prop_assert!(inside.len() <= 5);
                prop_assert!(inside.iter().sum::<u64>() <= 100 || inside.iter().filter(|tokens| **tokens > 0).count() == 1);
                window.correct(number, used);
                admitted.last_mut().unwrap().1 = used;
            }
        }
    }
}
