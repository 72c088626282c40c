//! From a job to the plan of its confinement.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::plan::{Ceilings, Plan};
use super::{Jail, layers, own_user, user};
use crate::{ExecError, Job, Limits, Policy, Tier};

/// What a launcher would only find out inside is asked here, where it can be told apart.
pub(crate) fn require(job: &Job) -> Result<(), ExecError> {
    let Some(program) = job.argv.first().map(Path::new) else {
        return Err(ExecError::Mistake("a job needs a program to run: its argv is empty".into()));
    };
    if !program.is_absolute() {
        let text = format!("a job's program must be an absolute path, not {}", program.display());
        return Err(ExecError::Mistake(text));
    }
    rustix::fs::access(program, rustix::fs::Access::EXEC_OK).map_err(|source| ExecError::Spawn {
        program: program.display().to_string(),
        source: source.into(),
    })?;
    require_paths(job)
}

/// That everything that a job names besides its program is there.
pub(crate) fn require_paths(job: &Job) -> Result<(), ExecError> {
    let replicas = job.replicas.iter().flat_map(|replica| [&replica.source, &replica.at]);
    for path in job.readable.iter().chain(&job.writable).chain([&job.cwd]).chain(replicas) {
        std::fs::metadata(path).map_err(ExecError::io(path))?;
    }
    Ok(())
}

/// The directories in which a job can use up the disk.
pub(super) fn written(job: &Job) -> Vec<PathBuf> {
    job.writable.iter().chain(job.replicas.iter().map(|replica| &replica.at)).cloned().collect()
}

/// How `job` is confined by `jail`.
pub(super) fn plan(jail: &Jail, job: &Job) -> Plan {
    let namespaces = jail.tier == Tier::Namespaces;
    let paths = |paths: &[PathBuf]| -> Vec<OsString> {
        paths.iter().map(|path| path.clone().into_os_string()).collect()
    };
    Plan {
        argv: job.argv.clone(),
        cwd: job.cwd.clone().into_os_string(),
        env: job.env.clone(),
        ceilings: ceilings(&job.limits, jail.tier),
        namespaces,
        user: match jail.tier {
            Tier::User => Some(user::free()),
            Tier::Namespaces => own_user::free(),
            _ => None,
        },
        // A policy that is content with less is told by the guards what there is not.
        landlock: !namespaces && jail.policy == Policy::Strict,
        readable: paths(&job.readable),
        writable: paths(&job.writable),
        layers: job.replicas.iter().map(layers::layer).collect(),
    }
}

fn ceilings(limits: &Limits, tier: Tier) -> Ceilings {
    // The launcher's own two are of the same user.
    let processes = u64::from(limits.processes) + 2;
    Ceilings {
        data_bytes: limits.memory_bytes,
        file_bytes: limits.file_bytes,
        // Later than the watch over all processes together, which says what happened.
        cpu_seconds: limits.cpu.as_secs() + 2,
        open_files: 4096,
        // An ordinary user shares the limit with all of its own processes, so that there it only stops what
        // runs away.
        processes: if tier == Tier::Landlock { processes * 16 } else { processes },
        scratch_bytes: limits.disk_bytes.min(1 << 30),
    }
}
