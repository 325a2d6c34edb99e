# shellcheck shell=bash
# Boots a host and stops it. Sourced by scripts/lab.d/inside. Reads: state, hosts.

# How long a host may take for either, in seconds. The machine may be busy.
patience=90

is_running() {
    local nspawn
    nspawn=$(cat "$hosts/$1/nspawn" 2>/dev/null) && [ "$(cat "/proc/$nspawn/comm" 2>/dev/null)" = systemd-nspawn ]
}

# Starts a halted host and does not wait until it has booted. systemd as old as 247 and as new as 257 boots with
# cgroup v2 alone.
start() {
    local host=$hosts/$1 group try
    ! is_running "$1" || return 0
    group=$(<"$host/group")
    mkdir -p "$group"
    rm -f "$host/init"
    # shellcheck disable=SC2016 # For the inner shell.
    setsid -f sh -euc '
        echo $$ >"$1/cgroup.procs"
        echo $$ >"$2/nspawn"
        shift 2
        exec env SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn "$@"
    ' sh "$group" "$host" --quiet --register=no --keep-unit --network-namespace-path="/run/netns/$1" \
        --machine="$1" --directory="$host/root" --bind-ro="$state/shared" --resolv-conf=off --timezone=off \
        --link-journal=no --console=read-only --boot </dev/null >"$host/console" 2>&1
    for try in {1..500}; do
        ! is_running "$1" || return 0
        sleep 0.01
    done
    does_not_boot "$1"
}

wait_for_boot() {
    local host=$hosts/$1 port running='' until=$((SECONDS + patience))
    while [ $SECONDS -lt $until ] && ! given_up "$1"; do
        if [ -s "$host/init" ] || find_init "$1"; then
            running=$(in_host "$1" systemctl is-system-running --wait 2>/dev/null || true)
            case $running in running | degraded) break ;; esac
        fi
        sleep 0.1
    done
    case $running in
        running) ;;
        degraded)
            note "$1 has failed units:"
            in_host "$1" systemctl --failed --no-legend --plain >&2
            ;;
        *) does_not_boot "$1" ;;
    esac
    for port in 22 2222; do
        answers "$1" "$port" || fail "no sshd answers on port $port of $1"
    done
}

does_not_boot() {
    tail -n 20 "$hosts/$1/console" >&2
    fail "$1 does not boot; its console is above"
}

# Whether nothing will come of a boot: systemd-nspawn has ended, or systemd stands still.
given_up() {
    ! is_running "$1" || grep -q 'Freezing execution' "$hosts/$1/console"
}

# Writes down the first process of a host, as the lab sees it: the one that is number 1 in a space of its own.
find_init() {
    local nspawn pid
    nspawn=$(cat "$hosts/$1/nspawn" 2>/dev/null) || return 1
    for pid in $(pgrep -P "$nspawn"); do
        if grep -qsE '^NSpid:.*\s1$' "/proc/$pid/status"; then
            echo "$pid" >"$hosts/$1/init"
            return
        fi
    done
    return 1
}

# Whether sshd greets: `answers NAME PORT`.
answers() {
    local try greeting address
    address=$(<"$hosts/$1/address")
    for try in {1..100}; do
        if { exec 7<>"/dev/tcp/$address/$2"; } 2>/dev/null; then
            read -r -t 5 greeting <&7 || greeting=''
            exec 7>&-
            [[ $greeting != SSH-* ]] || return 0
        fi
        sleep 0.05
    done
    return 1
}

# Runs a command inside a running host as root: `in_host NAME COMMAND…`.
in_host() {
    nsenter --target "$(<"$hosts/$1/init")" --mount --uts --ipc --net --pid --cgroup -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        TERM="${TERM:-dumb}" "${@:2}"
}

# In order: every service is stopped, what is written is written.
shut_down() {
    kill -TERM "$(<"$hosts/$1/nspawn")"
    gone "$1" "$patience" || { note "$1 does not shut down; the power goes"; cut_power "$1"; }
}

# As when the power goes: every process of the host is killed at once.
cut_power() {
    [ -s "$hosts/$1/init" ] || find_init "$1" || true
    ! [ -s "$hosts/$1/init" ] || kill -KILL "$(<"$hosts/$1/init")" 2>/dev/null || true
    gone "$1" 5 || kill -KILL "$(<"$hosts/$1/nspawn")"
    gone "$1" 5
}

# Whether a host is halted, or is within so many seconds: `gone NAME SECONDS`.
gone() {
    local try
    for ((try = 0; try < 50 * $2; try++)); do
        is_running "$1" || { rm -f "$hosts/$1"/{nspawn,init}; return 0; }
        sleep 0.02
    done
    return 1
}
