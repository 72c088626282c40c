"""Prints, as one JSON object, what an environment holds: the installed versions of some distributions.

Arguments: the modules to import first, joined by commas, and then the names of the distributions.
"""

import importlib
import json
import platform
import sys
import sysconfig
from importlib import metadata


def installed(names):
    """Maps each installed distribution to its version; the others do not belong on this platform."""
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return versions


for module in filter(None, sys.argv[1].split(",")):
    importlib.import_module(module)
print(
    json.dumps(
        {
            "version": platform.python_version(),
            "stdlib": sysconfig.get_path("stdlib"),
            "packages": installed(sys.argv[2:]),
        }
    )
)
