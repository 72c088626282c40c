# expect: ok
# tries: nothing forbidden: processes that share work run, or fail at once where semaphores are refused
import multiprocessing
import tempfile

from held import FACTS, broken, held

with tempfile.NamedTemporaryFile() as file:
    file.write(b"x")
try:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        if pool.map(abs, [-1, -2]) != [1, 2]:
            broken("wrong")
except OSError as error:
    if FACTS["tier"] == "namespaces":
        broken(f"it does not work: {error}")
held()
