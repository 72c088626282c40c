//! The installer uv: the caller's own, the one in the cache, or the pinned wheel, fetched by the Python that was found.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::find::{Interpreter, in_search_path};
use super::installer::{CommandLine, Installer, is_on, last_lines};
use super::{PythonOptions, assets, cache, seal, tool};
use crate::ExecError;

/// The oldest uv that knows every option and variable that it is given.
const OLDEST: (u32, u32) = (0, 5);

/// The wheels of one version of uv.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pin<'a> {
    /// In pip's requirements format.
    text: &'a str,
    version: &'a str,
}

/// How the wheel can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// By pip, which honours every setting of the caller.
    Pip,
    /// From folders and indexes that the caller's variables name.
    Places(Vec<String>),
}

impl Pin<'static> {
    /// The one that this crate carries.
    pub(super) fn ours() -> Self {
        Self::of(assets::UV_LOCK)
    }
}

impl<'a> Pin<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let version = text.split_whitespace().find_map(|word| word.strip_prefix("uv=="));
        Self { text, version: version.unwrap_or_default() }
    }

    pub(super) fn version(&self) -> &'a str {
        self.version
    }

    fn hashes(&self) -> impl Iterator<Item = &'a str> {
        self.text.split_whitespace().filter_map(|word| word.strip_prefix("--hash=sha256:"))
    }

    /// Where the cache keeps it.
    fn place(&self, options: &PythonOptions) -> Result<PathBuf, ExecError> {
        let cache = std::path::absolute(&options.cache_dir).map_err(ExecError::io(&options.cache_dir))?;
        Ok(cache.join("tools").join(self.name()).join("uv"))
    }

    fn name(&self) -> String {
        format!("uv-{}", self.version)
    }
}

/// The uv of the search path, if it runs and is not too old, or the one in the cache.
pub(super) async fn known(options: &PythonOptions, pin: Pin<'_>) -> Option<PathBuf> {
    for uv in in_search_path(options, "uv") {
        match version(&uv, options).await {
            Ok(found) if found >= OLDEST => return Some(uv),
            Ok(_) => tracing::debug!(uv = %uv.display(), "this uv is too old"),
            Err(why) => tracing::debug!(uv = %uv.display(), why, "this uv does not run"),
        }
    }
    let cached = pin.place(options).ok()?;
    version(&cached, options).await.is_ok().then_some(cached)
}

/// Whether it makes sense to try.
///
/// # Errors
/// Why it does not.
pub(super) fn can_be_fetched(options: &PythonOptions, python: &Interpreter) -> Result<(), String> {
    way(options, python).map(drop)
}

/// Fetches the pinned uv into the cache, or takes it from there when another process did so meanwhile.
///
/// # Errors
/// Why that cannot be: never a reason to give up, since pip may do.
pub(super) async fn fetch(
    options: &PythonOptions,
    pin: Pin<'_>,
    python: &Interpreter,
) -> Result<PathBuf, String> {
    let way = way(options, python)?;
    let uv = pin.place(options).map_err(|error| error.to_string())?;
    fetch_to(&uv, options, pin, python, &way).await.map_err(|error| error.to_string())?;
    Ok(uv)
}

fn way(options: &PythonOptions, python: &Interpreter) -> Result<Way, String> {
    if options.offline {
        return Err("nothing may be fetched".to_owned());
    }
    if python.has_pip {
        return Ok(Way::Pip);
    }
    let places = places(&options.pip_env);
    if places.is_empty() {
        return Err("this Python has no pip, and neither PIP_INDEX_URL nor PIP_FIND_LINKS is set".to_owned());
    }
    Ok(Way::Places(places))
}

/// Folders and indexes, the nearest first.
fn places(variables: &BTreeMap<String, String>) -> Vec<String> {
    const NAMES: [&str; 7] = [
        "PIP_FIND_LINKS",
        "UV_FIND_LINKS",
        "PIP_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "UV_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "UV_EXTRA_INDEX_URL",
    ];
    let no_index = is_on(variables.get("PIP_NO_INDEX"));
    let names = NAMES.into_iter().filter(|name| !(no_index && name.contains("INDEX")));
    let values = names.filter_map(|name| variables.get(name));
    let places = values.flat_map(|value| value.split([' ', ',', '\n', '\t']));
    places.filter(|place| !place.is_empty()).map(str::to_owned).collect()
}

