//! Tables of scores, battles and ratings, read from files for [`crate::stats`].

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use smith_data::table::read_csv;
use smith_data::{DataError, FrameLimits, frames};
use smith_stats::StatsError;
use smith_stats::agreement::RatingTable;
use smith_stats::curves::Step;
use smith_stats::elo::{Battles, Score, ScoreTable};

use crate::SmithError;

/// Most bytes of a text file.
const MAX_BYTES: u64 = 1 << 30;
/// Words for a cell without a value, besides the empty one.
const MISSING: [&str; 6] = ["nan", "na", "null", "none", "n/a", "-"];

/// What ratings are made of.
#[derive(Debug, Clone)]
pub enum EloInput {
    /// Raw scores of runs on tasks.
    Scores(ScoreTable),
    /// Battles of two models each.
    Battles(Battles),
}

impl EloInput {
    /// The battles, or those that the scores make.
    ///
    /// # Errors
    /// More models than can be rated together.
    pub fn battles(&self) -> Result<Battles, SmithError> {
        match self {
            Self::Scores(scores) => Ok(scores.battles()?),
            Self::Battles(battles) => Ok(battles.clone()),
        }
    }
}

impl From<StatsError> for SmithError {
    fn from(error: StatsError) -> Self {
        Self::Mistake(error.to_string())
    }
}

/// Reads a comma-separated or Parquet file of scores (`task,model,score,higher_is_better[,category,run]`) or battles
/// (`model_a,model_b,winner[,weight,task,category]`); further columns are left alone. Rows are numbered from 1, below
/// the header. Blocks.
///
/// # Errors
/// A file that cannot be read, a column that is missing, and rows that cannot be used, with their numbers.
pub fn read_elo(path: &Path) -> Result<EloInput, SmithError> {
    let table = Columns::read(path)?;
    let of = |error: StatsError| SmithError::Mistake(format!("{}: {error}", path.display()));
    if table.has("model_a") || table.has("winner") {
        return Ok(EloInput::Battles(table.battles()?));
    }
    ScoreTable::from_rows(&table.scores()?).map(EloInput::Scores).map_err(of)
}

/// Reads a comma-separated or Parquet file of scores alone, as [`read_elo`] takes it. Blocks.
///
/// # Errors
/// As [`read_elo`]; a file of battles.
pub fn read_scores(path: &Path) -> Result<ScoreTable, SmithError> {
    match read_elo(path)? {
        EloInput::Scores(scores) => Ok(scores),
        EloInput::Battles(_) => Err(SmithError::Mistake(format!(
            "{}: battles do not tell how a task scores; give scores: task, model, score, higher_is_better",
            path.display()
        ))),
    }
}

/// Reads a comma-separated or Parquet file of steps (`task,model,step,score,higher_is_better[,category,run]`), such as the
/// table `steps` of an evaluation. Blocks.
///
/// # Errors
/// As [`read_elo`].
pub fn read_steps(path: &Path) -> Result<Vec<Step>, SmithError> {
    let table = Columns::read(path)?;
    let steps = table.parsed("step", "a whole number", |cell| cell.parse().ok())?;
    let step = |(score, step): (Score, usize)| Step {
        task: score.task,
        model: score.model,
        category: score.category,
        run: score.run,
        step,
        score: score.score,
        higher_is_better: score.higher_is_better,
    };
    Ok(table.scores()?.into_iter().zip(steps).map(step).collect())
}

/// Reads a comma-separated or Parquet file of ratings: the column `model`, then one column for every set. Blocks.
///
/// # Errors
/// As [`read_elo`].
pub fn read_ratings(path: &Path) -> Result<RatingTable, SmithError> {
    let table = Columns::read(path)?;
    let models = table.texts("model")?.clone();
    let mut sets = Vec::new();
    for name in table.names.iter().filter(|name| *name != "model") {
        sets.push((name.clone(), table.numbers(name)?));
    }
    RatingTable::new(models, sets)
        .map_err(|error| SmithError::Mistake(format!("{}: {error}", path.display())))
}

/// The columns of a file as text.
struct Columns<'p> {
    path: &'p Path,
    names: Vec<String>,
    cells: HashMap<String, Vec<String>>,
    rows: usize,
}

