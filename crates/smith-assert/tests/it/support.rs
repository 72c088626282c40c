//! Copies of the sound tasks in each layout, and edits of them.

use std::path::{Path, PathBuf};

use smith_assert::{Catalogue, Rule, Subject};
use smith_exec::Runtime;
use smith_task_schema::{Finding, LayoutKind, Severity, TaskLayout};
use tempfile::TempDir;

/// A task that a test may change.
pub(crate) struct Task {
    pub(crate) dir: TempDir,
    pub(crate) layout: TaskLayout,
}

impl Task {
    /// The sound task in the unified format.
    pub(crate) fn unified(kind: LayoutKind) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("task");
        if kind == LayoutKind::Repo {
            std::fs::create_dir_all(root.join("raw")).unwrap();
        }
        let (from, to) =
            (TaskLayout::at(LayoutKind::Workdir, &fixture("orchard")), TaskLayout::at(kind, &root));
        for (from, to) in [(&from.raw, &to.raw), (&from.public, &to.public), (&from.private, &to.private)] {
            copy(from, to);
        }
        for (from, to) in
            [(&from.description, &to.description), (&from.prepare, &to.prepare), (&from.metric, &to.metric)]
        {
            copy(from, to);
        }
        if kind != LayoutKind::Repo {
            copy(&from.test, &to.test);
        }
        Self { dir, layout: to }
    }

    /// The sound free-form work directory.
    pub(crate) fn design() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("task");
        copy(&fixture("orchard-design"), &root);
        copy(&fixture("orchard").join("raw"), &root.join("raw"));
        let layout = TaskLayout::at(LayoutKind::Workdir, &root);
        Self { dir, layout }
    }

    pub(crate) fn subject(&self, runtime: Option<Runtime>) -> Subject {
        Subject::new(self.layout.clone(), runtime, self.dir.path().join("scratch"))
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tasks").join(name)
}

/// Copies a file or a tree.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

/// Replaces every `from` in a file; it must be there.
pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} does not contain {from:?}", path.display());
    std::fs::write(path, text.replace(from, to)).unwrap();
}

pub(crate) fn append(path: &Path, more: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text + more).unwrap();
}

/// Changes each line of a CSV but the header.
pub(crate) fn edit_rows(path: &Path, change: impl Fn(usize, &str) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let mut out = lines.next().unwrap().to_owned() + "\n";
    for (index, line) in lines.enumerate() {
        out += &(change(index, line) + "\n");
    }
    std::fs::write(path, out).unwrap();
}

pub(crate) fn rule(catalogue: &Catalogue, code: &str) -> std::sync::Arc<dyn Rule> {
    catalogue.rules().iter().find(|rule| rule.info().code == code).expect(code).clone()
}

/// Checks one rule alone.
pub(crate) async fn check(catalogue: &Catalogue, code: &str, subject: &Subject) -> Vec<Finding> {
    match rule(catalogue, code).check(subject).await {
        Ok(report) => report.findings,
        Err(error) => panic!("{code}: {error}"),
    }
}

/// What must hold of every finding.
pub(crate) fn assert_readable(task: &Task, finding: &Finding) {
    let shown = finding.to_string();
    assert!(!shown.contains(&*task.dir.path().to_string_lossy()), "an absolute path: {shown}");
    assert!(finding.message.len() > 20, "{shown}");
}

/// `E P102 prepare.py:4` for each finding, for comparison.
pub(crate) fn short(findings: &[Finding]) -> Vec<String> {
    let letter = |severity| if severity == Severity::Error { 'E' } else { 'W' };
    findings.iter().map(|f| format!("{} {} {}", letter(f.severity), f.rule, f.path)).collect()
}
