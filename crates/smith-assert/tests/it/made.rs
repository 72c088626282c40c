//! Small prepared tasks with known signal, written by the tests themselves.

use std::path::PathBuf;

use smith_assert::Subject;
use smith_exec::Runtime;
use smith_task_schema::{LayoutKind, TaskLayout};
use tempfile::TempDir;

/// Chance that comes out the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.share() * bound as f64) as usize
    }

    /// Mean 0, deviation 1, by and large.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// Rows of a table as text, the features first and the target last.
pub(crate) struct Examples {
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A task that is already prepared.
pub(crate) struct Made {
    pub(crate) dir: TempDir,
    pub(crate) layout: TaskLayout,
}

pub(crate) const ACCURACY: &str = "float((answers == guesses).mean())";
pub(crate) const RMSE: &str = "float((((answers - guesses) ** 2).mean()) ** 0.5)";
pub(crate) const AREA: &str = "__import__('sklearn.metrics').metrics.roc_auc_score(answers, guesses)";

impl Made {
    /// Splits the examples after `train` of them; the sample predicts `sample` everywhere.
    pub(crate) fn new(examples: &Examples, train: usize, sample: &str, formula: &str, higher: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let layout = TaskLayout::at(LayoutKind::Workdir, &dir.path().join("task"));
        std::fs::create_dir_all(&layout.public).unwrap();
        std::fs::create_dir_all(&layout.private).unwrap();
        let made = Self { dir, layout };
        made.write_tables(examples, train, sample);
        let metric =
            METRIC.replace("FORMULA", formula).replace("HIGHER", if higher { "True" } else { "False" });
        std::fs::write(&made.layout.metric, metric).unwrap();
        made
    }

    fn write_tables(&self, examples: &Examples, train: usize, sample: &str) {
        let (target, features) = examples.columns.split_last().unwrap();
        let (mut learnt, mut test) =
            (format!("id,{}\n", examples.columns.join(",")), format!("id,{}\n", features.join(",")));
        let (mut answers, mut samples) = (format!("id,{target}\n"), format!("id,{target}\n"));
        for (id, row) in examples.rows.iter().enumerate() {
            if id < train {
                learnt += &format!("{id},{}\n", row.join(","));
            } else {
                let (value, features) = row.split_last().unwrap();
                test += &format!("{id},{}\n", features.join(","));
                answers += &format!("{id},{value}\n");
                samples += &format!("{id},{sample}\n");
            }
        }
        for (path, text) in [
            (self.public("train.csv"), learnt),
            (self.public("test.csv"), test),
            (self.layout.sample_submission(), samples),
            (self.layout.test_answer(), answers),
        ] {
            std::fs::write(path, text).unwrap();
        }
    }

    pub(crate) fn public(&self, name: &str) -> PathBuf {
        self.layout.public.join(name)
    }

    pub(crate) fn subject(&self, runtime: &Runtime) -> Subject {
        Subject::new(self.layout.clone(), Some(runtime.clone()), self.dir.path().join("scratch"))
    }
}

const METRIC: &str = r#"from typing import Any
import pandas as pd
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError

class Made(CompetitionMetrics):
    def __init__(self, value: str = "target", higher_is_better: bool = HIGHER):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame) -> float:
        answers = y_true.sort_values("id")[self.value].reset_index(drop=True)
        guesses = y_pred.sort_values("id")[self.value].reset_index(drop=True)
        return FORMULA

    def validate_submission(self, submission: Any, ground_truth: Any) -> str:
        if list(submission.columns) != list(ground_truth.columns):
            raise InvalidSubmissionError("columns")
        if set(submission["id"]) != set(ground_truth["id"]) or submission["id"].duplicated().any():
            raise InvalidSubmissionError("ids")
        return "ok"
"#;
