# shellcheck shell=bash
# What was measured, on what. Sourced by scripts/bench.
# Reads: binary, rounds, top, cache.

machine_facts() {
    local model load
    model=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null || true)
    read -r load _ </proc/loadavg 2>/dev/null || load='?'
    echo "machine: $(nproc) cores${model:+ ($model)}, load $load at the beginning, $(uname -sr); servers and tools share it"
    echo "$("$binary" --version), program $(program_id), bench at $(git -C "$top" describe --always --dirty 2>/dev/null || echo '?')"
    echo "$(ssh -V 2>&1), $(git --version)"
    ! has cap || echo "$(cap --version), $(ruby --version 2>/dev/null | cut -d' ' -f1,2)"
    if [ -x "$cache/venv/bin/pip" ]; then
        "$cache/venv/bin/pip" list --disable-pip-version-check --format freeze 2>/dev/null \
            | grep -E '^(fabric|pyinfra|ansible-core|paramiko)=' | paste -sd' '
    fi
    echo "$rounds rounds, the tools taking turns in each"
}

# Samples of another program must not be mixed with those of this one.
program_id() { sha256sum "$binary" | cut -c1-12; }
