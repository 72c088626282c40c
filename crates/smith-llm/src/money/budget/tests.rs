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
    assert_eq!((budget.spent(), budget.limit(), budget.is_limited()), (MicroUsd(7), None, false));
    assert!(Budget::new(Some(MicroUsd(1)), MicroUsd(0)).child(None, MicroUsd(0)).is_limited());
}

#[test]
fn a_refusal_leaves_no_account_with_less() {
    let run = Budget::new(Some(MicroUsd(100)), MicroUsd(10));
    let dataset = run.child(Some(MicroUsd(50)), MicroUsd(10));
    let candidate = dataset.child(Some(MicroUsd(20)), MicroUsd(0));
    for (estimate, level) in [(21, 0), (41, 1), (91, 2)] {
        let error = candidate.reserve(MicroUsd(estimate)).unwrap_err();
        let limit = [20, 50, 100][level];
        assert!(error.to_string().contains(&MicroUsd(limit).to_string()), "{error}");
        assert_eq!(candidate.refused_at(), Some(level));
    }
    let all = candidate.reserve(MicroUsd(20)).unwrap();
    assert_eq!((candidate.refused_at(), dataset.refused_at()), (None, None));
    // What one candidate holds is missing to its neighbours, inside and outside the dataset.
    assert!(dataset.child(None, MicroUsd(0)).reserve(MicroUsd(21)).is_err());
    assert!(run.child(None, MicroUsd(0)).reserve(MicroUsd(71)).is_err());
    all.settle(MicroUsd(20));
    assert_eq!([&candidate, &dataset, &run].map(|b| b.spent().0), [20, 30, 30]);
}

#[tokio::test]
async fn a_call_waits_for_what_others_may_give_back_and_for_nothing_else() {
    let run = Budget::new(Some(MicroUsd(100)), MicroUsd(0));
    let (first, second) = (run.child(None, MicroUsd(0)), run.child(Some(MicroUsd(60)), MicroUsd(0)));
    let held = first.reserve(MicroUsd(80)).unwrap();
    assert!(second.reserve_when_free(MicroUsd(61)).await.is_err(), "more than it will ever have");
    let waiting = tokio::spawn({
        let second = second.clone();
        async move { second.reserve_when_free(MicroUsd(60)).await.map(|held| held.settle(MicroUsd(60))) }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    held.settle(MicroUsd(40));
    waiting.await.unwrap().unwrap();
    assert_eq!((run.spent(), second.spent()), (MicroUsd(100), MicroUsd(60)));
    // The other way to go back: the call failed, or its task is gone.
    assert!(run.reserve_when_free(MicroUsd(1)).await.is_err());
}

#[tokio::test]
async fn a_call_that_stops_waiting_holds_nothing() {
    let run = Budget::new(Some(MicroUsd(10)), MicroUsd(0));
    let held = run.reserve(MicroUsd(10)).unwrap();
    let gave_up = tokio::time::timeout(std::time::Duration::ZERO, run.reserve_when_free(MicroUsd(5))).await;
    assert!(gave_up.is_err());
    drop(held);
    assert!(run.reserve(MicroUsd(10)).is_ok());
}

/// What may happen to a tree of accounts.
#[derive(Debug, Clone)]
enum Step {
    /// A call of an account reserves.
    Reserve { account: usize, estimate: u64 },
    /// A running call ends and costs a share of what it reserved.
    Settle { call: usize, percent: u64 },
    /// A running call fails.
    Cancel { call: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..64_usize, 0_u64..60).prop_map(|(account, estimate)| Step::Reserve { account, estimate }),
        2 => (0..64_usize, 0_u64..=100).prop_map(|(call, percent)| Step::Settle { call, percent }),
        1 => (0..64_usize).prop_map(|call| Step::Cancel { call }),
    ]
}

/// An account of the test: its parent, its limit, what was spent before.
type Opened = (Option<usize>, Option<u64>, u64);

fn accounts() -> impl Strategy<Value = Vec<Opened>> {
    prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(0_u64..400), 0_u64..30), 1..10)
        .prop_map(|drawn| {
            let parent =
                |number: usize, index: prop::sample::Index| (number > 0).then(|| index.index(number));
            let open = |(number, (index, limit, spent))| (parent(number, index), limit, spent);
            drawn.into_iter().enumerate().map(open).collect()
        })
}

/// The same sums, kept in the plainest way.
struct Model {
    opened: Vec<Opened>,
    spent: Vec<u64>,
    reserved: Vec<u64>,
}

