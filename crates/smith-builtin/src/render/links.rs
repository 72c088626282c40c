//! The lines of prepare.py that make up edges beside those of a graph.

use super::context::Names;
use super::python::{list, literal};
use crate::plan::Edges;

/// What puts made-up edges beside the ones that were read: a line, and the function that it calls.
pub(crate) fn links(edges: &Edges, names: &Names) -> (String, String) {
    let (start, end) = (literal(&edges.start), literal(&edges.end));
    let helper = format!(
        "EDGE = {}\n\n\ndef with_made_up(edges: pd.DataFrame) -> pd.DataFrame:\n    \"\"\"The edges, and about as many that are not there: the end of each is replaced by a node drawn from all.\"\"\"\n    edges = edges[EDGE].dropna().astype(str).drop_duplicates(ignore_index=True)\n    known = set(edges.itertuples(index=False, name=None))\n    nodes = pd.unique(edges[[{start}, {end}]].to_numpy().ravel())\n    rng = np.random.default_rng(SEED)\n    made_up = edges.assign(**{{{end}: rng.choice(nodes, size=len(edges))}}).drop_duplicates()\n    made_up = made_up[[edge not in known for edge in made_up.itertuples(index=False, name=None)]]\n    edges[TARGET], made_up[TARGET] = 1, 0\n    both = pd.concat([edges, made_up], ignore_index=True)\n    both[GROUP] = [\" ~ \".join(sorted(ends)) for ends in zip(both[{start}], both[{end}])]\n    return both\n",
        list(&edges.columns(), 0)
    );
    (format!("\n    {0} = with_made_up({0})", names.frame), helper)
}
