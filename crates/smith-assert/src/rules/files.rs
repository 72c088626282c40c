//! Files and directories of the unified format.

use std::path::Path;

use smith_task_schema::{Finding, Layer, LayoutKind, Severity};

use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::Subject;

pub(super) const LAYOUT: RuleInfo = RuleInfo {
    code: "L102",
    name: "unified-layout",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Every file and directory of the task's layout is there and no file is empty.",
    why: "Tools load a task by these names; one missing file and it cannot be used at all.",
    mend: "Write the missing file under exactly this name.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// `L102`.
pub(super) fn layout(info: &RuleInfo, cx: &Subject) -> Findings {
    let layout = cx.layout();
    let mut files = vec![
        (layout.description.clone(), "what participants are told"),
        (layout.prepare.clone(), "the preparation script"),
        (layout.metric.clone(), "the metric"),
        (layout.public.join("description.txt"), "the copy of description.txt for participants"),
        (layout.sample_submission(), "an example of a valid submission"),
        (layout.test_answer(), "the answers"),
    ];
    if layout.kind != LayoutKind::Repo {
        files.push((layout.test.clone(), "the task's own tests"));
    }
    let mut findings = directories(info, cx);
    findings.extend(files.iter().filter_map(|(path, purpose)| needed(info, cx, path, purpose)));
    Ok(findings)
}

fn directories(info: &RuleInfo, cx: &Subject) -> Vec<Finding> {
    let layout = cx.layout();
    let parts = [(&layout.public, "what participants get"), (&layout.private, "the answers")];
    let missing = parts.into_iter().filter(|(path, _)| !path.is_dir());
    missing
        .map(|(path, holds)| {
            let name = cx.name(path);
            info.finding(
                format!("{name}/"),
                format!("the directory {name}/ ({holds}) is missing; make it and fill it"),
            )
        })
        .collect()
}

/// A finding when `path` is no file with something in it.
pub(super) fn needed(info: &RuleInfo, cx: &Subject, path: &Path, purpose: &str) -> Option<Finding> {
    let name = cx.name(path);
    let fault = match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() > 0 => return None,
        Ok(meta) if meta.is_file() => "is empty",
        Ok(_) => "is not a file",
        Err(_) => "is missing",
    };
    Some(info.finding(name.clone(), format!("{name} ({purpose}) {fault}; write it under exactly this name")))
}
