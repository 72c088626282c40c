//! Targets that are links: whether an edge of a graph is there or made up.

use std::path::Path;

use smith_task_schema::profile::{DatasetProfile, GraphProfile, TableProfile};
use smith_task_schema::{Formulation, Modality};

use super::reading::reader;
use super::tables::families;
use super::{Considered, Draft, MIN_EXAMPLES};
use crate::plan::{About, Ask, Cells, Dropped, Edges, Metric, Plan, Reader, Source, Split, Table, Target};

/// How much speaks for the links of a graph of named relations, and of another one.
const SCORE_OF_RELATIONS: f64 = 0.9;
const SCORE: f64 = 0.5;
/// Nodes that a graph needs.
const MIN_NODES: u64 = 10;
/// The column that says whether an edge is there, and that of its two ends together.
const TARGETS: [&str; 2] = ["linked", "is_linked"];
const PAIR: &str = "both ends";

/// Considers the graphs of the dataset.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile, about: &About, considered: &mut Considered) {
    for family in families(profile) {
        let Some(graph) = profile.graphs.iter().find(|graph| graph.path == family.main.path) else {
            continue;
        };
        match draft(root, about, &family.main, family.paths.clone(), family.rows, graph) {
            Ok(draft) => considered.drafts.push(draft),
            Err(reason) => considered.refused.push(format!("links of `{}`: {reason}", family.main.path)),
        }
    }
}

fn draft(
    root: &Path,
    about: &About,
    main: &TableProfile,
    paths: Vec<String>,
    rows: u64,
    graph: &GraphProfile,
) -> Result<Draft, String> {
    if rows < MIN_EXAMPLES || graph.nodes < MIN_NODES {
        return Err(format!("{rows} edges between {} nodes are too few", graph.nodes));
    }
    let mut reader = reader(root, main)?;
    let columns = columns(main, graph, &mut reader);
    let target = TARGETS.into_iter().find(|name| !columns.contains(&(*name).to_owned())).unwrap_or("there");
    let (end, rest) = columns.split_last().ok_or("it has no ends")?;
    let (start, relation) = rest.split_first().ok_or("it has one end")?;
    let edges = Edges {
        table: Table { paths, reader, media: None },
        start: start.clone(),
        relation: relation.first().cloned(),
        end: end.clone(),
    };
    let ask =
        Ask::Binary { positive: "1".to_owned(), negative: "0".to_owned(), share: 0.5, cells: Cells::Numbers };
    let plan = Plan {
        about: about.clone(),
        source: Source::Edges(edges),
        target: Target { column: target.to_owned(), ask },
        metric: Metric::RocAuc,
        split: Split::Group {
            column: PAIR.to_owned(),
            reason: "links between two nodes are alike".to_owned(),
        },
        features: Vec::new(),
        dropped: vec![Dropped {
            name: PAIR.to_owned(),
            reason: "it tells which edges stand together".to_owned(),
        }],
        rows: rows.saturating_mul(2),
        reasons: vec![format!("{rows} edges between {} nodes: {}", graph.nodes, graph.evidence)],
        looks_once: false,
        mended: Vec::new(),
    };
    let score = if graph.relation.is_some() { SCORE_OF_RELATIONS } else { SCORE };
    Ok(Draft { score, formulation: Formulation::Classification, modality: Modality::OtherStructured, plan })
}

/// Start, relation if there is one, and end. Where the file names no columns, they are called what they are.
fn columns(main: &TableProfile, graph: &GraphProfile, reader: &mut Reader) -> Vec<String> {
    let mut columns = vec![graph.source.clone()];
    columns.extend(graph.relation.clone());
    columns.push(graph.target.clone());
    let Reader::Csv { names, .. } = reader else { return columns };
    if main.has_header {
        return columns;
    }
    let plain: &[&str] = if columns.len() == 3 { &["head", "relation", "tail"] } else { &["from", "to"] };
    for (column, plain) in columns.iter_mut().zip(plain) {
        if let Some(name) = names.iter_mut().find(|name| *name == column) {
            *name = (*plain).to_owned();
            *column = (*plain).to_owned();
        }
    }
    columns
}
