//! Planting: a copy of a sound task, the defect in its sources, and what the defect adds.

use std::fs;
use std::path::{Component, Path, PathBuf};

use smith_core::schema::TaskLayout;

use super::case::{Append, Bank, BankError, Case, Defect, Edit};

/// Copies the sound task of `case` into the new directory `root`.
///
/// # Errors
/// [`BankError`] when it cannot be copied, or is no task.
pub fn copy_sound(bank: &Bank, case: &Case, root: &Path) -> Result<TaskLayout, BankError> {
    copy_folder(&bank.task(&case.task), root)?;
    TaskLayout::detect(root).map_err(|error| BankError(error.to_string()))
}

/// Makes the edits, additions and removals of `defect` in the sources of `task`, which are what lies neither in
/// `public` nor in `private`, and lays the defect's own files over them.
///
/// # Errors
/// [`BankError`] when a passage does not stand in its file exactly once, or a file is not there.
pub fn plant_in_sources(defect: &Defect, task: &str, layout: &TaskLayout) -> Result<(), BankError> {
    for edit in defect.edits.iter().filter(|edit| is_for(&edit.of, task)) {
        make(edit, layout).map_err(|error| BankError(format!("{} in {task}: {error}", defect.name)))?;
    }
    for append in defect.appends.iter().filter(|append| is_for(&append.of, task)) {
        add(append, layout)?;
    }
    remove(defect, layout, false)?;
    lay_over(defect, layout, false)
}

/// Lays the defect's own files over the prepared data, and takes away what the defect takes away there.
///
/// # Errors
/// [`BankError`] when a file is not there or cannot be written.
pub fn plant_in_data(defect: &Defect, layout: &TaskLayout) -> Result<(), BankError> {
    remove(defect, layout, true)?;
    lay_over(defect, layout, true)
}

/// The program that runs `plant.py` of `defect` on a prepared task; nothing when there is none.
///
/// # Errors
/// [`BankError`] when the file cannot be read.
pub fn script(defect: &Defect, layout: &TaskLayout) -> Result<Option<String>, BankError> {
    let path = defect.folder.join("plant.py");
    if !path.is_file() {
        return Ok(None);
    }
    let source = fs::read_to_string(&path).map_err(|error| BankError::io("read", &path, &error))?;
    let place = |path: &Path| format!("Path({:?})", layout.relative(path));
    Ok(Some(format!(
        "{source}\n\nfrom pathlib import Path\nplant(raw={}, public={}, private={})\n",
        place(&layout.raw),
        place(&layout.public),
        place(&layout.private)
    )))
}

/// Where `name`, which is the same in all layouts, lies in this one.
///
/// # Errors
/// [`BankError`] when the name leads out of the task.
pub fn resolve(name: &str, layout: &TaskLayout) -> Result<PathBuf, BankError> {
    let path = Path::new(name);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(BankError(format!("{name:?} is not a path within a task")));
    }
    let below = |folder: &Path| path.iter().skip(1).fold(folder.to_path_buf(), |path, part| path.join(part));
    Ok(match path.iter().next().and_then(|part| part.to_str()) {
        Some("raw") => below(&layout.raw),
        Some("public") => below(&layout.public),
        Some("private") => below(&layout.private),
        _ => match name {
            "description.txt" => layout.description.clone(),
            "prepare.py" => layout.prepare.clone(),
            "metric.py" => layout.metric.clone(),
            "test.py" => layout.test.clone(),
            _ => layout.root.join(path),
        },
    })
}

fn is_for(of: &[String], task: &str) -> bool {
    of.is_empty() || of.iter().any(|name| name == task)
}

/// Whether the name means what `prepare.py` writes.
fn is_data(name: &str) -> bool {
    name.starts_with("public/") || name.starts_with("private/")
}

fn make(edit: &Edit, layout: &TaskLayout) -> Result<(), BankError> {
    let path = resolve(&edit.file, layout)?;
    let text = fs::read_to_string(&path).map_err(|error| BankError::io("read", &path, &error))?;
    let text = replaced_once(&text, &edit.find, &edit.replace)
        .map_err(|count| BankError(format!("{:?} occurs {count} times in {}", edit.find, edit.file)))?;
    fs::write(&path, text).map_err(|error| BankError::io("write", &path, &error))
}

/// `text` with `find` replaced, or how often `find` occurs when that is not once.
fn replaced_once(text: &str, find: &str, replace: &str) -> Result<String, usize> {
    match text.matches(find).count() {
        1 if !find.is_empty() => Ok(text.replacen(find, replace, 1)),
        count => Err(count),
    }
}

fn add(append: &Append, layout: &TaskLayout) -> Result<(), BankError> {
    let path = resolve(&append.file, layout)?;
    let text = fs::read_to_string(&path).map_err(|error| BankError::io("read", &path, &error))?;
    fs::write(&path, text + &append.text).map_err(|error| BankError::io("write", &path, &error))
}

