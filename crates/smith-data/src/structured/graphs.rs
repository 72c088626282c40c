//! Graphs as tables: two columns whose values are the same nodes.

use smith_task_schema::profile::{ColumnKind, ColumnProfile, GraphProfile};

use crate::column::key::is_key_name;
use crate::table_data::{ColumnData, TableData};

/// Nodes from which on two columns can be the ends of edges.
const MIN_NODES: u64 = 5;
/// The same, where no name says so.
const MIN_UNNAMED_NODES: u64 = 10;
/// Columns of a table that nothing but its shape makes a list of edges.
const MAX_UNNAMED_COLUMNS: usize = 4;
/// Columns of a table whose pairs are looked at.
const MAX_COLUMNS: usize = 60;

/// Words for the two ends of an edge.
const ENDS: [(&str, &str); 22] = [
    ("source", "target"),
    ("source", "destination"),
    ("source", "dest"),
    ("src", "dst"),
    ("src", "dest"),
    ("src", "trg"),
    ("src", "tgt"),
    ("from", "to"),
    ("origin", "destination"),
    ("origin", "dest"),
    ("head", "tail"),
    ("subject", "object"),
    ("sender", "receiver"),
    ("sender", "recipient"),
    ("citing", "cited"),
    ("follower", "followee"),
    ("start", "end"),
    ("home", "away"),
    ("winner", "loser"),
    ("u", "v"),
    ("1", "2"),
    ("a", "b"),
];
/// Ends that are places in time or along a line as well as nodes.
const VAGUE: [&str; 4] = ["start", "1", "a", "home"];
/// What `1` and `2`, `a` and `b` stand behind when they tell nodes apart.
const NODES: [&str; 19] = [
    "node", "vertex", "id", "user", "entity", "person", "actor", "gene", "protein", "drug", "author",
    "player", "paper", "station", "stop", "airport", "city", "team", "account",
];
/// Words for a node's parent.
const PARENTS: [&str; 7] = ["parent", "reply", "manager", "supervisor", "predecessor", "ancestor", "boss"];
/// Words for the kind of an edge.
const RELATIONS: [&str; 8] =
    ["relation", "relationship", "predicate", "rel", "edge", "link", "interaction", "property"];

/// The graphs that tables are lists of edges of, one of a table at most.
pub(crate) fn profile(tables: &[TableData]) -> Vec<GraphProfile> {
    tables.iter().filter_map(|table| of_table(table, tables)).collect()
}

/// Two columns as ends of edges.
struct Ends {
    source: usize,
    target: usize,
    evidence: String,
    /// Greater for better evidence.
    weight: f64,
}

fn of_table(table: &TableData, tables: &[TableData]) -> Option<GraphProfile> {
    let columns: Vec<usize> =
        (0..table.facts.columns.len().min(MAX_COLUMNS)).filter(|&at| may_be_end(table, at)).collect();
    let mut best: Option<Ends> = None;
    for (rank, &source) in columns.iter().enumerate() {
        for &target in columns.iter().skip(rank + 1) {
            let ends = ends(table, source, target, tables).or_else(|| ends(table, target, source, tables));
            if let Some(ends) = ends
                && best.as_ref().is_none_or(|best| ends.weight > best.weight)
            {
                best = Some(ends);
            }
        }
    }
    best.map(|ends| describe(table, ends))
}

fn may_be_end(table: &TableData, at: usize) -> bool {
    let (Some(facts), Some(data)) = (table.facts.columns.get(at), table.columns.get(at)) else {
        return false;
    };
    let kind = matches!(
        facts.kind,
        ColumnKind::Integer
            | ColumnKind::Category
            | ColumnKind::Id
            | ColumnKind::Text
            | ColumnKind::Url
            | ColumnKind::Mixed
    );
    kind && facts.distinct >= MIN_NODES && !data.hashes.is_empty()
}

/// How much two sets of values have in common.
#[derive(Debug, Clone, Copy, Default)]
struct Overlap {
    jaccard: f64,
    /// Share of the first one's values that are in the second one, and the other way round.
    first_in_second: f64,
    second_in_first: f64,
    union: u64,
    exact: bool,
}