impl<'p> Columns<'p> {
    fn read(path: &'p Path) -> Result<Self, SmithError> {
        let table = if is_text(path)? { read_text(path) } else { read_binary(path) };
        let (names, columns) = table.map_err(|error| match error {
            DataError::Unreadable { .. } => SmithError::Fault(error.to_string()),
            _ => SmithError::Mistake(error.to_string()),
        })?;
        let rows = columns.first().map_or(0, Vec::len);
        let cells = names.iter().cloned().zip(columns).collect();
        Ok(Self { path, names, cells, rows })
    }

    fn has(&self, name: &str) -> bool {
        self.cells.contains_key(name)
    }

    fn mistake(&self, text: &str) -> SmithError {
        SmithError::Mistake(format!("{}: {text}", self.path.display()))
    }

    fn texts(&self, name: &str) -> Result<&Vec<String>, SmithError> {
        self.cells.get(name).ok_or_else(|| {
            let shown = self.names.iter().take(12).map(|name| smith_data::words::safe_line(name, 40));
            let there: Vec<String> = shown.collect();
            self.mistake(&format!("there is no column {name:?}; the columns are {}", there.join(", ")))
        })
    }

    /// The cells of a column that may be missing as a whole, or cell by cell.
    fn optional(&self, name: &str) -> Vec<Option<&str>> {
        match self.cells.get(name) {
            Some(cells) => {
                cells.iter().map(|cell| Some(cell.trim()).filter(|cell| !cell.is_empty())).collect()
            }
            None => vec![None; self.rows],
        }
    }

    fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, SmithError> {
        self.parsed(name, "a number", |cell| match cell {
            cell if is_missing(cell) => Some(None),
            cell => cell.parse().ok().map(Some),
        })
    }

