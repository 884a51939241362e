complete -c ipvsadm-save -l output -d 'Write this file in place of standard output' -r -F
complete -c ipvsadm-save -s n -d 'Numbers instead of names'
complete -c ipvsadm-save -l full -d 'Thresholds, timeouts and sync daemons too; always in numbers'
complete -c ipvsadm-save -s h -l help -d 'Print help'
complete -c ipvsadm-save -s V -l version -d 'Print version'
