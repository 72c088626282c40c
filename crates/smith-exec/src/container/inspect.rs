//! What an engine says of a container.

use serde::Deserialize;

/// The part of its answer that matters here. Both engines give it the same names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Inspected {
    pub(super) state: State,
    #[serde(default)]
    pub(super) host_config: HostConfig,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    #[serde(default)]
    pub(super) running: bool,
    /// The first process as this machine numbers it; 0 when there is none.
    #[serde(default)]
    pub(super) pid: u32,
    #[serde(default)]
    pub(super) exit_code: i32,
    #[serde(default, rename = "OOMKilled")]
    pub(super) oom_killed: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostConfig {
    pub(super) network_mode: String,
    pub(super) readonly_rootfs: bool,
    pub(super) privileged: bool,
}

impl Inspected {
    /// Reads the answer, which is a list with one entry.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let all: Vec<Self> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        all.into_iter().next().ok_or_else(|| "there is no such container".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_without_what_is_not_needed() {
        let text = r#"[{"Id": "8d", "State": {"Status": "running", "Running": true, "OOMKilled": false, "Pid": 5075,
            "ExitCode": 0}, "HostConfig": {"NetworkMode": "none", "ReadonlyRootfs": true, "Privileged": false,
            "Ulimits": [{"Name": "core"}]}}]"#;
        let inspected = Inspected::parse(text).unwrap();
        assert!(inspected.state.running && inspected.host_config.readonly_rootfs);
        assert_eq!((inspected.state.pid, inspected.host_config.network_mode.as_str()), (5075, "none"));
        for wrong in ["", "[]", "{}", "[{}]"] {
            assert!(Inspected::parse(wrong).is_err(), "{wrong}");
        }
    }
}
