//! `description.txt`, as participants read it.

use std::collections::BTreeSet;

use smith_task_schema::{Finding, Layer, Severity};

use super::instructions::{Instruction, instructions};
use super::mentions::{self, Present};
use super::wording::{is_invisible, quoted};
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Description, PublicFile, Subject, list_files};

pub(super) const LENGTH: RuleInfo = RuleInfo {
    code: "D101",
    name: "description-length",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "description.txt has at least 200 characters.",
    why: "Problem, data, metric and submission format do not fit into less.",
    mend: "Describe the problem, the files in public/, the metric and the submission format.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const NAMED_FILES: RuleInfo = RuleInfo {
    code: "D102",
    name: "description-named-files",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Every file and directory that description.txt names is there below public/.",
    why: "Participants look for what the description names; their own submission.csv aside, it must be there.",
    mend: "Name files exactly as they are called in public/, or let prepare.py write them there.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const HIDDEN_PARTS: RuleInfo = RuleInfo {
    code: "D103",
    name: "description-hidden-parts",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "description.txt does not mention the answers, private/, raw/, prepare.py or metric.py.",
    why: "Participants have none of these, and the names tell how the task was made.",
    mend: "Write only about what is in public/; describe the metric in words.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const SAME: RuleInfo = RuleInfo {
    code: "D104",
    name: "description-same",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "The description of the task and the one in public/ are the same.",
    why: "Tools show one or the other; two versions are two tasks.",
    mend: "Copy one of the two over the other.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const INSTRUCTIONS: RuleInfo = RuleInfo {
    code: "D105",
    name: "description-instructions",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "Nothing in the description speaks to an agent instead of to participants, openly or hidden.",
    why: "An agent that follows such a text does something else than solve the task, and what it learns from it is worth nothing.",
    mend: "Remove it; write only what a participant needs to know.",
    references: &[
        "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
        "https://www.unicode.org/reports/tr36/",
    ],
};

pub(super) const PUBLIC_INSTRUCTIONS: RuleInfo = RuleInfo {
    code: "D112",
    name: "public-instructions",
    severity: Severity::Warning,
    layer: Layer::Static,
    proves: "No file name, no column, no text of the public tables and no note beside them speaks to an agent.",
    why: "Agents print tables and lists of files, and read what stands there like everything else.",
    mend: "Remove it from the data, or say in the description that the data holds such texts.",
    references: &["https://genai.owasp.org/llmrisk/llm01-prompt-injection/"],
};

/// Shortest text that can say something.
const MIN_TEXT: usize = 20;
/// Text of public tables that is looked through, in bytes, the same share of each column.
const MAX_TEXT: usize = 4 << 20;

/// Fewest characters of a description.
const MIN_CHARS: usize = 200;
/// What participants must not read about.
const HIDDEN_NAMES: [&str; 3] = ["test_answer", "prepare.py", "metric.py"];
const HIDDEN_DIRECTORIES: [&str; 2] = ["private", "raw"];

/// `D101`.
pub(super) fn length(info: &RuleInfo, cx: &Subject) -> Findings {
    let short = |description: Description| {
        let chars = description.text.trim().chars().count();
        let message = format!("it has {chars} characters, fewer than {MIN_CHARS}. {}", info.mend);
        (chars < MIN_CHARS).then(|| info.finding(description.name, message))
    };
    Ok(cx.descriptions()?.into_iter().filter_map(short).collect())
}

/// `D102`.
pub(super) fn named_files(info: &RuleInfo, cx: &Subject) -> Findings {
    let present = present(cx)?;
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        let mut names = mentions::names(&description.text);
        names.retain(|mention| {
            !is_own_output(&mention.name) && !present.has(&mention.name) && !is_hidden(&mention.name)
        });
        // The first place of each name is enough.
        let mut seen = BTreeSet::new();
        names.retain(|mention| seen.insert(mention.name.clone()));
        let lines: Vec<&str> = description.text.lines().collect();
        let fenced = fenced(&lines);
        findings.extend(names.into_iter().map(|mention| {
            let line = lines.get(mention.line - 1).map(|line| line.to_lowercase()).unwrap_or_default();
            let in_rows = fenced.contains(&mention.line) || (line.contains(',') && !line.contains(' '));
            // A number stands for any number where there are many files of the kind.
            let shown = mentions::is_one_of_many(&mention.name) && (in_rows || has_many(cx, &mention.name));
            // What a point of a list begins with is a file that is promised.
            let point = line.trim_start().trim_start_matches(['-', '*', '|', '+', ' ', '`']);
            let is_listed = point.len() < line.len() && point.starts_with(&mention.name.to_lowercase());
            let is_loose = shown || (!is_listed && is_example(&mention.name, &line));
            let severity = if is_loose { Severity::Warning } else { info.severity };
            let message = format!("{} is not there below public/. {}", quoted(&mention.name), info.mend);
            Finding { severity, ..info.finding(format!("{}:{}", description.name, mention.line), message) }
        }));
    }
    Ok(findings)
}

