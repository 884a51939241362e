//! A table as kernels tell it that lack newer attributes, against what the reference printed of the same answers:
//! `recorded/old_kernel.txt` has both.

use super::tests::{Kernel, run_on};
use super::*;
use crate::ipvs::client::scripted::Message;
use crate::ipvs::wire::captured::captured;
use netlink_packet_core::{NLA_HEADER_SIZE, NLM_F_MULTIPART};
use std::io;

const RECORDED: &str = include_str!("recorded/old_kernel.txt");

/// The recorded attributes of this name.
fn attributes(lines: &'static str, name: &str) -> impl Iterator<Item = Vec<u8>> {
    lines.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' ')).map(captured)
}

/// What the kernel answered to those who looked.
fn look(message: &Message) -> Option<Vec<Vec<u8>>> {
    if message.family == 0x10 {
        return None;
    }
    // What asks for a service has the attributes that come first in it.
    let asked = message.attributes.get(NLA_HEADER_SIZE..).unwrap_or_default();
    let found = |service: &[u8]| service[NLA_HEADER_SIZE..].starts_with(asked);
    let dump = |replies: &mut dyn Iterator<Item = Vec<u8>>| {
        let replies = replies.map(|attributes| message.reply(NLM_F_MULTIPART, &attributes));
        replies.chain([message.done()]).collect()
    };
    Some(match message.command {
        4 if asked.is_empty() => dump(&mut attributes(RECORDED, "service")),
        4 => vec![message.reply(0, &attributes(RECORDED, "service").find(|service| found(service))?)],
        8 => {
            let mut services = RECORDED.split("\nservice ").skip(1);
            let service = services.find(|lines| found(&captured(lines.lines().next().unwrap_or_default())))?;
            dump(&mut attributes(service, "server"))
        }
        11 => dump(&mut attributes(RECORDED, "daemon")),
        13 => vec![message.reply(0, &attributes(RECORDED, "timeouts").next()?)],
        _ => return None,
    })
}

fn views() -> impl Iterator<Item = (&'static str, &'static str)> {
    RECORDED.split("### ").skip(1).filter_map(|section| section.split_once('\n'))
}

#[test]
fn every_view_is_as_recorded() {
    assert_eq!(views().count(), 11);
    for (arguments, expected) in views() {
        let kernel = Kernel { look: Some(look), ..Kernel::default() };
        let words: Vec<_> = arguments.split(' ').collect();
        let ours = kernel.run(&words, &mut io::empty());
        assert_eq!(ours, (0, expected.to_owned(), String::new()), "{arguments}");
    }
}

#[test]
fn a_restore_of_the_table_changes_nothing() {
    let (_, saved) = views().find(|(arguments, _)| *arguments == "-S -n").unwrap();
    // A save leaves thresholds out; by the remark it is no longer to the letter what a save prints, and is compared.
    let saved = format!("# a remark\n{}", saved.replace("-g -w 0\n", "-g -w 0 -x 1000 -y 900\n"));
    let kernel = Kernel { look: Some(look), ..Kernel::default() };
    let outcome = run_on(&kernel, Applet::Restore, &[], &mut saved.as_bytes(), &mut Vec::new());
    assert_eq!(outcome, (0, String::new()));
    assert!(kernel.commands.borrow().is_empty());
}
