# shellcheck shell=bash
# Start-up: the list of tasks, which reads every recipe and contacts nobody; `check` on a large project, which reads them
# for every stage; what Tab waits for there; and the plan of a deploy to a fleet of 1,000 servers. Sourced by scripts/bench.
# Reads: work, parts, rounds, binary.
# shellcheck disable=SC2016 # Backticks here are Markdown.

measure_startup() {
    local round project=$work/startup port=22 addresses
    # Nobody is contacted, so the addresses need not answer.
    mapfile -t addresses < <(printf '127.10.0.%s\n' $(seq 10))
    windlass_project "$project/windlass"
    ! has cap || cap_project "$project/cap"
    large_project "$project/large"
    # Words that completions know are kept here, and not in the folder of whoever measures.
    (cd "$project/large" && XDG_CACHE_HOME=$project/cache "$binary" complete --renew)
    fleet_project "$project/fleet"
    for round in $(seq "$rounds"); do
        note "start-up, round $round of $rounds"
        (cd "$project/windlass" && sample "$project/windlass.times" --shell none --warmup 2 --runs 10 "$binary -T")
        (cd "$project/large" && sample "$project/check.times" --shell none --warmup 2 --runs 10 "$binary check")
        (cd "$project/large" && export XDG_CACHE_HOME=$project/cache \
            && sample "$project/tab.times" --shell none --warmup 2 --runs 10 "$binary complete fish -- stage5 part1:step" \
            && sample "$project/version.times" --shell none --warmup 2 --runs 10 "$binary --version")
        (cd "$project/fleet" && sample "$project/fleet.times" --shell none --warmup 2 --runs 10 \
            "$binary production -r app -z web* --limit zone=a --plan deploy")
        ! has cap || (cd "$project/cap" && sample "$project/cap.times" --shell none --warmup 1 --runs 3 "cap -T")
    done
    {
        printf '\n## Start-up: the list of tasks of a stage with 10 hosts\n\n'
        table_head 'command'
        row '`windlass -T`' "$project/windlass.times" "$project/windlass.times"
        row '`windlass check`, 1,000 lines, 10 stages' "$project/check.times" "$project/windlass.times"
        row 'Tab behind a stage, the same project' "$project/tab.times" "$project/windlass.times"
        row '`windlass --version`' "$project/version.times" "$project/windlass.times"
        row '`windlass STAGE -r … -z … --limit … --plan deploy`, 1,000 servers' "$project/fleet.times" "$project/windlass.times"
        ! has cap || row '`cap -T`' "$project/cap.times" "$project/windlass.times"
    } >"$parts/startup.md"
}

# `fleet_project FOLDER`: 1,000 servers, each declared by itself, and a closure that is asked about those that are left.
fleet_project() {
    local host zones=(a b c d)
    windlass_project "$1"
    {
        for host in $(seq 1000); do
            echo "server(\"deploy@web$host.example.com\", #{ roles: [\"app\", \"web\"], zone: \"${zones[host % 4]}\", weight: $host });"
        done
        echo 'filter_hosts(|host| host.fetch("weight") > 10);'
    } >"$1/config/deploy/production.rhai"
}

# `large_project FOLDER`: 1,000 lines of tasks in four files, and 10 stages of 10 servers.
large_project() {
    local file task stage host
    windlass_project "$1"
    rm "$1/config/deploy/production.rhai"
    mkdir -p "$1/config/deploy/tasks"
    for file in 1 2 3 4; do
        for task in $(seq 28); do
            cat <<TASK
desc("Step $task of part $file.");
task("part$file:step$task", #{ args: ["file=production.log"] }, |args| {
    let file = args.file;
    on(roles("app"), |host| {
        within(release_path(), || execute("bin/step", "$task", file));
        if test("-f", shared_path("step$task")) { info(\`\${host}: step $task of $file\`); }
    });
});
before("deploy:updated", "part$file:step$task");
TASK
        done >"$1/config/deploy/tasks/part$file.rhai"
    done
    for stage in $(seq 10); do
        for host in $(seq 10); do
            echo "server(\"deploy@web$host.stage$stage.example.com\", #{ roles: [\"app\"] });"
        done >"$1/config/deploy/stage$stage.rhai"
    done
}
