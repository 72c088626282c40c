//! The client of a container engine: finding it, asking it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::ContainerOptions;
use crate::proc_stat::Process;

/// How long an engine may take to answer. A daemon that is being started takes seconds.
const ANSWER_GRACE: Duration = Duration::from_secs(60);

/// Label of every container that is made here.
pub(super) const LABEL: &str = "smith.job";

/// An archive without a file: two empty blocks are the end of every archive.
const EMPTY_ARCHIVE: [u8; 1024] = [0; 1024];

/// Which of the two an engine is. They take the same arguments, but for a few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Docker,
    Podman,
}

/// Why there is no engine.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) problem: String,
    pub(super) remedy: String,
}

/// An engine that answered.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    program: PathBuf,
    pub(super) flavour: Flavour,
    /// Whether root inside of a container is the user who runs the engine.
    pub(super) rootless: bool,
    runtime: Option<String>,
    env: BTreeMap<OsString, OsString>,
}

impl Engine {
    /// The engine that is asked for, else the first that answers.
    pub(super) async fn find(options: &ContainerOptions) -> Result<Self, Refusal> {
        let candidates = candidates(options);
        let mut refusals = Vec::new();
        for program in &candidates {
            match Self::look(program, options).await {
                Ok(engine) => return Ok(engine),
                Err(refusal) => refusals.push(refusal),
            }
        }
        let problems: Vec<&str> = refusals.iter().map(|refusal| refusal.problem.as_str()).collect();
        let Some(last) = refusals.last() else { return Err(nothing_installed()) };
        Err(Refusal { problem: problems.join("; "), remedy: last.remedy.clone() })
    }

    async fn look(program: &Path, options: &ContainerOptions) -> Result<Self, Refusal> {
        let mut env: BTreeMap<OsString, OsString> =
            options.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        env.extend(options.search_path.clone().map(|path| ("PATH".into(), path)));
        let mut engine = Self {
            program: program.to_path_buf(),
            flavour: Flavour::Docker,
            rootless: false,
            runtime: options.runtime.clone(),
            env,
        };
        let told =
            engine.ask(["info", "--format", "{{json .}}"]).await.map_err(|why| engine.refusal(&why))?;
        let told: Value = serde_json::from_str(&told).map_err(|why| engine.refusal(&why.to_string()))?;
        (engine.flavour, engine.rootless) = kind(&told);
        Ok(engine)
    }

    /// What usually helps when an engine does not answer.
    fn refusal(&self, why: &str) -> Refusal {
        let remedy = if why.contains("permission denied") {
            "let this user talk to the daemon (group `docker`, which is as good as root), or install podman, \
             which needs no daemon"
        } else if why.contains("daemon") {
            "start the daemon (`systemctl start docker`), or install podman, which needs none"
        } else {
            "make `podman info` or `docker info` work for this user"
        };
        Refusal { problem: format!("{}: {why}", self.program.display()), remedy: remedy.to_owned() }
    }

    /// Runs the client to its end and returns what it printed.
    pub(super) async fn ask<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<String, String> {
        self.ask_with(arguments, &[]).await
    }

