# shellcheck shell=bash
# The command line, and what must be here for it. Sourced by scripts/bench.
# Sets: hosts_list, rtts, jobs, tools, rounds, settle, limit, deadline, out, binary, what, sshd, worker_pause. Reads: here, top, parts.
# shellcheck disable=SC2034 # Other files read these.

known_jobs=(commands deploy)
known_tools=(floor windlass windlass_warm cap fabric pyinfra ansible ansible_raw)

usage() {
    sed -n '2,/^set -euo/{/^#/s/^# \{0,1\}//p}' "$here/bench"
    exit "$1"
}

has() { command -v "$1" >/dev/null 2>&1; }
note() { echo "bench: $*" >&2; }
refuse() { note "$*"; exit 2; }

read_options() {
    local n
    hosts_list=(1 10 50) rtts=(0 50) jobs=("${known_jobs[@]}") tools=("${known_tools[@]}")
    rounds=5 settle=10 limit=600 deadline=$((10 ** 9)) out='' binary='' what=() worker_pause=5
    while [ $# -gt 0 ]; do
        case $1 in
            -h | --help) usage 0 ;;
            --*) [ $# -gt 1 ] || refuse "$1 needs a value" ;;
        esac
        case $1 in
            --hosts) numbers "$2"; IFS=, read -r -a hosts_list <<<"$2" ;;
            --rtt) numbers "$2"; IFS=, read -r -a rtts <<<"$2" ;;
            --jobs) words "$2" "${known_jobs[@]}"; IFS=, read -r -a jobs <<<"$2" ;;
            --tools) words "${2//-/_}" "${known_tools[@]}"; IFS=, read -r -a tools <<<"${2//-/_}" ;;
            --rounds) numbers "$2"; rounds=$2 ;;
            --settle) numbers "$2"; settle=$2 ;;
            --limit) numbers "$2"; limit=$2 ;;
            --minutes) numbers "$2"; deadline=$((SECONDS + 60 * $2)) ;;
            --out) out=$(realpath -m "$2") ;;
            --binary) binary=$2 ;;
            matrix | handshake | startup | worker | report) what+=("$1"); shift; continue ;;
            *) echo "bench: unknown word: $1" >&2; usage 2 >&2 ;;
        esac
        shift 2
    done
    [ ${#what[@]} -gt 0 ] || what=(matrix handshake startup)
    for n in "${hosts_list[@]}" "$rounds"; do
        ((n >= 1 && n <= 200)) || refuse "not from 1 to 200: $n"
    done
    [ "${what[*]}" != report ] || [ -n "$out" ] || refuse 'report needs --out'
}

# Whole numbers with commas between them: `numbers TEXT`.
numbers() { [[ $1 =~ ^[0-9]{1,6}(,[0-9]{1,6})*$ ]] || refuse "not a whole number, or several with commas: $1"; }

# Only words of a list: `words TEXT KNOWN…`.
words() {
    local word given
    IFS=, read -r -a given <<<"$1"
    for word in "${given[@]}"; do
        [[ " ${*:2} " == *" $word "* ]] || refuse "unknown name: $word; there are ${*:2}"
    done
}

check_needs() {
    local tool
    has python3 || refuse 'needs python3 (Debian: apt-get install python3)'
    [ "${what[*]}" != report ] || return 0
    for tool in git ssh ssh-keygen unshare; do
        has "$tool" || refuse "needs $tool (Debian: apt-get install git openssh-client util-linux)"
    done
    if [[ " ${what[*]} " == *" startup "* ]]; then
        has hyperfine || refuse 'startup needs hyperfine (Debian: apt-get install hyperfine)'
    fi
    [ "$(id -u)" -eq 0 ] || refuse 'needs root: each host gets a file system of its own'
    sshd=$(find_sshd) || refuse 'needs sshd (Debian: apt-get install openssh-server)'
}

# The program to measure. Samples of another one are not gone on with.
provide_binary() {
    if [ -z "$binary" ]; then
        note "building the release binary"
        (cd "$top" && cargo build --release --locked --quiet)
        binary=${CARGO_TARGET_DIR:-$top/target}/release/windlass
    fi
    [ -x "$binary" ] || refuse "no program at $binary"
    binary=$(cd "$(dirname "$binary")" && pwd)/$(basename "$binary")
    if [ -s "$parts/program" ] && [ "$(cat "$parts/program")" != "$(program_id)" ]; then
        refuse "the samples in $parts are of another program; take another --out, or remove that folder"
    fi
    program_id >"$parts/program"
}
