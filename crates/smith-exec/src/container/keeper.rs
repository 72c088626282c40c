//! Nothing outlives a run, whatever becomes of us.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::engine::Engine;

/// Waits until its input ends, which happens also when we are killed, and becomes the program that is named.
const KEEP: &str = r#"read -r gone; exec "$@" >/dev/null 2>&1"#;

/// How long an engine may take to remove a container.
const REMOVAL_GRACE: Duration = Duration::from_secs(30);

/// A process that removes one container as soon as this value is dropped or its own process ends.
pub(super) struct Keeper(Child);

impl Keeper {
    pub(super) fn start(engine: &Engine, name: &str) -> std::io::Result<Self> {
        let removal: Vec<OsString> = engine.words().into_iter().chain(engine.removal(name)).collect();
        let mut command = shell();
        command
            .args(["-c", KEEP, "sh"])
            .args(removal)
            .env_clear()
            .envs(engine.env())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What a terminal sends to our group is not for it.
            .process_group(0);
        command.spawn().map(Self)
    }

    /// Removes the container now. Says whether it is gone.
    pub(super) async fn remove(mut self) -> bool {
        drop(self.0.stdin.take());
        let removed = tokio::time::timeout(REMOVAL_GRACE, self.0.wait()).await;
        removed.is_ok_and(|status| status.is_ok_and(|status| status.success()))
    }
}

#[expect(clippy::disallowed_methods, reason = "it starts the engine's client, later")]
fn shell() -> Command {
    Command::new("/bin/sh")
}
