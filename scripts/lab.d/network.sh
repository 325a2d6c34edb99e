# shellcheck shell=bash
# The network of a lab: a switch, and for every host a network of its own with a cable to it. Sourced by
# scripts/lab.d/inside.

make_switch() {
    ip link set lo up
    ip link add switch address 02:00:00:00:02:01 type bridge
    ip addr add 10.78.0.1/24 dev switch
    ip link set switch up
}

# `make_network NAME ADDRESS`. It stays while the host boots anew.
make_network() {
    local number=${2##*.}
    ip netns add "$1"
    ip link add "plug$number" type veth peer name eth0 address "$(card "$number")" netns "$1"
    ip link set "plug$number" master switch up
    ip -n "$1" addr add "$2/24" dev eth0
    ip -n "$1" link set eth0 up
    ip -n "$1" link set lo up
    # Nobody looks for the other: what cuts a cable says so to nobody.
    ip neigh replace "$2" lladdr "$(card "$number")" dev switch nud permanent
    ip -n "$1" neigh replace 10.78.0.1 lladdr 02:00:00:00:02:01 dev eth0 nud permanent
}

card() { printf '02:00:00:00:03:%02x' "$1"; }

remove_network() { ip netns del "$1"; }
