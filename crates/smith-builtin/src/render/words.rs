//! The words of the description.

use serde_json::{Value, json};
use smith_data::words::{percent, safe_line};

use super::context::{Names, most_rows};
use super::{masks, submission};
use crate::plan::{
    Arrays, Ask, Edges, Feature, Files, MediaKind, Plan, Reader, Samples, Source, Split, Table,
};

/// Columns that are listed one by one.
const LISTED: usize = 40;
/// Longest quotation of what the dataset says of itself, in characters.
const QUOTED: usize = 500;

pub(crate) fn doc(plan: &Plan) -> String {
    let what = match &plan.source {
        Source::Table(_) => "the rows".to_owned(),
        Source::Files(files) => format!("the {}", files.kind.folder()),
        Source::Passages(_) => "the passages".to_owned(),
        Source::Arrays(_) => format!("the {}s", example(plan)),
        Source::Edges(_) => "links and made-up ones".to_owned(),
        Source::Lexicon(_) => "the words".to_owned(),
        Source::Boxes(_) | Source::Masks(_) => "the pictures".to_owned(),
    };
    let target = safe_line(&plan.target.column, 60).replace(['"', '\\'], "'");
    match &plan.target.ask {
        Ask::Ahead { .. } => format!("Cuts the series of {target} into windows with the value to come."),
        _ => format!("Divides {what} into a training and a test side, the latter without {target}."),
    }
}

pub(crate) fn of(plan: &Plan, names: &Names) -> Value {
    json!({
        "background": background(plan),
        "quotation": quotation(plan),
        "question": task(plan),
        "data": data(plan, names),
        "split_words": split(plan),
        "submission_columns": submission::submission_columns(names),
        "example": example(plan),
        "header": submission::header(names),
        "first_lines": submission::first_lines(plan, names),
        "form": submission::form(plan),
        "evaluation": submission::evaluation(plan, names),
    })
}

pub(super) fn quoted(text: &str, most: usize) -> String {
    format!("`{}`", safe_line(text, most).replace('`', "'"))
}

pub(super) fn target(plan: &Plan) -> String {
    quoted(&plan.target.column, 80)
}

fn background(plan: &Plan) -> String {
    let title = plan.about.title.as_deref().unwrap_or(&plan.about.name);
    let licence = plan
        .about
        .licence
        .as_deref()
        .map(|licence| format!(" Its licence: {}.", safe_line(licence, 80).trim_end_matches('.')));
    format!("The data come from the dataset \"{}\".{}", safe_line(title, 120), licence.unwrap_or_default())
}

fn quotation(plan: &Plan) -> Value {
    let Some(text) = plan.about.description.as_deref() else { return Value::Null };
    let text = without_files(&safe_line(text, QUOTED));
    if text.chars().count() < 20 { Value::Null } else { json!(format!("> {text}")) }
}

/// The sentences that name no file: participants do not get the dataset's own.
fn without_files(text: &str) -> String {
    let names_a_file = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty()
                && (2..=8).contains(&extension.len())
                && extension.starts_with(|c: char| c.is_ascii_lowercase())
                && extension.chars().all(|c| c.is_ascii_alphanumeric())
        })
    };
    let sentences = text.split_inclusive(". ").map(str::trim);
    let kept: Vec<&str> = sentences
        .filter(|sentence| !sentence.split_whitespace().any(names_a_file) && !sentence.contains('/'))
        .collect();
    kept.join(" ")
}

/// One example, in a word.
pub(crate) fn example(plan: &Plan) -> &'static str {
    match &plan.source {
        Source::Passages(_) => "passage",
        Source::Arrays(_) if plan.draws_pictures() => "picture",
        Source::Boxes(_) | Source::Masks(_) => "picture",
        Source::Arrays(_) => "sample",
        Source::Edges(edges) if edges.relation.is_some() => "fact",
        Source::Edges(_) => "link",
        Source::Lexicon(_) => "word",
        Source::Table(_) | Source::Files(_) => plan.media().map_or("row", MediaKind::one),
    }
}

