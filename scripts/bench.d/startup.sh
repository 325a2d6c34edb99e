# shellcheck shell=bash
# Start-up: the list of tasks, which reads every recipe and contacts nobody. Sourced by scripts/bench.
# Reads: work, parts, rounds, binary.
# shellcheck disable=SC2016 # Backticks here are Markdown.

measure_startup() {
    local round project=$work/startup port=22 addresses
    # Nobody is contacted, so the addresses need not answer.
    mapfile -t addresses < <(printf '127.10.0.%s\n' $(seq 10))
    windlass_project "$project/windlass"
    ! has cap || cap_project "$project/cap"
    for round in $(seq "$rounds"); do
        note "start-up, round $round of $rounds"
        (cd "$project/windlass" && sample "$project/windlass.times" --shell none --warmup 2 --runs 10 "$binary -T")
        ! has cap || (cd "$project/cap" && sample "$project/cap.times" --shell none --warmup 1 --runs 3 "cap -T")
    done
    {
        printf '\n## Start-up: the list of tasks of a stage with 10 hosts\n\n'
        table_head 'command'
        row '`windlass -T`' "$project/windlass.times" "$project/windlass.times"
        ! has cap || row '`cap -T`' "$project/cap.times" "$project/windlass.times"
    } >"$parts/startup.md"
}
