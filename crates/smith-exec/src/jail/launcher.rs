//! The launcher: this program started anew, with one thread, to confine itself and then run a job.
//!
//! With namespaces it takes two processes: *outer* leaves the host's namespaces and starts *init*, which
//! is the first process of the new ones, builds the root, seals itself, runs the job and takes down the
//! namespaces by ending. Without them *reaper* stays outside and collects what the job leaves behind, and
//! *seal* confines itself and becomes the job. Any step that fails ends everything before a byte of the
//! job was run.

use std::ffi::OsString;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::FdFlags;
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, WaitStatus};

use super::boxed;
use super::passing::Receiver;
use super::plan::{self, GO, Plan, Word};
use super::seal::{self, Failed, step};
use super::{own_user, root};
use crate::proc_stat;

/// First argument of a launcher. No program has a verb of this name.
pub(crate) const ASKED: &str = "__smith-jail";

/// The part that is played in a container.
pub(crate) const BOXED: &str = "boxed";

/// How often collected processes are looked for while the job runs.
const REAP_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Rounds until we give up on a family that forks faster than we kill.
const ROUNDS: usize = 1000;

/// The part of the launcher that a process plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Outer,
    Init,
    Reaper,
    Seal,
    Boxed,
}

impl Part {
    const ALL: [Self; 5] = [Self::Outer, Self::Init, Self::Reaper, Self::Seal, Self::Boxed];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Init => "init",
            Self::Reaper => "reaper",
            Self::Seal => "seal",
            Self::Boxed => BOXED,
        }
    }
}

/// Plays the part that the arguments name and gives the exit code; nothing when they name none.
pub(super) fn play(mut arguments: impl Iterator<Item = OsString>) -> Option<u8> {
    if arguments.nth(1)? != ASKED {
        return None;
    }
    let name = arguments.next().unwrap_or_default();
    let part = Part::ALL.into_iter().find(|part| name == part.as_str());
    if part == Some(Part::Boxed) {
        return Some(boxed::play(arguments.next().is_some_and(|word| word == boxed::HIDDEN)));
    }
    let Some((part, control)) = part.zip(control()) else { return Some(125) };
    let played = match part {
        Part::Outer => outer(&control, user_in(arguments.next())),
        Part::Init => init(&control),
        Part::Reaper => reaper(&control, user_in(arguments.next())),
        Part::Seal => become_the_job(&control),
        // It has no such connection.
        Part::Boxed => return Some(125),
    };
    let Err(Failed { step, error }) = played else { return Some(0) };
    // If the supervisor is gone there is nobody to tell.
    let _told = plan::say(&control, &Word::Failed { step, error });
    Some(125)
}

fn user_in(argument: Option<OsString>) -> Option<u32> {
    argument?.to_str()?.parse().ok()
}

/// The connection to the supervisor, which is standard input.
fn control() -> Option<UnixStream> {
    keep_descriptors_from_programs();
    rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3).ok().map(UnixStream::from)
}

/// Descriptors that this process inherited are not for the programs that it starts.
#[expect(unsafe_code, reason = "a descriptor is named by a number that was just listed")]
fn keep_descriptors_from_programs() {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else { return };
    let numbers = open.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for number in numbers.filter(|number| *number > 2).collect::<Vec<_>>() {
        // SAFETY: the number is only used for one call, which reports an error when it is not open.
        let fd = unsafe { BorrowedFd::borrow_raw(number) };
        let _closed_by_now = rustix::io::fcntl_setfd(fd, FdFlags::CLOEXEC);
    }
}

/// `own_user` is who the job should be, if the supervisor can make it so.
fn outer(control: &UnixStream, own_user: Option<u32>) -> Result<(), Failed> {
    let passed = if own_user.is_some() { own_user::take(control)? } else { None };
    let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
    seal::leave_namespaces()?;
    own_user::map(user, group)?;
    let mut child = step("start init", again(Part::Init, passed.as_ref()).spawn())?;
    step("tell of init", plan::say(control, &Word::Init { pid: child.id() }))?;
    step("wait for init", child.wait()).map(drop)
}

fn init(control: &UnixStream) -> Result<(), Failed> {
    die_with_parent()?;
    let mut receiver = Receiver::new(control);
    let plan = step("read the plan", plan::read(&mut receiver))?;
    step("begin a session", rustix::process::setsid())?;
    seal::be_first_to_go()?;
    seal::leave_cgroups()?;
    step("name the host", rustix::system::sethostname(b"smith"))?;
    root::enter(&plan, receiver.descriptors)?;
    step("go to the working directory", std::env::set_current_dir(&plan.cwd))?;
    seal::hide()?;
    let landlock_abi = seal::seal(&plan)?;
    wait_for_go(control, landlock_abi)?;
    let child = step("start the program", command(&plan).spawn())?;
    let status = attend(control, child.id())?;
    end(control, status)
}

