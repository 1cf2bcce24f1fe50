"""roots.py PROGRAM: what scripts/roots does in the roots that it has made, in a network of its own."""

import functools
import http.server
import os
import shutil
import socketserver
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOTS = ROOT / "target" / "roots"
PROGRAM = Path(sys.argv[1]).resolve()
QEMU = "qemu-aarch64-static" if struct.unpack("<H", PROGRAM.read_bytes()[18:20])[0] == 183 else None
# One stands in /etc/hosts, the other in DNS alone.
HOSTS, DNS = "hosts.example", "dns.example"
# What systems write there, from a plain one to a desktop's.
SWITCHES = {
    "no nsswitch.conf": None,
    "files and dns": "hosts: files dns\npasswd: files\n",
    "all that a desktop has": "hosts: files mymachines mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] myhostname dns\n"
    "passwd: files systemd sss\n",
}


class Names(socketserver.BaseRequestHandler):
    """DNS for one name, with the address of this machine."""

    def handle(self):
        data, socket = self.request
        end = data.index(0, 12) + 5
        name = b".".join(self.labels(data[12:end])).decode().lower()
        kind = struct.unpack("!H", data[end - 4 : end - 2])[0]
        answer = b""
        if name == DNS and kind == 1:
            answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
        flags = 0x8180 if name == DNS else 0x8183
        head = data[:2] + struct.pack("!HHHHH", flags, 1, 1 if answer else 0, 0, 0)
        socket.sendto(head + data[12:end] + answer, self.client_address)

    @staticmethod
    def labels(data):
        while data[0]:
            yield data[1 : 1 + data[0]]
            data = data[1 + data[0] :]


class Pages(http.server.SimpleHTTPRequestHandler):
    """A site, without a line for each request."""

    def log_message(self, *_):
        pass


def certificate(folder):
    """One that is its own authority, for both names."""
    (folder / "openssl.cnf").write_text(
        "[req]\ndistinguished_name = name\nx509_extensions = more\nprompt = no\n[name]\nCN = a site\n"
        f"[more]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = DNS:{HOSTS},DNS:{DNS}\n"
    )
    options = ["-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2", "-nodes"]
    command = ["openssl", "req", "-x509", *options, "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder / "certificate.pem", folder / "key.pem"


def served(site, pem, key):
    """The site on port 443, names on port 53."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 443), functools.partial(Pages, directory=site))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    pages.socket = context.wrap_socket(pages.socket, server_side=True)
    for server in (pages, socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names)):
        threading.Thread(target=server.serve_forever, daemon=True).start()


def run(root, *arguments):
    """The program in a root, with nothing of ours in its environment, not even a home."""
    if (root / "bin/sh").exists():
        command = ["/bin/sh", "-c", 'exec "$@"', "sh"]
    else:
        command = []
    command += ([f"/{QEMU}"] if QEMU else []) + ["/chathub", *arguments]

    def enter():
        os.chroot(root)
        os.chdir("/site")

    try:
        return subprocess.run(command, preexec_fn=enter, env={}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        sys.exit(f"roots: {root.name}: {PROGRAM} cannot be started; does it need a loader, as one that is not static does?")


def holds(condition, where, done):
    if not condition:
        sys.exit(f"roots: {where}: {done.args} ends with {done.returncode}\n{done.stdout}{done.stderr}")


def works(root, name, *arguments):
    done = run(root, *arguments)
    holds(done.returncode == 0, name, done)


def main():
    work = Path(tempfile.mkdtemp())
    pem, key = certificate(work)
    served(work / "served", pem, key)
    for root in (ROOTS / name for name in ("empty", "alpine", "debian")):
        name = root.name
        shutil.rmtree(root / "site", ignore_errors=True)
        shutil.copytree(ROOT / "fixtures" / "demo", root / "site")
        shutil.copy(PROGRAM, root / "chathub")
        if QEMU:
            shutil.copy(shutil.which(QEMU), root)
        works(root, name, "inject")
        works(root, name, "verify")
        shutil.rmtree(work / "served", ignore_errors=True)
        shutil.copytree(root / "site" / "public", work / "served")
        if name == "empty":
            # No certificate is there, and no name is known; it says so, and what to do.
            done = run(root, "verify", f"https://{DNS}/")
            holds(done.returncode == 2 and "CA certificates" in done.stderr, name, done)
        for switch, text in SWITCHES.items():
            (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
            (root / "etc/nsswitch.conf").unlink(missing_ok=True)
            if text:
                (root / "etc/nsswitch.conf").write_text(text)
            (root / "etc/hosts").write_text(f"127.0.0.1 localhost {HOSTS}\n")
            (root / "etc/resolv.conf").unlink(missing_ok=True)
            (root / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
            shutil.copy(pem, root / "etc/ssl/certs/ca-certificates.crt")
            for host in (HOSTS, DNS):
                works(root, f"{name}, {switch}", "verify", f"https://{host}/")
            unknown = run(root, "verify", "https://unknown.example/")
            holds(unknown.returncode not in (0, 1) and "unknown.example" in unknown.stderr, f"{name}, {switch}", unknown)
            print(f"roots: {name}, {switch}: finds {HOSTS} and {DNS}, and trusts its certificate")
        if name == "empty":
            shutil.rmtree(root / "etc")
        works(root, name, "remove")
        is_clean = not any(b"chathub-assets" in page.read_bytes() for page in (root / "site/public").rglob("*.html"))
        holds(is_clean, name, run(root, "verify"))
        print(f"roots: {name}: injects, verifies and removes")
    shutil.rmtree(work)


main()