fn task(plan: &Plan) -> String {
    let (target, one) = (target(plan), example(plan));
    if let Source::Edges(edges) = &plan.source {
        return links(edges, one, &target);
    }
    match &plan.target.ask {
        Ask::Ranked { within } => format!(
            "Put the {one}s of each {} in order of {target}, the greatest first: predict for each {one} of the test data a number by which it is sorted among those of the same {}.",
            quoted(within, 60),
            quoted(within, 60)
        ),
        Ask::Text { .. } => {
            format!("Write for each {one} of the test data the text {target} from what else is known of it.")
        }
        Ask::Boxes { kinds } => format!(
            "Find in each {one} of the test data all things of {} kinds, each with a box around it: {}.",
            kinds.len(),
            named(kinds)
        ),
        Ask::Regions { kinds } if kinds.is_empty() => format!(
            "Find in each {one} of the test data the points that belong to what is marked in the training data."
        ),
        Ask::Regions { kinds } => format!(
            "Tell for the points of each {one} of the test data which of {} kinds they belong to: {}. The kinds are named by the {} that stand for them in the masks of the dataset.",
            kinds.len(),
            named(kinds),
            if kinds.iter().any(|kind| kind.starts_with('#')) { "colours" } else { "numbers" }
        ),
        Ask::Sequence { symbols, .. } => format!(
            "Each word is written as a row of symbols, of which there are {symbols} different ones. Predict for each {one} of the test data its row of symbols, {target}."
        ),
        Ask::Binary { positive, negative, share, .. } => format!(
            "Predict for each {one} of the test data the probability that {target} is {}, and not {}. In the whole data that is so for {} of the examples.",
            quoted(positive, 40),
            quoted(negative, 40),
            percent(*share)
        ),
        Ask::Classes { labels, .. } => format!(
            "Predict for each {one} of the test data which of {} classes {target} is: {}.",
            labels.len(),
            named(labels)
        ),
        Ask::Number { least, greatest, .. } => {
            let range = match (least, greatest) {
                (Some(least), Some(greatest)) => {
                    format!(" In the whole data it lies between {least} and {greatest}.")
                }
                _ => String::new(),
            };
            format!("Predict for each {one} of the test data the number {target}.{range}")
        }
        Ask::Labels { labels, .. } => {
            let shown: Vec<String> = labels.iter().map(|label| quoted(label, 40)).collect();
            format!(
                "An example may have any number of the {} labels of {target}: {}. Predict for each {one} of the test data the probability of each label.",
                labels.len(),
                shown.join(", ")
            )
        }
        Ask::Several { columns, numbers } => {
            let shown: Vec<String> = columns.iter().map(|name| quoted(name, 60)).collect();
            let what = if *numbers { "the numbers" } else { "the probabilities that these are true:" };
            format!("Predict for each {one} of the test data {what} {}.", shown.join(", "))
        }
        Ask::Ahead { steps, window, .. } => format!(
            "Each row shows the last {window} values of a series. Predict {target} as it is {steps} {} after the last one.",
            if *steps == 1 { "step" } else { "steps" }
        ),
    }
}

