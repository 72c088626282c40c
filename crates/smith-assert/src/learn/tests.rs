//! The learners against scikit-learn: `tests/golden/learners.py` makes the expected values.

use serde_json::Value;

use super::boosting::{self, Settings};
use super::*;

const TRAIN: usize = 120;

struct Golden(Value);

impl Golden {
    fn read() -> Self {
        Self(serde_json::from_str(include_str!("../../tests/golden/learners.json")).unwrap())
    }

    /// A list of numbers, or of rows; what is missing is no number.
    fn matrix(&self, name: &str) -> Matrix {
        let rows = self.0[name].as_array().unwrap();
        let number = |value: &Value| value.as_f64().map_or(f32::NAN, |number| number as f32);
        let width = rows[0].as_array().map_or(1, Vec::len);
        let mut matrix = Matrix::zeros(rows.len(), width);
        for (at, row) in rows.iter().enumerate() {
            let values: Vec<f32> =
                row.as_array().map_or_else(|| vec![number(row)], |row| row.iter().map(number).collect());
            matrix.row_mut(at).copy_from_slice(&values);
        }
        matrix
    }

    fn sides(&self, name: &str) -> (Matrix, Matrix) {
        let all = self.matrix(name);
        let rows: Vec<usize> = (0..all.rows()).collect();
        let (train, test) = rows.split_at(TRAIN);
        (all.pick(train), all.pick(test))
    }

    /// Classes as one column each.
    fn classes(&self) -> Matrix {
        let (labels, _) = self.sides("label");
        let mut classes = Matrix::zeros(TRAIN, 3);
        for row in 0..TRAIN {
            classes.row_mut(row)[labels.row(row)[0] as usize] = 1.0;
        }
        classes
    }
}

fn assert_near(found: &Matrix, expected: &Matrix, tolerance: f32) {
    assert_eq!((found.rows(), found.columns()), (expected.rows(), expected.columns()));
    for row in 0..found.rows() {
        for (found, expected) in found.row(row).iter().zip(expected.row(row)) {
            assert!((found - expected).abs() <= tolerance, "row {row}: {found} is not {expected}");
        }
    }
}

fn design(dense: Matrix) -> Design {
    Design { rows: dense.rows(), dense, sparse: None }
}

#[test]
fn linear_models_agree() {
    let golden = Golden::read();
    let (train, test) = golden.sides("x");
    let (train, test) = (design(train), design(test));
    let ridge = linear::fit(&train, &golden.sides("number").0, Loss::Squared, 3.0);
    assert_near(&ridge.predict(&test), &golden.matrix("ridge"), 1e-4);
    let logistic = linear::fit(&train, &golden.classes(), Loss::Softmax, 2.0);
    assert_near(&logistic.predict(&test), &golden.matrix("logistic"), 1e-3);
}

#[test]
fn sparse_columns_are_learnt_like_dense_ones() {
    let golden = Golden::read();
    let (train, test) = golden.sides("x");
    let sparse = |x: &Matrix| {
        let mut sparse = Sparse::new(x.columns());
        (0..x.rows()).for_each(|row| sparse.push_row((0..).zip(x.row(row).iter().copied())));
        Design { dense: Matrix::default(), sparse: Some(sparse), rows: x.rows() }
    };
    let ridge = linear::fit(&sparse(&train), &golden.sides("number").0, Loss::Squared, 3.0);
    assert_near(&ridge.predict(&sparse(&test)), &golden.matrix("ridge"), 1e-4);
}

#[test]
fn neighbours_agree() {
    let golden = Golden::read();
    let (train, test) = golden.sides("apart");
    let near = neighbours::nearest(&train, &test, 5);
    let found = neighbours::mean_of(&near, &golden.sides("number").0);
    assert_near(&found, &golden.matrix("neighbours"), 1e-4);
}

#[test]
fn boosted_trees_agree() {
    let golden = Golden::read();
    let (train, test) = golden.sides("x");
    let settings = Settings { rounds: 25, depth: 4, rate: 0.1, leaf_rows: 8, penalty: 1.0 };
    let numbers = boosting::fit(&train, &golden.sides("number").0, Loss::Squared, &settings);
    assert_near(&numbers.predict(&test), &golden.matrix("boosted_number"), 1e-3);
    let classes = boosting::fit(&train, &golden.classes(), Loss::Softmax, &settings);
    assert_near(&classes.predict(&test), &golden.matrix("boosted_label"), 1e-3);
}

#[test]
fn what_is_missing_goes_to_the_side_that_it_resembles() {
    let mut x = Matrix::zeros(200, 1);
    let mut y = Matrix::zeros(200, 1);
    for row in 0..200 {
        let value = if row % 4 == 0 { f32::NAN } else { (row % 10) as f32 };
        x.row_mut(row)[0] = value;
        y.row_mut(row)[0] = if value.is_nan() || value > 6.0 { 1.0 } else { 0.0 };
    }
    let settings = Settings { penalty: 0.0, ..Settings::default() };
    let found = boosting::fit(&x, &y, Loss::Squared, &settings).predict(&x);
    assert_near(&found, &y, 0.02);
}

#[test]
fn any_number_of_cores_gives_the_same_bits() {
    let golden = Golden::read();
    let (train, test) = golden.sides("x");
    let predict = || {
        let boosted = boosting::fit(&train, &golden.classes(), Loss::Softmax, &Settings::default());
        let linear = linear::fit(&design(train.clone()), &golden.classes(), Loss::Softmax, 1.0);
        (boosted.predict(&test), linear.predict(&design(test.clone())))
    };
    let on =
        |cores: usize| rayon::ThreadPoolBuilder::new().num_threads(cores).build().unwrap().install(predict);
    assert!(on(1) == on(3));
}