/// Files of the ending of a name that are many.
const MANY: usize = 10;

fn has_many(cx: &Subject, name: &str) -> bool {
    let Some((_, ending)) = name.rsplit_once('.') else { return false };
    let is_alike = |file: &&PublicFile| file.name().rsplit('.').next() == Some(ending);
    cx.public().is_ok_and(|public| public.files.iter().filter(is_alike).take(MANY).count() == MANY)
}

/// Lines, from 1, within blocks of code: rows of an example, whose ids need not be those of this task.
fn fenced(lines: &[&str]) -> BTreeSet<usize> {
    let mut open = false;
    let within = lines.iter().zip(1..).filter(|(line, _)| {
        open ^= line.trim_start().starts_with("```");
        open
    });
    within.map(|(_, number)| number).collect()
}

/// A file that stands for many, or one that the dataset had where it comes from.
fn is_example(name: &str, line: &str) -> bool {
    let shows = ["e.g", "example", "such as", "like", "i.e", "named", "format", "pattern"];
    let tells_origin = ["original", "source", "adapted from", "downloaded", "derived from"];
    (mentions::is_one_of_many(name) && shows.iter().any(|word| line.contains(word)))
        || tells_origin.iter().any(|word| line.contains(word))
}

/// What the participant is asked to write.
fn is_own_output(name: &str) -> bool {
    let lower = name.to_lowercase();
    let own = ["submission", "prediction", "output", "result"].iter().any(|word| lower.contains(word));
    own && !lower.contains("sample")
        && [".csv", ".zip", ".json", ".parquet"].iter().any(|ending| lower.ends_with(ending))
}

fn present(cx: &Subject) -> Result<Present, AssertError> {
    Ok(Present::of(list_files(&cx.layout().public)?.iter()))
}

/// `D103`.
pub(super) fn hidden_parts(info: &RuleInfo, cx: &Subject) -> Findings {
    let present = present(cx)?;
    let mut findings: Vec<Finding> = Vec::new();
    for description in cx.descriptions()? {
        for (index, line) in description.text.lines().enumerate() {
            let hidden =
                HIDDEN_NAMES.into_iter().filter(|name| line.to_lowercase().contains(name)).map(str::to_owned);
            let names = mentions::names(line).into_iter().filter(|mention| !present.has(&mention.name));
            let directories = names.filter_map(|mention| hidden_directory(&mention.name));
            findings.extend(hidden.chain(directories).map(|name| {
                let message = format!("`{name}` is nothing that participants have. {}", info.mend);
                info.finding(format!("{}:{}", description.name, index + 1), message)
            }));
        }
    }
    Ok(findings)
}

/// The hidden directory that a name lies in.
fn hidden_directory(name: &str) -> Option<String> {
    let inner = name.trim_start_matches("../").trim_start_matches("./");
    let inner = inner.strip_prefix("data/").unwrap_or(inner);
    let (first, _) = inner.split_once('/')?;
    HIDDEN_DIRECTORIES.contains(&first).then(|| format!("{first}/"))
}

/// True for what `D103` reports, so that `D102` does not report it again.
fn is_hidden(name: &str) -> bool {
    hidden_directory(name).is_some() || HIDDEN_NAMES.iter().any(|hidden| name.to_lowercase().contains(hidden))
}

/// `D105`.
pub(super) fn hidden_instructions(info: &RuleInfo, cx: &Subject) -> Findings {
    let mut findings = Vec::new();
    for description in cx.descriptions()? {
        findings.extend(instructions(&description.text).into_iter().map(|found| Finding {
            severity: if found.certain { Severity::Error } else { Severity::Warning },
            ..info.finding(
                format!("{}:{}", description.name, found.line),
                format!("there is {}: {}. {}", found.what, found.quote, info.mend),
            )
        }));
    }
    Ok(findings)
}

