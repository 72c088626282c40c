//! The task's scripts, run on copies.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use smith_exec::{JobResult, PrepareHow, Runtime};
use smith_task_schema::{LayoutKind, TaskLayout, hash};
use tempfile::TempDir;

use super::Subject;
use super::copies::{self, Tree, copy_tree};
use crate::AssertError;

/// What `prepare()` made of the raw dataset.
pub(crate) struct PrepareRun {
    _dir: TempDir,
    base: PathBuf,
    pub(crate) result: JobResult,
    /// Files that it left in its working directory.
    pub(crate) left: Vec<String>,
    /// Paths outside of its directories that it changed or tried to change.
    pub(crate) strayed: Vec<String>,
    /// Files of `raw/` that it left with another content; none for the second run.
    pub(crate) rewritten: Vec<String>,
    pub(crate) public: Tree,
    pub(crate) private: Tree,
    /// What it made in `public` and `private` that is no file, or has no name, each with what it is.
    pub(crate) odd: Vec<(String, String)>,
    /// Names of files of the original dataset that were not the same after the first run; none for the second.
    pub(crate) raw_changed: Vec<String>,
}

/// Which of the two runs of `prepare()`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// The environment that every run gets.
    First,
    /// Another hash seed, time zone, locale, directory and number of processors, and files in another order.
    Second,
}

/// The Designer's `prepare.py` and then its `test.py`, run as scripts in a copy of the work directory.
pub(crate) struct DesignRun {
    _dir: TempDir,
    pub(crate) prepare: JobResult,
    /// Absent when `prepare.py` failed or there is no `test.py`.
    pub(crate) test: Option<JobResult>,
    /// Every `sample_submission.csv` that came out.
    pub(crate) samples: Vec<PathBuf>,
    /// Every `test_answer.csv` that came out.
    pub(crate) answers: Vec<PathBuf>,
    root: PathBuf,
}

/// `test.py`, run in a copy of the task.
pub(crate) struct TestRun {
    pub(crate) result: JobResult,
}

/// Entries of a task's root that are copied one by one, because layouts put them in different places.
const DATA_PARTS: &[&str] = &["raw", "public", "private", "data"];
/// Names of directories in which no product is looked for.
const NOT_PRODUCTS: &[&str] = &["raw", "samples"];
const SAMPLE: &str = "sample_submission.csv";
const ANSWERS: &str = "test_answer.csv";

impl Subject {
    /// One of the two runs of `prepare()`, made once.
    pub(crate) async fn prepare_run(&self, which: Which) -> Result<&PrepareRun, AssertError> {
        self.0.prepare[which as usize].get_or_try_init(|| self.run_prepare(which)).await
    }

    /// The first run of `prepare()`, when it went well.
    pub(crate) async fn prepared(&self) -> Result<&PrepareRun, AssertError> {
        let run = self.prepare_run(Which::First).await?;
        if run.result.status.is_ok() {
            return Ok(run);
        }
        Err(AssertError::not_run("prepare() did not run to its end (R111)"))
    }

    /// The Designer's scripts, run once.
    pub(crate) async fn design_run(&self) -> Result<&DesignRun, AssertError> {
        self.0.design.get_or_try_init(|| self.run_design()).await
    }

    /// `test.py`, run once.
    pub(crate) async fn test_run(&self) -> Result<&TestRun, AssertError> {
        self.0.test.get_or_try_init(|| self.run_test()).await
    }

    /// Hashes of the files below a directory of the task.
    pub(crate) async fn tree(&self, root: &Path) -> Result<Tree, AssertError> {
        copies::tree(root).await
    }

