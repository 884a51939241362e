//! `--netns`: what it does from outside is what the same words do inside, and the namespace of the caller is left alone.

use crate::namespace::Namespace;
use crate::program::{Outcome, Programs, shell};
use crate::traffic;
use anyhow::{Context, Result, ensure};

/// Listings, each of a table with traffic.
const VIEWS: &[&str] = &[
    "",
    "-L",
    "-Ln --stats",
    "-L --persistent-conn --nosort",
    "-L -u 10.0.0.1:53",
    "-L -t 10.0.0.1:53",
    "-L --json",
    "-Lnc",
    "-Lc --count --json",
    "-Lnc --json -r 127.0.0.2",
    "-L --timeout",
    "-L --daemon --json",
    "-L --quiet",
    "-Lc --quiet --client 10.201.0.0/16",
    "-S",
    "-Sn --full",
    "-L --bogus",
    "-L -w x",
    "-h",
];

/// Programs, words and input, one after the other. Some are refused.
const CHANGES: &[(&str, &str, &str)] = &[
    ("ipvsadm", "-A -t 10.1.0.1:80 -s wrr", ""),
    ("ipvsadm", "-A -t 10.1.0.1:80 -s wrr", ""),
    ("ipvsadm", "-a -t 10.1.0.1:80 -r 172.16.0.1 -m -w 3", ""),
    ("ipvsadm", "-e -t 10.1.0.1:80 -r 172.16.0.1 -m -w 4", ""),
    ("ipvsadm", "-E -t 10.1.0.1:80 -s sh -b sh-port", ""),
    ("ipvsadm", "-Z -t 10.1.0.1:80", ""),
    ("ipvsadm", "--set 100 200 300", ""),
    ("ipvsadm", "--start-daemon master --mcast-interface lo --syncid 7", ""),
    ("ipvsadm", "--start-daemon master --mcast-interface none", ""),
    ("ipvsadm", "-R", "-A -f 7 -6\n-A -f 7 -6\n-a -f 7 -6 -r [2001:db8::9]:0\n-L -n\n"),
    ("ipvsadm-save", "--full", ""),
    ("ipvsadm-restore", "--diff", "-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 172.16.0.1 -m -w 4\n-A -f 7 -6\n"),
    ("ipvsadm-restore", "--atomic --wait=0", "-A -t 10.1.0.1:80 -s rr\n-a -t 10.1.0.1:80 -r 172.16.0.2 -m\n"),
    ("ipvsadm-restore", "--noflush", "-A -t 10.1.0.2:80 -s nosuch\n-A -u 10.1.0.2:80\n"),
    ("ipvsadm", "-d -t 10.1.0.1:80 -r 172.16.0.2 --drain=5 --force", ""),
    ("ipvsadm", "-D -t 10.9.0.9:80", ""),
    ("ipvsadm", "--stop-daemon master", ""),
    ("ipvsadm-restore", "--allow-empty", "# nothing\n"),
    ("ipvsadm", "-A -f 9", ""),
    ("ipvsadm", "-C", ""),
];

/// The namespace of the calling thread, as one may call it.
fn ways() -> Result<[String; 3]> {
    shell("mkdir -p /run/netns; touch /run/netns/blue; mount --bind /proc/$$/ns/net /run/netns/blue")?;
    let sleeper = std::process::Command::new("sleep").arg("600").spawn().context("starting sleep")?;
    let process = sleeper.id();
    Ok(["blue".to_owned(), format!("/proc/{process}/ns/net"), process.to_string()])
}

pub fn as_inside(programs: &Programs) -> Result<String> {
    let home = Namespace::new()?;
    programs.restored("-A -t 10.8.8.8:80 -s rr\n")?;
    shell("echo 0 >/proc/sys/net/ipv4/vs/run_estimation 2>/dev/null || true")?;
    let before = programs.full()?;
    let twin = Namespace::new()?;
    let blue = Namespace::new()?;
    let ways = ways()?;
    traffic::make(programs, 20)?;

    for (number, view) in VIEWS.iter().enumerate() {
        let words = split(view);
        for (way, namespace) in ways.iter().enumerate() {
            let named = format!("--netns={namespace}");
            let option = if way == 0 { vec!["--netns", namespace] } else { vec![&*named] };
            // Before the words, behind them and between two options.
            let places: Vec<_> =
                (0..=words.len()).filter(|at| words.get(*at).is_none_or(|word| word.starts_with('-'))).collect();
            let (front, back) = words.split_at(places[(number + way) % places.len()]);
            let outside = [front, &option, back].concat();
            same_view(programs, (&home, &outside), (&blue, &words))?;
        }
    }

    blue.enter()?;
    ensure!(programs.ipvsadm(&["-C"])?.status == 0);
    for (number, (name, words, input)) in CHANGES.iter().enumerate() {
        twin.enter()?;
        let inside = programs.called(name, &split(words), input)?;
        let expected = programs.full()?;
        home.enter()?;
        let option = format!("--netns={}", ways[number % ways.len()]);
        let outside = programs.called(name, &[split(words), vec![&*option]].concat(), input)?;
        blue.enter()?;
        let found = programs.full()?;
        let (inside, outside) = (timeless(&inside, words), timeless(&outside, words));
        ensure!(outside == inside, "{name} {words}: {outside}, inside {inside}");
        ensure!(found == expected, "{name} {words}:\n{found}inside\n{expected}");
    }
    home.enter()?;
    let after = programs.full()?;
    ensure!(after == before, "the caller's own table was changed:\n{before}to\n{after}");
    shell(&format!("umount /run/netns/blue; rm /run/netns/blue; kill {}", ways[2]))?;
    Ok(format!("{} views and {} changes, by name, path and PID", VIEWS.len(), CHANGES.len()))
}

