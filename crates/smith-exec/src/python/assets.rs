//! The files that this crate carries: the lock files, our stand-in package and the scripts that run a
//! task's code.

use std::path::{Path, PathBuf};

use crate::ExecError;

/// Hash-pinned packages of the profiles, for every supported Python and platform.
pub(super) const BASE_LOCK: &str = include_str!("../../env/base.lock");
pub(super) const IMAGE_LOCK: &str = include_str!("../../env/image.lock");
pub(super) const AUDIO_LOCK: &str = include_str!("../../env/audio.lock");
pub(super) const VIDEO_LOCK: &str = include_str!("../../env/video.lock");
pub(super) const BOOSTING_LOCK: &str = include_str!("../../env/boosting.lock");
pub(super) const TORCH_LOCK: &str = include_str!("../../env/torch.lock");

/// The installer that is fetched when there is none.
pub(super) const UV_LOCK: &str = include_str!("../../env/uv.lock");

/// Fetches the installer's wheel for a Python without pip.
pub(super) const FETCH_UV: &str = include_str!("../../py/fetch_uv.py");

/// Takes the installer out of its wheel.
pub(super) const UNPACK_UV: &str = include_str!("../../py/unpack_uv.py");

/// Prints what an interpreter is.
pub(super) const PROBE: &str = include_str!("../../py/probe.py");

/// Prints what an environment holds.
pub(super) const CHECK: &str = include_str!("../../py/check.py");

/// Answers to `pip` in the environment, which tasks share and must not change.
pub(super) const NO_PIP: &str = "#!/bin/sh\n\
    echo 'pip: the packages of this environment are fixed; nothing can be installed or removed' >&2\n\
    exit 1\n";

/// The part of MLE-Dojo that tasks import, relative to site-packages.
const STAND_IN: [(&str, &str); 3] = [
    ("mledojo/__init__.py", include_str!("../../py/mledojo/__init__.py")),
    ("mledojo/metrics/__init__.py", include_str!("../../py/mledojo/metrics/__init__.py")),
    ("mledojo/metrics/base.py", include_str!("../../py/mledojo/metrics/base.py")),
];

/// Scripts that run a task's code, relative to [`helper_dir`].
const HELPERS: [(&str, &str); 11] = [
    ("metric_calls.py", include_str!("../../py/metric_calls.py")),
    ("other_world.py", include_str!("../../py/other_world.py")),
    ("own_frames.py", include_str!("../../py/own_frames.py")),
    ("own_tables.py", include_str!("../../py/own_tables.py")),
    ("run_prepare.py", include_str!("../../py/run_prepare.py")),
    ("run_score.py", include_str!("../../py/run_score.py")),
    ("run_trials.py", include_str!("../../py/run_trials.py")),
    ("seeded/sitecustomize.py", include_str!("../../py/seeded/sitecustomize.py")),
    ("rewritten_files.py", include_str!("../../py/rewritten_files.py")),
    ("watched_writes.py", include_str!("../../py/watched_writes.py")),
    ("worker.py", include_str!("../../py/worker.py")),
];

/// Where the helpers of an environment lie.
pub(super) fn helper_dir(prefix: &Path) -> PathBuf {
    prefix.join("share").join("smith")
}

/// Name and content of everything but packages that an environment is made from.
pub(super) fn ingredients() -> impl Iterator<Item = (&'static str, &'static str)> {
    [("check", CHECK), ("pip", NO_PIP)].into_iter().chain(STAND_IN).chain(HELPERS)
}

/// Writes the stand-in package and the helpers into an environment.
pub(super) fn write(prefix: &Path, site_packages: &Path) -> Result<(), ExecError> {
    let helpers = helper_dir(prefix);
    for (folder, files) in [(site_packages, &STAND_IN[..]), (helpers.as_path(), &HELPERS[..])] {
        for (name, content) in files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(ExecError::io(parent))?;
            }
            std::fs::write(&path, content).map_err(ExecError::io(&path))?;
        }
    }
    Ok(())
}
