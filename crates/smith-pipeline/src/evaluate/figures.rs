//! Ratings and curves of an evaluation.

use smith_stats::StatsError;
use smith_stats::curves::{CurveOptions, Curves, Step};
use smith_stats::elo::{EloOptions, Score, ScoreTable, Standings, rate};

use super::results::{EvaluationResults, ScoreRow, StepRow};

/// Elo ratings over all cells that came to their end, overall and by category. A model without a valid submission loses a task to
/// all that have one; a cell that was left open has no part in it.
///
/// # Errors
/// Too little to rate.
pub fn standings(results: &EvaluationResults, options: &EloOptions) -> Result<Standings, StatsError> {
    let rows: Vec<Score> = results.scores.iter().map(score).collect();
    rate(&ScoreTable::from_rows(&rows)?.battles()?, options)
}

/// How the best score so far grows, step by step: see [`smith_stats::curves`]. Curves are as long as the longest run.
///
/// # Errors
/// No step at all.
pub fn curves(results: &EvaluationResults) -> Result<Curves, StatsError> {
    let rows: Vec<Step> = results.steps.iter().map(step).collect();
    let mut options = CurveOptions::default();
    options.length = rows.iter().map(|row| row.step).max().unwrap_or(1);
    Curves::of(&rows, &options)
}

fn score(row: &ScoreRow) -> Score {
    Score {
        task: row.task.clone(),
        model: row.model.clone(),
        score: row.score,
        higher_is_better: row.higher_is_better,
        category: row.category.clone(),
        run: Some(row.run.to_string()),
    }
}

fn step(row: &StepRow) -> Step {
    Step {
        task: row.task.clone(),
        model: row.model.clone(),
        category: row.category.clone(),
        run: Some(row.run.to_string()),
        step: row.step as usize,
        score: row.score,
        higher_is_better: row.higher_is_better,
    }
}
