# expect: ok
# tries: looks for the API key of the harness in every environment, command line and its own memory
import os

from held import broken, held

NAME = "SMITH_BATTERY_" + "API_KEY"
if NAME in os.environ:
    broken("it was inherited")
for pid in os.listdir("/proc"):
    if not pid.isdigit():
        continue
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                found = file.read()
        except OSError:
            continue
        if (NAME + "=").encode() in found:
            broken(f"/proc/{pid}/{name}")
held()
