_ipvsadm__restore() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="ipvsadm__restore"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        ipvsadm__restore)
            opts="-f -n -h -V --file --atomic --test --diff --json --noflush --verbose --allow-empty --wait --netns --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --file)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                -f)
                    local oldifs
                    if [ -n "${IFS+x}" ]; then
                        oldifs="$IFS"
                    fi
                    IFS=$'\n'
                    COMPREPLY=($(compgen -f "${cur}"))
                    if [ -n "${oldifs+x}" ]; then
                        IFS="$oldifs"
                    fi
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o filenames
                    fi
                    return 0
                    ;;
                --wait)
                    COMPREPLY=("${cur}")
                    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
                        compopt -o nospace
                    fi
                    return 0
                    ;;
                --netns)
                    COMPREPLY=($(compgen -W "$(_ipvsadm_live namespaces "$COMP_LINE")" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

_ipvsadm_live() (
# What there is on this machine: $1 says of what kind, $2 is the line that is completed.
kernel_modules=/lib/modules/$(uname -r)
case $1 in
  schedulers)
    # ip_vs_ftp is no scheduler.
    cat "$kernel_modules/modules.dep" "$kernel_modules/modules.builtin" /proc/modules 2>/dev/null |
      sed -nE 's@^([^: ]*/)?ip_vs_([a-z]+)(\.ko.*| .*)$@\2@p' | sort -u | grep -vx ftp
    ;;
  interfaces) ls /sys/class/net ;;
  namespaces) ls /run/netns 2>/dev/null ;;
  # Only where ip_vs is there already: to ask would load it.
  *) [ ! -e /proc/net/ip_vs ] || ipvsadm -Sn 2>/dev/null | awk -v kind="$1" -v line=" $2 " '
    $1 == "-A" && $2 == kind { print $3 }
    # The servers of the service in the line, or all.
    $1 == "-a" && kind == "servers" {
      for (field = 4; $field != "-r"; field++) if (field > NF) next
      server = $(field + 1)
      if (index(line, " " $3 " ")) own[server]
      all[server]
    }
    END {
      for (server in own) { print server; some = 1 }
      if (!some) for (server in all) print server
    }' ;;
esac
)

# The shell parts words at colons, of which addresses have many, and at equals signs: the words here are those between blanks.
_ipvsadm__restore_whole() {
    local line=${COMP_LINE:0:COMP_POINT} COMP_WORDS COMP_CWORD current previous
    read -ra COMP_WORDS <<<"$line"
    [[ $line != *' ' ]] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    if [[ $current == --*=* ]]; then
        previous=${current%%=*} current=${current#*=}
    fi
    COMP_WORDS[0]=$1
    _ipvsadm__restore "$1" "$current" "$previous"
    # What is put in place is the part behind the last colon.
    [[ $COMP_WORDBREAKS != *:* || $current != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
}

complete -F _ipvsadm__restore_whole ipvsadm-restore
