//! Programs that last as long as the soak: what they print is looked at, and their memory and descriptors are watched.

use crate::program::Programs;
use crate::text;
use crate::workers::{Count, Workers};
use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread::Scope;

/// A watch with blocks of lines, and one with documents.
pub const ALL: [(&str, Check); 2] = [("-Ln --watch", blocks), ("-Ln --watch --json", documents)];

/// Reads what a program prints, and counts intervals.
type Check = fn(BufReader<ChildStdout>, &Count) -> Result<()>;

/// One that runs.
pub struct Lasting {
    words: &'static str,
    child: Child,
    pub intervals: Arc<Count>,
    /// The resident set in KiB, and open descriptors, from time to time.
    used: Vec<(u64, usize)>,
}

impl Lasting {
    pub fn start<'s>(
        scope: &'s Scope<'s, '_>,
        programs: &Programs,
        workers: &'s Workers,
        (words, check): (&'static str, Check),
    ) -> Result<Self> {
        let mut command = Command::new(&programs.ours);
        command.arg0("ipvsadm").args(words.split(' ')).env_clear().env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting ipvsadm {words}"))?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let intervals = Arc::<Count>::default();
        let counted = Arc::clone(&intervals);
        scope.spawn(move || {
            if let Err(error) = check(output, &counted) {
                workers.fail(error.context(format!("ipvsadm {words}, after {} intervals", counted.get())));
            }
        });
        Ok(Self { words, child, intervals, used: Vec::new() })
    }

    /// Looks at what it uses.
    pub fn sample(&mut self) -> Result<()> {
        let process = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.with_context(|| format!("ipvsadm {} has ended", self.words))?;
        let kib = resident.trim().split(' ').next().unwrap_or_default().parse()?;
        self.used.push((kib, fs::read_dir(format!("{process}/fd"))?.count()));
        Ok(())
    }

    /// Ends it by a signal; what it has used is told, and must not have grown.
    pub fn end(mut self) -> Result<String> {
        let words = self.words;
        kill(Pid::from_raw(self.child.id().try_into()?), Signal::SIGTERM)?;
        let status = self.child.wait()?;
        let mut errors = String::new();
        self.child.stderr.take().context("no errors")?.read_to_string(&mut errors)?;
        ensure!(status.code() == Some(143) && errors.is_empty(), "ipvsadm {words}: {status}: {errors}");
        let third = self.used.len().div_ceil(3);
        // A file of the kernel's is open now and then: what is not given back stays open.
        let used = |used: &[(u64, usize)]| {
            let kib = used.iter().map(|(kib, _)| *kib).max().unwrap_or_default();
            (kib, used.iter().map(|(_, descriptors)| *descriptors).min().unwrap_or_default())
        };
        let (first, last) = (used(&self.used[..third]), used(&self.used[self.used.len() - third..]));
        let told = format!(
            "{words}: {} intervals, at most {} KiB and at least {} descriptors in the first third, {} and {} in the last",
            self.intervals.get(),
            first.0,
            first.1,
            last.0,
            last.1
        );
        ensure!(last.0 <= first.0 + first.0 / 20 && last.1 <= first.1, "it grows: {told}");
        Ok(told)
    }
}

impl Drop for Lasting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn blocks(output: BufReader<ChildStdout>, intervals: &Count) -> Result<()> {
    let mut block = String::new();
    let mut lines = output.lines();
    // The last one may be cut by the signal that ends the watch.
    while let Some(line) = lines.next().transpose()? {
        if !line.is_empty() {
            block += &line;
            block.push('\n');
            continue;
        }
        let title = block.lines().position(|line| line.starts_with("  -> RemoteAddress:Port"));
        let lines: Vec<_> = block.lines().skip(title.context("no title")? + 1).collect();
        text::stay(&lines, |words| words >= 13).with_context(|| block.clone())?;
        block.clear();
        intervals.add(1);
    }
    Ok(())
}

fn documents(output: BufReader<ChildStdout>, intervals: &Count) -> Result<()> {
    for line in output.split(b'\n') {
        let line = String::from_utf8(line?)?;
        text::document(&line).with_context(|| line.clone())?;
        intervals.add(1);
    }
    Ok(())
}
