//! The Designer's free-form work directory.

use smith_task_schema::{Layer, Severity};

use super::{failed, files};
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject, read_table};

pub(super) const FILES: RuleInfo = RuleInfo {
    code: "L101",
    name: "design-files",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "description.txt, prepare.py, metric.py and test.py stand at the root of the work directory and are not empty.",
    why: "These four files are the task; the stages that follow only bring them into the unified format.",
    mend: "Write the missing file at the root of the work directory.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const PREPARE_RUNS: RuleInfo = RuleInfo {
    code: "R101",
    name: "design-prepare-runs",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "`python prepare.py` ends with exit code 0 in a copy of the work directory.",
    why: "A preparation that fails on a fresh copy of the dataset gives nobody any data.",
    mend: "Mend prepare.py so that `python prepare.py` runs to its end on a fresh copy of raw/.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const PRODUCTS: RuleInfo = RuleInfo {
    code: "R102",
    name: "design-products",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare.py writes a sample_submission.csv and a test_answer.csv with the same, positive number of rows.",
    why: "Without both files no submission can be described or scored.",
    mend: "Let prepare.py write both files, one row for each test example in each of them.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const TEST_PASSES: RuleInfo = RuleInfo {
    code: "R103",
    name: "design-test-passes",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "`python test.py` ends with exit code 0 after prepare.py has run.",
    why: "The task's own tests are its author's statement of what must hold.",
    mend: "Mend test.py, or what it finds wrong.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// `L101`.
pub(super) fn files(info: &RuleInfo, cx: &Subject) -> Findings {
    let layout = cx.layout();
    let parts = [
        (&layout.description, "what participants are told"),
        (&layout.prepare, "the preparation script"),
        (&layout.metric, "the metric"),
        (&layout.test, "the task's own tests"),
    ];
    Ok(parts.into_iter().filter_map(|(path, purpose)| files::needed(info, cx, path, purpose)).collect())
}

/// `R101`.
pub(super) async fn prepare_runs(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.design_run().await?;
    if run.prepare.status.is_ok() {
        return Ok(Vec::new());
    }
    let name = cx.name(cx.script(Script::Prepare));
    Ok(vec![failed(info, name, "`python prepare.py` failed in a copy of the work directory", &run.prepare)])
}

/// `R102`.
pub(super) async fn products(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.design_run().await?;
    if !run.prepare.status.is_ok() {
        return Err(AssertError::not_run("prepare.py did not run to its end (R101)"));
    }
    let (Some(sample), Some(answers)) = (run.samples.first(), run.answers.first()) else {
        let missing = if run.samples.is_empty() { "sample_submission.csv" } else { "test_answer.csv" };
        let message = format!(
            "prepare.py ran in a copy of the work directory, but no {missing} came out there; let it write that file, and \
             name all paths relative to the script's own directory"
        );
        return Ok(vec![info.finding("prepare.py", message)]);
    };
    let mut findings = Vec::new();
    let mut rows = Vec::new();
    for path in [sample, answers] {
        match read_table(path)? {
            Ok(table) if table.rows.is_empty() => {
                let message = "this product of prepare.py has no rows; write one row for each test example";
                findings.push(info.finding(run.name(path), message));
            }
            Ok(table) => rows.push(table.rows.len()),
            Err(fault) => findings.push(info.finding(run.name(path), format!("it cannot be read: {fault}"))),
        }
    }
    if let [sample_rows, answer_rows] = rows[..]
        && sample_rows != answer_rows
    {
        let message = format!(
            "it has {sample_rows} rows and {} has {answer_rows}; write one row for each test example in both",
            run.name(answers)
        );
        findings.push(info.finding(run.name(sample), message));
    }
    Ok(findings)
}

/// `R103`.
pub(super) async fn test_passes(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.design_run().await?;
    let Some(test) = &run.test else {
        return Err(AssertError::not_run(
            "prepare.py did not run to its end (R101), or test.py is missing (L101)",
        ));
    };
    if test.status.is_ok() {
        return Ok(Vec::new());
    }
    let name = cx.name(cx.script(Script::Test));
    Ok(vec![failed(info, name, "`python test.py` failed after prepare.py had run", test)])
}
