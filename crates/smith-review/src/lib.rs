//! Rubric reviews of machine-learning tasks by a model, with quoted evidence
