# shellcheck shell=bash
# The jobs for fabric, pyinfra and ansible, and where those come from: PyPI, into a folder that stays for the next time.
# They have no stock deploy, so each line of a job is one command. Sourced by scripts/bench.
# Reads: work, port, addresses, cache.

# Makes the folder of Python programs where it is not there yet.
python_tools() {
    [ ! -x "$cache/venv/bin/ansible-playbook" ] || return 0
    note "installing fabric, pyinfra and ansible-core from PyPI into $cache/venv"
    mkdir -p "$cache"
    python3 -m venv "$cache/venv" && "$cache/venv/bin/pip" install --quiet --disable-pip-version-check \
        fabric pyinfra ansible-core >&2
}

# "a", "b", as Python writes a list.
python_hosts() { printf '"%s", ' "${addresses[@]}"; }

# `fabric_project FOLDER`
fabric_project() {
    mkdir -p "$1"
    cat >"$1/run.py" <<RUN
import sys
from fabric import ThreadingGroup
from paramiko import RejectPolicy

keys = {"key_filename": "$work/sshd/client_key", "allow_agent": False, "look_for_keys": False}
hosts = ThreadingGroup($(python_hosts) user="$(id -un)", port=$port, connect_kwargs=keys)
for host in hosts:
    host.client.set_missing_host_key_policy(RejectPolicy())
    host.client.load_host_keys("$work/sshd/known_hosts")
with open(sys.argv[1]) as steps:
    for step in steps:
        hosts.run(step.rstrip("\n"), hide=True, in_stream=False)
RUN
}
fabric_job() { "$1_steps"; }

# `pyinfra_project FOLDER`
pyinfra_project() {
    mkdir -p "$1"
    cat >"$1/inventory.py" <<INVENTORY
options = {
    "ssh_user": "$(id -un)",
    "ssh_port": $port,
    "ssh_key": "$work/sshd/client_key",
    "ssh_known_hosts_file": "$work/sshd/known_hosts",
    "ssh_strict_host_key_checking": "yes",
    "ssh_allow_agent": False,
    "ssh_look_for_keys": False,
}
app = [(host, options) for host in [$(python_hosts)]]
INVENTORY
    cat >"$1/run.py" <<'RUN'
from pyinfra.operations import server

with open("job") as steps:
    for step in steps:
        server.shell(name=step.strip(), commands=[step.strip()])
RUN
}
pyinfra_job() { "$1_steps"; }

# `ansible_project FOLDER`: tuned as its manual advises for speed. Masters of a run before are gone, as the meter ends them.
ansible_project() {
    local host
    mkdir -p "$1"
    cat >"$1/ansible.cfg" <<CFG
[defaults]
inventory = inventory
forks = ${#addresses[@]}
host_key_checking = True
interpreter_python = /usr/bin/python3
gathering = explicit
home = $work/ansible
remote_user = $(id -un)
private_key_file = $work/sshd/client_key
retry_files_enabled = False
[ssh_connection]
pipelining = True
ssh_args = -F none -o IdentitiesOnly=yes -o UserKnownHostsFile=$work/sshd/known_hosts -o ControlMaster=auto -o ControlPersist=60s
control_path_dir = $work/cp
CFG
    for host in "${addresses[@]}"; do
        echo "$host ansible_port=$port"
    done >"$1/inventory"
}

# A play with a task for each line, by this module: `ansible_play MODULE JOB`.
ansible_play() {
    printf -- '- hosts: all\n  gather_facts: false\n  tasks:\n'
    "$2_steps" | sed "s/'/''/g; s/.*/    - ansible.builtin.$1: '&'/"
}

ansible_job() { ansible_play shell "$1"; }
# Without Python on the host; the fastest that Ansible has.
ansible_raw_project() { ansible_project "$1"; }
ansible_raw_job() { ansible_play raw "$1"; }
