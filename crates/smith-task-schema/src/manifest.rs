//! `task.json`: what a task package says of itself to programs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::certificate::{Certificate, Verdict};
use crate::taxonomy::{Difficulty, Formulation, Modality};

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
    /// BLAKE3 of every file of the package but this one and `data/raw`, by path.
    pub files: BTreeMap<String, String>,
    /// Accepted or rejected.
    pub verdict: Verdict,
    /// Why rejected; absent on accepted tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What stands behind the verdict.
    pub certificate: Certificate,
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
        }
    }
}
