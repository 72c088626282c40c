//! Ranks, and how two series go together by them.

/// Pearson's correlation of two series of one length; none when one of them is constant.
pub(crate) fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len()) as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n.max(1.0);
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - mean_a) * (y - mean_b);
        aa += (x - mean_a).powi(2);
        bb += (y - mean_b).powi(2);
    }
    let rho = ab / (aa * bb).sqrt();
    rho.is_finite().then_some(rho)
}

/// Spearman's correlation; equal values share their mean rank.
pub(crate) fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

/// Places in order, from 0; equal values share the mean of theirs.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let value = |at: usize| values.get(at).copied().unwrap_or(f64::NAN);
    order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for group in order.chunk_by(|&a, &b| value(a) == value(b)) {
        let rank = first as f64 + (group.len() as f64 - 1.0) / 2.0;
        for &at in group {
            if let Some(place) = ranks.get_mut(at) {
                *place = rank;
            }
        }
        first += group.len();
    }
    ranks
}

/// How well a threshold on `values` tells the rows that are `yes` from the others: the probability that a random one of
/// these has the greater value. 0.5 is chance; none when one of the sides is empty.
pub(crate) fn auc(values: &[f64], yes: &[bool]) -> Option<f64> {
    let ranks = ranks(values);
    let positives = yes.iter().filter(|yes| **yes).count() as f64;
    let negatives = yes.len() as f64 - positives;
    let sum: f64 = ranks.iter().zip(yes).filter(|(_, yes)| **yes).map(|(rank, _)| rank + 1.0).sum();
    let auc = (sum - positives * (positives + 1.0) / 2.0) / (positives * negatives);
    auc.is_finite().then_some(auc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations() {
        assert!((spearman(&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0, 1e3]).unwrap() - 1.0).abs() < 1e-12);
        assert!((spearman(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
        assert!(pearson(&[1.0, 1.0], &[1.0, 2.0]).is_none());
        assert_eq!(ranks(&[5.0, 1.0, 5.0]), [1.5, 0.0, 1.5]);
        assert_eq!(auc(&[0.1, 0.2, 0.9], &[false, false, true]), Some(1.0));
        assert_eq!(auc(&[0.5, 0.5], &[false, true]), Some(0.5));
        assert_eq!(auc(&[0.5, 0.5], &[true, true]), None);
    }
}
