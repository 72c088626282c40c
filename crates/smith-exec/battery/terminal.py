# expect: ok
# tries: types into a terminal that somebody else reads
import errno
import fcntl
import os
import termios

from held import broken, held, refused

if refused("type", fcntl.ioctl, 1, termios.TIOCSTI, b"x") != errno.EPERM:
    broken("not the filter")
if refused("paste", fcntl.ioctl, 1, 0x541C, b"\x03") != errno.EPERM:
    broken("not the filter")
refused("the terminal", os.open, "/dev/tty", os.O_RDWR)
refused("a new terminal", os.openpty)
held()
