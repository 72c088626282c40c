//! `prepare()` and `test.py`, run on copies.

use std::collections::BTreeMap;
use std::path::PathBuf;

use smith_data::words::safe_line;
use smith_task_schema::{Bound, Figure, Finding, Layer, LayoutKind, Severity, TaskLayout, hash};

use super::failed;
use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, Measured, Report, RuleInfo};
use crate::subject::{Script, Subject, Tree, Which, compare, listed};

pub(super) const PREPARE_RUNS: RuleInfo = RuleInfo {
    code: "R111",
    name: "prepare-runs",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() runs on a fresh copy of raw/ and writes the sample submission and the answers.",
    why: "Whoever gets the task makes its data with this call.",
    mend: "Mend prepare.py so that prepare(raw, public, private) runs with any three directories.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const REPRODUCIBLE: RuleInfo = RuleInfo {
    code: "R112",
    name: "prepare-reproducible",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "A second run of prepare() with another hash seed, time zone, locale, user, number of processors and directory, and with files in another order, writes the same bytes.",
    why: "If the split differs from machine to machine, scores cannot be compared and the answers do not fit.",
    mend: "Seed every random choice, sort what comes from sets and directory listings, and write no times or paths.",
    references: &[literature::REPRODUCIBLE],
};

pub(super) const RAW_UNTOUCHED: RuleInfo = RuleInfo {
    code: "R113",
    name: "raw-untouched",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() leaves the original dataset alone; it may do what it likes with the copy that it is given.",
    why: "A script that reaches beyond its arguments destroys what other tasks are made of.",
    mend: "Use the argument `raw` only, never a path of your own.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const SHIPPED_DATA: RuleInfo = RuleInfo {
    code: "R114",
    name: "shipped-data",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "The files in public/ and private/ are those that a fresh prepare() writes.",
    why: "Otherwise the data that was checked is not the data that participants make.",
    mend: "Run prepare() once more and ship what it writes.",
    references: &[literature::REPRODUCIBLE],
};

pub(super) const TEST_PASSES: RuleInfo = RuleInfo {
    code: "R115",
    name: "test-passes",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "`python test.py` ends with exit code 0 in a copy with raw/, public/ and private/ beside it.",
    why: "The task's own tests are its author's statement of what must hold.",
    mend: "Mend test.py, or what it finds wrong; paths must be relative to its own directory.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const TIDY: RuleInfo = RuleInfo {
    code: "R116",
    name: "leaves-nothing-behind",
    severity: Severity::Warning,
    layer: Layer::Dynamic,
    proves: "prepare() leaves no file in its working directory, home or temporary directory.",
    why: "What is left there is found by the next task, and answers may be among it.",
    mend: "Write to `public` and `private` only, and use tempfile.TemporaryDirectory for what is not kept.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const INSIDE: RuleInfo = RuleInfo {
    code: "R117",
    name: "stays-inside",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() writes, renames and deletes nothing outside of the three directories that it is given.",
    why: "It runs on other people's machines, and in a sandbox it fails.",
    mend: "Use the arguments `raw`, `public` and `private` only, and tempfile for what is not kept.",
    references: &[literature::CONFINED],
};

pub(super) const COST: RuleInfo = RuleInfo {
    code: "R118",
    name: "prepare-is-bounded",
    severity: Severity::Warning,
    layer: Layer::Dynamic,
    proves: "prepare() ends well within its limits of time and memory; both are recorded.",
    why: "Whoever gets the task has to run it, on a machine that may be slower.",
    mend: "Read and write the data in parts, and leave out what the task does not need.",
    references: &[literature::SLOW_INPUTS, literature::CONFINED],
};

pub(super) const SOMETHING_PUBLIC: RuleInfo = RuleInfo {
    code: "R119",
    name: "public-has-data",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() writes at least one file besides the sample submission into `public`.",
    why: "Participants need something to learn from.",
    mend: "Write the training data and the test data without its answers into `public`.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const NOT_REWRITTEN: RuleInfo = RuleInfo {
    code: "R120",
    name: "raw-not-rewritten",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() leaves no file of `raw` behind with another content than it had.",
    why: "A second run starts from what the first one made of the data, and whoever has only the rewritten files can no \
          longer tell what the task was made of.",
    mend: "Keep what is cleaned in memory, or write it to a file of its own in a temporary directory.",
    references: &[literature::HACKING],
};

