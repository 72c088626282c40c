//! Which columns say what a row is about, when no single one does: a query and a document, an image and a class.

use std::collections::HashSet;

use smith_data::table::Table;

use super::tables::cell;

/// Positions (in the sample) of the key columns, and whether no two rows of the answers share their keys. `columns`
/// are the answers' columns for those of the sample, `id` the id column that was found alone.
///
/// Besides the id, keys are columns that hold the same in both tables row by row and without which rows could not be
/// told apart. At least one column is left to be predicted.
pub(super) fn find(sample: &Table, answers: &Table, columns: &[usize], id: usize) -> (Vec<usize>, bool) {
    if unique(answers, columns, &[id]) {
        // What stands before the id and is known is what rows are grouped by, not what is predicted.
        let grouping = agreeing(sample, answers, columns).into_iter().filter(|&at| at < id);
        let keys: Vec<usize> = std::iter::once(id).chain(grouping).collect();
        let is_left = keys.len() < columns.len();
        return (if is_left { keys } else { vec![id] }, true);
    }
    let mut keys = vec![id];
    for at in agreeing(sample, answers, columns).into_iter().filter(|&at| at != id) {
        if keys.len() + 1 == columns.len() {
            break;
        }
        keys.push(at);
        if unique(answers, columns, &keys) {
            return (needed(answers, columns, keys), true);
        }
    }
    (vec![id], false)
}

/// The keys without those that are not needed, later ones first. The id stays.
fn needed(answers: &Table, columns: &[usize], keys: Vec<usize>) -> Vec<usize> {
    let mut left = keys.clone();
    for key in keys.into_iter().skip(1).rev() {
        let without: Vec<usize> = left.iter().copied().filter(|&at| at != key).collect();
        if unique(answers, columns, &without) {
            left = without;
        }
    }
    left.sort_unstable();
    left
}

/// Columns that hold the same in both tables, row by row.
pub(super) fn agreeing(sample: &Table, answers: &Table, columns: &[usize]) -> Vec<usize> {
    if sample.rows.len() != answers.rows.len() {
        return Vec::new();
    }
    let agrees = |&at: &usize| {
        let Some(&in_answers) = columns.get(at) else { return false };
        sample.rows.iter().zip(&answers.rows).all(|(a, b)| cell(a, at) == cell(b, in_answers))
    };
    (0..columns.len()).filter(agrees).collect()
}

fn unique(answers: &Table, columns: &[usize], keys: &[usize]) -> bool {
    let at: Vec<usize> = keys.iter().filter_map(|&key| columns.get(key).copied()).collect();
    let mut seen = HashSet::new();
    answers.rows.iter().all(|row| seen.insert(at.iter().map(|&at| cell(row, at)).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        let mut lines = text.split(' ').map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Table { headers: lines.next().unwrap(), rows: lines.collect() }
    }

    #[test]
    fn keys_are_what_both_tables_agree_on_and_rows_need() {
        let cases = [
            ("one id is enough", "id,y 1,0 2,0", "id,y 1,5 2,5", vec![0], true),
            (
                "a query and a document",
                "q,d,y 1,a,0 1,b,0 2,a,0",
                "q,d,y 1,a,3 1,b,2 2,a,1",
                vec![0, 1],
                true,
            ),
            (
                "what is not needed is predicted",
                "q,z,d,y 1,k,a,0 1,k,b,0 2,k,a,0",
                "q,z,d,y 1,k,a,3 1,k,b,2 2,k,a,1",
                vec![0, 2],
                true,
            ),
            ("boxes of an image", "image,box 1,x 1,x", "image,box 1,p 1,q", vec![0], false),
            ("something is predicted", "q,d 1,a 1,b", "q,d 1,a 1,b", vec![0], false),
            ("another number of rows", "q,d,y 1,a,0", "q,d,y 1,a,3 1,b,2", vec![0], false),
        ];
        for (what, sample, answers, keys, unique) in cases {
            let (sample, answers) = (table(sample), table(answers));
            let columns: Vec<usize> = (0..sample.headers.len()).collect();
            assert_eq!(find(&sample, &answers, &columns, 0), (keys, unique), "{what}");
        }
        let (sample, answers) = (table("q,d,y 1,a,0 1,b,0 2,c,0"), table("q,d,y 1,a,3 1,b,2 2,c,1"));
        assert_eq!(find(&sample, &answers, &[0, 1, 2], 1), (vec![1, 0], true), "a group before the id");
    }
}
