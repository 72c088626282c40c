"""Takes the program uv out of the only wheel in a folder, if that wheel is a pinned one.

Arguments: the folder, the file to write, and the SHA-256 of every wheel that may be used.
"""

import hashlib
import io
import pathlib
import sys
import zipfile


def unpack(folder, target, pinned):
    wheels = sorted(pathlib.Path(folder).glob("*.whl"))
    if len(wheels) != 1:
        sys.exit(f"{len(wheels)} wheels were fetched, not one")
    # Read once, so that what was hashed is what is unpacked.
    content = wheels[0].read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest not in pinned:
        sys.exit(f"{wheels[0].name} is not the pinned wheel: its SHA-256 is {digest}")
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        programs = [name for name in wheel.namelist() if name.endswith(".data/scripts/uv")]
        if len(programs) != 1:
            sys.exit(f"{wheels[0].name} holds {len(programs)} programs called uv, not one")
        program = pathlib.Path(target)
        program.write_bytes(wheel.read(programs[0]))
        program.chmod(0o755)


unpack(sys.argv[1], sys.argv[2], sys.argv[3:])
