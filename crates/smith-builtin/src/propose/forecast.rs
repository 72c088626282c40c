//! Forecasts of series, and sets of labels in one cell.

use std::collections::BTreeMap;

use smith_task_schema::profile::DatasetProfile;
use smith_task_schema::{Formulation, Modality};

use super::question::Question;
use super::tables::Family;
use super::{Considered, Draft, MIN_EXAMPLES};
use crate::plan::{About, Ask, Metric, Plan, Source, Split, Table, Target};

/// Steps that a forecast looks back and ahead.
const WINDOW: u64 = 8;
const AHEAD: u64 = 1;
/// Rows of a label, and labels that are asked for.
const MIN_LABEL: u64 = 30;
const MAX_LABELS: usize = 40;
const SIGNS: [&str; 3] = [",", ";", "|"];
const BLANK: &str = " ";

/// Forecasts of the columns that the profile takes for series.
pub(crate) fn consider(
    profile: &DatasetProfile,
    about: &About,
    family: &Family<'_>,
    table: &Table,
    considered: &mut Considered,
) {
    let main = &*family.main;
    let Some(time) = main.time.as_ref().filter(|time| time.with_columns.is_empty()) else { return };
    let Some(axis) = main.column(&time.column) else { return };
    let series = time.series.unwrap_or(1).max(1);
    let length = main.rows / series;
    for candidate in main.targets.iter().filter(|target| target.formulation == Formulation::Forecasting) {
        let windows = main.rows / 4 / (WINDOW + AHEAD + 1);
        if length < 4 * (WINDOW + AHEAD) || windows < 30 {
            considered.refused.push(format!(
                "`{}` of `{}`: its series of {length} steps are too short to forecast from separate windows",
                candidate.column, main.path
            ));
            continue;
        }
        let numeric =
            |name: &str| main.column(name).is_some_and(|c| c.kind.is_numeric() && c.missing * 20 < main.rows);
        let others: Vec<String> = main
            .columns
            .iter()
            .map(|column| column.name.clone())
            .filter(|name| *name != candidate.column && *name != time.column && numeric(name))
            .filter(|name| !time.series_columns.contains(name) && !candidate.given_away_by.contains(name))
            .take(12)
            .collect();
        let ask = Ask::Ahead {
            time: time.column.clone(),
            series: time.series_columns.clone(),
            steps: AHEAD,
            window: WINDOW,
            others,
        };
        let plan = Plan {
            about: about.clone(),
            source: Source::Table(of_one_part(table, &main.path)),
            target: Target { column: candidate.column.clone(), ask },
            metric: Metric::Mae,
            split: Split::Time {
                column: axis.name.clone(),
                date: axis.kind == smith_task_schema::profile::ColumnKind::Date,
            },
            features: Vec::new(),
            dropped: Vec::new(),
            rows: main.rows,
            reasons: candidate.reasons.clone(),
            looks_once: false,
            mended: Vec::new(),
        };
        let strongest = profile.modalities.first().is_some_and(|tag| tag.modality == Modality::TimeSeries);
        let score = (candidate.score + if strongest { 0.2 } else { 0.0 }).min(1.0);
        considered.drafts.push(Draft {
            score,
            formulation: Formulation::Forecasting,
            modality: Modality::TimeSeries,
            plan,
        });
    }
}

/// The largest of several parts: where one ends and the next begins in time is not known.
fn of_one_part(table: &Table, path: &str) -> Table {
    Table { paths: vec![path.to_owned()], ..table.clone() }
}

/// The labels that stand in one cell, parted by a sign.
///
/// # Errors
/// Why they are no task.
pub(crate) fn labels(counts: &BTreeMap<String, u64>) -> Result<Question, String> {
    let total: u64 = counts.values().sum();
    let often = |separator: &str| {
        counts.iter().filter(|(cell, _)| cell.contains(separator)).map(|(_, n)| n).sum::<u64>()
    };
    // Blanks stand within labels and behind signs too: they part labels only where no sign does.
    let sign =
        SIGNS.into_iter().rev().max_by_key(|sign| often(sign)).filter(|sign| often(sign) * 20 >= total);
    let Some(separator) = sign.or(Some(BLANK).filter(|blank| often(blank) * 20 >= total)) else {
        return Err("hardly any of its cells holds several labels".to_owned());
    };
    let mut labels: BTreeMap<&str, u64> = BTreeMap::new();
    for (cell, count) in counts {
        for label in cell.split(separator).map(str::trim).filter(|label| !label.is_empty()) {
            *labels.entry(label).or_default() += count;
        }
    }
    let mut frequent: Vec<(&str, u64)> =
        labels.into_iter().filter(|(_, count)| *count >= MIN_LABEL && *count < total).collect();
    frequent.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    frequent.truncate(MAX_LABELS);
    if frequent.len() < 2 || total < MIN_EXAMPLES {
        return Err(format!("fewer than two of its labels stand in {MIN_LABEL} rows or more"));
    }
    let mut labels: Vec<String> = frequent.into_iter().map(|(label, _)| label.to_owned()).collect();
    labels.sort();
    let ask = Ask::Labels { separator: Some(separator.to_owned()), labels };
    Ok(Question {
        ask,
        metric: Metric::MeanRocAuc,
        formulation: Formulation::MultiLabel,
        rows: total,
        first: None,
    })
}
