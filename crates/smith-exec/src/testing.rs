//! A runtime for the tests of this workspace, built once into `target/smith-cache`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::{ChildProcess, PythonEnv, PythonOptions, Runtime, Silent};

static PYTHON: OnceCell<PythonEnv> = OnceCell::const_new();

/// A runtime over [`ChildProcess`] with the environment that all tests share.
///
/// # Panics
/// When the environment cannot be built: no test that needs it can pass then.
#[expect(clippy::panic, reason = "for tests only, where a panic is a failure with a message")]
pub async fn runtime() -> Runtime {
    let python = PYTHON
        .get_or_init(|| async {
            match PythonEnv::ensure(&options(), &Silent).await {
                Ok(python) => python,
                Err(error) => panic!("{error}"),
            }
        })
        .await;
    Runtime::new(python.clone(), Arc::new(ChildProcess::new("smith-test".into())))
}

/// What the caller's environment says about Python, installers and the network.
#[must_use]
pub fn options() -> PythonOptions {
    // Without `..`, which not every sandbox can show.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("."));
    let cache = workspace.join("target/smith-cache");
    let mut options = PythonOptions::new(cache);
    options.search_path = std::env::var_os("PATH");
    options.pip_env = passed_on();
    options
}

fn passed_on() -> BTreeMap<String, String> {
    const PREFIXES: [&str; 5] = ["PIP_", "UV_", "SSL_CERT_", "HTTP", "NO_PROXY"];
    std::env::vars()
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.to_uppercase().starts_with(prefix)))
        .collect()
}
