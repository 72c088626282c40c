//! Answers that the order of the test examples tells.

use std::collections::{HashMap, HashSet};

use smith_task_schema::{Figure, Finding, Layer, Severity};

use super::members::archives;
use super::shortcut::{is_explained, trailing_number};
use super::{shown, warning};
use crate::leakage::order::{Order, explains, order, rises_within, sorted_within};
use crate::leakage::sheet::Sheet;
use crate::leakage::target::{Target, Values, targets};
use crate::literature;
use crate::origin::Origin;
use crate::rank::spearman;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Pair, Public, Split, Subject};

pub(in crate::rules) const ORDER: RuleInfo = RuleInfo {
    code: "A205",
    name: "order-tells-answers",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The test examples do not stand sorted by their answers: neither in the test table, nor in the sample, nor in \
             an archive, nor by their ids.",
    why: "Whoever sees that the classes stand one behind the other needs to find the borders only.",
    mend: "Shuffle the test examples with a fixed seed before they get their ids and are written.",
    references: &[literature::WINNING_BY_IDS],
};

/// Rank correlation with the places of the raw rows from which on the order is theirs.
const AS_RAW: f64 = 0.99;

/// `A205`.
pub(in crate::rules) fn order_tells(info: &RuleInfo, cx: &Subject) -> Measured {
    let (pair, split) = (cx.pair()?, cx.split()?);
    let sheet = Sheet::of(pair);
    let origin = cx.origin().ok().flatten();
    let (mut findings, mut looked_at) = (Vec::new(), 0_usize);
    let mut seen: HashSet<Vec<usize>> = HashSet::new();
    for listing in listings(&sheet, pair, split).into_iter().chain(members(&sheet, cx.public()?)) {
        if !seen.insert(listing.rows.clone()) {
            continue;
        }
        looked_at += 1;
        let path = match (listing.of, &listing.archive) {
            (_, Some(archive)) => cx.name_in_public(archive),
            ("test table", _) => cx.name_in_public(&split.test.path),
            _ => cx.name(&cx.layout().sample_submission()),
        };
        for target in &sheet.targets {
            let target = target.of_rows(listing.rows.iter().copied());
            let (found, is_natural) =
                (order(&target), || is_natural(&listing, &sheet, split, &target, origin));
            let message = |how: &str| {
                format!(
                    "in the order of the {} the answers ({}) stand {how}. {}",
                    listing.of,
                    shown(&target.name),
                    info.mend
                )
            };
            match found {
                Order::Mixed => {}
                Order::Sorted if !is_natural() => {
                    findings.push(info.finding(path.clone(), message("sorted")));
                }
                Order::Nearly(figure) if !is_natural() => {
                    findings.push(warning(
                        info,
                        path.clone(),
                        message(&format!("nearly sorted ({figure:.2})")),
                    ));
                }
                Order::Sorted | Order::Nearly(_) => {}
            }
        }
    }
    if findings.is_empty() {
        findings.extend(within_groups(info, cx, split));
    }
    findings.truncate(3);
    Ok(Report::from(findings).with(Figure::new("orders of the test examples looked at", looked_at as f64)))
}

/// Answers that are sorted within the groups in which the rows of the test table stand, while no feature is.
fn within_groups(info: &RuleInfo, cx: &Subject, split: &Split) -> Option<Finding> {
    const MOST: usize = 60;
    let test = &split.test;
    if !split.test_has_table {
        return None;
    }
    let columns = || test.keys.iter().chain(&test.features).take(MOST);
    let names: Vec<&str> = split.predicted.iter().map(String::as_str).collect();
    let answers: Vec<Vec<String>> =
        test.targets.iter().map(|cells| cells.iter().map(str::to_owned).collect()).collect();
    for target in targets(&names, &answers) {
        for by in columns() {
            let groups: Vec<&str> = by.cells.iter().collect();
            if !sorted_within(&target, &groups) {
                continue;
            }
            // Documents may stand by their date, or by what a first search said of them.
            let is_natural = columns().any(|other| {
                let cells: Vec<String> = other.cells.iter().map(str::to_owned).collect();
                other.name != by.name && rises_within(&groups, &cells)
            });
            if is_natural {
                return None;
            }
            let message = format!(
                "within the groups of {} the test rows stand sorted by their answers ({}). {}",
                shown(&by.name),
                shown(&target.name),
                info.mend
            );
            return Some(info.finding(cx.name_in_public(&test.path), message));
        }
    }
    None
}

