"""cells.py NOTEBOOK: prints its code, a cell on a line as the REPL of evcxr wants it."""

import json
import sys

with open(sys.argv[1]) as notebook:
    for cell in json.load(notebook)["cells"]:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            commands = [line for line in lines if line.startswith(":")]
            print("\n".join(commands + [" ".join(line for line in lines if not line.startswith(":"))]))
