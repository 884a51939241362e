//! `ipvsadm-restore`: the whole of standard input is read and judged, and then the live table is made equal to it.

use super::about;
use super::save::is_saved;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::Change;
use crate::ipvs::restore::{self, Failed, Findings, Outcome, Repeated, Report, Script, Undone, Unfit};
use crate::ipvs::text;
use crate::program::cli::{self, Request, RestoreOptions, Source, UsageError};
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::names::NameService;
use crate::program::quoted::quoted;
use crate::program::render::rules;
use std::io::Write;

/// So many changes are worth a progress line.
const LARGE: usize = 1000;

pub fn run(context: &mut Context<'_>, words: &[&str]) -> Result<u8, Failure> {
    let options = match RestoreOptions::parse(words) {
        Ok(options) => options,
        Err(reply) => return about::reply(context, &reply),
    };
    // A table that differs has status 1, so that trouble has a status of its own.
    let failure = if options.diff { 2 } else { 255 };
    let input = match read(context, &options.source) {
        Ok(input) => input,
        Err(unreadable) => {
            context.report(&unreadable);
            return Ok(if options.test { 2 } else { failure });
        }
    };
    let mut connected = (!options.test).then(|| context.host.connect());
    if let (Some(Ok(client)), false) = (&mut connected, options.noflush) {
        // What goes wrong here goes wrong again below, and is told there.
        if is_saved(client, &input).unwrap_or(false) {
            return Ok(0);
        }
    }
    let input = text::decode(&input);
    let mut words = Vec::new();
    let script = Script::read(&input, |line| rule(line, &mut words, context.names));
    if !script.bad.is_empty() {
        for bad in &script.bad {
            context.print_error(&format!("line {}: {}: {}", bad.line, bad.what, script.line(bad.line)));
        }
        context.print_error("The table is untouched.");
        return Ok(2);
    }
    if options.test {
        let checked = restore::check(&script, options.noflush);
        return Ok(print_findings(context, &script, &checked.findings, 0, failure));
    }
    let mut client = connected.unwrap_or_else(|| context.host.connect())?;
    if options.diff {
        return match restore::differences(&mut client, &script, options.noflush) {
            Ok((plan, findings)) => {
                let mut out = Vec::new();
                plan.changes.iter().for_each(|planned| rules::change(&mut out, &planned.change));
                // A reader that has gone takes nothing from the answer that the status gives.
                if let Some(lost) = context.write(&out).err().filter(|lost| lost.status() != 0) {
                    context.report(&lost);
                    return Ok(failure);
                }
                Ok(print_findings(context, &script, &findings, u8::from(!out.is_empty()), failure))
            }
            Err(error) => {
                context.report(&Failure::Kernel(error));
                Ok(failure)
            }
        };
    }
    // Only now, so that a restore that waits for its input can be ended as any program.
    let stop = context.host.interruption().map_err(|error| Failure::Kernel(error.into()))?;
    let terminal = context.host.is_terminal(Stream::Error);
    let mut progress = Progress {
        verbose: options.verbose,
        terminal: options.verbose && terminal,
        out: Vec::new(),
        stdout: context.stdout,
        stderr: context.stderr,
    };
    let restoring = restore::Options { atomic: options.atomic, noflush: options.noflush };
    let outcome = restore::restore(&mut client, &script, restoring, &stop, &mut progress);
    progress.finish();
    Ok(conclude(context, &script, outcome))
}

/// Reads all of the rules.
fn read(context: &mut Context<'_>, source: &Source) -> Result<Vec<u8>, Failure> {
    let mut input = Vec::new();
    match source {
        Source::Stdin => context.stdin.read_to_end(&mut input).map_err(Failure::Input)?,
        Source::File { path, forgiven_redirection } => {
            if *forgiven_redirection {
                let shown = path.to_string_lossy();
                let shown = quoted(&shown);
                context.print_error(&format!("'<' means nothing without a shell: reading {shown}"));
            }
            let unreadable = |error| Failure::of_file("read", path, &error, 255);
            context.host.open(path).and_then(|mut file| file.read_to_end(&mut input)).map_err(unreadable)?
        }
    };
    Ok(input)
}

