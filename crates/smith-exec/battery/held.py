"""What the programs of the battery share: the facts that the harness tells, refusals, raw system calls."""

import ctypes
import errno
import json
import os
import platform
import sys

# Paths, ports and process ids of the harness.
FACTS = json.loads(sys.argv[1])

LIBC = ctypes.CDLL(None, use_errno=True)

# Number of each system call on x86_64 and on aarch64; None where there is none.
NUMBERS = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "sched_setattr": (314, 274),
    "semget": (64, 190),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}


def held():
    """The attempts failed, as they should."""
    print("HELD", flush=True)
    os._exit(0)


def broken(what):
    """An attempt succeeded."""
    print("BROKEN:", what, flush=True)
    os._exit(1)


def refused(what, attempt, *arguments):
    """Makes an attempt that the system must refuse; returns its error number."""
    try:
        result = attempt(*arguments)
    except OSError as error:
        return error.errno
    broken(f"{what}: {str(result)[:200]!r}")


def raw(number, *arguments):
    """A system call by number; raises OSError when it fails."""
    result = LIBC.syscall(ctypes.c_long(number), *[word(argument) for argument in arguments])
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def word(argument):
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def call(name, *arguments):
    """A system call by name. Where the architecture has none of this name, it is refused."""
    number = NUMBERS[name][0 if platform.machine() == "x86_64" else 1]
    if number is None:
        raise OSError(errno.EPERM, "there is no such call")
    return raw(number, *arguments)


def denied(name, *arguments):
    """The filter, and not some other check, must refuse this call."""
    code = refused(name, call, name, *arguments)
    if code not in (errno.EPERM, errno.ENOSYS):
        broken(f"{name} passed the filter: {os.strerror(code)}")


def reads(path):
    """The first bytes of a file."""
    with open(path, "rb", buffering=0) as file:
        return file.read(64)


def writes(path):
    """Opens for writing what is there, and writes nothing."""
    os.close(os.open(path, os.O_WRONLY))


def others():
    """Every process that is visible here and is not this one."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
