//! What a description promises of the split: that the members of a group stand on one side, that test lies in the future.

/// Words that promise, in one sentence with a group and the parts of the data, that it stands on one side only.
const APART: [&str; 12] = [
    "never both",
    "not both",
    "but not in both",
    "on one side",
    "either all in the train",
    "no overlap",
    "not overlap",
    "without overlap",
    "mutually exclusive",
    "not shared",
    "different from those of the train",
    "different from the train",
];
/// Words that promise it of what stands near them, and how near.
const NEAR: usize = 5;
const SAID_OF: usize = 10;
const DISJOINT: [&str; 2] = ["disjoint", "non-overlapping"];
/// Words for the parts of the data.
const SIDES: [&str; 12] = [
    "train", "training", "test", "testing", "split", "sides", "side", "parts", "sets", "files", "folds",
    "both",
];
/// What groups do, or do not, in a part of the data.
const STANDS: [&str; 27] = [
    "from",
    "occur",
    "occurs",
    "appear",
    "appears",
    "seen",
    "present",
    "included",
    "part",
    "found",
    "exist",
    "exists",
    "contained",
    "contribute",
    "contributes",
    "contributed",
    "featured",
    "represented",
    "used",
    "shared",
    "among",
    "recorded",
    "reviewed",
    "known",
    "in",
    "belong",
    "come",
];
/// Words that may stand between a group and the word that denies it a place.
const FILLING: [&str; 42] = [
    "of",
    "the",
    "in",
    "for",
    "from",
    "to",
    "by",
    "on",
    "at",
    "test",
    "testing",
    "tests",
    "set",
    "sets",
    "data",
    "file",
    "csv",
    "part",
    "split",
    "held-out",
    "evaluation",
    "side",
    "these",
    "those",
    "that",
    "which",
    "who",
    "whose",
    "are",
    "is",
    "do",
    "does",
    "did",
    "have",
    "has",
    "were",
    "was",
    "will",
    "id",
    "ids",
    "recorded",
    "used",
];
/// Words by which a sentence takes back what it seems to promise.
const HEDGES: [&str; 9] =
    ["may", "might", "some", "necessarily", "sometimes", "usually", "column", "columns", "stratified"];
/// Words of sentences in which single examples of each group are held out, or new to one user alone.
const OF_EACH: [&str; 12] = [
    "each", "every", "per", "last", "random", "randomly", "rows", "fraction", "their", "they", "him",
    "percent",
];
/// Words for what a split is made by.
const BY: [&str; 4] = ["split", "splits", "splitting", "partitioned"];
/// Kinds of times: a split by them is one in time.
const TIMES: [&str; 12] = [
    "time",
    "date",
    "day",
    "week",
    "month",
    "year",
    "hour",
    "minute",
    "timestamp",
    "season",
    "quarter",
    "datetime",
];
/// Words that ask for a forecast.
const FUTURE: [&str; 18] = [
    "forecast",
    "the future",
    "future value",
    "future sales",
    "future demand",
    "upcoming",
    "chronological",
    "steps ahead",
    "hours ahead",
    "days ahead",
    "weeks ahead",
    "months ahead",
    "next day",
    "next hour",
    "next week",
    "next month",
    "next year",
    "tomorrow",
];
/// Words that say that the split itself is one of time.
const LATER: [&str; 19] = [
    "come after all train",
    "after all train",
    "after the training period",
    "after the training data",
    "after the training set",
    "after the training days",
    "later than the train",
    "later than all train",
    "later than any train",
    "after the last train",
    "split by time",
    "split is by time",
    "split in time",
    "time-based split",
    "time based split",
    "temporal split",
    "chronological split",
    "split chronologically",
    "trained on the past",
];
/// Words for a task between known points.
const BETWEEN: [&str; 8] =
    ["imput", "interpolat", "reconstruct", "fill in", "gaps", "missing values of", "missing days", "nowcast"];
/// Lengths of time, as in `the last two years are held out`.
const SPANS: [&str; 14] = [
    "day", "days", "week", "weeks", "month", "months", "year", "years", "hour", "hours", "quarter",
    "quarters", "season", "seasons",
];

/// How a description speaks of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Future {
    /// The split is said to be one of time.
    Split(String),
    /// A forecast is asked for.
    Asked(&'static str),
}

/// True when a sentence of the description says of a word that its members stand on one side of the split only. `text`
/// is in lower case.
pub(crate) fn promises_apart(text: &str, word: &str) -> bool {
    sentences(text).iter().any(|sentence| says_apart(sentence, word))
}

