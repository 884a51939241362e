//! Shows that the suite can fail: altered outcomes have to be noticed, known differences to be documented, and the
//! judge to hold both sides of each known difference to it.

use std::path::Path;

use anyhow::Result;

use crate::Tally;
use crate::case::{Case, Command};
use crate::judge::{Verdict, judge};
use crate::known;
use crate::mutate::{MUTATIONS, Mutation};
use crate::play::{Played, play};
use crate::program::{Outcome, Programs, Status};
use crate::words;

/// Runs all checks.
pub fn run(programs: &mut Programs, project: &Path, tally: &mut Tally) -> Result<()> {
    println!("differential: {} altered outcomes, and the judge's own cases", MUTATIONS.len());
    match known::check_headings(project) {
        Ok(()) => tally.pass(),
        Err(error) => tally.fail("self-test/headings", &format!("    {error:#}\n")),
    }
    for (mutation, text) in MUTATIONS {
        if *mutation == Mutation::LineNumber && programs.ours == programs.reference {
            println!("differential: the reference against itself numbers no lines: {mutation:?} is left out");
            continue;
        }
        let case = Case::parse("self-test", text)?;
        let name = format!("self-test/{mutation:?} ({})", case.shows);
        let honest = play(programs, &case)?;
        programs.mutation = Some(*mutation);
        let altered = play(programs, &case)?;
        programs.mutation = None;
        match (honest, altered) {
            (Played::Equal(_), Played::Different(_)) => tally.pass(),
            (Played::Different(difference), _) => tally.fail(&name, &format!("    differs unaltered:\n{difference}")),
            (_, Played::Equal(_)) => tally.fail(&name, "    the altered outcome was not noticed\n"),
        }
    }
    for (line, reference, ours, wanted) in JUDGED {
        let command = Command { words: words::split(line)?, input: None, as_nobody: false };
        let verdict = judge(&command, &outcome(reference), &outcome(ours), true);
        if matches!(verdict, Verdict::Different) == *wanted {
            tally
                .fail(&format!("self-test/judge {line}"), &format!("    {reference:?} and {ours:?} are {verdict:?}\n"));
        } else {
            tally.pass();
        }
    }
    for (line, same) in WORDS {
        let read = words::split(line)?;
        if words::join(&read) == *same && words::split(same)? == read {
            tally.pass();
        } else {
            tally.fail(&format!("self-test/words {line}"), &format!("    read as {read:?}\n"));
        }
    }
    Ok(())
}

/// Status, stdout, stderr.
type Short = (Status, &'static str, &'static str);

const OK: Status = Status::Exit(0);
const BAD: Status = Status::Exit(2);

/// A command, what both programs did, and whether the judge has to accept it.
const JUDGED: &[(&str, Short, Short, bool)] = &[
    ("ipvsadm -Sn", (OK, "-A -f -1 -s wlc\n", ""), (OK, "-A -f 4294967295 -s wlc\n", ""), true),
    ("ipvsadm -Sn", (OK, "-A -f -1 -s wlc\n", ""), (OK, "-A -f -1 -s wlc\n", ""), false),
    ("ipvsadm -Sn", (OK, "-A -f -1 -s wlc\n", ""), (OK, "-A -f 4294967294 -s wlc\n", ""), false),
    ("ipvsadm -Ln", (OK, "FWM  -2147483648 wlc\n", ""), (OK, "FWM  2147483648 wlc\n", ""), true),
    ("ipvsadm -Ln", (OK, "FWM  -1 IPv6 wlc\n", ""), (OK, "FWM  4294967295 IPv6 wlc\n", ""), true),
    ("ipvsadm -Ln --stats", (OK, "FWM  -1             0\n", ""), (OK, "FWM  4294967295     0\n", ""), true),
    ("ipvsadm -Ln --stats", (OK, "FWM  -1             0\n", ""), (OK, "FWM  4294967295             0\n", ""), false),
    ("ipvsadm -A -f 1 -b ,", (Status::Signal(11), "", ""), (BAD, "", "no scheduler flag\n"), true),
    ("ipvsadm -A -f 1 -b ,", (Status::Signal(11), "", ""), (Status::Signal(11), "", ""), false),
    ("ipvsadm -A -f 1 -b x", (Status::Signal(11), "", ""), (BAD, "", "no scheduler flag\n"), false),
    (
        "ipvsadm -A -6 -f 1",
        (BAD, "", "-6 used before -f\n\n"),
        (BAD, "", "-6 is for firewall marks only: give -f MARK before it\n"),
        true,
    ),
    ("ipvsadm -A -6 -f 1", (BAD, "", "-6 used before -f\n\n"), (BAD, "", "wrong\n"), false),
    ("ipvsadm -v", (OK, "ipvsadm v1.31 1\n", ""), (OK, "ipvsadm v1.31 2\n", ""), true),
    ("ipvsadm -v", (OK, "ipvsadm v1.31 1\n", ""), (OK, "ipvsadm v1.32 2\n", ""), false),
    ("ipvsadm -h", (OK, "ipvsadm v1.31 1\nUsage:\n -A --rate\n", ""), (OK, "options: --rate, -A\n", ""), true),
    ("ipvsadm -h", (OK, "ipvsadm v1.31 1\nUsage:\n -A --rate\n", ""), (OK, "options: --rate\n", ""), false),
    ("ipvsadm -h", (OK, "ipvsadm v1.31 1\nUsage:\n -A --rate\n", ""), (OK, "options: --rates, -A\n", ""), false),
];

/// Quoted lines, and how they are written again.
const WORDS: &[(&str, &str)] = &[
    ("a 'b c' ''", "a 'b c' ''"),
    ("a\"b\\\"c\"d", "'ab\"cd'"),
    ("$'\\x00\\n'", "$'\\x00\\n'"),
    ("a\\ b", "'a b'"),
    ("$'it\\'s'", "$'it\\'s'"),
];

fn outcome((status, stdout, stderr): &Short) -> Outcome {
    Outcome { status: *status, stdout: stdout.as_bytes().to_vec(), stderr: stderr.as_bytes().to_vec() }
}
