//! Paths in `prepare.py` that do not come from its arguments.

use smith_task_schema::{Finding, Layer, Severity};

use super::prepare::entry;
use super::wording::quoted;
use crate::pysrc::{Call, Module, Value};
use crate::rule::{Findings, RuleInfo};
use crate::subject::{Script, Subject};

pub(super) const PATHS: RuleInfo = RuleInfo {
    code: "P107",
    name: "prepare-paths",
    severity: Severity::Error,
    layer: Layer::Static,
    proves: "prepare.py names files only below the directories that it is given.",
    why: "Absolute paths, the home directory and the caller's directory are other ones on every machine.",
    mend: "Build every path from the arguments: `raw / \"name.csv\"`, `public / \"train.csv\"`, `private / \"test_answer.csv\"`.",
    references: &["https://docs.python.org/3/library/pathlib.html"],
};

/// Functions that open, read, write, list or make what their arguments name.
const OPENING: &[&str] = &[
    "open",
    "io.open",
    "codecs.open",
    "gzip.open",
    "bz2.open",
    "lzma.open",
    "os.listdir",
    "os.scandir",
    "os.walk",
    "os.makedirs",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.replace",
    "os.unlink",
    "shutil.copy",
    "shutil.copy2",
    "shutil.copyfile",
    "shutil.copytree",
    "shutil.move",
    "shutil.rmtree",
    "shutil.unpack_archive",
    "glob.glob",
    "glob.iglob",
    "numpy.load",
    "numpy.save",
    "numpy.savez",
    "numpy.savez_compressed",
    "numpy.loadtxt",
    "numpy.savetxt",
    "numpy.genfromtxt",
    "numpy.fromfile",
    "PIL.Image.open",
    "cv2.imread",
    "cv2.imwrite",
    "zipfile.ZipFile",
    "tarfile.open",
    "librosa.load",
    "soundfile.read",
    "scipy.io.loadmat",
    "sqlite3.connect",
    "h5py.File",
    "joblib.load",
    "torch.load",
];
/// Methods that write to the path that they are given.
const WRITING_METHODS: &[&str] =
    &["to_csv", "to_parquet", "to_feather", "to_pickle", "to_excel", "to_hdf", "savefig", "extractall"];
/// Readers of pandas whose argument is no path.
const NAMELESS_READERS: [&str; 5] = [
    "pandas.read_clipboard",
    "pandas.read_gbq",
    "pandas.read_sql",
    "pandas.read_sql_query",
    "pandas.read_sql_table",
];
/// Functions that only make a path of their arguments; a relative part is nothing wrong there.
const JOINING: &[&str] = &[
    "pathlib.Path",
    "pathlib.PurePath",
    "pathlib.PosixPath",
    "os.path.join",
    "os.path.expanduser",
    "os.path.exists",
];
/// Functions that tell where the caller or its home is.
const SURROUNDINGS: &[(&str, Severity)] = &[
    ("pathlib.Path.home", Severity::Error),
    ("pathlib.Path.cwd", Severity::Warning),
    ("os.getcwd", Severity::Warning),
    ("os.chdir", Severity::Warning),
    ("os.getenv", Severity::Warning),
    ("os.environ.get", Severity::Warning),
    ("os.environ[]", Severity::Warning),
    ("sys.argv[]", Severity::Warning),
];
/// Variables that name a directory of the caller.
const DIRECTORY_VARIABLES: [&str; 6] = ["HOME", "USERPROFILE", "PWD", "TMPDIR", "DATA_DIR", "KAGGLE_DATA"];
/// What is there on every machine of a kind.
const DEVICES: [&str; 3] = ["/dev/null", "/dev/shm", "/proc"];

/// `P107`.
pub(super) fn paths(info: &RuleInfo, cx: &Subject) -> Findings {
    let module = cx.module(Script::Prepare)?;
    let reach = entry(module);
    let changes_directory = module.calls.iter().any(|call| call.target == "os.chdir");
    let mut places: Vec<(u32, Severity, String)> = Vec::new();
    for call in module.calls_in(&reach) {
        places.extend(
            call_fault(module, call, changes_directory).map(|(severity, what)| (call.line, severity, what)),
        );
    }
    for binding in module.bindings.iter().filter(|binding| reach.has(binding.scope.as_deref())) {
        let fault = joined_fault(&binding.value).or_else(|| surroundings_fault(&binding.value));
        places.extend(fault.map(|(severity, what)| (binding.line, severity, what)));
    }
    places.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    places.dedup_by_key(|(line, _, _)| *line);
    let finding = |(line, severity, what): (u32, Severity, String)| Finding {
        severity,
        ..info.finding(cx.place(Script::Prepare, line), format!("{what}. {}", info.mend))
    };
    Ok(places.into_iter().map(finding).collect())
}

