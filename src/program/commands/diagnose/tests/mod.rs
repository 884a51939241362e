//! The checks without a kernel: facts that are right, and one thing of them wrong.

mod connections;
mod output;
mod table;

use super::checks::judge;
use super::facts::{Facts, Settings};
use super::finding::{Finding, Status};
use super::states::Connections;
use crate::ipvs::model::{
    Forwarding, Info, ListedServer, RealServer, ServiceEntry, ServiceKey, Snapshot, VirtualService,
};
use crate::program::diagnosis::Diagnosis;

fn key() -> ServiceKey {
    ServiceKey::tcp([192, 0, 2, 1], 80)
}

/// A masqueraded server.
fn server(last: u8) -> ListedServer {
    let server = RealServer { forwarding: Forwarding::Masquerading, ..RealServer::new([10, 0, 1, last], 8080) };
    ListedServer::from(server)
}

/// A service with two servers, and nothing wrong.
fn facts() -> Facts {
    let service = VirtualService::new(key(), "wlc".parse().unwrap()).into();
    let settings = [
        ("ipv4/vs/drop_packet", "0\n"),
        ("ipv4/vs/drop_entry", "0\n"),
        ("ipv4/vs/secure_tcp", "0\n"),
        ("ipv4/vs/expire_quiescent_template", "0\n"),
    ];
    let settings = settings.into_iter().map(|(path, text)| (path.to_owned(), Ok(text.to_owned())));
    Facts {
        asked: Diagnosis::default(),
        table: Snapshot {
            info: Info { version: 0x01_02_01, connection_table_size: 4096 },
            services: vec![ServiceEntry { service, servers: vec![server(2), server(3)] }],
            timeouts: None,
            daemons: Some(Vec::new()),
        },
        estimation: true,
        connections: Ok(Connections::default()),
        settings: Settings(settings.collect()),
    }
}

/// The facts with a change.
fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

/// What is wrong, as `STATUS CHECK ABOUT: SEEN`.
fn wrong(facts: &Facts) -> Vec<String> {
    let is_wrong = |finding: &&Finding| matches!(finding.status, Status::Fault | Status::Warning);
    judge(facts).iter().filter(is_wrong).map(line).collect()
}

fn line(finding: &Finding) -> String {
    let Finding { status, check, about, seen, .. } = finding;
    format!("{} {check} {about}: {seen}", status.word())
}

/// Fails unless exactly one thing is wrong, whose line begins so.
#[track_caller]
fn assert_wrong(facts: &Facts, begins: &str) {
    let wrong = wrong(facts);
    assert!(wrong.len() == 1 && wrong[0].starts_with(begins), "{begins:?} expected: {wrong:#?}");
}

#[test]
fn nothing_is_wrong_to_begin_with() {
    assert_eq!(wrong(&facts()), [""; 0]);
}
