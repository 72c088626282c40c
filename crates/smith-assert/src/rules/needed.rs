//! What a description must tell, and what it tells about columns.

use std::collections::BTreeSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::columns::{Known, List, behind_file, named_columns, of_submission};
use super::families::named_by;
use super::wording::{fold, quoted};
use super::words::{Word, find, words};
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Description, Subject};

pub(super) const COMPLETE: RuleInfo = RuleInfo {
    code: "D108",
    name: "description-complete",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The description says what to predict, how it is scored, what data there is and what to submit.",
    why: "Participants have nothing else; what it leaves out they must guess.",
    mend: "Name the predicted column and the id, the metric, the training and test files, and the columns of a submission.",
    references: &["https://www.kaggle.com/docs/competitions-setup"],
};

pub(super) const EXAMPLE: RuleInfo = RuleInfo {
    code: "D109",
    name: "description-example",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "The example of a submission in the description has the columns of sample_submission.csv.",
    why: "Participants copy the example, and the metric refuses what they submit.",
    mend: "Copy the header of sample_submission.csv into the example.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const COLUMNS: RuleInfo = RuleInfo {
    code: "D110",
    name: "description-columns",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Every column that the description lists is there in some file of public/.",
    why: "Participants look for the columns that the description names.",
    mend: "Name columns exactly as they are called in the files, and none that prepare.py removes.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Predicted columns of which each must be named; of more, one is enough.
const FEW: usize = 3;
/// How many names a message shows.
const SHOWN: usize = 5;

/// `D108`.
pub(super) fn complete(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let words = words(&description.text);
        let faults = [
            target_fault(cx, &description)?,
            metric_fault(&words),
            submission_fault(cx, &description.text, &words)?,
            data_fault(cx, &description, &words)?,
        ];
        findings.extend(faults.into_iter().flatten().map(|(severity, fault)| Finding {
            severity,
            ..info.finding(&description.name, format!("{fault}. {}", info.mend))
        }));
    }
    Ok(findings)
}

type Fault = Option<(Severity, String)>;

fn begins_any(words: &[Word], stems: &[&str]) -> bool {
    words.iter().any(|word| stems.iter().any(|stem| word.text.contains(stem)))
}

/// Without the sample submission the target must stand in the text.
fn target_fault(cx: &Subject, description: &Description) -> Result<Fault, AssertError> {
    let Ok(pair) = cx.pair() else { return Ok(None) };
    let text = fold(&description.text);
    let predicted = pair.predicted();
    let unnamed: Vec<_> = predicted.iter().filter(|name| !text.contains(&fold(name))).collect();
    let enough = if predicted.len() <= FEW { unnamed.is_empty() } else { unnamed.len() < predicted.len() };
    if enough {
        return Ok(None);
    }
    let shown: Vec<_> = unnamed.iter().take(SHOWN).map(|name| quoted(name)).collect();
    let fault = format!("it does not name the predicted column {}", shown.join(", "));
    let severity = if text.contains("samplesubmission") { Severity::Warning } else { Severity::Error };
    Ok(Some((severity, fault)))
}

fn metric_fault(words: &[Word]) -> Fault {
    let tells = begins_any(words, &["metric", "evaluat", "score", "scoring", "judged", "leaderboard"]);
    let compares = || find(words, "the? closer|higher|lower|fewer|more ~4 better").is_some();
    let named = || !named_by(words).is_empty();
    (!tells && !compares() && !named())
        .then(|| (Severity::Error, "it does not say how submissions are scored".to_owned()))
}

/// What a submission looks like is told by naming the sample, by an example, or by naming the id beside what is predicted.
fn submission_fault(cx: &Subject, text: &str, words: &[Word]) -> Result<Fault, AssertError> {
    let fault = |text: &str| Some((Severity::Error, text.to_owned()));
    if !begins_any(words, &["submission", "submit", "upload", "csv", "output"]) {
        return Ok(fault("it does not say what to submit"));
    }
    let Ok(pair) = cx.pair() else { return Ok(None) };
    let (id, predicted) = (fold(pair.id_name()), pair.predicted());
    let names_both = |part: &str| {
        let part = fold(part);
        part.contains(&id) && predicted.iter().any(|name| part.contains(&fold(name)))
    };
    let speaks = begins_any(words, &["submission", "submit", "upload"]);
    let tells = fold(text).contains("samplesubmission") || (speaks && text.split("\n\n").any(names_both));
    let asks = |part: &str| {
        let lower = part.to_lowercase();
        lower.contains("csv") && lower.contains("predict") && names_both(part)
    };
    if tells || text.split("\n\n").any(asks) {
        return Ok(None);
    }
    Ok(fault("it names neither the sample submission nor the columns of a submission"))
}

