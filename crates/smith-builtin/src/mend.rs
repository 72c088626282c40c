//! What a defect changes in a plan: a column goes, the split or the metric is another one, or the candidate ends with a
//! reason.

use smith_task_schema::Defect;

use crate::plan::{Ask, MediaKind, Metric, Plan, Source, Split};

/// A plan with these defects mended.
///
/// # Errors
/// Why the candidate is dropped: a defect that no other design mends.
pub(crate) fn mend(mut plan: Plan, defects: &[Defect]) -> Result<Plan, String> {
    let Some(first) = defects.first() else { return Ok(plan) };
    let mut changed = false;
    for defect in defects {
        let Some(change) = change(&mut plan, defect) else { continue };
        changed = true;
        if !plan.mended.contains(&change) {
            plan.mended.push(change);
        }
        if plan.features.is_empty() && needs_features(&plan) {
            return Err(format!(
                "no column is left to learn the target from; last: {}",
                first_line(&defect.text)
            ));
        }
    }
    // One change may mend several defects, so the others are looked at again.
    if changed { Ok(plan) } else { Err(dropped(first)) }
}

fn needs_features(plan: &Plan) -> bool {
    matches!(plan.source, Source::Table(_))
        && plan.media().is_none()
        && !plan.shows_series()
        && !matches!(plan.target.ask, Ask::Ahead { .. })
}

fn dropped(defect: &Defect) -> String {
    format!("no other design of this target mends it: {}", first_line(&defect.text))
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// What was changed because of a defect, in words; nothing when there is nothing to change.
fn change(plan: &mut Plan, defect: &Defect) -> Option<String> {
    match defect.source.as_str() {
        "A210" | "A211" | "A212" | "A215" | "A216" | "A201" | "A202" | "A207" => {
            telling_columns(plan, defect).or_else(|| other_split(plan, defect))
        }
        "R101" | "R102" | "R103" | "R111" | "Q120" | "Q130" | "Q122" | "A205" | "C104" | "Q133" => {
            fewer_targets(plan, defect).or_else(|| other_split(plan, defect))
        }
        "S103" | "S105" | "S106" | "S111" | "S117" | "S118" | "S131" | "S132" | "S133" | "S119" => {
            other_metric(plan, defect)
        }
        "Q103" => looks_once(plan, defect),
        "D105" | "D110" | "D102" | "D109" => fewer_words(plan, defect),
        "V002" | "V003" | "C101" => other_metric(plan, defect),
        _ => None,
    }
}

/// Keeps one of pictures that look alike.
fn looks_once(plan: &mut Plan, defect: &Defect) -> Option<String> {
    if plan.looks_once || plan.draws_pictures() || plan.media() != Some(MediaKind::Image) {
        return None;
    }
    plan.looks_once = true;
    Some(format!("of pictures that look alike one is kept ({})", defect.source))
}

/// Takes the columns that a defect names.
fn telling_columns(plan: &mut Plan, defect: &Defect) -> Option<String> {
    let text = first_line(&defect.text);
    let names: Vec<String> = plan
        .features
        .iter()
        .map(|feature| feature.name.clone())
        .filter(|name| names_it(text, name))
        .collect();
    if names.is_empty() {
        return None;
    }
    for name in &names {
        plan.drop_feature(name, "it tells the answer");
    }
    let shown: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    Some(format!("{} dropped ({})", shown.join(", "), defect.source))
}

/// Leaves out those of several targets that a defect names, as long as two remain.
fn fewer_targets(plan: &mut Plan, defect: &Defect) -> Option<String> {
    let text = first_line(&defect.text);
    let column = plan.target.column.clone();
    // A finding names a label of a list with its column.
    let (targets, before) = match &mut plan.target.ask {
        Ask::Labels { labels, .. } => (labels, format!("{column}: ")),
        Ask::Several { columns, .. } => (columns, String::new()),
        _ => return None,
    };
    let (gone, kept): (Vec<String>, Vec<String>) =
        targets.iter().cloned().partition(|target| names_it(text, &format!("{before}{target}")));
    if gone.is_empty() || kept.len() < 2 {
        return None;
    }
    *targets = kept;
    let shown: Vec<String> = gone.iter().map(|target| format!("`{target}`")).collect();
    Some(format!("{} not asked for ({})", shown.join(", "), defect.source))
}

/// Whether a finding quotes this name.
fn names_it(text: &str, name: &str) -> bool {
    let forms = [format!("`{name}`"), format!("\"{name}\""), format!("'{name}'")];
    forms.iter().any(|form| text.contains(form.as_str()))
}

/// A plainer split than the one that failed.
fn other_split(plan: &mut Plan, defect: &Defect) -> Option<String> {
    if let Ask::Ahead { steps, window, .. } = &mut plan.target.ask {
        let further = steps.saturating_mul(4);
        if further > window.saturating_mul(4) {
            return None;
        }
        *steps = further;
        return Some(format!("asked for {further} steps ahead ({})", defect.source));
    }
    let plain = if plan.is_classification() { Split::Stratified } else { Split::Random };
    match &plan.split {
        Split::Group { .. } | Split::Time { .. } => {
            plan.split = plain;
            Some(format!("divided at random ({})", defect.source))
        }
        Split::Stratified | Split::Random => None,
    }
}

/// Another metric for the same question.
fn other_metric(plan: &mut Plan, defect: &Defect) -> Option<String> {
    let other = match plan.metric {
        Metric::MacroF1 | Metric::WeightedKappa => Metric::Accuracy,
        Metric::Accuracy => Metric::MacroF1,
        Metric::Rmse | Metric::Rmsle => Metric::Mae,
        Metric::Mae => Metric::Rmse,
        Metric::AveragePrecision => Metric::RocAuc,
        Metric::RocAuc
        | Metric::MeanRocAuc
        | Metric::MeanR2
        | Metric::ErrorRate
        | Metric::Ndcg
        | Metric::MeanAveragePrecision
        | Metric::Rouge
        | Metric::Dice
        | Metric::MeanIou => return None,
    };
    let change = format!("scored by the {} ({})", other.name(), defect.source);
    // Back and forth mends nothing.
    if plan.mended.iter().any(|earlier| earlier.starts_with("scored by")) {
        return None;
    }
    plan.metric = other;
    Some(change)
}

/// Leaves out what the dataset says of itself.
fn fewer_words(plan: &mut Plan, defect: &Defect) -> Option<String> {
    let said =
        plan.about.description.take().is_some() || plan.features.iter().any(|feature| feature.said.is_some());
    for feature in &mut plan.features {
        feature.said = None;
    }
    said.then(|| format!("the dataset's own words left out ({})", defect.source))
}
