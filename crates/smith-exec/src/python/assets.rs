//! The files that this crate carries: the lock file, our stand-in package and the scripts that run a
//! task's code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::ExecError;

/// Hash-pinned packages of the environment, for every supported Python and platform.
pub(super) const LOCK: &str = include_str!("../../env/base.lock");

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
const HELPERS: [(&str, &str); 6] = [
    ("own_frames.py", include_str!("../../py/own_frames.py")),
    ("own_tables.py", include_str!("../../py/own_tables.py")),
    ("run_prepare.py", include_str!("../../py/run_prepare.py")),
    ("run_score.py", include_str!("../../py/run_score.py")),
    ("seeded/sitecustomize.py", include_str!("../../py/seeded/sitecustomize.py")),
    ("worker.py", include_str!("../../py/worker.py")),
];

/// Where the helpers of an environment lie.
pub(super) fn helper_dir(prefix: &Path) -> PathBuf {
    prefix.join("share").join("smith")
}

/// Name and content of everything that an environment is made from.
pub(super) fn ingredients() -> impl Iterator<Item = (&'static str, &'static str)> {
    [("lock", LOCK), ("check", CHECK), ("pip", NO_PIP)].into_iter().chain(STAND_IN).chain(HELPERS)
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

/// Names of the pinned packages; some belong to other platforms or Pythons.
pub(super) fn pinned() -> BTreeSet<&'static str> {
    LOCK.lines()
        .filter(|line| !line.starts_with([' ', '#']))
        .filter_map(|line| line.split_once("=="))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_pins_the_base_set_with_hashes_and_names_no_registry() {
        let pinned = pinned();
        for name in ["numpy", "pandas", "scikit-learn", "pillow", "soundfile", "pyarrow", "statsmodels"] {
            assert!(pinned.contains(name), "{name}");
        }
        assert!(LOCK.contains("--hash=sha256:"));
        assert!(!LOCK.contains("://"));
    }

    #[test]
    fn every_pin_is_followed_by_a_hash() {
        let mut lines = LOCK.lines();
        while let Some(line) = lines.next() {
            if line.contains("==") && !line.starts_with([' ', '#']) {
                assert!(lines.next().unwrap_or_default().contains("--hash="), "{line}");
            }
        }
    }
}
