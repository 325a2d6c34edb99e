# Completion of windlass for fish: windlass completions fish | source

function __windlass_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    set -l found (windlass complete fish -- $words "$current" 2>/dev/null)
    switch "$found[1]"
        case @files
            __fish_complete_path "$current"
        case @folders
            __fish_complete_directories "$current"
        case '*'
            test -n "$found[1]"; and printf '%s\n' $found
    end
end

complete -c windlass -f -a '(__windlass_complete)'
