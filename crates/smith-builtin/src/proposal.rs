//! A plan as a proposal, and the plan out of a proposal.

use smith_data::words::{percent, safe_line};
use smith_task_schema::proposal::{Proposal, ProposalHeader, SECTIONS};
use smith_task_schema::{Difficulty, Formulation, Modality};

use crate::plan::{Ask, Edges, Metric, Passages, Plan, Source, Split};
use crate::propose::Draft;

const FENCE: &str = "```";

/// The proposal of a draft, with its plan in the section about processing.
pub(crate) fn of(draft: &Draft) -> Proposal {
    let plan = &draft.plan;
    let header = ProposalHeader {
        title: title(plan),
        target: safe_line(&plan.target.column, 80),
        modality: draft.modality.clone(),
        formulation: draft.formulation.clone(),
        metric: plan.metric.name().to_owned(),
        higher_is_better: plan.metric.higher_is_better(),
        difficulty: difficulty(plan),
        tags: tags(&draft.modality, &draft.formulation, plan),
    };
    let text = |section: &str| match section {
        "Overview" => overview(plan),
        "Data used" => used(plan),
        "Data processing" => processing(plan),
        "Metric" => metric(plan),
        "Justification" => list(&plan.reasons, "The profile names it as a target."),
        "Data ignored" => {
            let dropped: Vec<String> = plan
                .dropped
                .iter()
                .map(|column| format!("`{}`: {}", safe_line(&column.name, 60), column.reason))
                .collect();
            list(&dropped, "Nothing of the table is left out.")
        }
        "Difficulty" => format!(
            "{}, by the number of examples ({}) and of classes alone.",
            difficulty(plan).as_str(),
            plan.rows
        ),
        _ => tags(&draft.modality, &draft.formulation, plan).join(", "),
    };
    Proposal {
        header,
        sections: SECTIONS.iter().map(|section| ((*section).to_owned(), text(section))).collect(),
    }
}

/// The plan that a proposal carries.
///
/// # Errors
/// A sentence, when there is none or it cannot be read.
pub(crate) fn plan(proposal: &Proposal) -> Result<Plan, String> {
    let section = proposal.section("Data processing");
    let json = section
        .split_once(&format!("{FENCE}json\n"))
        .and_then(|(_, rest)| rest.rsplit_once(&format!("\n{FENCE}")))
        .map(|(json, _)| json)
        .ok_or("the proposal has no plan: it was not written by the built-in designer")?;
    serde_json::from_str(json).map_err(|error| format!("the plan in the proposal cannot be read: {error}"))
}

/// What a task is called.
pub(crate) fn title(plan: &Plan) -> String {
    let subject = plan.about.title.clone().unwrap_or_else(|| plan.about.name.clone());
    let subject = safe_line(&subject, 60);
    let target = safe_line(&plan.target.column, 40);
    match (&plan.target.ask, &plan.source) {
        (Ask::Ahead { .. }, _) => format!("{subject}: the next {target}"),
        (Ask::Several { columns, .. }, _) => {
            format!("{subject}: {target} and {} more", columns.len().saturating_sub(1))
        }
        (_, Source::Passages(passages)) if passages.folders.is_some() => {
            format!("{subject}: the class of a passage")
        }
        (_, Source::Passages(_)) => format!("{subject}: which text a passage is from"),
        (_, Source::Edges(edges)) => format!("{subject}: which {} are there", edges_word(edges)),
        (_, Source::Arrays(_)) => format!("{subject}: the label of a {}", crate::render::example(plan)),
        (_, Source::Lexicon(_)) => format!("{subject}: the symbols of a word"),
        (_, Source::Boxes(_)) => format!("{subject}: what stands where in a picture"),
        (_, Source::Masks(_)) => format!("{subject}: the regions of a picture"),
        (_, Source::Files(files)) => format!("{subject}: the class of a {}", files.kind.one()),
        _ => format!("{subject}: {target}"),
    }
}

fn edges_word(edges: &Edges) -> &'static str {
    if edges.relation.is_some() { "facts" } else { "links" }
}

fn overview(plan: &Plan) -> String {
    let target = safe_line(&plan.target.column, 60);
    let question = match &plan.target.ask {
        Ask::Binary { .. } if matches!(plan.source, Source::Edges(_)) => {
            "Predict the probability that a link of a graph is there and not made up.".to_owned()
        }
        Ask::Sequence { symbols, .. } => {
            format!("Predict the row of symbols of a word; there are {symbols} different ones.")
        }
        Ask::Text { .. } => format!("Write the text `{target}` from what else is known of a row."),
        Ask::Boxes { kinds } => {
            format!("Find things of {} kinds in pictures, each with a box around it.", kinds.len())
        }
        Ask::Regions { kinds } if kinds.is_empty() => {
            "Find the points of pictures that belong to what their masks show.".to_owned()
        }
        Ask::Regions { kinds } => {
            format!("Tell for each point of pictures which of {} kinds it belongs to.", kinds.len())
        }
        Ask::Binary { positive, share, .. } => format!(
            "Predict the probability that `{target}` is `{}` ({} of the examples).",
            safe_line(positive, 40),
            percent(*share)
        ),
        Ask::Classes { labels, .. } => format!("Predict which of {} classes `{target}` is.", labels.len()),
        Ask::Ranked { within } => {
            format!("Put the rows of each `{}` in order of `{target}`.", safe_line(within, 60))
        }
        Ask::Number { .. } => format!("Predict the number `{target}`."),
        Ask::Labels { labels, .. } => {
            format!("Predict which of {} labels stand in `{target}`.", labels.len())
        }
        Ask::Several { columns, numbers: true } => {
            format!("Predict the numbers of {} columns.", columns.len())
        }
        Ask::Several { columns, .. } => format!("Predict which of {} columns say yes.", columns.len()),
        Ask::Ahead { steps, window, .. } => {
            format!("Predict `{target}` {steps} step(s) ahead of the {window} values that are known.")
        }
    };
    format!("{question} There are {} examples.", plan.rows)
}

