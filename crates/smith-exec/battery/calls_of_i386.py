# expect: signal 31 or ok
# tries: the system calls of 32-bit programs by machine code, which the filter could mistake for others
import ctypes
import mmap
import platform

from held import broken, held

if platform.machine() != "x86_64":
    held()
# push rbx; mov eax, 20 (getpid of i386); int 0x80; pop rbx; ret
code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
code.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")
entry = ctypes.addressof(ctypes.c_char.from_buffer(code))
got = ctypes.CFUNCTYPE(ctypes.c_long)(entry)()
broken(f"the call gave {got}")
