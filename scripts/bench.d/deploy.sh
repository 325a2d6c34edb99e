# shellcheck shell=bash
# A whole deploy, over ssh, to every host: the first one of an empty host, and the later ones. Sourced by scripts/bench.
# Reads: work, hosts, rounds, binary.
# shellcheck disable=SC2016 # Backticks here are Markdown.

# The commands, each from a folder of its own: `command_of TOOL`.
command_of() {
    case $1 in
        windlass) echo "$binary production deploy --format plain" ;;
        cap) echo 'cap production deploy' ;;
        script) echo "$work/deploy/script/run" ;;
    esac
}

title_of() {
    case $1 in
        windlass) echo '`windlass production deploy`' ;;
        cap) echo '`cap production deploy`' ;;
        script) echo 'one script a host, one `ssh` each, all at once' ;;
    esac
}

measure_deploy() {
    local round tool tools=(windlass script) project=$work/deploy
    ! has cap || tools=(windlass cap script)
    start_hosts "$hosts"
    for tool in "${tools[@]}"; do
        "${tool}_project" "$project/$tool"
    done
    for round in $(seq "$rounds"); do
        for tool in "${tools[@]}"; do
            note "deploy to $hosts hosts, round $round of $rounds: $tool"
            empty_hosts
            timed_deploy "$tool" first
            # Releases are named by the second.
            sleep 1.1
            timed_deploy "$tool" later
        done
    done
    deploy_table first 'on hosts that were empty' "${tools[@]}"
    deploy_table later 'on hosts that have a release and the mirror' "${tools[@]}"
}

# One timed deploy, proved: every host has a new current release with the whole application in it.
timed_deploy() {
    local n before=() current
    for n in $(seq "$hosts"); do
        before[n]=$(readlink "$work/hosts/$n/app/current" || true)
    done
    (cd "$work/deploy/$1" && sample "$work/deploy/$1.$2" --runs 1 "$(command_of "$1") 2>&1")
    for n in $(seq "$hosts"); do
        current=$(readlink -f "$work/hosts/$n/app/current")
        if [ "$(readlink "$work/hosts/$n/app/current")" = "${before[n]}" ] || [ "$(find "$current/app" -type f | wc -l)" -ne 300 ] \
            || [ ! -s "$current/REVISION" ] || [ ! -f "$current/config/master.key" ]; then
            note "$1 said that it deployed, but host $n shows otherwise"
            return 1
        fi
    done
}

# `deploy_table first|later TITLE TOOL…`
deploy_table() {
    local tool weight which=$1
    printf '\n## Deploy to %s hosts, %s\n\n' "$hosts" "$2"
    shift 2
    table_head 'command'
    for tool; do
        weight='- | -'
        if [ "$which" = later ]; then
            sleep 1.1
            # shellcheck disable=SC2046
            weight=$(cd "$work/deploy/$tool" && weigh $(command_of "$tool"))
        fi
        row "$(title_of "$tool")" "$work/deploy/$tool.$which" "$work/deploy/windlass.$which" "$weight"
    done
}
