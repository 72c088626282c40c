//! Targets that stand in an array beside the samples: pictures, or rows of numbers, and their labels.

use std::collections::BTreeMap;

use smith_task_schema::profile::{ArrayProfile, DatasetProfile};
use smith_task_schema::{Formulation, Modality};

use super::question::{Question, of_classes};
use super::{Considered, Draft, MIN_EXAMPLES};
use crate::plan::{
    About, ArrayFormat, ArrayPart, Arrays, Ask, Cells, Metric, Plan, Samples, Source, Split, Target,
};

/// How much speaks for labels beside samples.
const SCORE: f64 = 0.85;
/// Numbers of one sample that are columns of a table at most.
const MOST_NUMBERS: u64 = 2_000;
/// Name of the column of the label.
const TARGET: &str = "label";

/// Considers the arrays that have labels beside them.
pub(crate) fn consider(profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    let mut seen: Vec<(&str, Vec<u64>)> = Vec::new();
    for samples in profile.arrays.iter().filter(|array| array.shape.len() > 1 && is_wide(array)) {
        let key = (samples.format.as_str(), tail(samples));
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        match draft(profile, about, samples) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => considered.refused.push(format!("the samples of `{}`: {reason}", samples.path)),
        }
    }
}

/// Not labels in a column of their own.
fn is_wide(array: &ArrayProfile) -> bool {
    tail(array).iter().product::<u64>() > 1
}

fn tail(array: &ArrayProfile) -> Vec<u64> {
    array.shape.iter().skip(1).copied().collect()
}

fn draft(profile: &DatasetProfile, about: &About, first: &ArrayProfile) -> Result<Draft, String> {
    let format = match first.format.as_str() {
        "idx" => ArrayFormat::Idx,
        "npy" if first.path.ends_with(".npy") => ArrayFormat::Npy,
        "npz" => ArrayFormat::Npz,
        other => return Err(format!("there is no template for the format {other}")),
    };
    let alike = profile.arrays.iter().filter(|array| {
        array.format == first.format && tail(array) == tail(first) && array.dtype == first.dtype
    });
    let pairs: Vec<(&ArrayProfile, &ArrayProfile)> =
        alike.filter_map(|samples| Some((samples, labels_of(profile, samples)?))).collect();
    let Some((_, labels)) = pairs.first().copied() else {
        return Err("no array beside it holds a label for each of them".to_owned());
    };
    if pairs.iter().any(|(_, other)| other.dtype != labels.dtype) {
        return Err("the labels of its parts are of different types".to_owned());
    }
    let samples = samples(first)?;
    let rows: u64 = pairs.iter().filter_map(|(samples, _)| samples.shape.first()).sum();
    let parts: Vec<&ArrayProfile> = pairs.iter().map(|(_, labels)| *labels).collect();
    let question = question(&parts, rows)?;
    let modality = match (&samples, first.looks_like.as_str()) {
        (Samples::Pictures { .. }, _) => Modality::Image,
        (_, "series") => Modality::TimeSeries,
        _ => Modality::Tabular,
    };
    let what = if modality == Modality::Image { "pictures" } else { "samples" };
    let parts = pairs
        .iter()
        .map(|(samples, labels)| ArrayPart { samples: samples.path.clone(), labels: labels.path.clone() })
        .collect();
    let split = match question.ask {
        Ask::Number { .. } => Split::Random,
        _ => Split::Stratified,
    };
    let plan = Plan {
        about: about.clone(),
        source: Source::Arrays(Arrays { parts, format, samples }),
        target: Target { column: TARGET.to_owned(), ask: question.ask },
        metric: question.metric,
        split,
        features: Vec::new(),
        dropped: Vec::new(),
        rows: question.rows,
        reasons: vec![format!("an array beside the {rows} {what} holds a label for each of them")],
        looks_once: false,
        mended: Vec::new(),
    };
    Ok(Draft { score: SCORE, formulation: question.formulation, modality, plan })
}

/// The one array beside these samples that holds a number or a word for each.
fn labels_of<'a>(profile: &'a DatasetProfile, samples: &ArrayProfile) -> Option<&'a ArrayProfile> {
    let beside = |array: &&ArrayProfile| samples.same_samples.contains(&array.path) && !is_wide(array);
    let mut found: Vec<&ArrayProfile> = profile.arrays.iter().filter(beside).collect();
    // Other arrays of numbers may be anything: labels go first.
    found.sort_by_key(|array| array.looks_like != "labels");
    let first = found.first().copied()?;
    let only = found.len() == 1
        || (first.looks_like == "labels" && found.iter().filter(|a| a.looks_like == "labels").count() == 1);
    only.then_some(first)
}

fn samples(array: &ArrayProfile) -> Result<Samples, String> {
    let figure = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let number = ["int", "uint", "float", "bool"].iter().any(|kind| array.dtype.starts_with(kind));
    if !number {
        return Err(format!("its elements are of the type {}", array.dtype));
    }
    if array.looks_like == "images" {
        let channels_first =
            matches!(*array.shape.as_slice(), [_, 1 | 3 | 4, _, last] if !matches!(last, 1 | 3 | 4));
        let (least, greatest) = if array.dtype == "uint8" {
            (0.0, 255.0)
        } else {
            (figure(&array.min).unwrap_or(0.0), figure(&array.max).unwrap_or(1.0))
        };
        if greatest <= least {
            return Err("all its pictures are blank".to_owned());
        }
        return Ok(Samples::Pictures { channels_first, least, greatest });
    }
    let numbers: u64 = array.shape.iter().skip(1).product();
    if numbers > MOST_NUMBERS {
        return Err(format!("each is {numbers} numbers, more than are columns of a table"));
    }
    Ok(Samples::Numbers { columns: numbers })
}

fn question(labels: &[&ArrayProfile], rows: u64) -> Result<Question, String> {
    let Some(first) = labels.first() else { return Err("there are no labels".to_owned()) };
    if labels.iter().all(|labels| labels.looks_like == "labels") {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for array in labels {
            if array.distinct != Some(array.top.len() as u64) || !array.exact {
                return Err("its labels are too many to be listed".to_owned());
            }
            for value in &array.top {
                *counts.entry(value.value.clone()).or_default() += value.count;
            }
        }
        let cells = if first.dtype.starts_with(['S', 'U']) { Cells::Words } else { Cells::Numbers };
        return of_classes(TARGET, cells, &counts);
    }
    if !first.dtype.starts_with("float") || labels.iter().any(|labels| labels.nan > 0) {
        return Err("the array beside it holds neither classes nor measured numbers".to_owned());
    }
    if rows < MIN_EXAMPLES {
        return Err(format!("only {rows} samples have a number"));
    }
    let bounds =
        |text: &dyn Fn(&ArrayProfile) -> Option<f64>| labels.iter().filter_map(|array| text(array)).collect();
    let figure = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<f64>().ok());
    let least: Vec<f64> = bounds(&|array| figure(&array.min));
    let greatest: Vec<f64> = bounds(&|array| figure(&array.max));
    let ask = Ask::Number {
        integer: false,
        least: least.into_iter().reduce(f64::min),
        greatest: greatest.into_iter().reduce(f64::max),
    };
    Ok(Question { ask, metric: Metric::Rmse, formulation: Formulation::Regression, rows, first: None })
}
