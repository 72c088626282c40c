//! Intake and profiling of raw datasets: facts, overview and previews
mod error;
pub mod table;
pub use error::DataError;
pub use smith_task_schema::profile::DatasetProfile;
use std::path::Path;

/// How far a profile goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ProfileOptions {
    /// Name of the dataset instead of the folder's.
    pub name: Option<String>,
    /// Rows of a table that are read; a longer table is flagged as partial.
    pub max_table_rows: u64,
    /// Files that are opened to look inside.
    pub max_files_opened: usize,
}
impl Default for ProfileOptions {
    fn default() -> Self {
        Self { name: None, max_table_rows: 2_000_000, max_files_opened: 5_000 }
    }
}
/// Which part of a file is shown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreviewOptions {
    /// First line to show, from 1.
    pub first_line: u64,
    /// Number of lines or rows.
    pub lines: u64,
    /// Length of the text in bytes.
    pub max_bytes: usize,
}
impl Default for PreviewOptions {
    fn default() -> Self {
        Self { first_line: 1, lines: 200, max_bytes: 16_000 }
    }
}
/// A part of a file as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What to read.
    pub text: String,
    /// Kind.
    pub kind: String,
}
/// Profile.
pub fn profile(root: &Path, options: &ProfileOptions) -> Result<DatasetProfile, DataError> {
    let _ = options;
    Err(DataError::NotFound(root.to_path_buf()))
}
/// Overview.
pub fn overview(profile: &DatasetProfile, _budget_bytes: usize) -> String {
    profile.name.clone()
}
/// Preview.
pub fn preview(path: &Path, _options: &PreviewOptions) -> Result<Preview, DataError> {
    Err(DataError::NotFound(path.to_path_buf()))
}
/// Name.
pub fn dataset_name(_root: &Path) -> String {
    String::from("dataset")
}
/// Learnable.
pub fn learnable(_profile: &DatasetProfile) -> Result<(), String> {
    Ok(())
}
