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

complete -c ipvsadm -l set -d 'Set the timeouts of connections, in seconds; 0 for no change' -r -f
complete -c ipvsadm -l start-daemon -d 'Start a sync daemon: master or backup' -r -f -a "master\t''
backup\t''"
complete -c ipvsadm -l stop-daemon -d 'Stop a sync daemon: master or backup' -r -f -a "master\t''
backup\t''"
complete -c ipvsadm -s t -l tcp-service -d 'A TCP service: IPv4 address, [IPv6 address] or host name, and port' -r -f -a "(__ipvsadm_live -t (commandline -p))"
complete -c ipvsadm -s u -l udp-service -d 'A UDP service' -r -f -a "(__ipvsadm_live -u (commandline -p))"
complete -c ipvsadm -l sctp-service -d 'An SCTP service' -r -f -a "(__ipvsadm_live --sctp-service (commandline -p))"
complete -c ipvsadm -s f -l fwmark-service -d 'Packets with this firewall mark' -r -f -a "(__ipvsadm_live -f (commandline -p))"
complete -c ipvsadm -s s -l scheduler -d 'How connections are spread: rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh, or another that the kernel has [wlc]' -r -f -a "(__ipvsadm_live schedulers (commandline -p))"
complete -c ipvsadm -s p -l persistent -d 'Keep a client at its server for this long [360]' -r -f
complete -c ipvsadm -s M -l netmask -d 'Treat clients of one network as one: a mask, or for IPv6 a prefix length' -r -f
complete -c ipvsadm -l pe -d 'The persistence engine: sip' -r -f -a "sip\t''"
complete -c ipvsadm -s b -l sched-flags -d 'Flags of the scheduler, with commas between: flag-1 flag-2 flag-3, sh-fallback sh-port, mh-fallback mh-port' -r -f -a "flag-1\t''
flag-2\t''
flag-3\t''
sh-fallback\t''
sh-port\t''
mh-fallback\t''
mh-port\t''"
complete -c ipvsadm -s r -l real-server -d 'The server; without a port, that of the service' -r -f -a "(__ipvsadm_live servers (commandline -p))"
complete -c ipvsadm -s w -l weight -d 'The server\'s share, 0 for no new connections [1]' -r -f
complete -c ipvsadm -s x -l u-threshold -d 'No new connections from this many on [0, no limit]' -r -f
complete -c ipvsadm -s y -l l-threshold -d 'New connections again below this many [0]' -r -f
complete -c ipvsadm -l tun-type -d 'The tunnel: ipip, gue or gre [ipip]' -r -f -a "ipip\t''
gue\t''
gre\t''"
complete -c ipvsadm -l tun-port -d 'The UDP port of a gue tunnel' -r -f
complete -c ipvsadm -l drain -d 'With -d or -e: weight 0, and wait for connections to end; 0 for no limit [300]. Without a service: in all that have the server' -r -f
complete -c ipvsadm -l output -d 'Write this file in place of standard output' -r -F
complete -c ipvsadm -l client -d 'With -c: connections of clients in this network, ADDR or ADDR/LENGTH' -r -f
complete -c ipvsadm -l state -d 'With -c: connections in this state' -r -f
complete -c ipvsadm -l watch -d 'Rates from the difference of two looks, again and again, this far apart [2, the least]; on a terminal a screen with keys' -r -f
complete -c ipvsadm -l mcast-interface -d 'The multicast interface [eth0]' -r -f -a "(__ipvsadm_live interfaces (commandline -p))"
complete -c ipvsadm -l syncid -d 'The sync id, 0 to 255 [0]' -r -f
complete -c ipvsadm -l mcast-group -d 'The multicast group [224.0.0.81]' -r -f
complete -c ipvsadm -l mcast-port -d 'The UDP port [8848]' -r -f
complete -c ipvsadm -l mcast-ttl -d 'The time to live of multicast packets [1]' -r -f
complete -c ipvsadm -l sync-maxlen -d 'The longest sync message [1472]' -r -f
complete -c ipvsadm -l netns -d 'Work in this network namespace: a name of `ip netns\', a path, or the PID of a process in it' -r -f -a "(__ipvsadm_live namespaces (commandline -p))"
complete -c ipvsadm -s A -l add-service -d 'Add a virtual service'
complete -c ipvsadm -s E -l edit-service -d 'Change a virtual service'
complete -c ipvsadm -s D -l delete-service -d 'Remove a virtual service with its servers'
complete -c ipvsadm -s C -l clear -d 'Remove everything'
complete -c ipvsadm -s R -l restore -d 'Read rules from standard input and add them'
complete -c ipvsadm -s S -l save -d 'Write the rules of the table to standard output'
complete -c ipvsadm -s a -l add-server -d 'Add a real server to a service'
complete -c ipvsadm -s e -l edit-server -d 'Change a real server of a service'
complete -c ipvsadm -s d -l delete-server -d 'Remove a real server from a service'
complete -c ipvsadm -s L -l list -d 'List the table or one service; -l is the same'
complete -c ipvsadm -s Z -l zero -d 'Set the counters of a service, or all, to zero'
complete -c ipvsadm -s h -l help -d 'Print this help'
complete -c ipvsadm -s v -l version -d 'Print the version'
complete -c ipvsadm -l diagnose -d 'Say why services do not work: all, or one, or one server of it'
complete -c ipvsadm -s 6 -l ipv6 -d 'The firewall mark is of IPv6 packets'
complete -c ipvsadm -s o -l ops -d 'Schedule each UDP packet by itself'
complete -c ipvsadm -s g -l gatewaying -d 'Forward by direct routing (this is the default)'
complete -c ipvsadm -s i -l ipip -d 'Forward through a tunnel'
complete -c ipvsadm -s m -l masquerading -d 'Forward by masquerading (NAT)'
complete -c ipvsadm -l tun-nocsum -d 'Tunnel without checksums'
complete -c ipvsadm -l tun-csum -d 'Tunnel with checksums'
complete -c ipvsadm -l tun-remcsum -d 'Tunnel with remote checksums'
complete -c ipvsadm -l ensure -d 'With -A, -a and --start-daemon: make it so, whatever is there; with -D, -d and --stop-daemon: status 0 also where it is gone'
complete -c ipvsadm -l keep -d 'With -E and -e: what is not given stays as it is'
complete -c ipvsadm -l force -d 'Also the last server; at the limit, remove it all the same'
complete -c ipvsadm -l restore-weight -d 'At the limit, put the weight back'
complete -c ipvsadm -l ignore-persistent -d 'Do not wait for persistent clients to come back'
complete -c ipvsadm -s n -l numeric -d 'Numbers instead of names'
complete -c ipvsadm -s c -l connection -d 'List the connections'
complete -c ipvsadm -l timeout -d 'List the timeouts of connections'
complete -c ipvsadm -l daemon -d 'List the sync daemons'
complete -c ipvsadm -l stats -d 'Counters'
complete -c ipvsadm -l rate -d 'Rates a second'
complete -c ipvsadm -l thresholds -d 'Thresholds'
complete -c ipvsadm -l persistent-conn -d 'Persistent connections'
complete -c ipvsadm -l nosort -d 'The kernel\'s order'
complete -c ipvsadm -l sort -d 'Sorted, as without it'
complete -c ipvsadm -s X -l exact -d 'All digits of large numbers'
complete -c ipvsadm -l tun-info -d 'Tunnels'
complete -c ipvsadm -l full -d 'With -S: thresholds, timeouts and sync daemons too'
complete -c ipvsadm -l json -d 'A JSON document, with everything in it; of a drain one for each event, of a watch one for each interval'
complete -c ipvsadm -l count -d 'With -c: how many there are, by service, server and state'
complete -c ipvsadm -l quiet -d 'Print nothing; status 0 if there is something to list, else 1'
complete -c ipvsadm -l prometheus -d 'Metrics in Prometheus\'s text format, for node_exporter or a script'
