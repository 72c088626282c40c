//! Scripts that reach the network or start programs.

use std::collections::BTreeMap;

use smith_task_schema::{Finding, Layer, Severity};

use super::wording::quoted;
use crate::literature;
use crate::pysrc::{Call, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const PREPARE: RuleInfo = RuleInfo {
    code: "P106",
    name: "prepare-contained",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py uses neither the network nor other programs.",
    why: "A task must come out the same everywhere, from its raw dataset alone.",
    mend: "Work with the files in raw/ and with Python libraries only; `zipfile`, `tarfile`, `gzip` and `shutil` unpack and copy.",
    references: &["https://docs.python.org/3/library/shutil.html#archiving-operations"],
};

pub(super) const METRIC: RuleInfo = RuleInfo {
    code: "M107",
    name: "metric-contained",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "metric.py uses neither the network nor other programs.",
    why: "A score must depend on the submission and the answers alone.",
    mend: "Compute the score from the two data frames.",
    references: &[literature::UNIFIED_STRUCTURE],
};

/// Modules that reach the network or start programs.
const REACHING_OUT: &[&str] = &[
    "requests",
    "urllib",
    "urllib3",
    "http",
    "httpx",
    "aiohttp",
    "socket",
    "socketserver",
    "ssl",
    "ftplib",
    "smtplib",
    "imaplib",
    "poplib",
    "telnetlib",
    "xmlrpc",
    "websocket",
    "websockets",
    "paramiko",
    "boto3",
    "botocore",
    "s3fs",
    "gcsfs",
    "wget",
    "pycurl",
    "gdown",
    "kaggle",
    "kagglehub",
    "opendatasets",
    "huggingface_hub",
    "openml",
    "ucimlrepo",
    "yfinance",
    "openai",
    "anthropic",
    "subprocess",
    "multiprocessing.connection",
    "pty",
    "sh",
    "plumbum",
    "pexpect",
];
/// Names in those modules that reach nothing.
const HARMLESS: &[&str] = &[
    "urllib.parse",
    "urllib.error",
    "http.HTTPStatus",
    "http.client.responses",
    "subprocess.CalledProcessError",
    "subprocess.PIPE",
    "subprocess.DEVNULL",
    "requests.exceptions",
];
/// Modules that look for keys or the network as soon as they are imported.
const REACHING_AT_IMPORT: &[&str] = &["kaggle"];
/// Functions that start programs, as beginnings of their names.
const STARTING_PROGRAMS: &[&str] = &[
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "os.fork",
    "os.startfile",
    "asyncio.create_subprocess",
    "pip.main",
    "pip._internal",
];
/// Functions that download what they return.
const DOWNLOADING: &[&str] = &[
    "seaborn.load_dataset",
    "nltk.download",
    "spacy.cli.download",
    "torch.hub.load",
    "torch.hub.download_url_to_file",
    "tensorflow.keras.utils.get_file",
    "keras.utils.get_file",
    "tensorflow_datasets.load",
    "gensim.downloader.load",
    "pooch.retrieve",
    "fsspec.open",
];
/// Builders of `datasets.load_dataset` that read local files.
const LOCAL_BUILDERS: &[&str] =
    &["csv", "json", "parquet", "text", "arrow", "pandas", "imagefolder", "audiofolder", "webdataset", "xml"];
/// Beginnings of addresses.
const SCHEMES: &[&str] = &["http://", "https://", "ftp://", "ftps://", "s3://", "gs://", "hf://", "sftp://"];
/// Programs that only unpack: a habit, but one that not every machine shares.
const UNPACKING: &[&str] =
    &["unzip", "gunzip", "tar", "7z", "7za", "7zr", "unrar", "gzip", "bunzip2", "unxz", "xz", "unzstd"];

/// `P106`.
pub(super) fn prepare(info: &RuleInfo, cx: &Subject) -> Findings {
    findings(info, cx, Script::Prepare)
}

/// `M107`.
pub(super) fn metric(info: &RuleInfo, cx: &Subject) -> Findings {
    findings(info, cx, Script::Metric)
}

/// The first thing that a line does, and how much it weighs.
type Places = BTreeMap<u32, (Severity, String)>;

fn findings(info: &RuleInfo, cx: &Subject, script: Script) -> Findings {
    let module = cx.module(script)?;
    let mut places = Places::new();
    for call in &module.calls {
        if let Some(reached) = reached_by(module, call) {
            places.entry(call.line).or_insert(reached);
        }
    }
    // A function that is handed on is called elsewhere.
    for reference in module.references.iter().filter(|reference| reaches_out(&reference.name)) {
        if reference.name.contains('.') && module.is_imported(&reference.name) {
            places.entry(reference.line).or_insert((Severity::Error, reaching(&reference.name)));
        }
    }
    for import in module.imports.iter().filter(|import| reaches_out(&import.path)) {
        let used = module.references.iter().any(|reference| starts_with_name(&reference.name, &import.bound));
        let root = import.path.split('.').next().unwrap_or_default();
        if REACHING_AT_IMPORT.contains(&root) {
            places.entry(import.line).or_insert((Severity::Error, reaching(&import.path)));
        } else if !used {
            let what = format!("`{}` is imported and never used; remove the import", import.path);
            places.entry(import.line).or_insert((Severity::Warning, what));
        }
    }
    let finding = |(line, (severity, what)): (u32, (Severity, String))| -> Finding {
        Finding { severity, ..info.finding(cx.place(script, line), format!("{what}. {}", info.mend)) }
    };
    Ok(places.into_iter().map(finding).collect())
}

fn reaching(name: &str) -> String {
    format!("`{name}` reaches the network or starts programs")
}

/// What a call reaches, if it is no local thing.
fn reached_by(module: &Module, call: &Call) -> Option<(Severity, String)> {
    let target = call.target.as_str();
    if target.starts_with("subprocess.") || STARTING_PROGRAMS.iter().any(|name| target.starts_with(name)) {
        let unpacks = program(module, call).is_some_and(|program| UNPACKING.contains(&program.as_str()));
        let severity = if unpacks { Severity::Warning } else { Severity::Error };
        return (!is_harmless(target)).then(|| (severity, reaching(target)));
    }
    let downloads = DOWNLOADING.contains(&target)
        || target.starts_with("sklearn.datasets.fetch_")
        || (target.contains("keras.datasets.") && target.ends_with(".load_data"))
        || (call.keyword("download") == Some(&Value::Bool(true)) && target.starts_with("torch"))
        || loads_remote_dataset(call)
        || (reaches_out(target) && module.is_imported(target));
    if downloads {
        return Some((Severity::Error, reaching(target)));
    }
    let address = address_of(module, call)?;
    Some((Severity::Error, format!("`{target}(…)` reads {} from the network", quoted(address))))
}

/// The first word of a command line.
fn program(module: &Module, call: &Call) -> Option<String> {
    let command = module.settled(call.scope.as_deref(), call.argument(0, "args")?);
    let first = match command {
        Value::Items(items) => items.first()?,
        other => other,
    };
    let word = first.text()?.split_whitespace().next()?;
    Some(word.rsplit('/').next().unwrap_or(word).to_owned())
}

fn loads_remote_dataset(call: &Call) -> bool {
    let builder = || call.argument(0, "path").and_then(Value::text);
    call.target == "datasets.load_dataset" && builder().is_some_and(|name| !LOCAL_BUILDERS.contains(&name))
}

/// The address that a reading function is given.
fn address_of<'m>(module: &'m Module, call: &'m Call) -> Option<&'m str> {
    let name = call.target.rsplit('.').next().unwrap_or_default();
    let reads = name.starts_with("read_")
        || ["open", "load", "loadtxt", "genfromtxt", "imread", "urlopen", "urlretrieve", "get", "post"]
            .contains(&name);
    let imported = module.is_imported(&call.target) || name == "open";
    let argument = call.positional.first().filter(|_| reads && imported)?;
    let text = module.settled(call.scope.as_deref(), argument).text()?;
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)).then_some(text)
}

/// Taking URLs apart reaches nothing, and neither do the names of HTTP's status codes.
fn reaches_out(path: &str) -> bool {
    REACHING_OUT.iter().any(|module| starts_with_name(path, module)) && !is_harmless(path)
}

fn is_harmless(path: &str) -> bool {
    HARMLESS.iter().any(|name| starts_with_name(path, name))
}

/// Whether a dotted name is another one or lies within it.
fn starts_with_name(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
