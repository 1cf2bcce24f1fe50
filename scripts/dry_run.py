"""What `cargo xtask release --dry-run` does: every step of a release, to registries, a repository and a GitHub that are all on this machine.

Prints a line for each step, with its time and what it came to. What a step has printed is in target/dist/dry-run/STEP.log.
"""

import functools
import hashlib
import http.server
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "target" / "dist"
PACKAGES, LOGS = DIST / "packages", DIST / "dry-run"
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
VERSION = MANIFEST["version"]
TARGET = f"{platform.machine()}-unknown-linux-gnu"
BINARY = DIST / "binaries" / TARGET / "chathub"
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
WORK = Path(tempfile.mkdtemp(prefix="chathub-release-"))
# Of all that a release does on GitHub, what scripts/release asks of it; the folder holds its one release.
GITHUB = """#!/usr/bin/env bash
set -euo pipefail
here=$GITHUB_STAND_IN
[ "$1" = release ]
case $2 in
    view) [ -e "$here/draft" ] && cat "$here/draft" ;;
    create) mkdir "$here/files" && echo true >"$here/draft" ;;
    upload) shift 4 && cp --target-directory "$here/files" -- "$@" ;;
    edit) [ "$4" = --draft=false ] && echo false >"$here/draft" ;;
    *) exit 2 ;;
esac
"""


class Open(Exception):
    """Something that has to be done before a release, and that nothing else here waits for."""


class LeftOut(Exception):
    """A step that cannot be tried on this machine."""


class Step:
    """One step: what runs in it leaves what it prints in a log of its own."""

    def __init__(self, name):
        self.log = LOGS / f"{name}.log"
        self.log.write_bytes(b"")

    def call(self, *command, env=None, cwd=ROOT):
        """Runs a program to its end, which must be a good one; gives what it has printed."""
        with self.log.open("a+b") as log:
            log.write(f"$ {' '.join(map(str, command))}\n".encode())
            log.flush()
            start = log.tell()
            subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
            log.seek(start)
            return log.read().decode(errors="replace")


def is_true(condition, about):
    if not condition:
        raise ValueError(about)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def megabytes(path):
    return f"{path.stat().st_size / 1e6:.1f} MB"