fn data_fault(cx: &Subject, description: &Description, words: &[Word]) -> Result<Fault, AssertError> {
    let public = cx.public()?;
    let text = description.text.to_lowercase();
    let named = public.files.iter().any(|file| {
        let data = !["description.txt", "sample_submission.csv"].contains(&file.name());
        let directory = file.directory().rsplit('/').next().unwrap_or_default().to_lowercase();
        data && (text.contains(&file.name().to_lowercase())
            || (!directory.is_empty() && text.contains(&directory)))
    });
    let tells = named || begins_any(words, &["train", "test", "data"]);
    Ok((!tells).then(|| (Severity::Error, "it does not say what data there is".to_owned())))
}

/// `D109`.
pub(super) fn example(info: &RuleInfo, cx: &Subject) -> Findings {
    let pair = cx.pair()?;
    let expected: Vec<String> = pair.sample.headers.iter().map(|name| name.trim().to_owned()).collect();
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let mut wrong = misnamed(&description.text, &expected);
        wrong.extend(demanded(&description.text, &expected));
        findings.extend(wrong.into_iter().map(|(line, name)| {
            let message = format!("sample_submission.csv has no column {}. {}", quoted(&name), info.mend);
            info.finding(format!("{}:{line}", description.name), message)
        }));
        let examples = examples(&description.text);
        let right = |header: &[String]| header == expected;
        let of_submission: Vec<_> = examples.iter().filter(|example| example.of_submission).collect();
        if of_submission.is_empty() || of_submission.iter().any(|example| right(&example.header)) {
            continue;
        }
        for example in of_submission {
            let set = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
            let same = set(&example.header) == set(&expected);
            // Many columns are cut in examples.
            let cut = example.header.iter().any(|name| name.contains("..") || name.contains('…'))
                || expected.len() > 20;
            let severity = if same || cut { Severity::Warning } else { Severity::Error };
            let message = format!(
                "the example of a submission has the columns {}, and sample_submission.csv has {}. {}",
                quoted(&example.header.join(",")),
                quoted(&expected.join(",")),
                info.mend
            );
            findings.push(Finding {
                severity,
                ..info.finding(format!("{}:{}", description.name, example.line), message)
            });
        }
    }
    Ok(findings)
}

/// A table in a block of code.
struct Example {
    /// Line of the header, from 1.
    line: usize,
    header: Vec<String>,
    /// Whether the text above speaks of submissions.
    of_submission: bool,
}

/// Lines above a block by which its subject is known.
const ABOVE: usize = 4;

fn examples(text: &str) -> Vec<Example> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut rows_left = 0_usize;
    for (index, line) in lines.iter().enumerate() {
        let header = fields(line);
        let second = lines.get(index + 1).map(|next| fields(next)).unwrap_or_default();
        let fenced =
            index.checked_sub(1).and_then(|above| lines.get(above)).is_some_and(|above| is_fence(above));
        let is_name = |name: &String| {
            let plain = !name.contains(['(', '=', '{', ':', '`', '.', '"', '*']) || name.contains("..");
            !name.is_empty()
                && name.len() < 80
                && plain
                && name.parse::<f64>().is_err()
                && (fenced || !name.contains(' '))
        };
        let table = header.len() >= 2
            && header.iter().all(is_name)
            && second.len() == header.len()
            && second != header;
        if rows_left > 0 && header.len() >= 2 {
            continue;
        }
        rows_left = usize::from(table);
        if !table {
            continue;
        }
        let above =
            lines.get(index.saturating_sub(ABOVE)..index).unwrap_or_default().join(" ").to_lowercase();
        let speaks =
            ["submission", "submit", "following format", "your file"].iter().any(|word| above.contains(word));
        found.push(Example { line: index + 1, header, of_submission: speaks && !above.contains("train") });
    }
    found
}

