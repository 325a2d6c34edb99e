# shellcheck shell=bash
# From "the deploy starts" to "a worker of the new release takes a job", with the real Sidekiq on a host of scripts/lab:
# one restart after the switch, with and without being quiet before it, and the order of capistrano-sidekiq. Sourced by
# scripts/bench.
# Reads: work, here, parts, rounds, binary, worker_pause.
# shellcheck disable=SC2016 # Backticks here are Markdown.

worker_orders=(restart not_quiet stop_start)

measure_worker() {
    local round order
    export WINDLASS_LAB=$work/lab
    read -r worker_host worker_address _ < <("$here/lab" up 1)
    on_worker_host 'systemctl start redis-server'
    for order in "${worker_orders[@]}"; do worker_project "$order"; done
    : >"$parts/worker"
    # The first deploys make everything, and are not measured.
    for order in "${worker_orders[@]}"; do worker_deploy "$order" >"$work/output" 2>&1 || { cat "$work/output" >&2; return 1; }; done
    for round in $(seq "$rounds"); do
        for order in $(shuffled "${worker_orders[@]}"); do
            worker_round "$order" >>"$parts/worker" || return 1
            note "worker, round $round: $(tail -n 1 "$parts/worker") ms"
        done
    done
    worker_report >"$parts/worker.md"
    "$here/lab" down
}

on_worker_host() { "$here/lab" exec "$worker_host" -- sh -c "$1"; }

shuffled() { printf '%s\n' "$@" | shuf; }

# A project with one worker, whose jobs note when they were sent, when they were taken and by which release: `worker_project ORDER`.
worker_project() {
    local order=$1 project=$work/worker/$1 repository=$work/lab/shared/$1.git
    mkdir -p "$project/config/deploy" "$project/code/config"
    printf ':concurrency: 2\n' >"$project/code/config/sidekiq.yml"
    cat >"$project/code/worker.rb" <<CODE
require 'sidekiq'
class Note
  include Sidekiq::Worker
  sidekiq_options queue: '$order', retry: false
  def perform(sent)
    File.open('/tmp/taken.$order', 'a') { |file| file.puts "#{sent} #{(Time.now.to_f * 1000).to_i} #{Dir.pwd}" }
  end
end
CODE
    git -C "$project/code" init --quiet --initial-branch=main
    git -C "$project/code" add --all
    git -C "$project/code" -c user.name=bench -c user.email=bench@localhost -c commit.gpgsign=false commit --quiet -m worker
    git clone --quiet --bare "$project/code" "$repository"
    cat >"$project/config/deploy/production.rhai" <<STAGE
server("$worker_host", #{ user: "deploy", roles: ["app", "worker"], ssh_options: #{
    host_name: "$worker_address", config: false, use_agent: false, keys: ["$work/lab/client_key"], keys_only: true,
    user_known_hosts_file: "$work/lab/known_hosts" } });
STAGE
    cat >"$project/config/deploy.rhai" <<RECIPE
require("deploy");
require("git");
require("sidekiq");
set("application", "$order");
set("repo_url", "$repository");
set("branch", "main");
set("deploy_to", "/home/deploy/$order");
append("linked_dirs", "log");
set("service_unit_user", "user");
set("sidekiq_exec", "/usr/bin/sidekiq -e production -r ./worker.rb -q $order");
$(worker_setting "$order")
task("migrate", || on(primary("app"), |host| execute("sleep", "$worker_pause")));
after("deploy:updated", "migrate");
RECIPE
}

worker_setting() {
    case $1 in
        restart) ;;
        not_quiet) echo 'set("sidekiq_quiet_at", "never");' ;;
        stop_start) echo 'set("sidekiq_stop_before_publish", true);' ;;
    esac
}

worker_deploy() {
    "$here/lab" run -- "$binary" -C "$work/worker/$1" production deploy --format plain </dev/null
}

# Prints: ORDER, and in milliseconds when the deploy was over, when the first job was taken by the new release, and how
# long the job waited that waited longest.
worker_round() {
    local order=$1 began ended sender
    on_worker_host "rm -f /tmp/taken.$order; touch /tmp/taken.$order; chown deploy: /tmp/taken.$order"
    on_worker_host "cd /home/deploy/$order/current && echo \$\$ >/tmp/sender && exec ruby -r ./worker.rb -e 'loop { Note.perform_async((Time.now.to_f * 1000).to_i); sleep 0.02 }'" >/dev/null 2>&1 &
    sender=$!
    sleep 1
    began=$(date +%s%3N)
    worker_deploy "$order" >"$work/output" 2>&1 || { cat "$work/output" >&2; kill "$sender"; return 1; }
    ended=$(date +%s%3N)
    sleep 1
    on_worker_host "kill \$(cat /tmp/sender)"
    wait "$sender" 2>/dev/null || true
    sleep 1
    on_worker_host "release=\$(readlink -f /home/deploy/$order/current); awk -v release=\$release -v began=$began '
        \$2 - \$1 > longest && \$2 > began { longest = \$2 - \$1 }
        \$3 == release && !first { first = \$2 - began }
        END { if (!first) exit 1; print first, longest }' /tmp/taken.$order" >"$work/times"
    echo "$order $((ended - began)) $(cat "$work/times")"
}

worker_report() {
    local order
    cat <<HEAD

## A worker of the new release: one host, the real Sidekiq, a job every 20 ms, $worker_pause s of migration

Medians of $rounds runs, in milliseconds since the deploy has started.

| order of steps | a worker of the new release takes a job | longest wait of a job | the deploy is over |
| --- | --- | --- | --- |
HEAD
    for order in "${worker_orders[@]}"; do
        printf '| %s | %s | %s | %s |\n' "$(worker_title "$order")" "$(worker_median "$order" 3)" "$(worker_median "$order" 4)" \
            "$(worker_median "$order" 2)"
    done
}

worker_title() {
    case $1 in
        restart) echo 'quiet at the start, one restart after the switch (ours)' ;;
        not_quiet) echo 'the same, not quiet before (`sidekiq_quiet_at` "never")' ;;
        stop_start) echo 'quiet at the start, stop before the switch, start after it (capistrano-sidekiq)' ;;
    esac
}

# `worker_median ORDER COLUMN`
worker_median() {
    awk -v order="$1" -v column="$2" '$1 == order { print $column }' "$parts/worker" | sort -n \
        | awk '{ all[NR] = $1 } END { print int((all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2) }'
}
