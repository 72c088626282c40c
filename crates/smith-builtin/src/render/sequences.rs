//! The lines of the scripts that read words with their symbols, and that compare rows of symbols.

use super::context::Names;
use super::python::literal;
use crate::plan::Lexicon;

/// Symbols of a prediction at most, as a multiple of the longest known row.
const LONGEST: u64 = 5;

/// How the words are read: the line, the function that it calls, and its modules.
pub(crate) fn words(lexicon: &Lexicon, names: &Names) -> (String, String, Vec<&'static str>) {
    let mut lines = String::new();
    if lexicon.remarks {
        lines.push_str("        if line.startswith((\"#\", \";;;\")):\n            continue\n");
    }
    let said = if lexicon.remarks { "line.split(\" #\")[0]" } else { "line" };
    lines.push_str(&format!("        word, *symbols = {said}.split() or [\"\"]\n"));
    let (keep, modules) = if lexicon.variants {
        lines.push_str("        # Further ways of a word that stands above carry a number.\n");
        ("symbols and not re.search(r\"\\(\\d+\\)$\", word)", vec!["re"])
    } else {
        ("symbols", Vec::new())
    };
    let helper = format!(
        "def read_words(path: Path) -> pd.DataFrame:\n    \"\"\"The word of every line, and the symbols behind it.\"\"\"\n    rows = []\n    for line in path.read_text(encoding=\"utf-8\", errors=\"replace\").splitlines():\n{lines}        if {keep}:\n            rows.append((word, \" \".join(symbols)))\n    return pd.DataFrame(rows, columns=[\"word\", TARGET]).drop_duplicates(subset=\"word\")\n"
    );
    (format!("    {} = read_words(raw / {})", names.frame, literal(&lexicon.path)), helper, modules)
}

/// The function of metric.py that compares two rows of symbols.
pub(crate) const DISTANCE: &str = "def distance(known: list[str], predicted: list[str]) -> int:\n    \"\"\"Fewest symbols to put in, take out or replace to make one row of the other.\"\"\"\n    costs = list(range(len(predicted) + 1))\n    for row, symbol in enumerate(known, 1):\n        before, costs[0] = costs[0], row\n        for column, other in enumerate(predicted, 1):\n            before, costs[column] = costs[column], min(\n                costs[column] + 1, costs[column - 1] + 1, before + (symbol != other)\n            )\n    return costs[-1]";

/// The body of the score.
pub(crate) const ERROR_RATE: &str = "        known = truth[self.value].astype(str).str.split()\n        said = predicted[self.value].astype(str).str.split()\n        return float(sum(map(distance, known, said)) / known.str.len().sum())";

/// What a submission must keep to.
pub(crate) fn validate(longest: u64) -> String {
    format!(
        "        if submission[self.value].isna().any():\n            raise InvalidSubmissionError(f\"{{self.value}} must be a row of symbols in every row\")\n        if (submission[self.value].astype(str).str.split().str.len() > {0}).any():\n            raise InvalidSubmissionError(f\"{{self.value}} must be at most {0} symbols in every row\")",
        longest.saturating_mul(LONGEST)
    )
}
