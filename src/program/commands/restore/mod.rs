//! `ipvsadm-restore`: all of the input is read and judged, and then the live table is made equal to it.

mod conclusion;
mod difference;
mod document;
mod input;
mod messages;
mod progress;
mod rule;
mod seems;
#[cfg(test)]
mod tests;

use super::about;
use super::save::is_saved;
use crate::ipvs::client::Client;
use crate::ipvs::error::io_text;
use crate::ipvs::restore::{self, Script};
use crate::ipvs::text;
use crate::program::cli::{RestoreOptions, Source, WAIT};
use crate::program::context::{Context, Stream};
use crate::program::failure::Failure;
use crate::program::kernel::ConnectError;
use crate::program::lock::{Attempt, Holder, Lock};
use crate::program::quoted::{escaped, quoted};
use crate::program::render::rules;
use conclusion::conclude;
use messages::{Messages, fails, failures};
use progress::Progress;
use std::time::Duration;

/// The exit status where another restore is under way, as iptables has it.
const LOCKED: u8 = 4;
/// The time between two looks for the lock.
const PAUSE: Duration = Duration::from_millis(50);

#[inline(never)]
pub fn run(context: &mut Context<'_>, words: &[&str]) -> Result<u8, Failure> {
    let options = match RestoreOptions::parse(words) {
        Ok(options) => options,
        Err(reply) => return about::reply(context, &reply),
    };
    if let (Some(namespace), false) = (&options.namespace, options.test) {
        context.host.enter(namespace)?;
    }
    let input = match input::read(context, &options.source, options.json) {
        Ok(input) => input,
        Err(unreadable) => {
            context.report(&unreadable);
            return Ok(if options.test { 2 } else { trouble(&options) });
        }
    };
    // A difference is a document whatever the two sides are.
    if options.json && (!options.diff || input.trim_ascii_start().starts_with(b"{")) {
        return document(context, &options, &input);
    }
    let mut connected = (!options.test).then(|| context.host.connect());
    if let (Some(Ok(client)), false) =
        (&mut connected, options.noflush || options.json || input.trim_ascii().is_empty())
    {
        // What goes wrong here goes wrong again below, and is told there.
        if is_saved(client, &input).unwrap_or(false) {
            return Ok(0);
        }
    }
    let text = text::decode(&input);
    let script = rule::script(&text, context.names);
    let is_empty = script.commands.is_empty() && script.bad.is_empty() && script.unresolved.is_empty();
    if is_empty && !options.allow_empty && !may_be_empty(context, &options) {
        context.print_error(
            "There are no rules in the input. With --allow-empty it clears the table. The table is untouched.",
        );
        return Ok(2);
    }
    if !options.test && !script.bad.is_empty() {
        return Ok(refuse(context, &options, &script, &input));
    }
    carry_out(context, &options, &script, &input, connected)
}

/// Restores a document. One without services says that there are none, unlike input without rules; but a filter that has
/// found none says so too.
fn document(context: &mut Context<'_>, options: &RestoreOptions, input: &[u8]) -> Result<u8, Failure> {
    let (paths, changes) = match document::read(input) {
        Ok(read) => read.into_parts(),
        Err(unfit) => {
            let untouched = if options.test { "" } else { " The table is untouched." };
            context.print_error(&format!("{}{untouched}", unfit.text(input, options.verbose)));
            return Ok(2);
        }
    };
    if changes.is_empty() && !(options.allow_empty || options.test || options.diff) {
        context.print_error(
            "There are no services in the document. With --allow-empty it clears the table. The table is untouched.",
        );
        return Ok(2);
    }
    let script = Script::of_objects(&paths, changes);
    carry_out(context, options, &script, input, None)
}

/// Tests the changes, tells what they are, or makes them.
fn carry_out(
    context: &mut Context<'_>,
    options: &RestoreOptions,
    script: &Script<'_>,
    input: &[u8],
    connected: Option<Result<Client, ConnectError>>,
) -> Result<u8, Failure> {
    if options.test {
        return Ok(test(context, options, script, input));
    }
    let mut client = connected.unwrap_or_else(|| context.host.connect())?;
    match options.diff {
        true => Ok(diff(context, options, script, &mut client)),
        false => apply(context, options, script, &mut client),
    }
}

/// The status of trouble: a table that differs has status 1, so that it has one of its own then.
fn trouble(options: &RestoreOptions) -> u8 {
    if options.diff { 2 } else { 255 }
}

/// Whether input without rules is meant: an empty table is saved as nothing. Whoever asks for more than the reference's
/// knows does not want to lose everything to a command that failed before a pipe.
fn may_be_empty(context: &Context<'_>, options: &RestoreOptions) -> bool {
    let path = match &options.source {
        Source::Stdin => None,
        Source::File { path, .. } => Some(path.as_path()),
    };
    options.is_plain() && !context.host.is_device(path)
}

/// Names the lines that do not parse, or says what else the input seems to be.
fn bad_lines<'s, 't>(
    context: &mut Context<'_>,
    options: &RestoreOptions,
    script: &'s Script<'t>,
    input: &[u8],
) -> Messages<'s, 't> {
    let mut messages = Messages::new(script, options.verbose);
    let has_variables = script.bad.iter().any(|bad| script.line(bad.line).contains('$'));
    let guess = if script.bad.is_empty() { None } else { seems::guess(input, has_variables) };
    if let Some(guess) = guess {
        context.print_error(&format!("The input {}.", guess.what));
    }
    if guess.is_none_or(|guess| guess.has_rules) {
        messages.bad();
    }
    messages
}

