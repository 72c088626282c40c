//! What the supervisor tells the launcher, and what the launcher answers.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

/// How a job is confined. The supervisor makes it, the launcher carries it out to the letter or fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) argv: Vec<OsString>,
    pub(super) cwd: OsString,
    pub(super) env: BTreeMap<String, String>,
    pub(super) ceilings: Ceilings,
    /// Namespaces and a root of its own; without them Landlock alone hides the files.
    pub(super) namespaces: bool,
    /// User and group to become, when the supervisor is root. In namespaces it need not succeed, see `own_user`.
    pub(super) user: Option<u32>,
    /// Whether Landlock is required.
    pub(super) landlock: bool,
    /// Files and directories of the host that the job sees, read-only.
    pub(super) readable: Vec<OsString>,
    /// Directories that it may write.
    pub(super) writable: Vec<OsString>,
    /// Directories that it may change for itself alone.
    pub(super) layers: Vec<Layer>,
}

/// A directory that is seen at another place, and beneath which changes are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Layer {
    pub(super) source: OsString,
    /// There is also room here for the changes.
    pub(super) at: OsString,
}

impl Plan {
    /// The user to whom what the job may write is handed over on disk.
    pub(super) fn heir(&self) -> Option<u32> {
        self.user.filter(|_| !self.namespaces)
    }

    /// Every path that a job in namespaces is granted, in a fixed order, and whether it may be written: what is to be
    /// read, what is to be written, and for each layer its source and its place.
    pub(super) fn granted(&self) -> impl Iterator<Item = (&OsStr, bool)> {
        let readable = self.readable.iter().map(|path| (path.as_os_str(), false));
        let writable = self.writable.iter().map(|path| (path.as_os_str(), true));
        let layers = self
            .layers
            .iter()
            .flat_map(|layer| [(layer.source.as_os_str(), false), (layer.at.as_os_str(), true)]);
        readable.chain(writable).chain(layers)
    }
}

/// Limits that the kernel keeps for each process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ceilings {
    pub(super) data_bytes: u64,
    pub(super) file_bytes: u64,
    pub(super) cpu_seconds: u64,
    pub(super) open_files: u64,
    pub(super) processes: u64,
    /// Size of each of `/tmp` and `/dev/shm`.
    pub(super) scratch_bytes: u64,
}

/// What the launcher says, one JSON document a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// The first process is in a user namespace of its own, and waits for [`OWN`] or [`SHARED`].
    Apart,
    /// The first process of the new namespaces, by its number outside.
    Init { pid: u32 },
    /// Everything is sealed; nothing of the job was run yet. `pid` is as the sealed process sees itself.
    Sealed { pid: u32, landlock_abi: u32 },
    /// A step could not be done; nothing of the job was run.
    Failed { step: String, error: String },
    /// The program ended.
    Ended { code: Option<i32>, signal: Option<i32>, cpu_seconds: Option<f64> },
}

/// The supervisor's permission to run the job.
pub(super) const GO: u8 = b'G';

/// The answer to a launcher that waits for a user: it has one.
pub(super) const OWN: u8 = b'O';

/// The answer to a launcher that waits for a user: there is none, it shares the supervisor's.
pub(super) const SHARED: u8 = b'S';

/// Largest plan that is read.
const MOST_BYTES: u32 = 1 << 20;

/// The plan as it is sent: its length in four bytes, then JSON.
pub(super) fn encode(plan: &Plan) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(plan)?;
    let length = u32::try_from(json.len()).map_err(io::Error::other)?;
    let mut frame = length.to_le_bytes().to_vec();
    frame.extend(json);
    Ok(frame)
}

/// Reads a plan and not one byte more: what follows is the permission.
pub(super) fn read(mut from: impl Read) -> io::Result<Plan> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > MOST_BYTES {
        return Err(io::Error::other("the plan is too long"));
    }
    let mut json = vec![0; length as usize];
    from.read_exact(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

/// Says a word.
pub(super) fn say(mut to: impl Write, word: &Word) -> io::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    to.write_all(&line)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn a_plan_is_read_to_its_last_byte_and_no_further() {
        let plan = Plan {
            argv: vec!["/bin/true".into(), OsString::from_vec(vec![0xff])],
            cwd: "/".into(),
            env: BTreeMap::from([("A".to_owned(), "b".to_owned())]),
            ceilings: Ceilings {
                data_bytes: 1,
                file_bytes: 2,
                cpu_seconds: 3,
                open_files: 4,
                processes: 5,
                scratch_bytes: 6,
            },
            namespaces: true,
            user: Some(7),
            landlock: true,
            readable: vec!["/r".into()],
            writable: vec!["/w".into()],
            layers: vec![Layer { source: "/s".into(), at: "/a".into() }],
        };
        let granted: Vec<_> = plan.granted().collect();
        let expected = [("/r", false), ("/w", true), ("/s", false), ("/a", true)];
        assert_eq!(granted, expected.map(|(path, writable)| (OsStr::new(path), writable)));
        let mut sent = encode(&plan).unwrap();
        sent.push(GO);
        let mut rest = sent.as_slice();
        assert_eq!(read(&mut rest).unwrap(), plan);
        assert_eq!(rest, [GO]);
        assert!(read(&sent[..9]).is_err());
        assert!(read([255, 255, 255, 255].as_slice()).is_err());
    }
}
