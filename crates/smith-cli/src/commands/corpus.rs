//! `smith corpus RUN…`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use smith_core::SmithError;
use smith_core::data::words::safe_line;
use smith_core::pipeline::corpus_rows;
use smith_core::stats::corpus::{CorpusRows, CorpusStatistics, Counted, Distribution, Share};
use smith_core::stats::plots::{Plot, histogram, shares};

use crate::args::CorpusArgs;
use crate::{Done, pictures, table};

pub(crate) async fn run(args: CorpusArgs) -> Done {
    let runs = args.run;
    let read = tokio::task::spawn_blocking(move || statistics(&runs)).await;
    let statistics = read.map_err(|error| SmithError::Fault(error.to_string()))??;
    if let Some(folder) = &args.plots {
        pictures::keep(folder, &drawn(&statistics))?;
    }
    if args.json {
        super::print_json(&statistics)?;
    } else {
        super::say(words(&statistics))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn statistics(runs: &[PathBuf]) -> Result<CorpusStatistics, SmithError> {
    let mut rows = CorpusRows::default();
    for run in runs {
        rows.extend(corpus_rows(run)?);
    }
    Ok(CorpusStatistics::of(&rows)?)
}

fn facets(statistics: &CorpusStatistics) -> [(&'static str, &Vec<Share>); 4] {
    [
        ("modalities", &statistics.modalities),
        ("domains", &statistics.domains),
        ("formulations", &statistics.formulations),
        ("metrics", &statistics.metrics),
    ]
}

fn drawn(statistics: &CorpusStatistics) -> Vec<(String, Plot)> {
    let of = |counted: &Option<Counted>| counted.as_ref().map(|counted| counted.counts.clone());
    let mut counts: Vec<(String, Option<BTreeMap<u32, usize>>)> =
        vec![("verified tasks of a dataset".to_owned(), of(&statistics.tasks_per_dataset))];
    for (agent, used) in &statistics.agents {
        counts.push((format!("attempts of {agent}"), of(&used.attempts)));
        counts.push((format!("steps of {agent}"), of(&used.steps)));
    }
    let histograms =
        counts.iter().filter_map(|(title, counts)| Some((title, histogram(title, counts.as_ref()?))));
    let mut drawn: Vec<(String, Plot)> =
        histograms.map(|(title, plot)| (smith_core::schema::ids::slug(title), plot)).collect();
    let shown = facets(statistics).into_iter().filter(|(_, values)| !values.is_empty());
    drawn.extend(shown.map(|(name, values)| (name.to_owned(), shares(name, values))));
    drawn
}

fn words(statistics: &CorpusStatistics) -> String {
    let seconds = |value: Option<f64>| value.map_or_else(unknown, |value| format!("{value:.1} s"));
    let dollars = |value: Option<f64>| value.map_or_else(unknown, |value| format!("{value:.4} USD"));
    let per_dataset = statistics.tasks_per_dataset.as_ref();
    let mut lines = vec![
        format!(
            "{} datasets, {} of them yielded tasks ({} each on average); {} candidates, {} verified tasks ({:.1} %)",
            statistics.datasets,
            statistics.yielding_datasets,
            per_dataset.map_or_else(unknown, |counted| format!("{:.2}", counted.summary.mean)),
            statistics.candidates,
            statistics.verified,
            100.0 * statistics.yield_share,
        ),
        format!(
            "per verified task: {} without validation, {}; per dataset that yielded one: {}, {}",
            seconds(statistics.seconds_per_task),
            dollars(statistics.cost_per_task),
            seconds(statistics.seconds_per_dataset),
            dollars(statistics.cost_per_dataset),
        ),
        format!("seconds of a candidate: {}", spread(statistics.seconds.as_ref())),
        format!("seconds of a validation: {}", spread(statistics.validation_seconds.as_ref())),
    ];
    if statistics.open_candidates + statistics.open_datasets > 0 {
        lines.push(format!(
            "not decided and in no figure: {} candidates, and {} datasets of which nothing is proposed yet",
            statistics.open_candidates, statistics.open_datasets
        ));
    }
    lines.push(format!("\n{}\n", agents(statistics)));
    for (name, values) in facets(statistics) {
        let shown = values.iter().take(12).map(|value| {
            format!("{} {:.0} % ({})", safe_line(&value.value, 40), 100.0 * value.share, value.tasks)
        });
        let more =
            if values.len() > 12 { format!(", and {} more", values.len() - 12) } else { String::new() };
        lines.push(wrapped(&format!("{name}: {}{more}", shown.collect::<Vec<_>>().join(", "))));
    }
    lines.join("\n") + "\n"
}

fn unknown() -> String {
    "not known".to_owned()
}

/// Median and range of some figures.
fn spread(figures: Option<&Distribution>) -> String {
    let of = |figures: &Distribution| {
        let range = &figures.range;
        format!("median {:.1}, from {:.1} to {:.1}", range.median, range.min, range.max)
    };
    figures.map_or_else(unknown, of)
}

/// A line as wide as a table at most, broken between its words.
fn wrapped(line: &str) -> String {
    let width = usize::from(table::width()).max(20);
    let (mut out, mut used) = (String::new(), 0);
    for word in line.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            out.push_str("\n  ");
            used = 2;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

fn agents(statistics: &CorpusStatistics) -> String {
    let mut table = table::table(&["agent", "worked on", "success", "attempts", "at the first", "steps"]);
    let right = |figure: String| Cell::new(figure).set_alignment(CellAlignment::Right);
    for (agent, used) in &statistics.agents {
        let mean = |counted: &Option<Counted>| {
            let of = |counted: &Counted| {
                let summary = &counted.summary;
                format!("{:.2} ({:.0} to {:.0})", summary.mean, summary.range.min, summary.range.max)
            };
            counted.as_ref().map_or_else(|| "–".to_owned(), of)
        };
        let first = used.attempts.as_ref().map(|counted| counted.share_up_to(1));
        let figures = [
            used.candidates.to_string(),
            format!("{:.1} %", 100.0 * used.success),
            mean(&used.attempts),
            first.map_or_else(|| "–".to_owned(), |share| format!("{:.1} %", 100.0 * share)),
            mean(&used.steps),
        ];
        table.add_row([Cell::new(agent)].into_iter().chain(figures.map(right)));
    }
    table.to_string()
}
