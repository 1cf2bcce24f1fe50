"""formulas.py VERSION PACKAGES: from SHA256SUMS, a formula for Homebrew, a PKGBUILD for the AUR, and an expression for Nix."""

import sys
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parent.parent
VERSION, PACKAGES = sys.argv[1], Path(sys.argv[2])
MANIFEST = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
HOME = MANIFEST["repository"]
ABOUT = MANIFEST["description"].split(", ")[0]
SUMS = {name: sum_ for sum_, name in (line.split() for line in (PACKAGES / "SHA256SUMS").read_text().splitlines())}


def archive(target):
    """Address and checksum of a system's archive; nothing where this release has none."""
    name = f"chathub-{VERSION}-{target}.tar.gz"
    return (f"{HOME}/releases/download/v{VERSION}/{name}", SUMS[name]) if name in SUMS else None


def homebrew():
    lines = []
    for system, targets in (("macos", {"arm": "aarch64-apple-darwin", "intel": "x86_64-apple-darwin"}),
                            ("linux", {"arm": "aarch64-unknown-linux-gnu", "intel": "x86_64-unknown-linux-gnu"})):
        found = {processor: archive(target) for processor, target in targets.items() if archive(target)}
        if found:
            lines.append(f"  on_{system} do")
            for processor, (url, sum_) in found.items():
                lines += [f"    on_{processor} do", f'      url "{url}"', f'      sha256 "{sum_}"', "    end"]
            lines.append("  end\n")
    return f'''class Chathub < Formula
  desc "{ABOUT}"
  homepage "{HOME}"
  version "{VERSION}"
  license any_of: ["MIT", "Apache-2.0"]

{chr(10).join(lines)}
  def install
    bin.install "chathub"
    man1.install "chathub.1"
    bash_completion.install "completions/chathub.bash" => "chathub"
    zsh_completion.install "completions/chathub.zsh" => "_chathub"
    fish_completion.install "completions/chathub.fish"
  end

  test do
    (testpath/"chathub.toml").write "default-organization = \\"support\\"\\n[organizations.support]\\nid = 6\\n"
    (testpath/"public").mkpath
    (testpath/"public/index.html").write "<!doctype html><title>Site</title><body><p>Text</p></body>"
    system bin/"chathub", "inject", "public"
    system bin/"chathub", "verify", "public"
  end
end
'''


def aur():
    systems = {processor: archive(f"{processor}-unknown-linux-gnu") for processor in ("x86_64", "aarch64")}
    systems = {processor: found for processor, found in systems.items() if found}
    sources = "".join(f"source_{processor}=('{url}')\nsha256sums_{processor}=('{sum_}')\n" for processor, (url, sum_) in systems.items())
    return f'''# Maintainer: The authors of chathub <chathub@example.com>
pkgname=chathub-bin
pkgver={VERSION.replace("-", "_")}
pkgrel=1
pkgdesc='{ABOUT}'
arch=({" ".join(f"'{processor}'" for processor in systems)})
url='{HOME}'
license=('MIT' 'Apache-2.0')
provides=('chathub')
conflicts=('chathub')
options=('!strip')
{sources}
package() {{
    cd "chathub-{VERSION}-$CARCH-unknown-linux-gnu"
    install -Dm755 chathub "$pkgdir/usr/bin/chathub"
    install -Dm644 chathub.1 "$pkgdir/usr/share/man/man1/chathub.1"
    install -Dm644 completions/chathub.bash "$pkgdir/usr/share/bash-completion/completions/chathub"
    install -Dm644 completions/chathub.zsh "$pkgdir/usr/share/zsh/site-functions/_chathub"
    install -Dm644 completions/chathub.fish "$pkgdir/usr/share/fish/vendor_completions.d/chathub.fish"
    install -Dm644 -t "$pkgdir/usr/share/licenses/$pkgname" LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES
}}
'''


def nix():
    systems = {
        "x86_64-linux": "x86_64-unknown-linux-gnu", "aarch64-linux": "aarch64-unknown-linux-gnu",
        "x86_64-darwin": "x86_64-apple-darwin", "aarch64-darwin": "aarch64-apple-darwin",
    }
    systems = {system: archive(target) for system, target in systems.items() if archive(target)}
    sources = "".join(f'    {system} = {{\n      url = "{url}";\n      sha256 = "{sum_}";\n    }};\n' for system, (url, sum_) in systems.items())
    return f'''{{ lib, stdenvNoCC, fetchurl, installShellFiles }}:

let
  sources = {{
{sources}  }};
  system = stdenvNoCC.hostPlatform.system;
in
stdenvNoCC.mkDerivation {{
  pname = "chathub";
  version = "{VERSION}";
  src = fetchurl (sources.${{system}} or (throw "chathub has no binary for ${{system}}"));
  nativeBuildInputs = [ installShellFiles ];
  # The binary is static, and its bytes are those of the release.
  dontStrip = true;
  dontPatchELF = true;
  installPhase = ''
    runHook preInstall
    install -Dm755 chathub $out/bin/chathub
    installManPage chathub.1
    installShellCompletion completions/chathub.{{bash,zsh,fish}}
    runHook postInstall
  '';
  meta = {{
    description = "{ABOUT}";
    homepage = "{HOME}";
    license = with lib.licenses; [ mit asl20 ];
    platforms = builtins.attrNames sources;
    mainProgram = "chathub";
  }};
}}
'''


folder = PACKAGES / "formulas"
folder.mkdir(exist_ok=True)
for name, text in (("chathub.rb", homebrew()), ("PKGBUILD", aur()), ("chathub.nix", nix())):
    (folder / name).write_text(text)
    print(f"package: formulas/{name}")
