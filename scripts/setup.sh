#!/usr/bin/env bash
# Makes sure that Vane can be built here: a Swift toolchain, git (SwiftPM fetches with it) and LAPACK.
# Installs missing system packages, saying so first. Takes milliseconds when nothing is missing.
set -uo pipefail

needed_major=6
needed_minor=2
where='get it from https://www.swift.org/install (the README, "Install", has the steps)'

fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

check_swift() {
    local found
    command -v swift >/dev/null 2>&1 || fail \
        "no 'swift' on the PATH; Vane needs Swift $needed_major.$needed_minor or newer" \
        "$where"
    # "Swift version 6.3.1 (...)" on Linux, "... Apple Swift version 6.2 (...)" on macOS.
    found=$(swift --version 2>/dev/null |
        sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
    [ -n "$found" ] || fail \
        "'swift --version' does not work here, so the toolchain is not complete" \
        "$where"
    major=${found% *}
    minor=${found#* }
    if [ $((major * 1000 + minor)) -lt $((needed_major * 1000 + needed_minor)) ]; then
        fail "found Swift $major.$minor; Vane needs $needed_major.$needed_minor or newer" \
            "$where"
    fi
}

# True if the linker would find liblapack.so.
has_lapack() {
    local folder machine
    machine=$(uname -m)
    local IFS=:
    for folder in ${LIBRARY_PATH:-} "/usr/lib/$machine-linux-gnu" /usr/lib64 /usr/lib /usr/local/lib64 \
        /usr/local/lib; do
        [ -e "$folder/liblapack.so" ] && return 0
    done
    return 1
}

has_git() {
    command -v git >/dev/null 2>&1
}

# Runs a command as the administrator. Without a terminal sudo must not wait for a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# Package lists may be absent (a fresh container) or stale (an old one): refresh them only then.
install_apt() {
    local package updated=no
    local install="env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends"
    export LC_ALL=C
    for package in "$@"; do
        if [ "$updated" = no ] && ! apt-cache show "$package" >/dev/null 2>&1; then
            echo "setup: apt-get update (no package list knows $package yet)"
            as_root apt-get -qq update || return 1
            updated=yes
        fi
    done
    as_root $install "$@" >/dev/null && return 0
    [ "$updated" = no ] || return 1
    echo "setup: apt-get update (the package lists are out of date)"
    as_root apt-get -qq update || return 1
    as_root $install "$@" >/dev/null
}

check_swift
case "$(uname -s)" in
Darwin)
    echo "setup: nothing to do (Swift $major.$minor; LAPACK is part of macOS)"
    exit 0
    ;;
Linux) ;;
*) fail "Vane is built on Linux and macOS, not on $(uname -s)" ;;
esac

if has_lapack && has_git; then
    echo "setup: nothing to do (Swift $major.$minor, LAPACK, git)"
    exit 0
fi

packages=()
if command -v apt-get >/dev/null 2>&1; then
    has_lapack || packages+=(liblapack-dev)
    has_git || packages+=(git ca-certificates)
    manager=apt-get
    by_hand="apt-get install ${packages[*]}"
elif command -v dnf >/dev/null 2>&1; then
    has_lapack || packages+=(lapack-devel)
    has_git || packages+=(git)
    manager=dnf
    by_hand="dnf install ${packages[*]}"
elif command -v pacman >/dev/null 2>&1; then
    has_lapack || packages+=(lapack)
    has_git || packages+=(git)
    manager=pacman
    by_hand="pacman -S ${packages[*]}"
else
    has_lapack || packages+=("LAPACK's development files (liblapack-dev, lapack-devel or lapack)")
    has_git || packages+=("git")
    printf 'setup: missing: %s\n' "${packages[@]}" >&2
    fail "no package manager known to this script; please install them and run it again"
fi

if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
    fail "missing: ${packages[*]}, and there is neither root nor sudo here" \
        "have an administrator run: $by_hand"
fi

echo "setup: installing ${packages[*]} with $manager"
case $manager in
apt-get) install_apt "${packages[@]}" ;;
dnf) as_root dnf -q -y install "${packages[@]}" ;;
pacman) as_root pacman -S --needed --noconfirm "${packages[@]}" ;;
esac || fail "that did not work; have an administrator run: $by_hand"

{ has_lapack && has_git; } || fail \
    "installed ${packages[*]}, yet liblapack.so is not where the linker looks, or git is missing"
echo "setup: done"