pub(super) const WRITES_FILES: RuleInfo = RuleInfo {
    code: "R121",
    name: "prepare-writes-files",
    severity: Severity::Error,
    layer: Layer::Dynamic,
    proves: "prepare() leaves nothing but files and directories in `public` and `private`: no links, pipes, sockets or devices.",
    why: "A link shows what lies where it leads, the answers too, and on another machine it leads to nothing.",
    mend: "Write the data into a file of its own (`shutil.copyfile` for a copy).",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Part of the limit of time or memory from which on prepare() is too close to it.
const CLOSE: f64 = 0.5;

/// Length to which names of files are shown.
const SHOWN: usize = 120;

/// Files that tools add to the data after `prepare()`: they need not come out of it.
const ADDED_LATER: [&str; 4] = [
    "public/description.txt",
    "public/data_structure.txt",
    "private/public_leaderboard.csv",
    "private/private_leaderboard.csv",
];
const SAMPLE: &str = "public/sample_submission.csv";

/// `R111`.
pub(super) async fn prepare_runs(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepare_run(Which::First).await?;
    let name = cx.name(cx.script(Script::Prepare));
    if !run.result.status.is_ok() {
        return Ok(vec![failed(
            info,
            name,
            "prepare(raw, public, private) failed on a fresh copy of raw/",
            &run.result,
        )]);
    }
    let products =
        [(&run.public, "public", "sample_submission.csv"), (&run.private, "private", "test_answer.csv")];
    let missing = products.into_iter().filter(|(tree, _, file)| !tree.contains_key(*file));
    let finding = |(_, dir, file)| {
        info.finding(
            &name,
            format!(
                "prepare(raw, public, private) ran, but did not write {file} into `{dir}`; write it there"
            ),
        )
    };
    Ok(missing.map(finding).collect())
}

/// `R112`.
pub(super) async fn reproducible(info: &RuleInfo, cx: &Subject) -> Findings {
    let (first, second) = tokio::join!(cx.prepared(), cx.prepare_run(Which::Second));
    let (first, second) = (first?, second?);
    let name = cx.name(cx.script(Script::Prepare));
    if !second.result.status.is_ok() {
        let what = "prepare() ran once, but failed with another hash seed, time zone, locale, user, number of processors and \
                    directory";
        return Ok(vec![failed(info, name, what, &second.result)]);
    }
    let differ =
        hash::differing(&joined(&first.public, &first.private), &joined(&second.public, &second.private));
    let pairs = differ.iter().map(|file| (file.as_str(), first.product(file), second.product(file)));
    let Some((words, of_form)) = told(pairs).await? else { return Ok(Vec::new()) };
    let message = format!(
        "two runs with different hash seeds, time zones, processors, directories and orders of files differ in {}: \
         {words}. {}",
        listed(&differ),
        info.mend
    );
    let severity = if of_form { Severity::Warning } else { info.severity };
    Ok(vec![Finding { severity, ..info.finding(name, message) }])
}

/// How files differ that are known to, in words, and whether only their form does; nothing when there are none.
async fn told(
    files: impl Iterator<Item = (&str, PathBuf, PathBuf)>,
) -> Result<Option<(String, bool)>, AssertError> {
    const COMPARED: usize = 20;
    let files: Vec<_> = files.map(|(name, a, b)| (name.to_owned(), a, b)).collect();
    let all_compared = files.len() <= COMPARED;
    let work = move || {
        let compared = files.into_iter().take(COMPARED);
        compared.map(|(name, a, b)| (name, compare(&a, &b))).collect::<Vec<_>>()
    };
    let compared = tokio::task::spawn_blocking(work).await;
    let compared = compared.map_err(|error| AssertError::Broken(error.to_string()))?;
    let worst = compared.iter().find(|(_, difference)| !difference.is_of_form()).or(compared.first());
    let of_form = all_compared && compared.iter().all(|(_, difference)| difference.is_of_form());
    Ok(worst.map(|(name, difference)| (format!("{name} {}", difference.words()), of_form)))
}

/// `R113`.
pub(super) async fn raw_untouched(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepare_run(Which::First).await?;
    if run.raw_changed.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "prepare() was given a copy, but files of the original dataset changed: {}. {}",
        listed(&run.raw_changed),
        info.mend
    );
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// `R114`.
pub(super) async fn shipped_data(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepared().await?;
    let layout = cx.layout();
    let mut shipped = joined(&cx.tree(&layout.public).await?, &cx.tree(&layout.private).await?);
    if shipped.is_empty() {
        return Err(AssertError::not_run("public/ and private/ are empty"));
    }
    let fresh = joined(&run.public, &run.private);
    shipped.retain(|name, _| !ADDED_LATER.contains(&name.as_str()) || fresh.contains_key(name));
    let differ = hash::differing(&shipped, &fresh);
    let Some(place) = differ.first() else { return Ok(Vec::new()) };
    let pairs = differ.iter().map(|file| (file.as_str(), run.product(file), shipped_path(layout, file)));
    let Some((words, of_form)) = told(pairs).await? else { return Ok(Vec::new()) };
    let message = format!(
        "what a fresh prepare() writes differs from what is here in {}: {words}. {}",
        listed(&differ),
        info.mend
    );
    // Another sample submission changes no score.
    let warns = of_form || differ == [SAMPLE];
    let severity = if warns { Severity::Warning } else { info.severity };
    Ok(vec![Finding { severity, ..info.finding(place, message) }])
}

fn shipped_path(layout: &TaskLayout, name: &str) -> PathBuf {
    match name.split_once('/') {
        Some(("public", rest)) => layout.public.join(rest),
        Some((_, rest)) => layout.private.join(rest),
        None => layout.public.join(name),
    }
}

/// `R116`.
pub(super) async fn tidy(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepared().await?;
    if run.left.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "prepare() left files in its working directory, which is its home and temporary directory too: {}. {}",
        listed(&run.left),
        info.mend
    );
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// `R117`.
pub(super) async fn inside(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepare_run(Which::First).await?;
    if run.strayed.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "prepare() changed files outside of its directories, or tried to: {}. {}",
        listed(&run.strayed),
        info.mend
    );
    // The system's own place for temporary files harms nobody.
    let temporary = run.strayed.iter().all(|path| path.split('/').any(|part| part == "tmp"));
    let severity = if temporary { Severity::Warning } else { info.severity };
    Ok(vec![Finding { severity, ..info.finding(cx.name(cx.script(Script::Prepare)), message) }])
}

