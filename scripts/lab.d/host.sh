# shellcheck shell=bash
# A host that is not running: its name, its file system, its keys. Sourced by scripts/lab.d/inside.
# Reads: state, hosts.

# Ends with a message unless there are these hosts.
known_hosts() {
    local name
    for name; do
        [ -d "$hosts/$name" ] || refuse "there is no host $name; there are: $(cd "$hosts" && echo *)"
    done
}

# The first of PREFIX1, PREFIX2, … that is not taken.
free_name() {
    local number=1
    while [ -d "$hosts/$1$number" ]; do number=$((number + 1)); done
    echo "$1$number"
}

free_address() {
    local number
    for number in {11..210}; do
        if ! grep -qsx "10.78.0.$number" "$hosts"/*/address; then
            echo "10.78.0.$number"
            return
        fi
    done
    fail 'all addresses are taken'
}

# `make_host NAME SUITE LOWER`
make_host() {
    local host=$hosts/$1 address etc
    address=$(free_address)
    mkdir -p "$host"/{upper,work,root}
    echo "$address" >"$host/address"
    echo "$2" >"$host/suite"
    echo "$3" >"$host/lower"
    echo "$(</run/group)/$1" >"$host/group"
    # As long as the host is there, so is what it boots from.
    setsid -f flock --shared "$3.lock" sleep infinity </dev/null >/dev/null 2>&1 8>&-
    mount -t overlay -o "lowerdir=$3,upperdir=$host/upper,workdir=$host/work" overlay "$host/root"
    make_network "$1" "$address"
    etc=$host/root/etc
    echo "$1" >"$etc/hostname"
    # Without its own name here every sudo waits for a resolver.
    printf '127.0.0.1 localhost\n%s %s\n' "$address" "$1" >"$etc/hosts"
    tr -d - </proc/sys/kernel/random/uuid >"$etc/machine-id"
    cp "$state/client_key.pub" "$etc/ssh/authorized_keys"
    ssh-keygen -q -t ed25519 -N '' -C "root@$1" -f "$etc/ssh/ssh_host_ed25519_key"
    known_as "$address" "$etc/ssh/ssh_host_ed25519_key.pub" >>"$state/known_hosts"
}

# Lines for known_hosts: `known_as ADDRESS KEY_FILE`.
known_as() {
    local key
    key=$(cut -d' ' -f1,2 "$2")
    printf '%s %s\n[%s]:2222 %s\n' "$1" "$key" "$1" "$key"
}

# `remove_host NAME`, which is halted.
remove_host() {
    local host=$hosts/$1 address
    address=$(<"$host/address")
    umount "$host/root"
    remove_network "$1"
    remove_group "$(<"$host/group")"
    sed -i "/^\\[\\?${address//./\\.}[] ]/d" "$state/known_hosts"
    rm -rf "$host"
}

# Removes a control group in every hierarchy that has it, as soon as its last process has gone: systemd-nspawn makes the
# same path in the hierarchy `systemd` where there still is one.
remove_group() {
    local try group left
    for try in {1..100}; do
        left=''
        for group in "$1" /sys/fs/cgroup/*/"windlass-lab-${1#*/windlass-lab-}"; do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
            ! [ -d "$group" ] || left=1
        done
        [ -n "$left" ] || return 0
        sleep 0.05
    done
}