fn print(context: &mut Context<'_>, messages: &mut Messages<'_, '_>) {
    let told = messages.text();
    if !told.is_empty() {
        context.print_error(told.trim_end_matches('\n'));
    }
}

/// A file with lines that do not parse changes nothing.
fn refuse(context: &mut Context<'_>, options: &RestoreOptions, script: &Script<'_>, input: &[u8]) -> u8 {
    let mut messages = bad_lines(context, options, script, input);
    print(context, messages.unresolved());
    context.print_error(&format!("{} not parse. The table is untouched.", conclusion::bad(script)));
    2
}

/// `--test`.
fn test(context: &mut Context<'_>, options: &RestoreOptions, script: &Script<'_>, input: &[u8]) -> u8 {
    let checked = restore::check(script, options.noflush);
    let mut messages = bad_lines(context, options, script, input);
    print(context, messages.findings(&checked.findings).unknown(&checked.unknown));
    if !script.bad.is_empty() {
        context.print_error(&format!("{} not parse.", conclusion::bad(script)));
    }
    let fails = fails(script, &checked.findings);
    if fails {
        context.print_error(&format!("{} would fail.", failures(script, &checked.findings)));
    }
    match (script.bad.is_empty(), fails) {
        (false, _) => 2,
        (true, true) => 255,
        (true, false) => 0,
    }
}

/// `--diff`.
fn diff(context: &mut Context<'_>, options: &RestoreOptions, script: &Script<'_>, client: &mut Client) -> u8 {
    let restoring = restore::Options { atomic: options.json, noflush: options.noflush };
    let (plan, findings) = match restore::differences(client, script, restoring) {
        Ok(found) => found,
        Err(error) => {
            context.report(&Failure::Kernel(error));
            return trouble(options);
        }
    };
    let printed = if options.json {
        difference::print(context, client.info(), script, &plan, &findings)
    } else {
        let mut out = Vec::new();
        plan.changes.iter().for_each(|planned| rules::change(&mut out, &planned.change));
        if context.host.is_terminal(Stream::Output) {
            out = shown(&out);
        }
        context.write(&out)
    };
    // A reader that has gone takes nothing from the answer that the status gives.
    if let Some(lost) = printed.err().filter(|lost| lost.status() != 0) {
        context.report(&lost);
        return trouble(options);
    }
    let unknown = restore::unknown_names(script);
    print(context, Messages::new(script, options.verbose).findings(&findings).unknown(&unknown));
    if !fails(script, &findings) {
        return u8::from(!plan.changes.is_empty());
    }
    context.print_error(&format!("{} would fail.", failures(script, &findings)));
    trouble(options)
}

/// Rules as a terminal may have them: their names are a file's.
fn shown(rules: &[u8]) -> Vec<u8> {
    let rules = text::decode(rules);
    rules.lines().flat_map(|rule| [escaped(rule).as_bytes(), b"\n"].concat()).collect()
}

fn apply(
    context: &mut Context<'_>,
    options: &RestoreOptions,
    script: &Script<'_>,
    client: &mut Client,
) -> Result<u8, Failure> {
    let lock = match take_lock(context, options) {
        Ok(lock) => lock,
        Err(holder) => {
            context.print_error(&locked(&holder));
            return Ok(LOCKED);
        }
    };
    // Only now, so that a restore that waits for its input or for the lock can be ended as any program.
    let stop = context.host.interruption().map_err(|error| Failure::Kernel(error.into()))?;
    let mut progress = Progress::new(context, options.verbose);
    let restoring = restore::Options { atomic: options.atomic, noflush: options.noflush };
    let outcome = restore::restore(client, script, restoring, &stop, &mut progress);
    drop(lock);
    // All is done: nobody waits for us but to read. After a signal, that nobody waits for.
    let patience = !outcome.stopped;
    if patience {
        progress.end_at_signal();
    }
    let lost = progress.finish(patience);
    let (mut told, status) = conclude(script, &outcome, options);
    // Nobody is left to tell if this fails.
    let _ = progress::write(context, Stream::Error, &mut told, patience);
    match lost {
        Err(error) if status == 0 => Err(Failure::Output(error)),
        _ => Ok(status),
    }
}

/// Takes the lock, and waits for it if need be.
fn take_lock(context: &mut Context<'_>, options: &RestoreOptions) -> Result<Option<Lock>, Holder> {
    let deadline = context.host.now() + Duration::from_secs(options.wait.unwrap_or(WAIT).into());
    loop {
        match context.host.try_lock() {
            Ok(Attempt::Taken(lock)) => return Ok(lock),
            Ok(Attempt::Held(holder)) if context.host.now() >= deadline => return Err(holder),
            Ok(Attempt::Held(_)) => context.host.wait(PAUSE),
            Err(error) => {
                let why = io_text(&error);
                context.print_error(&format!("warning: cannot tell whether another restore is under way: {why}"));
                return Ok(None);
            }
        }
    }
}

fn locked(holder: &Holder) -> String {
    let who = match &holder.process {
        Some((pid, words)) => format!("process {pid}, {}", quoted(words)),
        None => "of another container".to_owned(),
    };
    format!("Another restore is under way in this network namespace ({who}). The table is untouched.")
}
