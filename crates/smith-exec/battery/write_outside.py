# expect: ok
# tries: makes, changes, removes, renames and re-marks files outside of the work folder
import os

from held import FACTS, held, refused

folder, kept = FACTS["canary"], FACTS["canary"] + "/kept.txt"
refused("make", os.open, folder + "/new", os.O_CREAT | os.O_WRONLY)
refused("make a folder", os.mkdir, folder + "/new")
refused("write", os.open, kept, os.O_WRONLY)
refused("append", os.open, kept, os.O_WRONLY | os.O_APPEND)
refused("open and cut", os.open, kept, os.O_RDONLY | os.O_TRUNC)
refused("cut", os.truncate, kept, 0)
refused("remove", os.unlink, kept)
refused("rename", os.rename, kept, folder + "/other")
refused("take", os.rename, kept, "taken")
refused("link", os.link, kept, "linked")
with open("mine", "w") as file:
    file.write("mine")
refused("replace", os.replace, "mine", kept)
refused("link there", os.link, "mine", folder + "/mine")
refused("symlink there", os.symlink, "mine", folder + "/mine")
# Calls that Landlock does not see: where they are not refused they must do nothing; the harness compares.
for attempt in (
    lambda: os.chmod(kept, 0o777),
    lambda: os.chmod(folder, 0o700),
    lambda: os.utime(kept, (1, 1)),
    lambda: os.chown(kept, os.getuid(), os.getgid()),
    lambda: os.setxattr(kept, "user.mark", b"x"),
    lambda: os.removexattr(kept, "user.kept"),
):
    try:
        attempt()
    except OSError:
        pass
held()
