//! Deterministic assertions and probes over machine-learning tasks, as rules with stable codes