/// `D112`. Texts may be about such instructions, so that only names are certain.
pub(super) fn public_instructions(info: &RuleInfo, cx: &Subject) -> Findings {
    let public = cx.public()?;
    let finding = |path: &str, certain: bool, found: &Instruction| Finding {
        severity: if certain && found.certain { Severity::Error } else { Severity::Warning },
        ..info.finding(
            format!("{}/{path}", cx.name(&cx.layout().public)),
            format!("there is {}: {}. {}", found.what, found.quote, info.mend),
        )
    };
    let mut findings = Vec::new();
    for file in &public.files {
        let words = file.path.replace(['_', '-', '.'], " ");
        findings.extend(instructions(&words).iter().take(1).map(|found| finding(&file.path, true, found)));
    }
    findings.extend(in_texts(cx, &public.files, &finding));
    let columns = public.tables.iter().map(|table| table.frame.columns().len()).sum::<usize>();
    let share = MAX_TEXT / columns.max(1);
    for table in &public.tables {
        let names = table.frame.names().join("\n\n").replace('_', " ");
        findings.extend(instructions(&names).iter().take(1).map(|found| finding(&table.path, true, found)));
        for column in table.frame.columns() {
            let mut left = share;
            let texts = column.iter().filter(|cell| cell.len() >= MIN_TEXT).take_while(|cell| {
                left = left.saturating_sub(cell.len());
                left > 0
            });
            let first = texts
                .filter(|cell| may_instruct(cell))
                .find_map(|cell| instructions(cell).into_iter().find(|found| found.certain));
            findings.extend(first.map(|found| finding(&table.path, false, &found)));
        }
    }
    Ok(findings)
}

/// Endings of texts that people read beside the data.
const NOTES: [&str; 5] = ["txt", "md", "rst", "html", "log"];
/// Such texts that are read, and bytes of each.
const MAX_NOTES: usize = 200;
const MAX_NOTE: u64 = 256 << 10;

/// Texts beside the data, when there are few: many are data themselves.
fn in_texts(
    cx: &Subject,
    files: &[PublicFile],
    finding: &dyn Fn(&str, bool, &Instruction) -> Finding,
) -> Vec<Finding> {
    let is_note = |file: &&PublicFile| {
        let ending = file.name().rsplit('.').next().unwrap_or_default().to_lowercase();
        NOTES.contains(&ending.as_str()) && file.name() != "description.txt" && file.bytes <= MAX_NOTE
    };
    let notes: Vec<&PublicFile> = files.iter().filter(is_note).take(MAX_NOTES + 1).collect();
    let are_data = notes.len() > MAX_FEW_NOTES;
    let mut findings = Vec::new();
    for note in notes {
        let Ok(text) = std::fs::read_to_string(cx.layout().public.join(&note.path)) else { continue };
        let first = instructions(&text).into_iter().find(|found| found.certain);
        findings.extend(first.map(|found| finding(&note.path, !are_data, &found)));
    }
    findings
}

/// So many texts are notes; more are data.
const MAX_FEW_NOTES: usize = 8;

/// A quick look that spares most texts the long one.
fn may_instruct(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words = ["instruction", "prompt", "ignore", "disregard", "you are", "<!--", "private", " ai ", "<|"];
    words.iter().any(|word| lower.contains(word))
        || (!text.is_ascii()
            && text.chars().any(|c| is_invisible(c) || ('\u{ff41}'..='\u{ff5a}').contains(&c)))
}

/// Share of differing words from which on two descriptions speak of different tasks.
const OTHER_TASK: f64 = 0.02;

/// Share of the words of two texts that only one of them has.
fn differing_words(a: &str, b: &str) -> f64 {
    let mut counts: std::collections::HashMap<&str, i64> = std::collections::HashMap::new();
    let all = a.split_whitespace().count() + b.split_whitespace().count();
    a.split_whitespace().for_each(|word| *counts.entry(word).or_default() += 1);
    b.split_whitespace().for_each(|word| *counts.entry(word).or_default() -= 1);
    counts.values().map(|count| count.unsigned_abs()).sum::<u64>() as f64 / all.max(1) as f64
}

/// `D104`.
pub(super) fn same(info: &RuleInfo, cx: &Subject) -> Findings {
    let found = cx.descriptions()?;
    let [public, own] = &found[..] else { return Ok(Vec::new()) };
    let share = differing_words(&public.text, &own.text);
    let severity = if share > OTHER_TASK { Severity::Error } else { info.severity };
    let message =
        format!("it differs from {} in {:.1} % of the words. {}", own.name, share * 100.0, info.mend);
    Ok(vec![Finding { severity, ..info.finding(&public.name, message) }])
}
