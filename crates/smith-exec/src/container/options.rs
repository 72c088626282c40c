//! Which engine runs containers.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// Which engine runs containers, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContainerOptions {
    /// The client of the engine, `podman` or `docker`. Without it the first of the two on the search path that
    /// answers is taken.
    pub engine: Option<PathBuf>,
    /// Where the engine is looked for, and where it finds its own helpers: the caller's `PATH`.
    pub search_path: Option<OsString>,
    /// An image of the caller's, with a C library that runs this program too, and whatever jobs need. It must be
    /// there already. Without it the directories of this machine's own system are bound into an empty image.
    pub image: Option<String>,
    /// The OCI runtime, when it is not to be the engine's usual one: `runc`, `crun`, `runsc`.
    pub runtime: Option<String>,
    /// The whole environment of the engine's client besides `PATH`: `HOME`, `XDG_RUNTIME_DIR`, `DOCKER_HOST`,
    /// `DOCKER_CONTEXT`, `CONTAINER_HOST`.
    pub env: BTreeMap<String, String>,
    /// The program that becomes the first process of containers, when it is not the calling one; it calls
    /// [`enter_if_asked`](crate::enter_if_asked).
    pub launcher: Option<PathBuf>,
}