fn says_apart(sentence: &str, word: &str) -> bool {
    let words = words(sentence);
    let places: Vec<usize> =
        (0..words.len()).filter(|at| words.get(*at).is_some_and(|own| is_it(own, word))).collect();
    if is_hedged(&words) {
        return false;
    }
    if ["independent", "disjoint", "wise", "level"].iter().any(|kind| {
        let compound = format!("{word}-{kind}");
        words.contains(&compound.as_str()) && (!["level", "wise"].contains(kind) || has(&words, &["split"]))
    }) {
        return true;
    }
    if places.is_empty() {
        return false;
    }
    let speaks_of_sides =
        words.iter().any(|own| SIDES.contains(own) || own.starts_with("train") || own.starts_with("test"));
    let same = has(&words, &["same"]);
    let in_time = !TIMES.contains(&word) && words.iter().any(|own| TIMES.iter().any(|time| is_it(own, time)));
    let is_overlap = |apart: &str| apart.ends_with("overlap") && (in_time || are_within(&words, &places));
    // What is said is said of what stands before it.
    let is_before = |at: usize| {
        let before = self::words(sentence.get(..at).unwrap_or_default());
        before.iter().rev().take(SAID_OF).any(|own| is_it(own, word))
    };
    let apart = APART.iter().any(|apart| sentence.find(apart).is_some_and(is_before) && !is_overlap(apart));
    let disjoint = words.iter().position(|own| DISJOINT.contains(own));
    let disjoint = disjoint.is_some_and(|own| places.iter().any(|at| own.abs_diff(*at) <= NEAR));
    (disjoint && !same && !in_time)
        || (speaks_of_sides && apart && !same)
        || is_new(&words, &places)
        || is_other(&words, &places)
        || (!TIMES.contains(&word) && speaks_of_sides && is_by(&words, &places))
        || (denies(&words, &places) && !(has(&words, &["overlap"]) && are_within(&words, &places)))
}

/// True where parts of one member are spoken of: `windows of a recording do not overlap`.
fn are_within(words: &[&str], places: &[usize]) -> bool {
    places.iter().all(|at| {
        let before = words.get(at.saturating_sub(2)..*at).unwrap_or_default();
        matches!(before, ["of", "a" | "an" | "one" | "each" | "every"])
    })
}

/// `unseen farms`, `new patients` of the test data, `two farms are held out`.
fn is_new(words: &[&str], places: &[usize]) -> bool {
    if has(words, &OF_EACH) {
        return false;
    }
    let tests = words.iter().any(|own| own.starts_with("test") || own.starts_with("evaluat"));
    places.iter().any(|at| {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or("");
        let behind = words.get(at + 1..(at + 4).min(words.len())).unwrap_or_default();
        let held = behind.iter().any(|own| ["held", "held-out"].contains(own));
        ["unseen", "held-out"].contains(&before) || held || (before == "new" && tests)
    })
}

/// `all candidates of the 9 other blocks` of the test data, `the test blocks are other ones`.
fn is_other(words: &[&str], places: &[usize]) -> bool {
    let tests = words.iter().any(|own| own.starts_with("test"));
    let is_count = |own: &&str| {
        own.parse::<u32>().is_ok()
            || ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve"]
                .contains(own)
    };
    tests
        && !has(words, &OF_EACH)
        && places.iter().any(|at| {
            let before = words.get(at.saturating_sub(3)..*at).unwrap_or_default();
            let behind = words.get(at + 1..(at + 4).min(words.len())).unwrap_or_default();
            matches!(before, [.., "other", count] | [.., count, "other"] if is_count(count))
                || matches!(behind, ["are", "other", "ones"] | ["are", "others", ..])
        })
}

/// `split by patient`.
fn is_by(words: &[&str], places: &[usize]) -> bool {
    places.iter().any(|at| {
        let first = at.saturating_sub(3);
        let near = words.get(first..*at).unwrap_or_default();
        let further = words.get(at.saturating_sub(7)..*at).unwrap_or_default();
        near.contains(&"by") && further.iter().any(|own| BY.contains(own))
    })
}

