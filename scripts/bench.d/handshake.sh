# shellcheck shell=bash
# What the key exchange of OpenSSH costs, apart: a fresh connection that runs `true`, with the key exchange ssh prefers,
# and with curve25519 alone. Sourced by scripts/bench.
# Reads: work, here, port, parts, rounds, settle, addresses.

measure_handshake() {
    local round kind name options fields
    start_hosts 1
    use_hosts 1 0
    sed -i '/\thandshake\t/d' "$parts/samples"
    for round in $(seq "$rounds"); do
        for kind in default curve25519-sha256; do
            options=()
            [ $kind = default ] || options=(-o "KexAlgorithms=$kind")
            fields=$(python3 "$here/bench.d/meter.py" --output "$work/output" --settle "$settle" --logs "$work/sshd/log.1" -- \
                ssh -v -F none -i "$work/sshd/client_key" -o IdentitiesOnly=yes -o BatchMode=yes -p "$port" \
                -o UserKnownHostsFile="$work/sshd/known_hosts" "${options[@]}" "${addresses[0]}" true) \
                || { tail -n 20 "$work/output" >&2; return 1; }
            name=$(sed -n 's/^debug1: kex: algorithm: //p' "$work/output" | tr -d '\r')
            [ $kind != default ] || name="default ($name)"
            printf '1\t0\thandshake\t%s\t%s\t%s\n' "$name" "$round" "$fields" >>"$parts/samples"
        done
    done
    note "handshake: $rounds rounds are done"
}
