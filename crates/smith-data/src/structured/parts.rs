//! Names of the parts of a split.

/// Words with the part that they mean.
const WORDS: [(&str, &str); 19] = [
    ("train", "train"),
    ("training", "train"),
    ("trn", "train"),
    ("val", "validation"),
    ("valid", "validation"),
    ("validation", "validation"),
    ("dev", "validation"),
    ("development", "validation"),
    ("eval", "test"),
    ("evaluation", "test"),
    ("test", "test"),
    ("testing", "test"),
    ("tst", "test"),
    ("holdout", "test"),
    ("unlabeled", "unlabelled"),
    ("unlabelled", "unlabelled"),
    ("unsup", "unlabelled"),
    ("trainval", "train"),
    ("testset", "test"),
];

/// The part that a file's or directory's name speaks of: `train`, `validation`, `test` or `unlabelled`.
pub(crate) fn part_of(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let whole = |word: &str| WORDS.iter().find(|(known, _)| *known == word).map(|(_, part)| *part);
    let pieces = lower.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty());
    pieces
        .filter_map(|piece| {
            // `train2017` and `test1` are parts too.
            whole(piece).or_else(|| whole(piece.trim_end_matches(|c: char| c.is_ascii_digit())))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let cases = [
            ("train", Some("train")),
            ("train2017", Some("train")),
            ("seg_test", Some("test")),
            ("train-images-idx3-ubyte.gz", Some("train")),
            ("X_val.npy", Some("validation")),
            ("trains", None),
            ("contest", None),
            ("latest_scores", None),
            ("", None),
        ];
        for (name, part) in cases {
            assert_eq!(part_of(name), part, "{name}");
        }
    }
}
