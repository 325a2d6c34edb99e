# shellcheck shell=bash
# Roots: the file system a host of a suite boots from, built once and never written to again. Sourced by scripts/lab.
# Reads: here, cache, mirror.

# What a root is made of, in one word. Another word is another root.
root_hash() {
    {
        packages "$1"
        cat "$here/lab.d/prepare.sh"
        cd "$here/lab.d/files" && find . -type f | LC_ALL=C sort | while IFS= read -r file; do echo "$file"; cat "$file"; done
    } | sha256sum | cut -c1-12
}

# Builds the root of a suite unless it is there, and prints where it is. Whoever comes second waits for the first.
provide_root() {
    local suite=$1 root since=$SECONDS
    root=$cache/$suite-$(root_hash "$suite")
    mkdir -p "$cache"
    (
        flock 9
        [ ! -d "$root" ] || exit 0
        note "building $root, which takes a minute or two"
        build_root "$suite" "$root"
        note "built $root in $((SECONDS - since)) s"
        remove_old_roots "$suite" "$root"
    ) 9>"$cache/$suite.lock"
    touch "$root"
    echo "$root"
}

# Beside its place first: what was interrupted is not taken for a root. Mounts and processes of the build are in
# namespaces, so that they end with it.
build_root() {
    local suite=$1 root=$2 new=$cache/.new-$1 log=$cache/$1.log
    rm -rf "$new"
    mkdir "$new"
    # shellcheck disable=SC2016 # For the inner shell.
    unshare --mount --pid --fork --kill-child --mount-proc bash -euc '
        suite=$1 new=$2 mirror=$3 packages=$4 lab=$5
        debootstrap --variant=minbase --include="$packages" "$suite" "$new" "$mirror"
        cp -r --no-preserve=mode,ownership "$lab/files/." "$new/"
        chroot "$new" bash -eus -- "$suite" <"$lab/prepare.sh"
    ' bash "$suite" "$new" "$mirror" "$(packages "$suite" | paste -sd,)" "$here/lab.d" \
        </dev/null >"$log" 2>&1 9>&- || { tail -n 20 "$log" >&2; fail "could not build it; the whole log is $log"; }
    mv "$new" "$root"
}

# Keeps the root used last beside this one, for whoever works on another version of these scripts, and those that hosts
# run from.
remove_old_roots() {
    local suite=$1 root=$2 old
    while IFS= read -r old; do
        [ "$old" != "$root" ] || continue
        (flock -n 8 && rm -rf "$old") 8>>"$old.lock" && rm -f "$old.lock"
    done < <(find "$cache" -maxdepth 1 -type d -name "$suite-*" -printf '%T@ %p\n' | sort -rn | sed '1,2d; s/^[^ ]* //')
}
