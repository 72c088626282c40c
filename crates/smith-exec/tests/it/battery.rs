//! The battery of hostile programs, in every tier that this machine gives.

use std::process::{Command, Output};

use smith_exec::Tier;

/// A user that owns nothing; any number serves.
const ORDINARY: &str = "23456";

#[expect(clippy::disallowed_methods, reason = "the battery is a program")]
fn battery(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_smith-battery")).args(arguments).output().unwrap()
}

fn holds(arguments: &[&str]) {
    let output = battery(arguments);
    let (table, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "smith-battery {arguments:?}\n{table}{error}");
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn the_sandbox_holds_against_hostile_programs() {
    let tiers = tokio::runtime::Runtime::new().unwrap().block_on(crate::jail::tiers());
    // The tier of an ordinary user is tried as one, below.
    if is_root() && tiers.contains(&Tier::Namespaces) {
        holds(&["--tier", "namespaces", "--tier", "user"]);
    } else {
        holds(&[]);
    }
}

#[test]
fn the_sandbox_of_an_ordinary_user_holds_against_hostile_programs() {
    // Who is not root is one, and has been tested.
    if is_root() {
        holds(&["--as-user", ORDINARY]);
    }
}

#[test]
fn without_the_right_to_make_namespaces_that_tier_refuses_and_another_holds() {
    for case in ["read_secret", "daemon_writes_on", "network_tcp"] {
        holds(&["--simulate", "no-userns", "--only", case]);
        if is_root() {
            holds(&["--simulate", "no-userns", "--as-user", ORDINARY, "--only", case]);
        }
    }
}

#[test]
fn without_landlock_a_strict_policy_runs_nothing_and_another_says_what_is_missing() {
    // In a container without namespaces and on an old kernel nothing hides files.
    let bare = ["--simulate", "no-userns", "--simulate", "no-landlock"];
    holds(&bare);
    if is_root() {
        holds(&[&bare[..], &["--as-user", ORDINARY]].concat());
    }
}

#[test]
fn the_battery_can_fail() {
    // Nothing is called so: the same exit code as for any other mistake.
    assert_eq!(battery(&["--only", "nothing"]).status.code(), Some(2));
    assert_eq!(battery(&["--tier", "moon"]).status.code(), Some(2));
}
