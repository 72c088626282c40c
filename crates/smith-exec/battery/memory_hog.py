# expect: oom
# memory_mb: 256
# tries: allocates until something gives way
hoard = []
while True:
    hoard.append(bytearray(16 << 20))
