//! What can go wrong with a dataset or a file of it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a dataset or a file could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// There is no such file or folder.
    #[error("{}: there is no such file or folder; check the path", .0.display())]
    NotFound(PathBuf),
    /// A folder without any file, or a file without any byte.
    #[error("{}: holds no data; point to the folder that holds the dataset's files", .0.display())]
    Empty(PathBuf),
    /// A folder or a special file was given where a regular file is wanted.
    #[error("{}: is not a regular file; give the path of a file", .0.display())]
    NotAFile(PathBuf),
    /// The operating system refused to list or read.
    #[error("{}: cannot be read: {source}; check its permissions and the disk", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The operating system refused to write.
    #[error("{}: cannot be written: {source}; check the folder and the disk", path.display())]
    Unwritable {
        /// What was to be written.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The file is larger than the caller allows.
    #[error("{}: holds more than the {limit} bytes that may be read at once", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Greatest number of bytes, after decompression.
        limit: u64,
    },
    /// The file's content is not what its format promises.
    #[error("{}:{line}: {message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong there.
        message: String,
    },
}

impl DataError {
    /// True when the caller pointed to the wrong place; false when the data or the machine is at fault.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::Empty(_) | Self::NotAFile(_))
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            Self::NotFound(path.to_path_buf())
        } else {
            Self::Unreadable { path: path.to_path_buf(), source }
        }
    }

    pub(crate) fn malformed(path: &Path, line: u64, message: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_path_buf(), line, message: message.into() }
    }
}
