//! Figures of the paper, and of scipy, numpy, statsmodels and pingouin on the paper's ratings.
//! `tests/fixtures/make_agreement.py` made the file and says how.

use serde_json::Value;
use smith_stats::{Interval, agreement, correlation, summary};

const LEVEL: f64 = 0.95;

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

/// Small chances to nine digits too.
#[track_caller]
fn chance_agrees(found: Option<f64>, reference: &Value, what: &str) {
    let (found, reference) = (found.unwrap(), reference.as_f64().unwrap());
    assert!((found - reference).abs() <= 1e-9 * reference + 1e-15, "{what}: {found}, reference {reference}");
}

#[track_caller]
fn interval_agrees(found: Option<Interval>, reference: &Value, what: &str) {
    let Interval { low, high } = found.unwrap();
    agrees(low, &reference[0], what);
    agrees(high, &reference[1], what);
}

#[test]
fn what_the_paper_says_besides_its_table_follows_too() {
    let fixture = fixture();
    let sets = &fixture["overall"]["sets"];
    for row in fixture["printed"].as_array().unwrap() {
        let [x, y] = ["a", "b"].map(|side| numbers(&sets[text(&row[side])]));
        let limits = agreement::bland_altman(&x, &y).unwrap();
        let half = ((limits.upper - limits.lower) / 2.0 * 10.0).round() / 10.0;
        assert_eq!(half, row["limits"].as_f64().unwrap(), "{} and {}", row["a"], row["b"]);
        // Both sets are centred: what bias there is comes from the rounding of the printed ratings.
        assert!(limits.bias.abs() < 0.06, "{limits:?}");
    }
    let raters: Vec<_> = sets.as_object().unwrap().values().map(numbers).collect();
    let three_digits = |value: f64| (value * 1e3).round() / 1e3;
    let printed = &fixture["printed_reliability"];
    assert_eq!(three_digits(agreement::cronbach_alpha(&raters).unwrap()), printed["cronbach_alpha"]);
    assert_eq!(three_digits(agreement::icc(&raters).unwrap().icc_2_1), printed["icc"]);
}

#[test]
fn tests_and_intervals_of_pairs_agree_with_scipy() {
    let fixture = fixture();
    for group in ["overall", "tied"] {
        for pair in fixture[group]["pairs"].as_array().unwrap() {
            let [x, y] = ["a", "b"].map(|side| numbers(&fixture[group]["sets"][text(&pair[side])]));
            let (p, intervals) = (&pair["p"], &pair["intervals"]);
            let pearson = correlation::pearson_estimate(&x, &y, LEVEL).unwrap();
            chance_agrees(pearson.p, &p["pearson"], "pearson");
            interval_agrees(pearson.interval, &intervals["pearson"], "pearson");
            let r2 = correlation::r_squared_estimate(&x, &y, LEVEL).unwrap();
            chance_agrees(r2.p, &p["regression"], "r2");
            let spearman = correlation::spearman_estimate(&x, &y, LEVEL).unwrap();
            chance_agrees(spearman.p, &p["spearman"], "spearman");
            interval_agrees(spearman.interval, &intervals["spearman"], "spearman");
            let kendall = correlation::kendall_estimate(&x, &y, LEVEL).unwrap();
            chance_agrees(kendall.p, &p["kendall"], "kendall");
            interval_agrees(kendall.interval, &intervals["kendall"], "kendall");
            let ccc = agreement::ccc_estimate(&x, &y, LEVEL).unwrap();
            interval_agrees(ccc.interval, &intervals["ccc"], "ccc");
            let limits = agreement::bland_altman_intervals(&x, &y, LEVEL).unwrap();
            chance_agrees(limits.bias_p, &p["bias"], "bias");
            for (name, found) in [("bias", limits.bias), ("lower", limits.lower), ("upper", limits.upper)] {
                interval_agrees(found, &intervals[name], name);
            }
            for (k, reference) in p["top_k"].as_object().unwrap() {
                chance_agrees(agreement::top_k_chance(&x, &y, k.parse().unwrap()).ok(), reference, k);
            }
        }
    }
}

#[test]
fn intervals_of_reliability_agree_with_pingouin() {
    let fixture = fixture();
    for group in ["overall", "tied"] {
        let sets: Vec<_> = fixture[group]["sets"].as_object().unwrap().values().map(numbers).collect();
        let reference = &fixture[group]["reliability"];
        let interval = agreement::cronbach_alpha_interval(&sets, LEVEL).unwrap();
        interval_agrees(interval, &reference["cronbach_alpha_interval"], "cronbach_alpha");
        for (form, test) in agreement::icc_tests(&sets, LEVEL).unwrap() {
            let reference = &reference["icc_tests"][form];
            agrees(test.f.unwrap(), &reference["f"], form);
            agrees(test.df1, &reference["df1"], form);
            agrees(test.df2, &reference["df2"], form);
            chance_agrees(test.p, &reference["p"], form);
            interval_agrees(test.interval, &reference["interval"], form);
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
