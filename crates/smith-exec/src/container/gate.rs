//! The command line of a container, and the gate at which its job waits.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rustix::process::{Resource, getrlimit};

use super::Image;
use super::engine::{Engine, LABEL};
use crate::jail::{SYSTEM, SYSTEM_FILES};
use crate::{ExecError, Job, Limits};

/// The first process of a container. It says that it is there and waits for a line; then it runs what its
/// arguments name and ends as that does, and everything else in the container with it. Without a line, because we
/// are gone, nothing is run. It stays, because a first process is deaf to most signals, and the job must not be.
/// What the shell itself would say of the job's end is not the job's output.
const GATE: &str = r#"exec 3>&2 2>/dev/null; echo smith-ready; read -r go && { ( exec "$@" </dev/null 2>&3 3>&- ); exit $?; }; exit 125"#;

/// What the gate says first.
pub(super) const READY: &str = "smith-ready";

/// Takes the variables back that shells add of themselves.
const PLAIN: &str = r#"unset PWD OLDPWD SHLVL; exec "$@""#;

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
        ("nproc", lowered(Resource::Nproc, (u64::from(limits.processes) + 2) * 16)),
    ])
}

/// The arguments of the engine that make the container, which does not start yet.
pub(super) fn create(
    engine: &Engine,
    image: &Image,
    job: &Job,
    name: &str,
    user: User,
) -> Result<Vec<OsString>, ExecError> {
    let Limits { memory_bytes, processes, disk_bytes, .. } = job.limits;
    let scratch = disk_bytes.min(SCRATCH);
    let User { user, group } = user;
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
        ("user", format!("{user}:{group}")),
        ("memory", format!("{memory_bytes}b")),
        // Memory and swap together: no swap.
        ("memory-swap", format!("{memory_bytes}b")),
        // The gate is one of them.
        ("pids-limit", (u64::from(processes) + 2).to_string()),
        ("shm-size", format!("{scratch}b")),
        ("tmpfs", format!("/tmp:rw,noexec,nosuid,nodev,size={scratch},mode=1777")),
    ] {
        words.push(format!("--{option}={value}").into());
    }
    let ceilings = ceilings(&job.limits);
    words.extend(ceilings.into_iter().map(|(name, most)| format!("--ulimit={name}={most}:{most}").into()));
    for (path, writable) in binds(image, job) {
        words.push(bind(&path, writable)?);
    }
    words.push(joined("--workdir=", job.cwd.as_os_str()));
    words.push(image.name().into());
    words.extend(command(job));
    Ok(words)
}

/// What the container runs: the gate, then the job with its own environment and nothing else. Engines add
/// variables of their own, which are not for the job.
fn command(job: &Job) -> Vec<OsString> {
    let mut words: Vec<OsString> =
        ["/bin/sh", "-c", GATE, "sh", "/usr/bin/env", "-i"].map(Into::into).to_vec();
    words.extend(job.env.iter().map(|(name, value)| format!("{name}={value}").into()));
    words.extend(["/bin/sh", "-c", PLAIN, "sh"].map(OsString::from));
    words.extend(job.argv.iter().cloned());
    words
}

/// Shows a path at its own place. Each of the two ways to say so has a character that it cannot hold.
fn bind(path: &Path, writable: bool) -> Result<OsString, ExecError> {
    let holds = |byte: u8| path.as_os_str().as_encoded_bytes().contains(&byte);
    let path = path.as_os_str();
    if !holds(b':') {
        let twice = [joined("--volume=", path), joined(":", path)].join(OsStr::new(""));
        return Ok(if writable { twice } else { [twice, ":ro".into()].join(OsStr::new("")) });
    }
    if holds(b',') || holds(b'"') {
        let text = format!("a container cannot be given {}: rename it, without colons", path.display());
        return Err(ExecError::Mistake(text));
    }
    let both =
        [joined("--mount=type=bind,source=", path), joined(",destination=", path)].join(OsStr::new(""));
    Ok(if writable { both } else { [both, ",readonly".into()].join(OsStr::new("")) })
}

fn joined(before: &str, path: &OsStr) -> OsString {
    [OsStr::new(before), path].join(OsStr::new(""))
}
