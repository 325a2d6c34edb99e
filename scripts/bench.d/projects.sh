# shellcheck shell=bash
# The same project three times: for windlass, for cap, and as a script. Sourced by scripts/bench.
# Reads: work, hosts, port, binary.

# 300 files, as a small application has.
make_repository() {
    local i repository=$work/repository
    mkdir -p "$repository"
    git -C "$repository" init --quiet --initial-branch=main
    for i in $(seq 300); do
        mkdir -p "$repository/app/part$((i % 10))"
        printf 'line %s of the application\n' $(seq "$((i % 40 + 1))") >"$repository/app/part$((i % 10))/file$i.txt"
    done
    git -C "$repository" add --all
    git -C "$repository" -c user.name=bench -c user.email=bench@localhost -c commit.gpgsign=false \
        commit --quiet -m 'the application'
}

linked_dirs=(log tmp/pids tmp/cache public/system storage)
linked_files=(config/database.yml config/master.key)

# "a", "b", as both recipe languages write a list.
quoted() { printf '"%s", ' "$@" | sed 's/, $//'; }

# `windlass_project FOLDER`
windlass_project() {
    local n
    mkdir -p "$1/config/deploy"
    cat >"$1/config/deploy.rhai" <<RECIPE
require("deploy");
require("git");

set("application", "app");
set("repo_url", "$work/repository");
set("branch", "main");
// The hosts share a file system, and each has a home of its own on it.
set("deploy_to", || "$work/hosts/" + current_host().properties.number + "/app");
set("keep_releases", 3);
append("linked_dirs", $(quoted "${linked_dirs[@]}"));
append("linked_files", $(quoted "${linked_files[@]}"));
RECIPE
    {
        for n in $(seq "$hosts"); do
            echo "server(\"$(address "$n"):$port\", #{ roles: [\"app\"], number: \"$n\" });"
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
    local n
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
set :deploy_to, "~/app"
set :keep_releases, 3
set :tmp_dir, "$work/tmp"
append :linked_dirs, $(quoted "${linked_dirs[@]}")
append :linked_files, $(quoted "${linked_files[@]}")
RECIPE
    {
        for n in $(seq "$hosts"); do
            echo "server \"$(address "$n")\", port: $port, roles: %w{app}"
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

# `script_project FOLDER`: what a careful person would write by hand; one ssh a host, all at once.
script_project() {
    mkdir -p "$1"
    cat >"$1/deploy.sh" <<SCRIPT
set -eu
app=\$HOME/app repo=\$HOME/app/repo release=\$HOME/app/releases/\$1 shared=\$HOME/app/shared
mkdir -p "\$app/releases" "\$shared"
for dir in ${linked_dirs[*]}; do mkdir -p "\$shared/\$dir"; done
for file in ${linked_files[*]}; do test -f "\$shared/\$file"; done
test -f "\$repo/HEAD" || git clone --quiet --mirror "$work/repository" "\$repo"
cd "\$repo"
git remote set-url origin "$work/repository"
git remote update --prune >/dev/null
commit=\$(git rev-list --max-count=1 main)
mkdir -p "\$release"
git archive --format=tar -o "\$repo/release.tar" "\$commit"
tar -x -f "\$repo/release.tar" -C "\$release"
rm -f "\$repo/release.tar"
cd "\$release"
echo "\$commit" >REVISION
git --git-dir="\$repo" log -1 --pretty=format:%ct "\$commit" >REVISION_TIME
for path in ${linked_dirs[*]} ${linked_files[*]}; do
    mkdir -p "\$(dirname "\$path")"
    rm -rf "./\$path"
    ln -s "\$shared/\$path" "\$path"
done
ln -sfn "\$release" "\$app/current.new"
mv -fT "\$app/current.new" "\$app/current"
cd "\$app/releases"
ls | sort -r | tail -n +4 | xargs -r rm -rf
echo "Branch main (at \$commit) deployed as release \$1 by bench" >>"\$app/revisions.log"
SCRIPT
    cat >"$1/run" <<RUN
#!/usr/bin/env bash
set -eu
release=\$(date -u +%Y%m%d%H%M%S)
pids=()
for host in $(for n in $(seq "$hosts"); do printf '%s ' "$(address "$n")"; done); do
    ssh -F none -i "$work/sshd/client_key" -o IdentitiesOnly=yes -o BatchMode=yes -p $port \\
        -o UserKnownHostsFile="$work/sshd/known_hosts" "\$host" sh -s "\$release" <"$1/deploy.sh" &
    pids+=(\$!)
done
for pid in "\${pids[@]}"; do wait "\$pid"; done
RUN
    chmod +x "$1/run"
}
