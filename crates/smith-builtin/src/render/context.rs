//! What the templates are filled with.

use serde_json::{Value, json};
use smith_data::words::safe_line;

use super::python::{camel, list, literal, variable};
use super::reading::{self, Reading};
use super::{arrays, boxes, files, links, masks, question, sequences, words};
use crate::plan::{Arrays, Ask, BoxFormat, Boxes, MediaKind, Plan, Reader, Samples, Source, Split, Table};
use crate::proposal;

/// Rows of a task at most; of more a random part is taken.
pub(crate) const MOST_ROWS: u64 = 60_000;
/// Pictures of a task that are drawn from arrays, and words with rows of symbols, at most.
const MOST_PICTURES: u64 = 8_000;
const MOST_WORDS: u64 = 20_000;
/// Test rows at most, and the share of the test side for small and other datasets.
const MOST_TEST: f64 = 10_000.0;
const SHARE_OF_FEW: f64 = 0.3;
const SHARE: f64 = 0.25;
const FEW: u64 = 400;

/// What a task is called by in its files.
pub(crate) struct Names {
    /// Column of the id.
    pub(crate) id: &'static str,
    /// Predicted columns.
    pub(crate) targets: Vec<String>,
    /// Variable of the whole table.
    pub(crate) frame: String,
    /// The metric's class.
    pub(crate) class: String,
}

impl Names {
    pub(crate) fn of(plan: &Plan) -> Self {
        let taken = |name: &str| {
            plan.target.column == name
                || plan.features.iter().any(|feature| feature.name == name)
                || plan.dropped.iter().any(|column| column.name == name)
        };
        let id = ["id", "row_id", "example_id", "submission_id"]
            .into_iter()
            .find(|name| !taken(name))
            .unwrap_or("test_id");
        let frame = match &plan.source {
            Source::Table(table) if table.paths.len() == 1 => {
                let path = table.paths.first().map_or("", String::as_str);
                variable(path.split("!/").next().unwrap_or(path), "data")
            }
            Source::Table(_) => "data".to_owned(),
            Source::Files(files) => files.kind.folder().to_owned(),
            Source::Passages(_) => "passages".to_owned(),
            Source::Arrays(Arrays { samples: Samples::Pictures { .. }, .. }) => "pictures".to_owned(),
            Source::Arrays(_) => "labelled".to_owned(),
            Source::Edges(_) => "edges".to_owned(),
            Source::Lexicon(_) => "words".to_owned(),
            Source::Boxes(_) | Source::Masks(_) => "pictures".to_owned(),
        };
        Self {
            id,
            targets: targets(plan),
            frame,
            class: format!("{}{}Metrics", camel(&plan.target.column), plan.metric.word()),
        }
    }
}

/// The predicted columns: one for each label of a set.
fn targets(plan: &Plan) -> Vec<String> {
    match &plan.target.ask {
        Ask::Labels { labels, .. } => {
            labels.iter().map(|label| format!("{}: {label}", plan.target.column)).collect()
        }
        Ask::Several { columns, .. } => columns.clone(),
        _ => vec![plan.target.column.clone()],
    }
}

/// Examples of a task at most.
pub(crate) fn most_rows(plan: &Plan) -> u64 {
    match &plan.source {
        Source::Arrays(_) if plan.draws_pictures() => MOST_PICTURES,
        Source::Boxes(_) => MOST_PICTURES,
        Source::Masks(_) => masks::MOST_PICTURES,
        Source::Lexicon(_) => MOST_WORDS,
        _ => MOST_ROWS,
    }
}

/// The share of the examples that are tested.
fn test_share(plan: &Plan) -> f64 {
    let rows = plan.rows.min(most_rows(plan));
    let share = if rows < FEW { SHARE_OF_FEW } else { SHARE };
    let most = (MOST_TEST / rows.max(1) as f64 * 100.0).floor() / 100.0;
    share.min(most)
}

pub(crate) fn of(plan: &Plan, runnable: bool) -> Value {
    let names = Names::of(plan);
    let mut context = json!({
        "doc": words::doc(plan),
        "title": proposal::title(plan),
        "target": plan.target.column,
        "single": !matches!(plan.target.ask, Ask::Several { .. }),
        "shown_target": safe_line(&plan.target.column, 60).replace('"', "'"),
        "id": names.id,
        "frame": names.frame,
        "class": names.class,
        "targets": python_targets(&names),
        "target_names": names.targets,
        "targets_after_id": if matches!(plan.target.ask, Ask::Ranked { .. }) { ", GROUP, TARGET".to_owned() } else if names.targets.len() == 1 { ", TARGET".to_owned() } else { ", *TARGETS".to_owned() },
        "several": names.targets.len() > 1,
        "split": plan.split,
        "test_share": test_share(plan),
        "train_share": 1.0 - test_share(plan),
        "runnable": runnable,
        "sampled": (plan.rows > most_rows(plan) && !plan.shrinks_pictures()).then(|| most_rows(plan)),
        "dropped": python_dropped(plan),
        "dropped_reasons": dropped_reasons(plan),
        "blank": matches!(&plan.source, Source::Table(table) if has_blanks(&table.reader)) && names.targets.len() == 1,
        "nested": kept(plan, &names),
        "numeric": matches!(plan.target.ask, Ask::Number { .. } | Ask::Ranked { .. }),
        "drop_missing": matches!(plan.source, Source::Table(_)),
        "files": alike(plan),
        "looks_once": plan.looks_once,
        "media": media(plan),
        "copies": plan.media().map(|kind| json!({"folder": kind.folder(), "drawn": plan.draws_pictures(), "shrunk": plan.shrinks_pictures()})),
        "unseen": plan.is_classification() && matches!(plan.split, Split::Group { .. } | Split::Time { .. }),
    });
    let more = [source(plan, &names), question::of(plan, &names), words::of(plan, &names), ahead(plan)];
    for part in more {
        if let (Value::Object(into), Value::Object(from)) = (&mut context, part) {
            into.extend(from);
        }
    }
    context
}

