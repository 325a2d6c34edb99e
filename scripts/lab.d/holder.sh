# shellcheck shell=bash
# The lab as this machine sees it: a process that holds its namespaces. What goes on in them is scripts/lab.d/inside.
# Sourced by scripts/lab. Reads: here, state.

# shellcheck disable=SC2034 # scripts/lab reads it.
most_hosts=200

# Whether a lab runs: who holds it has the lock, and the kernel takes that away from whoever ends. It is opened for
# reading, as it must not be made anew in a folder that is just being removed.
runs() {
    [ -s "$state/holder" ] || return 1
    [ "$({ if flock -n 8; then echo free; else echo held; fi; } 2>/dev/null 8<"$state/lock")" = held ]
}

# Becomes the process that holds a lab. It says `ready` and ends when its standard input does: `hold [--stay]`; with
# `--stay` when it is told to.
hold() {
    [ "${*:---stay}" = --stay ] || refuse "hold: unknown word: $1"
    # It is emptied, and removed at the end.
    [ -e "$state/lock" ] || [ -z "$(ls -A "$state" 2>/dev/null)" ] || refuse "$state is a folder, and not that of a lab"
    mkdir -p "$state"
    chmod 700 "$state"
    exec 9>"$state/lock"
    flock -w 1 9 || refuse "a lab runs already in $state"
    remove_dead_cgroups
    allow_watches
    rm -rf "$state"/{holder,client_key,client_key.pub,known_hosts,shared}
    mkdir -m 755 "$state/shared"
    exec unshare --net --mount --pid --fork --kill-child bash "$here/lab.d/inside" "$state" hold "$$" "$@"
}

# Every host takes about a dozen instances of inotify, and Linux grants 128 to all that runs as root. The limit is raised
# for the whole machine until its next boot: there is none for a lab.
allow_watches() {
    local limit=/proc/sys/fs/inotify/max_user_instances
    [ "$(<$limit)" -ge 4096 ] || echo 4096 >$limit 2>/dev/null || note "cannot raise $limit: few hosts will boot"
}

start_in_background() {
    mkdir -p "$(dirname "$state")"
    # It outlives whoever called: nothing that is open there may stay open, least of all a lock.
    WINDLASS_LAB=$state setsid "$here/lab" hold --stay </dev/null >"$state.log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
    while kill -0 $! 2>/dev/null; do
        ! runs || return 0
        sleep 0.05
    done
    cat "$state.log" >&2
    rm -f "$state.log"
    fail "the lab in $state does not start"
}

# Goes on inside the lab: with its network, its mounts and its processes.
inside() {
    nsenter --target "$(<"$state/holder")" --net --mount --pid -- bash "$here/lab.d/inside" "$state" "$@"
}

end_lab() {
    local try
    kill -TERM "$(<"$state/holder")"
    for try in {1..200}; do
        runs || { rm -f "$state.log"; return 0; }
        sleep 0.05
    done
    fail "the lab in $state does not end"
}

# A lab that was killed outright leaves empty control groups: `windlass-lab-PID`.
remove_dead_cgroups() {
    local group
    while IFS= read -r group; do
        [ -d "/proc/${group##*-}" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done < <(find /sys/fs/cgroup -maxdepth 2 -type d -name 'windlass-lab-*')
}
