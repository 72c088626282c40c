# expect: ok
# tries: a terabyte of nothing in one file, and a file beyond the limit
import errno
import os

from held import broken, held, refused

descriptor = os.open("sparse", os.O_CREAT | os.O_RDWR)
if refused("a terabyte", os.ftruncate, descriptor, 1 << 40) != errno.EFBIG:
    broken("not the limit of file size")
if refused("far away", os.pwrite, descriptor, b"x", 1 << 40) != errno.EFBIG:
    broken("not the limit of file size")
refused("reserved", os.posix_fallocate, descriptor, 0, 1 << 40)
held()
