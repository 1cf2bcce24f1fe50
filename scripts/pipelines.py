"""Runs action.yml and templates/chathub.yml on a site, with inputs that would be commands if anything read them as such.

    pipelines.py PROGRAM            what scripts/pipelines runs, with the chathub to test
"""

import functools
import hashlib
import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
from pathlib import Path

import composite

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "target" / "pipelines"
PROGRAM = Path(sys.argv[1]).resolve()
VERSION = next(line.split('"')[1] for line in (ROOT / "Cargo.toml").read_text().splitlines() if line.startswith("version = "))
# Each would write a file called `owned` if a shell read it.
HOSTILE = ["a b", "$(touch owned)", "`touch owned`", "'; touch owned; '", '" && touch owned && "', "*", "--", "-n", "$PATH", "\\", "é ${{ github.token }}"]
RECORDER = """#!/usr/bin/env python3
import json, os, sys
if sys.argv[1:] != ["--version"]:
    with open(os.environ["RECORD"], "a") as record:
        print(json.dumps(sys.argv[1:]), file=record)
    print("::error::said by a page")
"""


def is_true(condition, *about):
    if not condition:
        sys.exit("pipelines: " + "\n".join(str(each) for each in about))


def environment(work, **more):
    """What a runner sets, as far as the action needs it."""
    temporary = work / "temporary"
    temporary.mkdir(exist_ok=True)
    here = {"PATH": os.environ["PATH"], "HOME": str(work), "LANG": "C.UTF-8", "GITHUB_ACTIONS": "true", "CI": "true"}
    runner = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TEMP": str(temporary), "RUNNER_TOOL_CACHE": str(work / "cache")}
    return {**here, **runner, "GITHUB_WORKSPACE": str(work / "workspace"), **more}


GITHUB = {"repository": "somebody/site", "action_repository": "somebody/chathub", "server_url": "https://127.0.0.1:9", "token": "not a token"}


def workspace(work):
    """A checkout with the demo site."""
    folder = work / "workspace"
    shutil.copytree(ROOT / "fixtures" / "demo", folder)
    return folder


def action(work, inputs, at=ROOT, **more):
    return composite.run(at, inputs, GITHUB, environment(work, **more), work / "workspace")


def recorder(work):
    program = work / "recorder"
    program.write_text(RECORDER)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, work / "record"


