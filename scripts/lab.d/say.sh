# shellcheck shell=bash
# Messages, and what must be here. Sourced by scripts/lab and scripts/lab.d/inside.

note() { echo "lab: $*" >&2; }
# For a mistake on the command line.
refuse() { note "$*"; exit 2; }
# For what went wrong.
fail() { note "$*"; exit 1; }

# Program, and the Debian package it comes in.
check_needs() {
    local program package
    [ "$(id -u)" -eq 0 ] || refuse 'needs root: it makes namespaces and mounts'
    while read -r program package; do
        command -v "$program" >/dev/null || refuse "needs $program (Debian: apt-get install $package)"
    done <<'NEEDS'
systemd-nspawn systemd-container
debootstrap debootstrap
unshare util-linux
ip iproute2
ssh-keygen openssh-client
pgrep procps
NEEDS
    findmnt -n -t cgroup2 >/dev/null || refuse 'needs a mounted cgroup2 file system'
}
