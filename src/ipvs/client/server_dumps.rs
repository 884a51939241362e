//! Which channel carries the servers of a service: the kernel makes datagrams as large as the largest buffer that a socket
//! has ever received with, and large ones, which it clears, cost more than they save for the few servers of most services.

use super::channel::Channel;
use super::{DATAGRAM, LONG_DATAGRAM};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{ListedServer, ServiceKey};
use crate::ipvs::wire::command::IPVS_CMD_GET_DEST;
use crate::ipvs::wire::{decode, encode};
use netlink_packet_core::NLM_F_DUMP;

/// The buffer for the datagrams of many short dumps. It is the kernel's smallest, where pages have 4 KiB.
pub(super) const SHORT_DATAGRAM: usize = 3776;
/// For the servers of so few services another channel would cost more than it saves.
pub(super) const FEW_SERVICES: usize = 4;
/// From this many real servers of a service on, few longer datagrams cost the kernel less than many short ones.
const MANY_SERVERS: usize = 30;
/// A table that changes all the time is asked for its servers so many times.
const TRIES: usize = 5;

/// What is known of the dumps to come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guess {
    /// There are at most [`FEW_SERVICES`].
    pub(super) few_services: bool,
    /// The last service had [`MANY_SERVERS`]: the best guess for the next one.
    pub(super) many_servers: bool,
}

/// The channel of short datagrams, once there is need of it.
#[derive(Default)]
pub(super) struct ServerDumps {
    pub(super) short: Option<Channel>,
}

impl ServerDumps {
    /// Puts the servers of a service in place of those in `servers`, and brings the guess up to date.
    pub(super) fn dump(
        &mut self,
        main: &mut Channel,
        family: u16,
        key: &ServiceKey,
        counters: bool,
        guess: &mut Guess,
        servers: &mut Vec<ListedServer>,
    ) -> Result<(), KernelError> {
        let channel = match &mut self.short {
            _ if guess.many_servers => &mut *main,
            Some(channel) => channel,
            None if guess.few_services && main.size() <= DATAGRAM => &mut *main,
            none => none.insert(main.sibling(SHORT_DATAGRAM)?),
        };
        let outcome = undisturbed(channel, family, key, counters, servers);
        guess.many_servers = servers.len() >= MANY_SERVERS;
        if !matches!(outcome, Err(KernelError::Truncated)) || channel.size() >= LONG_DATAGRAM {
            return outcome;
        }
        // Pages are larger here. What is left of the dump goes with the old socket.
        let longer = main.sibling(LONG_DATAGRAM)?;
        undisturbed(self.short.insert(longer), family, key, counters, servers)
    }
}

/// Dumps the servers again while the table is seen to change. What comes twice even so is left out.
fn undisturbed(
    channel: &mut Channel,
    family: u16,
    key: &ServiceKey,
    counters: bool,
    servers: &mut Vec<ListedServer>,
) -> Result<(), KernelError> {
    for _ in 1..TRIES {
        if !dump(channel, family, key, counters, servers)? {
            return Ok(());
        }
    }
    dump(channel, family, key, counters, servers)?;
    let mut known = std::collections::HashSet::new();
    servers.retain(|listed| known.insert(listed.server.key));
    Ok(())
}

/// Dumps the servers once; true when the table changed meanwhile. The kernel goes on by the position in its list, in
/// which new servers come first: what comes twice, if any does, begins a datagram.
fn dump(
    channel: &mut Channel,
    family: u16,
    key: &ServiceKey,
    counters: bool,
    servers: &mut Vec<ListedServer>,
) -> Result<bool, KernelError> {
    servers.clear();
    let mut disturbed = false;
    let service = |buffer: &mut _| encode::service_key(buffer, key);
    channel.exchange(family, NLM_F_DUMP, IPVS_CMD_GET_DEST, service, |reply| {
        servers.push(decode::server(reply.attributes, key.family(), counters)?);
        disturbed |= reply.interrupted || reply.begins && last_comes_twice(servers);
        Ok(())
    })?;
    Ok(disturbed)
}

#[inline(never)]
fn last_comes_twice(servers: &[ListedServer]) -> bool {
    servers.split_last().is_some_and(|(last, before)| before.iter().any(|known| known.server.key == last.server.key))
}
