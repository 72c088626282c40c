//! A root directory of the job's own: the system and the job's inputs read-only, its directories
//! writable, nothing else there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, MoveMountFlags, UnmountFlags};

use super::layers;
use super::plan::Plan;
use super::seal::{DEVICES, Failed, SYSTEM, SYSTEM_FILES, step};

/// Where the new root is put together; every system has this directory.
const SITE: &str = "/tmp";

/// What will be seen inside, opened before the way to it is closed.
struct View {
    path: OsString,
    opened: OwnedFd,
    writable: bool,
    /// Whether what is opened is a mount already, protected as it should be, that only needs a place.
    mounted: bool,
}

impl View {
    fn open(path: &OsStr, writable: bool) -> Result<Self, Failed> {
        let opened = rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
        let opened = step(&format!("open {}", Path::new(path).display()), opened)?;
        Ok(Self { path: path.to_owned(), opened, writable, mounted: false })
    }

    /// A way to it by its descriptor: a path with a comma or a colon would not survive among options of a mount.
    fn source(&self) -> PathBuf {
        by_number(&self.opened)
    }
}

fn by_number(opened: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", opened.as_raw_fd()))
}

/// Opens the system. Parts of it may be missing, and links among them are made again inside.
fn system() -> Result<Vec<View>, Failed> {
    let paths = SYSTEM.iter().chain(&SYSTEM_FILES).map(Path::new);
    let present =
        paths.filter(|path| path.exists() && !path.is_symlink()).map(|path| path.as_os_str().to_owned());
    // What is written to a device passes a read-only mount; changes of its mode and owner do not.
    let devices = DEVICES.iter().map(|name| OsString::from(format!("/dev/{name}")));
    present.chain(devices).map(|path| View::open(&path, false)).collect()
}

/// Everything that the plan grants, in its order: what the supervisor passed, or else opened here. A missing file is
/// an error.
fn granted(plan: &Plan, passed: Vec<OwnedFd>) -> Result<Vec<View>, Failed> {
    if passed.is_empty() {
        return plan.granted().map(|(path, writable)| View::open(path, writable)).collect();
    }
    let count = plan.granted().count();
    if passed.len() != count {
        let error = format!("{} mounts were passed for {count} paths", passed.len());
        return Err(Failed { step: "take what was passed".to_owned(), error });
    }
    let all = plan.granted().zip(passed);
    Ok(all
        .map(|((path, writable), opened)| View { path: path.to_owned(), opened, writable, mounted: true })
        .collect())
}

/// Builds the new root and moves into it. Everything else of the host is gone afterwards. `passed` are mounts of all
/// that the plan grants, or nothing.
pub(super) fn enter(plan: &Plan, passed: Vec<OwnedFd>) -> Result<(), Failed> {
    let (mut views, mut granted) = (system()?, granted(plan, passed)?);
    let layers = granted.split_off(plan.readable.len() + plan.writable.len());
    views.append(&mut granted);
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    step("make mounts private", rustix::mount::mount_change("/", private))?;
    tmpfs(Path::new(SITE), 16 << 20)?;
    let links: Vec<(PathBuf, PathBuf)> =
        SYSTEM.iter().filter_map(|path| Some((PathBuf::from(path), fs::read_link(path).ok()?))).collect();
    let root = Path::new(SITE);
    step("make /dev", fs::create_dir_all(root.join("dev")))?;
    // Before the views, because a directory of the job may lie below /tmp.
    for (name, bytes) in [("tmp", plan.ceilings.scratch_bytes), ("dev/shm", plan.ceilings.scratch_bytes)] {
        step("make scratch", fs::create_dir_all(root.join(name)))?;
        tmpfs(&root.join(name), bytes)?;
        let open_to_all = fs::Permissions::from_mode(0o1777);
        step("open scratch", fs::set_permissions(root.join(name), open_to_all))?;
    }
    for (path, target) in links {
        step("link the system", symlink(target, inside(root, &path)))?;
    }
    for view in by_depth(&views) {
        show(root, view)?;
    }
    for [source, at] in layers.as_chunks().0 {
        lay_over(root, source, at)?;
    }
    furnish(root)?;
    step("make /proc", fs::create_dir_all(root.join("proc")))?;
    let quiet = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    step("mount /proc", rustix::mount::mount("proc", root.join("proc"), "proc", quiet, None))?;
    step("mask /proc", mask(&root.join("proc"), &root.join("dev/null")))?;
    let bound = MountFlags::BIND | MountFlags::RDONLY | quiet;
    step("make /proc read-only", rustix::mount::mount_remount(root.join("proc"), bound, ""))?;
    pivot(root)?;
    let fixed = MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV;
    step("make the root read-only", rustix::mount::mount_remount("/", fixed, ""))
}