fn is_fence(line: &str) -> bool {
    line.trim_start().starts_with("```")
}

fn fields(line: &str) -> Vec<String> {
    line.split(',').map(|name| name.trim().trim_matches('"').to_owned()).collect()
}

/// Sentences that name the columns of a submission: each of them is one.
fn misnamed(text: &str, expected: &[String]) -> Vec<(usize, String)> {
    let lists = of_submission(text).into_iter();
    let faults = lists.filter_map(|list| {
        let (there, missing): (Vec<_>, Vec<_>) = list.names.iter().partition(|name| expected.contains(*name));
        let first = missing.first().filter(|_| !there.is_empty())?;
        Some((list.line, (*first).clone()))
    });
    faults.collect()
}

/// Columns that a submission is said to need, and that the sample has not.
fn demanded(text: &str, expected: &[String]) -> Vec<(usize, String)> {
    const NEEDS: [&str; 6] = [" must ", " should ", " have to ", " has to ", " need ", " needs "];
    const DENIES: [&str; 5] = [" not ", "n't ", " no ", " without ", " other than "];
    let has = |sentence: &str, words: &[&str]| words.iter().any(|word| sentence.contains(word));
    let mut found = Vec::new();
    for (line, at) in text.lines().zip(1_usize..) {
        for sentence in line.split(". ") {
            let lower = format!(" {} ", sentence.to_lowercase());
            if !lower.contains("submi") || !has(&lower, &NEEDS) || has(&lower, &DENIES) {
                continue;
            }
            let named = sentence.split_once("column `").and_then(|(_, rest)| rest.split_once('`'));
            let strange = named.filter(|(name, _)| expected.iter().all(|own| fold(own) != fold(name)));
            found.extend(strange.map(|(name, _)| (at, name.to_owned())));
        }
    }
    found
}

/// `D110`.
pub(super) fn columns(info: &RuleInfo, cx: &Subject) -> Findings {
    let known = Known::of(cx)?;
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let mut seen = BTreeSet::new();
        let mut lists = named_columns(&description.text);
        lists.extend(behind_files(&description.text, cx)?);
        for list in lists {
            let columns = list.names.iter().filter(|name| known.is_column(name)).count();
            let missing: Vec<&String> = list.names.iter().filter(|name| !known.has(name)).collect();
            // A list of values or of words is no list of columns.
            if columns < 2 || columns < missing.len() {
                continue;
            }
            for name in missing.into_iter().filter(|name| seen.insert((*name).clone())) {
                let severity = if known.is_whole { Severity::Error } else { Severity::Warning };
                let message = format!("no file of public/ has a column {}. {}", quoted(name), info.mend);
                findings.push(Finding {
                    severity,
                    ..info.finding(format!("{}:{}", description.name, list.line), message)
                });
            }
        }
    }
    Ok(findings)
}

/// Columns that stand bare behind the name of their table; most of them must be there.
fn behind_files(text: &str, cx: &Subject) -> Result<Vec<List>, AssertError> {
    const FEW: usize = 4;
    let public = cx.public()?;
    let mut lists = Vec::new();
    for (line, at) in text.lines().zip(1_usize..) {
        let named = public.tables.iter().filter_map(|table| Some((table, table.path.rsplit('/').next()?)));
        // The longest name, where one is a part of another one.
        let Some((table, file)) =
            named.filter(|(_, file)| line.contains(file)).max_by_key(|(_, file)| file.len())
        else {
            continue;
        };
        let names = behind_file(line, file);
        let columns: BTreeSet<String> = table.frame.names().iter().map(|name| fold(name)).collect();
        let there = names.iter().filter(|name| columns.contains(&fold(name))).count();
        if names.len() >= FEW && there * 3 >= names.len() * 2 {
            lists.push(List::new(at, names));
        }
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_submissions_are_found_by_what_stands_above() {
        let text = "Submit a file:\n```\nid,y\n1,2\n```\nand the data:\n\n\n\n```csv\na,b\n1,2\n```\n```python\nf(a, b)\n1, 2\n```\n";
        let found: Vec<_> =
            examples(text).into_iter().map(|e| (e.line, e.header.join("|"), e.of_submission)).collect();
        assert_eq!(found, [(3, "id|y".to_owned(), true), (11, "a|b".to_owned(), false)]);
    }
}
