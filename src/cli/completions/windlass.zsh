#compdef windlass
# Completion of windlass for zsh: source <(windlass completions zsh), behind compinit;
# or as the file _windlass in a folder of $fpath.

_windlass() {
    local -a found full open
    local at ret=1
    found=("${(@f)$(windlass complete zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $found[1] in
        @files) _files && ret=0; return ret ;;
        @folders) _files -/ && ret=0; return ret ;;
    esac
    at=${found[(Ie)@open]}
    if (( at )); then
        full=("${(@)found[1,at-1]}")
        open=("${(@)found[at+1,-1]}")
    else
        full=("${(@)found}")
    fi
    full=("${(@)full:#}")
    (( $#full )) && _describe -V windlass full && ret=0
    (( $#open )) && _describe -V windlass open -S '' && ret=0
    return ret
}

if [[ $funcstack[1] == _windlass ]]; then
    _windlass "$@"
else
    compdef _windlass windlass
fi
