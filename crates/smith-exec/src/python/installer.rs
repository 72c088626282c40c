//! The two installers, uv and pip: their command lines, their variables and how they say "no network".

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::lock::Lock;
use super::{PythonOptions, tool};

/// What builds the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Installer {
    /// uv, at this path.
    Uv(PathBuf),
    /// The interpreter's own venv and pip.
    Pip,
}

/// A program and its arguments.
pub(super) struct CommandLine {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
}

impl CommandLine {
    pub(super) fn new(program: &Path, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { program: program.to_path_buf(), arguments }
    }

    /// With what keeps an installer from taking anything but the pinned wheels.
    pub(super) fn exactly(program: &Path, arguments: &[&str]) -> Self {
        EXACTLY.iter().fold(Self::new(program, arguments), Self::and)
    }

    pub(super) fn and(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(super) fn words(&self) -> Vec<&OsStr> {
        self.arguments.iter().map(OsString::as_os_str).collect()
    }
}

/// Arguments of both installers: exactly the pinned wheels, nothing built, nothing resolved.
const EXACTLY: [&str; 4] = ["--require-hashes", "--no-deps", "--only-binary", ":all:"];

impl Installer {
    /// Its name, for the manifest.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Uv(_) => "uv",
            Self::Pip => "pip",
        }
    }

    /// Makes an empty environment at `prefix`.
    pub(super) fn venv(&self, python: &Path, prefix: &Path) -> CommandLine {
        match self {
            Self::Uv(uv) => CommandLine::new(uv, &["venv", "--relocatable", "--no-project", "--python"])
                .and(python)
                .and(prefix),
            Self::Pip => CommandLine::new(python, &["-I", "-m", "venv"]).and(prefix),
        }
    }

    /// Installs the packages of the file `lock` into the environment of `interpreter`.
    pub(super) fn install(&self, interpreter: &Path, lock: &Path, options: &PythonOptions) -> CommandLine {
        let line = match self {
            Self::Uv(uv) => {
                CommandLine::new(uv, &["pip", "install", "--compile-bytecode", "--link-mode", "copy"])
                    .and("--python")
                    .and(interpreter)
            }
            Self::Pip => CommandLine::new(interpreter, &["-m", "pip", "install", "--no-input", "--compile"]),
        };
        let line = EXACTLY.iter().fold(line, CommandLine::and).and("-r").and(lock);
        match self {
            Self::Uv(_) if options.offline => line.and("--offline"),
            // The one setting of pip for which uv has a flag but no variable.
            Self::Uv(_) if is_on(options.pip_env.get("PIP_NO_INDEX")) => line.and("--no-index"),
            Self::Pip if options.offline => line.and("--no-index"),
            _ => line,
        }
    }

    /// Removes from the environment what came with the installer and is no package of the lock, so that the
    /// environment is the same whoever built it.
    pub(super) fn remove_itself(&self, interpreter: &Path, lock: &Lock) -> Option<CommandLine> {
        let Self::Pip = self else { return None };
        let names = lock.names();
        let mut own = ["setuptools", "pip"].into_iter().filter(|name| !names.contains(name)).peekable();
        own.peek()?;
        Some(own.fold(CommandLine::new(interpreter, &["-m", "pip", "uninstall", "--yes"]), CommandLine::and))
    }

    /// The whole environment of the installer. Without `HOME` both still find the user's settings, and
    /// with `PYTHONDONTWRITEBYTECODE` unset pip compiles what it installs.
    pub(super) fn environment(&self, options: &PythonOptions) -> BTreeMap<String, String> {
        let cache = |name: &str| options.cache_dir.join(name).to_string_lossy().into_owned();
        let mut env = BTreeMap::from([
            ("PATH".into(), tool::SYSTEM_PATH.into()),
            ("LC_ALL".into(), "C.UTF-8".into()),
            ("PIP_CACHE_DIR".into(), cache("pip")),
            ("PIP_DISABLE_PIP_VERSION_CHECK".into(), "1".into()),
            ("UV_CACHE_DIR".into(), cache("uv")),
            ("UV_NO_CONFIG".into(), "1".into()),
            ("UV_PYTHON_DOWNLOADS".into(), "never".into()),
            ("UV_NO_PROGRESS".into(), "1".into()),
        ]);
        if let Self::Uv(_) = self {
            env.extend(as_uv(&options.pip_env));
        }
        env.extend(options.pip_env.clone());
        env
    }
}

/// Whether a switch among pip's variables is on, as pip reads it.
pub(super) fn is_on(value: Option<&String>) -> bool {
    value
        .is_some_and(|value| matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "y" | "on" | "t"))
}

/// pip's settings in uv's words, so that one set of variables serves both.
fn as_uv(pip_env: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    const NAMES: [(&str, &str); 7] = [
        ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
        ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
        ("PIP_CERT", "SSL_CERT_FILE"),
        ("PIP_PROXY", "ALL_PROXY"),
        ("PIP_TRUSTED_HOST", "UV_INSECURE_HOST"),
        ("PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT"),
    ];
    NAMES.iter().filter_map(|(pip, uv)| {
        let value = pip_env.get(*pip)?;
        // Both take several places: pip between blanks, uv between blanks or commas by variable.
        let value = if *uv == "UV_FIND_LINKS" {
            value.split_whitespace().collect::<Vec<_>>().join(",")
        } else {
            value.clone()
        };
        Some(((*uv).to_owned(), value))
    })
}

