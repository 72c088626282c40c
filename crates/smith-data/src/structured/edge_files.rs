//! Graphs in files of their own: edge lists as text, Matrix Market; other formats are named only.

use std::collections::HashSet;
use std::io::Read;

use smith_task_schema::profile::{FileKind, GraphProfile};

use crate::column::hash;
use crate::findings::Findings;
use crate::source::kind::extension;
use crate::source::reader;
use crate::source::walk::Found;
use crate::structured::lines::{Lines, count, number, words};

/// Nodes that are counted exactly.
const MAX_NODES: usize = 4_000_000;
/// Graph files that are read.
const MAX_FILES: usize = 200;
/// Odd lines from which on a file is no list of edges.
const MAX_ODD_LINES: u64 = 20;

/// The graphs that have a file of their own and are not among `known`.
pub(crate) fn profile(
    files: &[(Found, FileKind)],
    known: &[GraphProfile],
    findings: &mut Findings,
) -> Vec<GraphProfile> {
    let mut graphs = Vec::new();
    for (found, kind) in files.iter().filter(|(_, kind)| kind.is_data()) {
        let extension = extension(found.name());
        let extension = extension.strip_suffix(".gz").unwrap_or(&extension);
        if let Some(name) = unread(extension) {
            findings.warn(
                &found.relative,
                format!("is a graph in {name}, which is not read; a list of edges as text is"),
            );
            continue;
        }
        let listed = known.iter().any(|graph| graph.path == found.relative);
        if listed || graphs.len() == MAX_FILES || !may_be_edges(found, *kind, extension) {
            continue;
        }
        match reader::open(&found.path).map_err(|error| error.to_string()).and_then(read) {
            Ok(mut graph) => {
                graph.path.clone_from(&found.relative);
                graphs.push(graph);
            }
            Err(error) => findings.warn(&found.relative, format!("looks like a list of edges, but {error}")),
        }
    }
    graphs
}

fn unread(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "graphml" => "GraphML",
        "gexf" => "GEXF",
        "gml" => "GML",
        "dot" | "gv" => "the DOT language",
        "paj" => "Pajek's format",
        _ => return None,
    })
}

fn may_be_edges(found: &Found, kind: FileKind, extension: &str) -> bool {
    match extension {
        "edges" | "edgelist" | "ncol" => true,
        "mtx" => reader::head(&found.path, 64)
            .is_ok_and(|head| head.starts_with(b"%%MatrixMarket matrix coordinate")),
        "txt" | "tsv" | "" if matches!(kind, FileKind::Text | FileKind::Table) => {
            reader::head(&found.path, 2 << 10).is_ok_and(|head| comments_speak_of_edges(&head))
        }
        _ => false,
    }
}

/// True when comments at the beginning name nodes and edges.
fn comments_speak_of_edges(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head).to_lowercase();
    let comments: Vec<&str> = text.lines().take_while(|line| line.starts_with(['#', '%'])).collect();
    comments.iter().any(|line| line.contains("edges")) && comments.iter().any(|line| line.contains("node"))
        || comments.iter().any(|line| line.contains("fromnodeid"))
}

/// Reads a list of edges: two nodes a line, perhaps with a weight.
pub(crate) fn read(input: impl Read) -> Result<GraphProfile, String> {
    let mut lines = Lines::new(input);
    let mut graph = GraphProfile::default();
    graph.exact = true;
    let mut nodes: HashSet<u64> = HashSet::new();
    let (mut odd, mut sizes, mut is_matrix, mut first) = (0, None, false, true);
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        is_matrix |= first && line.starts_with(b"%%MatrixMarket");
        first = false;
        if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"%") || line.starts_with(b"//") {
            continue;
        }
        let line: Vec<u8> =
            line.iter().map(|&byte| if matches!(byte, b',' | b';') { b' ' } else { byte }).collect();
        let mut parts = words(&line);
        if is_matrix && sizes.is_none() {
            let numbers: Vec<u64> = words(&line).filter_map(count).collect();
            sizes = Some(numbers);
            continue;
        }
        let (Some(from), Some(to)) = (parts.next(), parts.next()) else {
            odd += 1;
            continue;
        };
        if parts.next().is_some_and(|weight| number(weight).is_none()) && parts.next().is_some() {
            odd += 1;
        }
        graph.edges += 1;
        for node in [from, to] {
            if nodes.len() < MAX_NODES {
                nodes.insert(hash::of_bytes(node));
            } else {
                graph.exact = false;
            }
        }
        if odd > MAX_ODD_LINES && odd > graph.edges / 10 {
            return Err(String::from("many of its lines are no pairs of nodes"));
        }
    }
    if graph.edges == 0 {
        return Err(String::from("it holds no pair of nodes"));
    }
    (graph.source, graph.target) = (String::from("first word"), String::from("second word"));
    graph.nodes = nodes.len() as u64;
    graph.evidence = String::from("a file of pairs of nodes");
    if let Some([rows, columns, ..]) = sizes.as_deref() {
        graph.evidence = format!("a sparse matrix of {rows} rows and {columns} columns");
    }
    Ok(graph)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_of_edges() {
        let text = "# Nodes: 3 Edges: 3\n# FromNodeId\tToNodeId\n0\t1\n1\t2\n2\t0 0.5\n";
        let graph = read(text.as_bytes()).unwrap();
        assert_eq!((graph.edges, graph.nodes, graph.exact), (3, 3, true));
        assert!(comments_speak_of_edges(text.as_bytes()) && !comments_speak_of_edges(b"# a story\n1 2\n"));
        let matrix = "%%MatrixMarket matrix coordinate real general\n% made\n3 3 2\n1 2 0.5\n2 3 1\n";
        let graph = read(matrix.as_bytes()).unwrap();
        assert_eq!((graph.edges, graph.nodes), (2, 3));
        assert!(read(&b"one\ntwo\n"[..]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(bytes.as_slice());
        }
    }
}
