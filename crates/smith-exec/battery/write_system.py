# expect: ok
# tries: leaves code where other programs of the machine would run it
import os
import site
import sys

from held import FACTS, held, refused

flags = os.O_CREAT | os.O_WRONLY
for path in (
    "/etc/ld.so.preload",
    "/etc/cron.d/" + FACTS["nonce"],
    "/var/spool/cron/crontabs/root",
    "/usr/bin/" + FACTS["nonce"],
    "/usr/local/bin/" + FACTS["nonce"],
    "/root/.bashrc",
    os.path.expanduser("~/.bashrc") if os.path.expanduser("~") != "/tmp" else "/root/.profile",
    os.path.dirname(os.__file__) + "/sitecustomize.py",
    *[folder + "/" + FACTS["nonce"] + ".pth" for folder in site.getsitepackages()],
):
    refused(path, os.open, path, flags)
for path in (os.path.realpath(sys.executable), os.__file__, "/bin/sh", "/etc/passwd"):
    refused(path, os.open, path, os.O_WRONLY)
held()
