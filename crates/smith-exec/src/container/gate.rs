//! The command line of a container.
//!
//! Its first process is the launcher, which seals itself as it does without a container and then waits for the
//! permission. It stays while the job runs: a first process is deaf to most signals, and the job must not be.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use rustix::process::{Resource, getrlimit};

use super::engine::LABEL;
use super::{Container, Image};
use crate::jail::{ASKED, BOXED, HIDDEN, SYSTEM, SYSTEM_FILES};
use crate::{ExecError, Job, Limits};

/// Where the launcher lies inside.
const LAUNCHER: &str = "/.smith-launcher";

/// Most that `/tmp` and `/dev/shm` may hold each.
const SCRATCH: u64 = 1 << 30;

/// Who the job is inside of its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) user: u32,
    pub(super) group: u32,
}

/// What is visible at which path, and whether it may be written.
pub(super) type Binds = BTreeMap<PathBuf, bool>;

/// Everything that a container shows. What is granted twice is granted in the wider sense.
pub(super) fn binds(image: &Image, job: &Job) -> Binds {
    let mut binds = Binds::new();
    if matches!(image, Image::Empty(_)) {
        let system = SYSTEM.iter().chain(&SYSTEM_FILES).map(PathBuf::from);
        binds.extend(system.filter(|path| path.exists()).map(|path| (path, false)));
    }
    binds.extend(job.readable.iter().map(|path| (path.clone(), false)));
    binds.extend(job.writable.iter().map(|path| (path.clone(), true)));
    binds.insert(LAUNCHER.into(), false);
    binds
}

/// Hard limits of each process, by the names that engines give them.
pub(super) fn ceilings(limits: &Limits) -> BTreeMap<&'static str, u64> {
    let lowered = |resource, value: u64| getrlimit(resource).maximum.map_or(value, |most| most.min(value));
    BTreeMap::from([
        ("core", 0),
        ("data", lowered(Resource::Data, limits.memory_bytes)),
        ("fsize", lowered(Resource::Fsize, limits.file_bytes)),
        // Later than the watch over all processes together, which says what happened.
        ("cpu", lowered(Resource::Cpu, limits.cpu.as_secs() + 2)),
        ("nofile", lowered(Resource::Nofile, 4096)),
        ("memlock", 0),
        // The user may have processes outside, which count; this only stops what runs away.
        ("nproc", lowered(Resource::Nproc, processes(limits))),
    ])
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Processes of one user.
pub(super) fn processes(limits: &Limits) -> u64 {
    (u64::from(limits.processes) + 2) * 16
}

/// The arguments of the engine that make the container, which does not start yet.
pub(super) fn create(
    container: &Container,
    job: &Job,
    name: &str,
    user: User,
) -> Result<Vec<OsString>, ExecError> {
    let Container { engine, image, launcher, .. } = container;
    let Limits { memory_bytes, processes, disk_bytes, .. } = job.limits;
    let scratch = disk_bytes.min(SCRATCH);
    let owner = format!("{}:{}", user.user, user.group);
    let mut words: Vec<OsString> = [
        "create",
        "--interactive",
        "--pull=never",
        "--network=none",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        // Where SELinux is in force: directories of the machine are not to be given other labels.
        "--security-opt=label=disable",
        "--ipc=private",
        "--log-driver=none",
        "--oom-score-adj=1000",
        "--entrypoint=",
    ]
    .map(Into::into)
    .to_vec();
    words.extend(engine.of_create().into_iter().map(OsString::from));
    for (option, value) in [
        ("name", name.to_owned()),
        ("label", format!("{LABEL}={name}")),
        ("hostname", "smith".to_owned()),
        ("user", owner),
        ("memory", format!("{memory_bytes}b")),
        // Memory and swap together: no swap.
        ("memory-swap", format!("{memory_bytes}b")),
        // The launcher is one of them.
        ("pids-limit", (u64::from(processes) + 2).to_string()),
        ("shm-size", format!("{scratch}b")),
        ("tmpfs", format!("/tmp:rw,noexec,nosuid,nodev,size={scratch},mode=1777")),
    ] {
        words.push(format!("--{option}={value}").into());
    }
    let ceilings = ceilings(&job.limits);
    words.extend(ceilings.into_iter().map(|(name, most)| format!("--ulimit={name}={most}:{most}").into()));
    for (path, writable) in binds(image, job) {
        let source = if path == Path::new(LAUNCHER) { launcher } else { &path };
        words.push(bind(source, &path, writable)?);
    }
    words.push(joined("--workdir=", job.cwd.as_os_str()));
    words.push(image.name().into());
    words.extend([LAUNCHER, ASKED, BOXED].map(OsString::from));
    // An ordinary user who asks a daemon that is root has no other right to look at the launcher.
    words.extend((user.user != own_user()).then(|| HIDDEN.into()));
    Ok(words)
}

/// Shows a path in the container. Each of the two ways to say so has a character that it cannot hold.
fn bind(source: &Path, at: &Path, writable: bool) -> Result<OsString, ExecError> {
    let holds =
        |byte: u8| [source, at].iter().any(|path| path.as_os_str().as_encoded_bytes().contains(&byte));
    let words = |parts: [&OsStr; 5]| parts.join(OsStr::new(""));
    // Engines shorten it, and what it names on the way would not be there.
    if at.components().any(|part| part == Component::ParentDir) {
        let text = format!("a container cannot be given {}: name it without `..`", at.display());
        return Err(ExecError::Mistake(text));
    }
    let (source, at) = (source.as_os_str(), at.as_os_str());
    if !holds(b':') {
        let mode = if writable { "" } else { ":ro" };
        return Ok(words(["--volume=".as_ref(), source, ":".as_ref(), at, mode.as_ref()]));
    }
    if holds(b',') || holds(b'"') {
        let text = format!("a container cannot be given {}: rename it, without colons", at.display());
        return Err(ExecError::Mistake(text));
    }
    let mode = if writable { "" } else { ",readonly" };
    let parts = ["--mount=type=bind,source=".as_ref(), source, ",destination=".as_ref(), at, mode.as_ref()];
    Ok(words(parts))
}

fn joined(before: &str, path: &OsStr) -> OsString {
    [OsStr::new(before), path].join(OsStr::new(""))
}
