# expect: ok
# tries: memory in files without a name, which belong to no directory and, unmapped, to no process
from held import denied, held

denied("memfd_create", b"hoard", 0)
denied("memfd_secret", 0)
held()
