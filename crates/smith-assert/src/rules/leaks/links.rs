//! Answers that stand beside what is asked, in a side file or the other way round in the training data.

use std::collections::HashSet;
use std::path::Path;

use smith_data::together;
use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::tables::side_files;
use super::{ending, place, shown, warning};
use crate::leakage::links::{Given, Known, Queries, given, hash, turned};
use crate::literature;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const TURNED: RuleInfo = RuleInfo {
    code: "A218",
    name: "links-the-other-way-round",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where the links of a graph are asked for, the training data do not have them the other way round.",
    why: "Who has (b, inverse of r, a) needs no model for (a, r, ?): two well-known benchmarks of link prediction were \
          solved by that alone.",
    mend: "Decide for each pair of nodes, not for each link, on which side it goes, and leave inverse relations of test \
           links out of the training data.",
    references: &[
        "K. Toutanova, D. Chen: Observed versus latent features for knowledge base and text inference, CVSC 2015",
        "T. Dettmers, P. Minervini, P. Stenetorp, S. Riedel: Convolutional 2D knowledge graph embeddings, AAAI 2018",
    ],
};

pub(in crate::rules) const BESIDE: RuleInfo = RuleInfo {
    code: "A219",
    name: "answers-beside-queries",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "No side file, of whatever nesting, has the answers together with what is asked, unless among many others.",
    why: "A list of neighbours or of edges that was made for a picture still has the links that were taken out.",
    mend: "Make the side file from the training part alone, or leave it out of public/.",
    references: &[literature::LEAKAGE, literature::INVERSE_LINKS],
};

/// Different answers from which on names are asked for, and not classes.
const LEAST: usize = 12;
/// Links that prove something.
const MIN_LINKS: usize = 30;
/// Share of the test links that stand the other way round from which on it is an error, and from which on a warning.
const CERTAIN: f64 = 0.9;
const SUSPICIOUS: f64 = 0.3;
/// By how much it must be more than chance does, and which part of what chance leaves.
const BEYOND: f64 = 0.25;
const OF_THE_REST: f64 = 0.6;
/// Rows for each different pair, beyond which they are steps of a walk and no links.
const REPEATS: f64 = 4.0;
/// Share of what a file names beside what is asked that must be answers.
const RIGHT: f64 = 0.6;
const MAX_BYTES: u64 = 48 << 20;

/// Whether answers are measured numbers, which are no ends of links.
fn are_measured(queries: &Queries) -> bool {
    let is_fraction = |text: &String| text.parse::<f64>().is_ok_and(|number| number.fract() != 0.0);
    queries.answers.iter().flatten().any(is_fraction)
}

/// `A218`.
pub(in crate::rules) fn other_way_round(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public, split) = (cx.pair()?, cx.public()?, cx.split()?);
    let Some(queries) = Queries::of(pair, public, split, LEAST).filter(|queries| !are_measured(queries))
    else {
        return Ok(Report::default().with(Figure::new("links compared with the training data", 0.0)));
    };
    let (mut report, mut links, mut most) = (Report::default(), 0_usize, 0.0_f64);
    for table in public.tables.iter().filter(|table| table.path != split.test.path) {
        let Some(found) = turned(&queries, &table.frame).filter(|found| found.links >= MIN_LINKS) else {
            continue;
        };
        links = links.max(found.links);
        most = most.max(found.turned);
        let is_beyond = found.turned - found.by_chance >= BEYOND && found.repeats <= REPEATS;
        if found.turned < SUSPICIOUS || !is_beyond {
            continue;
        }
        let message = format!(
            "{:.0} % of the {} links from {} to their answers stand in it the other way round (from {} to {}); of links to \
             other answers {:.0} %. {}",
            found.turned * 100.0,
            found.links,
            shown(&found.column),
            shown(&found.between.1),
            shown(&found.between.0),
            found.by_chance * 100.0,
            info.mend
        );
        let of_the_rest = (found.turned - found.by_chance) / (1.0 - found.by_chance).max(1e-9);
        let is_certain = found.turned >= CERTAIN && of_the_rest >= OF_THE_REST && found.turned >= found.same;
        let path = place(cx, &table.path);
        report.findings.push(if is_certain {
            info.finding(path, message)
        } else {
            warning(info, path, message)
        });
    }
    Ok(report.with(Figure::new("links compared with the training data", links as f64)).with(
        Figure::new("share of the links that stand the other way round", most)
            .bounded(Bound::AtMost(CERTAIN)),
    ))
}

