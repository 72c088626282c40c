//! Names that authors give to what they want predicted, in several languages and styles.

use smith_task_schema::profile::ColumnProfile;

use crate::relations::names;
use crate::relations::targets::shape::is_binary;

/// Names that mean nothing else.
const PLAIN: &[&str] = &[
    "target",
    "targets",
    "label",
    "labels",
    "class",
    "y",
    "outcome",
    "response",
    "ground truth",
    "groundtruth",
    "gt",
    "dependent",
    "dependent variable",
    "classification",
    "class label",
    "y true",
    "gold",
    "gold label",
    "target class",
    "ziel",
    "zielgroesse",
    "klasse",
    "ergebnis",
    "cible",
    "classe",
    "etiquette",
    "objetivo",
    "clase",
    "etiqueta",
    "alvo",
    "rotulo",
    "obiettivo",
    "etichetta",
    "doel",
    "klas",
    "cel",
    "klasa",
    "метка",
    "класс",
    "цель",
    "标签",
    "类别",
    "目标",
    "ラベル",
    "레이블",
];
/// Names of what is often asked for, and is seldom given.
const USUAL: &[&str] = &[
    "survived",
    "diagnosis",
    "price",
    "quality",
    "rating",
    "species",
    "sentiment",
    "churn",
    "churned",
    "default",
    "fraud",
    "variety",
    "experimental",
    "measured",
    "observed",
    "spam",
    "toxic",
    "toxicity",
    "severity",
    "demand",
    "sales",
    "yield",
    "mortality",
    "attrition",
    "exited",
    "stroke",
    "cancer",
    "malignant",
    "approved",
    "clicked",
    "converted",
    "purchased",
    "readmitted",
    "charges",
    "delay",
    "strength",
    "mpg",
    "activity",
    "potency",
    "solubility",
    "emotion",
    "intent",
    "prognosis",
    "disease",
    "anomaly",
    "attack",
    "loan status",
    "salary",
    "income",
    "revenue",
    "cnt",
    "consumption",
    "relevance",
    "stars",
    "subscribed",
    "deposit",
    "mood",
    "polarity",
    "stance",
    "sarcasm",
    "hate",
    "offensive",
    "recommended",
    "choice",
    "winner",
    "won",
    "preis",
    "prix",
    "precio",
    "preco",
    "prezzo",
    "prijs",
    "cena",
    "цена",
    "价格",
    "resultado",
];
/// Names that are those of targets and of features alike.
const VAGUE: &[&str] = &[
    "output", "result", "score", "category", "type", "status", "grade", "value", "count", "level", "risk",
    "cost", "genre", "topic", "language", "group", "kind", "rank", "position", "event", "amount", "points",
    "rate",
];
/// Words of a longer name that are of what is asked for.
const WITHIN: &[&str] = &[
    "price",
    "fraud",
    "churn",
    "sales",
    "revenue",
    "salary",
    "demand",
    "mortality",
    "survival",
    "diagnosis",
    "outcome",
    "sentiment",
    "rating",
    "toxicity",
];
/// Beginnings of a name that ask a question.
const QUESTIONS: &[&str] = &["is", "has", "will", "was", "did", "contains", "needs"];
/// Names of what is known before anything happens, or of what describes the place of a row.
const GIVEN: &[&str] = &[
    "lat",
    "latitude",
    "lon",
    "lng",
    "long",
    "longitude",
    "zip",
    "zipcode",
    "zip code",
    "postal code",
    "postcode",
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "weekday",
    "date",
    "fold",
    "split",
    "set",
    "id",
    "index",
    "rownames",
    "sample weight",
    "url",
    "uri",
];

