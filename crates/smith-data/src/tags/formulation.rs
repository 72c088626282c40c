//! What a dataset can be asked for.

use std::collections::BTreeMap;

use smith_task_schema::Formulation;
use smith_task_schema::profile::{DatasetProfile, FileKind, FormulationTag};

use super::evidence::Evidence;
use super::place;
use super::writing::{self, Writing};
use crate::source::walk::Found;

/// Fewest files with one beginning of their names that make a class.
const MIN_OF_PREFIX: usize = 3;
/// Classes that beginnings of names can make.
const PREFIXES: std::ops::RangeInclusive<usize> = 2..=60;
/// Targets of a table that are told.
const TOLD_TARGETS: usize = 2;

/// The formulations that the data allows, the surest first.
pub(super) fn find(profile: &DatasetProfile, files: &[(Found, FileKind)]) -> Vec<FormulationTag> {
    let mut evidence = Evidence::new(&[
        Formulation::Classification,
        Formulation::StructuredPrediction,
        Formulation::MultiLabel,
        Formulation::Forecasting,
        Formulation::Ranking,
        Formulation::Regression,
        Formulation::Generation,
    ]);
    of_tables(profile, &mut evidence);
    of_folders(profile, &mut evidence);
    of_names(files, &mut evidence);
    of_annotations(profile, &mut evidence);
    of_arrays(profile, &mut evidence);
    of_graphs(profile, &mut evidence);
    of_texts(profile, &mut evidence);
    of_content(profile, &mut evidence);
    let tags = evidence.finish();
    tags.into_iter()
        .map(|(formulation, confidence, evidence)| FormulationTag { formulation, confidence, evidence })
        .collect()
}

/// The best target of each formulation: further ones would not make it surer.
fn of_tables(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    let mut best: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for table in &profile.tables {
        for target in &table.targets {
            let why = target.reasons.first().map_or("", String::as_str);
            let text = format!("`{}` of `{}`: {why}", target.column, table.path);
            best.entry(target.formulation.as_str().to_string()).or_default().push((target.score, text));
        }
    }
    for (formulation, mut targets) in best {
        targets.sort_by(|a, b| b.0.total_cmp(&a.0));
        let formulation = Formulation::from(formulation);
        for (place, (score, text)) in targets.into_iter().take(TOLD_TARGETS).enumerate() {
            evidence.add(&formulation, if place == 0 { score } else { 0.001 }, text);
        }
    }
}

fn of_folders(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    for folders in profile.class_folders.iter().filter(|folders| !folders.is_split && folders.total >= 2) {
        let shown: Vec<&str> = folders.classes.iter().take(3).map(|class| class.value.as_str()).collect();
        let least = folders.classes.last().map_or(0, |class| class.count);
        let weight = if least >= 3 { 0.8 } else { 0.6 };
        let place = place(&folders.directory);
        let text = format!(
            "{} folders of {} files below {place}: {}",
            folders.total,
            folders.kind.as_str(),
            shown.join(", ")
        );
        evidence.add(&Formulation::Classification, weight, text);
    }
}

