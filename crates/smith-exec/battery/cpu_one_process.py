# expect: timeout_cpu
# cpu: 1
# wall: 20
# tries: computes without end, deaf to the signal of the limit
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