/// What makes two examples the same, where they are no rows of a table.
fn alike(plan: &Plan) -> Value {
    match &plan.source {
        Source::Files(_) | Source::Passages(_) | Source::Boxes(_) | Source::Masks(_) => {
            json!({"text": plan.media().is_none(), "drawn": false})
        }
        Source::Arrays(_) if plan.draws_pictures() => json!({"text": false, "drawn": true}),
        _ => Value::Null,
    }
}

/// Formats in which an empty text is not read as a missing value.
fn has_blanks(reader: &Reader) -> bool {
    matches!(
        reader,
        Reader::Json { .. } | Reader::JsonLines | Reader::Sqlite { .. } | Reader::Parquet | Reader::Feather
    )
}

fn python_targets(names: &Names) -> String {
    match names.targets.len() {
        1 => "TARGET".to_owned(),
        _ => "TARGETS".to_owned(),
    }
}

fn media(plan: &Plan) -> Value {
    let Source::Table(table) = &plan.source else { return Value::Null };
    let Some(media) = &table.media else { return Value::Null };
    let root = if media.directory.is_empty() {
        "raw".to_owned()
    } else {
        format!("raw / {}", literal(&media.directory))
    };
    json!({"column": media.column, "root": root, "one": media.kind.one()})
}

/// Columns that are dropped and not needed before: all but those of the file.
fn python_dropped(plan: &Plan) -> Value {
    let names: Vec<String> = plan.dropped.iter().map(|column| column.name.clone()).collect();
    if names.is_empty() || matches!(plan.target.ask, Ask::Ahead { .. }) {
        Value::Null
    } else {
        json!(list(&names, 4))
    }
}

/// The columns that are kept of records: they may have more than the profile names.
fn kept(plan: &Plan, names: &Names) -> Value {
    let Source::Table(table) = &plan.source else { return Value::Null };
    if !matches!(table.reader, Reader::Json { .. } | Reader::JsonLines) {
        return Value::Null;
    }
    let mut kept: Vec<String> = plan.features.iter().map(|feature| feature.name.clone()).collect();
    if table.media.is_some() {
        kept.push("source".to_owned());
    }
    let targets = if names.targets.len() == 1 { "[TARGET]" } else { "TARGETS" };
    json!(format!("{} + {targets}", list(&kept, 4)))
}

/// Why columns are dropped, by reason.
fn dropped_reasons(plan: &Plan) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for column in &plan.dropped {
        let name = safe_line(&column.name, 40);
        match reasons.iter_mut().find(|(reason, _)| *reason == column.reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&column.reason, vec![name])),
        }
    }
    let line = |(reason, names): (&str, Vec<String>)| {
        let shown: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
        let more = if names.len() > shown.len() {
            format!(" and {} more", names.len() - shown.len())
        } else {
            String::new()
        };
        format!("{}{more}: {reason}.", shown.join(", "))
    };
    reasons.into_iter().map(line).collect()
}

fn ahead(plan: &Plan) -> Value {
    let Ask::Ahead { time, series, steps, window, .. } = &plan.target.ask else { return json!({}) };
    json!({"time": time, "series": series, "series_list": list(series, 4), "steps": steps, "window": window})
}

/// What reads the examples.
fn source(plan: &Plan, names: &Names) -> Value {
    let (read, helper, modules) = match &plan.source {
        Source::Table(table) => table_of(plan, table, names),
        Source::Files(files) => files::files(files, names),
        Source::Passages(passages) => files::passages(passages, names),
        Source::Arrays(arrays) => arrays::arrays(arrays, names),
        Source::Edges(edges) => {
            let (read, helper, modules) = table_of(plan, &edges.table, names);
            let (more, made_up) = links::links(edges, names);
            (format!("{read}{more}"), join(&helper, &made_up), modules)
        }
        Source::Lexicon(lexicon) => sequences::words(lexicon, names),
        Source::Boxes(boxes) => boxes::pictures(plan, boxes, names),
        Source::Masks(masks) => masks::pictures(plan, masks, names),
    };
    let imports = imports(plan, &modules);
    json!({"read": read, "helper": helper.trim_end(), "imports": imports, "constants": constants(plan, names)})
}

