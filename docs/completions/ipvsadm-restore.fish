function __ipvsadm_live
    sh -c '# What there is on this machine: $1 says of what kind, $2 is the line that is completed.
kernel_modules=/lib/modules/$(uname -r)
case $1 in
  schedulers)
    # ip_vs_ftp is no scheduler.
    cat "$kernel_modules/modules.dep" "$kernel_modules/modules.builtin" /proc/modules 2>/dev/null |
      sed -nE \'s@^([^: ]*/)?ip_vs_([a-z]+)(\\.ko.*| .*)$@\\2@p\' | sort -u | grep -vx ftp
    ;;
  interfaces) ls /sys/class/net ;;
  namespaces) ls /run/netns 2>/dev/null ;;
  # Only where ip_vs is there already: to ask would load it.
  *) [ ! -e /proc/net/ip_vs ] || ipvsadm -Sn 2>/dev/null | awk -v kind="$1" -v line=" $2 " \'
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
    }\' ;;
esac
' sh $argv
end

complete -c ipvsadm-restore -s f -l file -d 'The same, as nft has it' -r -F
complete -c ipvsadm-restore -l wait -d 'How long to wait for another restore to end [10]' -r -f
complete -c ipvsadm-restore -l netns -d 'Work in this network namespace: a name of `ip netns\', a path, or the PID of a process in it' -r -f -a "(__ipvsadm_live namespaces (commandline -p))"
complete -c ipvsadm-restore -l atomic -d 'All or nothing: a line that fails leaves the table as it was'
complete -c ipvsadm-restore -l test -d 'Parse and check only; needs neither root nor a kernel with ip_vs'
complete -c ipvsadm-restore -l diff -d 'Print the changes that would be made, and make none'
complete -c ipvsadm-restore -l json -d 'Restore a document of `ipvsadm -L --json`; with --diff print one'
complete -c ipvsadm-restore -l noflush -d 'Add to the table instead of replacing it'
complete -c ipvsadm-restore -l verbose -d 'Print each change as it is made, and name every line that fails'
complete -c ipvsadm-restore -l allow-empty -d 'Let input without rules clear the table'
complete -c ipvsadm-restore -s n -d 'Ignored: old scripts give it'
complete -c ipvsadm-restore -s h -l help -d 'Print help'
complete -c ipvsadm-restore -s V -l version -d 'Print version'