/// The examples in some order.
struct Listing {
    of: &'static str,
    /// The archive in which they stand so.
    archive: Option<String>,
    /// Rows of the sheet.
    rows: Vec<usize>,
}

fn listings(sheet: &Sheet, pair: &Pair, split: &Split) -> Vec<Listing> {
    let mut listings = Vec::new();
    let mut add = |of, rows: Vec<usize>| {
        if rows.len() * 10 >= sheet.ids.len() * 9 {
            listings.push(Listing { of, archive: None, rows });
        }
    };
    if !sheet.are_unique {
        add("sample submission", (0..sheet.ids.len()).collect());
        return listings;
    }
    if split.test_has_table {
        add("test table", split.test.ids.iter().filter_map(|id| sheet.position(id)).collect());
    }
    let of_sample = pair.sample.rows.iter().filter_map(|row| sheet.position(row.get(pair.id)?));
    add("sample submission", of_sample.collect());
    let mut by_number: Vec<(f64, usize)> =
        sheet.ids.iter().enumerate().filter_map(|(row, id)| Some((trailing_number(id)?, row))).collect();
    by_number.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    add("numbers in the ids", by_number.into_iter().map(|(_, row)| row).collect());
    listings
}

/// The test files in the order in which archives hold them.
fn members(sheet: &Sheet, public: &Public) -> impl Iterator<Item = Listing> {
    archives(public, sheet).into_iter().map(|archive| Listing {
        of: "files in this archive",
        rows: archive.members.into_iter().map(|(row, _)| row).collect(),
        archive: Some(archive.path),
    })
}

/// True when the order is that of something else: of time, of groups, or, for numbers, that of the training examples
/// too.
fn is_natural(
    listing: &Listing,
    sheet: &Sheet,
    split: &Split,
    target: &Target,
    origin: Option<&Origin>,
) -> bool {
    if is_explained(&split.test) && listing.of == "test table" {
        return true;
    }
    let mut by_row = vec![None; sheet.ids.len()];
    for (at, id) in split.test.ids.iter().enumerate() {
        if let Some(place) = sheet.position(id).and_then(|row| by_row.get_mut(row)) {
            *place = Some(at);
        }
    }
    let in_order = || listing.rows.iter().filter_map(|row| by_row.get(*row).copied().flatten());
    let by_feature = split
        .test
        .features
        .iter()
        .take(200)
        .any(|feature| explains(in_order().map(|at| feature.cells.get(at))));
    let ids_are_dates = listing
        .rows
        .iter()
        .take(50)
        .all(|row| sheet.ids.get(*row).is_some_and(|id| crate::leakage::order::date(id).is_some()));
    by_feature
        || ids_are_dates
        || (matches!(target.values, Values::Numbers(_))
            && train_is_sorted(split, &target.name)
            && origin.is_none_or(|origin| goes_as_raw(origin, in_order())))
}

/// True when the examples stand in the order of their raw rows: nobody sorted them.
fn goes_as_raw(origin: &Origin, examples: impl Iterator<Item = usize>) -> bool {
    let places: HashMap<usize, usize> = origin.test.iter().copied().collect();
    let places: Vec<f64> = examples.filter_map(|row| Some(*places.get(&row)? as f64)).collect();
    let order: Vec<f64> = (0..places.len()).map(|at| at as f64).collect();
    spearman(&places, &order).is_none_or(|rho| rho.abs() >= AS_RAW)
}

fn train_is_sorted(split: &Split, name: &str) -> bool {
    let Some(train) = &split.train else { return false };
    let names: Vec<&str> = split.predicted.iter().map(String::as_str).collect();
    let columns: Vec<Vec<String>> =
        train.targets.iter().map(|cells| cells.iter().take(20_000).map(str::to_owned).collect()).collect();
    targets(&names, &columns).iter().any(|target| target.name == name && order(target) != Order::Mixed)
}
