//! Mounts on which the files of one user appear as those of another, without a change on disk.

use std::ffi::c_uint;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::CWD;
use rustix::mount::{OpenTreeFlags, open_tree};

/// A view of `path` with everything that is mounted below it, not attached anywhere. `users` is a user namespace:
/// who owns a file on disk is a user of it, and who reads and writes the file is that user outside. Never executes
/// with another user's rights; has devices only when `path` is one.
///
/// # Errors
/// The kernel's, where a file system does not know such mounts or this process may not make them.
pub(super) fn view(path: &Path, users: BorrowedFd<'_>, writable: bool) -> io::Result<OwnedFd> {
    let flags =
        OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(CWD, path, flags)?;
    let mut set = libc::MOUNT_ATTR_IDMAP | libc::MOUNT_ATTR_NOSUID;
    if !path.starts_with("/dev") {
        set |= libc::MOUNT_ATTR_NODEV;
    }
    if !writable {
        set |= libc::MOUNT_ATTR_RDONLY;
    }
    set_attributes(&tree, set, users)?;
    Ok(tree)
}

/// Sets attributes of a tree of mounts, which from then on does not hear of what is mounted elsewhere.
#[expect(unsafe_code, reason = "no library that is used here wraps this call")]
fn set_attributes(tree: &OwnedFd, set: u64, users: BorrowedFd<'_>) -> io::Result<()> {
    let attributes = libc::mount_attr {
        attr_set: set,
        attr_clr: 0,
        propagation: libc::MS_PRIVATE,
        userns_fd: u64::try_from(users.as_raw_fd()).map_err(io::Error::other)?,
    };
    let flags = (libc::AT_EMPTY_PATH | libc::AT_RECURSIVE).cast_unsigned() as c_uint;
    // SAFETY: the path is a constant that ends in a zero, the structure lives until the call returns and the size is
    // its own; the kernel only reads both. The descriptors are open while they are borrowed.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
