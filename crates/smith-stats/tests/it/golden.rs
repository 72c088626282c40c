//! Figures of the paper, and of scipy, numpy and pingouin on the paper's ratings.
//! `tests/fixtures/make_agreement.py` made the file and says how.

use serde_json::Value;
use smith_stats::{agreement, correlation, summary};

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/agreement.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Nine significant digits; below one, nine decimals.
#[track_caller]
fn agrees(found: f64, reference: &Value, what: &str) {
    let reference = reference.as_f64().unwrap();
    assert!(
        (found - reference).abs() <= 5e-10 * reference.abs().max(1.0),
        "{what}: {found}, reference {reference}"
    );
}

#[test]
fn table_2_of_the_paper_follows_from_table_1() {
    let fixture = fixture();
    for row in fixture["printed"].as_array().unwrap() {
        let [x, y] = ["a", "b"].map(|side| numbers(&fixture["overall"]["sets"][text(&row[side])]));
        let figures = [
            correlation::pearson(&x, &y),
            correlation::r_squared(&x, &y),
            correlation::spearman(&x, &y),
            correlation::kendall_tau_b(&x, &y),
            agreement::lin_ccc(&x, &y),
            agreement::top_k_overlap(&x, &y, 3),
            agreement::top_k_overlap(&x, &y, 5),
        ];
        let rounded: Vec<f64> =
            figures.into_iter().map(|figure| (figure.unwrap() * 1e3).round() / 1e3).collect();
        assert_eq!(rounded, numbers(&row["figures"]), "{} and {}", row["a"], row["b"]);
    }
}

#[test]
fn pairs_agree_with_scipy() {
    let fixture = fixture();
    for group in ["overall", "tied"] {
        for pair in fixture[group]["pairs"].as_array().unwrap() {
            let [x, y] = ["a", "b"].map(|side| numbers(&fixture[group]["sets"][text(&pair[side])]));
            agrees(correlation::pearson(&x, &y).unwrap(), &pair["pearson"], "pearson");
            agrees(correlation::r_squared(&x, &y).unwrap(), &pair["r_squared"], "r_squared");
            agrees(correlation::spearman(&x, &y).unwrap(), &pair["spearman"], "spearman");
            agrees(correlation::kendall_tau_b(&x, &y).unwrap(), &pair["kendall"], "kendall");
            agrees(agreement::lin_ccc(&x, &y).unwrap(), &pair["ccc"], "ccc");
            let limits = serde_json::to_value(agreement::bland_altman(&x, &y).unwrap()).unwrap();
            for name in ["bias", "sd", "lower", "upper"] {
                agrees(limits[name].as_f64().unwrap(), &pair["bland_altman"][name], name);
            }
            for (k, overlap) in pair["top_k"].as_object().unwrap() {
                agrees(agreement::top_k_overlap(&x, &y, k.parse().unwrap()).unwrap(), overlap, k);
            }
        }
    }
}

#[test]
fn reliability_agrees_with_pingouin() {
    let fixture = fixture();
    for group in ["overall", "tied"] {
        let sets: Vec<_> = fixture[group]["sets"].as_object().unwrap().values().map(numbers).collect();
        let reference = &fixture[group]["reliability"];
        agrees(agreement::cronbach_alpha(&sets).unwrap(), &reference["cronbach_alpha"], "cronbach_alpha");
        let icc = serde_json::to_value(agreement::icc(&sets).unwrap()).unwrap();
        for (form, value) in reference["icc"].as_object().unwrap() {
            agrees(icc[form].as_f64().unwrap(), value, form);
        }
    }
}

#[test]
fn summaries_agree_with_numpy() {
    let fixture = fixture();
    for group in ["overall", "tied"] {
        for (name, reference) in fixture[group]["summaries"].as_object().unwrap() {
            let values = numbers(&fixture[group]["sets"][name]);
            agrees(summary::mean(&values).unwrap(), &reference["mean"], name);
            agrees(summary::sd(&values).unwrap(), &reference["sd"], name);
            for quantile in reference["quantiles"].as_array().unwrap() {
                let probability = quantile[0].as_f64().unwrap();
                agrees(summary::quantile(&values, probability).unwrap(), &quantile[1], name);
            }
        }
    }
}