fn split(words: &str) -> Vec<&str> {
    words.split_ascii_whitespace().collect()
}

/// Time passes between two looks, so that connections may differ once by a second.
fn same_view(programs: &Programs, outside: (&Namespace, &[&str]), inside: (&Namespace, &[&str])) -> Result<()> {
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.clear();
        for (namespace, words) in [outside, inside] {
            namespace.enter()?;
            seen.push(format!("{:?}", programs.ipvsadm(words)?));
        }
        if seen[0] == seen[1] {
            return Ok(());
        }
    }
    anyhow::bail!("{:?}: {}, inside {}", outside.1, seen[0], seen[1])
}

/// What a drain says of the time is left out.
fn timeless(outcome: &Outcome, words: &str) -> String {
    match words.contains("--drain") {
        true => format!("{} {}", outcome.status, outcome.stderr),
        false => format!("{outcome:?}"),
    }
}

pub fn refused(programs: &Programs) -> Result<String> {
    let _home = Namespace::new()?;
    shell("mkdir -p /run/netns; touch /run/netns/file")?;
    let cases = [
        ("nosuch", "there is no network namespace nosuch, no file of that name in /run/netns\n"),
        ("4294967295", "there is no process 4294967295 whose network namespace could be entered\n"),
        ("/no/such", "cannot open the network namespace /no/such: No such file or directory\n"),
        ("file", "cannot enter file: it is no network namespace\n"),
        ("/etc/passwd", "cannot enter /etc/passwd: it is no network namespace\n"),
        ("/proc/self/ns/mnt", "cannot enter /proc/self/ns/mnt: it is no network namespace\n"),
        ("", "cannot enter : it is no network namespace\n"),
    ];
    for (namespace, message) in cases {
        for (name, words) in [("ipvsadm", "-A -f 0"), ("ipvsadm-save", "-n"), ("ipvsadm-restore", "--diff")] {
            let outcome = programs.called(name, &[split(words), vec!["--netns", namespace]].concat(), "")?;
            let expected = (2, "", message);
            ensure!((outcome.status, &*outcome.stdout, &*outcome.stderr) == expected, "{name} {words}: {outcome:?}");
        }
    }
    // Checking a file enters nothing.
    ensure!(programs.restore(&["--test", "--netns", "nosuch"], "-A -f 1\n")?.status == 0);

    let nobody = "setpriv --reuid nobody --regid nogroup --clear-groups --bounding-set -all";
    let outcome =
        programs.shell(&format!("ip netns add green; {nobody} {} -Ln --netns green", programs.ours.display()))?;
    let expected = "cannot enter the network namespace green: this needs CAP_SYS_ADMIN\n";
    ensure!(outcome.status == 2 && outcome.stderr == expected, "{outcome:?}");

    // A line of a restore stays where the restore is.
    let line = "-A -f 1\n-A -f 2 --netns blue\n-A -f 3\n";
    let message = "--netns is for a whole restore, and has no place in a line of it";
    let loaded = programs.called("ipvsadm", &["-R"], line)?;
    ensure!(loaded.status == 2 && loaded.stderr == format!("line 2: {message}\n"), "{loaded:?}");
    ensure!(programs.full()?.contains("-A -f 1 ") && !programs.full()?.contains("-A -f 2 "));
    let restored = programs.restore(&[], line)?;
    ensure!(restored.status == 2 && restored.stderr.contains(message), "{restored:?}");
    shell("ip netns del green; rm /run/netns/file")?;
    Ok(format!("{} words that are no namespace, no rights, a line", cases.len()))
}