fn remove(defect: &Defect, layout: &TaskLayout, data: bool) -> Result<(), BankError> {
    for name in defect.removes.iter().filter(|name| is_data(name) == data) {
        let path = resolve(name, layout)?;
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| BankError::io("remove", &path, &error))?;
    }
    Ok(())
}

fn lay_over(defect: &Defect, layout: &TaskLayout, data: bool) -> Result<(), BankError> {
    let folder = defect.folder.join("files");
    for file in files_below(&folder)? {
        let name: Vec<_> =
            file.strip_prefix(&folder).unwrap_or(&file).iter().map(|part| part.to_string_lossy()).collect();
        let name = name.join("/");
        if is_data(&name) == data {
            copy_file(&file, &resolve(&name, layout)?)?;
        }
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), BankError> {
    for file in files_below(from)? {
        copy_file(&file, &to.join(file.strip_prefix(from).unwrap_or(&file)))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), BankError> {
    let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(from, to));
    copied.map(|_| ()).map_err(|error| BankError::io("copy", from, &error))
}

/// Every file below `folder`, sorted; none when there is no such folder.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, BankError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        let entries = fs::read_dir(&folder).map_err(|error| BankError::io("read", &folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| BankError::io("read", &folder, &error))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::case::Choice;
    use super::*;

    fn place(files: &[(&str, &str)]) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    fn defect(folder: &Path, changes: &str) -> Defect {
        let head = "of = [\"a\", \"b\"]\nlayer = \"static\"\nseverity = \"must-reject\"\nsays = \"x\"\n";
        Defect { folder: folder.to_path_buf(), ..toml::from_str(&format!("{head}{changes}")).unwrap() }
    }

    #[test]
    fn a_passage_is_replaced_only_when_it_stands_there_once() {
        assert_eq!(replaced_once("a b", "b", "c"), Ok("a c".to_owned()));
        assert_eq!(replaced_once("a b b", "b", "c"), Err(2));
        assert_eq!(replaced_once("a", "b", "c"), Err(0));
        assert!(replaced_once("a", "", "c").is_err());
    }

    #[test]
    fn a_name_is_found_in_every_layout() {
        let table = [
            (["data/raw/x", "prepare.py"], "data/public/n", "metric.py"),
            (["raw/x", "prepare.py"], "public/n", "metric.py"),
            (["raw/x", "utils/prepare.py"], "data/public/n", "utils/metric.py"),
        ];
        for (files, public, metric) in table {
            let place = place(&files.map(|name| (name, "")));
            let layout = TaskLayout::detect(place.path()).unwrap();
            let found = |name| layout.relative(&resolve(name, &layout).unwrap());
            assert_eq!((found("public/n").as_str(), found("metric.py").as_str()), (public, metric));
            assert_eq!(found("raw/x"), files[0]);
            assert!(resolve("../x", &layout).is_err());
        }
    }

    #[test]
    fn changes_are_made_in_their_task_and_their_half_alone() {
        let task = place(&[("prepare.py", "one\n"), ("raw/x", "x"), ("public/y", "y"), ("raw/z", "z")]);
        let own = place(&[("files/raw/x", "new x"), ("files/public/y", "new y")]);
        let changes = "removes = [\"raw/z\"]\n\
                       [[edits]]\nof = [\"a\"]\nfile = \"prepare.py\"\nfind = \"one\"\nreplace = \"two\"\n\
                       [[edits]]\nof = [\"b\"]\nfile = \"prepare.py\"\nfind = \"not there\"\nreplace = \"\"\n\
                       [[appends]]\nfile = \"prepare.py\"\ntext = \"end\\n\"\n";
        let defect = defect(own.path(), changes);
        let layout = TaskLayout::detect(task.path()).unwrap();
        let read = |name: &str| fs::read_to_string(task.path().join(name)).ok();

        plant_in_sources(&defect, "a", &layout).unwrap();
        assert_eq!(read("prepare.py").as_deref(), Some("two\nend\n"));
        assert_eq!((read("raw/x").as_deref(), read("public/y").as_deref()), (Some("new x"), Some("y")));
        assert_eq!(read("raw/z"), None);

        plant_in_data(&defect, &layout).unwrap();
        assert_eq!(read("public/y").as_deref(), Some("new y"));

        let error = plant_in_sources(&defect, "b", &layout).unwrap_err().to_string();
        assert!(error.contains("in b: \"not there\" occurs 0 times in prepare.py"), "{error}");
    }

    /// The bank itself, without running anything: every defect parses, and every passage stands in its file once.
    #[test]
    fn every_defect_of_the_bank_can_be_planted_in_its_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/bank");
        let bank = Bank::read(&root).unwrap();
        let mut broken = Vec::new();
        for case in bank.cases(&Choice::default()) {
            let place = tempfile::tempdir().unwrap();
            let layout = copy_sound(&bank, &case, &place.path().join("task")).unwrap();
            if let Some(defect) = &case.defect {
                broken.extend(plant_in_sources(defect, &case.task, &layout).err());
            }
        }
        assert_eq!(broken, []);
    }
}