    async fn run_prepare(&self, which: Which) -> Result<PrepareRun, AssertError> {
        let runtime = self.needed_runtime()?;
        let layout = self.layout();
        needs_script(layout, &layout.prepare)?;
        needs_raw(layout)?;
        // The second run gets a copy: the original is watched once.
        let before = match which {
            Which::First => Some(copies::tree(&layout.raw).await?),
            Which::Second => None,
        };
        let dir = self.scratch_dir(which.prefix())?;
        let base = which.base(dir.path());
        let parts = PrepareParts::at(&base);
        parts.fill(layout)?;
        let raw = match which {
            Which::First => layout.raw.clone(),
            Which::Second => copied_otherwise(&layout.raw, &dir.path().join("raw")).await?,
        };
        let PrepareParts { script, public, private } = &parts;
        let run = runtime.prepare_watched(script, &raw, public, private, &which.how()).await?;
        if raw != layout.raw {
            // What is compared later are the products alone.
            std::fs::remove_dir_all(&raw).map_err(AssertError::io(&raw))?;
        }
        let raw_changed = match before {
            Some(before) => hash::differing(&before, &copies::tree(&layout.raw).await?),
            None => Vec::new(),
        };
        let odd = match which {
            Which::First => [("public", public), ("private", private)]
                .into_iter()
                .map(|(name, part)| {
                    let odd = copies::odd_entries(part)?.into_iter();
                    Ok(odd.map(|(path, what)| (format!("{name}/{path}"), what)).collect::<Vec<_>>())
                })
                .collect::<Result<Vec<_>, AssertError>>()?
                .concat(),
            Which::Second => Vec::new(),
        };
        Ok(PrepareRun {
            odd,
            public: copies::tree(public).await?,
            private: copies::tree(private).await?,
            raw_changed,
            result: run.result,
            left: run.left,
            strayed: run.strayed,
            rewritten: run.rewritten,
            base,
            _dir: dir,
        })
    }

    async fn run_design(&self) -> Result<DesignRun, AssertError> {
        let runtime = self.needed_runtime()?;
        let layout = self.layout();
        needs_script(layout, &layout.prepare)?;
        needs_raw(layout)?;
        let dir = self.scratch_dir("design-")?;
        let root = dir.path().join("work");
        copy_tree(&layout.root, &root, &["raw"]).await?;
        copy_tree(&layout.raw, &root.join("raw"), &[]).await?;
        // What an earlier run left must not pass for a product of this one.
        for product in [products(&root, SAMPLE)?, products(&root, ANSWERS)?].concat() {
            std::fs::remove_file(&product).map_err(AssertError::io(&product))?;
        }
        let prepare = run_script(runtime, &root, "prepare.py").await?;
        let with_test = prepare.status.is_ok() && root.join("test.py").is_file();
        let (samples, answers) = (products(&root, SAMPLE)?, products(&root, ANSWERS)?);
        let test = if with_test { Some(run_script(runtime, &root, "test.py").await?) } else { None };
        Ok(DesignRun { prepare, test, samples, answers, root, _dir: dir })
    }

    async fn run_test(&self) -> Result<TestRun, AssertError> {
        let runtime = self.needed_runtime()?;
        let layout = self.layout();
        needs_script(layout, &layout.test)?;
        needs_raw(layout)?;
        let dir = self.scratch_dir("test-")?;
        let root = dir.path().join("work");
        copy_tree(&layout.root, &root, DATA_PARTS).await?;
        for (part, name) in [(&layout.raw, "raw"), (&layout.public, "public"), (&layout.private, "private")] {
            if part.is_dir() {
                copy_tree(part, &root.join(name), &[]).await?;
            }
        }
        let result = run_script(runtime, &root, "test.py").await?;
        if result.status.is_ok() || layout.kind != LayoutKind::Package {
            return Ok(TestRun { result });
        }
        // A test that looks for the data where the package has it is as right.
        let data = root.join("data");
        std::fs::create_dir_all(&data).map_err(AssertError::io(&data))?;
        for name in ["raw", "public", "private"] {
            let (from, to) = (root.join(name), data.join(name));
            if from.is_dir() {
                std::fs::rename(&from, &to).map_err(AssertError::io(&from))?;
            }
        }
        let in_package = run_script(runtime, &root, "test.py").await?;
        Ok(TestRun { result: if in_package.status.is_ok() { in_package } else { result } })
    }
}

impl PrepareRun {
    /// The path of a product: `public/train.csv`.
    pub(crate) fn product(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }
}

impl DesignRun {
    /// A product's path within the work directory.
    pub(crate) fn name(&self, product: &Path) -> String {
        product.strip_prefix(&self.root).unwrap_or(product).to_string_lossy().into_owned()
    }
}

impl Which {
    fn prefix(self) -> &'static str {
        match self {
            Self::First => "prepare-",
            Self::Second => "again-",
        }
    }

    /// The second run lies deeper, so that output which depends on paths or their length differs.
    fn base(self, dir: &Path) -> PathBuf {
        match self {
            Self::First => dir.to_path_buf(),
            Self::Second => dir.join("another place").join("éà"),
        }
    }

    fn how(self) -> PrepareHow {
        match self {
            Self::First => PrepareHow::default(),
            Self::Second => PrepareHow {
                hash_seed: 4_242,
                time_zone: on_another_day(SystemTime::now()).to_owned(),
                locale: "C".to_owned(),
                user: "somebody".to_owned(),
                threads: 2,
                place: "other data/ü/deeper".to_owned(),
                other_machine: true,
            },
        }
    }
}

