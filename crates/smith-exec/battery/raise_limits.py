# expect: ok
# tries: raises its own limits
import resource

from held import broken, held

for limit in (
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_CPU,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC,
    resource.RLIMIT_CORE,
    resource.RLIMIT_MEMLOCK,
):
    soft, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY:
        broken(f"limit {limit} is not set")
    for more in (hard + 1, resource.RLIM_INFINITY):
        try:
            resource.setrlimit(limit, (soft, more))
        except (ValueError, OSError):
            continue
        broken(f"limit {limit} was raised")
held()
