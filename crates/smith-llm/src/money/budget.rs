//! A limit on spending that parallel calls share.

use std::sync::{Arc, Mutex, PoisonError};

use super::MicroUsd;
use crate::error::LlmError;

/// A shared account with an optional limit. Clones are handles of the same account.
///
/// A call reserves its estimate before it is sent, so calls that run side by side cannot together step over
/// the limit, as long as none costs more than its estimate.
#[derive(Debug, Clone, Default)]
pub struct Budget {
    account: Arc<Account>,
}

#[derive(Debug, Default)]
struct Account {
    limit: Option<MicroUsd>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    spent: MicroUsd,
    reserved: MicroUsd,
}

impl Budget {
    /// An account with `already_spent` on it; without a limit everything is granted.
    #[must_use]
    pub fn new(limit: Option<MicroUsd>, already_spent: MicroUsd) -> Self {
        let state = Mutex::new(State { spent: already_spent, reserved: MicroUsd(0) });
        Self { account: Arc::new(Account { limit, state }) }
    }

    /// Sets `estimate` aside for a call that is about to be made.
    ///
    /// # Errors
    /// [`LlmError::BudgetReached`] if spent, reserved and estimate together exceed the limit.
    pub fn reserve(&self, estimate: MicroUsd) -> Result<Reservation, LlmError> {
        self.account.update(|state| {
            let reserved = state.reserved + estimate;
            match self.account.limit {
                Some(limit) if state.spent + reserved > limit => Err(LlmError::BudgetReached {
                    limit,
                    spent: state.spent,
                    reserved: state.reserved,
                    needed: estimate,
                }),
                _ => {
                    state.reserved = reserved;
                    Ok(())
                }
            }
        })?;
        Ok(Reservation { account: Arc::clone(&self.account), amount: estimate })
    }

    /// Settled so far, what was spent before this account was opened included.
    #[must_use]
    pub fn spent(&self) -> MicroUsd {
        self.account.update(|state| state.spent)
    }

    /// The limit, if there is one.
    #[must_use]
    pub fn limit(&self) -> Option<MicroUsd> {
        self.account.limit
    }
}

impl Account {
    /// The state is consistent after every update, so a lock that a panicking thread left behind is usable.
    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Money set aside for one call. Dropped unsettled (the call failed), it goes back.
#[derive(Debug)]
#[must_use = "a reservation that is dropped goes back at once"]
pub struct Reservation {
    account: Arc<Account>,
    amount: MicroUsd,
}

impl Reservation {
    /// Books what the call really cost and returns the rest.
    pub fn settle(self, actual: MicroUsd) {
        self.account.update(|state| state.spent = state.spent + actual);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.account
            .update(|state| state.reserved = MicroUsd(state.reserved.0.saturating_sub(self.amount.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reservations_count_against_the_limit_until_they_end() {
        let budget = Budget::new(Some(MicroUsd(100)), MicroUsd(30));
        let held = budget.reserve(MicroUsd(70)).unwrap();
        let refused = budget.reserve(MicroUsd(1)).unwrap_err();
        assert_eq!(
            refused,
            LlmError::BudgetReached {
                limit: MicroUsd(100),
                spent: MicroUsd(30),
                reserved: MicroUsd(70),
                needed: MicroUsd(1)
            }
        );
        drop(held);
        assert_eq!(budget.spent(), MicroUsd(30));
        budget.reserve(MicroUsd(70)).unwrap().settle(MicroUsd(10));
        assert_eq!(budget.spent(), MicroUsd(40));
        assert!(budget.reserve(MicroUsd(60)).is_ok());
        assert!(budget.reserve(MicroUsd(61)).is_err());
    }

    #[test]
    fn without_a_limit_spending_is_only_counted() {
        let budget = Budget::default();
        budget.reserve(MicroUsd(u64::MAX)).unwrap().settle(MicroUsd(7));
        assert_eq!((budget.spent(), budget.limit()), (MicroUsd(7), None));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn parallel_calls_never_step_over_the_limit(
            limit in 0_u64..500,
            calls in prop::collection::vec((0_u64..60, 0_u64..=100), 1..40),
        ) {
            let budget = Budget::new(Some(MicroUsd(limit)), MicroUsd(0));
            let granted = Mutex::new(0_u64);
            let (account, total) = (&budget, &granted);
            std::thread::scope(|scope| {
                for chunk in calls.chunks(10) {
                    scope.spawn(move || for (estimate, percent) in chunk {
                        let Ok(held) = account.reserve(MicroUsd(*estimate)) else { continue };
                        let actual = estimate * percent / 100;
                        std::thread::yield_now();
                        held.settle(MicroUsd(actual));
                        *total.lock().unwrap() += actual;
                        assert!(account.spent() <= MicroUsd(limit));
                    });
                }
            });
            prop_assert_eq!(budget.spent(), MicroUsd(granted.into_inner().unwrap()));
            prop_assert!(budget.reserve(MicroUsd(limit - budget.spent().0)).is_ok());
        }
    }
}