    /// Every cell of a column, or a message with the rows that are not `what`.
    fn parsed<T>(
        &self,
        name: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, SmithError> {
        let cells = self.texts(name)?;
        let parsed: Vec<Option<T>> = cells.iter().map(|cell| parse(cell.trim())).collect();
        let wrong = || parsed.iter().enumerate().filter(|(_, cell)| cell.is_none()).map(|(index, _)| index);
        if let Some(first) = wrong().next() {
            let example = cells.get(first).map_or("", String::as_str);
            let rows = wrong().map(|index| index + 1).collect();
            let shown = smith_data::words::safe_line(example, 40);
            let problem = format!("`{shown}` in the column {name:?} is not {what}");
            return Err(self.mistake(&StatsError::Rows { rows, problem }.to_string()));
        }
        Ok(parsed.into_iter().flatten().collect())
    }

    fn battles(&self) -> Result<Battles, SmithError> {
        let (a, b) = (self.texts("model_a")?, self.texts("model_b")?);
        let winners = self.parsed("winner", "one of a, b and tie", |cell| cell.parse().ok())?;
        let weights = match self.has("weight") {
            true => self.parsed("weight", "a number", |cell| cell.parse().ok())?,
            false => vec![1.0; self.rows],
        };
        let (tasks, categories) = (self.optional("task"), self.optional("category"));
        let mut battles = Battles::default();
        let rows = a.iter().zip(b).zip(winners).zip(weights).zip(tasks).zip(categories);
        for (((((a, b), winner), weight), task), category) in rows {
            battles
                .push(a.trim(), b.trim(), winner, weight, task, category)
                .map_err(|error| self.mistake(&error.to_string()))?;
        }
        Ok(battles)
    }

    fn scores(&self) -> Result<Vec<Score>, SmithError> {
        let (tasks, models) = (self.texts("task")?, self.texts("model")?);
        let scores = self.numbers("score")?;
        let directions = self.parsed("higher_is_better", "true or false", truth)?;
        let (categories, runs) = (self.optional("category"), self.optional("run"));
        let rows = tasks.iter().zip(models).zip(scores).zip(directions).zip(categories).zip(runs);
        let owned = |cell: Option<&str>| cell.map(str::to_owned);
        Ok(rows
            .map(|(((((task, model), score), higher_is_better), category), run)| Score {
                task: task.trim().to_owned(),
                model: model.trim().to_owned(),
                score,
                higher_is_better,
                category: owned(category),
                run: owned(run),
            })
            .collect())
    }
}

fn is_missing(cell: &str) -> bool {
    cell.is_empty() || MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

fn truth(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// Anything but Parquet and Arrow.
fn is_text(path: &Path) -> Result<bool, SmithError> {
    let mut head = [0_u8; 4];
    match File::open(path).and_then(|mut file| file.read(&mut head)) {
        Ok(read) => Ok(!head.get(..read).is_some_and(|head| head == b"PAR1" || head == b"ARRO")),
        // The reader says what is wrong.
        Err(_) => Ok(true),
    }
}

type Table = (Vec<String>, Vec<Vec<String>>);

fn read_text(path: &Path) -> Result<Table, DataError> {
    let table = read_csv(path, MAX_BYTES)?;
    let mut columns: Vec<Vec<String>> = vec![Vec::with_capacity(table.rows.len()); table.headers.len()];
    for row in table.rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    Ok((table.headers.iter().map(|name| name.trim().to_owned()).collect(), columns))
}

fn read_binary(path: &Path) -> Result<Table, DataError> {
    let malformed = |message: &str| DataError::Malformed {
        path: path.to_path_buf(),
        line: 1,
        message: message.to_owned(),
    };
    let limits = FrameLimits::default();
    let tables = frames(path, &limits)?;
    let Some(frame) = tables.first() else { return Err(malformed("holds no table")) };
    if frame.is_cut() {
        return Err(malformed("holds more rows than can be held at once"));
    }
    let columns = frame.columns().iter().map(|column| column.iter().map(str::to_owned).collect()).collect();
    Ok((frame.names().to_vec(), columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn both_forms_are_told_apart_by_their_columns() {
        let battles = file("winner,model_b,model_a\ntie,x,y\na,x,y\n");
        assert!(matches!(read_elo(battles.path()), Ok(EloInput::Battles(battles)) if battles.len() == 2));
        let scores = file("task,model,score,higher_is_better\nt,x,1.5,True\nt,y,NaN,true\nt,z,,true\n");
        let EloInput::Scores(table) = read_elo(scores.path()).unwrap() else { panic!("no scores") };
        assert_eq!((table.models(), table.tasks()["t"].best("y")), (vec!["x", "y", "z"], None));
    }

    #[test]
    fn mistakes_name_the_file_the_column_and_the_rows() {
        for (text, parts) in [
            ("model_a,model_b\nx,y\n", &["no column \"winner\"", "model_a, model_b"][..]),
            ("task,model,score\nt,x,1\n", &["no column \"higher_is_better\""]),
            (
                "model_a,model_b,winner\nx,y,a\nx,y,c\nx,y,d\n",
                &["rows 2 and 3", "`c`", "one of a, b and tie"],
            ),
            ("model_a,model_b,winner,weight\nx,y,a,-1\n", &["row 1", "the weight is -1"]),
            ("task,model,score,higher_is_better\nt,x,high,true\n", &["row 1", "`high`", "not a number"]),
            ("task,model,score,higher_is_better\nt,x,inf,true\n", &["row 1", "infinite"]),
            ("task,model,score,higher_is_better\nt,x,1,up\n", &["`up`", "true or false"]),
            ("a,b\n1\n", &[":2:", "cells"]),
        ] {
            let file = file(text);
            let error = read_elo(file.path()).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let message = error.to_string();
            assert!(message.starts_with(&file.path().display().to_string()), "{message}");
            assert!(parts.iter().all(|part| message.contains(part)), "{parts:?} in {message}");
        }
        assert_eq!(read_elo(Path::new("nowhere.csv")).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn steps_have_numbers_and_battles_are_no_scores() {
        let steps = file("task,model,step,score,higher_is_better,run\nt,x,1,,true,a\nt,x,2,0.5,true,a\n");
        let read = read_steps(steps.path()).unwrap();
        assert_eq!((read.len(), read[1].step, read[0].score, read[1].score), (2, 2, None, Some(0.5)));
        let wrong = file("task,model,step,score,higher_is_better\nt,x,first,1,true\n");
        assert!(read_steps(wrong.path()).unwrap_err().to_string().contains("row 1: `first`"));
        let battles = file("model_a,model_b,winner\nx,y,a\n");
        assert!(read_scores(battles.path()).unwrap_err().to_string().contains("battles do not tell"));
    }

    #[test]
    fn ratings_are_a_column_for_every_set() {
        let table = read_ratings(file("model,x,y\noak,1,2\nelm,3,4\n").path()).unwrap();
        assert_eq!((table.models(), table.sets().len()), (&["oak".to_owned(), "elm".to_owned()][..], 2));
        let message = read_ratings(file("model,x,y\noak,1,\nelm,3,4\n").path()).unwrap_err().to_string();
        assert!(message.contains("row 1: no finite rating in the set `y`"), "{message}");
    }
}
