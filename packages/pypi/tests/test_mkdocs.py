"""Real sites of MkDocs, with the plugin of the installed wheel."""

import shutil
import subprocess

import pytest
from conftest import Venv, a_token, build_line, environment, injected, pages, requirements


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    # With Material, and with plugins that minify pages and build a site within the site.
    return Venv(tmp_path_factory.mktemp("mkdocs") / "v").install(*requirements("mkdocs")).install_chathub()


def with_plugin(folder, *options, first=False, name="mkdocs.yml"):
    """Put the plugin into the site's configuration."""
    file = folder / name
    lines = file.read_text().splitlines()
    at = lines.index("plugins:") + 1
    if not first:
        at += next((n for n, line in enumerate(lines[at:]) if line and not line.startswith(" ")), len(lines) - at)
    entry = ["  - chathub:", *(f"      {option}" for option in options)] if options else ["  - chathub"]
    file.write_text("\n".join([*lines[:at], *entry, *lines[at:], ""]))
    return folder


@pytest.mark.parametrize("first", [False, True])
def test_every_page_is_injected_and_verified(venv, project, first):
    """Wherever the plugin stands in the list: after those that minify, and after the other languages are built."""
    folder = with_plugin(project("mkdocs"), first=first)
    output = venv.run(*build_line("mkdocs"), cwd=folder)
    assert output.count("chathub inject\n") == 1, output
    assert output.count("chathub verify\n") == 1, output
    assert "clean: 13 pages" in output
    assert len(injected(folder / "site")) == 9


def test_a_wrong_page_fails_the_build_by_its_name(venv, project):
    folder = with_plugin(project("mkdocs"))
    (folder / "docs/shop/mistake.md").write_text(f"# Mistake\n\nThe token {a_token()}\n")
    done = venv.attempt("mkdocs", "build", cwd=folder)
    assert done.returncode == 1
    assert "chathub verify failed with exit code 1\n" in done.stdout
    assert "shop/mistake/index.html" in done.stdout
    assert "secret-in-site" in done.stdout
    assert "Traceback" not in done.stdout
    assert a_token() not in done.stdout


def test_without_verify(venv, project):
    folder = with_plugin(project("mkdocs"), "verify: false")
    (folder / "docs/mistake.md").write_text(f"# Mistake\n\nThe token {a_token()}\n")
    output = venv.run("mkdocs", "build", cwd=folder)
    assert "chathub verify" not in output
    assert "mistake/index.html" in injected(folder / "site")


@pytest.fixture
def small(tmp_path):
    """A site that is built at once."""
    folder = tmp_path / "small"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/index.md").write_text("# Front page\n")
    (folder / "mkdocs.yml").write_text("site_name: Small\nplugins:\n  - search\n")
    (folder / "chathub.toml").write_text("")
    return folder


def test_not_enabled(venv, small):
    with_plugin(small, "enabled: !ENV [DEPLOY, false]")
    assert "chathub inject" not in venv.run("mkdocs", "build", cwd=small)
    assert pages(small / "site") == []
    assert "chathub verify" in venv.run("mkdocs", "build", cwd=small, DEPLOY="true")


def test_the_configuration_and_the_arguments_are_handed_on(venv, small, tmp_path):
    """Relative to mkdocs.yml, from wherever MkDocs is run."""
    with_plugin(small, "config: other.toml", "args: [--asset-dir, widgets]", "verify: [--asset-dir, widgets, --min-pages, '2']")
    (small / "chathub.toml").rename(small / "other.toml")
    venv.run("mkdocs", "build", "-f", small / "mkdocs.yml", cwd=tmp_path)
    assert (small / "site/widgets").is_dir()
    (small / "other.toml").write_text("nonsense = 1\n")
    done = venv.attempt("mkdocs", "build", "-f", small / "mkdocs.yml", cwd=tmp_path)
    assert done.returncode == 1
    assert "chathub inject failed with exit code 2\n" in done.stdout
    assert "other.toml:1" in done.stdout


@pytest.mark.parametrize("option", ["enabled: sometimes", "args: --prune", "args: [1]", "verfy: true"])
def test_a_wrong_option_is_refused(venv, small, option):
    with_plugin(small, option)
    done = venv.attempt("mkdocs", "build", "--strict", cwd=small)
    assert done.returncode == 1
    assert option.split(":")[0] in done.stdout


def test_without_its_program_the_build_fails(venv, small, tmp_path):
    with_plugin(small)
    done = venv.attempt("mkdocs", "build", cwd=small, CHATHUB_BINARY=tmp_path / "none")
    assert done.returncode == 1
    assert f"CHATHUB_BINARY names {tmp_path}/none, which is not a file\nhelp: " in done.stdout
    assert "Traceback" not in done.stdout


def served(venv, folder):
    """What the development server of MkDocs writes until it serves."""
    command = [venv.bin / "mkdocs", "serve", "--dev-addr", "127.0.0.1:0"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    with subprocess.Popen(command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, **pipe) as server:
        lines = []
        for line in server.stdout:
            lines.append(line)
            if "Serving on" in line:
                break
        server.terminate()
    assert "Serving on" in lines[-1], "".join(lines)
    return "".join(lines)


def test_the_development_server_is_left_alone(venv, small):
    asked = small.with_name("asked")
    shutil.copytree(small, asked)
    assert "chathub inject" not in served(venv, with_plugin(small))
    assert "chathub inject" in served(venv, with_plugin(asked, "enabled: always"))


@pytest.mark.slow
def test_properdocs(project, tmp_path):
    venv = Venv(tmp_path / "v").install("properdocs", "properdocs-theme-mkdocs").install_chathub()
    folder = project("mkdocs")
    (folder / "mkdocs.yml").unlink()
    (folder / "properdocs.yml").write_text("site_name: Tents\ntheme: mkdocs\nplugins:\n  - search\n")
    with_plugin(folder, name="properdocs.yml")
    assert "chathub verify\n" in venv.run("properdocs", "build", cwd=folder)
    assert injected(folder / "site")
    (folder / "docs/mistake.md").write_text(f"The token {a_token()}\n")
    done = venv.attempt("properdocs", "build", cwd=folder)
    assert done.returncode == 1
    assert "mistake/index.html" in done.stdout


@pytest.mark.slow
def test_zensical(project, tmp_path):
    """It has no plugins, so the plain line serves it."""
    venv = Venv(tmp_path / "v").install("zensical").install_chathub()
    folder = project("mkdocs")
    venv.run("zensical", "build", cwd=folder)
    venv.run("chathub", "inject", cwd=folder)
    venv.run("chathub", "verify", cwd=folder)
    assert injected(folder / "site")
