//! A root directory of the job's own: the system and the job's inputs read-only, its directories
//! writable, nothing else there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, StatVfsMountFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

use super::layers;
use super::plan::{Layer, Plan};
use super::seal::{DEVICES, Failed, SYSTEM, SYSTEM_FILES, step};

/// Where the new root is put together; every system has this directory.
const SITE: &str = "/tmp";

/// What will be seen inside, opened before the way to it is closed.
struct View {
    path: OsString,
    opened: OwnedFd,
    writable: bool,
}

/// Opens everything that the plan grants. A missing file of the job is an error; parts of the system may be
/// missing, and links among them are made again inside.
fn open(plan: &Plan) -> Result<Vec<View>, Failed> {
    let mut views = Vec::new();
    let system = SYSTEM.iter().chain(&SYSTEM_FILES).map(Path::new);
    for path in system.filter(|path| path.exists() && !path.is_symlink()) {
        views.push(view(path.as_os_str(), false)?);
    }
    for path in &plan.readable {
        views.push(view(path, false)?);
    }
    for path in &plan.writable {
        views.push(view(path, true)?);
    }
    for name in DEVICES {
        // What is written to a device passes a read-only mount; changes of its mode and owner do not.
        views.push(view(OsStr::new(&format!("/dev/{name}")), false)?);
    }
    Ok(views)
}

fn view(path: &OsStr, writable: bool) -> Result<View, Failed> {
    let opened = step(&format!("open {}", Path::new(path).display()), opened(path))?;
    Ok(View { path: path.to_owned(), opened, writable })
}

fn opened(path: &OsStr) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
}

/// Builds the new root and moves into it. Everything else of the host is gone afterwards.
pub(super) fn enter(plan: &Plan) -> Result<(), Failed> {
    let views = open(plan)?;
    let laid = plan.layers.iter().map(LaidOver::open).collect::<Result<Vec<_>, _>>()?;
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
    for layer in &laid {
        layer.show(root)?;
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
    let source = PathBuf::from(format!("/proc/self/fd/{}", view.opened.as_raw_fd()));
    let what = |doing: &str| format!("{doing} {}", path.display());
    if step(&what("look at"), fs::metadata(&source))?.is_dir() {
        step(&what("make a place for"), fs::create_dir_all(&target))?;
    } else {
        let parent = target.parent().unwrap_or(root);
        step(&what("make a place for"), fs::create_dir_all(parent))?;
        let made = OpenOptions::new().create(true).append(true).open(&target);
        drop::<File>(step(&what("make a place for"), made)?);
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

/// A directory that is seen at another place, with the places for changes, opened like a [`View`].
struct LaidOver<'a> {
    layer: &'a Layer,
    source: OwnedFd,
    upper: OwnedFd,
    work: OwnedFd,
}

impl<'a> LaidOver<'a> {
    fn open(layer: &'a Layer) -> Result<Self, Failed> {
        let place = |path: &OsStr| step(layers::STEP, opened(path));
        let (source, upper, work) = (place(&layer.source)?, place(&layer.upper)?, place(&layer.work)?);
        Ok(Self { layer, source, upper, work })
    }

    fn show(&self, root: &Path) -> Result<(), Failed> {
        let target = inside(root, Path::new(&self.layer.at));
        step(layers::STEP, fs::create_dir_all(&target))?;
        // By descriptors: a path with a comma or a colon would not survive among the options.
        let [lower, upper, work] =
            [&self.source, &self.upper, &self.work].map(|fd| format!("/proc/self/fd/{}", fd.as_raw_fd()));
        let options = format!("lowerdir={lower},upperdir={upper},workdir={work},userxattr");
        let options = step(layers::STEP, std::ffi::CString::new(options))?;
        let quiet = MountFlags::NOSUID | MountFlags::NODEV;
        step(layers::STEP, rustix::mount::mount("overlay", &target, "overlay", quiet, options.as_c_str()))
    }
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