/// Compares sets of which only the least hashes may be known: up to the least of their last ones both are whole.
fn overlap(a: &ColumnData, b: &ColumnData) -> Overlap {
    let last =
        |data: &ColumnData| if data.all_hashes { u64::MAX } else { data.hashes.last().copied().unwrap_or(0) };
    let until = last(a).min(last(b));
    let within = |data: &ColumnData| data.hashes.partition_point(|hash| *hash <= until);
    let (first, second) =
        (a.hashes.get(..within(a)).unwrap_or_default(), b.hashes.get(..within(b)).unwrap_or_default());
    let shared = first.iter().filter(|hash| second.binary_search(hash).is_ok()).count();
    let union = first.len() + second.len() - shared;
    let share = |of: usize| if of == 0 { 0.0 } else { shared as f64 / of as f64 };
    let exact = a.all_hashes && b.all_hashes;
    let covered = until as f64 / u64::MAX as f64;
    Overlap {
        jaccard: share(union),
        first_in_second: share(first.len()),
        second_in_first: share(second.len()),
        union: if exact || covered <= 0.0 { union as u64 } else { (union as f64 / covered).round() as u64 },
        exact,
    }
}

fn ends(table: &TableData, source: usize, target: usize, tables: &[TableData]) -> Option<Ends> {
    let (a, b) = (table.facts.columns.get(source)?, table.facts.columns.get(target)?);
    let (numeric, shared) =
        (a.kind == ColumnKind::Integer, overlap(table.columns.get(source)?, table.columns.get(target)?));
    if numeric != (b.kind == ColumnKind::Integer) {
        return None;
    }
    let found = |evidence: String, weight: f64| {
        Some(Ends { source, target, evidence, weight: weight + shared.jaccard })
    };
    let percent = (shared.jaccard * 100.0).round();
    if let Some(word) = parent_word(&b.name)
        && a.unique
        && shared.second_in_first >= 0.8
    {
        return found(format!("`{}` names the {word} by `{}`", b.name, a.name), 2.0);
    }
    let some = shared.first_in_second.max(shared.second_in_first);
    let key = common_key(table, source, target, tables);
    match named_ends(&a.name, &b.name) {
        Some(vague) if some >= 0.3 && (!numeric || !vague || key.is_some()) => {
            let refers = key.map(|key| format!("; both refer to {key}")).unwrap_or_default();
            return found(
                format!("the names are those of two ends, and {percent} % of all values are in both{refers}"),
                4.0,
            );
        }
        _ => {}
    }
    if let Some(key) = key
        && (!numeric || (is_key_name(&a.name) && is_key_name(&b.name)))
        && some >= 0.1
    {
        return found(format!("both refer to {key}"), 3.0);
    }
    let bare = is_bare(table, a, b) && shared.jaccard >= 0.5 && table.facts.rows >= shared.union;
    let enough =
        a.distinct.min(b.distinct) >= if numeric { 2 * MIN_UNNAMED_NODES } else { MIN_UNNAMED_NODES };
    if bare && enough && !others_share(table, source, target) {
        return found(
            format!("{percent} % of all values are in both of these columns and little else is there"),
            1.0,
        );
    }
    None
}

/// True for a table that is nothing but pairs, perhaps with a kind or a weight; of numbers without names of measures.
fn is_bare(table: &TableData, a: &ColumnProfile, b: &ColumnProfile) -> bool {
    let used = table
        .facts
        .columns
        .iter()
        .filter(|column| !column.constant && column.kind != ColumnKind::Empty)
        .count();
    let unnamed = !table.facts.has_header || (is_key_name(&a.name) && is_key_name(&b.name));
    used <= MAX_UNNAMED_COLUMNS && (a.kind != ColumnKind::Integer || unnamed)
}

/// True when a third column draws from the same values: answers to questions rather than nodes.
fn others_share(table: &TableData, source: usize, target: usize) -> bool {
    let Some(first) = table.columns.get(source) else { return false };
    let others = (0..table.columns.len().min(MAX_COLUMNS)).filter(|at| *at != source && *at != target);
    others
        .filter_map(|at| table.columns.get(at))
        .any(|other| !other.hashes.is_empty() && overlap(first, other).jaccard >= 0.3)
}

