"""Puts the binary into the wheel, and names the platforms that it is for, once it has been read: a wheel with another one must not be built."""

import os
from pathlib import Path

import lief
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Systems by the words of Rust's targets.
WINDOWS = "windows"
MACOS = "apple-darwin"
LINUX = "linux"

PLATFORMS = {
    (LINUX, "x86_64"): "manylinux2014_x86_64.musllinux_1_1_x86_64",
    (LINUX, "aarch64"): "manylinux2014_aarch64.musllinux_1_1_aarch64",
    (WINDOWS, "x86_64"): "win_amd64",
    (WINDOWS, "aarch64"): "win_arm64",
    (MACOS, "x86_64"): "macosx_11_0_x86_64",
    (MACOS, "aarch64"): "macosx_11_0_arm64",
}

MACHINES = {
    lief.ELF.ARCH.X86_64: (LINUX, "x86_64"),
    lief.ELF.ARCH.AARCH64: (LINUX, "aarch64"),
    lief.PE.Header.MACHINE_TYPES.AMD64: (WINDOWS, "x86_64"),
    lief.PE.Header.MACHINE_TYPES.ARM64: (WINDOWS, "aarch64"),
    lief.MachO.Header.CPU_TYPE.X86_64: (MACOS, "x86_64"),
    lief.MachO.Header.CPU_TYPE.ARM64: (MACOS, "aarch64"),
}


def machine(binary):
    """What a binary runs on, as a key of PLATFORMS; None for anything else."""
    if isinstance(binary, lief.MachO.Binary):
        return MACHINES.get(binary.header.cpu_type)
    if isinstance(binary, lief.PE.Binary):
        return MACHINES.get(binary.header.machine)
    if isinstance(binary, lief.ELF.Binary):
        return MACHINES.get(binary.header.machine_type)
    return None


def platforms(target, path):
    """The platform tags for the binary of a Rust target."""
    architecture, _, system = target.partition("-")
    wanted = next((key for key in PLATFORMS if key[0] in system and key[1] == architecture), None)
    if wanted is None:
        raise SystemExit(f"pypi: there is no wheel for the target {target}")
    binary = lief.parse(str(path))
    found = machine(binary)
    if found != wanted:
        what = f"runs on {found[1]} {found[0]}" if found else "is not a program"
        raise SystemExit(f"pypi: {path.name} was given for {target}, but it {what}")
    if wanted[0] == LINUX and binary.has_interpreter:
        # It needs the C library of the machine that it was built on. pip installs such a wheel; no registry takes it.
        return f"linux_{architecture}"
    return PLATFORMS[wanted]


class Binary(BuildHookInterface):
    def initialize(self, version, build_data):
        (path,) = Path(self.root, "bin").iterdir()
        build_data["shared_scripts"] = {str(path): path.name}
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platforms(os.environ['CHATHUB_WHEEL_TARGET'], path)}"
