//! The classes that a description lists, against those that occur.

use std::collections::BTreeSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::wording::{fold, quoted};
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Split, Subject};

pub(super) const CLASSES: RuleInfo = RuleInfo {
    code: "D114",
    name: "description-classes",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "A list of the classes in the description names no class that neither the training labels nor the answers have.",
    why: "Participants predict a class that is named, and the metric refuses it or counts it as wrong.",
    mend: "Name the classes as they stand in the data, and those only.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Different values of a target that is made of classes.
const MAX_CLASSES: usize = 60;
/// Rows whose labels are read.
const MAX_ROWS: usize = 200_000;
/// Longest member of a list, in words.
const MAX_WORDS: usize = 3;

/// `D114`.
pub(super) fn classes(info: &RuleInfo, cx: &Subject) -> Findings {
    let split = cx.split()?;
    let targets: Vec<BTreeSet<String>> =
        (0..split.predicted.len()).filter_map(|at| named(split, at)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for description in cx.descriptions()? {
        for (line, at) in description.text.lines().zip(1_usize..) {
            let lists = lists(line);
            let strange =
                targets.iter().find_map(|classes| lists.iter().find_map(|list| strange(list, classes)));
            findings.extend(strange.map(|name| {
                let message =
                    format!("neither labels nor answers have a class {}. {}", quoted(&name), info.mend);
                info.finding(format!("{}:{at}", description.name), message)
            }));
        }
    }
    Ok(findings)
}

/// The folded classes of a target that are words, or words within lists (`disc 25 19 12`); none when it is no target of
/// classes.
fn named(split: &Split, target: usize) -> Option<BTreeSet<String>> {
    let sides = || split.train.iter().chain([&split.test]).filter_map(|side| side.targets.get(target));
    let cells = || sides().flat_map(|column| column.iter().take(MAX_ROWS));
    let within = |cell: &'_ str| -> Vec<String> {
        cell.split([' ', ',', ';', '|', '\t', '/']).map(fold).filter(|word| word.len() >= 3).collect()
    };
    few(cells().map(fold)).or_else(|| few(cells().flat_map(within)))
}

/// Different words, if there are some and not many; numbers are none.
fn few(words: impl Iterator<Item = String>) -> Option<BTreeSet<String>> {
    let mut classes = BTreeSet::new();
    for word in words.filter(|word| word.parse::<f64>().is_err()) {
        let name = without_plural(&word);
        if !name.is_empty() && !classes.contains(name) {
            classes.insert(name.to_owned());
        }
        if classes.len() > MAX_CLASSES {
            return None;
        }
    }
    (classes.len() >= 3).then_some(classes)
}

/// A member of a list of which nearly all others are classes; not the first or the last one, which have other words of the
/// sentence beside them.
fn strange(list: &[String], classes: &BTreeSet<String>) -> Option<String> {
    let is_class = |name: &str| classes.contains(without_plural(&fold(name)));
    let known: BTreeSet<String> = list
        .iter()
        .filter(|name| is_class(name))
        .map(|name| without_plural(&fold(name)).to_owned())
        .collect();
    let inner = list.get(1..list.len().saturating_sub(1)).unwrap_or_default();
    let unknown: Vec<&String> = inner.iter().filter(|name| !is_class(name)).collect();
    let are_classes = known.len() >= 3 && known.len() * 10 >= classes.len() * 8;
    match unknown[..] {
        [name] if are_classes => Some(name.clone()),
        [name, _] if are_classes && known.len() >= 6 => Some(name.clone()),
        _ => None,
    }
}

fn without_plural(word: &str) -> &str {
    word.strip_suffix("es")
        .filter(|rest| rest.ends_with(['x', 's', 'h']))
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or(word)
}

/// Enumerations of a line, each up to an `and` or `or`: of its first and last member the nearest word.
fn lists(line: &str) -> Vec<Vec<String>> {
    let plain = line.replace(['`', '"', '*', '“', '”', '\''], "");
    let sentences = plain.split(['.', ':', ';', '(', ')', '?', '!']);
    sentences.flat_map(enumerations).filter(|list| list.len() >= 4).collect()
}

fn enumerations(sentence: &str) -> Vec<Vec<String>> {
    let ends = [" and ", " or "].into_iter().flat_map(|word| sentence.match_indices(word));
    ends.filter_map(|(at, word)| {
        let (before, behind) = (sentence.get(..at)?, sentence.get(at + word.len()..)?);
        let mut members: Vec<String> = Vec::new();
        for (place, part) in before.split(',').map(str::trim).filter(|part| !part.is_empty()).enumerate() {
            let words: Vec<&str> = part.split_whitespace().collect();
            match words.last() {
                Some(last) if place == 0 => members.push((*last).to_owned()),
                _ if words.len() <= MAX_WORDS => members.push(part.to_owned()),
                _ => members.clear(),
            }
        }
        members.push(behind.split([' ', ',']).next()?.to_owned());
        Some(members)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_no_class_is_found() {
        let classes: BTreeSet<String> =
            ["disc", "square", "triangle", "box"].into_iter().map(str::to_owned).collect();
        let found = |line: &str| lists(line).iter().find_map(|list| strange(list, &classes));
        assert_eq!(
            found("Pictures of discs, boxes, squares, stars and triangles, which overlap."),
            Some("stars".to_owned())
        );
        assert_eq!(
            found("`shape` is one of `disc`, `box`, `square`, `star` and `triangle`."),
            Some("star".to_owned())
        );
        assert_eq!(found("`shape` is one of `disc`, `box`, `square` and `triangle`."), None);
        assert_eq!(found("Round, long, flat, thin and square parts were kept in a box."), None);
    }
}
