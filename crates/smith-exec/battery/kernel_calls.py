# expect: ok
# tries: calls that reach into the kernel or change the machine
import ctypes

from held import denied, held

space = ctypes.create_string_buffer(256)
denied("bpf", 0, space, 128)
denied("perf_event_open", space, 0, -1, -1, 0)
denied("userfaultfd", 1)
denied("add_key", b"user", b"name", b"x", 1, -3)
denied("request_key", b"user", b"name", None, -3)
denied("keyctl", 0, -3, 0)
denied("kexec_load", 0, 0, None, 0)
denied("init_module", space, 0, b"")
denied("finit_module", -1, b"", 0)
denied("delete_module", b"none", 0)
# Magic numbers that the kernel would refuse.
denied("reboot", 0, 0, 0, None)
denied("swapon", b"/none", 0)
denied("acct", b"/none")
denied("syslog", 3, space, 256)
denied("settimeofday", None, None)
denied("clock_settime", 0, None)
denied("adjtimex", space)
denied("sethostname", b"x", 1)
denied("quotactl", 0, None, 0, None)
denied("fanotify_init", 0, 0)
denied("vhangup")
denied("personality", 0x0040000)
denied("iopl", 3)
denied("modify_ldt", 0, space, 256)
held()
