//! `cargo xtask test`: the steps of CI in their order, with the seconds that each took.

mod built;
mod packages;
mod pipeline;
mod step;

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::failure::Failure;
use step::Step;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave out the steps that check what is published (doc, deny, package), and the defect bank
    #[arg(long, conflicts_with = "only")]
    fast: bool,
    /// Run this step alone
    #[arg(long, value_name = "STEP", value_enum)]
    only: Option<Step>,
}

/// A line of the table at the end.
struct Row {
    step: Step,
    result: &'static str,
    time: Duration,
}

/// Runs the chosen steps up to the first that fails, then prints how long each took.
///
/// # Errors
///
/// The failure of that step, with the command that repeats it alone.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let result = chosen(options).into_iter().try_for_each(|step| {
        println!("\n=== {}: {}", step.name(), step.purpose());
        let begin = Instant::now();
        let outcome = step.run();
        let result = outcome.as_ref().map_or("failed", |outcome| outcome.word());
        rows.push(Row { step, result, time: begin.elapsed() });
        outcome.map(|_| ()).map_err(|failure| explain(step, failure))
    });
    print!("\n{}", table(&rows));
    result
}

fn chosen(options: &Options) -> Vec<Step> {
    match options.only {
        Some(step) => vec![step],
        None => {
            Step::value_variants().iter().copied().filter(|step| !(options.fast && step.is_slow())).collect()
        }
    }
}

/// Adds to a failure which step it stopped and how to repeat that step.
fn explain(step: Step, failure: Failure) -> Failure {
    let hint = format!("step `{0}` failed; run it alone with `cargo xtask test --only {0}`", step.name());
    match failure {
        Failure::Refused(message) => Failure::Refused(format!("{message}\n{hint}")),
        Failure::Fault(message) => Failure::Fault(format!("{message}\n{hint}")),
    }
}

fn table(rows: &[Row]) -> String {
    let mut lines = format!("{:<10} {:>8}  result\n", "step", "seconds");
    for Row { step, result, time } in rows {
        lines += &format!("{:<10} {:>8.1}  {result}\n", step.name(), time.as_secs_f64());
    }
    let total: Duration = rows.iter().map(|row| row.time).sum();
    lines + &format!("{:<10} {:>8.1}\n", "all", total.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fast: bool, only: Option<Step>) -> Vec<&'static str> {
        chosen(&Options { fast, only }).into_iter().map(Step::name).collect()
    }

    #[test]
    fn the_cheapest_steps_come_first_and_the_tests_last() {
        let all = ["tidy", "fmt", "deny", "clippy", "doc", "package", "build", "pipeline", "bank", "test"];
        assert_eq!(names(false, None), all);
        assert_eq!(names(true, None), ["tidy", "fmt", "clippy", "build", "pipeline", "test"]);
        assert_eq!(names(false, Some(Step::Deny)), ["deny"]);
    }

    #[test]
    fn a_failure_names_its_step_and_keeps_its_kind() {
        let message = "x\nstep `deny` failed; run it alone with `cargo xtask test --only deny`".to_owned();
        assert_eq!(explain(Step::Deny, Failure::Refused("x".into())), Failure::Refused(message.clone()));
        assert_eq!(explain(Step::Deny, Failure::Fault("x".into())), Failure::Fault(message));
    }

    #[test]
    fn the_table_has_a_line_for_each_step_and_the_sum() {
        let rows = [
            Row { step: Step::Tidy, result: "passed", time: Duration::from_millis(1500) },
            Row { step: Step::Deny, result: "failed", time: Duration::from_millis(500) },
        ];
        let expected = "step        seconds  result\n\
                        tidy            1.5  passed\n\
                        deny            0.5  failed\n\
                        all             2.0\n";
        assert_eq!(table(&rows), expected);
    }
}
