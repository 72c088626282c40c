//! The rules on a small sound task and on mutations of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod calibration;
mod catalogues;
mod certificate;
mod designs;
mod made;
mod manual;
mod reading;
mod running;
mod sound;
mod support;
