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
    /// How it ends and what it prints.
    pub kind: Kind,
    /// One of so many of its faults is played, since it takes long.
    pub one_of: usize,
}

/// What is to be known of a command.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It ends, and what it prints is known.
    Ordinary,
    /// It goes on until a signal comes, which it gets with its first output.
    Endless,
    /// It says line by line what is wrong, and also what it could not find out.
    Diagnosis,
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

/// The same services of it, as a document.
const DOCUMENT: &str = r#"{"schema_version":1,"services":[
{"protocol":"tcp","address":"192.0.2.1","port":80,"scheduler":"rr","servers":[
{"address":"10.0.0.1","port":80,"forwarding":"masquerade","weight":5},
{"address":"10.0.0.3","port":80,"forwarding":"masquerade","weight":1}]},
{"protocol":"udp","address":"192.0.2.9","port":53,"scheduler":"wlc","servers":[
{"address":"10.0.0.9","port":53,"forwarding":"masquerade","weight":1}]}]}"#;

const fn reads(line: &'static str) -> Command {
    Command { line, input: "", leaves: Leaves::Old, kind: Kind::Ordinary, one_of: 1 }
}

const fn changes(line: &'static str) -> Command {
    Command { leaves: Leaves::OldOrNew, ..reads(line) }
}

const fn restores(line: &'static str, input: &'static str, leaves: Leaves) -> Command {
    Command { input, leaves, ..reads(line) }
}

/// As the steps of `tests/run`, it has no divisor in common with the faults of a request and its answer together, so that all of
/// them come to pass.
const LONG: usize = 7;

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
    reads("ipvsadm -Ln --json"),
    reads("ipvsadm -L --prometheus"),
    Command { kind: Kind::Diagnosis, one_of: LONG, ..reads("ipvsadm --diagnose") },
    Command { kind: Kind::Endless, one_of: LONG, ..reads("ipvsadm -Ln --watch") },
    reads("ipvsadm -h"),
    changes("ipvsadm -A -t 192.0.2.8:80"),
    changes("ipvsadm -E -t 192.0.2.1:80 -s rr"),
    changes("ipvsadm -D -t 192.0.2.1:80"),
    changes("ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.4:80 -m"),
    changes("ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3"),
    changes("ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80"),
    changes("ipvsadm -A -t 192.0.2.1:80 -s rr --ensure"),
    changes("ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.4:80 -m --ensure"),
    changes("ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80 --ensure"),
    changes("ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.1:80 -w 0 --keep"),
    Command { leaves: Leaves::Part, one_of: LONG, ..reads("ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.1:80 --drain") },
    changes("ipvsadm -Z"),
    changes("ipvsadm -C"),
    changes("ipvsadm --set 900 100 200"),
    // Its own, where a change would be seen that was made without having entered.
    changes("ipvsadm -A -t 192.0.2.8:80 --netns /proc/self/ns/net"),
    restores("ipvsadm -R", "-A -t 192.0.2.8:80\n-D -t 192.0.2.2:80\n", Leaves::Part),
    restores("ipvsadm -R", "-A -t 192.0.2.1:80 -s rr --ensure\n-D -t 192.0.2.2:80 --ensure\n", Leaves::Part),
    restores("ipvsadm-restore", OTHER, Leaves::Part),
    restores("ipvsadm-restore --json", DOCUMENT, Leaves::Part),
    restores("ipvsadm-restore --verbose", OTHER, Leaves::Part),
    restores("ipvsadm-restore --noflush", OTHER_MORE, Leaves::Part),
    restores("ipvsadm-restore --atomic", OTHER, Leaves::OldOrNew),
    restores("ipvsadm-restore --diff", OTHER, Leaves::Old),
    restores("ipvsadm-restore --test", OTHER, Leaves::Old),
];

const OTHER_MORE: &str = "-E -t 192.0.2.1:80 -s rr\n-A -u 192.0.2.9:53 -s wlc\n";
