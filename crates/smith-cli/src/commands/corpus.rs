//! `smith corpus RUN…`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use smith_core::SmithError;
use smith_core::data::words::safe_line;
use smith_core::pipeline::corpus_rows;
use smith_core::stats::corpus::{CorpusStatistics, Counted, Share};
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
    let (mut rows, mut barren) = (Vec::new(), 0);
    for run in runs {
        let (more, without) = corpus_rows(run)?;
        rows.extend(more);
        barren += without;
    }
    Ok(CorpusStatistics::of(&rows, barren)?)
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
    let figure = |value: Option<f64>, unit: &str| {
        value.map_or_else(|| "not known".to_owned(), |value| format!("{value:.2} {unit}"))
    };
    let mut out = format!(
        "{} datasets, {} of them yielded tasks; {} candidates, {} verified tasks ({:.1} %)\n\
         per verified task: {}, {}; per dataset that yielded one: {}, {}\n",
        statistics.datasets,
        statistics.yielding_datasets,
        statistics.candidates,
        statistics.verified,
        100.0 * statistics.yield_share,
        figure(statistics.seconds_per_task, "s without validation"),
        figure(statistics.cost_per_task, "USD"),
        figure(statistics.seconds_per_dataset, "s"),
        figure(statistics.cost_per_dataset, "USD"),
    );
    out.push_str(&format!("\n{}\n", agents(statistics)));
    for (name, values) in facets(statistics) {
        let shown = values.iter().take(12).map(|value| {
            format!("{} {:.0} % ({})", safe_line(&value.value, 40), 100.0 * value.share, value.tasks)
        });
        out.push_str(&format!("{name}: {}\n", shown.collect::<Vec<_>>().join(", ")));
    }
    out
}

fn agents(statistics: &CorpusStatistics) -> String {
    let mut table =
        table::table(&["agent", "candidates", "success", "attempts, mean", "at the first", "steps, mean"]);
    let right = |figure: String| Cell::new(figure).set_alignment(CellAlignment::Right);
    for (agent, used) in &statistics.agents {
        let mean = |counted: &Option<Counted>| {
            counted.as_ref().map_or_else(|| "–".to_owned(), |counted| format!("{:.2}", counted.summary.mean))
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
