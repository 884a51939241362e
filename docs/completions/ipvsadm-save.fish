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

complete -c ipvsadm-save -l output -d 'Write this file in place of standard output' -r -F
complete -c ipvsadm-save -l netns -d 'Work in this network namespace: a name of `ip netns\', a path, or the PID of a process in it' -r -f -a "(__ipvsadm_live namespaces (commandline -p))"
complete -c ipvsadm-save -s n -d 'Numbers instead of names'
complete -c ipvsadm-save -l full -d 'Thresholds, timeouts and sync daemons too; always in numbers'
complete -c ipvsadm-save -s h -l help -d 'Print help'
complete -c ipvsadm-save -s V -l version -d 'Print version'