/// What reads a table: the lines, the functions that they call, and their modules.
fn table_of(plan: &Plan, table: &Table, names: &Names) -> (String, String, Vec<&'static str>) {
    let archive = archive(table);
    let (read, reading) = match table.paths.as_slice() {
        [one] => {
            let (file, part) = one.split_once("!/").unwrap_or((one, ""));
            let path = match archive {
                Some(archive) => format!("member(raw / {}, {})", literal(archive), literal(part)),
                None => format!("raw / {}", literal(file)),
            };
            let reading = reading::of(plan, table, &path);
            (format!("    {} = {}", names.frame, reading.call), reading)
        }
        several => {
            let inner =
                |path: &String| path.split_once("!/").map_or(path.clone(), |(_, part)| part.to_owned());
            let (path, paths) = match archive {
                Some(archive) => {
                    (format!("member(raw / {}, name)", literal(archive)), several.iter().map(inner).collect())
                }
                None => ("raw / name".to_owned(), several.to_vec()),
            };
            let reading = reading::of(plan, table, &path);
            let read = format!(
                "    # The ready-made parts are put together and divided anew.\n    names = {}\n    {} = pd.concat([{} for name in names], ignore_index=True)",
                list(&paths, 4),
                names.frame,
                reading.call
            );
            (read, reading)
        }
    };
    let Reading { helper, mut imports, .. } = reading;
    let helper = if table.media.is_some() { join(&helper, FIND_FILES) } else { helper };
    if archive.is_none() {
        return (read, helper, imports);
    }
    imports.extend(["io", "zipfile"]);
    (read, join(&helper, MEMBER), imports)
}

/// The archive of which the table is a file.
fn archive(table: &Table) -> Option<&str> {
    let path = table.paths.first()?;
    let (file, _) = path.split_once("!/")?;
    matches!(table.reader, Reader::Csv { .. } | Reader::Parquet).then_some(file)
}

const MEMBER: &str = "def member(archive: Path, name: str) -> io.BytesIO:\n    \"\"\"The bytes of one file of an archive.\"\"\"\n    with zipfile.ZipFile(archive) as opened:\n        return io.BytesIO(opened.read(name))\n";

const FIND_FILES: &str = "def find_files(directory: Path) -> dict[str, Path]:\n    \"\"\"Files by their names, with and without extension.\"\"\"\n    files = sorted(path for path in directory.iterdir() if path.is_file())\n    return {path.stem: path for path in files} | {path.name: path for path in files}\n";

fn join(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { format!("{a}\n\n{b}") }
}

fn imports(plan: &Plan, modules: &[&str]) -> String {
    let mut plain: Vec<String> = modules
        .iter()
        .filter(|module| !module.starts_with("from "))
        .map(|module| format!("import {module}"))
        .collect();
    let mut from: Vec<String> =
        modules.iter().filter(|module| module.starts_with("from ")).map(|m| (*m).to_owned()).collect();
    if plan.media().is_some() && !plan.draws_pictures() {
        plain.push("import shutil".to_owned());
    }
    let digests = matches!(&plan.source, Source::Files(files) if files.kind != MediaKind::Text)
        || matches!(plan.source, Source::Boxes(_) | Source::Masks(_));
    if digests || plan.draws_pictures() {
        plain.push("import hashlib".to_owned());
    }
    from.push("from pathlib import Path".to_owned());
    plain.sort();
    plain.dedup();
    from.sort();
    plain.extend(from);
    let mut lines = plain.join("\n");
    lines.push_str("\n\nimport numpy as np\nimport pandas as pd");
    let measured = matches!(&plan.source, Source::Boxes(Boxes { format: BoxFormat::Yolo { .. }, .. }));
    if plan.draws_pictures() || plan.shrinks_pictures() || plan.looks_once || measured {
        lines.push_str("\nfrom PIL import Image");
    }
    match (&plan.target.ask, &plan.split) {
        (Ask::Ahead { .. }, _) | (_, Split::Time { .. }) => {}
        (_, Split::Group { .. }) => lines.push_str("\nfrom sklearn.model_selection import GroupShuffleSplit"),
        _ => lines.push_str("\nfrom sklearn.model_selection import train_test_split"),
    }
    lines
}

fn constants(plan: &Plan, names: &Names) -> String {
    let mut lines = vec![format!("ID = {}", literal(names.id))];
    if let Ask::Ahead { others, .. } = &plan.target.ask {
        lines.push(format!("OTHERS = {}", list(others, 0)));
    } else {
        match &plan.split {
            Split::Group { column, .. } => lines.push(format!("GROUP = {}", literal(column))),
            Split::Time { column, .. } => lines.push(format!("TIME = {}", literal(column))),
            Split::Random | Split::Stratified => {}
        }
    }
    if let Ask::Labels { labels, .. } = &plan.target.ask {
        lines.push(format!("WANTED = {}", list(labels, 0)));
        lines.push("TARGETS = [f\"{TARGET}: {label}\" for label in WANTED]".to_owned());
    }
    if let Ask::Several { columns, .. } = &plan.target.ask {
        lines.push(format!("TARGETS = {}", list(columns, 0)));
    }
    lines.join("\n")
}