impl Model {
    fn around(&self, account: usize) -> Vec<usize> {
        std::iter::successors(Some(account), |number| self.opened[*number].0).collect()
    }

    fn fits(&self, account: usize, estimate: u64) -> bool {
        self.around(account).into_iter().all(|number| {
            let limit = self.opened[number].1.unwrap_or(u64::MAX);
            self.spent[number] + self.reserved[number] + estimate <= limit
        })
    }
}

fn open(opened: &[Opened]) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = Vec::new();
    for (parent, limit, spent) in opened {
        let (limit, spent) = (limit.map(MicroUsd), MicroUsd(*spent));
        budgets.push(match parent {
            None => Budget::new(limit, spent),
            Some(parent) => budgets[*parent].child(limit, spent),
        });
    }
    budgets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever is reserved, settled and cancelled in whatever order: the tree grants exactly what the plain sums
    /// grant, no limit is stepped over, and every account ends exact to the micro-dollar.
    #[test]
    fn a_tree_of_accounts_keeps_every_limit(opened in accounts(), steps in prop::collection::vec(step(), 0..120)) {
        let budgets = open(&opened);
        let mut model = Model {
            spent: opened.iter().map(|(_, _, spent)| *spent).collect(),
            reserved: vec![0; opened.len()],
            opened,
        };
        let mut calls: Vec<(usize, u64, Reservation)> = Vec::new();
        for step in steps {
            match step {
                Step::Reserve { account, estimate } => {
                    let account = account % budgets.len();
                    let granted = budgets[account].reserve(MicroUsd(estimate));
                    prop_assert_eq!(granted.is_ok(), model.fits(account, estimate));
                    if let Ok(held) = granted {
                        for number in model.around(account) {
                            model.reserved[number] += estimate;
                        }
                        calls.push((account, estimate, held));
                    }
                }
                Step::Settle { .. } | Step::Cancel { .. } if calls.is_empty() => {}
                Step::Settle { call, percent } => {
                    let (account, estimate, held) = calls.swap_remove(call % calls.len());
                    let actual = estimate * percent / 100;
                    held.settle(MicroUsd(actual));
                    for number in model.around(account) {
                        model.reserved[number] -= estimate;
                        model.spent[number] += actual;
                    }
                }
                Step::Cancel { call } => {
                    let (account, estimate, _held) = calls.swap_remove(call % calls.len());
                    for number in model.around(account) {
                        model.reserved[number] -= estimate;
                    }
                }
            }
            for (number, budget) in budgets.iter().enumerate() {
                prop_assert_eq!(budget.spent(), MicroUsd(model.spent[number]));
                let before = model.opened[number].2;
                let limit = budget.limit().unwrap_or(MicroUsd(u64::MAX)).max(MicroUsd(before));
                prop_assert!(budget.spent() <= limit);
            }
        }
        drop(calls);
        for (number, budget) in budgets.iter().enumerate() {
            let room = model.around(number).into_iter().filter_map(|around| {
                Some(model.opened[around].1?.saturating_sub(model.spent[around]))
            }).min();
            if let Some(room) = room.filter(|room| *room > 0) {
                prop_assert!(budget.reserve(MicroUsd(room)).is_ok());
                prop_assert!(budget.reserve(MicroUsd(room + 1)).is_err());
            }
        }
    }

    #[test]
    fn parallel_calls_never_step_over_any_limit(
        limit in 0_u64..500,
        own in 0_u64..200,
        calls in prop::collection::vec((0_u64..60, 0_u64..=100), 1..40),
    ) {
        let run = Budget::new(Some(MicroUsd(limit)), MicroUsd(0));
        let total = Mutex::new(0_u64);
        std::thread::scope(|scope| {
            for chunk in calls.chunks(10) {
                let (run, total) = (&run, &total);
                scope.spawn(move || {
                    let account = run.child(Some(MicroUsd(own)), MicroUsd(0));
                    for (estimate, percent) in chunk {
                        let Ok(held) = account.reserve(MicroUsd(*estimate)) else { continue };
                        let actual = estimate * percent / 100;
                        std::thread::yield_now();
                        held.settle(MicroUsd(actual));
                        *total.lock().unwrap() += actual;
                        assert!(account.spent() <= MicroUsd(own) && run.spent() <= MicroUsd(limit));
                    }
                });
            }
        });
        prop_assert_eq!(run.spent(), MicroUsd(total.into_inner().unwrap()));
        prop_assert!(run.reserve(MicroUsd(limit - run.spent().0)).is_ok());
    }
}
