//! The lines of the scripts that compare texts which are written.

/// The words of a text: letters and digits in a row, and each character of scripts that put no blanks between words.
const WORDS: &str =
    r#"re.findall(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+", text.lower())"#;

/// Keeps the rows whose text has words.
pub(crate) fn encode(frame: &str) -> String {
    format!(
        "    {frame}[TARGET] = {frame}[TARGET].astype(str).str.strip()\n    # A text without a word cannot be compared.\n    {frame} = {frame}[{frame}[TARGET].str.contains(r\"\\w\")]"
    )
}

/// The functions of metric.py.
pub(crate) fn metric(longest: u64) -> String {
    format!(
        r#"# Characters of a text at most.
LONGEST = {longest}


def rows_of_words(text: str, length: int) -> Counter:
    """How often each row of so many words stands in a text; characters of scripts without blanks count as words."""
    words = {WORDS}
    return Counter(zip(*(words[start:] for start in range(length))))


def rouge(known: str, said: str) -> float:
    """Mean of the F1 scores of single words and of pairs of neighbours; of a text of one word, that of the word."""
    scores = []
    for length in (1, 2):
        a, b = rows_of_words(known, length), rows_of_words(said, length)
        if a:
            scores.append(2 * (a & b).total() / (a.total() + b.total()))
    return sum(scores) / len(scores)"#
    )
}

/// The body of the score.
pub(crate) const MEAN_ROUGE: &str = "        pairs = zip(truth[self.value].astype(str), predicted[self.value].astype(str))\n        return float(np.mean([rouge(known, said) for known, said in pairs]))";

/// What a submission must keep to.
pub(crate) const VALIDATE: &str = "        texts = submission[self.value]\n        if texts.isna().any() or not texts.map(lambda text: len(str(text)) <= LONGEST).all():\n            raise InvalidSubmissionError(f\"{self.value} must be a text of 1 to {LONGEST} characters in every row\")";

/// Modules of metric.py.
pub(crate) const IMPORTS: [&str; 2] = ["import re", "from collections import Counter"];
