//! The commands that are played, and what may become of the table when they fail.

/// What a command that fails may leave behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Leaves {
    /// The table as it was.
    Old,
    /// The table as it was, or as the command makes it: the change was made and its answer lost.
    OldOrNew,
    /// What was made of many changes so far; the same command once more completes it.
    Part,
}

/// A command with its input.
pub struct Command {
    /// Its words; the first one is the name that the program is called by.
    pub line: &'static str,
    /// What it reads.
    pub input: &'static str,
    /// What it may leave when it fails.
    pub leaves: Leaves,
}

/// The table that each command meets.
pub const TABLE: &str = "\
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1
-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1
-A -t 192.0.2.2:80 -s wlc
-A -t 192.0.2.3:80 -s wlc
-A -t 192.0.2.4:80 -s wlc
-A -t 192.0.2.5:80 -s wlc
-a -t 192.0.2.5:80 -r 10.0.0.5:80 -g -w 1
-A -f 7 -s wlc
";

/// Another one, as a file.
const OTHER: &str = "\
-A -t 192.0.2.1:80 -s rr
-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5
-a -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 1
-A -u 192.0.2.9:53 -s wlc
-a -u 192.0.2.9:53 -r 10.0.0.9:53 -m -w 1
--set 800 100 200
";

const fn reads(line: &'static str) -> Command {
    Command { line, input: "", leaves: Leaves::Old }
}

const fn changes(line: &'static str) -> Command {
    Command { line, input: "", leaves: Leaves::OldOrNew }
}

/// All of them.
pub const ALL: &[Command] = &[
    reads("ipvsadm -Ln"),
    reads("ipvsadm -Ln --stats"),
    reads("ipvsadm -Ln -t 192.0.2.1:80"),
    reads("ipvsadm -Lnc"),
    reads("ipvsadm -L --timeout"),
    reads("ipvsadm -L --daemon"),
    reads("ipvsadm -Sn"),
    reads("ipvsadm-save --full"),
    reads("ipvsadm -h"),
    changes("ipvsadm -A -t 192.0.2.8:80"),
    changes("ipvsadm -E -t 192.0.2.1:80 -s rr"),
    changes("ipvsadm -D -t 192.0.2.1:80"),
    changes("ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.4:80 -m"),
    changes("ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3"),
    changes("ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80"),
    changes("ipvsadm -Z"),
    changes("ipvsadm -C"),
    changes("ipvsadm --set 900 100 200"),
    // Its own, where a change would be seen that was made without having entered.
    changes("ipvsadm -A -t 192.0.2.8:80 --netns /proc/self/ns/net"),
    Command { line: "ipvsadm -R", input: "-A -t 192.0.2.8:80\n-D -t 192.0.2.2:80\n", leaves: Leaves::Part },
    Command { line: "ipvsadm-restore", input: OTHER, leaves: Leaves::Part },
    Command { line: "ipvsadm-restore --verbose", input: OTHER, leaves: Leaves::Part },
    Command { line: "ipvsadm-restore --noflush", input: OTHER_MORE, leaves: Leaves::Part },
    Command { line: "ipvsadm-restore --atomic", input: OTHER, leaves: Leaves::OldOrNew },
    Command { line: "ipvsadm-restore --diff", input: OTHER, leaves: Leaves::Old },
    Command { line: "ipvsadm-restore --test", input: OTHER, leaves: Leaves::Old },
];

const OTHER_MORE: &str = "-E -t 192.0.2.1:80 -s rr\n-A -u 192.0.2.9:53 -s wlc\n";
