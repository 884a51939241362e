//! `tests/run` refuses what it does not know before it builds or installs anything, and says what there is.

use std::io;
use std::process::Command;

/// Calls `tests/run`; its status and what it says on standard output and error.
fn run(words: &str) -> io::Result<(Option<i32>, String, String)> {
    let runner = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/run");
    let ended = Command::new(runner).args(words.split_whitespace()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((ended.status.code(), text(&ended.stdout), text(&ended.stderr)))
}

#[test]
fn help_names_every_way_to_call_it() -> io::Result<()> {
    let (status, help, errors) = run("--help")?;
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    for way in [
        "tests/run quick",
        "tests/run case",
        "tests/run suite",
        "differential|live|loading|restore|drain|diagnose|machine|metrics|watch|soak|faults|failover",
    ] {
        assert!(help.contains(way), "no '{way}' in:\n{help}");
    }
    assert_eq!(run("-h")?.1, help);
    Ok(())
}

#[test]
fn the_unknown_is_refused() -> io::Result<()> {
    for words in ["bogus", "--quick", "quick more", "case", "suite", "suite bogus", "case -k", "suite -k next"] {
        let (status, output, errors) = run(words)?;
        assert_eq!((status, output.as_str()), (Some(2), ""), "{words}");
        assert!(errors.contains("tests/run --help"), "{words}: {errors}");
    }
    Ok(())
}

#[test]
fn an_unknown_case_is_answered_with_those_near_it() -> io::Result<()> {
    for (words, near) in [("server/edti", "servers/edit\n"), ("servers/edit edit-prot", "servers/edit-port\n")] {
        let (status, output, errors) = run(&format!("case {words}"))?;
        assert_eq!((status, output.as_str()), (Some(2), ""), "{words}");
        assert!(errors.lines().count() == 6 && errors.contains(near), "{words}: {errors}");
    }
    Ok(())
}