/// `A219`.
pub(in crate::rules) fn beside_queries(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, public, split) = (cx.pair()?, cx.public()?, cx.split()?);
    let Some(queries) = Queries::of(pair, public, split, LEAST) else {
        return Ok(Report::default().with(Figure::new("files compared with what is asked", 0.0)));
    };
    let words = queries.words();
    let is_train = |path: &str| {
        split.train.as_ref().is_some_and(|train| train.path == path) || path.to_lowercase().contains("train")
    };
    let mut train = Known::default();
    public
        .tables
        .iter()
        .filter(|table| is_train(&table.path))
        .for_each(|table| train.add_rows(&table.frame, &words));
    let mut report = Report::default();
    let (mut compared, mut skipped) = (0_usize, 0_usize);
    let mut judge = |path: &str, ways: &[Known], compared: &mut usize| {
        *compared += 1;
        let found = ways.iter().filter_map(|known| given(&queries, known, &train)).find(gives_away);
        report.findings.extend(found.map(|given| {
            let message = format!(
                "it has {:.1} % of the {} answers beyond the training data together with {} of their rows, and {:.0} % of \
                 what it has beside these are answers. {}",
                given.share * 100.0,
                given.answers,
                shown(&given.column),
                given.right * 100.0,
                info.mend
            );
            info.finding(place(cx, path), message)
        }));
    };
    let others =
        public.tables.chunk_by(|a, b| a.path == b.path).filter_map(|tables| Some((tables.first()?, tables)));
    let others = others.filter(|(first, _)| first.path != split.test.path && !is_train(&first.path));
    for (first, tables) in others {
        let ways = if first.path.to_lowercase().contains(".json") {
            read(&public.location(&first.path), &words).into_iter().collect()
        } else {
            let mut known = Known::default();
            tables.iter().for_each(|table| known.add_rows(&table.frame, &words));
            vec![known]
        };
        judge(&first.path, &ways, &mut compared);
    }
    for file in side_files(public) {
        if file.bytes > MAX_BYTES || ending(file) == "py" || is_train(&file.path) {
            skipped += 1;
            continue;
        }
        let ways = read(&public.location(&file.path), &words);
        judge(&file.path, &ways, &mut compared);
    }
    Ok(report
        .with(Figure::new("files compared with what is asked", compared as f64))
        .with(Figure::new("files too large to be compared, or of the training data", skipped as f64)))
}

fn gives_away(given: &Given) -> bool {
    given.answers >= MIN_LINKS && given.share >= CERTAIN && given.right >= RIGHT
}

/// Which words of a file stand together: what is asked before the answer, behind it, and in either order. What cannot be
/// read has none.
fn read(path: &Path, (keys, values): &(HashSet<u64>, HashSet<u64>)) -> [Known; 3] {
    let mut ways = [Known::default(), Known::default(), Known::default()];
    let [before, behind, either] = &mut ways;
    let mut add = |a: &str, b: &str| {
        let (a, b) = (hash(a), hash(b));
        if keys.contains(&a) && values.contains(&b) {
            before.add(a, b);
            either.add(a, b);
        }
        if keys.contains(&b) && values.contains(&a) {
            behind.add(b, a);
            either.add(b, a);
        }
    };
    if together(path, &mut add).is_err() {
        tracing::debug!("a side file could not be read");
    }
    ways
}