/// `user` is whose processes are the job's, whatever they did to leave it.
fn reaper(control: &UnixStream, user: Option<u32>) -> Result<(), Failed> {
    let own = rustix::process::getpid();
    step("adopt what the program leaves", rustix::process::set_child_subreaper(Some(own)))?;
    let apart = seal::keep_signals_inside()?;
    let child = step("start the sealed process", again(Part::Seal, None).spawn())?;
    let status = attend(control, child.id());
    for _ in 0..ROUNDS {
        if apart && cannot_signal_the_supervisor() {
            kill_the_domain();
        } else {
            kill_all_below(user);
        }
        if nothing_is_left() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    end(control, status?)
}

/// What [`kill_the_domain`] rests on is tried out each time: the supervisor is not in the domain.
fn cannot_signal_the_supervisor() -> bool {
    let supervisor = rustix::process::getppid();
    supervisor.is_some_and(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::PERM))
}

/// Ends everything that this process may signal except itself, in one step: processes that are listed first
/// could fork and end before their turn comes. In a domain of its own that is the job and nothing else.
fn kill_the_domain() {
    // The group of the first process stands for every process; an error means that there is none.
    let _none_left = rustix::process::kill_process_group(Pid::INIT, Signal::KILL);
}

/// Collects what has ended. Whatever the job left is a child of this process by now or below one.
fn nothing_is_left() -> bool {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Never returns when all is well: this process becomes the job's program.
fn become_the_job(control: &UnixStream) -> Result<(), Failed> {
    die_with_parent()?;
    let plan = step("read the plan", plan::read(control))?;
    step("begin a session", rustix::process::setsid())?;
    seal::be_first_to_go()?;
    if let Some(user) = plan.user {
        seal::become_user(user)?;
        // A change of user takes this back.
        die_with_parent()?;
    }
    step("go to the working directory", std::env::set_current_dir(&plan.cwd))?;
    let landlock_abi = seal::seal(&plan)?;
    wait_for_go(control, landlock_abi)?;
    Err(Failed { step: "start the program".to_owned(), error: command(&plan).exec().to_string() })
}

fn die_with_parent() -> Result<(), Failed> {
    step("die with the parent", rustix::process::set_parent_process_death_signal(Some(Signal::KILL)))
}

fn wait_for_go(mut control: &UnixStream, landlock_abi: u32) -> Result<(), Failed> {
    let pid = std::process::id();
    step("report the seal", plan::say(control, &Word::Sealed { pid, landlock_abi }))?;
    let mut answer = [0];
    step("wait for the permission", control.read_exact(&mut answer))?;
    if answer == [GO] {
        return Ok(());
    }
    Err(Failed { step: "wait for the permission".to_owned(), error: "it was not given".to_owned() })
}

/// This program in another part, with the same connection and the same output; where it was passed, as it was.
fn again(part: Part, passed: Option<&OwnedFd>) -> Command {
    let path = passed.map(|fd| format!("/proc/self/fd/{}", fd.as_raw_fd()));
    let mut command = program(path.as_deref().unwrap_or("/proc/self/exe").as_ref());
    command.args([ASKED, part.as_str()]).stdin(Stdio::inherit());
    command
}

pub(super) fn command(plan: &Plan) -> Command {
    let mut argv = plan.argv.iter();
    let mut command = program(argv.next().map(OsString::as_os_str).unwrap_or_default());
    command.args(argv).envs(&plan.env).stdin(Stdio::null());
    command
}

#[expect(clippy::disallowed_methods, reason = "the launcher's purpose is to start programs")]
fn program(path: &std::ffi::OsStr) -> Command {
    let mut command = Command::new(path);
    command.env_clear();
    command
}

/// Waits for the end of `child`, collecting whatever else ends. Ends early when the supervisor is gone.
pub(super) fn attend(control: &impl AsFd, child: u32) -> Result<WaitStatus, Failed> {
    let child = step("name the program", Pid::from_raw(child.cast_signed()).ok_or("it has no number"))?;
    let watched: Option<OwnedFd> = rustix::process::pidfd_open(child, PidfdFlags::empty()).ok();
    loop {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == child {
                return Ok(status);
            }
        }
        let mut sources = vec![PollFd::new(control, PollFlags::RDHUP)];
        sources.extend(watched.as_ref().map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)));
        // A signal may interrupt; the loop goes on anyway.
        let _ready = rustix::event::poll(&mut sources, Some(&REAP_EVERY));
        if sources[0].revents().intersects(PollFlags::RDHUP | PollFlags::HUP) {
            return Err(Failed { step: "run".to_owned(), error: "the supervisor is gone".to_owned() });
        }
    }
}

fn end(control: &UnixStream, status: WaitStatus) -> Result<(), Failed> {
    let word = Word::Ended {
        code: status.exit_status(),
        signal: status.terminating_signal(),
        cpu_seconds: proc_stat::cpu_seconds(std::process::id()),
    };
    step("report the end", plan::say(control, &word))
}

/// Ends every process below this one, and every one of the job's own user.
fn kill_all_below(user: Option<u32>) {
    let below = proc_stat::descendants(std::process::id());
    let all = below.into_iter().chain(user.map(proc_stat::of_user).unwrap_or_default());
    for pid in all.filter_map(|pid| Pid::from_raw(pid.cast_signed())) {
        let _gone = rustix::process::kill_process(pid, Signal::KILL);
    }
}