async fn fetch_to(
    uv: &Path,
    options: &PythonOptions,
    pin: Pin<'_>,
    python: &Interpreter,
    way: &Way,
) -> Result<(), ExecError> {
    let folder = uv.parent().unwrap_or(uv);
    let tools = folder.parent().unwrap_or(folder);
    std::fs::create_dir_all(folder).map_err(ExecError::io(folder))?;
    let _lock = cache::lock(tools.join(format!("{}.lock", pin.name()))).await?;
    if version(uv, options).await.is_ok() {
        return Ok(());
    }
    let started = format!("{}.tmp-", pin.name());
    remove_leftovers(tools, &started).await?;
    let aside = tempfile::Builder::new().prefix(&started).tempdir_in(tools).map_err(ExecError::io(tools))?;
    let download = download(python, pin, way, aside.path())?;
    run(&download, options, tool::LONG).await?;
    let program = aside.path().join("uv");
    run(&unpack(python, pin, aside.path(), &program), options, tool::SHORT).await?;
    version(&program, options).await.map_err(|why| failed(&format!("it does not run here: {why}")))?;
    std::fs::rename(&program, uv).map_err(ExecError::io(uv))
}

/// What was left by processes that were killed. Needs the lock.
async fn remove_leftovers(tools: &Path, started: &str) -> Result<(), ExecError> {
    for entry in std::fs::read_dir(tools).map_err(ExecError::io(tools))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(started) {
            seal::remove(&entry.path()).await?;
        }
    }
    Ok(())
}

/// Puts the wheel, and no other, into `folder`.
fn download(python: &Interpreter, pin: Pin<'_>, way: &Way, folder: &Path) -> Result<CommandLine, ExecError> {
    match way {
        Way::Pip => {
            let pinned = folder.join("uv.lock");
            std::fs::write(&pinned, pin.text).map_err(ExecError::io(&pinned))?;
            let flags = ["-I", "-m", "pip", "download", "--no-input"];
            Ok(CommandLine::exactly(&python.executable, &flags)
                .and("-r")
                .and(pinned)
                .and("--dest")
                .and(folder))
        }
        Way::Places(places) => {
            let line = CommandLine::new(&python.executable, &["-I", "-c", assets::FETCH_UV]);
            Ok(places.iter().fold(line.and(folder).and(pin.version), CommandLine::and))
        }
    }
}

/// Checks the wheel against the pinned hashes, whoever fetched it, and takes the program out of it.
fn unpack(python: &Interpreter, pin: Pin<'_>, folder: &Path, program: &Path) -> CommandLine {
    let line = CommandLine::new(&python.executable, &["-I", "-c", assets::UNPACK_UV]);
    pin.hashes().fold(line.and(folder).and(program), CommandLine::and)
}

async fn run(line: &CommandLine, options: &PythonOptions, wall: Duration) -> Result<(), ExecError> {
    let result = tool::run(&line.program, &line.words(), &variables(options), wall, &|_| ()).await?;
    if result.status.is_ok() {
        return Ok(());
    }
    Err(failed(&format!("{}: {}", result.status, last_lines(&result.stderr.text, 3))))
}

fn failed(message: &str) -> ExecError {
    ExecError::Provision { step: "fetching uv".to_owned(), message: message.to_owned() }
}

/// What pip gets, without its patience, since there is another way if this one fails; and its certificates also in the word of Python's own library.
fn variables(options: &PythonOptions) -> BTreeMap<String, String> {
    let mut env = Installer::Pip.environment(options);
    env.entry("PIP_RETRIES".to_owned()).or_insert_with(|| "1".to_owned());
    if let Some(certificates) = options.pip_env.get("PIP_CERT") {
        env.entry("SSL_CERT_FILE".to_owned()).or_insert_with(|| certificates.clone());
    }
    env
}

/// Asks a uv for its version.
async fn version(uv: &Path, options: &PythonOptions) -> Result<(u32, u32), String> {
    if !uv.is_file() {
        return Err("it is not there".to_owned());
    }
    let env = tool::path_only(options.search_path.as_deref());
    let answer = tool::ask(uv, &["--version".as_ref()], &env, tool::SHORT).await?;
    read_version(&answer).ok_or_else(|| format!("it does not answer as uv: {}", answer.trim()))
}

/// The first two numbers of `uv 0.5.31 (…)`.
fn read_version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.strip_prefix("uv ")?.split(['.', ' ', '\n']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
