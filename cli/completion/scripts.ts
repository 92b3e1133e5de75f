/**
 * What bash and zsh are to read. Those of the library give the typed line to `eval`, so that a `$(…)` in it would run at a tab: here words are
 * given on as they stand.
 */
export const BASH_SCRIPT = `# bash completion for framegate

__framegate_complete() {
    local cur=\${COMP_WORDS[COMP_CWORD]} tab=$'\\t' last=-1 word line
    local words=()
    # --option=value comes in three words.
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ $last -ge 0 && ( $word == "=" || \${words[last]} == -*= ) ]]; then
            words[last]+=$word
        else
            words[++last]=$word
        fi
    done
    if [[ $cur == "=" ]]; then cur=""; fi
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :0) ;;
            :*) compopt +o default 2>/dev/null ;;
            "$cur"*) COMPREPLY+=("\${line%%$tab*}") ;;
        esac
    done < <(framegate complete -- "\${words[@]}" 2>/dev/null)
}

complete -o default -F __framegate_complete framegate
`;

export const ZSH_SCRIPT = `#compdef framegate

_framegate() {
    local line tab=$'\\t' takes_files=0
    local -a offered
    while IFS= read -r line; do
        case $line in
            :0) takes_files=1 ;;
            :*) ;;
            *) offered+=("\${\${line%%$tab*}//:/\\\\:}:\${line#*$tab}") ;;
        esac
    done < <(framegate complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
    # --option=value is one word, of which the value is offered.
    [[ $PREFIX == -*=* ]] && compset -P '*='
    if (( takes_files )); then _files; else _describe framegate offered; fi
}

# Read from a file of fpath it is called; else it is only made known.
if [[ \${funcstack[1]} == _framegate ]]; then _framegate "$@"; else compdef _framegate framegate; fi
`;
