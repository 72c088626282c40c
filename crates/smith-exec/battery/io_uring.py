# expect: ok
# tries: the ring, whose work no filter of calls sees
import ctypes

from held import denied, held

denied("io_uring_setup", 8, ctypes.create_string_buffer(256))
denied("io_uring_enter", 0, 0, 0, 0, None)
denied("io_uring_register", 0, 0, None, 0)
held()
