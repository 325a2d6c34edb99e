# shellcheck shell=bash
# The jobs as projects of windlass and cap, which have a stock deploy. Sourced by scripts/bench.
# Reads: work, place, port, addresses.

# "a", "b", as both recipe languages write a list.
quoted() { printf '"%s", ' "$@" | sed 's/, $//'; }

# `windlass_project FOLDER`
windlass_project() {
    local host
    mkdir -p "$1/config/deploy"
    cat >"$1/config/deploy.rhai" <<RECIPE
require("deploy");
require("git");

set("application", "app");
set("repo_url", "$work/repository");
set("branch", "main");
set("deploy_to", "$place/app");
set("keep_releases", 3);
append("linked_dirs", $(quoted "${linked_dirs[@]}"));
append("linked_files", $(quoted "${linked_files[@]}"));

desc("Twenty commands, one after the other.");
task("commands", || on(roles("app"), |host| {
    let path = "$place/ran";
    for number in 1..=20 {
        path += \`/\${number}\`;
        execute("mkdir", path);
    }
}));
RECIPE
    {
        for host in "${addresses[@]}"; do
            echo "server(\"$host:$port\", #{ roles: [\"app\"] });"
        done
        cat <<STAGE
set("ssh_options", #{
    config: false,
    keys: ["$work/sshd/client_key"],
    keys_only: true,
    user_known_hosts_file: "$work/sshd/known_hosts",
});
STAGE
    } >"$1/config/deploy/production.rhai"
}

# `cap_project FOLDER`: the Capfile that `cap install` would write.
cap_project() {
    local host
    mkdir -p "$1/config/deploy" "$1/lib/capistrano/tasks"
    cat >"$1/Capfile" <<'CAPFILE'
require "capistrano/setup"
require "capistrano/deploy"
require "capistrano/scm/git"
install_plugin Capistrano::SCM::Git
Dir.glob("lib/capistrano/tasks/*.rake").each { |r| import r }
CAPFILE
    cat >"$1/config/deploy.rb" <<RECIPE
set :application, "app"
set :repo_url, "$work/repository"
set :branch, "main"
set :deploy_to, "$place/app"
set :keep_releases, 3
set :tmp_dir, "$place/tmp"
append :linked_dirs, $(quoted "${linked_dirs[@]}")
append :linked_files, $(quoted "${linked_files[@]}")

desc "Twenty commands, one after the other."
task :commands do
  on roles(:app) do
    path = "$place/ran"
    (1..20).each do |number|
      path += "/#{number}"
      execute :mkdir, path
    end
  end
end
RECIPE
    {
        for host in "${addresses[@]}"; do
            echo "server \"$host\", port: $port, roles: %w{app}"
        done
        cat <<STAGE
set :ssh_options, {
  config: false,
  keys: ["$work/sshd/client_key"],
  keys_only: true,
  auth_methods: ["publickey"],
  forward_agent: false,
  verify_host_key: :always,
  user_known_hosts_file: "$work/sshd/known_hosts"
}
STAGE
    } >"$1/config/deploy/production.rb"
}

# `floor_project FOLDER`: one ssh and one script a host, all at once. Nothing can do the same work in less.
floor_project() {
    mkdir -p "$1"
    cat >"$1/run" <<RUN
#!/usr/bin/env bash
set -eu
pids=()
for host in ${addresses[*]}; do
    ssh -F none -i "$work/sshd/client_key" -o IdentitiesOnly=yes -o BatchMode=yes -p $port \\
        -o UserKnownHostsFile="$work/sshd/known_hosts" "\$host" sh -s <"\$1" &
    pids+=(\$!)
done
for pid in "\${pids[@]}"; do wait "\$pid"; done
RUN
    chmod +x "$1/run"
}

# The lines of a job as one script: `floor_job JOB`.
# The brackets make `set -e` count for every part of a line.
floor_job() { echo 'set -e'; "$1_steps" | sed '/&&/s/.*/(&)/'; }
