complete -c ipvsadm-restore -s f -l file -d 'The same, as nft has it' -r -F
complete -c ipvsadm-restore -l wait -d 'How long to wait for another restore to end [10]' -r -f
complete -c ipvsadm-restore -l atomic -d 'All or nothing: a line that fails leaves the table as it was'
complete -c ipvsadm-restore -l test -d 'Parse and check only; needs neither root nor a kernel with ip_vs'
complete -c ipvsadm-restore -l diff -d 'Print the changes that would be made, and make none'
complete -c ipvsadm-restore -l json -d 'Restore a document of `ipvsadm -L --json`'
complete -c ipvsadm-restore -l noflush -d 'Add to the table instead of replacing it'
complete -c ipvsadm-restore -l verbose -d 'Print each change as it is made, and name every line that fails'
complete -c ipvsadm-restore -l allow-empty -d 'Let input without rules clear the table'
complete -c ipvsadm-restore -s n -d 'Ignored: old scripts give it'
complete -c ipvsadm-restore -s h -l help -d 'Print help'
complete -c ipvsadm-restore -s V -l version -d 'Print version'
