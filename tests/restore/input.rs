//! Input that is no file of rules, or holds none, and names that do not resolve.

use crate::program::{Programs, shell};
use anyhow::{Result, ensure};
use std::fmt::Write;

const TABLE: &str = "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.2:80 -m -w 1\n";

pub fn without_rules(programs: &Programs) -> Result<String> {
    let cleared = "There were no rules in the input: 1 service and 1 server are removed.\n";
    let (mut refused, mut taken) = (0, 0);
    shell("printf '# nothing\\n' >/run/empty")?;
    for (line, clears) in [
        ("printf '' | ours", true),
        ("printf '\\n# none\\n' | ours -n", true),
        ("ours </run/empty", true),
        ("ours /run/empty", true),
        ("ours < /dev/null", false),
        ("ours /dev/null", false),
        ("printf '' | ours --atomic", false),
        ("printf '' | ours --noflush", false),
        ("printf '' | ours --verbose", false),
        ("printf '' | ours --diff", false),
        ("printf '' | ours --test", false),
        ("ours --wait=3 /run/empty", false),
        ("ours --allow-empty </dev/null", true),
        ("printf '' | ours --atomic --allow-empty", true),
    ] {
        programs.restored(TABLE)?;
        let before = programs.full()?;
        let outcome = programs.shell(line)?;
        if clears {
            ensure!(outcome.status == 0 && outcome.stderr == cleared, "{line}: {outcome:?}");
            ensure!(programs.reference(&["-Sn"], "")?.stdout.is_empty(), "{line}: the table is not clear");
            // And what is clear stays so in silence.
            let again = programs.shell(line)?;
            ensure!(again.status == 0 && again.stderr.is_empty(), "{line} again: {again:?}");
            taken += 1;
        } else {
            ensure!(outcome.status == 2 && outcome.stderr.contains("--allow-empty"), "{line}: {outcome:?}");
            ensure!(programs.full()? == before, "{line}: the table is another one");
            refused += 1;
        }
    }
    Ok(format!("{taken} ways to clear the table, {refused} ways to be refused"))
}

pub fn of_another_kind(programs: &Programs) -> Result<String> {
    programs.restored(TABLE)?;
    let before = programs.full()?;
    let many: String = (0..2000).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "-A -t 10.9.1.1:{number}x -s rr");
        text
    });
    std::fs::write("/run/many", many)?;
    let ours = programs.ours.display();
    for (line, status, said) in [
        ("ours </dev/zero".to_owned(), 255, "line 1 is longer than"),
        ("ours --diff </dev/zero".to_owned(), 2, "line 1 is longer than"),
        (format!("{ours} -R </dev/zero"), 255, "a line is longer than"),
        (format!("{ours} -Ln | ours"), 2, "a listing"),
        (format!("{ours} -Sn | gzip | ours"), 2, "compressed"),
        ("printf 'ipvsadm -A -t $VIP:80\\n' | ours".to_owned(), 2, "a shell script"),
        ("ours </run/many".to_owned(), 2, "... and 1950 more lines that do not parse"),
    ] {
        // A program that took memory without end would be killed here.
        let outcome = programs.shell(&format!("ulimit -v 400000; {line}"))?;
        ensure!(outcome.status == status && outcome.stderr.contains(said), "{line}: {outcome:?}");
        ensure!(outcome.stderr.lines().count() < 60, "{line}: {outcome:?}");
        ensure!(programs.full()? == before, "{line}: the table is another one");
    }
    let all = programs.shell("ours --verbose </run/many")?;
    ensure!(all.status == 2 && all.stderr.lines().count() == 2001, "--verbose names {}", all.stderr.lines().count());
    Ok("7 kinds of input, each with a clear word and an untouched table".to_owned())
}

/// At a boot without a name server, and later.
pub fn names_that_do_not_resolve(programs: &Programs) -> Result<String> {
    let rules = "-A -t 10.9.0.1:80 -s rr
-a -t 10.9.0.1:80 -r 10.9.0.2:80 -m -w 1
-a -t 10.9.0.1:80 -r nosuch.example:80 -m -w 1
-A -u nosuch.example:53 -s rr
-a -u nosuch.example:53 -r 10.9.0.4:53 -g -w 1
-A -t 10.9.0.3:80 -s rr
";
    let here = "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.0.2:80 -m -w 1\n-A -t 10.9.0.3:80 -s rr\n";
    let boot = programs.restore(&[], rules)?;
    ensure!(boot.status == 255 && boot.stderr.contains("line 3: the host name 'nosuch.example'"), "{boot:?}");
    ensure!(boot.stderr.ends_with("3 of 6 lines failed; the others are applied.\n"), "{boot:?}");
    ensure!(programs.reference(&["-Sn"], "")?.stdout == here, "at a boot the rest is not applied");
    // When the name resolved, it meant 10.9.0.5, and the other one 10.9.0.6; two services have lost their lines.
    let live = "-A -t 10.9.0.1:80 -s rr
-a -t 10.9.0.1:80 -r 10.9.0.2:80 -m -w 1
-a -t 10.9.0.1:80 -r 10.9.0.5:80 -m -w 1
-A -t 10.9.0.3:80 -s rr
-A -t 10.9.0.7:80 -s rr
-A -u 10.9.0.6:53 -s rr
-a -u 10.9.0.6:53 -r 10.9.0.4:53 -g -w 1
-A -u 10.9.0.6:54 -s rr
";
    programs.restored(live)?;
    let before = programs.full()?;
    let atomic = programs.restore(&["--atomic"], rules)?;
    ensure!(atomic.status == 255 && programs.full()? == before, "--atomic: {atomic:?}");
    let diff = programs.restore(&["--diff"], rules)?;
    // In the kernel's order, which is another one in each namespace.
    let mut gone: Vec<_> = diff.stdout.lines().collect();
    gone.sort_unstable();
    ensure!(diff.status == 2 && gone == ["-D -t 10.9.0.7:80", "-D -u 10.9.0.6:54"], "--diff: {diff:?}");
    ensure!(programs.restore(&["--test"], rules)?.status == 255);
    let later = programs.restore(&["--verbose"], rules)?;
    ensure!(later.status == 255 && later.stdout == diff.stdout, "{later:?}");
    let stays = "1 service and 1 server that no line names may be meant by lines that failed, and stay.\n";
    ensure!(later.stderr.ends_with(stays), "{later:?}");
    Ok("at a boot the rest is applied; later what a name may mean stays".to_owned())
}