/// `patients of the test set do not occur in train`, `no garment of the test part was reviewed in train`.
fn denies(words: &[&str], places: &[usize]) -> bool {
    let is_side = |own: &&str| own.starts_with("train") || *own == "both";
    let is_not =
        |own: &&str| ["not", "never", "nor", "neither", "absent"].contains(own) || own.ends_with("n't");
    let is_none = |own: &&str| ["no", "none", "neither"].contains(own);
    places.iter().any(|at| {
        let rest = words.get(at + 1..).unwrap_or_default();
        let after_not = rest.iter().position(is_not).filter(|not| {
            let between = rest.get(..*not).unwrap_or_default();
            between
                .iter()
                .all(|own| FILLING.contains(own) || places.iter().any(|at| words.get(*at) == Some(own)))
        });
        let denied = after_not.and_then(|not| rest.get(not + 1..)).is_some_and(|rest| {
            let near = rest.get(..rest.len().min(8)).unwrap_or_default();
            near.iter().any(|own| STANDS.contains(own)) && near.iter().any(is_side)
        });
        let before = words.get(at.saturating_sub(4)..*at).unwrap_or_default();
        let none = before.iter().rposition(is_none).and_then(|none| before.get(none + 1..));
        let named =
            none.is_some_and(|between| between.iter().all(|own| FILLING.contains(own) || *own == "single"));
        let far = rest.get(..rest.len().min(16)).unwrap_or_default();
        let none = named
            && far.iter().any(is_side)
            && (far.iter().any(|own| STANDS.contains(own)) || far.contains(&"both"));
        denied || none
    })
}

fn is_hedged(words: &[&str]) -> bool {
    let not_all = words.windows(2).any(|pair| matches!(pair, ["not", "all" | "every" | "always" | "only"]));
    not_all || has(words, &HEDGES)
}

fn has(words: &[&str], wanted: &[&str]) -> bool {
    words.iter().any(|own| wanted.contains(own))
}

/// True for a word and for its plural.
fn is_it(own: &str, word: &str) -> bool {
    own == word
        || own.strip_suffix('s').is_some_and(|one| one == word)
        || own.strip_suffix("es").is_some_and(|one| one == word)
        || own.strip_suffix("ies").zip(word.strip_suffix('y')).is_some_and(|(a, b)| a == b)
        || own.strip_suffix("'s").is_some_and(|one| one == word)
}

/// What a description says of the future; none where the points asked for lie between known ones by design. `text` is
/// in lower case.
pub(crate) fn future(text: &str) -> Option<Future> {
    let plain = without_names(text);
    let fills = BETWEEN.iter().any(|word| plain.contains(word));
    if let Some(said) = LATER.iter().find(|said| plain.contains(*said)) {
        return Some(Future::Split((*said).to_owned()));
    }
    if let Some(said) = sentences(&plain).iter().find_map(|sentence| last_span(sentence)) {
        return Some(Future::Split(said));
    }
    if fills { None } else { FUTURE.iter().copied().find(|word| plain.contains(word)).map(Future::Asked) }
}

/// `the last two years are held out`, `predict … of the last eight weeks`: a last span in a sentence on the test side.
fn last_span(sentence: &str) -> Option<String> {
    let words = words(sentence);
    let at = words.iter().position(|own| ["last", "final"].contains(own))?;
    let near = words.get(at + 1..(at + 4).min(words.len()))?;
    let span = near.iter().position(|own| SPANS.contains(own))?;
    let asks = [
        "test",
        "held",
        "held-out",
        "predict",
        "give",
        "forecast",
        "estimate",
        "evaluation",
        "withheld",
        "reserved",
    ];
    // `clicks over the last seven days` are a feature.
    let before = words.get(at.saturating_sub(3)..at).unwrap_or_default();
    let is_feature = has(before, &["over", "during", "in", "since", "within", "average", "mean", "rolling"]);
    let behind = words.get(at + span + 2..).unwrap_or_default();
    // The last days of every month lie between others.
    let is_repeated = matches!(behind, ["of", "each" | "every" | "a", ..]);
    (has(&words, &asks) && !is_feature && !is_repeated)
        .then(|| words.get(at..at + span + 2).unwrap_or_default().join(" "))
}

/// The text without names of columns and files, which may hold any word.
fn without_names(text: &str) -> String {
    let outside = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    // What stands in brackets explains a column.
    let outside: String = outside
        .split('(')
        .enumerate()
        .map(
            |(at, part)| {
                if at == 0 { part } else { part.split_once(')').map_or(part, |(_, behind)| behind) }
            },
        )
        .collect::<Vec<_>>()
        .join(" ");
    let outside = ["weather", "temperature", "rain", "wind", "official"]
        .iter()
        .fold(outside, |text, word| text.replace(&format!("{word} forecast"), word));
    let words = outside.split_whitespace().filter(|word| !word.contains('_'));
    words.collect::<Vec<_>>().join(" ")
}

