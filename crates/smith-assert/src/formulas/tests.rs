//! The formulas against scikit-learn and scipy: `tests/golden/formulas.py` makes the expected values.

use serde_json::Value;

use super::*;

/// The formula of each figure of a case.
fn measure(case: &str, figure: &str) -> Measure {
    const OWN: Columns = Columns::Mean;
    let all = usize::MAX;
    match (case, figure) {
        (_, "accuracy") => Measure::Accuracy(OWN),
        (_, "accuracy_pooled") => Measure::Accuracy(Columns::Pooled),
        (_, "exact") => Measure::Exact,
        (_, "balanced") => Measure::BalancedAccuracy(OWN),
        (_, "f1_macro") => Measure::Classes(Part::F(1.0), Average::Macro),
        (_, "f1_micro") => Measure::Classes(Part::F(1.0), Average::Micro),
        (_, "f1_weighted") => Measure::Classes(Part::F(1.0), Average::Weighted),
        (_, "f1_samples") => Measure::Classes(Part::F(1.0), Average::Samples),
        (_, "f1_one") => Measure::Classes(Part::F(1.0), Average::One(true)),
        (_, "f1_zero") => Measure::Classes(Part::F(1.0), Average::One(false)),
        (_, "f2_macro") => Measure::Classes(Part::F(2.0), Average::Macro),
        (_, "precision_macro") => Measure::Classes(Part::Precision, Average::Macro),
        (_, "recall_weighted") => Measure::Classes(Part::Recall, Average::Weighted),
        (_, "jaccard_macro") => Measure::Classes(Part::Jaccard, Average::Macro),
        (_, "jaccard_one") => Measure::Classes(Part::Jaccard, Average::One(true)),
        (_, "mcc") => Measure::Matthews(OWN),
        (_, "kappa") => Measure::Kappa(Weights::None, true),
        (_, "kappa_linear") => Measure::Kappa(Weights::Linear, true),
        (_, "kappa_quadratic") => Measure::Kappa(Weights::Quadratic, false),
        (_, "log_loss") => Measure::LogLoss(OWN),
        (_, "log_loss_rows") => Measure::LogLossOfRows,
        (_, "brier") => Measure::Brier(false),
        (_, "brier_rows") => Measure::Brier(true),
        (_, "auc" | "auc_mean") => Measure::Auc(OWN),
        (_, "auc_pooled") => Measure::Auc(Columns::Pooled),
        (_, "auc_weighted") => Measure::AucWeighted,
        (_, "average_precision" | "ap_mean") => Measure::AveragePrecision(OWN),
        (_, "pr_area") => Measure::PrecisionRecallArea(OWN),
        (_, "mae") => Measure::Mae(OWN),
        (_, "mse") => Measure::Mse(OWN),
        (_, "rmse") => Measure::Rmse(OWN),
        (_, "msle") => Measure::Msle(true, OWN),
        (_, "rmsle") => Measure::Rmsle(true, OWN),
        (_, "mape") => Measure::Mape(false, OWN),
        (_, "smape") => Measure::Smape(false, OWN),
        (_, "median") => Measure::MedianError(OWN),
        (_, "max") => Measure::MaxError(OWN),
        (_, "r2") => Measure::R2(OWN),
        (_, "explained") => Measure::ExplainedVariance(OWN),
        (_, "pearson") => Measure::Pearson(OWN),
        (_, "spearman") => Measure::Spearman(OWN),
        (_, "kendall") => Measure::Kendall(OWN),
        (_, "pinball_0.1") => Measure::Pinball(Some(0.1), false),
        (_, "ndcg@3") => Measure::NdcgAt(3, false, Discount::Usual, false),
        (_, "ndcg@5") => Measure::NdcgAt(5, false, Discount::Usual, false),
        (_, "ndcg_exp") => Measure::NdcgAt(all, true, Discount::Usual, false),
        (_, "map") => Measure::MapAt(all, Denominator::Relevant, false),
        (_, "map@3") => Measure::MapAt(3, Denominator::Reachable, false),
        (_, "mrr") => Measure::MrrAt(all, false),
        (_, "recall@4") => Measure::RecallAt(4, false),
        (_, "precision@4") => Measure::PrecisionAt(4, false),
        (_, "hit@2") => Measure::HitAt(2),
        (_, "dice") => Measure::Mask(Overlap::Dice, false, true),
        (_, "dice_pooled") => Measure::Mask(Overlap::Dice, true, true),
        (_, "iou") => Measure::Mask(Overlap::Iou, false, true),
        (_, "recall") => Measure::Mask(Overlap::Recall, false, true),
        (_, "wer") => Measure::Edit(true, EditRate::OfAll),
        (_, "cer") => Measure::Edit(false, EditRate::OfAll),
        (_, "edit_mean") => Measure::Edit(false, EditRate::Mean),
        other => panic!("{other:?}"),
    }
}

fn side(case: &Value, name: &str) -> Vec<Vec<String>> {
    serde_json::from_value(case[name].clone()).unwrap()
}

#[test]
fn figures_are_those_of_other_implementations() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../tests/golden/formulas.json")).unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let (truth, given) = (side(&case, "truth"), side(&case, "given"));
        let names = (0..truth.len()).map(|at| format!("column {at}")).collect();
        let mut sheet = Sheet::new(names, truth, given).unwrap();
        if name == "rankings" {
            let groups = (0..sheet.rows()).map(|row| row / 8).collect();
            sheet = sheet.grouped(groups);
        }
        for (figure, expected) in case["figures"].as_object().unwrap() {
            let value = measure(name, figure).value(&sheet).unwrap_or_else(|| panic!("{name}: {figure}"));
            let expected = expected.as_f64().unwrap();
            assert!(
                (value - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{name} {figure}: {value} {expected}"
            );
        }
    }
}

#[test]
fn what_does_not_fit_gives_nothing() {
    let sheet = |truth: &[&str], given: &[&str]| {
        let cells = |side: &[&str]| vec![side.iter().map(|cell| (*cell).to_owned()).collect()];
        Sheet::new(vec!["y".to_owned()], cells(truth), cells(given)).unwrap()
    };
    let labels = sheet(&["a", "b"], &["a", "a"]);
    assert_eq!(Measure::Rmse(Columns::Mean).value(&labels), None);
    assert_eq!(Measure::Auc(Columns::Mean).value(&labels), None);
    assert_eq!(Measure::Mask(Overlap::Dice, false, true).value(&labels), None);
    assert_eq!(Measure::Accuracy(Columns::Pooled).value(&labels), None);
    let numbers = sheet(&["1", "-3"], &["1", "2"]);
    assert_eq!(Measure::Rmsle(true, Columns::Mean).value(&numbers), None);
    assert_eq!(Measure::R2(Columns::Mean).value(&sheet(&["1", "1"], &["1", "2"])), None);
    assert_eq!(Measure::Mask(Overlap::Dice, false, true).value(&sheet(&["5 4 7 2"], &["1 2"])), None);
    assert!(Sheet::new(vec!["y".to_owned()], vec![vec![]], vec![vec![]]).is_none());
}
