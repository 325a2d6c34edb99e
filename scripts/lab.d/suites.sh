# shellcheck shell=bash
# What a host can be: the suites of Debian, and what is installed of each. Sourced by scripts/lab.

suites=(bookworm bullseye trixie)
mirror=${WINDLASS_LAB_MIRROR:-http://deb.debian.org/debian}

# Ends with a message unless there is this suite: `known_suite NAME`.
known_suite() {
    [[ " ${suites[*]} " == *" $1 "* ]] || refuse "unknown suite: $1; there are ${suites[*]}"
}

# The packages of a suite, one a line.
packages() {
    printf '%s\n' systemd systemd-sysv dbus dbus-user-session libpam-systemd openssh-server sudo git procps iproute2 \
        ca-certificates curl acl
    case $1 in
        bullseye) echo policykit-1 ;;
        bookworm) printf '%s\n' polkitd ruby ruby-sidekiq ruby-sd-notify ruby-bundler puma redis-server ;;
        trixie) echo polkitd ;;
    esac
}
