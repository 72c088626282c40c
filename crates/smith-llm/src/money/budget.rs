//! Limits on spending that parallel calls share, one inside another.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::MicroUsd;
use crate::error::LlmError;

/// A shared account with an optional limit, alone or inside another one. Clones are handles of the same account.
///
/// A call reserves its estimate before it is sent, in its account and in all accounts around it or in none, so calls
/// that run side by side cannot together step over any limit, as long as none costs more than its estimate.
///
/// ```
/// use smith_llm::{Budget, MicroUsd};
///
/// let run = Budget::new(Some(MicroUsd(100)), MicroUsd(0));
/// let (first, second) = (run.child(Some(MicroUsd(60)), MicroUsd(0)), run.child(None, MicroUsd(0)));
/// first.reserve(MicroUsd(60))?.settle(MicroUsd(50));
/// assert!(first.reserve(MicroUsd(11)).is_err(), "its own limit");
/// assert_eq!(first.refused_at(), Some(0));
/// assert!(second.reserve(MicroUsd(51)).is_err(), "the limit of both");
/// assert_eq!(second.refused_at(), Some(1));
/// assert_eq!(run.spent(), MicroUsd(50));
/// # Ok::<(), smith_llm::LlmError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Budget {
    tree: Arc<Tree>,
    /// The account, and those around it from the inside out.
    path: Arc<[usize]>,
}

/// All accounts of one outermost one. A single lock makes what happens to several of them one step.
#[derive(Debug, Default)]
struct Tree {
    accounts: Mutex<Vec<Account>>,
    /// Told whenever reserved money goes back.
    freed: Notify,
}

#[derive(Debug, Clone, Copy, Default)]
struct Account {
    limit: Option<MicroUsd>,
    spent: MicroUsd,
    reserved: MicroUsd,
    refused_at: Option<usize>,
}

impl Account {
    fn opened(limit: Option<MicroUsd>, already_spent: MicroUsd) -> Self {
        Self { limit, spent: already_spent, ..Self::default() }
    }

    /// Why `needed` cannot be set aside here, if so.
    fn refusal(&self, needed: MicroUsd) -> Option<LlmError> {
        let Self { spent, reserved, .. } = *self;
        let limit = self.limit.filter(|limit| spent + reserved + needed > *limit)?;
        Some(LlmError::BudgetReached { limit, spent, reserved, needed })
    }

    /// Whether `needed` would not fit either if all calls gave back what they hold.
    fn is_short_of(&self, needed: MicroUsd) -> bool {
        self.limit.is_some_and(|limit| self.spent + needed > limit)
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(None, MicroUsd(0))
    }
}

impl Budget {
    /// An account with `already_spent` on it; without a limit everything is granted.
    #[must_use]
    pub fn new(limit: Option<MicroUsd>, already_spent: MicroUsd) -> Self {
        let accounts = Mutex::new(vec![Account::opened(limit, already_spent)]);
        Self { tree: Arc::new(Tree { accounts, freed: Notify::new() }), path: Arc::new([0]) }
    }

    /// Opens an account inside this one: what it spends from now on is spent here too. Its `already_spent` is not
    /// added here, where it is part of what was spent before.
    #[must_use]
    pub fn child(&self, limit: Option<MicroUsd>, already_spent: MicroUsd) -> Self {
        let number = self.tree.update(|accounts| {
            accounts.push(Account::opened(limit, already_spent));
            accounts.len() - 1
        });
        let path = std::iter::once(number).chain(self.path.iter().copied()).collect();
        Self { tree: Arc::clone(&self.tree), path }
    }

    /// Sets `estimate` aside for a call that is about to be made, in this account and all around it.
    ///
    /// # Errors
    /// [`LlmError::BudgetReached`] with the figures of an account in which spent, reserved and estimate together exceed
    /// the limit: the outermost one in which that is so for good, or else the outermost one. Nothing is set aside then.
    pub fn reserve(&self, estimate: MicroUsd) -> Result<Reservation, LlmError> {
        self.tree.update(|accounts| {
            let refusal = self.refusal(accounts, estimate);
            self.own(accounts, |own| own.refused_at = refusal.as_ref().map(|(levels_up, _)| *levels_up));
            if let Some((_, error)) = refusal {
                return Err(error);
            }
            self.each(accounts, |account| account.reserved = account.reserved + estimate);
            Ok(())
        })?;
        Ok(Reservation { budget: self.clone(), amount: estimate, is_open: true })
    }

