//! Strings that are written in a notation of chemistry or biology.

use smith_task_schema::profile::ColumnProfile;

/// The notation of a column's values, by all of its examples.
pub(super) fn notation(column: &ColumnProfile) -> Option<&'static str> {
    let examples = || column.examples.iter().map(|text| text.trim_end_matches('…'));
    if column.examples.len() < 2 {
        return None;
    }
    let name = column.name.to_lowercase();
    if examples().all(|text| text.starts_with("InChI=")) {
        return Some("InChI");
    }
    if examples().all(is_smiles)
        && (name.contains("smiles") || name.contains("mol") || examples().any(has_structure))
    {
        return Some("SMILES");
    }
    let long = examples().filter(|text| text.len() >= 20).count() * 2 > column.examples.len();
    if long && examples().all(|text| text.len() >= 4 && text.bytes().all(|b| b"ACGTUNacgtun".contains(&b))) {
        return Some("nucleotides");
    }
    let named = ["sequence", "seq", "peptide", "protein", "cdr"].iter().any(|word| name.contains(word));
    let amino = |text: &str| text.bytes().all(|b| b"ACDEFGHIKLMNPQRSTVWYXBZUO*-".contains(&b));
    if (long || named) && examples().all(|text| text.len() >= 5 && amino(text)) {
        return Some("amino acids");
    }
    None
}

/// True for letters of atoms, bonds, rings and branches, with brackets that close.
fn is_smiles(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"[]()=#+-@/\\%.:~*$".contains(&b);
    if text.is_empty() || !text.bytes().all(allowed) {
        return false;
    }
    let count = |wanted: u8| text.bytes().filter(|&b| b == wanted).count();
    if count(b'(') < count(b')') || count(b'[') < count(b']') {
        return false;
    }
    let mut rest = text;
    let mut in_brackets = false;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ if in_brackets || !c.is_ascii_alphabetic() => {}
            _ if rest.starts_with("Cl") || rest.starts_with("Br") => length = 2,
            'B' | 'C' | 'N' | 'O' | 'P' | 'S' | 'F' | 'I' | 'H' | 'b' | 'c' | 'n' | 'o' | 'p' | 's' => {}
            _ => return false,
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    true
}

/// True for what no word or number has: bonds and branches between atoms.
fn has_structure(text: &str) -> bool {
    text.len() >= 6 && text.contains(['=', '#', '(']) && text.contains(['C', 'c'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, examples: &[&str]) -> Option<&'static str> {
        let mut column = ColumnProfile::new(name);
        column.examples = examples.iter().map(ToString::to_string).collect();
        notation(&column)
    }

    #[test]
    fn notations() {
        assert_eq!(of("x", &["CC(=O)Oc1ccccc1", "CCO", "[Na+].[Cl-]", "BrC#N"]), Some("SMILES"));
        assert_eq!(of("x", &["ACGTACGTACGTACGTACGTGG", "TTTTACGTACGTACGTACGTAA"]), Some("nucleotides"));
        assert_eq!(of("sequence", &["MKTAYIAKQR", "GAVLIPFMW"]), Some("amino acids"));
        assert_eq!(of("x", &["InChI=1S/CH4/h1H4", "InChI=1S/H2O/h1H2"]), Some("InChI"));
        for words in [&["Cold", "Snow"][..], &["12", "13"], &["COP", "SON"], &["A", "B"], &["yes", "no"]] {
            assert_eq!(of("x", words), None, "{words:?}");
        }
    }
}