/// Paths one behind the other.
fn named<'p>(paths: impl Iterator<Item = &'p String>) -> String {
    paths.map(|path| format!("`{}`", safe_line(path, 120))).collect::<Vec<_>>().join(", ")
}

fn used(plan: &Plan) -> String {
    match &plan.source {
        Source::Table(table) => {
            format!("{} with {} columns for participants.", named(table.paths.iter()), plan.features.len())
        }
        Source::Passages(Passages { folders: Some(directory), lines, .. }) => {
            format!("Passages of {lines} lines of the texts below `{}`.", safe_line(directory, 120))
        }
        Source::Passages(passages) => {
            format!("Passages of {} lines of {} texts.", passages.lines, passages.texts.len())
        }
        Source::Arrays(arrays) => {
            format!("{} with the labels beside.", named(arrays.parts.iter().map(|part| &part.samples)))
        }
        Source::Edges(edges) => {
            format!("The ends of the edges of {}.", named(edges.table.paths.iter()))
        }
        Source::Lexicon(lexicon) => format!("The lines of `{}`.", safe_line(&lexicon.path, 120)),
        Source::Boxes(boxes) => {
            let paths = named(boxes.parts.iter().map(|part| &part.path));
            format!("The boxes of {paths} and the pictures that they are of.")
        }
        Source::Masks(masks) => {
            let paths = named(masks.parts.iter().map(|part| &part.path));
            format!("The masks in {paths} and the pictures that they are of.")
        }
        Source::Files(files) => {
            format!("The files below `{}`, each with its class.", safe_line(&files.directory, 120))
        }
    }
}

fn processing(plan: &Plan) -> String {
    let json = serde_json::to_string_pretty(plan).unwrap_or_default();
    format!("{}\n\nThe plan from which the files are written:\n\n{FENCE}json\n{json}\n{FENCE}", split(plan))
}

/// How examples are divided, in a sentence.
pub(crate) fn split(plan: &Plan) -> String {
    match &plan.split {
        Split::Random => "Examples are divided at random.".to_owned(),
        Split::Stratified => {
            "Examples are divided at random, with the same share of each class on both sides.".to_owned()
        }
        Split::Group { column, .. } => {
            format!("All rows of one `{}` are on the same side.", safe_line(column, 60))
        }
        Split::Time { column, .. } => {
            format!("What is later in `{}` is tested.", safe_line(column, 60))
        }
    }
}

fn metric(plan: &Plan) -> String {
    let why = match plan.metric {
        Metric::RocAuc => "both classes are frequent enough to rank them",
        Metric::AveragePrecision => "the class that is asked for is rare",
        Metric::Accuracy => "the classes are about equally frequent",
        Metric::MacroF1 => "the classes are of very different sizes, and each counts alike",
        Metric::WeightedKappa => "the classes are steps of a scale",
        Metric::Rmse => "the numbers have no long tail",
        Metric::Mae => "some numbers lie far from the others",
        Metric::Rmsle => "the numbers spread over several orders of magnitude",
        Metric::MeanRocAuc => "an example may have any number of labels",
        Metric::Ndcg => "what stands at the front of each list counts most",
        Metric::Rouge => {
            "a text that shares words and their order with the right one is better than another one"
        }
        Metric::MeanAveragePrecision => {
            "kinds are of different frequency, and what is found is more or less sure"
        }
        Metric::Dice => "regions are compared by what they share, whatever their size",
        Metric::MeanIou => "kinds cover more or less of the pictures, and each counts alike",
        Metric::ErrorRate => "a row of symbols that is nearly right is better than another one",
        Metric::MeanR2 => "the columns have different scales, and each counts alike",
    };
    format!("The {}, because {why}.", plan.metric.name())
}

fn list(lines: &[String], otherwise: &str) -> String {
    if lines.is_empty() {
        return otherwise.to_owned();
    }
    lines.iter().map(|line| format!("- {}", safe_line(line, 300))).collect::<Vec<_>>().join("\n")
}

fn difficulty(plan: &Plan) -> Difficulty {
    let classes = match &plan.target.ask {
        Ask::Classes { labels, .. } | Ask::Labels { labels, .. } => labels.len(),
        Ask::Several { columns, .. } => columns.len(),
        _ => 2,
    };
    match (plan.media().is_some(), classes) {
        (true, _) | (_, 20..) => Difficulty::Advanced,
        (false, 2) if plan.features.len() < 12 => Difficulty::Beginner,
        _ => Difficulty::Intermediate,
    }
}

fn tags(modality: &Modality, formulation: &Formulation, plan: &Plan) -> Vec<String> {
    let mut tags = vec![modality.as_str().to_owned(), formulation.as_str().to_owned()];
    match plan.split {
        Split::Group { .. } => tags.push("grouped".to_owned()),
        Split::Time { .. } => tags.push("temporal".to_owned()),
        Split::Random | Split::Stratified => {}
    }
    if matches!(plan.target.ask, Ask::Binary { share, .. } if share < 0.1) {
        tags.push("imbalanced".to_owned());
    }
    tags
}