/// Beginnings of the names of media and texts that may be their classes.
fn of_names(files: &[(Found, FileKind)], evidence: &mut Evidence<Formulation>) {
    let mut directories: BTreeMap<(&str, FileKind), BTreeMap<String, usize>> = BTreeMap::new();
    for (found, kind) in files {
        if matches!(
            kind,
            FileKind::Image | FileKind::Audio | FileKind::Video | FileKind::Text | FileKind::Geometry
        ) {
            let prefixes = directories.entry((found.directory(), *kind)).or_default();
            *prefixes.entry(prefix(found.name())).or_default() += 1;
        }
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    for ((directory, kind), prefixes) in directories {
        let total: usize = prefixes.values().sum();
        let classes: Vec<(&String, &usize)> =
            prefixes.iter().filter(|(name, count)| !name.is_empty() && **count >= MIN_OF_PREFIX).collect();
        let covered: usize = classes.iter().map(|(_, count)| **count).sum();
        if total >= 20 && PREFIXES.contains(&classes.len()) && covered * 10 >= total * 9 {
            let shown: Vec<String> =
                classes.iter().take(3).map(|(name, count)| format!("`{name}` {count}")).collect();
            let place = place(directory);
            let kind = kind.as_str();
            found.push((
                total,
                format!(
                    "{} beginnings of the names of {kind} files in {place}: {}",
                    classes.len(),
                    shown.join(", ")
                ),
            ));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    if let Some((_, text)) = found.into_iter().next() {
        evidence.add(&Formulation::Classification, 0.5, text);
    }
}

/// The letters at the beginning of a name, in lower case, when something else follows them.
fn prefix(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let letters: String = stem.chars().take_while(|c| c.is_alphabetic()).collect();
    if letters.len() < stem.len() { letters.to_lowercase() } else { String::new() }
}

fn of_annotations(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    for annotations in profile.annotations.iter().filter(|annotations| annotations.objects > 0) {
        let shapes = if annotations.shapes.is_empty() {
            String::from("objects")
        } else {
            annotations.shapes.join(", ")
        };
        let path = place(&annotations.path);
        let (objects, images) = (annotations.objects, annotations.images);
        let noun = if images == 1 { "image" } else { "images" };
        let text = format!("{path} marks {objects} objects in {images} {noun}: {shapes}");
        evidence.add(&Formulation::StructuredPrediction, 0.85, text);
        if annotations.shapes.iter().any(|shape| shape == "caption") {
            evidence.add(&Formulation::Generation, 0.6, format!("{path} has captions"));
        }
    }
}

fn of_arrays(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    for array in profile.arrays.iter().filter(|array| array.looks_like == "labels") {
        let classes =
            array.distinct.map_or_else(String::new, |distinct| format!(", {distinct} different ones"));
        let text = format!("`{}` has the shape of labels{classes}", array.path);
        let few = array.distinct.is_some_and(|distinct| distinct <= 1_000);
        let formulation = if few { Formulation::Classification } else { Formulation::Regression };
        evidence.add(&formulation, 0.75, text);
    }
}

fn of_graphs(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    for graph in &profile.graphs {
        let text = format!("`{}`: which node an edge leads to, from {} edges", graph.path, graph.edges);
        evidence.add(&Formulation::Ranking, if graph.relation.is_some() { 0.75 } else { 0.5 }, text);
    }
}

/// Answers that stand within texts: the first text of each kind speaks for all.
fn of_texts(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    let mut seen = Vec::new();
    for text in &profile.texts {
        let path = &text.path;
        let (formulation, words) = match writing::look(&text.excerpt) {
            Writing::Tagged => (Formulation::StructuredPrediction, format!("`{path}` tags every word")),
            Writing::Symbols => {
                (Formulation::StructuredPrediction, format!("`{path}` has a row of symbols for every word"))
            }
            Writing::Series => match writing::answer_of_series(&text.excerpt) {
                Some(answer) => (answer, format!("`{path}` says that every series has its answer")),
                None => continue,
            },
            _ => continue,
        };
        if !seen.contains(&formulation) {
            evidence.add(&formulation, 0.75, words);
            seen.push(formulation);
        }
    }
}

/// What raw content allows without any label.
fn of_content(profile: &DatasetProfile, evidence: &mut Evidence<Formulation>) {
    for corpus in profile.corpora.iter().filter(|corpus| corpus.files >= 20) {
        let text = format!("{} texts that can be continued", corpus.files);
        evidence.add(&Formulation::Generation, 0.2, text);
    }
    let images = profile.count(FileKind::Image);
    if images >= 100 {
        evidence.add(
            &Formulation::Generation,
            0.15,
            format!("{images} images, parts of which can be hidden"),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use smith_task_schema::profile::{ClassFolders, TableProfile, TargetCandidate, ValueCount};

    use super::*;

    fn audio(names: impl IntoIterator<Item = String>) -> Vec<(Found, FileKind)> {
        let found = |relative| Found { path: PathBuf::new(), relative, bytes: 1 };
        names.into_iter().map(|name| (found(name), FileKind::Audio)).collect()
    }

    #[test]
    fn targets_folders_and_names_speak_for_classes() {
        let mut profile = DatasetProfile::new("x");
        let mut table = TableProfile::new("t.csv", "csv");
        table.targets = vec![
            TargetCandidate::new("y", Formulation::Regression, 0.7),
            TargetCandidate::new("z", Formulation::Regression, 0.2),
        ];
        profile.tables.push(table);
        let mut folders = ClassFolders::default();
        (folders.total, folders.kind) = (2, FileKind::Image);
        folders.classes = vec![ValueCount::new("cat", 40), ValueCount::new("dog", 30)];
        profile.class_folders.push(folders);
        let found = find(&profile, &[]);
        assert_eq!(
            found.iter().map(|tag| (tag.formulation.as_str(), tag.confidence)).collect::<Vec<_>>(),
            [("classification", 0.8), ("regression", 0.7)]
        );
    }

    #[test]
    fn beginnings_of_names_are_classes_when_they_repeat() {
        let drums = (0..30).map(|i| format!("{}_{i}.wav", ["bass", "drum", "loop"][i % 3]));
        let found = find(&DatasetProfile::new("x"), &audio(drums));
        assert_eq!(found.first().map(|tag| tag.confidence), Some(0.5));
        let different = (0..30).map(|i| format!("{}name_{i}.wav", (b'a' + i as u8 % 26) as char));
        assert_eq!(find(&DatasetProfile::new("x"), &audio(different)), []);
        assert_eq!(find(&DatasetProfile::new("x"), &audio((0..30).map(|i| format!("{i:04}.wav")))), []);
    }
}