    /// As [`Budget::reserve`], but waits while only what other calls have set aside is in the way: most of them cost
    /// less than they reserved.
    ///
    /// # Errors
    /// [`LlmError::BudgetReached`] when the estimate would not fit if all others gave everything back.
    pub async fn reserve_when_free(&self, estimate: MicroUsd) -> Result<Reservation, LlmError> {
        loop {
            // Listening begins before the look, so that nothing that is freed in between is missed.
            let mut freed = std::pin::pin!(self.tree.freed.notified());
            freed.as_mut().enable();
            match self.reserve(estimate) {
                Err(LlmError::BudgetReached { limit, spent, reserved, needed })
                    if reserved > MicroUsd(0) && spent + needed <= limit =>
                {
                    freed.await;
                }
                other => return other,
            }
        }
    }

    /// Settled so far, what was spent before this account was opened included.
    #[must_use]
    pub fn spent(&self) -> MicroUsd {
        self.tree.update(|accounts| self.own(accounts, |own| own.spent)).unwrap_or_default()
    }

    /// The limit of this account itself, if there is one.
    #[must_use]
    pub fn limit(&self) -> Option<MicroUsd> {
        self.tree.update(|accounts| self.own(accounts, |own| own.limit)).flatten()
    }

    /// Whether this account or one around it has a limit.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.tree.update(|accounts| {
            self.path
                .iter()
                .any(|number| accounts.get(*number).is_some_and(|account| account.limit.is_some()))
        })
    }

    /// Whose limit refused the last reservation that was asked of this account: 0 for its own, 1 for that of the
    /// account around it, and so on; nothing if it was granted.
    #[must_use]
    pub fn refused_at(&self) -> Option<usize> {
        self.tree.update(|accounts| self.own(accounts, |own| own.refused_at)).flatten()
    }

    /// Which account refuses, as levels up from this one, and why.
    fn refusal(&self, accounts: &[Account], estimate: MicroUsd) -> Option<(usize, LlmError)> {
        let around = self.path.iter().enumerate().rev();
        let mut refusing = around.filter_map(|(levels_up, number)| {
            let account = accounts.get(*number)?;
            Some((levels_up, account, account.refusal(estimate)?))
        });
        let first = refusing.next()?;
        let for_good = |(_, account, _): &(usize, &Account, LlmError)| account.is_short_of(estimate);
        let (levels_up, _, error) =
            if for_good(&first) { first } else { refusing.find(for_good).unwrap_or(first) };
        Some((levels_up, error))
    }

    fn own<T>(&self, accounts: &mut [Account], look: impl FnOnce(&mut Account) -> T) -> Option<T> {
        accounts.get_mut(*self.path.first()?).map(look)
    }

    fn each(&self, accounts: &mut [Account], mut change: impl FnMut(&mut Account)) {
        for number in self.path.iter() {
            if let Some(account) = accounts.get_mut(*number) {
                change(account);
            }
        }
    }
}

impl Tree {
    /// The accounts are consistent after every update, so a lock that a panicking thread left behind is usable.
    fn update<T>(&self, change: impl FnOnce(&mut Vec<Account>) -> T) -> T {
        change(&mut self.accounts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Money set aside for one call. Dropped unsettled (the call failed), it goes back.
#[derive(Debug)]
#[must_use = "a reservation that is dropped goes back at once"]
pub struct Reservation {
    budget: Budget,
    amount: MicroUsd,
    is_open: bool,
}

impl Reservation {
    /// Books what the call really cost and returns the rest.
    pub fn settle(mut self, actual: MicroUsd) {
        self.end(actual);
    }

    fn end(&mut self, actual: MicroUsd) {
        if !std::mem::take(&mut self.is_open) {
            return;
        }
        let (budget, amount) = (&self.budget, self.amount);
        budget.tree.update(|accounts| {
            budget.each(accounts, |account| {
                account.spent = account.spent + actual;
                account.reserved = MicroUsd(account.reserved.0.saturating_sub(amount.0));
            });
        });
        budget.tree.freed.notify_waiters();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.end(MicroUsd(0));
    }
}

#[cfg(test)]
mod tests;
