# expect: ok
# tries: leaves code in the work folder that later runs would load; the harness runs one there
import os

from held import held

text = "import os\nprint('BROKEN: loaded', flush=True)\nos._exit(1)\n"
for name in ("sitecustomize.py", "usercustomize.py", "encodings.py", "site.py", "os.py", "json.py"):
    with open(name, "w") as file:
        file.write(text)
with open("evil.pth", "w") as file:
    file.write("import os; os._exit(1)\n")
os.environ["LD_PRELOAD"] = os.path.abspath("evil.so")
os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = os.getcwd()
held()
