"""Prints what an interpreter is, as one JSON object."""

import importlib.util
import json
import platform
import sys
import sysconfig

try:
    # Debian ships venv without ensurepip unless python3-venv is installed.
    import ensurepip  # noqa: F401
    import venv  # noqa: F401

    can_make_venv = True
except ImportError:
    can_make_venv = False

print(
    json.dumps(
        {
            "executable": sys.executable,
            "implementation": sys.implementation.name,
            "version": platform.python_version(),
            "minor": list(sys.version_info[:2]),
            "bits": 64 if sys.maxsize > 2**32 else 32,
            "can_make_venv": can_make_venv,
            "has_pip": importlib.util.find_spec("pip") is not None,
            "platform": sysconfig.get_platform(),
        }
    )
)
