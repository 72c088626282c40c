"""Prints, as one JSON object, the installed versions of the distributions named as arguments.

The first argument says whether to import the modules of the base set too (`import`) or not (`list`).
"""

import importlib
import json
import platform
import sys
import sysconfig
from importlib import metadata

MODULES = (
    "numpy",
    "openpyxl",
    "pandas",
    "PIL.Image",
    "pyarrow.parquet",
    "sklearn.linear_model",
    "scipy.stats",
    "soundfile",
    "statsmodels.api",
    "mledojo.metrics.base",
)


def installed(names):
    """Maps each installed distribution to its version; the others do not belong on this platform."""
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            pass
    return versions


if sys.argv[1] == "import":
    for module in MODULES:
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
