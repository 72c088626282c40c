//! Finding the tasks that a caller names by folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use smith_task_schema::{TaskLayout, ids};

use super::config::PlayedTask;
use crate::error::PipelineError;

/// Most folders that are looked into.
const MAX_FOLDERS: usize = 100_000;

/// The tasks in `places`, in order of their paths: each place is a task itself, the directory of a run, or a folder of either.
/// Tasks that `known` has keep their names there. Blocks.
///
/// # Errors
/// A mistake when a place holds no task.
pub fn find_tasks(places: &[PathBuf], known: &[PlayedTask]) -> Result<Vec<PlayedTask>, PipelineError> {
    let mut taken: BTreeSet<String> = known.iter().map(|task| task.id.clone()).collect();
    let mut found: Vec<PlayedTask> = Vec::new();
    for place in places {
        let paths = tasks_at(place, 2);
        if paths.is_empty() {
            return Err(PipelineError::Mistake(format!(
                "--tasks {}: there is no task; name a task, a run that made some, or a folder of either",
                place.display()
            )));
        }
        for path in paths {
            let path = path.canonicalize().unwrap_or(path);
            if path.to_str().is_none() {
                return Err(PipelineError::Mistake(format!(
                    "--tasks: {} is not UTF-8; rename the folder",
                    path.display()
                )));
            }
            if found.iter().any(|task| task.path == path) {
                continue;
            }
            let id = match known.iter().find(|task| task.path == path) {
                Some(task) => task.id.clone(),
                None => untaken(&path, &mut taken),
            };
            found.push(PlayedTask { id, path });
        }
    }
    Ok(found)
}

fn tasks_at(place: &Path, depth: u32) -> Vec<PathBuf> {
    if TaskLayout::detect(place).is_ok() {
        return vec![place.to_path_buf()];
    }
    if place.join("run.toml").is_file() {
        // What a run rejected is no task to be measured on.
        return tasks_at(&place.join("tasks"), 1);
    }
    if depth == 0 {
        return Vec::new();
    }
    let mut folders: Vec<PathBuf> = std::fs::read_dir(place)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .take(MAX_FOLDERS)
        .collect();
    folders.sort();
    folders.iter().flat_map(|folder| tasks_at(folder, depth - 1)).collect()
}

/// The folder's name, with a number behind it where another task has that.
fn untaken(path: &Path, taken: &mut BTreeSet<String>) -> String {
    let name = ids::slug(&path.file_name().unwrap_or_default().to_string_lossy());
    let mut id = name.clone();
    let mut number = 2_u32;
    while !taken.insert(id.clone()) {
        id = format!("{name}-{number}");
        number += 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(root: &Path, name: &str) {
        std::fs::create_dir_all(root.join(name).join("data/public")).unwrap();
    }

    #[test]
    fn tasks_runs_and_folders_of_both_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        task(root, "runs/one/tasks/tea");
        task(root, "runs/one/rejected/milk");
        std::fs::write(root.join("runs/one/run.toml"), "").unwrap();
        task(root, "loose/tea");
        task(root, "loose/rye");
        std::fs::create_dir(root.join("empty")).unwrap();
        let ids = |places: &[&str], known: &[PlayedTask]| -> Vec<String> {
            let places: Vec<PathBuf> = places.iter().map(|place| root.join(place)).collect();
            find_tasks(&places, known).unwrap().into_iter().map(|task| task.id).collect()
        };
        assert_eq!(ids(&["runs"], &[]), ["tea"], "what was rejected is left out");
        assert_eq!(ids(&["runs/one", "loose"], &[]), ["tea", "rye", "tea-2"]);
        assert_eq!(ids(&["loose/tea", "loose"], &[]), ["tea", "rye"], "each once");
        let known =
            [PlayedTask { id: "old".to_owned(), path: root.join("loose/tea").canonicalize().unwrap() }];
        assert_eq!(ids(&["loose"], &known), ["rye", "old"]);
        let error = find_tasks(&[root.join("empty")], &[]).unwrap_err();
        assert!(error.is_mistake() && error.to_string().contains("no task"), "{error}");
    }
}
