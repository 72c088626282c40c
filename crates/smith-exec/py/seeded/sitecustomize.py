"""Seeds Python's and NumPy's global random numbers before the first line of a script.

Python imports this file by itself when it starts, so that no frame of it is in the script's tracebacks. NumPy is seeded
when, and only when, the script imports it.
"""

import os
import random
import sys
from importlib.machinery import PathFinder

SEED = int(os.environ["SMITH_SEED"])


class SeedsNumpy:
    """Finds `numpy.random` where it is, and seeds it as soon as it is imported."""

    @classmethod
    def find_spec(cls, name, path, target=None):
        if name != "numpy.random":
            return None
        sys.meta_path.remove(cls)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None:
            load = spec.loader.exec_module

            def load_and_seed(module):
                load(module)
                module.seed([SEED & 0xFFFFFFFF, SEED >> 32])

            spec.loader.exec_module = load_and_seed
        return spec


random.seed(SEED)
sys.meta_path.insert(0, SeedsNumpy)
# Our own folder is no place for scripts to import from.
sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)]
