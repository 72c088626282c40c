//! Intake and profiling of raw datasets: facts, overview and previews
