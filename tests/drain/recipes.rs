//! The recipes of the manual, word for word, on a service with real clients: no request fails and no download is cut,
//! though every server is worked on.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::Test;
use crate::clients::{Download, Leaving, ask};
use crate::director::Director;
use crate::programs::{Outcome, Programs, until};

pub const TESTS: &[Test] =
    &[("recipes/maintenance of one server", maintenance), ("recipes/rolling restart", rolling_restart)];

const MANUAL: &str = include_str!("../../docs/ipvsadm.8");
/// What stands before a recipe in the manual.
const MARK: &str = ".\\\" tests/drain/recipes.rs plays this.\n.Bd -literal -offset indent\n";
const FOLDER: &str = "/mnt/recipes";
const TABLE: &str = "
-A -t 192.0.2.1:80 -s wlc
-a -t 192.0.2.1:80 -r 10.0.1.2:8080 -m -w 3
-a -t 192.0.2.1:80 -r 10.0.1.3:8080 -m -w 3 -x 1000 -y 900
-a -t 192.0.2.1:80 -r 10.0.1.4:8080 -m -w 3
-A -f 7 -s rr
-a -f 7 -r 10.0.1.2 -m -w 2
-a -f 7 -r 10.0.1.4 -m";

/// In place of ssh: notes which server is worked on, and fails if a connection goes through it.
const SSH: &str = "#!/bin/sh -e
echo \"$*\" >>worked-on
! ipvsadm -Lnc | grep \"$1:\"
";

fn recipe(first_word: &str) -> Result<String> {
    let recipes = MANUAL.split(MARK).skip(1).filter_map(|rest| rest.split_once(".Ed\n"));
    let found = recipes.map(|(text, _)| text.replace("\\-", "-")).find(|text| text.starts_with(first_word));
    found.with_context(|| format!("no recipe of the manual begins with '{first_word}'"))
}

/// A folder with our programs, the one in place of ssh, and what they leave.
fn make_folder(programs: &Programs) -> Result<()> {
    let _ = fs::remove_dir_all(FOLDER);
    fs::create_dir_all(FOLDER)?;
    for name in ["ipvsadm", "ipvsadm-save", "ipvsadm-restore"] {
        symlink(&programs.ours, format!("{FOLDER}/{name}"))?;
    }
    fs::write(format!("{FOLDER}/ssh"), SSH)?;
    Ok(fs::set_permissions(format!("{FOLDER}/ssh"), fs::Permissions::from_mode(0o755))?)
}

/// Plays a recipe, with a download through each of these servers that ends while its server is drained, and with short
/// requests all the time. Returns which servers were worked on.
fn play(programs: &Programs, recipe: &str, servers: &[&str]) -> Result<String> {
    let director = Director::new(programs, TABLE)?;
    make_folder(programs)?;
    let before = programs.saved()?;
    let mut downloads = Vec::new();
    for server in servers {
        downloads.extend(director.downloads_until("192.0.2.100:0", "192.0.2.1:80", server)?);
    }
    let done = AtomicBool::new(false);
    let requests = thread::scope(|scope| {
        let requests = director.network.client(|| Ok(scope.spawn(|| requests(&done))))?;
        let played = follow(programs, recipe, servers, downloads);
        done.store(true, Ordering::Relaxed);
        let requests = requests.join().map_err(|_| anyhow::anyhow!("the client panicked"))?;
        played.and(requests)
    })?;
    ensure!(requests > 10, "only {requests} requests");
    let after = programs.saved()?;
    ensure!(after == before, "the table is not as it was:\n{after}before:\n{before}");
    fs::read_to_string(format!("{FOLDER}/worked-on")).context("nothing was worked on")
}

/// Asks until it is told to stop; how often.
fn requests(done: &AtomicBool) -> Result<u64> {
    let mut count = 0;
    while !done.load(Ordering::Relaxed) {
        ask("192.0.2.100:0", "192.0.2.1:80").with_context(|| format!("after {count} requests"))?;
        count += 1;
        thread::sleep(std::time::Duration::from_millis(50));
    }
    Ok(count)
}

fn follow(programs: &Programs, recipe: &str, servers: &[&str], mut downloads: Vec<Download>) -> Result<()> {
    let mut shell = Command::new("sh")
        .args(["-euc", recipe])
        .env("PATH", format!("{FOLDER}:/usr/sbin:/usr/bin:/sbin:/bin"))
        .current_dir(FOLDER)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting sh")?;
    for server in servers {
        until(&format!("{server} has weight 0 or the recipe ends"), || {
            let weight = programs.server("-t 192.0.2.1:80", server)?.map(|[weight, ..]| weight);
            Ok(weight == Some(0) || shell.try_wait()?.is_some())
        })?;
        let its: Vec<_>;
        (its, downloads) = downloads.into_iter().partition(|download| download.server == *server);
        its.into_iter().try_for_each(|download| download.finish(Leaving::Reset))?;
    }
    downloads.into_iter().try_for_each(|download| download.finish(Leaving::Reset))?;
    let output = shell.wait_with_output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let outcome = Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    };
    let drained = outcome.stdout.matches("it stays at weight 0.").count();
    ensure!(outcome.status == 0 && drained >= servers.len(), "{outcome}");
    Ok(())
}

fn maintenance(programs: &Programs) -> Result<()> {
    let worked_on = play(programs, &recipe("ipvsadm -e -t")?, &["10.0.1.2:8080"])?;
    ensure!(worked_on == "10.0.1.2 apt-get -y upgrade\n", "{worked_on}");
    Ok(())
}

fn rolling_restart(programs: &Programs) -> Result<()> {
    let servers = ["10.0.1.2:8080", "10.0.1.3:8080", "10.0.1.4:8080"];
    let worked_on = play(programs, &recipe("ipvsadm-save")?, &servers)?;
    let expected = servers.map(|server| format!("{} systemctl restart nginx\n", server.replace(":8080", "")));
    ensure!(worked_on == expected.concat(), "{worked_on}");
    Ok(())
}
