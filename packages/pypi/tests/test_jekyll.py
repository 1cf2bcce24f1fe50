"""A real site of Jekyll, with the plugin of the installed gem."""

import os
import shutil
import subprocess

import pytest
from conftest import BINARY, ROOT, a_token, attempt, build_line, code, environment, injected, pages, run

pytestmark = pytest.mark.slow

MISTAKE = f"---\n---\nThe token {a_token()}\n"


def built(out):
    subprocess.run(["cargo", "xtask", "gem", "--out", out], cwd=ROOT, check=True)
    (gem,) = out.iterdir()
    return gem


@pytest.fixture(scope="module")
def gem(tmp_path_factory):
    return built(tmp_path_factory.mktemp("gem") / "out")


@pytest.fixture(scope="module")
def home(gem):
    """Where the gem is installed, beside what the machine has."""
    home = gem.parent.parent / "home"
    # Debian's Jekyll is a gem that its own list of dependencies does not let be installed.
    run("gem", "install", "--local", "--silent", "--no-document", "--ignore-dependencies", "--install-dir", home, gem)
    return home


@pytest.fixture
def folder(project):
    return project("jekyll")


def with_plugin(folder, *options):
    with open(folder / "_config.yml", "a") as file:
        file.write("plugins: [jekyll-chathub]\n")
        if options:
            file.write("".join(["chathub:\n", *(f"  {option}\n" for option in options)]))


def gems(home):
    return {"GEM_PATH": os.pathsep.join([str(home), run("gem", "env", "gempath").strip()])}


def build(home, folder, **variables):
    named = {"CHATHUB_BINARY": BINARY, **gems(home), **variables}
    return attempt("jekyll", "build", "--disable-disk-cache", cwd=folder, **{name: value for name, value in named.items() if value})


def test_what_is_in_it(gem, version, tmp_path):
    run("gem", "unpack", gem, "--target", tmp_path)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir() and path.name.startswith("jekyll-chathub"))
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "lib/jekyll-chathub.rb"]
    assert f"version: {version}\n" in run("gem", "specification", gem, "version")
    assert built(tmp_path / "again").read_bytes() == gem.read_bytes()


def test_every_page_is_injected_and_verified(home, folder):
    with_plugin(folder)
    done = build(home, folder)
    assert done.returncode == 0, done.stdout
    assert "Chathub: inject\n" in done.stdout
    assert "clean: 25 pages" in done.stdout
    assert injected(folder / "_site")


def test_the_lines_of_the_documentation(home, folder):
    """By a Gemfile, which alone loads the plugin."""
    (folder / "Gemfile").write_text("\n".join(['gem "jekyll"', *code("jekyll", "ruby")]))
    done = attempt(*build_line("jekyll"), cwd=folder, CHATHUB_BINARY=BINARY, **gems(home))
    assert done.returncode == 0, done.stdout
    assert "Chathub: inject\n" in done.stdout
    assert "clean: 25 pages" in done.stdout
    assert injected(folder / "_site")


def test_a_wrong_page_fails_the_build_by_its_name(home, folder):
    with_plugin(folder)
    (folder / "shop/mistake.md").write_text(MISTAKE)
    done = build(home, folder)
    assert done.returncode == 1
    assert "  shop/mistake.html:" in done.stdout
    assert "chathub verify failed with exit code 1" in done.stdout


def test_options(home, folder, tmp_path):
    (folder / "chathub.toml").rename(folder / "other.toml")
    with_plugin(folder, "config: other.toml", "args: [--asset-dir, widgets]", "verify: [--asset-dir, widgets]")
    done = build(home, folder)
    assert done.returncode == 0, done.stdout
    assert (folder / "_site/widgets").is_dir()
    assert "clean: 25 pages" in done.stdout


def test_without_verify(home, folder):
    with_plugin(folder, "verify: false")
    (folder / "mistake.md").write_text(MISTAKE)
    done = build(home, folder)
    assert done.returncode == 0, done.stdout
    assert "Chathub: verify" not in done.stdout


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("args: --quiet", "`chathub.args` must be a list of strings, one for each argument, not"),
        ("verify: maybe", "`chathub.verify` must be true, false or a list of strings, one for each argument, not"),
        ("enabled: never", "`chathub.enabled` must be true, false or always, not"),
        ("verfy: true", "unknown option `chathub.verfy`; expected one of config, args, verify, enabled"),
    ],
)
def test_a_wrong_option(home, folder, option, message):
    with_plugin(folder, option)
    done = build(home, folder)
    assert done.returncode == 1
    assert message in done.stdout


def test_not_enabled(home, folder):
    with_plugin(folder, "enabled: false")
    done = build(home, folder)
    assert (done.returncode, "Chathub:" in done.stdout) == (0, False), done.stdout


def test_where_the_program_is_found(home, folder, tmp_path):
    with_plugin(folder)

    def program(path, name):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {name} $1\n")
        path.chmod(0o755)
        return path

    plain = os.pathsep.join(path for path in os.environ["PATH"].split(os.pathsep) if not (shutil.which("chathub", path=path)))
    done = build(home, folder, CHATHUB_BINARY=None, PATH=plain)
    assert done.returncode == 1
    assert "the program `chathub` is neither in node_modules nor on the PATH" in done.stdout
    on_path = program(tmp_path / "bin/chathub", "on the path")
    path = os.pathsep.join([str(on_path.parent), plain])
    assert "on the path inject\n" in build(home, folder, CHATHUB_BINARY=None, PATH=path).stdout
    program(folder / "node_modules/.bin/chathub", "of npm")
    assert "of npm verify\n" in build(home, folder, CHATHUB_BINARY=None, PATH=path).stdout
    named = program(tmp_path / "named", "named")
    assert "named verify\n" in build(home, folder, CHATHUB_BINARY=named, PATH=path).stdout
    done = build(home, folder, CHATHUB_BINARY=tmp_path / "none")
    assert done.returncode == 1
    assert f"CHATHUB_BINARY names {tmp_path}/none, which is not a file" in done.stdout
    named.write_text("#!/bin/sh\necho the last words; kill -9 $$\n")
    done = build(home, folder, CHATHUB_BINARY=named)
    assert done.returncode == 1
    assert "the last words\n" in done.stdout
    assert "chathub inject was ended by SIGKILL" in done.stdout


@pytest.mark.parametrize("asked", [False, True])
def test_the_development_server_is_left_alone(home, folder, asked):
    with_plugin(folder, *(["enabled: always"] if asked else []))
    command = ["jekyll", "serve", "--disable-disk-cache", "--no-watch", "--host", "127.0.0.1", "--port", "0"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    named = environment(CHATHUB_BINARY=BINARY, **gems(home))
    with subprocess.Popen(command, cwd=folder, env=named, stdin=subprocess.DEVNULL, **pipe) as server:
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "Server running" in line:
                break
        server.kill()
    assert "Server running" in lines[-1], "".join(lines)
    assert ("Chathub: inject\n" in "".join(lines)) is asked
    assert "404.html" not in pages(folder / "_site") or asked