/// A time zone in which it is another day than in UTC, so that a script that writes the date is always found.
fn on_another_day(now: SystemTime) -> &'static str {
    const DAY: u64 = 24 * 3600;
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    if since % DAY < DAY / 2 { "Etc/GMT+12" } else { "Pacific/Kiritimati" }
}

/// Largest dataset that is copied to have its files in another order, in bytes.
const MOST_COPIED: u64 = 2 << 30;

/// A copy of a dataset whose files came in the opposite order and have other times; the dataset itself when it is too
/// large for that.
async fn copied_otherwise(raw: &Path, to: &Path) -> Result<PathBuf, AssertError> {
    let (raw, to) = (raw.to_path_buf(), to.to_path_buf());
    let work = move || {
        let mut files = copies::list_files(&raw)?;
        let sizes = files.iter().filter_map(|name| std::fs::metadata(raw.join(name)).ok());
        if sizes.map(|meta| meta.len()).sum::<u64>() > MOST_COPIED {
            return Ok(raw);
        }
        files.reverse();
        copies::copy_skeleton(&raw, &to)?;
        for (position, name) in files.iter().enumerate() {
            copy_with_time(&raw.join(name), &to.join(name), position as u64)?;
        }
        Ok(to)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(AssertError::Broken(error.to_string())),
    }
}

fn copy_with_time(from: &Path, to: &Path, position: u64) -> Result<(), AssertError> {
    /// Some time in 2001.
    const THEN: u64 = 1_000_000_000;
    std::fs::copy(from, to).map_err(AssertError::io(from))?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(THEN + position);
    // A file that may not be written keeps the time of its copy, which is another one too.
    if let Ok(file) = std::fs::File::options().append(true).open(to) {
        file.set_modified(time).map_err(AssertError::io(to))?;
    }
    Ok(())
}

/// Where one run of `prepare()` finds its parts, beside the dataset.
struct PrepareParts {
    script: PathBuf,
    public: PathBuf,
    private: PathBuf,
}

impl PrepareParts {
    fn at(base: &Path) -> Self {
        Self { script: base.join("prepare.py"), public: base.join("public"), private: base.join("private") }
    }

    /// Makes the two directories, which exist before `prepare()` is called, and copies the script.
    fn fill(&self, layout: &TaskLayout) -> Result<(), AssertError> {
        for dir in [&self.public, &self.private] {
            std::fs::create_dir_all(dir).map_err(AssertError::io(dir))?;
        }
        std::fs::copy(&layout.prepare, &self.script).map_err(AssertError::io(&layout.prepare))?;
        Ok(())
    }
}

async fn run_script(runtime: &Runtime, root: &Path, script: &str) -> Result<JobResult, AssertError> {
    Ok(runtime.run_file(root, &root.join(script), &[], runtime.limits()).await?)
}

fn needs_script(layout: &TaskLayout, script: &Path) -> Result<(), AssertError> {
    if script.is_file() {
        return Ok(());
    }
    Err(AssertError::not_run(format!("{} is missing", layout.relative(script))))
}

fn needs_raw(layout: &TaskLayout) -> Result<(), AssertError> {
    if layout.raw.is_dir() {
        return Ok(());
    }
    Err(AssertError::not_run(format!("{}/ is missing", layout.relative(&layout.raw))))
}

/// Files called `name` below `root`, in order of their paths.
fn products(root: &Path, name: &str) -> Result<Vec<PathBuf>, AssertError> {
    let files = copies::list_files(root)?;
    let is_product = |path: &&String| {
        let excluded = path.split_once('/').is_some_and(|(first, _)| NOT_PRODUCTS.contains(&first));
        !excluded && path.rsplit('/').next() == Some(name)
    };
    Ok(files.iter().filter(is_product).map(|path| root.join(path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_time_zone_has_another_day_at_every_hour() {
        for hour in 0..24_u32 {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(3600 * u64::from(hour));
            let shift = if on_another_day(now) == "Etc/GMT+12" { -12 } else { 14 };
            assert_ne!((i64::from(hour) + shift).div_euclid(24), 0, "{hour}");
        }
    }
}