/// The key of another table that both columns refer to.
fn common_key(table: &TableData, source: usize, target: usize, tables: &[TableData]) -> Option<String> {
    let (first, second) = (table.columns.get(source)?, table.columns.get(target)?);
    for other in tables.iter().filter(|other| other.facts.path != table.facts.path) {
        for (facts, data) in other.facts.columns.iter().zip(&other.columns) {
            let same_kind = table.facts.columns.get(source).is_some_and(|column| {
                (column.kind == ColumnKind::Integer) == (facts.kind == ColumnKind::Integer)
            });
            let key = facts.unique && same_kind && !data.hashes.is_empty();
            let inside = |column: &ColumnData| overlap(column, data).first_in_second >= 0.9;
            if key && inside(first) && inside(second) {
                return Some(format!("`{}` of {}", facts.name, other.facts.path));
            }
        }
    }
    None
}

/// Words of a name: `SourceID` is `source` and `id`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts =
            (c.is_uppercase() && before.is_lowercase()) || (c.is_ascii_digit() != before.is_ascii_digit());
        if (starts || !c.is_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether two names are those of two ends, and if so whether they may as well be something else.
fn named_ends(a: &str, b: &str) -> Option<bool> {
    let (first, second) = (words(a), words(b));
    if first.len() != second.len() {
        return None;
    }
    let mut different = first.iter().zip(&second).filter(|(a, b)| a != b);
    let (one, other) = different.next()?;
    if different.next().is_some() || !ENDS.contains(&(one.as_str(), other.as_str())) {
        return None;
    }
    let of_nodes = first
        .iter()
        .any(|word| NODES.contains(&word.as_str()) || NODES.contains(&word.trim_end_matches('s')));
    if matches!(one.as_str(), "1" | "a") && !of_nodes {
        return None;
    }
    Some(VAGUE.contains(&one.as_str()) && !of_nodes)
}

fn parent_word(name: &str) -> Option<&'static str> {
    let words = words(name);
    PARENTS.into_iter().find(|parent| words.iter().any(|word| word == parent))
}

fn describe(table: &TableData, ends: Ends) -> GraphProfile {
    let name = |at: usize| table.facts.columns.get(at).map(|column| column.name.clone()).unwrap_or_default();
    let mut graph = GraphProfile::default();
    graph.path.clone_from(&table.facts.path);
    (graph.source, graph.target) = (name(ends.source), name(ends.target));
    graph.relation = relation(table, &ends).map(name);
    let missing = [ends.source, ends.target]
        .into_iter()
        .filter_map(|at| table.facts.columns.get(at))
        .map(|c| c.missing);
    graph.edges = table.facts.rows.saturating_sub(missing.max().unwrap_or(0));
    if let (Some(first), Some(second)) = (table.columns.get(ends.source), table.columns.get(ends.target)) {
        let both = overlap(first, second);
        (graph.nodes, graph.exact) = (both.union, both.exact && table.facts.exact);
    }
    graph.evidence = ends.evidence;
    graph
}

