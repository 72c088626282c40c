//! The defect bank: sound tasks, defects that are planted in them, and what verification says of each.
//!
//! `fixtures/bank/README.md` says what lies in the bank and how a defect is written. Here a [`Case`] is one sound task,
//! or one defect in one sound task; [`plant`] builds it in a directory of its own, [`run`] verifies it, and [`table`]
//! counts.

pub mod case;
pub mod plant;
pub mod run;
pub mod table;

pub use case::{Bank, BankError, Case, Choice, Defect, Weight};
pub use run::{Judged, Verified, Workshop};
pub use table::{LEAST_RECALL, Summary};
