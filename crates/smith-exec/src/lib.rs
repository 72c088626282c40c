//! Runs model-written Python: locked environment, sandbox trait, grading, interactive environment
