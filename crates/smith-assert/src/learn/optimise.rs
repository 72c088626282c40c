//! Minimum of a smooth convex function by the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno.

use std::collections::VecDeque;

/// Steps whose curvature is remembered.
const MEMORY: usize = 8;
/// Share of the expected decrease that a step must bring.
const DECREASE: f64 = 1e-4;

/// Goes down from `start` for at most `steps` steps. `function` writes the gradient and returns the value.
pub(super) fn minimise(
    start: Vec<f64>,
    steps: usize,
    tolerance: f64,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Vec<f64> {
    let mut at = start;
    let mut gradient = vec![0.0; at.len()];
    let mut value = function(&at, &mut gradient);
    let mut memory: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    for _ in 0..steps {
        if gradient.iter().all(|slope| slope.abs() <= tolerance) {
            break;
        }
        let direction = descent(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        if !slope.is_finite() || slope >= 0.0 {
            break;
        }
        let first = if memory.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
        let Some((next, next_gradient, next_value)) =
            search(&at, &direction, value, slope, first, &mut function)
        else {
            break;
        };
        let step: Vec<f64> = next.iter().zip(&at).map(|(new, old)| new - old).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        if dot(&step, &change) > 1e-12 * dot(&change, &change).max(f64::MIN_POSITIVE) {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back((step, change));
        }
        (at, gradient, value) = (next, next_gradient, next_value);
    }
    at
}

/// The direction in which the remembered curvature expects the minimum.
fn descent(gradient: &[f64], memory: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for (step, change) in memory.iter().rev() {
        let share = dot(step, &direction) / dot(step, change);
        add(&mut direction, -share, change);
        shares.push(share);
    }
    if let Some((step, change)) = memory.back() {
        let scale = dot(step, change) / dot(change, change);
        direction.iter_mut().for_each(|value| *value *= scale);
    }
    for ((step, change), share) in memory.iter().zip(shares.into_iter().rev()) {
        let correction = dot(change, &direction) / dot(step, change);
        add(&mut direction, share - correction, step);
    }
    direction
}

/// The first of ever shorter steps that brings enough.
fn search(
    at: &[f64],
    direction: &[f64],
    value: f64,
    slope: f64,
    first: f64,
    function: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Option<(Vec<f64>, Vec<f64>, f64)> {
    let mut length = first;
    let mut gradient = vec![0.0; at.len()];
    for _ in 0..25 {
        let mut next = at.to_vec();
        add(&mut next, length, direction);
        let next_value = function(&next, &mut gradient);
        if next_value <= value + DECREASE * length * slope {
            return Some((next, gradient, next_value));
        }
        length *= 0.5;
    }
    None
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], share: f64, other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(to, other)| *to += share * other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_of_a_narrow_valley_is_found() {
        let found = minimise(vec![5.0, -3.0], 100, 1e-9, |at, gradient| {
            let (x, y) = (at[0] - 1.0, at[1] - 2.0);
            gradient.copy_from_slice(&[2.0 * x + y, 200.0 * y + x]);
            x * x + 100.0 * y * y + x * y
        });
        assert!((found[0] - 1.0).abs() < 1e-6 && (found[1] - 2.0).abs() < 1e-6, "{found:?}");
    }
}