/// Tells how a restore ended, and returns its status.
fn conclude(context: &mut Context<'_>, script: &Script<'_>, outcome: Outcome<KernelError>) -> u8 {
    let mut status = print_findings(context, script, &outcome.findings, 0, 255);
    if outcome.stopped {
        context.print_error("Interrupted.");
        status = 255;
    }
    let ended = outcome.stopped || outcome.error.is_some();
    if let Some(error) = outcome.error {
        status = context.report(&Failure::Kernel(error));
    }
    match outcome.undone {
        None if ended => context.print_error(&format!(
            "{} changes are made{}, {} are left: restore again to make them.",
            outcome.made,
            if outcome.unknown == 0 { String::new() } else { format!(", of {} it is unknown", outcome.unknown) },
            outcome.left
        )),
        None => {}
        Some(Undone::All) => context.print_error("The table is as it was."),
        Some(Undone::But(failed)) => {
            context.print_error("The table is as it was, but for these changes:");
            failed.iter().for_each(|failed| context.print_error(&refusal(script, failed)));
        }
        Some(Undone::Unknown(error)) => {
            context
                .print_error(&format!("Undoing failed ({error}): the table is neither the old one nor the new one."));
        }
    }
    status
}

/// Reports what was found, and returns `failure` if anything failed, else `success`.
fn print_findings(context: &mut Context<'_>, script: &Script<'_>, findings: &Findings, success: u8, failure: u8) -> u8 {
    let mut messages: Vec<_> = findings.failed.iter().map(|failed| (failed.line, refusal(script, failed))).collect();
    messages.extend(findings.repeated.iter().map(|Repeated { line, first }| {
        (Some(*line), format!("line {line}: says what line {first} says: {}", script.line(*line)))
    }));
    messages.sort_by_key(|(line, _)| *line);
    messages.iter().for_each(|(_, message)| context.print_error(message));
    if findings.failed.is_empty() { success } else { failure }
}

/// What a change was refused for, and the line or the change itself.
fn refusal(script: &Script<'_>, Failed { line, change, errno }: &Failed) -> String {
    let refusal = Failure::Change(*change, KernelError::Refused(*errno));
    if let Some(line) = line {
        return format!("line {line}: {refusal}: {}", script.line(*line));
    }
    let mut rule = Vec::new();
    rules::change(&mut rule, change);
    format!("{refusal}: {}", text::decode(rule.trim_ascii_end()))
}

/// The change that a line asks for, or what is wrong with it.
fn rule<'l>(line: &'l str, words: &mut Vec<&'l str>, names: &dyn NameService) -> Result<Option<Change>, Unfit> {
    match cli::parse_line(line, words, names) {
        Ok(None) => Ok(None),
        Ok(Some(Request::Change(change))) => Ok(Some(change)),
        Ok(Some(_)) => Err(Unfit::Bad("it prints and changes nothing, which has no place in a restore".to_owned())),
        Err(UsageError::TryHelp) => Err(Unfit::Bad("it does not begin with a command of a rule".to_owned())),
        Err(error) => Err(Unfit::Bad(error.to_string().trim_end().to_owned())),
    }
}

/// Prints changes as they are made. What cannot be written, to a closed pipe or terminal, does not end the restore.
struct Progress<'a> {
    verbose: bool,
    terminal: bool,
    out: Vec<u8>,
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
}

impl Progress<'_> {
    fn finish(&mut self) {
        let _ = self.stdout.write_all(&self.out).and_then(|()| self.stdout.flush());
        self.out.clear();
    }
}

impl Report for Progress<'_> {
    fn made(&mut self, change: &Change) {
        if self.verbose {
            rules::change(&mut self.out, change);
        }
    }

    fn progress(&mut self, done: usize, planned: usize) {
        let large = self.terminal && planned >= LARGE;
        if large {
            // The line of before makes room for the changes.
            let _ = self.stderr.write_all(b"\r\x1b[K");
        }
        self.finish();
        if large && done < planned {
            let _ = write!(self.stderr, "{done} of {planned} changes");
        }
    }
}