/// Labels one behind the other, as many as one reads.
fn named(labels: &[String]) -> String {
    let shown: Vec<String> = labels.iter().take(LISTED).map(|label| quoted(label, 40)).collect();
    let more = if labels.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn links(edges: &Edges, one: &str, target: &str) -> String {
    let (start, end) = (quoted(&edges.start, 60), quoted(&edges.end, 60));
    let what = match &edges.relation {
        Some(relation) => {
            format!("Each row says that a {start} stands in a {} to a {end}.", quoted(relation, 60))
        }
        None => format!("Each row is a link from a {start} to a {end}."),
    };
    format!(
        "The data are a graph. {what} About half of the rows are {one}s of the graph; the others are made up: their {end} was replaced by a node drawn at random. Predict for each {one} of the test data the probability {target} that it is there and not made up."
    )
}

fn data(plan: &Plan, names: &Names) -> String {
    let asked = match &plan.target.ask {
        Ask::Several { .. } | Ask::Labels { .. } => "the columns that are predicted".to_owned(),
        _ => target(plan),
    };
    let mut lines = vec![
        format!("- `train.csv`: the training {}s with {}", example(plan), asked),
        format!("- `test.csv`: the same columns without {asked}"),
        "- `sample_submission.csv`: random predictions in the right format".to_owned(),
    ];
    if let Some(kind) = plan.media() {
        lines.insert(2, format!("- `{}/`: the files of both, under new names", kind.folder()));
    }
    let files = lines.join("\n");
    let columns = columns(plan, names);
    let sampled = if plan.rows > most_rows(plan) {
        match &plan.source {
            Source::Table(_) => format!(
                "\n\nOf the {} rows of the dataset with a known {} a random subset of {} is used.",
                plan.rows,
                target(plan),
                most_rows(plan)
            ),
            _ => format!("\n\nA random subset of {} {}s is used.", most_rows(plan), example(plan)),
        }
    } else {
        String::new()
    };
    let small = match &plan.target.ask {
        Ask::Classes { small, least, .. } if *small > 0 => {
            format!("\n\nClasses of fewer than {least} examples are left out.")
        }
        _ => String::new(),
    };
    let once = if plan.looks_once { "\n\nOf pictures that look alike one is kept." } else { "" };
    format!("{files}\n\nColumns:\n\n{columns}{sampled}{small}{once}")
}

fn columns(plan: &Plan, names: &Names) -> String {
    let mut lines = vec![format!("- `{}`: number of the {}", names.id, example(plan))];
    if plan.media().is_some() {
        lines.push("- `file`: where its file lies".to_owned());
    }
    match &plan.source {
        Source::Files(Files { kind: MediaKind::Text, .. }) => lines.push("- `text`: the text".to_owned()),
        Source::Passages(passages) => lines.push(format!("- `text`: {} lines of one text", passages.lines)),
        Source::Lexicon(_) => lines.push("- `word`: the word".to_owned()),
        Source::Edges(edges) => {
            lines.push(format!("- {}: the node at which it starts", quoted(&edges.start, 80)));
            lines.extend(edges.relation.iter().map(|name| format!("- {}: its kind", quoted(name, 80))));
            lines.push(format!("- {}: the node at which it ends", quoted(&edges.end, 80)));
        }
        Source::Arrays(Arrays { samples: Samples::Numbers { columns }, .. }) => {
            lines.push(format!("- `feature_1` to `feature_{columns}`: the numbers of the sample"));
        }
        Source::Arrays(_) | Source::Files(_) | Source::Table(_) | Source::Boxes(_) | Source::Masks(_) => {}
    }
    if let Ask::Ahead { time, series, window, others, .. } = &plan.target.ask {
        lines.push(format!("- {}: when the last known value was seen", quoted(time, 80)));
        lines.extend(series.iter().map(|name| format!("- {}: which series it is", quoted(name, 80))));
        lines.push(format!(
            "- `{0} 0 before`, `{0} 1 before` and so on to `{0} {1} before`: the last {window} values, the newest first",
            safe_line(&plan.target.column, 80).replace('`', "'"),
            window.saturating_sub(1)
        ));
        if !others.is_empty() {
            let others: Vec<String> = others.iter().map(|name| safe_line(name, 60)).collect();
            lines.push(format!("- in the same way what else was measured: {}", others.join(", ")));
        }
    }
    if let Source::Table(Table { reader: Reader::Cases { channels, length }, .. }) = &plan.source {
        lines.push(format!(
            "- `channel_1_step_1` to `channel_{channels}_step_{length}`: the numbers of {channels} {} at {length} steps",
            if *channels == 1 { "channel" } else { "channels" }
        ));
    }
    lines.extend(plan.features.iter().take(LISTED).map(column));
    if plan.features.len() > LISTED {
        lines.push(format!("- and {} further columns of the same kinds", plan.features.len() - LISTED));
    }
    lines.push(match &plan.target.ask {
        Ask::Labels { .. } => format!(
            "- one column for each label, such as {}: 1 if it applies, 0 if not (`train.csv` only)",
            quoted(names.targets.first().map_or("", String::as_str), 80)
        ),
        Ask::Several { .. } => "- the columns that are predicted (`train.csv` only)".to_owned(),
        Ask::Binary { .. } if matches!(plan.source, Source::Edges(_)) => {
            format!("- {}: 1 if it is there, 0 if it is made up (`train.csv` only)", target(plan))
        }
        _ if matches!(&plan.source, Source::Passages(passages) if passages.folders.is_some()) => {
            format!("- {}: the folder that its text is from (`train.csv` only)", target(plan))
        }
        Ask::Boxes { .. } => {
            format!("- {}: its boxes as in a submission, with confidence 1 (`train.csv` only)", target(plan))
        }
        Ask::Regions { .. } => {
            format!("- {}: its regions as in a submission (`train.csv` only)", target(plan))
        }
        Ask::Sequence { .. } => {
            format!("- {}: its symbols, with a blank between two (`train.csv` only)", target(plan))
        }
        Ask::Binary { positive, .. } => {
            format!("- {}: 1 for {}, 0 for the other (`train.csv` only)", target(plan), quoted(positive, 40))
        }
        _ => format!("- {}: what is predicted (`train.csv` only)", target(plan)),
    });
    lines.join("\n")
}

fn column(feature: &Feature) -> String {
    let said = feature.said.as_deref().map(without_files).filter(|said| !said.is_empty());
    let said = said.map(|said| format!("; the dataset says: \"{said}\"")).unwrap_or_default();
    format!("- {}: {}{said}", quoted(&feature.name, 80), feature.what)
}

fn split(plan: &Plan) -> String {
    match (&plan.target.ask, &plan.split) {
        (Ask::Ahead { .. }, _) => {
            "The test windows lie behind the training data in time, and none of them overlaps another."
                .to_owned()
        }
        (_, Split::Random) if matches!(plan.source, Source::Lexicon(_)) => {
            "The words were divided at random.".to_owned()
        }
        (_, Split::Random) if matches!(plan.source, Source::Boxes(_)) => {
            "The pictures were divided at random; those without a box are left out.".to_owned()
        }
        (_, Split::Random) if matches!(plan.source, Source::Masks(_)) => format!(
            "The pictures were divided at random; those whose mask is empty are left out, and large ones were made smaller, to {} points on the longer side.",
            masks::LARGEST
        ),
        (_, Split::Random) => "The rows were divided at random.".to_owned(),
        (_, Split::Stratified) => {
            "The examples were divided at random, with the same share of each class on both sides.".to_owned()
        }
        (_, Split::Group { .. }) if matches!(plan.source, Source::Passages(_)) => {
            "Each text was cut into stretches of neighbouring passages, and whole stretches were put on one side.".to_owned()
        }
        (_, Split::Group { .. }) if matches!(plan.source, Source::Edges(_)) => {
            "All rows between the same two nodes, in either direction, are on the same side.".to_owned()
        }
        (_, Split::Group { column, .. }) => format!(
            "All rows with the same {} are on the same side: a solution is used on ones that it has not seen.",
            quoted(column, 80)
        ),
        (_, Split::Time { column, .. }) => {
            format!("The test rows are those that are latest by {}.", quoted(column, 80))
        }
    }
}
