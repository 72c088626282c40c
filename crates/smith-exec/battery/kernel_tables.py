# expect: ok
# tiers: namespaces user
# tries: reads tables of the kernel that are for root alone, as uid 0 where it is that
from held import broken, held, reads

for name in ("kcore", "kmsg", "vmallocinfo", "timer_list", "slabinfo", "kpageflags", "pagetypeinfo"):
    try:
        if reads(f"/proc/{name}"):
            broken(f"/proc/{name} can be read")
    except OSError:
        pass
held()