def recorded(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def is_not_owned(work):
    is_true(not list(work.rglob("owned")), "an input was run as a command")


def injects_and_verifies(work):
    folder = workspace(work)
    done = action(work, {"program": str(PROGRAM)})
    is_true(done.code == 0, done.log)
    is_true(b"chathub-assets/runtime." in (folder / "public" / "index.html").read_bytes(), done.log)
    is_true("chathub" in done.summaries["inject"] and "chathub" in done.summaries["verify"], done.summaries)
    is_true(done.outputs["program"] == str(PROGRAM) and done.path == [str(PROGRAM.parent)], done.outputs)
    again = action(work, {"program": str(PROGRAM), "inject-arguments": "--check", "verify": "false"})
    is_true(again.code == 0 and "verify" not in again.logs, again.log)


def a_wrong_page_fails_the_job(work):
    workspace(work)
    done = action(work, {"program": str(PROGRAM), "inject": "false"})
    is_true(done.code == 1, done.code, done.log)
    start, end = done.log.index("::stop-commands::"), done.log.index("::error ")
    word = done.log[start:].split("::", 3)[2].split("\n", 1)[0]
    is_true(start < done.log.index(f"\n::{word}::\n") < end, done.log)
    is_true("file=public/" in done.log, done.log)
    is_true("missing-instance" in done.summaries["verify"], done.summaries)
    # The report is in a folder of the runner's that outlives the step.
    report = json.loads(Path(done.outputs["report"]).read_text())
    is_true("missing-instance" in json.dumps(report), report["summary"])


def a_summary_and_annotations_can_be_left_out(work):
    workspace(work)
    done = action(work, {"program": str(PROGRAM), "inject": "false", "summary": "false", "annotations": "false"})
    is_true(done.code == 1 and "::error" not in done.log and not done.summaries["verify"], done.log)


def inputs_are_arguments_and_never_commands(work):
    folder = workspace(work)
    program, record = recorder(work)
    arguments = "\n".join(["", *HOSTILE, ""]) + "\r\n"
    for site in HOSTILE:
        record.unlink(missing_ok=True)
        (folder / "in a $(touch owned) folder").mkdir(exist_ok=True)
        given = {"program": str(program), "site": site, "config": "a.toml\nb `touch owned`.toml", "inject-arguments": arguments}
        given |= {"verify-arguments": site, "working-directory": "in a $(touch owned) folder"}
        done = action(work, given, RECORD=str(record))
        is_true(done.code == 0, done.log)
        inject, verify = recorded(record)
        tail = ["--config", "a.toml", "--config", "b `touch owned`.toml", *HOSTILE, "--", site]
        is_true(inject[0] == "inject" and inject[-len(tail):] == tail, inject, tail)
        is_true(verify[0] == "verify" and verify[-3:] == [site, "--", site], verify)
        # What a page says in a report is no command of GitHub's.
        before = done.logs["inject"].split("::error::said by a page")[0]
        is_true("::stop-commands::" in before, done.log)
    is_not_owned(work)


def inputs_that_mean_nothing_are_refused(work):
    workspace(work)
    program, _ = recorder(work)
    for given, says in [
        ({"inject": "yes"}, "must be true or false"),
        ({"summary": "$(touch owned)"}, "must be true or false"),
        ({"working-directory": "nowhere\n::warning::x"}, "there is no folder"),
        ({"program": "nowhere\n::warning::x"}, "is not a program"),
        ({"program": "", "version": "1.0.0/../../../evil"}, "must be a version"),
        ({"program": "", "version": "1.0.0\n::warning::x"}, "must be a version"),
        ({"program": "", "version": "999.0.0"}, "does not know the checksum"),
        ({"program": "", "version": "$(touch owned)"}, "must be a version"),
    ]:
        done = action(work, {"program": str(program), **given}, RECORD=str(work / "record"))
        lines = [line for line in done.log.splitlines() if line.startswith("::") and "stop-commands" not in line]
        is_true(done.code == 2 and says in done.log, given, done.log)
        is_true(any(line.startswith("::error title=chathub::") for line in lines) and not any("::warning" in line[:3] for line in lines), done.log)
        is_true("\n::warning" not in done.log, done.log)
    is_not_owned(work)


class Releases(http.server.SimpleHTTPRequestHandler):
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


def a_release(work, targets):
    """A copy of the action that knows the checksums of a release, and the folder of its archives."""
    folder, copy = work / "releases", work / "action-of-the-release"
    folder.mkdir()
    (copy / "action").mkdir(parents=True)
    for name in ["action.yml", "Cargo.toml", "action/install.sh", "action/run.sh", "action/common.sh"]:
        shutil.copy(ROOT / name, copy / name)
    sums = []
    for target in targets:
        archive = folder / f"chathub-{VERSION}-{target}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            binary = "chathub.exe" if "windows" in target else "chathub"
            tar.add(recorder(work)[0], arcname=f"chathub-{VERSION}-{target}/{binary}")
        sums.append(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}\n")
    (copy / "action" / "SHA256SUMS").write_text("".join(sums))
    return folder, copy


def a_release_is_downloaded_and_held_to_its_checksum(work):
    workspace(work)
    systems = {
        ("Linux", "X64"): "x86_64-unknown-linux-gnu", ("Linux", "ARM64"): "aarch64-unknown-linux-gnu", ("macOS", "X64"): "x86_64-apple-darwin",
        ("macOS", "ARM64"): "aarch64-apple-darwin", ("Windows", "X64"): "x86_64-pc-windows-gnu",
    }
    folder, copy = a_release(work, set(systems.values()))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Releases, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        given = {"download-url": f"http://127.0.0.1:{server.server_port}/", "inject-arguments": "--check"}
        for (system, processor), target in systems.items():
            # Once fetched, and once kept.
            for asked in [[f"/chathub-{VERSION}-{target}.tar.gz"], []]:
                Releases.asked.clear()
                done = action(work, given, copy, RECORD=str(work / "record"), RUNNER_OS=system, RUNNER_ARCH=processor)
                is_true(done.code == 0 and Releases.asked == asked, done.log, Releases.asked)
        archive = folder / f"chathub-{VERSION}-x86_64-unknown-linux-gnu.tar.gz"
        archive.write_bytes(archive.read_bytes() + b"\0")
        # What is kept has been changed by somebody, and so has what can be had.
        shutil.copy(archive, work / "cache" / "chathub" / archive.name)
        done = action(work, given, copy, RECORD=str(work / "record"))
        is_true(done.code == 2 and "it was not unpacked" in done.log, done.log)
        archive.unlink()
        done = action(work, given, copy, RECORD=str(work / "record"))
        is_true(done.code == 2 and "cannot be downloaded" in done.log, done.log)
        done = action(work, given, copy, RECORD=str(work / "record"), RUNNER_OS="Plan9")
        is_true(done.code == 2 and "there is no binary for Plan9" in done.log, done.log)
        server.shutdown()


def gitlab(work, inputs, path, script=".gitlab-ci.yml"):
    """Runs the component's job, in the shell of this machine."""
    folder = work / "workspace"
    if not (folder / ".git").exists():
        shutil.copytree(ROOT / "templates", folder / "templates")
        git = ["git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        for words in [["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "A site"]]:
            subprocess.run([*git, *words], cwd=folder, check=True)
        subprocess.run(["git", "remote", "add", "origin", "https://example.com/somebody/site.git"], cwd=folder, check=True)
    include = {"include": [{"local": "templates/chathub.yml", "inputs": inputs}]}
    # JSON is YAML, and quotes whatever there is.
    (folder / script).write_text(json.dumps(include))
    node, tool = TOOLS / "node_modules" / ".bin" / "node", TOOLS / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
    return subprocess.run(
        [node, tool, "--force-shell-executor", "--no-shell-isolation", "--no-artifacts-to-source", "--file", script, inputs.get("job", "chathub")],
        cwd=folder, env={**environment(work), **path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=300, check=False,
    )


def the_component_injects_and_verifies(work):
    folder = workspace(work)
    path = {"PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
    wrong = gitlab(work, {"version": "", "inject": False, "job": "only verify"}, path)
    is_true(wrong.returncode != 0 and "missing-instance" in wrong.stdout, wrong.stdout)
    right = gitlab(work, {"version": "", "verify-arguments": "--min-pages\n2"}, path)
    is_true(right.returncode == 0, right.stdout)
    is_true(b"chathub-assets/runtime." in (folder / "public" / "index.html").read_bytes(), right.stdout)
    json.loads((folder / "chathub-verify.json").read_text())
    is_true("<testsuites" in (folder / "chathub-verify.xml").read_text(), right.stdout)


def inputs_of_the_component_are_arguments_and_never_commands(work):
    workspace(work)
    program, record = recorder(work)
    (work / "bin").mkdir()
    program.rename(work / "bin" / "chathub")
    path = {"PATH": f"{work / 'bin'}{os.pathsep}{os.environ['PATH']}", "RECORD": str(record)}
    # Not of the site: gitlab-ci-local, other than GitLab, has a shell copy what artifacts name.
    given = {"version": "", "config": "`touch owned`.toml", "inject-arguments": "\n".join(HOSTILE)}
    done = gitlab(work, given, path)
    is_true(done.returncode == 0, done.stdout)
    inject, verify = recorded(record)
    tail = ["--config", "`touch owned`.toml", *HOSTILE, "--", "public"]
    is_true(inject[-len(tail):] == tail, inject, tail, done.stdout)
    is_true(verify[-2:] == tail[-2:], verify)
    is_not_owned(work)


def main():
    for check in [
        injects_and_verifies, a_wrong_page_fails_the_job, a_summary_and_annotations_can_be_left_out, inputs_are_arguments_and_never_commands,
        inputs_that_mean_nothing_are_refused, a_release_is_downloaded_and_held_to_its_checksum, the_component_injects_and_verifies,
        inputs_of_the_component_are_arguments_and_never_commands,
    ]:
        with tempfile.TemporaryDirectory() as work:
            check(Path(work))
        print(f"pipelines: {check.__name__.replace('_', ' ')}", flush=True)


main()