    async fn ask_with<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: &[u8],
    ) -> Result<String, String> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let asked = async {
            let mut child = command.spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                // A client that needs no input may be gone before it gets any.
                let _not_read = stdin.write_all(input).await;
            }
            child.wait_with_output().await
        };
        let output = match tokio::time::timeout(ANSWER_GRACE, asked).await {
            Ok(output) => output.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("no answer within {} s", ANSWER_GRACE.as_secs())),
        };
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(last_line(&output.stderr).unwrap_or_else(|| output.status.to_string()))
    }

    /// The client with nothing in its environment but what it was given.
    pub(super) fn command(&self) -> Command {
        let mut command = program(&self.program);
        command
            .env_clear()
            .envs(&self.env)
            .args(self.before_the_verb())
            // Podman's monitor leaves a file where it was started when memory runs out; nobody can, here.
            .current_dir("/proc")
            .kill_on_drop(true);
        command
    }

    /// The client as words, for a program that starts it later.
    pub(super) fn words(&self) -> Vec<OsString> {
        let program = self.program.clone().into_os_string();
        [program].into_iter().chain(self.before_the_verb().into_iter().map(OsString::from)).collect()
    }

    pub(super) fn env(&self) -> &BTreeMap<OsString, OsString> {
        &self.env
    }

    /// Podman wants the runtime before the verb, Docker after it.
    fn before_the_verb(&self) -> Vec<&str> {
        match (&self.runtime, self.flavour) {
            (Some(runtime), Flavour::Podman) => vec!["--runtime", runtime],
            _ => Vec::new(),
        }
    }

    /// Further arguments of `create` that only one of the two knows.
    pub(super) fn of_create(&self) -> Vec<&str> {
        match (&self.runtime, self.flavour) {
            // Docker has no other writable places than those that are asked for.
            (_, Flavour::Podman) => vec!["--read-only-tmpfs=false", "--http-proxy=false"],
            (Some(runtime), Flavour::Docker) => vec!["--runtime", runtime],
            (None, Flavour::Docker) => Vec::new(),
        }
    }

    /// Removes a container and whatever runs in it, at once.
    pub(super) fn removal(&self, name: &str) -> Vec<OsString> {
        let mut words: Vec<&str> = vec!["rm", "--force", "--volumes"];
        // It would wait for the program to end by itself.
        words.extend((self.flavour == Flavour::Podman).then_some("--time=0"));
        words.push(name);
        words.into_iter().map(OsString::from).collect()
    }

    /// The name of an image without a file in it, which is made when it is not there.
    pub(super) async fn empty_image(&self) -> Result<String, Refusal> {
        let hash = blake3::hash(&EMPTY_ARCHIVE).to_hex();
        let name = format!("smith-empty:{}", &hash[..12]);
        if self.ask(["image", "inspect", &name]).await.is_err() {
            let made = self.ask_with(["import", "-", &name], &EMPTY_ARCHIVE).await;
            made.map_err(|why| self.refusal(&format!("an empty image cannot be made: {why}")))?;
        }
        Ok(name)
    }

    /// The name of an image that is there already.
    pub(super) async fn require_image(&self, name: &str) -> Result<String, Refusal> {
        match self.ask(["image", "inspect", name]).await {
            Ok(_) => Ok(name.to_owned()),
            Err(why) => Err(Refusal {
                problem: format!("{}: {why}", self.program.display()),
                remedy: format!("fetch the image: `{} pull {name}`", self.program.display()),
            }),
        }
    }

    /// Removes what supervisors left that could not do it themselves.
    pub(super) async fn sweep(&self) {
        let filter = format!("label={LABEL}");
        let listed = self.ask(["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]).await;
        for name in listed.unwrap_or_default().lines().filter(|name| is_orphan(name)) {
            tracing::info!(name, "a container of a supervisor that is gone is removed");
            if let Err(why) = self.ask(self.removal(name)).await {
                tracing::warn!(name, why, "a container could not be removed");
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this crate starts programs here, in `child` and in `jail`")]
fn program(path: &Path) -> Command {
    Command::new(path)
}

fn candidates(options: &ContainerOptions) -> Vec<PathBuf> {
    let places: Vec<PathBuf> = options.search_path.iter().flat_map(std::env::split_paths).collect();
    let on_path = |name: &str| places.iter().map(|place| place.join(name)).find(|path| path.is_file());
    match &options.engine {
        Some(named) if named.components().count() == 1 => {
            vec![named.to_str().and_then(on_path).unwrap_or_else(|| named.clone())]
        }
        Some(path) => vec![std::path::absolute(path).unwrap_or_else(|_| path.clone())],
        None => ["podman", "docker"].into_iter().filter_map(on_path).collect(),
    }
}

fn nothing_installed() -> Refusal {
    Refusal {
        problem: "neither podman nor docker is on the search path".to_owned(),
        remedy: "install podman (it needs neither root nor a daemon) or docker".to_owned(),
    }
}

/// Which engine speaks, and whether root inside of its containers is an ordinary user outside.
fn kind(told: &Value) -> (Flavour, bool) {
    if let Some(host) = told.get("host") {
        return (Flavour::Podman, host["security"]["rootless"].as_bool().unwrap_or(false));
    }
    let options = told["SecurityOptions"].as_array().into_iter().flatten().filter_map(Value::as_str);
    (Flavour::Docker, options.into_iter().any(|option| option.contains("name=rootless")))
}

fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

/// A name that no other container has: `smith-<process namespace>-<supervisor>-<its start>-<number>`. It says
/// whose container it is.
pub(super) fn new_name() -> String {
    static CONTAINERS: AtomicU64 = AtomicU64::new(0);
    let own = std::process::id();
    let started = Process::read(own).map_or(0, |process| process.started);
    let number = CONTAINERS.fetch_add(1, Ordering::Relaxed);
    format!("smith-{}-{own}-{started}-{number}", process_namespace())
}

/// Process numbers mean something within their namespace only.
fn process_namespace() -> String {
    let link = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    link.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Whether the supervisor of a container has ended. Of one in another namespace nothing is known.
fn is_orphan(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let ["smith", namespace, supervisor, started, _] = parts[..] else { return false };
    let Ok(supervisor) = supervisor.parse() else { return false };
    let living = Process::read(supervisor).filter(|process| !process.ended);
    namespace == process_namespace() && living.is_none_or(|process| process.started.to_string() != started)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn engines_are_told_apart_by_what_they_say() {
        let podman = |rootless: bool| json!({"host": {"security": {"rootless": rootless}}});
        assert_eq!(kind(&podman(true)), (Flavour::Podman, true));
        assert_eq!(kind(&podman(false)), (Flavour::Podman, false));
        assert_eq!(
            kind(&json!({"SecurityOptions": ["name=seccomp,profile=default"]})),
            (Flavour::Docker, false)
        );
        assert_eq!(kind(&json!({"SecurityOptions": ["name=rootless"]})), (Flavour::Docker, true));
    }

    #[test]
    fn a_container_is_an_orphan_when_its_supervisor_is_gone() {
        assert!(!is_orphan(&new_name()));
        assert_ne!(new_name(), new_name());
        let own = std::process::id();
        let namespace = process_namespace();
        assert!(is_orphan(&format!("smith-{namespace}-{own}-1-0")));
        assert!(is_orphan(&format!("smith-{namespace}-4194305-1-0")));
        assert!(!is_orphan("smith-1-4194305-1-0"));
        assert!(!is_orphan("smith-postgres"));
    }

    #[test]
    fn an_engine_is_taken_by_path_or_by_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("docker"), "").unwrap();
        let mut options = ContainerOptions {
            search_path: Some(folder.path().as_os_str().to_owned()),
            ..ContainerOptions::default()
        };
        assert_eq!(candidates(&options), [folder.path().join("docker")]);
        options.engine = Some("docker".into());
        assert_eq!(candidates(&options), [folder.path().join("docker")]);
        options.engine = Some("/opt/podman".into());
        assert_eq!(candidates(&options), [PathBuf::from("/opt/podman")]);
    }
}
