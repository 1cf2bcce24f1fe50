"""binstall.py PACKAGES: installs from the archives there by cargo-binstall, as if they were a release's, from a server on this machine.

Prints a line for each target: the checksum of what it has installed. cargo-binstall downloads over https alone.
"""

import functools
import hashlib
import http.server
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = (ROOT / "Cargo.toml").read_text()
VERSION = tomllib.loads(MANIFEST)["package"]["version"]


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ssl.SSLEOFError:
            # It looks at the beginning of each archive, and goes.
            pass


def certificates(folder):
    """A certificate for this machine, and the one that has signed it."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    new = ["req", "-newkey", "rsa:2048", "-nodes"]
    openssl(*new, "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=A CA", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl(*new, "-keyout", "key.pem", "-out", "asked.pem", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    openssl("x509", "-req", "-in", "asked.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "cert.pem")


def main():
    packages = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="chathub-binstall-") as name:
        work = Path(name)
        certificates(work)
        release = work / f"home/chathub/releases/download/v{VERSION}"
        release.mkdir(parents=True)
        for archive in packages.glob("*.tar.gz"):
            (release / archive.name).symlink_to(archive)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=work / "home"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(work / "cert.pem", work / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Only the address is another one.
        here = f'repository = "https://localhost:{server.server_port}/chathub"'
        manifest = re.sub(r'^repository = ".*"$', here, MANIFEST, count=1, flags=re.MULTILINE)
        manifest = re.sub(r"^\[workspace\]\nmembers = .*\n", "", manifest, flags=re.MULTILINE)
        crate = work / "crate"
        (crate / "src").mkdir(parents=True)
        (crate / "Cargo.toml").write_text(manifest)
        for source in ("main.rs", "lib.rs"):
            (crate / "src" / source).touch()
        machine = os.uname().machine
        for target in (f"{machine}-unknown-linux-gnu", f"{machine}-unknown-linux-musl"):
            to = work / target
            subprocess.run(
                ["cargo-binstall", "--no-confirm", "--no-track", "--disable-telemetry", "--disable-strategies", "quick-install,compile",
                 "--manifest-path", crate, "--targets", target, "--root", to, "chathub"],
                env={**os.environ, "BINSTALL_HTTPS_ROOT_CERTS": str(work / "ca.pem"), "NO_PROXY": "localhost"},
                check=True,
            )
            print(hashlib.sha256((to / "bin/chathub").read_bytes()).hexdigest(), target)


main()
