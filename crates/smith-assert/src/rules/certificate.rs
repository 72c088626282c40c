//! The certificate in `task.json` speaks of the files that are there.

use smith_task_schema::{Layer, LayoutKind, ManifestError, Severity, TaskManifest};

use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Subject, listed};

pub(super) const CURRENT: RuleInfo = RuleInfo {
    code: "L110",
    name: "certificate-current",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "task.json is as it was written, and the files that it vouches for have not changed since.",
    why: "A certificate is worth something only for the very files that were checked; any edit voids it.",
    mend: "Undo the edit, or remove task.json and have the task verified and packaged again.",
    references: &[literature::PROVENANCE],
};

/// `L110`.
pub(super) fn current(info: &RuleInfo, cx: &Subject) -> Findings {
    let layout = cx.layout();
    if layout.kind != LayoutKind::Package || !layout.manifest().is_file() {
        return Err(AssertError::not_run("there is no task.json"));
    }
    let place = cx.name(&layout.manifest());
    let (manifest, is_whole) = match TaskManifest::read(&layout.root) {
        Ok(read) => read,
        Err(ManifestError::Unreadable { source, .. }) => {
            return Err(AssertError::io(&layout.manifest())(source));
        }
        Err(error) => return Ok(vec![info.finding(place, format!("{error}. {}", info.mend))]),
    };
    let mut findings = Vec::new();
    if !is_whole {
        let message = format!("its content is not what was sealed when it was written. {}", info.mend);
        findings.push(info.finding(&place, message));
    }
    let changed = manifest.changed_files(&layout.root).map_err(AssertError::io(&layout.root))?;
    if !changed.is_empty() {
        let message = format!(
            "it vouches for other files than those that are there: {} changed, came or went. {}",
            listed(&changed),
            info.mend
        );
        findings.push(info.finding(&place, message));
    }
    Ok(findings)
}
