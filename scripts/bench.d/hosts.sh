# shellcheck shell=bash
# Hosts: one sshd each on a loopback address, as the current user. Sourced by scripts/bench.
# Reads: work, sshd. Sets: port.

daemons=()
port=''

find_sshd() {
    local path
    for path in "$(command -v sshd || true)" /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd; do
        [ -n "$path" ] && [ -x "$path" ] && { echo "$path"; return; }
    done
    return 1
}

# The address of host number n, from 1 on.
address() { echo "127.0.1.$1"; }

# Each host has a home of its own, so that `~/app` is another folder on each although all are this machine.
start_hosts() {
    local n config
    mkdir -p "$work/sshd"
    chmod 700 "$work/sshd"
    # ECDSA in the PEM form, because every tool here reads that without further libraries.
    ssh-keygen -q -t ecdsa -N '' -f "$work/sshd/host_key"
    ssh-keygen -q -t ecdsa -m PEM -N '' -f "$work/sshd/client_key"
    cp "$work/sshd/client_key.pub" "$work/sshd/authorized_keys"
    # sshd started as root wants this folder; packages make it at boot only.
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    port=$((20000 + RANDOM % 20000))
    : >"$work/sshd/known_hosts"
    for n in $(seq "$1"); do
        mkdir -p "$work/hosts/$n"
        config=$work/sshd/config.$n
        cat >"$config" <<CONFIG
ListenAddress $(address "$n")
Port $port
HostKey $work/sshd/host_key
AuthorizedKeysFile $work/sshd/authorized_keys
SetEnv HOME=$work/hosts/$n
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PidFile none
CONFIG
        "$sshd" -D -f "$config" -E "$work/sshd/log.$n" </dev/null &
        daemons+=($!)
        echo "[$(address "$n")]:$port $(cut -d' ' -f1,2 "$work/sshd/host_key.pub")" >>"$work/sshd/known_hosts"
    done
    for n in $(seq "$1"); do
        wait_for_host "$n"
    done
}

wait_for_host() {
    local tries
    for tries in $(seq 100); do
        if (exec 3<>"/dev/tcp/$(address "$1")/$port") 2>/dev/null; then
            return
        fi
        sleep 0.05
    done
    note "host $1 did not answer on $(address "$1"):$port after $tries tries; its log:"
    cat "$work/sshd/log.$1" >&2
    return 1
}

# Ends them by their process ids.
stop_hosts() {
    [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
    [ ${#daemons[@]} -eq 0 ] || wait "${daemons[@]}" 2>/dev/null || true
    daemons=()
}

# Each host as it was before any deploy.
empty_hosts() {
    local n
    for n in $(seq "$hosts"); do
        rm -rf "$work/hosts/$n/app"
        mkdir -p "$work/hosts/$n/app/shared/config"
        echo 'production: {}' >"$work/hosts/$n/app/shared/config/database.yml"
        echo 'secret' >"$work/hosts/$n/app/shared/config/master.key"
    done
}
