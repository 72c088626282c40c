//! What participants read.

use std::io::Read as _;
use std::path::Path;

use super::Subject;
use crate::AssertError;

/// Most of a description that is read, in bytes.
const MAX_DESCRIPTION: u64 = 4 << 20;

/// A description that is there.
pub(crate) struct Description {
    /// As it stands in findings.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Subject {
    /// The description of the task and the one in public/, as far as they are there; one of them when they are equal.
    pub(crate) fn descriptions(&self) -> Result<Vec<Description>, AssertError> {
        let layout = self.layout();
        let mut found: Vec<Description> = Vec::new();
        for path in [layout.public.join("description.txt"), layout.description.clone()] {
            if let Some(text) = read(&path)?
                && found.iter().all(|other| other.text != text)
            {
                found.push(Description { name: self.name(&path), text });
            }
        }
        if found.is_empty() {
            return Err(AssertError::not_run("description.txt is missing"));
        }
        Ok(found)
    }
}

fn read(path: &Path) -> Result<Option<String>, AssertError> {
    if !path.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_DESCRIPTION).read_to_end(&mut bytes))
        .map_err(AssertError::io(path))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
