//! `prepare()` and `test.py`, run on copies.

use std::collections::BTreeMap;

use smith_task_schema::{Finding, Layer, LayoutKind, Severity};

use super::failed;
use crate::AssertError;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject, Tree, Which, differing, listed};

pub(super) const PREPARE_RUNS: RuleInfo = RuleInfo {
    code: "R111",
    name: "prepare-runs",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() runs on a fresh copy of raw/ and writes the sample submission and the answers.",
    why: "Whoever gets the task makes its data with this call.",
    mend: "Mend prepare.py so that prepare(raw, public, private) runs with any three directories.",
    references: &[],
};

pub(super) const REPRODUCIBLE: RuleInfo = RuleInfo {
    code: "R112",
    name: "prepare-reproducible",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "A second run of prepare() with another hash seed, time zone and directory writes the same bytes.",
    why: "If the split differs from machine to machine, scores cannot be compared and the answers do not fit.",
    mend: "Seed every random choice, sort what comes from sets and directory listings, and write no times or paths.",
    references: &[],
};

pub(super) const RAW_UNTOUCHED: RuleInfo = RuleInfo {
    code: "R113",
    name: "raw-untouched",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() leaves the original dataset alone; it may do what it likes with the copy that it is given.",
    why: "A script that reaches beyond its arguments destroys what other tasks are made of.",
    mend: "Use the argument `raw` only, never a path of your own.",
    references: &[],
};

pub(super) const SHIPPED_DATA: RuleInfo = RuleInfo {
    code: "R114",
    name: "shipped-data",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "The files in public/ and private/ are those that a fresh prepare() writes.",
    why: "Otherwise the data that was checked is not the data that participants make.",
    mend: "Run prepare() once more and ship what it writes.",
    references: &[],
};

pub(super) const TEST_PASSES: RuleInfo = RuleInfo {
    code: "R115",
    name: "test-passes",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "`python test.py` ends with exit code 0 in a copy with raw/, public/ and private/ beside it.",
    why: "The task's own tests are its author's statement of what must hold.",
    mend: "Mend test.py, or what it finds wrong; paths must be relative to its own directory.",
    references: &[],
};

/// Files that tools add to the data after `prepare()`: they need not come out of it.
const ADDED_LATER: [&str; 4] = [
    "public/description.txt",
    "public/data_structure.txt",
    "private/public_leaderboard.csv",
    "private/private_leaderboard.csv",
];
const SAMPLE: &str = "public/sample_submission.csv";

/// `R111`.
pub(super) async fn prepare_runs(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepare_run(Which::First).await?;
    let name = cx.name(cx.script(Script::Prepare));
    if !run.result.status.is_ok() {
        return Ok(vec![failed(
            info,
            name,
            "prepare(raw, public, private) failed on a fresh copy of raw/",
            &run.result,
        )]);
    }
    let products =
        [(&run.public, "public", "sample_submission.csv"), (&run.private, "private", "test_answer.csv")];
    let missing = products.into_iter().filter(|(tree, _, file)| !tree.contains_key(*file));
    let finding = |(_, dir, file)| {
        info.finding(
            &name,
            format!(
                "prepare(raw, public, private) ran, but did not write {file} into `{dir}`; write it there"
            ),
        )
    };
    Ok(missing.map(finding).collect())
}

/// `R112`.
pub(super) async fn reproducible(info: &RuleInfo, cx: &Subject) -> Findings {
    let first = cx.prepared().await?;
    let second = cx.prepare_run(Which::Second).await?;
    let name = cx.name(cx.script(Script::Prepare));
    if !second.result.status.is_ok() {
        let what = "prepare() ran once, but failed with another hash seed, time zone and directory";
        return Ok(vec![failed(info, name, what, &second.result)]);
    }
    let differ = differing(&joined(&first.public, &first.private), &joined(&second.public, &second.private));
    if differ.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "two runs with different hash seeds, time zones and directories differ in {}. {}",
        listed(&differ),
        info.mend
    );
    Ok(vec![info.finding(name, message)])
}

/// `R113`.
pub(super) async fn raw_untouched(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepare_run(Which::First).await?;
    if run.raw_changed.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "prepare() was given a copy, but files of the original dataset changed: {}. {}",
        listed(&run.raw_changed),
        info.mend
    );
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// `R114`.
pub(super) async fn shipped_data(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepared().await?;
    let layout = cx.layout();
    let mut shipped = joined(&cx.tree(&layout.public).await?, &cx.tree(&layout.private).await?);
    if shipped.is_empty() {
        return Err(AssertError::not_run("public/ and private/ are empty"));
    }
    let fresh = joined(&run.public, &run.private);
    shipped.retain(|name, _| !ADDED_LATER.contains(&name.as_str()) || fresh.contains_key(name));
    Ok(difference(info, &differing(&shipped, &fresh)).into_iter().collect())
}

/// A different sample submission changes no score, so it only warns.
fn difference(info: &RuleInfo, differ: &[String]) -> Option<Finding> {
    let first = differ.first()?;
    let message = format!(
        "what a fresh prepare() writes differs from what is here in {}. {}",
        listed(differ),
        info.mend
    );
    let severity = if differ == [SAMPLE] { Severity::Warning } else { info.severity };
    Some(Finding { severity, ..info.finding(first, message) })
}

/// Both directories as one tree, with their names before the paths.
fn joined(public: &Tree, private: &Tree) -> Tree {
    let named = |dir: &'static str, tree: &Tree| -> BTreeMap<String, String> {
        tree.iter().map(|(path, hash)| (format!("{dir}/{path}"), hash.clone())).collect()
    };
    let mut both = named("public", public);
    both.extend(named("private", private));
    both
}

/// `R115`.
pub(super) async fn test_passes(info: &RuleInfo, cx: &Subject) -> Findings {
    if cx.layout().kind == LayoutKind::Repo {
        return Err(AssertError::not_run("this layout has no test.py"));
    }
    let run = cx.test_run().await?;
    if run.result.status.is_ok() {
        return Ok(Vec::new());
    }
    let what = "`python test.py` failed in a copy with raw/, public/ and private/ beside it";
    Ok(vec![failed(info, cx.name(cx.script(Script::Test)), what, &run.result)])
}
