"""same.py BINARIES PACKAGES: fails unless each package has the very binary of its system in it, by SHA-256."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

BINARIES, PACKAGES = Path(sys.argv[1]), Path(sys.argv[2])


def is_program(name):
    return name.rsplit("/", 1)[-1] in ("chathub", "chathub.exe")


def in_tar(stream, elf=True):
    """The programs in an archive, whatever other files and folders have their name."""
    with tarfile.open(fileobj=stream) as tar:
        for member in tar:
            if member.isfile() and is_program(member.name):
                found = tar.extractfile(member).read()
                if not elf or found[:4] in (b"\x7fELF", b"\xcf\xfa\xed\xfe") or found[:2] == b"MZ":
                    yield found


def programs(package):
    if package.suffix in (".whl",):
        with zipfile.ZipFile(package) as wheel:
            yield from (wheel.read(name) for name in wheel.namelist() if is_program(name))
    elif package.name.endswith((".tar.gz", ".tgz")):
        yield from in_tar(io.BytesIO(package.read_bytes()))
    elif package.suffix == ".deb":
        inner = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, stdout=subprocess.PIPE).stdout
        yield from in_tar(io.BytesIO(inner))
    elif "-image-" in package.name:
        with tarfile.open(package) as image:
            (manifest,) = json.load(image.extractfile("manifest.json"))
            for layer in manifest["Layers"]:
                yield from in_tar(io.BytesIO(image.extractfile(layer).read()))


def main():
    built = {hashlib.sha256(file.read_bytes()).hexdigest(): file.parent.name for file in BINARIES.glob("*/chathub*")}
    places = {}
    for package in sorted(PACKAGES.iterdir()):
        for program in programs(package):
            sum_ = hashlib.sha256(program).hexdigest()
            if sum_ not in built:
                sys.exit(f"package: {package.name} has another binary than those in {BINARIES}: {sum_}")
            places.setdefault(sum_, []).append(package.name)
    for sum_, target in built.items():
        wanted = {"tar.gz", "whl", "tgz"} | ({"deb", "tar"} if "linux" in target else set())
        kinds = {next(kind for kind in ("tar.gz", "tgz", "whl", "deb", "tar") if name.endswith(kind)) for name in places.get(sum_, [])}
        if wanted - kinds:
            sys.exit(f"package: the binary for {target} is not in these: {sorted(wanted - kinds)}")
        print(f"package: {sum_} is the binary in {', '.join(places[sum_])}")


main()
