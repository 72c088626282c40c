//! Finished packages: `tasks/<id>` and `rejected/<id>`, each with its `task.json`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use smith_task_schema::manifest::Provenance;
use smith_task_schema::{CandidateId, Proposal, TaskManifest, Verdict, ids};

use crate::candidate::Decision;
use crate::error::{PipelineError, at};
use crate::run_dir::DatasetEntry;
use crate::tree;

/// Writes packages below one run directory.
pub(crate) struct Packages<'a> {
    pub(crate) run: &'a Path,
    /// How the names of the dataset's packages begin.
    pub(crate) prefix: &'a str,
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
        // Short enough for every file system.
        let name = format!("{}-{}-{}", self.prefix, id.index, ids::slug(&proposal.header.title));
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
            // A manifest is this program's to write, whatever an agent left under its name.
            tree::copy(&from, &part, &[TaskManifest::FILE])?;
        }
        manifest.files = TaskManifest::hashes(&part).map_err(at(&part))?;
        let path = part.join(TaskManifest::FILE);
        let text = manifest.to_sealed_json().map_err(|error| at(&path)(error.into()))?;
        std::fs::write(&path, text).map_err(at(&path))?;
        tree::remove(&target)?;
        std::fs::rename(&part, &target).map_err(at(&target))
    }
}

/// How the names of a dataset's packages begin: its slug, with a number where another dataset's is the same.
pub(crate) fn prefixes(datasets: &[DatasetEntry]) -> HashMap<String, String> {
    let mut taken = HashSet::new();
    datasets
        .iter()
        .map(|entry| {
            let slug = ids::slug(&entry.name);
            let numbered = (2..).map(|number| format!("{slug}-{number}"));
            let free = std::iter::once(slug.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
            (entry.name.clone(), free.unwrap_or(slug))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datasets_whose_slugs_are_equal_have_packages_of_their_own() {
        let long = "x".repeat(70);
        let names = ["tea", "茶", "水", "tea-2", &long, &format!("{long}-2")];
        let entry = |name: &str| DatasetEntry { name: name.to_owned(), path: PathBuf::new() };
        let prefixes = prefixes(&names.map(entry));
        let long = "x".repeat(60);
        let expected = ["tea", "unnamed", "unnamed-2", "tea-2", &long, &format!("{long}-2")];
        assert_eq!(names.map(|name| prefixes[name].as_str()), expected);
    }
}
