//! The rules on a small sound task and on mutations of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod catalogues;
mod certificate;
mod descriptions;
mod designs;
mod manual;
mod reading;
mod running;
mod scripts;
mod sound;
mod support;
