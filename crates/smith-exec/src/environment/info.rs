//! What a task tells its participants: read once, when a session begins.

use std::fs;
use std::path::Path;

use serde_json::{Map, Number, Value, json};
use smith_task_schema::TaskLayout;

use super::session::PUBLIC;
use super::tree;
use crate::ExecError;

/// Rows of the sample submission that are shown.
const SAMPLE_ROWS: usize = 3;

/// What `request_info` can be asked for; `all` gives the others together.
pub const INFO_TYPES: [&str; 8] = [
    "overview",
    "sample_submission",
    "data_structure",
    "data_path",
    "output_path",
    "name",
    "metadata",
    "all",
];

/// State of the session that its metadata show.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    pub(super) higher_is_better: bool,
    pub(super) steps_used: u32,
    pub(super) steps_left: Option<u32>,
    /// Options that are not what they are by default.
    pub(super) options: Map<String, Value>,
}

/// What a task tells its participants.
#[derive(Debug, Clone)]
pub(super) struct TaskInfo {
    name: String,
    overview: String,
    sample: Sample,
    structure: String,
}

impl TaskInfo {
    /// Reads the information from the session's fresh copy of the public directory, in which there are no
    /// links. The description beside the scripts stands in for one that is missing there.
    ///
    /// # Errors
    /// [`ExecError::Task`] when there is no description or no readable sample submission.
    pub(super) fn read(name: &str, task: &TaskLayout, public: &Path) -> Result<Self, ExecError> {
        let overview = text(&public.join("description.txt")).or_else(|| text(&task.description));
        let overview =
            overview.ok_or_else(|| ExecError::Task { message: "description.txt is missing".into() })?;
        let structure = match text(&public.join("data_structure.txt")) {
            Some(structure) => structure,
            None => tree::draw(PUBLIC, public).map_err(ExecError::io(public))?,
        };
        let sample = Sample::read(&public.join("sample_submission.csv"))?;
        Ok(Self { name: name.to_owned(), overview, sample, structure })
    }

    /// The information of the named type, or of all types, as `(name, value)`; nothing for an unknown name.
    pub(super) fn select(&self, info_type: &str, progress: &Progress) -> Vec<(&'static str, Value)> {
        INFO_TYPES
            .into_iter()
            .filter(|name| info_type == "all" || info_type == *name)
            .filter_map(|name| Some((name, self.value(name, progress)?)))
            .collect()
    }

    fn value(&self, name: &str, progress: &Progress) -> Option<Value> {
        Some(match name {
            "overview" => json!(self.overview),
            "sample_submission" => self.sample.to_value(),
            "data_structure" => json!(self.structure),
            "data_path" => json!(PUBLIC),
            "output_path" => json!("."),
            "name" => json!(self.name),
            "metadata" => self.metadata(progress),
            _ => return None,
        })
    }

    fn metadata(&self, progress: &Progress) -> Value {
        let mut metadata = progress.options.clone();
        metadata.insert("name".into(), json!(self.name));
        metadata.insert("higher_is_better".into(), json!(progress.higher_is_better));
        metadata.insert("submission_columns".into(), json!(self.sample.columns));
        metadata.insert("steps_used".into(), json!(progress.steps_used));
        metadata.insert("steps_left".into(), json!(progress.steps_left));
        Value::Object(metadata)
    }
}

/// The selected information as text for an agent.
pub(super) fn feedback(selected: &[(&'static str, Value)]) -> String {
    let mut out = String::from("=== Competition Info ===\n");
    for (name, value) in selected {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out += &format!("{name}:\n{}\n", shown.trim_end());
    }
    out
}

/// Header, size and first rows of the sample submission.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    columns: Vec<String>,
    rows: usize,
    head: Vec<Vec<String>>,
}

impl Sample {
    fn read(path: &Path) -> Result<Self, ExecError> {
        let unreadable = |error: csv::Error| ExecError::Task {
            message: format!("sample_submission.csv cannot be read: {error}"),
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(unreadable)?;
        let columns = cells(reader.byte_headers().map_err(unreadable)?);
        let (mut rows, mut head) = (0, Vec::new());
        for record in reader.byte_records() {
            let record = record.map_err(unreadable)?;
            if rows < SAMPLE_ROWS {
                head.push(cells(&record));
            }
            rows += 1;
        }
        Ok(Self { columns, rows, head })
    }

    fn to_value(&self) -> Value {
        let column = |index: usize| -> Value {
            self.head.iter().map(|row| row.get(index).map_or(Value::Null, |text| cell_value(text))).collect()
        };
        let head: Map<_, _> =
            self.columns.iter().enumerate().map(|(i, name)| (name.clone(), column(i))).collect();
        json!({"columns": self.columns, "row_count": self.rows, "head": head})
    }
}

fn cells(record: &csv::ByteRecord) -> Vec<String> {
    record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
}

/// A number when the number's own form is that of the cell, so that `007` stays text.
fn cell_value(cell: &str) -> Value {
    match serde_json::from_str::<Number>(cell) {
        Ok(number) if number.to_string() == cell => json!(number),
        _ => json!(cell),
    }
}

fn text(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_become_numbers_only_in_their_own_form() {
        assert_eq!(cell_value("12"), json!(12));
        assert_eq!(cell_value("-0.5"), json!(-0.5));
        for text in ["007", "1e3", "true", "null", "", "NaN", "\"a\"", "1.50"] {
            assert_eq!(cell_value(text), json!(text));
        }
    }

    #[test]
    fn reads_a_sample_with_a_byte_order_mark_and_short_rows() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "\u{feff}id,y\n1,a\n2\n3,c\n4,d\n").unwrap();
        let value = Sample::read(file.path()).unwrap().to_value();
        let head = json!({"id": [1, 2, 3], "y": ["a", null, "c"]});
        assert_eq!(value, json!({"columns": ["id", "y"], "row_count": 4, "head": head}));
    }
}
