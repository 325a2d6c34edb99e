# shellcheck shell=bash
# Timing by hyperfine, and a table that comes of it. Sourced by scripts/bench.
# Reads: work.

# Runs one command once or more and adds its mean time in seconds to the tool's file: `sample FILE HYPERFINE-ARGS… COMMAND`.
sample() {
    local file=$1; shift
    hyperfine --style none --export-csv "$work/sample.csv" --output "$work/output" "$@" >/dev/null 2>"$work/errors" || {
        note "a run failed: ${*: -1}"
        tail -n 60 "$work/output" "$work/errors" >&2
        return 1
    }
    # command,mean,stddev,… : counted from the end, because the command may hold commas.
    awk -F, 'NR == 2 { print $(NF - 6) }' "$work/sample.csv" >>"$file"
}

# The middle one of the numbers in a file, or the mean of the two in the middle.
median() {
    sort -g "$1" | awk '{ v[NR] = $1 } END { if (NR) print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

least() { sort -g "$1" | head -n 1; }
most() { sort -g "$1" | tail -n 1; }

# Seconds as a person reads them.
shown() { awk -v s="$1" 'BEGIN { if (s < 1) printf "%.1f ms", s * 1000; else printf "%.2f s", s }'; }

# How many times the first is the second.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }

# One row: `row NAME FILE BASE-FILE`. The base is windlass; its ratio is 1.
row() {
    local middle base
    middle=$(median "$2")
    base=$(median "$3")
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$(shown "$middle")" "$(shown "$(least "$2")")" "$(shown "$(most "$2")")" \
        "$(ratio "$middle" "$base")"
}

table_head() {
    printf '| %s | median | least | most | × windlass |\n' "$1"
    printf '|---|---|---|---|---|\n'
}
