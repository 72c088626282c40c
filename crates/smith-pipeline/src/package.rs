//! Finished packages: `tasks/<id>` and `rejected/<id>`, each with its `task.json`.

use std::path::{Path, PathBuf};

use smith_task_schema::manifest::Provenance;
use smith_task_schema::{CandidateId, Proposal, TaskManifest, Verdict, hash, ids};

use crate::candidate::Decision;
use crate::error::{PipelineError, at};
use crate::tree;

/// Writes packages below one run directory.
pub(crate) struct Packages<'a> {
    pub(crate) run: &'a Path,
    pub(crate) provenance: Provenance,
}

impl Packages<'_> {
    /// Writes the package of a decided candidate and gives its name.
    pub(crate) fn write(
        &self,
        id: &CandidateId,
        proposal: &Proposal,
        decision: &Decision,
    ) -> Result<String, PipelineError> {
        let name = name_of(id, proposal);
        let mut manifest = TaskManifest::new(name.clone(), self.provenance.clone(), &proposal.header);
        let (from, folder) = match decision {
            Decision::Accepted { task, certificate } => {
                manifest.verdict = Verdict::Accepted;
                manifest.certificate = (**certificate).clone();
                if let Some(validation) = &manifest.certificate.validation {
                    manifest.higher_is_better = validation.higher_is_better;
                }
                (Some(task.root.clone()), "tasks")
            }
            Decision::Rejected { reason, left } => {
                manifest.reason = Some(reason.clone());
                (left.clone(), "rejected")
            }
        };
        self.place(&name, folder, from, manifest)?;
        Ok(name)
    }

    /// Copied aside and renamed, so that a package is either whole or not there.
    fn place(
        &self,
        name: &str,
        folder: &str,
        from: Option<PathBuf>,
        mut manifest: TaskManifest,
    ) -> Result<(), PipelineError> {
        let target = self.run.join(folder).join(name);
        let part = self.run.join(folder).join(format!("{name}.part"));
        tree::remove(&part)?;
        std::fs::create_dir_all(&part).map_err(at(&part))?;
        if let Some(from) = from {
            tree::copy(&from, &part, &[])?;
        }
        let mut files = hash::tree(&part).map_err(at(&part))?;
        files.retain(|path, _| !path.starts_with("data/raw/"));
        manifest.files = files;
        let path = part.join("task.json");
        let text = serde_json::to_string_pretty(&manifest).map_err(|error| at(&path)(error.into()))?;
        std::fs::write(&path, text + "\n").map_err(at(&path))?;
        tree::remove(&target)?;
        std::fs::rename(&part, &target).map_err(at(&target))
    }
}

/// Short enough for every file system; datasets whose slugs are equal are told apart by the caller.
fn name_of(id: &CandidateId, proposal: &Proposal) -> String {
    format!("{}-{}-{}", ids::slug(&id.dataset), id.index, ids::slug(&proposal.header.title))
}