def documented(word):
    """The lines with this word that docs/install.md tells people to type."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs/install.md").read_text(), re.DOTALL | re.MULTILINE)
    return next(block for block in blocks if word in block)


def downloaded(name, *files):
    """A folder with these packages alone."""
    folder = WORK / name
    folder.mkdir()
    for file in files:
        shutil.copy(PACKAGES / file, folder)
    return folder


def superuser():
    if os.geteuid() != 0:
        raise LeftOut("only the superuser may enter another root")


def is_used(step, program, name):
    """A program injects, verifies and removes, and is the one that was built."""
    is_true(sha256(Path(program).read_bytes()) == sha256(BINARY.read_bytes()), f"{program} is another binary than {BINARY}")
    site = WORK / name
    shutil.copytree(ROOT / "fixtures" / "demo", site)
    for command in ("inject", "verify", "remove"):
        step.call(program, command, cwd=site)


def served(command, cwd=ROOT):
    """A server on loopback that prints where it is."""
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    SERVERS.append(process)
    return process.stdout.readline().strip()


SERVERS = []


def ready(step):
    try:
        step.call("scripts/release", "check")
    except subprocess.CalledProcessError as error:
        raise Open(step.log.read_text().splitlines()[-1].removeprefix("release: ")) from error
    return "version, changelog and repository"


def binary(step):
    if not BINARY.exists():
        step.call("scripts/dist")
    return f"{TARGET}, {BINARY.stat().st_size} bytes, {sha256(BINARY.read_bytes())[:12]}…"


def packages(step):
    said = step.call("scripts/package")
    places = max((line for line in said.splitlines() if " is the binary in " in line), key=len)
    return f"the same binary in {places.count(',') + 1} packages"


def checks(step):
    step.call("scripts/package", "--check")
    return "lintian, CycloneDX, Ruby, Nix, makepkg"


def sums(step):
    step.call("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=PACKAGES)
    named = {line.split()[1] for line in (PACKAGES / "SHA256SUMS").read_text().splitlines()}
    there = {file.name for file in PACKAGES.iterdir() if file.is_file()} - {"SHA256SUMS", "npm.txt"}
    is_true(named == there, f"SHA256SUMS and the folder differ in {named ^ there}")
    archive = PACKAGES / f"chathub-{VERSION}-{TARGET}.tar.gz"
    folder = downloaded("archive", "SHA256SUMS", archive.name)
    step.call("bash", "-ec", documented("sha256sum"), cwd=folder)
    is_used(step, folder / f"chathub-{VERSION}-{TARGET}" / "chathub", "archive-site")
    return f"{len(named)} files; archive {megabytes(archive)}, checked and unpacked as documented, and used"


def used(step):
    step.call("scripts/release", "try")
    return "the wheel and the archive, installed and used"


def npm(step):
    """Published twice, platforms first, and installed as people do."""
    step.call("scripts/test-npm", "--setup")
    folder = WORK / "npm"
    folder.mkdir()
    host = served(["node", "packages/npm/test/verdaccio.mjs", str(ROOT / "target/test-npm"), str(folder)])
    settings = WORK / "npmrc"
    settings.write_text(f"registry=http://{host}/\n//{host}/:_authToken=anybody\nupdate-notifier=false\n")
    environment = {"NPM_CONFIG_USERCONFIG": str(settings), "npm_config_cache": str(WORK / "npm-cache"), "NO_PROXY": "127.0.0.1"}
    step.call("scripts/release", "publish-npm", env=environment)
    again = step.call("scripts/release", "publish-npm", env=environment)
    count = len((PACKAGES / "npm.txt").read_text().split())
    is_true(again.count("is there already") == count, "what was published was published again")
    project = WORK / "project"
    project.mkdir()
    (project / "package.json").write_text('{"private": true}')
    step.call("npm", "install", "--save-dev", "--no-audit", "--no-fund", "chathub", env=environment, cwd=project)
    program = "require('chathub').binaryPath()"
    path = step.call("node", "--print", program, cwd=project).strip().splitlines()[-1]
    is_used(step, path, "npm-site")
    is_true(step.call("npx", "chathub", "--version", env=environment, cwd=project).strip().endswith(f"chathub {VERSION}"), "npx")
    return f"{count} packages to Verdaccio, and again; installed and used"


def pypi(step):
    step.call("scripts/test-pypi", "--setup")
    folder = WORK / "pypi"
    folder.mkdir()
    port = served([str(ROOT / "target/tools/pypi/venv/bin/python"), "packages/pypi/tests/registry.py", str(folder)])
    url = f"http://127.0.0.1:{port}"
    environment = {
        "UV_PUBLISH_URL": f"{url}/", "UV_PUBLISH_CHECK_URL": f"{url}/simple/", "UV_PUBLISH_USERNAME": "anybody",
        "UV_PUBLISH_PASSWORD": "anything", "NO_PROXY": "127.0.0.1", "PIP_ROOT_USER_ACTION": "ignore",
    }
    step.call("scripts/release", "publish-pypi", env=environment)
    again = step.call("scripts/release", "publish-pypi", env=environment)
    is_true("already exists" in again, "what was published was published again")
    here = WORK / "pip"
    options = ["--quiet", "--disable-pip-version-check", "--no-cache-dir", "--index-url", f"{url}/simple/", "--target", str(here)]
    step.call(sys.executable, "-m", "pip", "install", *options, f"chathub=={VERSION}", env=environment)
    program = "import chathub; print(chathub.find_binary())"
    path = step.call(sys.executable, "-c", program, env={"PYTHONPATH": str(here)}).strip().splitlines()[-1]
    is_used(step, path, "pip-site")
    return f"{len(list(folder.iterdir()))} wheels to pypiserver, and again; installed and used"


def deb(step):
    """Installed in a root that has nothing else, and taken out again."""
    superuser()
    root = WORK / "debian"
    database = root / "var/lib/dpkg"
    for part in ("info", "updates", "triggers"):
        (database / part).mkdir(parents=True)
    (database / "status").touch()
    dpkg = ["dpkg", f"--root={root}", "--force-not-root"]
    (package,) = PACKAGES.glob(f"chathub_*_{DEBIAN}.deb")
    # This system is left as it is.
    line = documented("apt-get").replace("sudo apt-get", "apt-get --simulate").replace("amd64", DEBIAN)
    is_true("\nInst chathub " in step.call("bash", "-ec", line, cwd=downloaded("deb", package.name)), "apt-get would not install it")
    step.call(*dpkg, "--install", str(package))
    step.call(*dpkg, "--verify", "chathub")
    is_used(step, root / "usr/bin/chathub", "deb-site")
    step.call(*dpkg, "--purge", "chathub")
    left = [file for file in (root / "usr").rglob("*") if file.is_file()] if (root / "usr").exists() else []
    is_true(not left, f"it leaves {left}")
    return f"{megabytes(package)}, installed, used, removed"


def image(step):
    superuser()
    (archive,) = PACKAGES.glob(f"*-image-{DEBIAN}.tar")
    layout, bundle = WORK / "image", WORK / "bundle"
    with tarfile.open(archive) as loaded:
        tags = set(json.load(loaded.extractfile("manifest.json"))[0]["RepoTags"])
    names = {f"chathub:{VERSION}", "chathub:latest"}
    is_true({tag.rsplit("/", 1)[-1] for tag in tags} == names, f"the image is called {tags}")
    step.call("skopeo", "--insecure-policy", "copy", f"docker-archive:{archive}", f"oci:{layout}:it")
    step.call("umoci", "unpack", "--image", f"{layout}:it", str(bundle))
    root = bundle / "rootfs"
    shutil.copytree(ROOT / "fixtures" / "demo", root / "site")
    step.call("chown", "--recursive", "65534:65534", str(root / "site"))
    is_true(sha256((root / "usr/bin/chathub").read_bytes()) == sha256(BINARY.read_bytes()), "the image has another binary")
    for command in ("inject", "verify", "remove"):
        step.call("chroot", "--userspec=65534:65534", str(root), "/usr/bin/chathub", command, "--config", "/site/chathub.toml", "/site/public")
    return f"{megabytes(archive)}, used as 65534 in its own root"


def roots(step):
    superuser()
    step.call("scripts/roots", str(BINARY))
    return "an empty root, Alpine's and Debian 11's; names and certificates"


def crate(step):
    said = step.call("cargo", "publish", "--locked", "--dry-run", env={"CARGO_TERM_COLOR": "never"})
    files, size, unit = re.search(r"Packaged (\d+) files, \S+ \(([\d.]+)([KM]iB) compressed\)", said).groups()
    # The registry takes no more than 10 MB.
    is_true(unit == "KiB" or float(size) < 9.5, f"the crate has {size} {unit}")
    # As it is documented, but without optimizing.
    step.call(*documented("cargo install").split(), "--debug", "--no-track", "--root", str(WORK / "cargo"))
    version = step.call(str(WORK / "cargo/bin/chathub"), "--version").strip()
    is_true(version == f"chathub {VERSION}", f"the clone has installed {version}")
    return f"{files} files, {size} {unit}; what is in it builds, and the clone is installed"


def binstall(step):
    """The addresses and paths that cargo binstall makes of Cargo.toml, held against archives."""
    settings = MANIFEST["metadata"]["binstall"]
    shipped = re.findall(r"target: ([a-z0-9_-]+),", (ROOT / ".github/workflows/release.yml").read_text())
    asked = {**{target: settings for target in shipped}, **{target: {**settings, **own} for target, own in settings["overrides"].items()}}
    opened = 0
    for target, one in asked.items():
        values = {
            "repo": MANIFEST["repository"], "version": VERSION, "target": target, "bin": "chathub",
            "binary-ext": ".exe" if "windows" in target else "",
        }
        url, path = (re.sub(r"\{ ([a-z-]+) \}", lambda found: values[found[1]], one[key]) for key in ("pkg-url", "bin-dir"))
        folder, name = url.rsplit("/", 1)
        is_true(folder == f"{MANIFEST['repository']}/releases/download/v{VERSION}", f"{target} is looked for in {folder}")
        is_true(name in {f"chathub-{VERSION}-{each}.tar.gz" for each in shipped}, f"no release has {name}, where {target} is looked for")
        if (PACKAGES / name).exists():
            opened += 1
            with tarfile.open(PACKAGES / name) as archive:
                is_true(path in archive.getnames(), f"{name} has no {path}, where {target} is looked for")
    said = f"{len(asked)} targets, {opened} of them in archives that are here"
    if not shutil.which("cargo-binstall"):
        return f"{said}; cargo-binstall itself is not"
    sums = re.findall(r"^([0-9a-f]{64}) ", step.call(sys.executable, "-B", "scripts/binstall.py", str(PACKAGES)), re.MULTILINE)
    is_true(len(sums) == 2 and set(sums) == {sha256(BINARY.read_bytes())}, f"cargo-binstall has installed {sums}")
    return f"{said}; installed by cargo-binstall for {len(sums)}"


def tag(step):
    """On a clone; and the action as it is at the tag takes the archive from a server, if it has the right checksum."""
    origin, clone = WORK / "origin", WORK / "clone"
    step.call("git", "init", "--quiet", "--bare", str(origin))
    step.call("git", "push", "--quiet", str(origin), "HEAD:refs/heads/release")
    step.call("git", "clone", "--quiet", "--branch", "release", str(origin), str(clone))
    (clone / "target/dist").mkdir(parents=True)
    shutil.copytree(PACKAGES, clone / "target/dist/packages")
    step.call("scripts/release", "tag", cwd=clone)
    step.call("git", "checkout", "--quiet", "release", cwd=clone)
    again = step.call("scripts/release", "tag", cwd=clone)
    is_true("is there already" in again, "it is tagged again")
    return f"v{VERSION} on a clone, and again"


def action(step):
    clone = WORK / "clone"
    step.call("git", "checkout", "--quiet", f"v{VERSION}", cwd=clone)

    class Files(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=PACKAGES))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runner = WORK / "runner"
    runner.mkdir()
    environment = {
        "ACTION_PATH": str(clone), "ACTION_REPOSITORY": "", "SERVER_URL": "", "INPUT_VERSION": "", "INPUT_PROGRAM": "",
        "INPUT_DOWNLOAD_URL": f"http://127.0.0.1:{server.server_port}", "INPUT_WORKING_DIRECTORY": ".", "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64" if DEBIAN == "amd64" else "ARM64", "RUNNER_TEMP": str(runner), "RUNNER_TOOL_CACHE": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"), "GITHUB_PATH": str(runner / "path"), "NO_PROXY": "127.0.0.1",
    }
    step.call("bash", str(clone / "action/install.sh"), env=environment)
    server.shutdown()
    program = Path((runner / "path").read_text().strip()) / "chathub"
    is_used(step, program, "action-site")
    return "at the tag, takes the archive and uses it"


def draft(step):
    """The draft has every file once; undrafted, the tag of the major version is at it."""
    github, clone = WORK / "github", WORK / "clone"
    (github / "bin").mkdir(parents=True)
    (github / "bin/gh").write_text(GITHUB)
    (github / "bin/gh").chmod(0o755)
    environment = {"PATH": f"{github / 'bin'}:{os.environ['PATH']}", "GITHUB_STAND_IN": str(github)}
    step.call("scripts/release", "draft", env=environment, cwd=clone)
    step.call("scripts/release", "draft", env=environment, cwd=clone)
    files = sorted(file.name for file in (github / "files").iterdir())
    wanted = sorted(file.name for file in PACKAGES.rglob("*") if file.is_file() and file.name != "npm.txt")
    is_true(files == wanted, f"the draft has {files}, not {wanted}")
    step.call("scripts/release", "undraft", env=environment, cwd=clone)
    is_true((github / "draft").read_text() == "false\n", "it is a draft still")
    major = f"v{VERSION.split('.', maxsplit=1)[0]}"
    places = {step.call("git", "rev-parse", f"refs/tags/{each}", cwd=WORK / "origin").split()[-1] for each in (major, f"v{VERSION}")}
    is_true(len(places) == 1, f"{major} is elsewhere")
    said = step.call("scripts/release", "draft", env=environment, cwd=clone)
    is_true("is published already" in said, "a release that is out is drafted again")
    return f"{len(files)} files on a stand-in of GitHub; {major} follows"


# With the steps that have to be right before.
STEPS = {
    "ready": (ready, []), "binary": (binary, []), "packages": (packages, ["binary"]), "checks": (checks, ["packages"]),
    "sums": (sums, ["packages"]), "try": (used, ["packages"]), "npm": (npm, ["packages"]), "pypi": (pypi, ["packages"]),
    "deb": (deb, ["packages"]), "image": (image, ["packages"]), "roots": (roots, ["binary"]), "binstall": (binstall, ["packages"]),
    "tag": (tag, ["packages"]), "action": (action, ["tag"]), "draft": (draft, ["tag"]), "crate": (crate, []),
}


def main():
    chosen = sys.argv[1:] or list(STEPS)
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    states = {}
    for name in chosen:
        do, needs = STEPS[name]
        start = time.monotonic()
        step = Step(name)
        try:
            missing = [each for each in needs if states.get(each, "ok") != "ok"]
            if missing:
                raise LeftOut(f"after {', '.join(missing)}")
            state, said = "ok", do(step)
        except Open as error:
            state, said = "open", error
        except LeftOut as error:
            state, said = "left out", error
        except (subprocess.CalledProcessError, ValueError, OSError) as error:
            state, said = "FAILED", error
            print("\n".join(step.log.read_text(errors="replace").splitlines()[-60:]))
        states[name] = state
        print(f"release: {name:9} {state:9} {time.monotonic() - start:5.0f} s  {said}", flush=True)
    for server in SERVERS:
        server.send_signal(signal.SIGTERM)
        server.wait()
    shutil.rmtree(WORK)
    bad = [name for name, state in states.items() if state == "FAILED" or (state == "left out" and "FAILED" in states.values())]
    if bad:
        sys.exit(f"release: not right: {', '.join(bad)}; what each has printed is in {LOGS}")
    print("release: all is in order, and nothing was published")


main()
