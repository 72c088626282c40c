//! Writes arrays, graphs, shapes and collections of texts.

use smith_task_schema::profile::{
    ArrayProfile, CorpusProfile, DatasetProfile, GeometrySummary, GraphProfile,
};

use crate::overview::columns::counts;
use crate::overview::display::number_of;
use crate::overview::head::{range_text, repeated_files};
use crate::overview::quote;
use crate::overview::section::{Item, Section};

/// Frequent elements that are shown.
const SHOWN: usize = 12;

/// The numeric arrays, a line each.
pub(crate) fn arrays(profile: &DatasetProfile) -> Option<Section> {
    Section::new("## Arrays", profile.arrays.iter().map(|array| Item::line(array_line(array))).collect())
        .noun("array")
        .priority(3, 4)
        .unless_empty()
}

fn array_line(array: &ArrayProfile) -> String {
    let shape: Vec<String> = array.shape.iter().map(u64::to_string).collect();
    let mut facts = vec![format!("{} of {}", shape.join(" × "), quote::figure(&array.dtype))];
    if let (Some(min), Some(max)) = (&array.min, &array.max) {
        facts.push(format!("{} to {}", quote::figure(min), quote::figure(max)));
    }
    facts.extend(array.mean.as_ref().map(|mean| format!("mean {}", quote::figure(mean))));
    if array.nan > 0 {
        facts.push(format!("{} not a number", array.nan));
    }
    if let Some(distinct) = array.distinct {
        let values =
            if array.top.is_empty() { String::new() } else { format!(": {}", counts(&array.top, SHOWN)) };
        facts.push(format!("{distinct} distinct{values}"));
    }
    if !array.looks_like.is_empty() {
        facts.push(format!("looks like {}", quote::figure(&array.looks_like)));
    }
    if !array.exact {
        facts.push(String::from("values of the first elements only"));
    }
    format!("- {}: {}", quote::name(&array.path), facts.join(", "))
}

/// The graphs, a line each.
pub(crate) fn graphs(profile: &DatasetProfile) -> Option<Section> {
    Section::new("## Graphs", profile.graphs.iter().map(|graph| Item::line(graph_line(graph))).collect())
        .noun("graph")
        .priority(3, 3)
        .unless_empty()
}

fn graph_line(graph: &GraphProfile) -> String {
    let relation = graph
        .relation
        .as_deref()
        .map_or_else(String::new, |name| format!(", kind of edge {}", quote::name(name)));
    let about = if graph.exact { "" } else { "about " };
    format!(
        "- {}: {} from {} to {}{relation}, {about}{}; {}",
        quote::name(&graph.path),
        number_of(graph.edges, "edge"),
        quote::name(&graph.source),
        quote::name(&graph.target),
        number_of(graph.nodes, "node"),
        quote::sentence(&graph.evidence, 200)
    )
}

/// Meshes and point clouds.
pub(crate) fn geometry(shapes: &GeometrySummary) -> Section {
    let formats: Vec<String> =
        shapes.formats.iter().map(|(name, files)| format!("{} {files}", quote::figure(name))).collect();
    let mut lines = vec![format!("- formats: {}", formats.join(", "))];
    lines.extend(
        shapes.points.map(|points| format!("- {} points a file", range_text(&points.min, &points.max))),
    );
    lines.extend(shapes.faces.map(|faces| format!("- {} faces a file", range_text(&faces.min, &faces.max))));
    if !shapes.attributes.is_empty() {
        let list: Vec<String> =
            shapes.attributes.iter().take(SHOWN).map(|name| quote::figure(name)).collect();
        lines.push(format!("- each point carries: {}", list.join(", ")));
    }
    let title = format!("## Shapes: {}, {} understood", number_of(shapes.files, "file"), shapes.measured);
    Section::new(title, lines.into_iter().map(Item::line).collect())
        .noun("fact")
        .label("shapes")
        .priority(3, 3)
}

/// Collections of texts, a line each.
pub(crate) fn corpora(profile: &DatasetProfile) -> Option<Section> {
    let items = profile.corpora.iter().flat_map(corpus).map(Item::line).collect();
    Section::new("## Collections of texts", items)
        .noun("fact")
        .label("collections of texts")
        .priority(3, 3)
        .unless_empty()
}

fn corpus(corpus: &CorpusProfile) -> Vec<String> {
    let place = if corpus.directory.is_empty() {
        String::from("the top directory")
    } else {
        quote::name(&corpus.directory)
    };
    let mut facts = vec![number_of(corpus.files, "text")];
    if corpus.measured < corpus.files {
        facts.push(format!("{} read", corpus.measured));
    }
    if let Some(words) = corpus.words {
        facts.push(format!(
            "{} words each, median {}",
            range_text(&words.min, &words.max),
            corpus.median_words
        ));
    }
    if !corpus.encodings.is_empty() {
        facts.push(format!("encodings {}", counts(&corpus.encodings, 4)));
    }
    let near =
        corpus.near_duplicates.as_ref().and_then(|files| repeated_files(files, "say nearly the same as"));
    std::iter::once(format!("- {place}: {}", facts.join(", "))).chain(near).collect()
}
