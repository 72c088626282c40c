//! Targets that are the long texts from which passages are.

use std::collections::BTreeMap;

use smith_task_schema::Modality;
use smith_task_schema::profile::{DatasetProfile, FileKind, TextProfile};

use super::question::of_classes;
use super::{Considered, Draft};
use crate::plan::{About, Cells, Dropped, Passages, Plan, Source, Split, Target};

/// How much speaks for texts as classes.
const SCORE: f64 = 0.35;
/// Texts that are asked for at most; more are a corpus of examples.
const MOST_TEXTS: u64 = 40;
/// Passages that a text must give.
const LEAST: u64 = 80;
/// Bytes of a passage, about, and its lines at most.
const BYTES: u64 = 600;
const MOST_LINES: u64 = 40;
/// Longest line on average that is one of prose or records.
const LONGEST_LINE: u64 = 4000;
/// The column of the names of texts, and that of the stretch of a text.
const TARGET: &str = "source";
const STRETCH: &str = "stretch";

/// Considers the long texts of the dataset.
pub(crate) fn consider(profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    let groups = profile.groups.iter().filter(|group| group.kind == FileKind::Text);
    let texts: u64 = groups.map(|group| group.files).sum();
    if !(2..=MOST_TEXTS).contains(&texts) {
        return;
    }
    match draft(profile, about) {
        Ok(draft) => considered.drafts.push(draft),
        Err(reason) => considered.refused.push(format!("passages of its {texts} texts: {reason}")),
    }
}

fn draft(profile: &DatasetProfile, about: &About) -> Result<Draft, String> {
    let usable = |text: &&TextProfile| text.lines > 0 && !text.path.contains("!/") && !is_packed(&text.path);
    let long: Vec<&TextProfile> = profile.texts.iter().filter(usable).collect();
    let (bytes, lines) = long.iter().fold((0_u64, 0_u64), |(bytes, lines), text| {
        (bytes.saturating_add(text.bytes), lines.saturating_add(text.lines))
    });
    let line = bytes / lines.max(1);
    if line > LONGEST_LINE {
        return Err(format!("their lines are of {line} bytes on average"));
    }
    let per_passage = (BYTES / line.max(1)).clamp(1, MOST_LINES);
    let long: Vec<&TextProfile> = long.into_iter().filter(|text| text.lines / per_passage >= LEAST).collect();
    let names = names(&long);
    let counts: BTreeMap<String, u64> =
        names.iter().zip(&long).map(|(name, text)| (name.clone(), text.lines / per_passage)).collect();
    if counts.len() < 2 || counts.len() < long.len() {
        return Err(format!("fewer than two of them are long enough for {LEAST} passages"));
    }
    let question = of_classes(TARGET, Cells::Words, &counts)?;
    let texts = names.into_iter().zip(&long).map(|(name, text)| (name, text.path.clone())).collect();
    let plan = Plan {
        about: about.clone(),
        source: Source::Passages(Passages { texts, lines: per_passage }),
        target: Target { column: TARGET.to_owned(), ask: question.ask },
        metric: question.metric,
        split: Split::Group { column: STRETCH.to_owned(), reason: "neighbours are alike".to_owned() },
        features: Vec::new(),
        dropped: vec![Dropped {
            name: STRETCH.to_owned(),
            reason: "it tells which passages stand together".to_owned(),
        }],
        rows: question.rows,
        reasons: vec![format!("{} long texts give {} passages", counts.len(), question.rows)],
        mended: Vec::new(),
    };
    Ok(Draft { score: SCORE, formulation: question.formulation, modality: Modality::NaturalLanguage, plan })
}

fn is_packed(path: &str) -> bool {
    [".gz", ".bz2", ".xz", ".zst"].iter().any(|end| path.ends_with(end))
}

/// The stems of the files, or their whole names where stems are not enough to tell them apart.
fn names(texts: &[&TextProfile]) -> Vec<String> {
    let file = |text: &&TextProfile| text.path.rsplit('/').next().unwrap_or(&text.path).to_owned();
    let stem = |text: &&TextProfile| {
        let file = file(text);
        file.split_once('.').map_or(file.clone(), |(stem, _)| stem.to_owned())
    };
    let stems: Vec<String> = texts.iter().map(stem).collect();
    let mut unique = stems.clone();
    unique.sort();
    unique.dedup();
    if unique.len() == stems.len() { stems } else { texts.iter().map(file).collect() }
}
