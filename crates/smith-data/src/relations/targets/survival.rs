//! Times until an event that not every case reaches.

use smith_task_schema::Formulation;
use smith_task_schema::profile::{ColumnKind, ColumnProfile, TableProfile};

use crate::relations::names;
use crate::relations::targets::sets::SetTarget;
use crate::relations::targets::shape::is_binary;

/// Names of the time until an event.
const DURATIONS: &[&str] = &[
    "time",
    "futime",
    "survtime",
    "survival time",
    "survival",
    "tte",
    "time to event",
    "follow up",
    "followup",
    "os",
    "pfs",
    "rfs",
    "dfs",
    "duration",
    "overall survival",
    "t",
    "days",
    "os months",
    "survival days",
];
/// Names of whether the event was seen.
const EVENTS: &[&str] = &[
    "event",
    "status",
    "cens",
    "censor",
    "censored",
    "censoring",
    "dead",
    "death",
    "died",
    "deceased",
    "relapse",
    "recurrence",
    "observed",
    "fustat",
    "vital status",
    "os status",
    "death event",
    "e",
];

/// A time until an event with whether it was seen.
pub(super) fn survival(table: &TableProfile) -> Option<SetTarget> {
    let named = |list: &[&str], column: &ColumnProfile| list.contains(&names::plain(&column.name).as_str());
    let time = table.columns.iter().find(|column| {
        let positive =
            column.min.as_deref().and_then(|min| min.parse::<f64>().ok()).is_some_and(|min| min >= 0.0);
        named(DURATIONS, column)
            && column.kind.is_numeric()
            && column.distinct > 20
            && positive
            && column.monotone.is_none()
    })?;
    let event = table.columns.iter().find(|column| {
        named(EVENTS, column)
            && (2..=3).contains(&column.distinct)
            && (is_binary(column) || column.kind == ColumnKind::Integer)
    })?;
    let reason = format!("a time until an event, and `{}` says whether it was seen", event.name);
    let mut target = SetTarget::new(&time.name, Formulation::Ranking, 0.7, reason);
    target.together_with = vec![event.name.clone()];
    Some(target)
}
