#!/usr/bin/env bash
# Puts chathub on the PATH of the job: the archive of a release, once it has the checksum that stands in action/SHA256SUMS.
set -euo pipefail
. "$ACTION_PATH/action/common.sh"

# use PROGRAM: hands it on.
use() {
    "$1" --version
    output program "$1"
    printf '%s\n' "$(dirname -- "$1")" >>"$GITHUB_PATH"
    exit 0
}

if [ -n "$INPUT_PROGRAM" ]; then
    enter
    { [ -f "$INPUT_PROGRAM" ] && [ -x "$INPUT_PROGRAM" ]; } || fail "$INPUT_PROGRAM is not a program (input program)"
    folder=$(cd -- "$(dirname -- "$INPUT_PROGRAM")" && pwd)
    use "$folder/$(basename -- "$INPUT_PROGRAM")"
fi

own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ACTION_PATH/Cargo.toml" | head -n 1)
version=${INPUT_VERSION:-$own}
version=${version#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "the input version must be a version such as $own, it is: $INPUT_VERSION"

case $RUNNER_OS-$RUNNER_ARCH in
    Linux-X64) target=x86_64-unknown-linux-gnu ;;
    Linux-ARM64) target=aarch64-unknown-linux-gnu ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    Windows-X64 | Windows-ARM64) target=x86_64-pc-windows-gnu ;;
    *) fail "there is no binary for $RUNNER_OS on $RUNNER_ARCH; build one by \`cargo install chathub\`, and name it in the input program" ;;
esac
archive=chathub-$version-$target.tar.gz

sum=$(awk -v archive="$archive" '$2 == archive { print $1 }' "$ACTION_PATH/action/SHA256SUMS")
[ -n "$sum" ] || fail "the action, version $own, does not know the checksum of $archive; use a version of the action that is at least as late"

# sha256 FILE: macOS has another program for it.
sha256() {
    if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# Machines that are kept have the archive from the last time. It is held against its checksum again.
folder=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/chathub
kept=$folder/$archive
mkdir -p "$folder"
if [ ! -f "$kept" ] || [ "$(sha256 "$kept")" != "$sum" ]; then
    url=${INPUT_DOWNLOAD_URL:-$SERVER_URL/$ACTION_REPOSITORY/releases/download/v$version}
    new=$(mktemp "$folder/new.XXXXXX")
    trap 'rm -f "$new"' EXIT
    curl --fail --silent --show-error --location --proto '=https,http' --retry 3 --output "$new" -- "${url%/}/$archive" ||
        fail "$archive cannot be downloaded from ${url%/}"
    got=$(sha256 "$new")
    [ "$got" = "$sum" ] || fail "$archive from ${url%/} has the checksum $got, not $sum as in action/SHA256SUMS; it was not unpacked"
    mv "$new" "$kept"
fi
unpacked=$(mktemp -d "$RUNNER_TEMP/chathub.XXXXXX")
tar -xzf "$kept" -C "$unpacked" --strip-components 1
program=$unpacked/chathub
[ "$RUNNER_OS" != Windows ] || program=$program.exe
use "$program"
