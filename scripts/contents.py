"""Prints what the binary is made of, as CycloneDX 1.6 in JSON: every crate with its version, licence, checksum and place, from `cargo metadata`."""

import json
import os
import subprocess
import time
import uuid
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--offline"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    sums = {(one["name"], one["version"]): one.get("checksum") for one in locked}

    # What is compiled into it: not what builds or tests it.
    def needs(node):
        kept = (one for one in node["deps"] if any(kind["kind"] is None for kind in one["dep_kinds"]))
        return sorted({one["pkg"] for one in kept})

    (own,) = [one for one in metadata["workspace_members"] if packages[one]["name"] == "chathub"]
    reached, left = set(), [own]
    while left:
        one = left.pop()
        if one not in reached:
            reached.add(one)
            left += needs(nodes[one])

    def url(package):
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package, kind):
        said = {"type": kind, "bom-ref": url(package), "name": package["name"], "version": package["version"], "purl": url(package)}
        if package["license"]:
            said["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        if checksum := sums.get((package["name"], package["version"])):
            said["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return said

    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    components = sorted((packages[one] for one in reached - {own}), key=url)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # The same for the same contents.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([url(one) for one in components]))}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)),
            "component": component(packages[own], "application"),
        },
        "components": [component(one, "library") for one in components],
        "dependencies": [
            {"ref": url(packages[one]), "dependsOn": sorted(url(packages[each]) for each in needs(nodes[one]))}
            for one in sorted(reached, key=lambda one: url(packages[one]))
        ],
    }
    print(json.dumps(document, indent=1, ensure_ascii=False))


main()
