//! Facade of smith: raw datasets in, verified machine-learning tasks out
