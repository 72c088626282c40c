# expect: timeout_wall
# wall: 1
# tries: C code that never comes back to the interpreter
import re

re.match(r"(a+)+$", "a" * 64 + "b")