/// The column with the kind of an edge: by its name, or the third of a triple.
fn relation(table: &TableData, ends: &Ends) -> Option<usize> {
    let words_for_it = |at: &usize| {
        let facts = &table.facts.columns[*at];
        let short = facts.distinct >= 1 && facts.distinct * 2 <= table.facts.rows && !facts.constant;
        short && matches!(facts.kind, ColumnKind::Category | ColumnKind::Text | ColumnKind::Integer)
    };
    let others: Vec<usize> = (0..table.facts.columns.len())
        .filter(|at| *at != ends.source && *at != ends.target)
        .filter(words_for_it)
        .collect();
    let named = |at: &&usize| {
        words(&table.facts.columns[**at].name).iter().any(|word| RELATIONS.contains(&word.as_str()))
    };
    if let Some(named) = others.iter().find(named) {
        return Some(*named);
    }
    let is_triple = table.facts.columns.len() == 3;
    others.first().copied().filter(|at| is_triple && table.facts.columns[*at].kind != ColumnKind::Integer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structured::test_table::{headless, table};

    fn graph(tables: &[TableData]) -> Option<GraphProfile> {
        profile(tables).into_iter().next()
    }

    /// Lines of a ring with chords over `n` nodes.
    fn edges(n: usize, line: impl Fn(usize, usize) -> String) -> String {
        let chords = (0..n).flat_map(|i| [(i, (i + 1) % n), (i, (i * 7 + 3) % n)]);
        chords.map(|(a, b)| line(a, b) + "\n").collect()
    }

    #[test]
    fn triples_without_a_header() {
        let text = edges(14, |a, b| format!("n{a}\trel{}\tn{b}", (a + b) % 5));
        let found = graph(&[headless("train.txt", &text, '\t')]).unwrap();
        assert_eq!(
            (found.source.as_str(), found.target.as_str(), found.relation.as_deref()),
            ("column_1", "column_3", Some("column_2"))
        );
        assert_eq!((found.edges, found.nodes, found.exact), (28, 14, true));
    }

    #[test]
    fn named_ends_in_a_wide_table() {
        let rows = edges(30, |a, b| format!("AA,{},A{a},{},A{b},{}", a % 3, a + 1000, b + 1000));
        let routes =
            table("routes.csv", &format!("Airline,Stops,Source,SourceID,Destination,DestinationID\n{rows}"));
        let found = graph(&[routes]).unwrap();
        assert_eq!(
            (found.source.as_str(), found.target.as_str(), found.nodes),
            ("Source", "Destination", 30)
        );
        assert_eq!(found.relation, None);
    }

    #[test]
    fn keys_of_another_table_on_both_ends() {
        let stops = table(
            "stops.csv",
            &format!(
                "stop_id,lat\n{}",
                (0..40).map(|i| format!("{},{}.5\n", i + 100, i)).collect::<String>()
            ),
        );
        let rides = edges(40, |a, b| format!("{},{},{}", a + 100, b + 100, a * b));
        let rides = table("rides.csv", &format!("boarding_id,leaving_id,price\n{rides}"));
        let found = graph(&[stops, rides]).unwrap();
        assert_eq!((found.path.as_str(), found.nodes), ("rides.csv", 40));
        assert!(found.evidence.contains("`stop_id` of stops.csv"));
    }

    #[test]
    fn a_tree_by_parents() {
        let rows: String = (1..40).map(|i| format!("{i},{},x\n", i / 2)).collect();
        let found = graph(&[table("comments.csv", &format!("id,parent_id,text\n{rows}"))]).unwrap();
        assert_eq!((found.source.as_str(), found.target.as_str()), ("id", "parent_id"));
    }

    #[test]
    fn measurements_and_answers_are_no_graph() {
        let measures = edges(60, |a, b| format!("{a},{b},{}", a + b));
        assert!(graph(&[table("m.csv", &format!("age,score,height\n{measures}"))]).is_none());
        assert!(graph(&[table("bed.csv", &format!("start,end,score\n{measures}"))]).is_none());
        let answers: String =
            (0..200).map(|i| format!("a{},a{},a{}\n", i % 12, i * 5 % 12, i * 7 % 12)).collect();
        assert!(graph(&[table("survey.csv", &format!("q1,q2,q3\n{answers}"))]).is_none());
        let pairs: String = (0..60).map(|i| format!("w{},w{},{}.5\n", i * 2, i * 2 + 1, i)).collect();
        assert!(graph(&[table("words.csv", &format!("word1,word2,score\n{pairs}"))]).is_none());
        let apart: String = (0..60).map(|i| format!("{i},{}\n", 5_000 + i * 3)).collect();
        assert!(graph(&[headless("points.txt", &apart, ',')]).is_none());
    }

    #[test]
    fn words_of_names() {
        assert_eq!(words("SourceID"), ["source", "id"]);
        assert_eq!(words("from_station_2"), ["from", "station", "2"]);
        assert_eq!(named_ends("node1", "node2"), Some(false));
        assert_eq!(named_ends("start", "end"), Some(true));
        assert_eq!(named_ends("word1", "word2"), None);
    }
}
