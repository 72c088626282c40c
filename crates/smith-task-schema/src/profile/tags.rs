//! What the data is made of and what it can be asked for, with evidence.

use serde::{Deserialize, Serialize};

use crate::taxonomy::{Formulation, Modality};

/// A modality that the data shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct ModalityTag {
    /// The modality.
    pub modality: Modality,
    /// From 0 to 1.
    pub confidence: f64,
    /// What speaks for it.
    pub evidence: Vec<String>,
}

/// A formulation that the data allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct FormulationTag {
    /// The formulation.
    pub formulation: Formulation,
    /// From 0 to 1.
    pub confidence: f64,
    /// What speaks for it.
    pub evidence: Vec<String>,
}
