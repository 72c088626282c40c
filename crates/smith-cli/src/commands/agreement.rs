//! `smith agreement FILE`.

use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use smith_core::SmithError;
use smith_core::data::words::safe_line;
use smith_core::schema::ids::slug;
use smith_core::statistics::read_ratings;
use smith_core::stats::Interval;
use smith_core::stats::agreement::{AgreementOptions, AgreementReport, PairAgreement, RatingTable};
use smith_core::stats::plots;

use crate::args::AgreementArgs;
use crate::{Done, pictures, table};

pub(crate) async fn run(args: AgreementArgs) -> Done {
    let (is_json, folder) = (args.json, args.plots.clone());
    let compared = tokio::task::spawn_blocking(move || report(args)).await;
    let (ratings, report) = compared.map_err(|error| SmithError::Fault(error.to_string()))??;
    if let Some(folder) = folder {
        pictures::keep(&folder, &drawn(&ratings)?)?;
    }
    if is_json {
        super::print_json(&report)?;
    } else {
        super::say(words(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(args: AgreementArgs) -> Result<(RatingTable, AgreementReport), SmithError> {
    let ratings = read_ratings(&args.file)?;
    let mut options = AgreementOptions::default();
    options.level = args.level;
    options.top = args.top;
    let report = AgreementReport::of(&ratings, &options)?;
    Ok((ratings, report))
}

/// Every pair of sets, and the ranks from set to set.
fn drawn(ratings: &RatingTable) -> Result<Vec<(String, plots::Plot)>, SmithError> {
    let mut drawn = vec![("ranks".to_owned(), plots::rank_flow(ratings))];
    let name = |set: usize| ratings.sets().get(set).map_or_else(String::new, |(name, _)| slug(name));
    for first in 0..ratings.sets().len() {
        for second in first + 1..ratings.sets().len() {
            let plot = plots::bland_altman(ratings, first, second)?;
            // Numbered, because two names may come to the same.
            let pair = format!("bland-altman-{}-{}", first + 1, second + 1);
            drawn.push((format!("{pair}-{}-{}", name(first), name(second)), plot));
        }
    }
    Ok(drawn)
}

fn words(report: &AgreementReport) -> String {
    let level = (report.level * 1e4).round() / 1e2;
    let mut out = format!("{}\n\n{}\n", correlations(report), limits(report));
    let alpha = report.cronbach_alpha.map(|alpha| figure(Some(alpha), report.cronbach_alpha_interval));
    if let Some(alpha) = alpha {
        out.push_str(&format!("\nCronbach's α {alpha}\n"));
    }
    let forms = report.icc_tests.iter().map(|(form, test)| {
        format!("ICC({form}) {}, p {}\n", figure(Some(test.value), test.interval), chance(test.p))
    });
    out.extend(forms);
    if let Some(reason) = &report.undefined {
        out.push_str(&format!("\nα and ICC have no value: {reason}\n"));
    }
    for pair in &report.pairs {
        for (name, reason) in &pair.undefined {
            out.push_str(&format!("{}: {name} has no value: {reason}\n", title(pair)));
        }
    }
    out.push_str(&format!("{} models; {level} % intervals in brackets\n", report.models));
    out
}

fn title(pair: &PairAgreement) -> String {
    format!("{} – {}", safe_line(&pair.a, 40), safe_line(&pair.b, 40))
}

/// The columns of the paper's table, with their intervals and chances below.
fn correlations(report: &AgreementReport) -> String {
    let heads: Vec<String> = report
        .pairs
        .first()
        .map_or_else(Vec::new, |pair| pair.top_k.keys().map(|k| format!("Top-{k}")).collect());
    let mut header = vec!["pair", "Pearson", "R²", "Spearman", "Kendall", "CCC"];
    header.extend(heads.iter().map(String::as_str));
    let mut table = table::table(&header);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for pair in &report.pairs {
        let (ends, p) = (&pair.intervals, &pair.p);
        let columns = [
            (pair.pearson, ends.pearson, p.pearson),
            (pair.r2, ends.r2, p.pearson),
            (pair.spearman, ends.spearman, p.spearman),
            (pair.kendall, ends.kendall, p.kendall),
            (pair.ccc, ends.ccc, None),
        ];
        let mut cells = vec![Cell::new(title(pair))];
        cells.extend(columns.map(|(value, interval, p)| {
            let tested = p.map_or_else(String::new, |p| format!("\np {}", chance(Some(p))));
            // The interval below its figure, as narrow as it goes.
            right(format!("{}{tested}", figure(value, interval).replacen(' ', "\n", 1).replace(", ", ",")))
        }));
        cells.extend(pair.top_k.iter().map(|(k, overlap)| {
            right(format!("{overlap:.3}\n\np {}", chance(pair.p.top_k.get(k).copied())))
        }));
        table.add_row(cells);
    }
    table.to_string()
}

fn limits(report: &AgreementReport) -> String {
    let mut table = table::table(&["Bland–Altman", "bias", "p", "sd", "lower limit", "upper limit"]);
    let points = |value: f64, interval: Option<Interval>| {
        let ends =
            interval.map_or_else(String::new, |Interval { low, high }| format!(" [{low:.1}, {high:.1}]"));
        // No minus before a zero.
        format!("{:.1}{ends}", (value * 10.0).round() / 10.0 + 0.0)
    };
    for pair in &report.pairs {
        let (limits, ends) = (&pair.bland_altman, &pair.intervals.bland_altman);
        let figures = [
            points(limits.bias, ends.bias),
            chance(ends.bias_p),
            points(limits.sd, None),
            points(limits.lower, ends.lower),
            points(limits.upper, ends.upper),
        ];
        let right = |figure| Cell::new(figure).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(title(pair))].into_iter().chain(figures.into_iter().map(right)));
    }
    table.to_string()
}

/// Three digits and the interval.
fn figure(value: Option<f64>, interval: Option<Interval>) -> String {
    match (value, interval) {
        (None, _) => "–".to_owned(),
        (Some(value), None) => format!("{value:.3}"),
        (Some(value), Some(Interval { low, high })) => format!("{value:.3} [{low:.3}, {high:.3}]"),
    }
}

fn chance(p: Option<f64>) -> String {
    match p {
        None => "–".to_owned(),
        Some(p) if p < 5e-4 => format!("{p:.0e}"),
        Some(p) => format!("{p:.3}"),
    }
}
