# expect: signal 11
# tries: a crash in C code is reported as what it is
import ctypes

ctypes.string_at(0)
