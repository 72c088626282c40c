//! The only place that reads environment variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use smith_core::MachineOptions;
use smith_core::exec::ContainerOptions;
use smith_core::llm::{ModelSpec, Secret};

/// A `.env` file in the current directory or above it may hold keys; what is set already stays.
pub(crate) fn load_dotenv() {
    // No such file is the usual case; a malformed one must not stop commands that need no key.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("warning: the .env file was not read: it is malformed");
    }
}

/// Diagnostics on stderr, if `SMITH_LOG` asks for them, in the words of `tracing-subscriber`'s filter.
pub(crate) fn log_filter() -> Option<String> {
    text("SMITH_LOG")
}

/// The name under which spans are exported, if a collector is named by the standard variables.
#[cfg(feature = "otlp")]
pub(crate) fn exported_as() -> Option<String> {
    let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
    let disabled = named("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    (!disabled && endpoint.iter().any(|name| named(name).is_some()))
        .then(|| named("OTEL_SERVICE_NAME").unwrap_or_else(|| "smith".to_owned()))
}

/// The key of the provider of `model`, by the variable that it usually stands in. A spec that is none gets no key, and
/// is told so by whoever reads it.
pub(crate) fn api_key(model: &str) -> Option<Secret> {
    let variable = model.parse::<ModelSpec>().ok()?.key_variable()?;
    named(variable).map(Secret::new)
}

/// The value of a variable that the caller has named; nothing when it is not set or empty.
pub(crate) fn named(name: &str) -> Option<String> {
    text(name).filter(|value| !value.is_empty())
}

/// Where Python comes from: `SMITH_PYTHON`, else `PATH`; environments are kept in `SMITH_CACHE`, else in
/// the user's cache directory.
pub(crate) fn machine() -> MachineOptions {
    let mut options = MachineOptions::default();
    options.cache_dir = cache_dir();
    options.python = path("SMITH_PYTHON");
    options.search_path = std::env::var_os("PATH");
    options.pip_env = passed_on();
    options.container = container();
    options
}

/// The engine of containers: `SMITH_CONTAINER_ENGINE`, else podman or docker of the `PATH`; its image and its OCI
/// runtime by `SMITH_CONTAINER_IMAGE` and `SMITH_CONTAINER_RUNTIME`.
fn container() -> ContainerOptions {
    let given = |name: &str| text(name).filter(|value| !value.is_empty());
    let mut options = ContainerOptions::default();
    options.engine = path("SMITH_CONTAINER_ENGINE");
    options.search_path = std::env::var_os("PATH");
    options.image = given("SMITH_CONTAINER_IMAGE");
    options.runtime = given("SMITH_CONTAINER_RUNTIME");
    options.env = CLIENT.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?))).collect();
    options
}

/// What the client of an engine needs to find its daemon, its storage and its configuration.
const CLIENT: [&str; 11] = [
    "HOME",
    "USER",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST",
];

fn cache_dir() -> PathBuf {
    path("SMITH_CACHE")
        .or_else(|| path("XDG_CACHE_HOME").map(|dir| dir.join("smith")))
        .or_else(|| path("HOME").map(|dir| dir.join(".cache/smith")))
        .unwrap_or_else(|| std::env::temp_dir().join("smith-cache"))
}

/// What installing packages may need: indexes, proxies, certificates.
fn passed_on() -> BTreeMap<String, String> {
    let wanted = |name: &str| {
        let upper = name.to_uppercase();
        upper.starts_with("PIP_")
            || upper.starts_with("UV_")
            || upper.starts_with("SSL_CERT_")
            || matches!(
                upper.as_str(),
                "HTTP_PROXY" | "HTTPS_PROXY" | "ALL_PROXY" | "NO_PROXY" | "REQUESTS_CA_BUNDLE" | "HOME"
            )
    };
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| wanted(name))
        .collect()
}

fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "this module is where the environment is read")]
fn text(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
