//! The name of a dataset, from where it lies.

use std::path::{Path, PathBuf};

use crate::source::kind::split_compression;

/// Folders that say nothing about what they hold.
const GENERIC: [&str; 2] = ["raw", "data"];

/// A short name in lower case for the dataset at `root`: its folder's name with `_` for everything but letters
/// and digits. A folder called `raw` or `data` is named after its parent, a single file without its extensions.
#[must_use]
pub fn dataset_name(root: &Path) -> String {
    let absolute = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
    let resolved = absolute.canonicalize().unwrap_or(absolute);
    let named = if resolved.is_file() { without_endings(&resolved) } else { resolved };
    let name = named
        .iter()
        .rev()
        .map(|part| slug(&part.to_string_lossy()))
        .find(|slug| !slug.is_empty() && !GENERIC.contains(&slug.as_str()));
    name.unwrap_or_else(|| String::from("dataset"))
}

/// The path of a file without its extension, and without the one before that of what is packed: `a.tar.gz`, `a.csv.zst`.
fn without_endings(file: &Path) -> PathBuf {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_packed = split_compression(&name).is_some();
    let plain = file.with_extension("");
    if is_packed { plain.with_extension("") } else { plain }
}

/// True for a folder that is called after its role, so that its parent belongs to the dataset.
pub(crate) fn is_generic(root: &Path) -> bool {
    root.file_name().is_some_and(|name| GENERIC.contains(&slug(&name.to_string_lossy()).as_str()))
}

fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_first_telling_folder() {
        let cases = [
            ("/tmp-x/Palmer Penguins/", "palmer_penguins"),
            ("/tmp-x/penguins/raw", "penguins"),
            ("/tmp-x/penguins/data/raw/", "penguins"),
            ("/tmp-x/iris-2.0", "iris_2_0"),
            ("/raw", "dataset"),
            ("/tmp-x/Größen", "größen"),
        ];
        for (path, name) in cases {
            assert_eq!(dataset_name(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn a_file_loses_its_extension() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("Wine Quality.csv");
        std::fs::write(&file, "a\n").unwrap();
        assert_eq!(dataset_name(&file), "wine_quality");
    }
}
