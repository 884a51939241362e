//! Sequences from a seed: a small world of services and servers, valid commands on it, almost valid and mangled ones,
//! restore inputs, and a few of the views in turn.

mod commands;
mod mangle;
mod random;
mod values;

use crate::case::{Case, Command, Step, Views};
use crate::narrowed::may_be_narrowed;
use crate::views;
use crate::words::Word;

use commands::World;
use random::Random;

/// Views looked at in the end of each sequence.
const VIEWS: usize = 3;

/// Sequence `number` of a seed.
pub fn sequence(seed: u64, number: u64) -> Case {
    let mut random = Random::new(seed, number);
    let world = World::new(&mut random);
    let mut steps = Vec::new();
    if world.has_interface {
        steps.push(Step::Setup(
            "ip link add d0 type dummy; ip addr add 10.0.0.1/8 dev d0; ip link set d0 up".to_owned(),
        ));
    }
    if random.percent(60) {
        let lines = 4 + random.below(14);
        let clean = random.percent(60);
        steps.push(Step::Run(restore(&mut random, &world, lines, clean)));
    }
    for _ in 0..3 + random.below(6) {
        let command = match random.below(100) {
            0..8 => restore(&mut random, &world, 6, false),
            8..12 => wrapper(&mut random, &world),
            _ => command(&mut random, &world),
        };
        steps.push(Step::Run(command));
    }
    Case {
        name: format!("seed {seed}, sequence {number}"),
        shows: format!("seed {seed}, sequence {number}"),
        views: Views::These(some_views(&mut random, &world, number)),
        steps,
    }
}

/// One command line: three in four as they should be, the others mangled.
fn arguments(random: &mut Random, world: &World) -> Vec<Word> {
    let plain = commands::valid(random, world);
    let mut words = commands::spell(random, plain);
    if random.percent(25) {
        for _ in 0..1 + random.below(2) {
            mangle::mangle(random, world, &mut words);
        }
    }
    words.into_iter().map(String::into_bytes).collect()
}

fn command(random: &mut Random, world: &World) -> Command {
    Command::ipvsadm(&arguments(random, world))
}

/// `-R` with lines of changes. A clean one has no mangled lines; the wrapper's input has no listings.
fn restore(random: &mut Random, world: &World, lines: usize, clean: bool) -> Command {
    let mut input = Vec::new();
    for _ in 0..lines {
        let words = line(random, world, clean);
        if random.percent(10) {
            input.extend(b"ipvsadm ");
        }
        if !clean && random.percent(5) {
            input.extend_from_slice(random.pick::<&[u8]>(&[b"\n", b"  \n", b"\t", b"# a comment\n", b"#\n"]));
        }
        input.extend(words.join(&b" "[..]));
        input.extend_from_slice(random.pick::<&[u8]>(&[b"\n", b"\n", b"\n", b"\n", b"\r\n", b" \n", b"\t\n"]));
    }
    if random.percent(10) {
        input.pop();
    }
    Command { input: Some(input), ..Command::ipvsadm(&[b"-R".to_vec()]) }
}

/// A line that restore.rs can foretell: help, version, what crashes the reference, `-6` before `-f` and listings that only
/// ours makes stay on the command line.
fn line(random: &mut Random, world: &World, clean: bool) -> Vec<Word> {
    loop {
        let words = if clean {
            let plain = commands::change(random, world);
            commands::spell(random, plain).into_iter().map(String::into_bytes).collect()
        } else {
            arguments(random, world)
        };
        let text = String::from_utf8_lossy(&words.join(&b" "[..])).into_owned();
        let special = ["-h", "-v", "--version", "-b ,", "flags ,", "=,", "-b,"];
        let foretold = !special.iter().any(|part| text.contains(part));
        if foretold && !has_early_family(&words) && !may_be_narrowed(&words) {
            return words;
        }
    }
}

/// `-6` stands before `-f`, or without it. A word that only looks like `-6` may be taken for it.
fn has_early_family(words: &[Word]) -> bool {
    let mark = words.iter().position(|word| word.starts_with(b"-f") || word.starts_with(b"--fwmark"));
    let family =
        words.iter().position(|word| word.starts_with(b"-") && !word.starts_with(b"-f") && word.contains(&b'6'));
    family.is_some_and(|family| mark.is_none_or(|mark| family < mark))
}

fn wrapper(random: &mut Random, world: &World) -> Command {
    if random.percent(50) {
        let words = random.pick(&[&["-n"][..], &[], &["-n", "-n"], &["x"], &["-x"], &["-n", "-S"], &["--numeric"]]);
        let words = [&["ipvsadm-save"], words].concat();
        return Command {
            words: words.iter().map(|word| word.as_bytes().to_vec()).collect(),
            input: None,
            as_nobody: false,
        };
    }
    let restore = restore(random, world, 8, true);
    Command { words: vec![b"ipvsadm-restore".to_vec()], ..restore }
}

/// The next views of the list, and now and then one of a single service.
fn some_views(random: &mut Random, world: &World, number: u64) -> Vec<Vec<Word>> {
    let turn = usize::try_from(number).unwrap_or_default() * (VIEWS - 1);
    let mut chosen: Vec<Vec<Word>> =
        (0..VIEWS - 1).map(|at| views::words(views::ALL[(turn + at) % views::ALL.len()])).collect();
    if random.percent(40) {
        let view = views::words(random.pick(views::ONE_SERVICE));
        let service = world.service(random).iter().map(|word| word.as_bytes().to_vec()).collect();
        chosen.push([view, service].concat());
    } else {
        chosen.push(views::words("-Ln --thresholds"));
    }
    chosen
}
