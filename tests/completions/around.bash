
# The shell parts words at colons, of which addresses have many, and at equals signs: the words here are those between blanks.
@FUNCTION@_whole() {
    local line=${COMP_LINE:0:COMP_POINT} COMP_WORDS COMP_CWORD current previous
    read -ra COMP_WORDS <<<"$line"
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $current == --*=* ]]; then
        previous=${current%%=*} current=${current#*=}
    fi
    COMP_WORDS[0]=$1
    @FUNCTION@ "$1" "$current" "$previous"
    # What is put in place is the part behind the last colon.
    [[ $COMP_WORDBREAKS != *:* || $current != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}

complete -F @FUNCTION@_whole @PROGRAM@
