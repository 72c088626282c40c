//! The generate-verify-execute pipeline: stages in order, defect routing, journal, resume, budgets
