//! Runs over the ferries: a small dataset, the sources of a sound task on it, and stages that a test directs.

mod actors;
mod python;
mod setting;

pub(crate) use actors::{Act, Actors, Call, review_fails};
pub(crate) use python::FakePython;
pub(crate) use setting::{Setting, Watcher, events, fixture, kinds, kinds_of};