/// How much a name says that its column is asked for, from 0 to 1, and in words why.
pub(super) fn evidence(column: &ColumnProfile) -> Option<(f64, String)> {
    let mut words = names::words(&column.name);
    // `species_id` with words in it is the species.
    let coded = words.len() > 1
        && !column.kind.is_numeric()
        && words.last().is_some_and(|word| matches!(word.as_str(), "id" | "code"));
    if coded {
        words.pop();
    }
    let plain = words.join(" ");
    let without_digits: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| !word.bytes().all(|b| b.is_ascii_digit())).collect();
    let short = without_digits.join(" ");
    let last = without_digits.last().copied().unwrap_or_default();
    let first = without_digits.first().copied().unwrap_or_default();
    let has = |list: &[&str], word: &str| list.contains(&word);
    let usual = |weight: f64| Some((weight, String::from("its name is usual for a target")));
    if has(PLAIN, &plain) || has(PLAIN, &short) {
        return usual(0.75);
    }
    if without_digits.len() > 1 && (matches!(last, "target" | "label" | "class") || first == "target") {
        return usual(0.65);
    }
    if has(USUAL, &plain) || has(USUAL, &short) {
        return usual(0.5);
    }
    // Short words mean something else behind others.
    if without_digits.len() <= 3 && has(USUAL, last) && last.chars().count() > 3 {
        return usual(0.42);
    }
    if without_digits.len() > 1 && has(QUESTIONS, first) && is_binary(column) {
        return Some((0.4, String::from("its name asks a question that it answers with yes or no")));
    }
    if without_digits.iter().any(|word| has(WITHIN, word)) {
        return Some((0.28, String::from("its name holds a word that is usual for a target")));
    }
    if has(VAGUE, &short) || (without_digits.len() == 2 && has(VAGUE, last)) {
        return Some((
            if without_digits.len() == 1 { 0.28 } else { 0.12 },
            String::from("its name is one of targets and features alike"),
        ));
    }
    None
}

/// True for a name that means a target and nothing else.
pub(super) fn is_plain(name: &str) -> bool {
    PLAIN.contains(&names::plain(name).as_str())
}

/// True for coordinates, dates and the like: given rather than asked for.
pub(super) fn is_given(name: &str) -> bool {
    let words = names::words(name);
    GIVEN.contains(&words.join(" ").as_str())
        || words.last().is_some_and(|word| {
            matches!(word.as_str(), "latitude" | "longitude" | "lat" | "lon" | "year" | "timestamp")
        })
}

/// True when a name says that it is one of labels, classes or the like.
pub(super) fn is_of_labels(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            names::singular(word),
            "label"
                | "class"
                | "target"
                | "tag"
                | "genre"
                | "categor"
                | "topic"
                | "emotion"
                | "attribute"
                | "keyword"
                | "output"
        )
    })
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::ColumnKind;

    use super::*;

    fn weight(name: &str) -> f64 {
        evidence(&ColumnProfile::new(name)).map_or(0.0, |(weight, _)| weight)
    }

    #[test]
    fn names_of_targets_in_every_style() {
        for name in
            ["target", "Label", "y", "Class", "Klasse", "objetivo", "标签", "ground_truth", "target_0"]
        {
            assert!(weight(name) >= 0.65, "{name}");
        }
        for name in ["Survived", "SalePrice", "diagnosis", "loan_status", "fare_price"] {
            assert!((0.4..0.6).contains(&weight(name)), "{name} {}", weight(name));
        }
        for name in ["class_size", "age", "x1", "width"] {
            assert!(weight(name) < 0.4, "{name} {}", weight(name));
        }
    }

    #[test]
    fn questions_must_be_answered_with_yes_or_no() {
        let mut column = ColumnProfile::new("is_fraudulent");
        assert_eq!(evidence(&column), None);
        column.kind = ColumnKind::Boolean;
        column.distinct = 2;
        assert!(evidence(&column).is_some());
    }

    #[test]
    fn coordinates_are_given() {
        assert!(
            is_given("Longitude") && is_given("pickup_latitude") && is_given("year") && !is_given("price")
        );
    }
}
