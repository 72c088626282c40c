//! The prompts of smith's agents and reviewers, as template files
