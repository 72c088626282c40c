//! Headers of the Orange data-mining suite: three rows for names, types and roles.

const TYPES: [&str; 12] =
    ["continuous", "c", "numeric", "n", "discrete", "d", "categorical", "string", "text", "s", "time", "t"];
const ROLES: [&str; 9] = ["class", "c", "meta", "m", "ignore", "i", "weight", "w", "basket"];

/// The names, when the first three rows are such a header.
pub(super) fn names(rows: &[Vec<&str>]) -> Option<Vec<String>> {
    let [names, types, roles, ..] = rows else { return None };
    let filled = |row: &[&str]| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let type_words = types.iter().filter(|cell| TYPES.contains(&cell.trim())).count();
    // A discrete column may list its values instead of the word.
    let typed = filled(types) >= names.len().max(1) && type_words >= 1 && type_words * 2 >= types.len();
    let is_role = |cell: &&str| {
        let cell = cell.trim();
        cell.is_empty() || cell.split_whitespace().all(|word| ROLES.contains(&word) || word.contains('='))
    };
    (typed && roles.iter().all(is_role)).then(|| names.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_rows_are_needed() {
        let rows = vec![vec!["a", "kind"], vec!["continuous", "x y z"], vec!["", "class"], vec!["1", "x"]];
        assert_eq!(names(&rows).unwrap(), ["a", "kind"]);
        assert!(names(&rows[..2]).is_none());
        assert!(names(&[vec!["s", "t"], vec!["a", "b"], vec!["", ""]]).is_none());
    }
}
