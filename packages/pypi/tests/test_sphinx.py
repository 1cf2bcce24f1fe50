"""A real site of Sphinx, with the extension of the installed wheel."""

import pytest
from conftest import Venv, a_token, attempt, build_line, injected, pages, requirements

pytestmark = pytest.mark.slow

MISTAKE = f":orphan:\n\nMistake\n=======\n\nThe token {a_token()}\n"


@pytest.fixture(scope="module", params=["of the fixture", "sphinx==7.4.7"])
def venv(tmp_path_factory, request):
    """The newest, and one that still makes exceptions of errors with -W."""
    what = requirements("sphinx") if request.param == "of the fixture" else [request.param]
    return Venv(tmp_path_factory.mktemp("sphinx") / "v").install(*what).install_chathub()


@pytest.fixture
def folder(project):
    folder = project("sphinx")
    with open(folder / "conf.py", "a") as file:
        file.write('extensions += ["chathub.sphinx"]\n')
    return folder


def build(venv, folder, *arguments, builder="html"):
    command = ["sphinx-build", "-b", builder, "-d", "_build/doctrees", *arguments, ".", f"_build/{builder}"]
    return venv.attempt(*command, cwd=folder)


def test_every_page_is_injected_and_verified(venv, folder):
    # Warnings fail it, and processes share the work: nothing about either may be said of the extension.
    done = build(venv, folder, "-W", "-j", "2")
    assert done.returncode == 0, done.stdout
    assert "clean: 9 pages" in done.stdout
    assert len(injected(folder / "_build/html")) == 6
    # Sphinx writes only what has changed. The rest is there as it was left.
    (folder / "shop/index.rst").write_text((folder / "shop/index.rst").read_text() + "\nNew.\n")
    done = build(venv, folder, "-W")
    assert done.returncode == 0, done.stdout
    assert len(injected(folder / "_build/html")) == 6


def test_the_line_of_the_documentation(venv, folder, tmp_path):
    """By the Makefile of every new project."""
    venv.run("sphinx-quickstart", "--quiet", "--no-batchfile", "--no-sep", "--project", "p", "--author", "a", "--release", "1", tmp_path / "new")
    (tmp_path / "new/Makefile").rename(folder / "Makefile")
    done = attempt(*build_line("sphinx"), cwd=folder, **venv.activated({}))
    assert done.returncode == 0, done.stdout
    assert "clean: 9 pages" in done.stdout
    assert len(injected(folder / "_build/html")) == 6


@pytest.mark.parametrize("strict", [[], ["-W"], ["-W", "--keep-going"]])
def test_a_wrong_page_fails_the_build_by_its_name(venv, folder, strict):
    (folder / "shop/mistake.rst").write_text(MISTAKE)
    done = build(venv, folder, *strict)
    assert done.returncode == 1, done.stdout
    assert "ERROR: chathub verify failed with exit code 1\n" in done.stdout
    assert "shop/mistake.html" in done.stdout
    assert "Traceback" not in done.stdout and "Exception occurred" not in done.stdout
    # What was read is kept for the next build.
    assert (folder / "_build/doctrees/environment.pickle").exists()


def test_folders_for_pages(venv, folder):
    done = build(venv, folder, builder="dirhtml")
    assert done.returncode == 0, done.stdout
    assert "shop/index.html" in injected(folder / "_build/dirhtml")


@pytest.mark.parametrize("builder", ["epub", "json", "htmlhelp", "latex", "text"])
def test_what_is_not_for_the_web_is_left_alone(venv, folder, builder):
    done = build(venv, folder, builder=builder)
    assert done.returncode == 0, done.stdout
    assert "chathub inject" not in done.stdout
    assert pages(folder / "_build" / builder) == []


def test_a_build_that_has_failed_is_left_alone(venv, folder):
    with open(folder / "conf.py", "a") as file:
        file.write("def setup(app):\n    app.connect('build-finished', broken)\n\n\ndef broken(app, exception):\n    raise OSError('broken')\n")
    done = build(venv, folder)
    assert done.returncode != 0
    assert "chathub inject" not in done.stdout


def test_options(venv, folder):
    """From conf.py, and from the command line."""
    done = build(venv, folder, "-D", "chathub_enabled=0")
    assert (done.returncode, pages(folder / "_build/html")) == (0, []), done.stdout
    (folder / "chathub.toml").rename(folder / "other.toml")
    with open(folder / "conf.py", "a") as file:
        file.write("chathub_config = 'other.toml'\nchathub_verify = False\n")
    done = build(venv, folder, "-D", "chathub_args=--asset-dir,widgets")
    assert done.returncode == 0, done.stdout
    assert (folder / "_build/html/widgets").is_dir()
    assert "chathub verify" not in done.stdout
    with open(folder / "conf.py", "a") as file:
        file.write("chathub_args = '--quiet'\n")
    done = build(venv, folder)
    assert done.returncode == 1
    assert "ERROR: `chathub_args` must be a list of strings" in done.stdout
