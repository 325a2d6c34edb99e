# shellcheck shell=bash
# Hosts: one sshd each on a loopback address, as root, in a mount namespace with a file system of its own. And the proxy
# that puts a delay before them. Sourced by scripts/bench.
# Reads: work, here, sshd, place. Sets: port, control, addresses.

daemons=() proxy=''
port='' control=''
# The addresses of the hosts that a cell uses, set by `use_hosts`.
addresses=()

find_sshd() {
    local path
    for path in "$(command -v sshd || true)" /usr/sbin/sshd /usr/local/sbin/sshd /sbin/sshd; do
        [ -n "$path" ] && [ -x "$path" ] && { echo "$path"; return; }
    done
    return 1
}

# The address of host number n, from 1 on: `address direct|delayed N`.
address() {
    local net=10
    [ "$1" = direct ] || net=20
    echo "127.$net.$(($2 / 250)).$(($2 % 250 + 1))"
}

# The root folder of host number n, seen from here.
root_of() { echo "/proc/${daemons[$1]}/root"; }

# Sees to it that N hosts run: `start_hosts N`.
start_hosts() {
    local n kind
    [ -n "$port" ] || make_keys
    for n in $(seq "$((${#daemons[@]} + 1))" "$1"); do
        for kind in direct delayed; do
            echo "[$(address $kind "$n")]:$port $(cut -d' ' -f1,2 "$work/sshd/host_key.pub")"
        done >>"$work/sshd/known_hosts"
        start_host "$n"
    done
    for n in $(seq "$1"); do
        wait_for "$(address direct "$n")" "$port" || { cat "$work/sshd/log.$n" >&2; return 1; }
    done
}

make_keys() {
    mkdir -p "$place"
    mkdir -m 700 "$work/sshd"
    # ECDSA in the PEM form, because every tool here reads that without further libraries.
    ssh-keygen -q -t ecdsa -N '' -f "$work/sshd/host_key"
    ssh-keygen -q -t ecdsa -m PEM -N '' -f "$work/sshd/client_key"
    cp "$work/sshd/client_key.pub" "$work/sshd/authorized_keys"
    # sshd started as root wants this folder; packages make it at boot only.
    mkdir -p /run/sshd
    port=$((20000 + RANDOM % 10000)) control=$((30000 + RANDOM % 2000))
}

# Every host has its own tmpfs at the same path, so the same path is another folder on each although all are this machine.
start_host() {
    sshd_config "$1" >"$work/sshd/config.$1"
    : >"$work/sshd/log.$1"
    # The programs follow each other in one process, so its number is that of sshd and leads to its file system.
    # shellcheck disable=SC2016 # For the inner shell.
    unshare -m --propagation private sh -c \
        'mount -t tmpfs -o size=256m,mode=755 tmpfs "$1" && mkdir "$1/home" "$1/tmp" && exec "$2" -D -f "$3" -E "$4"' \
        sh "$place" "$sshd" "$work/sshd/config.$1" "$work/sshd/log.$1" </dev/null &
    daemons[$1]=$!
}

sshd_config() {
    cat <<CONFIG
ListenAddress $(address direct "$1")
Port $port
HostKey $work/sshd/host_key
AuthorizedKeysFile $work/sshd/authorized_keys
SetEnv HOME=$place/home
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
PidFile none
MaxStartups 100:30:200
MaxSessions 100
LogLevel VERBOSE
Subsystem sftp internal-sftp
CONFIG
}

# Waits until somebody listens there: `wait_for ADDRESS PORT`.
wait_for() {
    local tries
    for tries in $(seq 200); do
        if (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; then
            return
        fi
        sleep 0.05
    done
    note "nobody answered on $1:$2 after $tries tries"
    return 1
}

# From now on `addresses` are N hosts at this round-trip time: `use_hosts N MILLISECONDS`.
use_hosts() {
    local n kind=direct pairs=()
    stop_proxy
    [ "$2" -eq 0 ] || kind=delayed
    addresses=()
    for n in $(seq "$1"); do
        addresses+=("$(address $kind "$n")")
        pairs+=("$(address delayed "$n"):$port=$(address direct "$n"):$port")
    done
    if [ $kind = delayed ]; then
        python3 "$here/bench.d/delay.py" "$2" "$control" "${pairs[@]}" </dev/null 2>"$work/proxy.log" &
        proxy=$!
        wait_for 127.0.0.1 "$control"
        wait_for "${addresses[-1]}" "$port"
    fi
}

stop_proxy() {
    [ -z "$proxy" ] || { kill "$proxy" && wait "$proxy"; } 2>/dev/null || true
    proxy=''
}

# Ends them by their process ids. Their file systems go with them.
stop_hosts() {
    stop_proxy
    [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
    [ ${#daemons[@]} -eq 0 ] || wait "${daemons[@]}" 2>/dev/null || true
    daemons=()
}

# Puts the first N hosts into the state before a job: an old release is current, and the mirror knows of no newer commit.
reset_hosts() {
    local n top
    for n in $(seq "$1"); do
        top=$(root_of "$n")$place
        rm -rf "${top:?}"/{app,ran,tmp,home}
        mkdir "$top/tmp" "$top/home" "$top/ran"
        cp -a "$work/template/app" "$top/app"
    done
}
