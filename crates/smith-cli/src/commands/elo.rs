//! `smith elo FILE`.

use std::process::ExitCode;

use comfy_table::{Cell, CellAlignment};
use smith_core::SmithError;
use smith_core::statistics::{EloInput, read_elo};
use smith_core::stats::elo::{EloOptions, Ratings, Ridged, Standings, Unit, rate};
use smith_core::stats::plots;

use crate::args::EloArgs;
use crate::{Done, pictures, table};

pub(crate) async fn run(args: EloArgs) -> Done {
    let (is_json, folder) = (args.json, args.plots.clone());
    let rated = tokio::task::spawn_blocking(move || standings(&args)).await;
    let (standings, duplicates) = rated.map_err(|error| SmithError::Fault(error.to_string()))??;
    if let Some(folder) = folder {
        pictures::keep(&folder, &[("elo".to_owned(), plots::elo(&standings))])?;
    }
    if is_json {
        super::print_json(&standings)?;
    } else {
        super::say(words(&standings))?;
    }
    if duplicates > 0 {
        eprintln!("{duplicates} rows repeat a run that is there already, and count once");
    }
    Ok(ExitCode::SUCCESS)
}

fn standings(args: &EloArgs) -> Result<(Standings, usize), SmithError> {
    let input = read_elo(&args.file)?;
    let duplicates = match &input {
        EloInput::Scores(scores) => scores.duplicates().len(),
        EloInput::Battles(_) => 0,
    };
    let mut options = EloOptions::default();
    options.rounds = args.rounds;
    options.seed = args.seed;
    options.level = args.level;
    options.unit = args.unit.map(Unit::from);
    let rated = rate(&input.battles()?, &options)
        .map_err(|error| SmithError::Mistake(format!("{}: {error}", args.file.display())))?;
    Ok((rated, duplicates))
}

pub(super) fn words(standings: &Standings) -> String {
    let mut out = section("overall", &standings.overall);
    for (name, ratings) in &standings.categories {
        out.push('\n');
        out.push_str(&section(&smith_core::data::words::safe_line(name, 60), ratings));
    }
    if !standings.unrated.is_empty() {
        out.push_str(&format!("\nwithout a battle, so without a rating: {}\n", list(&standings.unrated)));
    }
    out
}

fn section(name: &str, ratings: &Ratings) -> String {
    let mut table = table::table(&[name, "Elo", "low", "high", "battles", "won"]);
    let points = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"));
    for rating in &ratings.ratings {
        let name = smith_core::data::words::safe_line(&rating.model, 60);
        let figures = [
            points(Some(rating.elo)),
            points(rating.low),
            points(rating.high),
            rating.battles.to_string(),
            format!("{:.1} %", 100.0 * rating.win_share),
        ];
        let right = |figure| Cell::new(figure).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(name)].into_iter().chain(figures.into_iter().map(right)));
    }
    let tasks = if ratings.tasks > 0 { format!(" on {} tasks", ratings.tasks) } else { String::new() };
    format!("{table}\n{} battles{tasks}; {}\n{}", ratings.battles, intervals(ratings), ridge(ratings))
}

fn intervals(ratings: &Ratings) -> String {
    let unit = |unit: Unit| match unit {
        Unit::Tasks => "tasks",
        Unit::Battles => "battles",
    };
    let level = format!("{} % intervals", (ratings.level * 1e4).round() / 1e2);
    match (&ratings.bootstrap, ratings.sandwich_unit) {
        (Some(drawn), _) => {
            let ridged = match drawn.ridged_rounds {
                0 => String::new(),
                some => format!(", {some} of which needed a ridge"),
            };
            format!("{level} by {} draws of {}{ridged}", drawn.rounds, unit(drawn.unit))
        }
        (None, Some(of)) => format!("{level} by the sandwich estimate over {}", unit(of)),
        (None, None) => "too little for intervals".to_owned(),
    }
}

/// What a reader must know where the likelihood has no maximum.
fn ridge(ratings: &Ratings) -> String {
    let groups = |groups: &[Vec<String>], between: &str| {
        groups.iter().map(|group| list(group)).collect::<Vec<_>>().join(between)
    };
    match &ratings.ridged {
        Some(Ridged::Separable { tiers }) => format!(
            "a ridge holds these apart, since none ever lost to one further right: {}\n",
            groups(tiers, " | ")
        ),
        Some(Ridged::Unconnected { groups: apart }) => format!(
            "ratings compare within these groups only, since no battle links them: {}\n",
            groups(apart, " | ")
        ),
        Some(_) => "a ridge was used\n".to_owned(),
        None => String::new(),
    }
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> =
        names.iter().take(SHOWN).map(|name| smith_core::data::words::safe_line(name, 40)).collect();
    let rest = names.len().saturating_sub(SHOWN);
    if rest > 0 { format!("{} and {rest} more", shown.join(", ")) } else { shown.join(", ") }
}
