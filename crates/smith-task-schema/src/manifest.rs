//! `task.json`: what a task package says of itself to programs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::certificate::{Certificate, Verdict};
use crate::hash;
use crate::taxonomy::{Difficulty, Formulation, Modality};

/// Where a package keeps the dataset.
const RAW: &str = "data/raw/";

/// Version that is written; readers accept it and everything older.
pub const SCHEMA_VERSION: u32 = 1;

/// Where a task comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Name of the dataset.
    pub dataset: String,
    /// [`crate::hash::tree_digest`] of the raw dataset.
    pub dataset_digest: String,
    /// Licence as the dataset states it, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Model specification that made the task (`openai-compatible:NAME`, `replay:FILE` without its folder).
    pub model: String,
    /// `smith` and its version.
    pub generator: String,
}

/// The manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskManifest {
    /// [`SCHEMA_VERSION`] of the writer.
    pub schema_version: u32,
    /// Name of the task, unique in its run; a [`crate::ids::slug`].
    pub id: String,
    /// Human title.
    pub title: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What the data is made of.
    pub modality: Modality,
    /// What is asked.
    pub formulation: Formulation,
    /// What is predicted.
    pub target: String,
    /// Name of the metric.
    pub metric: String,
    /// Direction of the metric, as the metric itself states it.
    pub higher_is_better: bool,
    /// Level.
    pub difficulty: Difficulty,
    /// Free tags.
    pub tags: Vec<String>,
    /// [`TaskManifest::hashes`] of the package.
    pub files: BTreeMap<String, String>,
    /// Accepted or rejected.
    pub verdict: Verdict,
    /// Why rejected; absent on accepted tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What stands behind the verdict.
    pub certificate: Certificate,
    /// BLAKE3 of the file with this empty. It tells an edit from what was written; it is no signature.
    #[serde(default)]
    pub seal: String,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// It could not be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no manifest.
    #[error("{} is no manifest of a task: {source}", path.display())]
    Malformed {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl TaskManifest {
    /// A manifest of a rejected, still unproven task; fill in the rest.
    #[must_use]
    pub fn new(id: String, provenance: Provenance, header: &crate::ProposalHeader) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            id,
            title: header.title.clone(),
            provenance,
            modality: header.modality.clone(),
            formulation: header.formulation.clone(),
            target: header.target.clone(),
            metric: header.metric.clone(),
            higher_is_better: header.higher_is_better,
            difficulty: header.difficulty.clone(),
            tags: header.tags.clone(),
            files: BTreeMap::new(),
            verdict: Verdict::Rejected,
            reason: None,
            certificate: Certificate::default(),
            seal: String::new(),
        }
    }

    /// Reads the manifest of the package at `root`, and whether it is as it was sealed: false when as much as a space
    /// was changed since, or it never was sealed.
    ///
    /// # Errors
    /// It is not there or cannot be read; it is no manifest.
    pub fn read(root: &Path) -> Result<(Self, bool), ManifestError> {
        let path = root.join(Self::FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(ManifestError::Unreadable { path, source }),
        };
        let manifest: Self = match serde_json::from_str(&text) {
            Ok(manifest) => manifest,
            Err(source) => return Err(ManifestError::Malformed { path, source }),
        };
        let is_whole = with_seal(&text, &manifest.seal, "")
            .is_some_and(|text| blake3::hash(text.as_bytes()).to_hex().as_str() == manifest.seal);
        Ok((manifest, is_whole))
    }

    /// The text of the file, sealed: the hash is that of the text with an empty seal.
    ///
    /// # Errors
    /// As `serde_json`; no manifest is known to fail.
    pub fn to_sealed_json(&self) -> serde_json::Result<String> {
        let text = serde_json::to_string_pretty(&Self { seal: String::new(), ..self.clone() })? + "\n";
        let seal = blake3::hash(text.as_bytes()).to_hex();
        Ok(with_seal(&text, "", seal.as_str()).unwrap_or(text))
    }

    /// BLAKE3 of every file of the package at `root` but the manifest, by path, and what else lies there as
    /// [`hash::everything`] names it. Those of the dataset count as one, under
    /// `data/raw/`: the digest of its tree.
    ///
    /// # Errors
    /// Any error of listing or reading.
    pub fn hashes(root: &Path) -> std::io::Result<BTreeMap<String, String>> {
        let mut files = hash::everything(root)?;
        files.remove(Self::FILE);
        // What has no empty folders keeps a dataset too: an archive, a repository.
        files.retain(|path, _| !(path.starts_with(RAW) && path.ends_with('/')));
        let raw: Vec<(String, String)> = files
            .iter()
            .filter_map(|(path, hash)| Some((path.strip_prefix(RAW)?.to_owned(), hash.clone())))
            .collect();
        files.retain(|path, _| !path.starts_with(RAW));
        if !raw.is_empty() {
            files.insert(RAW.to_owned(), hash::digest_of(raw));
        }
        Ok(files)
    }

    /// Names of the files of the package at `root` that are not those that it vouches for, in order.
    ///
    /// # Errors
    /// As [`hashes`](Self::hashes).
    pub fn changed_files(&self, root: &Path) -> std::io::Result<Vec<String>> {
        Ok(hash::differing(&self.files, &Self::hashes(root)?))
    }

    /// Its name in a package.
    pub const FILE: &str = "task.json";
}

/// The text with another seal in place of the last one.
fn with_seal(text: &str, old: &str, new: &str) -> Option<String> {
    let field = format!("\"seal\": \"{old}\"");
    let at = text.rfind(&field)?;
    Some(format!("{}\"seal\": \"{new}\"{}", text.get(..at)?, text.get(at + field.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> crate::ProposalHeader {
        crate::ProposalHeader {
            title: "Grades of apples".to_owned(),
            target: "grade".to_owned(),
            modality: Modality::Tabular,
            formulation: Formulation::Classification,
            metric: "accuracy".to_owned(),
            higher_is_better: true,
            difficulty: Difficulty::Beginner,
            tags: Vec::new(),
        }
    }

    #[test]
    fn any_edit_breaks_the_seal() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(TaskManifest::FILE);
        let manifest = TaskManifest::new("a-1".to_owned(), Provenance::default(), &header());
        let text = manifest.to_sealed_json().unwrap();
        std::fs::write(&path, &text).unwrap();
        let (read, is_whole) = TaskManifest::read(dir.path()).unwrap();
        assert!(is_whole && read.seal.len() == 64);
        for edited in [text.replace("rejected", "accepted"), text.replacen("  ", "   ", 1)] {
            std::fs::write(&path, edited).unwrap();
            assert!(!TaskManifest::read(dir.path()).unwrap().1);
        }
        let unsealed = text.replace(&read.seal, "");
        let without = text.replace(&format!(",\n  \"seal\": \"{}\"", read.seal), "");
        assert_ne!(without, text);
        for never in [unsealed, without, serde_json::to_string(&manifest).unwrap()] {
            std::fs::write(&path, never).unwrap();
            assert!(!TaskManifest::read(dir.path()).unwrap().1, "never sealed");
        }
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(TaskManifest::read(dir.path()), Err(ManifestError::Malformed { .. })));
    }
}
