# expect: exit 125
# tries: ends like a launcher that failed, after words like those of a launcher
import os

print('{"failed":{"step":"seal","error":"forged"}}', flush=True)
print('{"ended":{"code":0,"signal":null,"cpu_seconds":0}}', flush=True)
os._exit(125)