/// Outer directories first, so that inner ones are mounted over them.
fn by_depth(views: &[View]) -> Vec<&View> {
    let mut sorted: Vec<&View> = views.iter().collect();
    sorted.sort_by_key(|view| Path::new(&view.path).components().count());
    sorted
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn tmpfs(at: &Path, bytes: u64) -> Result<(), Failed> {
    let quiet = MountFlags::NOSUID | MountFlags::NODEV;
    let inodes = (bytes >> 12).max(1 << 10);
    let options = format!("size={bytes},nr_inodes={inodes},mode=0755");
    let options = step("write mount options", std::ffi::CString::new(options))?;
    step("mount a tmpfs", rustix::mount::mount("tmpfs", at, "tmpfs", quiet, options.as_c_str()))
}

/// Binds one view at its own path.
fn show(root: &Path, view: &View) -> Result<(), Failed> {
    let path = Path::new(&view.path);
    let target = inside(root, path);
    let source = view.source();
    let what = |doing: &str| format!("{doing} {}", path.display());
    if step(&what("look at"), fs::metadata(&source))?.is_dir() {
        step(&what("make a place for"), fs::create_dir_all(&target))?;
    } else {
        let parent = target.parent().unwrap_or(root);
        step(&what("make a place for"), fs::create_dir_all(parent))?;
        let made = OpenOptions::new().create(true).append(true).open(&target);
        drop::<File>(step(&what("make a place for"), made)?);
    }
    if view.mounted {
        return step(&what("mount"), attach(view, &target));
    }
    step(&what("bind"), rustix::mount::mount_bind_recursive(&source, &target))?;
    let mut flags = MountFlags::BIND | locked(&target);
    if !path.starts_with("/dev") {
        flags |= MountFlags::NOSUID | MountFlags::NODEV;
    }
    if !view.writable {
        flags |= MountFlags::RDONLY;
    }
    step(&what("protect"), rustix::mount::mount_remount(&target, flags, ""))
}

/// Gives a mount its place.
fn attach(view: &View, target: &Path) -> rustix::io::Result<()> {
    rustix::mount::move_mount(&view.opened, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
}

/// Shows `source` at the place of `at`, where there is room for changes.
fn lay_over(root: &Path, source: &View, at: &View) -> Result<(), Failed> {
    let target = inside(root, Path::new(&at.path));
    step(layers::STEP, fs::create_dir_all(&target))?;
    // Older kernels make layers only of what has a place; any will do, and this one will be covered.
    for view in [source, at].into_iter().filter(|view| view.mounted) {
        step(layers::STEP, attach(view, &target))?;
    }
    let open =
        |name| rustix::fs::openat(at.opened.as_fd(), name, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
    let (upper, work) = (step(layers::STEP, open(layers::UPPER))?, step(layers::STEP, open(layers::WORK))?);
    let [lower, upper, work] = [source.source(), by_number(&upper), by_number(&work)];
    let (lower, upper, work) = (lower.display(), upper.display(), work.display());
    let options = format!("lowerdir={lower},upperdir={upper},workdir={work},userxattr");
    let options = step(layers::STEP, std::ffi::CString::new(options))?;
    let quiet = MountFlags::NOSUID | MountFlags::NODEV;
    step(layers::STEP, rustix::mount::mount("overlay", &target, "overlay", quiet, options.as_c_str()))
}

/// Flags that a mount has already: in a user namespace they cannot be taken back.
fn locked(target: &Path) -> MountFlags {
    let Ok(status) = rustix::fs::statvfs(target) else { return MountFlags::empty() };
    [
        (StatVfsMountFlags::NOEXEC, MountFlags::NOEXEC),
        (StatVfsMountFlags::NOATIME, MountFlags::NOATIME),
        (StatVfsMountFlags::NODIRATIME, MountFlags::NODIRATIME),
        (StatVfsMountFlags::RELATIME, MountFlags::RELATIME),
        (StatVfsMountFlags::NOSUID, MountFlags::NOSUID),
        (StatVfsMountFlags::NODEV, MountFlags::NODEV),
    ]
    .into_iter()
    .filter(|(has, _)| status.f_flag.contains(*has))
    .fold(MountFlags::empty(), |all, (_, flag)| all | flag)
}

/// Puts `null` over files that are for root alone: a job of root's is root to the files of the kernel.
fn mask(proc: &Path, null: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(proc)? {
        let entry = entry?;
        let Ok(data) = entry.metadata() else { continue };
        if data.is_file() && data.permissions().mode() & 0o004 == 0 {
            rustix::mount::mount_bind(null, entry.path())?;
        }
    }
    Ok(())
}

/// Names for users, and the links that programs expect in `/dev`.
fn furnish(root: &Path) -> Result<(), Failed> {
    let etc = root.join("etc");
    step("make /etc", fs::create_dir_all(&etc))?;
    step("write /etc/passwd", fs::write(etc.join("passwd"), "root:x:0:0::/tmp:/bin/sh\n"))?;
    step("write /etc/group", fs::write(etc.join("group"), "root:x:0:\n"))?;
    for (name, target) in [("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")] {
        step("link /dev", symlink(format!("/proc/self/{target}"), root.join("dev").join(name)))?;
    }
    Ok(())
}

/// Makes `root` the root; what was the root before is no longer mounted.
fn pivot(root: &Path) -> Result<(), Failed> {
    step("enter the new root", std::env::set_current_dir(root))?;
    step("change the root", rustix::process::pivot_root(".", "."))?;
    step("leave the old root", rustix::mount::unmount(".", UnmountFlags::DETACH))?;
    step("go to the root", std::env::set_current_dir("/"))
}