/// `R120`.
pub(super) async fn not_rewritten(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepared().await?;
    if run.rewritten.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "prepare() rewrites files of the dataset that it is given: {}. {}",
        listed(&run.rewritten),
        info.mend
    );
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// `R121`.
pub(super) async fn writes_files(info: &RuleInfo, cx: &Subject) -> Findings {
    let run = cx.prepared().await?;
    let Some((path, what)) = run.odd.first() else { return Ok(Vec::new()) };
    let message = format!(
        "what prepare() makes as {} {what}{}. {}",
        safe_line(path, SHOWN),
        more(run.odd.len()),
        info.mend
    );
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// `, and 3 more are no files either`.
pub(super) fn more(entries: usize) -> String {
    match entries.saturating_sub(1) {
        0 => String::new(),
        more => format!("; {more} more are no plain files either"),
    }
}

/// `R118`.
pub(super) async fn cost(info: &RuleInfo, cx: &Subject) -> Measured {
    let run = cx.prepared().await?;
    let limits = cx.needed_runtime()?.limits();
    let seconds = run.result.usage.wall_seconds;
    let most_seconds = CLOSE * limits.wall.as_secs_f64();
    let mut report = Report::default()
        .with(Figure::new("seconds of prepare()", seconds).bounded(Bound::AtMost(most_seconds)).varying());
    let mut close = seconds > most_seconds;
    if let Some(bytes) = run.result.usage.peak_memory_bytes {
        const MEBIBYTE: f64 = 1_048_576.0;
        let most = CLOSE * limits.memory_bytes as f64;
        close |= bytes as f64 > most;
        let figure = Figure::new("largest memory of prepare() in MiB", bytes as f64 / MEBIBYTE);
        report = report.with(figure.bounded(Bound::AtMost(most / MEBIBYTE)).varying());
    }
    if close {
        let message = format!(
            "prepare() took {seconds:.0} seconds and comes close to the limit of time or memory. {}",
            info.mend
        );
        report.findings.push(info.finding(cx.name(cx.script(Script::Prepare)), message));
    }
    Ok(report)
}

/// `R119`.
pub(super) async fn something_public(info: &RuleInfo, cx: &Subject) -> Findings {
    const NO_DATA: [&str; 3] = ["sample_submission.csv", "description.txt", "data_structure.txt"];
    let run = cx.prepared().await?;
    if run.public.keys().any(|name| !NO_DATA.contains(&name.as_str())) {
        return Ok(Vec::new());
    }
    let message = format!("prepare() writes no data into `public`. {}", info.mend);
    Ok(vec![info.finding(cx.name(cx.script(Script::Prepare)), message)])
}

/// Both directories as one tree, with their names before the paths.
fn joined(public: &Tree, private: &Tree) -> Tree {
    let named = |dir: &'static str, tree: &Tree| -> BTreeMap<String, String> {
        tree.iter().map(|(path, hash)| (format!("{dir}/{path}"), hash.clone())).collect()
    };
    let mut both = named("public", public);
    both.extend(named("private", private));
    both
}

/// `R115`.
pub(super) async fn test_passes(info: &RuleInfo, cx: &Subject) -> Findings {
    if cx.layout().kind == LayoutKind::Repo {
        return Err(AssertError::not_run("this layout has no test.py"));
    }
    let run = cx.test_run().await?;
    if run.result.status.is_ok() {
        return Ok(Vec::new());
    }
    let what = "`python test.py` failed in a copy with raw/, public/ and private/ beside it";
    Ok(vec![failed(info, cx.name(cx.script(Script::Test)), what, &run.result)])
}