type Fault = Option<(Severity, String)>;

fn call_fault(module: &Module, call: &Call, changes_directory: bool) -> Fault {
    let target = call.target.as_str();
    if let Some(fault) = call.positional.iter().find_map(joined_fault) {
        return Some(fault);
    }
    let method = target.rsplit('.').next().unwrap_or_default();
    let own = Value::Call(target.to_owned(), call.positional.clone());
    if let Some(fault) = surroundings_fault(&own) {
        return Some(fault);
    }
    let opens = OPENING.contains(&target)
        || (target.starts_with("pandas.read_") && !NAMELESS_READERS.contains(&target))
        || (WRITING_METHODS.contains(&method) && target.contains('.'));
    let joins = JOINING.contains(&target);
    if !opens && !joins {
        return None;
    }
    for argument in &call.positional {
        let value = module.settled(call.scope.as_deref(), argument);
        if let Some(fault) = joined_fault(value).or_else(|| text_fault(value)) {
            return Some(fault);
        }
    }
    let first = call.positional.first().map(|first| module.settled(call.scope.as_deref(), first))?;
    let relative = opens && !changes_directory && call.keyword("root_dir").is_none();
    let is_whole = matches!(first, Value::Text(_));
    first.text().filter(|text| relative && is_relative(text, is_whole)).map(|text| {
        let what = format!("`{target}(…)` looks for {} in the caller's directory", quoted(text));
        (Severity::Error, what)
    })
}

/// A path that is the same for every caller, wherever its data lies.
fn text_fault(value: &Value) -> Fault {
    let text = value.text()?;
    if let Some(what) = absolute(text) {
        let severity = if text.starts_with("/tmp") || text.starts_with("/var/tmp") {
            Severity::Warning
        } else {
            Severity::Error
        };
        return Some((severity, format!("{} is {what}", quoted(text))));
    }
    climbs(text)
        .then(|| (Severity::Error, format!("{} leads out of the directory that it is in", quoted(text))))
}

/// `a / b` with a part that leaves `a`.
fn joined_fault(value: &Value) -> Fault {
    let Value::Join(sides) = value else { return None };
    let [left, right] = &**sides;
    let outside = |side: &Value| match side {
        Value::Name(name) => ["raw.parent", "public.parent", "private.parent"].contains(&name.as_str()),
        _ => false,
    };
    let leaves = || {
        outside(left)
            .then(|| (Severity::Error, "a path lies beside a directory that is given, not in it".to_owned()))
    };
    text_fault(right).or_else(|| joined_fault(left)).or_else(|| text_fault(left)).or_else(leaves)
}

fn surroundings_fault(value: &Value) -> Fault {
    value.parts().into_iter().find_map(|part| {
        let Value::Call(target, arguments) = part else { return None };
        let (_, severity) = SURROUNDINGS.iter().find(|(name, _)| name == target)?;
        let variable = arguments.first().and_then(Value::text).unwrap_or_default();
        let severity = if DIRECTORY_VARIABLES.contains(&variable) { Severity::Error } else { *severity };
        Some((severity, format!("`{target}` depends on the caller's surroundings")))
    })
}

fn absolute(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let drive = matches!(bytes, [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    if drive || text.starts_with("\\\\") {
        return Some("an absolute Windows path");
    }
    if text == "~" || text.starts_with("~/") {
        return Some("a path in the home directory");
    }
    let named = text.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()));
    let device = DEVICES.iter().any(|device| text.starts_with(device));
    (named && !device || text.starts_with("file:///")).then_some("an absolute path")
}

fn climbs(text: &str) -> bool {
    text.split(['/', '\\']).any(|part| part == "..")
}

/// A name by itself: neither an address nor data. What follows the scheme of an address may be a whole path.
fn is_relative(text: &str, is_whole: bool) -> bool {
    let text = match text.strip_prefix("file:") {
        Some("") if !is_whole => return false,
        rest => rest.unwrap_or(text),
    };
    let begins = text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '*'));
    begins && !text.contains("://") && !text.contains('\n')
}
