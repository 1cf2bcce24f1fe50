"""Runs the steps of a composite action of GitHub's as a runner does: expressions, conditions, outputs, and files of commands."""

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import yaml

TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(==|!=|&&|\|\||!|\(|\))|([A-Za-z_][\w.-]*))")


class Expression:
    """The operators that actions use, by their rules: || and && give one of their operands."""

    def __init__(self, text, contexts):
        self.tokens = []
        self.contexts = contexts
        text = text.strip()
        at = 0
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"{text!r} is not understood from {text[at:]!r}")
            self.tokens.append(match.group(0).strip())
            at = match.end()

    def value(self):
        result = self.either()
        if self.tokens:
            raise ValueError(f"{self.tokens} is left")
        return result

    def either(self):
        left = self.both()
        while self.take("||"):
            right = self.both()
            left = left or right
        return left

    def both(self):
        left = self.equal()
        while self.take("&&"):
            right = self.equal()
            left = left and right
        return left

    def equal(self):
        left = self.one()
        for operator, holds in (("==", lambda a, b: a.lower() == b.lower()), ("!=", lambda a, b: a.lower() != b.lower())):
            if self.take(operator):
                return holds(left, self.one())
        return left

    def one(self):
        if self.take("!"):
            return not self.one()
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise ValueError("a parenthesis is open")
            return inner
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        here = self.contexts
        for part in token.split("."):
            here = here.get(part, "") if isinstance(here, dict) else ""
        return here

    def take(self, token):
        if self.tokens and self.tokens[0] == token:
            del self.tokens[0]
            return True
        return False


def filled(text, contexts):
    """A text with the values of its expressions."""

    def shown(match):
        value = Expression(match.group(1), contexts).value()
        return {True: "true", False: "false"}.get(value, value)

    return re.sub(r"\$\{\{(.*?)\}\}", shown, text)


def pairs(text):
    """What a file of commands such as GITHUB_OUTPUT says."""
    said = {}
    lines = iter(text.splitlines())
    for line in lines:
        if match := re.fullmatch(r"([^=<]+)<<(.+)", line):
            value = []
            for more in lines:
                if more == match[2]:
                    break
                value.append(more)
            said[match[1]] = "\n".join(value)
        else:
            name, _, value = line.partition("=")
            said[name] = value
    return said


class Run(NamedTuple):
    """What a run of an action came to."""

    code: int
    # Of all steps, and of each by its id.
    log: str
    logs: dict
    summaries: dict
    outputs: dict
    path: list


def run(action, inputs, github, environment, workspace):
    """Runs all steps of the action in a folder; the first that fails is the last."""
    action = Path(action)
    manifest = yaml.safe_load((action / "action.yml").read_text())
    unknown = set(inputs) - set(manifest["inputs"])
    if unknown:
        raise ValueError(f"there is no input {unknown}")
    given = {name: inputs.get(name, one.get("default", "")) for name, one in manifest["inputs"].items()}
    github = {**github, "action_path": str(action)}
    steps, logs, summaries, path, code = {}, {}, {}, [], 0
    with tempfile.TemporaryDirectory() as temporary:
        for number, step in enumerate(manifest["runs"]["steps"]):
            contexts = {"inputs": given, "github": github, "steps": steps}
            if "if" in step and not Expression(step["if"], contexts).value():
                continue
            files = {name: Path(temporary) / f"{number}.{name}" for name in ("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
            for file in files.values():
                file.touch()
            script = Path(temporary) / f"{number}.sh"
            # Actions are given inputs in their scripts at times, and a name that holds a command is one then; so are ours, if they do so.
            script.write_text(filled(step["run"], contexts))
            own = {name: filled(value, contexts) for name, value in step.get("env", {}).items()}
            where = {**environment, **own, **{name: str(file) for name, file in files.items()}}
            where["PATH"] = os.pathsep.join([*reversed(path), environment["PATH"]])
            assert step["shell"] == "bash", step
            ended = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
                cwd=workspace, env=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                check=False,
            )
            name = step["id"]
            logs[name] = ended.stdout.decode(errors="replace")
            summaries[name] = files["GITHUB_STEP_SUMMARY"].read_text()
            steps[name] = {"outputs": pairs(files["GITHUB_OUTPUT"].read_text())}
            path += files["GITHUB_PATH"].read_text().splitlines()
            code = ended.returncode
            if code:
                break
        contexts = {"inputs": given, "github": github, "steps": steps}
        outputs = {name: filled(one["value"], contexts) for name, one in manifest["outputs"].items()}
    return Run(code, "".join(logs.values()), logs, summaries, outputs, path)
