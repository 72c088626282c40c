//! Finding a Python by running it: names and version files lie (shims, broken links, other platforms).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{PythonOptions, assets, tool};
use crate::ExecError;

/// Names to try, best first. The newest comes last: its wheels are the youngest.
const NAMES: [&str; 7] =
    ["python3.13", "python3.12", "python3.11", "python3.10", "python3.14", "python3", "python"];

/// What `probe.py` prints.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Interpreter {
    /// The interpreter itself, behind any shim.
    pub(super) executable: PathBuf,
    implementation: String,
    /// Full version, `3.11.7`.
    pub(super) version: String,
    minor: (u32, u32),
    bits: u32,
    /// Whether its own venv works, without which pip cannot build.
    pub(super) can_make_venv: bool,
    /// Whether it has a pip of its own.
    #[serde(default)]
    pub(super) has_pip: bool,
    /// Python's name of the platform, `linux-x86_64`.
    pub(super) platform: String,
}

/// What an interpreter is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// To be what an environment is built on.
    Base,
    /// To build it too.
    Venv,
}

impl Interpreter {
    /// Why this interpreter cannot be used; none when it can.
    fn unfit(&self, need: Need) -> Option<String> {
        if self.implementation != "cpython" {
            return Some(format!("is {}, not CPython", self.implementation));
        }
        if !((3, 10)..=(3, 14)).contains(&self.minor) {
            return Some(format!("is Python {}", self.version));
        }
        if self.bits != 64 {
            return Some("is a 32-bit build".into());
        }
        (!self.can_make_venv && need == Need::Venv)
            .then(|| "cannot make environments: install python3-venv, or uv".into())
    }
}

/// The Python that the caller named, or the first of the search path that fits.
pub(super) async fn interpreter(options: &PythonOptions, need: Need) -> Result<Interpreter, ExecError> {
    let mut refused = Vec::new();
    for candidate in candidates(options) {
        match probe(&candidate, options).await {
            Ok(found) => match found.unfit(need) {
                None => return Ok(found),
                Some(why) => refused.push(format!("  {} {why}", candidate.display())),
            },
            Err(why) => refused.push(format!("  {} does not run: {why}", candidate.display())),
        }
    }
    if refused.is_empty() {
        refused.push("  nothing called python3 or python is in the search path".into());
    }
    Err(ExecError::NoPython(refused.join("\n")))
}

fn candidates(options: &PythonOptions) -> Vec<PathBuf> {
    if let Some(python) = &options.python {
        return vec![python.clone()];
    }
    NAMES.iter().flat_map(|name| in_search_path(options, name)).collect()
}

/// Every file called `name` in the search path, in its order.
pub(super) fn in_search_path(options: &PythonOptions, name: &str) -> Vec<PathBuf> {
    let Some(path) = &options.search_path else { return Vec::new() };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .filter(|file| file.is_file())
        .collect()
}

async fn probe(candidate: &Path, options: &PythonOptions) -> Result<Interpreter, String> {
    let env = tool::path_only(options.search_path.as_deref());
    let arguments = ["-I", "-c", assets::PROBE].map(OsStr::new);
    let answer = tool::ask(candidate, &arguments, &env, tool::SHORT).await?;
    serde_json::from_str(&answer).map_err(|error| format!("it does not answer as a Python ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn python(change: impl FnOnce(&mut Interpreter)) -> Option<String> {
        let mut python = Interpreter {
            executable: "/usr/bin/python3".into(),
            implementation: "cpython".into(),
            version: "3.11.7".into(),
            minor: (3, 11),
            bits: 64,
            can_make_venv: true,
            has_pip: true,
            platform: "linux-x86_64".into(),
        };
        change(&mut python);
        python.unfit(Need::Venv)
    }

    #[test]
    fn only_supported_interpreters_fit() {
        assert_eq!(python(|_| ()), None);
        assert_eq!(python(|p| p.minor = (3, 10)), None);
        assert_eq!(python(|p| p.minor = (3, 14)), None);
        assert!(python(|p| p.minor = (3, 9)).is_some());
        assert!(python(|p| p.minor = (3, 15)).is_some());
        assert!(python(|p| p.bits = 32).is_some());
        assert!(python(|p| p.implementation = "pypy".into()).is_some());
        assert!(python(|p| p.can_make_venv = false).is_some_and(|why| why.contains("python3-venv")));
    }
}
