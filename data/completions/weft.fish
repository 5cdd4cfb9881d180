# fish completion for weft(1). Verbs and options are asked of weft itself: they are always right.

function __weft_pids # of the traced processes
    $argv[1] ps --json 2>/dev/null | grep -oE '"pid":[0-9]+' | grep -oE '[0-9]+'
end

function __weft_lessons # their names
    $argv[1] lessons --json 2>/dev/null | sed -nE 's/^ *"name" : "([^"]*)".*/\1/p'
end

function __weft_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l weft $words[1]
    set -l verb $words[2]
    set -l previous $words[-1]
    if test (count $words) -eq 1
        $weft --help 2>/dev/null | sed -nE '/^Verbs:/,/^$/s/^  ([a-z]+) +(.*)/\1\t\2/p'
        printf '%s\n' --help --version
        return
    end
    set -l help ($weft $verb --help 2>/dev/null)
    or return
    set -l choices (string match -rg -- " $previous ([a-z]+(?:\|[a-z-]+)+)" $help)
    if test $verb = record; and contains -- -- $words[3..-1]
        __fish_complete_subcommand
    else if string match -q -- '--*' $previous; and set -q choices[1]
        string split '|' $choices[1]
    else if string match -q -- '-*' $current
        string replace -rf -- '^  (?:-.,|   ) (--[a-z-]+)(?: \S+)? *(.*)' '$1\t$2' $help
    else if test $verb = record
        __fish_complete_command
        __fish_complete_path $current
    else if test $verb = ctl; and not contains -- $previous -o --output
        test (count $words) -eq 3; and printf '%s\n' dump pause resume step slow cancel
    else if test $verb = lessons; and test (count $words) -eq 2
        printf '%s\n' list show tell run open quiz check
    else if test $verb = lessons; and contains -- $words[3] show tell run open quiz; and not string match -q -- '--*' $previous
        __weft_lessons $weft
    else if test $verb = lessons
        __fish_complete_directories $current
    else if contains -- $verb ps top
        __weft_pids $weft
    else if contains -- $verb tree view
        __weft_pids $weft
        __fish_complete_suffix $current .weft
    else if test $verb = recover; and not contains -- $previous -o --output
        __fish_complete_suffix $current .ring
    else
        __fish_complete_suffix $current .weft
    end
end

complete -c weft -f -a '(__weft_words)'
