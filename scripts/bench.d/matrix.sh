# shellcheck shell=bash
# The matrix: every tool does every job, for each number of hosts and each round-trip time, the tools taking turns.
# Sourced by scripts/bench.
# Reads: work, here, place, control, binary, cache, parts, hosts_list, rtts, jobs, tools, rounds, settle, limit, deadline. Sets: left.

# How many runs the time did not suffice for.
left=0

# The command of a tool in the folder of its project, as the array `command`: `set_command TOOL JOB`.
set_command() {
    local task=$2
    [ "$2" != rollback ] || task=deploy:rollback
    case $1 in
        floor) command=(./run job) ;;
        windlass) command=("$binary" production "$task" --format plain) ;;
        windlass_warm) command=("$binary" --warm 60 production "$task" --format plain) ;;
        cap) command=(cap production "$task") ;;
        fabric) command=("$cache/venv/bin/python" run.py job) ;;
        pyinfra) command=("$cache/venv/bin/pyinfra" -y inventory.py run.py) ;;
        ansible | ansible_raw) command=("$cache/venv/bin/ansible-playbook" job) ;;
    esac
}

windlass_warm_project() { windlass_project "$1"; }

# Leaves out what cannot run here, and says so.
usable_tools() {
    local tool found=()
    for tool in "${tools[@]}"; do
        case $tool in
            cap) has cap || { leave_out 'cap: it is not here (Debian: apt-get install capistrano)'; continue; } ;;
            windlass_warm)
                [[ $("$binary" --help) == *--warm* ]] || { leave_out 'windlass_warm: this windlass knows no --warm'; continue; } ;;
            fabric | pyinfra | ansible | ansible_raw)
                python_tools || { leave_out "$tool: it could not be installed from PyPI"; continue; } ;;
        esac
        found+=("$tool")
    done
    tools=("${found[@]}")
}

leave_out() {
    note "left out: $*"
    echo "left out: $*" >>"$parts/facts"
}

measure_matrix() {
    local count rtt job round most=0 tool
    usable_tools
    for count in "${hosts_list[@]}"; do [ "$count" -le "$most" ] || most=$count; done
    start_hosts "$most"
    for count in "${hosts_list[@]}"; do
        for rtt in "${rtts[@]}"; do
            use_hosts "$count" "$rtt"
            for tool in "${tools[@]}"; do
                "${tool}_project" "$work/projects/$count.$rtt/$tool"
            done
            for job in "${jobs[@]}"; do
                for round in $(seq "$rounds"); do
                    measure_round "$count" "$rtt" "$job" "$round"
                done
            done
        done
    done
}

# Every tool once, another one first in each round, what was measured before left out: `measure_round HOSTS RTT JOB ROUND`.
measure_round() {
    local i tool
    for i in "${!tools[@]}"; do
        tool=${tools[$(((i + $4 - 1) % ${#tools[@]}))]}
        ! grep -q -P "^$1\t$2\t$3\t$tool\t$4\t" "$parts/samples" || continue
        if [ "$SECONDS" -ge "$deadline" ]; then
            left=$((left + 1))
            continue
        fi
        reset_hosts "$1"
        : >"$work/rows"
        if measure_run "$1" "$2" "$3" "$tool" "$4" && [ "$3" = deploy ]; then
            measure_run "$1" "$2" rollback "$tool" "$4" || true
        fi
        # Both at once, so that a run that is cut off does not leave half of them.
        cat "$work/rows" >>"$parts/samples"
    done
}

# One run, measured and proved: `measure_run HOSTS RTT JOB TOOL ROUND`.
measure_run() {
    local n fields command=() before=() proxy_port=() logs=() roots=() folder=$work/projects/$1.$2/$4
    if declare -F "$4_job" >/dev/null; then
        "$4_job" "$3" | sed "s/@release@/$(date -u +%Y%m%d%H%M%S)/g" >"$folder/job"
    fi
    for n in $(seq "$1"); do
        logs+=("$work/sshd/log.$n")
        roots+=("$(root_of "$n")")
    done
    set_command "$4" "$3"
    [ "$2" -eq 0 ] || proxy_port=(--control "$control")
    [ "$4" != windlass_warm ] || before=(--before "'$binary' --warm 60 production exec -- true")
    fields=$(cd "$folder" && python3 "$here/bench.d/meter.py" --output "$work/output" --limit "$limit" --settle "$settle" \
        "${proxy_port[@]}" "${before[@]}" --logs "${logs[@]}" -- "${command[@]}") || true
    if [ "${fields%%$'\t'*}" = 0 ] && ! python3 "$here/bench.d/verify.py" "$3" "$4" "$place/app" \
        "$work/expected/new" "$work/expected/old" "${roots[@]}" >&2; then
        fields="wrong result"$'\t'${fields#*$'\t'}
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$5" "$fields" >>"$work/rows"
    note "$(awk -F'\t' '{ printf "%s hosts, %s ms, %s, round %s, %s: %s s, cpu %s s, own %.0f MiB, all %.0f MiB, status %s", \
        $1, $2, $3, $5, $4, $7, $8, $9 / 1024, $10 / 1024, $6 }' <<<"$1"$'\t'"$2"$'\t'"$3"$'\t'"$4"$'\t'"$5"$'\t'"$fields")"
    [ "${fields%%$'\t'*}" = 0 ] || { tail -n 20 "$work/output" >&2; return 1; }
}
