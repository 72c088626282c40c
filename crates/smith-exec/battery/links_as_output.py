# expect: ok
# tries: leaves links to what it may not read where its output is expected; whoever reads must not follow
import os

from held import FACTS, broken, held, refused

os.symlink(FACTS["secret"], "submission.csv")
refused("through the link", open, "submission.csv")
os.symlink("/proc/self/fd/0", "answers.csv")
refused("a hard link to an input", os.link, FACTS["inputs"] + "/data.csv", "data.csv")
refused("a hard link to the secret", os.link, FACTS["secret"], "secret.txt")
refused("a hard link to the system", os.link, "/etc/passwd", "passwd")
if os.path.lexists("secret.txt"):
    broken("the link is there")
held()