/// Whether an installer's output tells of a network that could not be used.
pub(super) fn is_unreachable(output: &str) -> bool {
    /// Words of pip's and uv's network failures, in lower case.
    const SIGNS: [&str; 11] = [
        "error sending request",
        "dns error",
        "failed to fetch",
        "could not fetch url",
        "network connectivity is disabled",
        "temporary failure in name resolution",
        "name or service not known",
        "newconnectionerror",
        "timeouterror",
        "connection refused",
        "proxyerror",
    ];
    let output = output.to_lowercase();
    SIGNS.iter().any(|sign| output.contains(sign))
}

/// What an installer could not fetch, in its own words: the last line that names something, or else
/// the last line.
pub(super) fn unfetched(output: &str) -> &str {
    const SIGNS: [&str; 3] = ["No matching distribution found", "Failed to fetch", "was not found in"];
    let lines = || output.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| SIGNS.iter().any(|sign| line.contains(sign))).or_else(|| lines().next());
    let line = line.unwrap_or_default();
    ["ERROR: ", "error: ", "cause: "].iter().find_map(|label| line.strip_prefix(label)).unwrap_or(line)
}

/// The package that a line of either installer is about, when it says that it is being fetched.
pub(super) fn fetched_package(line: &str) -> Option<String> {
    let line = line.trim_start();
    let rest =
        ["Collecting ", "Downloading ", "Downloaded "].iter().find_map(|word| line.strip_prefix(word))?;
    let name: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    // pip names the file, or its address, on a line of its own after the package.
    let is_file = name.ends_with(".whl") || rest[name.len()..].starts_with(':');
    (!name.is_empty() && !is_file).then(|| name.to_lowercase().replace('_', "-"))
}

/// The last lines.
pub(super) fn last_lines(output: &str, count: usize) -> String {
    let lines: Vec<&str> = output.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_installers_name_the_package() {
        let pip = "Collecting scikit-learn==1.7.2 (from -r /x/base.lock (line 1))";
        assert_eq!(fetched_package(pip).as_deref(), Some("scikit-learn"));
        assert_eq!(fetched_package("Downloading numpy (16.1MiB)").as_deref(), Some("numpy"));
        assert_eq!(fetched_package(" Downloaded et_xmlfile").as_deref(), Some("et-xmlfile"));
        assert_eq!(fetched_package("  Downloading numpy-2.2.6-cp311-cp311-linux.whl (16.8 MB)"), None);
        assert_eq!(fetched_package("  Downloading https://host/numpy.whl"), None);
        assert_eq!(fetched_package("Installing collected packages: numpy"), None);
    }

    #[test]
    fn a_dead_network_is_told_from_a_bad_package() {
        let pip = "WARNING: Retrying (Retry(total=4)) after connection broken by \
                   'NewConnectionError(...)': /simple/numpy/\n\
                   ERROR: No matching distribution found for numpy==2.2.6\n\n";
        assert!(is_unreachable(pip));
        assert_eq!(unfetched(pip), "No matching distribution found for numpy==2.2.6");
        let uv = "error: Request failed after 3 retries\n  cause: Failed to fetch: place\nhint: look\n";
        assert!(is_unreachable(uv));
        assert_eq!(unfetched(uv), "Failed to fetch: place");
        assert!(!is_unreachable("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"));
        assert_eq!(unfetched("one\nerror: two\n"), "two");
    }

    #[test]
    fn one_set_of_settings_serves_both() {
        let mut options = PythonOptions::new("/cache");
        options.pip_env.insert("PIP_FIND_LINKS".into(), "/a /b".into());
        options.pip_env.insert("UV_INDEX".into(), "own".into());
        options.pip_env.insert("PIP_EXTRA_INDEX_URL".into(), "pip's".into());
        let env = Installer::Uv("uv".into()).environment(&options);
        assert_eq!(env["UV_FIND_LINKS"], "/a,/b");
        assert_eq!(env["UV_INDEX"], "own");
        assert_eq!(env["PIP_FIND_LINKS"], "/a /b");
        assert!(!env.contains_key("HOME"));
    }

    #[test]
    fn no_index_is_asked_for_when_the_caller_or_its_settings_say_so() {
        let mut options = PythonOptions::new("/cache");
        let (uv, pip) = (Installer::Uv("uv".into()), Installer::Pip);
        let last = |installer: &Installer, options: &PythonOptions| {
            installer.install(Path::new("python"), Path::new("a.lock"), options).arguments.pop().unwrap()
        };
        for (value, expected) in
            [("1", "--no-index"), ("True", "--no-index"), ("0", "a.lock"), ("", "a.lock")]
        {
            options.pip_env.insert("PIP_NO_INDEX".into(), value.into());
            assert_eq!(last(&uv, &options), expected, "{value}");
            assert_eq!(last(&pip, &options), "a.lock", "pip reads its variable by itself");
        }
        options.offline = true;
        assert_eq!((last(&uv, &options), last(&pip, &options)), ("--offline".into(), "--no-index".into()));
    }

    #[test]
    fn what_the_lock_holds_is_not_removed_with_the_installer() {
        let hash = "a".repeat(64);
        let lock = |name: &str| Lock::parse(&format!("{name}==1 --hash=sha256:{hash}")).unwrap();
        let removed = |installer: &Installer, name: &str| {
            let line = installer.remove_itself(Path::new("python"), &lock(name))?;
            Some(
                line.arguments
                    .iter()
                    .skip(4)
                    .map(|word| word.to_string_lossy().into_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(removed(&Installer::Pip, "numpy").unwrap(), ["setuptools", "pip"]);
        assert_eq!(removed(&Installer::Pip, "setuptools").unwrap(), ["pip"]);
        assert_eq!(removed(&Installer::Uv("uv".into()), "numpy"), None);
    }
}
