//! The rules on a small sound task and on mutations of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod calibration;
mod carriers;
mod catalogues;
mod certificate;
mod descriptions;
mod designs;
mod kinds;
mod leaks;
mod links;
mod lookalikes;
mod made;
mod manual;
mod metrics;
mod plants;
mod promised;
mod quality;
mod reading;
mod running;
mod scripts;
mod sound;
mod support;
