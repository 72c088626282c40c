//! The vocabulary of the paper's section 4.2: modality, formulation, difficulty.
//!
//! Models write these words freely, so parsing accepts the usual synonyms and keeps what it does not
//! know as `Other` instead of failing.

use serde::{Deserialize, Serialize};

macro_rules! open_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
        #[cfg_attr(feature = "json-schema", schemars(with = "String"))]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A word outside the vocabulary, kept as it was written.
            Other(String),
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                let plain = word.trim().to_lowercase().replace([' ', '_'], "-");
                match plain.as_str() {
                    $($word $(| $alias)* => Self::$variant,)+
                    _ => Self::Other(word.trim().to_owned()),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl $name {
            /// The word that stands in files and reports.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

open_words! {
    /// What the data is made of (paper, section 4.2).
    Modality {
        /// Rows and columns.
        Tabular = "tabular" | "table" | "tables",
        /// Pictures.
        Image = "image" | "images" | "vision",
        /// Moving pictures.
        Video = "video" | "videos",
        /// Sound.
        Audio = "audio" | "sound" | "speech",
        /// Text in a natural language.
        NaturalLanguage = "natural-language" | "nlp" | "text",
        /// Values in order of time.
        TimeSeries = "time-series" | "timeseries" | "temporal",
        /// Graphs, point clouds, code, molecules and the like.
        OtherStructured = "other-structured" | "structured" | "graph" | "3d" | "other",
    }
}

open_words! {
    /// What is asked of a solution (paper, section 4.2).
    Formulation {
        /// One of several classes.
        Classification = "classification" | "binary-classification" | "multiclass-classification" | "multi-class-classification",
        /// A number.
        Regression = "regression",
        /// An order.
        Ranking = "ranking" | "recommendation",
        /// Any number of labels at once.
        MultiLabel = "multi-label" | "multilabel" | "multi-label-classification" | "multilabel-classification",
        /// Sequences, boxes, masks, trees.
        StructuredPrediction = "structured-prediction" | "sequence-labeling" | "sequence-labelling" | "object-detection" | "segmentation",
        /// Free text or other free output.
        Generation = "generation" | "text-generation",
        /// Values that lie in the future of the training data.
        Forecasting = "forecasting" | "time-series-forecasting",
    }
}

open_words! {
    /// Level of a task, in the words of MLE-Dojo's registry.
    Difficulty {
        /// A plain baseline comes close to the best.
        Beginner = "beginner" | "easy",
        /// Needs some modelling.
        Intermediate = "intermediate" | "medium" | "moderate",
        /// Needs much of it.
        Advanced = "advanced" | "hard" | "difficult",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_and_unknown_words_survive() {
        assert_eq!(Modality::from("NLP".to_owned()), Modality::NaturalLanguage);
        assert_eq!(Formulation::from("Multi label".to_owned()), Formulation::MultiLabel);
        let odd = Difficulty::from("fiendish".to_owned());
        assert_eq!(serde_json::to_string(&odd).unwrap(), "\"fiendish\"");
    }
}