/// The sentences of a text, and the items of its lists, each in one line.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for paragraph in text.replace("\r\n", "\n").split("\n\n") {
        let mut flat = String::new();
        for line in paragraph.lines() {
            let line = line.trim();
            let is_item = line.starts_with(['-', '*', '|', '#', '•']) && !line.starts_with("**");
            flat.push_str(if is_item { "\u{1}" } else { " " });
            flat.push_str(line.trim_start_matches(['-', '|', '#', '•']));
        }
        let parts = flat.split('\u{1}').flat_map(|part| {
            part.replace("! ", ". ")
                .replace("? ", ". ")
                .replace("; ", ". ")
                .split(". ")
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        sentences.extend(parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    sentences
}

fn words(sentence: &str) -> Vec<&str> {
    sentence
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '\''))
        .map(|word| word.trim_matches(['-', '\'']))
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises() {
        for (text, word) in [
            ("the test set has unseen speakers only", "speaker"),
            ("| `test.parquet` | all candidates of the 9 other blocks |", "block"),
            ("the patients in test\ndo not overlap with those of train", "patient"),
            ("a query is either a training query or a test query, never both.", "query"),
            ("we use a subject-independent split", "subject"),
            ("the queries of test.csv do not occur in train.csv.", "query"),
            ("no garment of the test part was reviewed in train", "garment"),
            ("patients are disjoint between the two files", "patient"),
            ("the speakers of the test part are absent from the training part", "speaker"),
            ("train and test hold disjoint sets of speakers", "speaker"),
            ("the test set consists of unseen farms.", "farm"),
            ("two of the seven farms are held out for the test", "farm"),
            ("none of the test speakers contributed to the training data", "speaker"),
            ("data were split by patient into train and test", "patient"),
            ("the test recordings are of new speakers, who are to be told by age", "speaker"),
            ("- `test.csv`: cities that never appear in the training data", "city"),
            ("the animals of the test set aren't in the training set", "animal"),
        ] {
            assert!(promises_apart(text, word), "{text}");
        }
        for (text, word) in [
            ("each speaker says ten words. no overlap of sounds", "speaker"),
            ("predict unseen prices of a house", "house"),
            ("the averages do not overlap", "age"),
            ("a user may occur in both files, but not all users of the test appear in train", "user"),
            ("the column patient is not in train.csv", "patient"),
            (
                "- train.csv: query, document\n- test.csv: the same without relevance, not in train",
                "document",
            ),
            ("the city is given. no row of test is in train", "city"),
            ("the data were split by month into train and test", "month"),
            ("the last five items of each user are held out", "item"),
            ("recommend unseen items to each user", "item"),
            ("windows of a recording do not overlap in train and test", "recording"),
            ("sales are grouped by store and split at a date", "store"),
            ("sensor names are withheld by the owner of the test rig", "sensor"),
            ("a garment is on one side, since a model will meet new ones", "model"),
            ("train and test are split stratified by city", "city"),
            ("train and test are disjoint samples of the same customers", "customer"),
            ("there is no overlap in time between train and test for any store", "store"),
            ("test.csv: patient_id, age, sex, the outcome is not part of it but of train.csv", "patient"),
            ("test.csv holds patient_id and age, no outcome, which is in train.csv", "patient"),
        ] {
            assert!(!promises_apart(text, word), "{text}");
        }
    }

    #[test]
    fn the_future() {
        let split = |text: &str| matches!(future(text), Some(Future::Split(_)));
        assert!(split("the last two years are held out."));
        assert!(split("for each kiosk and day of the last eight weeks give three quantiles"));
        assert!(split("the split is by time: all test days come after all training days"));
        assert_eq!(future("forecast the sales of each day"), Some(Future::Asked("forecast")));
        for text in [
            "`temp_forecast` is a column; estimate the sales",
            "temp_forecast (degrees): estimate the sales",
            "forecast_days (a forecast of the day before) and the weather forecast; estimate the sales",
            "predict the last ten days of each month",
            "the number of clicks over the last seven days; predict the price",
            "impute the gaps of the series; no forecast is asked for",
            "predict the price of a house",
        ] {
            assert_eq!(future(text), None, "{text}");
        }
    }
}
