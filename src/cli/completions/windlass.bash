# Completion of windlass for bash: source <(windlass completions bash)

_windlass() {
    local IFS=$'\n' found
    found=$(windlass complete bash --breaks="$COMP_WORDBREAKS" -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null) || return
    COMPREPLY=()
    case $found in
        # An empty list: bash falls back to its own, which knows files.
        @files) compopt -o default +o nospace ;;
        @folders) compopt -o dirnames +o nospace ;;
        # Each word brings the space behind it, where one belongs there. Nothing in it is a pattern.
        *) set -f; COMPREPLY=($found); set +f ;;
    esac
}

complete -o nospace -F _windlass windlass
