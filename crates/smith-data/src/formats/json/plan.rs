//! Decides where in an object the records lie.

use super::outline::Node;
use super::record::Kind;

/// Fewer members than this are fields rather than records.
const MIN_KEYED: u64 = 5;
/// Fewer objects than this in an array beside others are a detail.
const MIN_RECORDS: u64 = 5;
/// An object with more members than this beside its only array of objects is a record itself, and that array a detail
/// of it while it is shorter than [`MIN_IN_RECORD`].
const MAX_BESIDE: u64 = 3;
const MIN_IN_RECORD: u64 = 20;
/// Arrays of records beyond which they are parts of one table.
const MANY_ARRAYS: u64 = 20;
/// Tables of one file.
const MAX_TABLES: usize = 16;
/// Share of its keys that an object among keyed records has at least.
const MIN_FILL: f64 = 0.3;
/// Levels of objects in which records are looked for.
const MAX_LEVELS: usize = 2;

/// How records lie below a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// An array of objects.
    Records,
    /// An object of objects, each with its key.
    Keyed,
    /// An object of arrays of objects, the arrays with their keys.
    KeyedArrays,
    /// An object of equally long arrays (or of objects with the keys 0, 1, 2, …): columns.
    Columns,
    /// An object with the names of columns and rows that are arrays.
    Split,
}

/// A table to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Keys from the top of the file.
    pub(super) path: Vec<String>,
    pub(super) layout: Layout,
}

/// The tables in an object at the top of a file.
pub(super) fn plan(top: &Node) -> Vec<Plan> {
    let mut plans = Vec::new();
    find(top, &mut Vec::new(), &mut plans);
    plans.truncate(MAX_TABLES);
    plans
}

fn find(node: &Node, path: &mut Vec<String>, plans: &mut Vec<Plan>) {
    if let Some(layout) = whole(node) {
        plans.push(Plan { path: path.clone(), layout });
        return;
    }
    let least = match (node.arrays_of_objects, node.members) {
        (1, members) if members <= MAX_BESIDE + 1 => 2,
        (1, _) => MIN_IN_RECORD,
        _ => MIN_RECORDS,
    };
    for (key, child) in &node.named {
        path.push(key.clone());
        match child.kind {
            Some(Kind::Array) if holds_records(child, least) => {
                plans.push(Plan { path: path.clone(), layout: Layout::Records });
            }
            Some(Kind::Object) if path.len() < MAX_LEVELS => find(child, path, plans),
            _ => {}
        }
        path.pop();
    }
}

fn holds_records(array: &Node, least: u64) -> bool {
    array.objects >= least && array.objects * 10 >= array.members * 9
}

/// The layout of an object that is one table as a whole.
fn whole(node: &Node) -> Option<Layout> {
    if node.kind != Some(Kind::Object) {
        return None;
    }
    let is_array = |key: &str| node.member(key).filter(|child| child.kind == Some(Kind::Array));
    if let (Some(columns), Some(data)) = (is_array("columns"), is_array("data"))
        && columns.objects == 0
        && data.members > 0
        && data.arrays == data.members
    {
        return Some(Layout::Split);
    }
    let all_arrays = node.arrays == node.members;
    let alike = node.lengths.is_some_and(|(least, most)| least == most && most >= 2);
    if node.members >= 2 && all_arrays && node.arrays_of_scalars == node.arrays && alike {
        return Some(Layout::Columns);
    }
    let all_objects = node.objects == node.members;
    if node.members >= 2 && all_objects && node.children_count() {
        return Some(Layout::Columns);
    }
    if node.members >= MIN_KEYED && node.objects * 10 >= node.members * 9 && node.fill() >= MIN_FILL {
        return Some(Layout::Keyed);
    }
    let many = node.members >= MANY_ARRAYS && all_arrays && node.arrays_of_objects * 10 >= node.arrays * 9;
    many.then_some(Layout::KeyedArrays)
}
