"""Fetches the wheel of uv that fits this machine, for a Python that has no pip.

Arguments: the folder to put it into, the version, and the places to look in: folders of wheels, or addresses of package
indexes (the simple repository API, as HTML or JSON). Whether the wheel is the pinned one is not judged here.
"""

import base64
import html.parser
import json
import os
import pathlib
import platform
import shutil
import sys
import urllib.parse
import urllib.request

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
SECONDS = 60


def glibc():
    """The version of the GNU C library as two numbers; nothing on other systems."""
    try:
        _, version = os.confstr("CS_GNU_LIBC_VERSION").split()
        major, minor = version.split(".")[:2]
        return int(major), int(minor)
    except (AttributeError, OSError, TypeError, ValueError):
        return None


def fits(tag):
    """Whether a platform tag, `manylinux_2_17_x86_64`, is this machine's."""
    if not tag.endswith("_" + platform.machine()):
        return False
    if sys.platform == "darwin":
        return tag.startswith("macosx_")
    if glibc() is None:
        return tag.startswith("musllinux_")
    words = tag.split("_")
    if words[0] != "manylinux":
        return False
    return (int(words[1]), int(words[2])) <= glibc()


def wanted(name, version):
    """Whether a file is the wheel to take."""
    prefix = f"uv-{version}-py3-none-"
    if not (name.startswith(prefix) and name.endswith(".whl")):
        return False
    return any(fits(tag) for tag in name[len(prefix) : -len(".whl")].split("."))


class Links(html.parser.HTMLParser):
    """Collects where the links of a page lead to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found.extend(value for name, value in attributes if name == "href" and value)


def get(address):
    """Opens an address; a user and password in it are sent as such."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise ValueError("not an address of HTTP")
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())
    request.add_header("Accept", ACCEPT)
    if parts.username is not None:
        words = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(words.encode()).decode())
    return urllib.request.urlopen(request, timeout=SECONDS)


def listed(index):
    """The addresses of all files that an index has for uv."""
    with get(index.rstrip("/") + "/uv/") as answer:
        page, place = answer.read().decode(), answer.geturl()
        kind = answer.headers.get_content_type()
    if kind.endswith("json"):
        links = [file["url"] for file in json.loads(page)["files"]]
    else:
        parser = Links()
        parser.feed(page)
        links = parser.found
    # What a redirect leads to has no password of its own, and files often lie on another host.
    return [urllib.parse.urljoin(place, link) for link in links]


def take(folder, version, place):
    """Puts the wheel of one place into the folder; says whether there was one."""
    if os.path.isdir(place):
        for name in sorted(os.listdir(place)):
            if wanted(name, version):
                shutil.copy(os.path.join(place, name), folder)
                return True
        return False
    for address in listed(place):
        name = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rpartition("/")[2])
        if wanted(name, version):
            with get(address) as answer:
                pathlib.Path(folder, name).write_bytes(answer.read())
            return True
    return False


def main(folder, version, places):
    problems = []
    for place in places:
        try:
            if take(folder, version, place):
                return
            problems.append("no fitting wheel")
        except (OSError, ValueError, KeyError) as error:
            # Without the place, which may hold a password.
            problems.append(str(error) or type(error).__name__)
    sys.exit(f"uv {version} was not found: {'; '.join(problems)}")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
