//! One typed method for each command of the kernel's interface; nothing above knows netlink.

use super::channel::Channel;
use super::pipeline::Pipeline;
use super::socket::{Socket, Transport};
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{Change, Figures, Info, ListedServer, ListedService, Name, ServiceKey, SyncDaemon, Timeouts};
use crate::ipvs::wire::message::{
    IPVS_CMD_GET_CONFIG, IPVS_CMD_GET_DAEMON, IPVS_CMD_GET_DEST, IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE,
    IPVS_GENL_NAME,
};
use crate::ipvs::wire::{decode, decode_state, encode, writer};
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP};
use netlink_packet_generic::constants::{CTRL_ATTR_FAMILY_NAME, CTRL_CMD_GETFAMILY, GENL_ID_CTRL};

/// The buffer for a datagram: more than the kernel ever makes for a dump of its own accord, a page or 8 KiB.
const DATAGRAM: usize = 8 << 10;
/// The buffer for the datagrams of a long dump: the kernel makes none larger.
const LONG_DATAGRAM: usize = 32 << 10;
/// The buffer for the datagrams of many short dumps. It is the kernel's smallest, where pages have 4 KiB; larger ones
/// cost the kernel a tenth of the dump.
const SHORT_DATAGRAM: usize = 3776;
/// For the servers of so few services another channel would cost more than it saves.
const FEW_SERVICES: usize = 4;
/// From this many real servers of a service on, few longer datagrams cost the kernel less than many short ones.
const MANY_SERVERS: usize = 30;

/// A connection to the kernel's ip_vs.
#[derive(Debug)]
pub struct Client<T = Socket> {
    /// The number of the IPVS family.
    pub(super) family: u16,
    info: Info,
    /// Carries everything, but for what `servers` does.
    pub(super) channel: Channel<T>,
    /// Carries the dumps of servers, once there are many or the other one has grown.
    servers: Option<Channel<T>>,
    /// There were [`FEW_SERVICES`] when they were dumped last.
    few: bool,
    /// The service asked for last has [`MANY_SERVERS`]: the best guess for the next one.
    many: bool,
}

impl<T: Transport> Client<T> {
    /// Asks for the number of the family, and for what ip_vs says of itself.
    ///
    /// # Errors
    /// `ENOENT` when the kernel has no ip_vs, `EPERM` when the caller may not administer it.
    pub fn new(transport: T) -> Result<Self, KernelError> {
        let mut channel = Channel::new(transport, DATAGRAM, LONG_DATAGRAM);
        let name = |buffer: &mut _| {
            writer::name(buffer, CTRL_ATTR_FAMILY_NAME, Name::cut(IPVS_GENL_NAME.as_bytes(), IPVS_GENL_NAME.len()))
        };
        let family = get(&mut channel, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, name, decode_state::family_id)?;
        let info = get(&mut channel, family, IPVS_CMD_GET_INFO, |_| (), decode_state::info)?;
        Ok(Self { family, info, channel, servers: None, few: true, many: false })
    }

    /// What ip_vs said of itself when the connection was made.
    pub fn info(&self) -> Info {
        self.info
    }

    /// All services, in the kernel's order.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn services(&mut self, figures: Figures) -> Result<Vec<ListedService>, KernelError> {
        let mut services = Vec::new();
        self.channel.exchange(
            self.family,
            NLM_F_DUMP,
            IPVS_CMD_GET_SERVICE,
            |_| (),
            |reply| {
                services.push(decode::service(reply, figures)?);
                Ok(())
            },
        )?;
        self.few = services.len() <= FEW_SERVICES;
        Ok(services)
    }

    /// One service.
    ///
    /// # Errors
    /// `ESRCH` when there is no such service.
    pub fn service(&mut self, key: &ServiceKey, figures: Figures) -> Result<ListedService, KernelError> {
        let key = |buffer: &mut _| encode::service_key(buffer, key);
        get(&mut self.channel, self.family, IPVS_CMD_GET_SERVICE, key, |reply| decode::service(reply, figures))
    }

    /// Puts the real servers of a service, in the kernel's order, in place of those in `servers`. There are none for a
    /// service that does not exist.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn servers(
        &mut self,
        key: &ServiceKey,
        figures: Figures,
        servers: &mut Vec<ListedServer>,
    ) -> Result<(), KernelError> {
        let channel = match &mut self.servers {
            _ if self.many => &mut self.channel,
            Some(channel) => channel,
            None if self.few && self.channel.size() <= DATAGRAM => &mut self.channel,
            none => none.insert(self.channel.sibling(SHORT_DATAGRAM)?),
        };
        let outcome = dump_servers(channel, self.family, key, figures, servers);
        self.many = servers.len() >= MANY_SERVERS;
        if !matches!(outcome, Err(KernelError::Truncated)) || channel.size() >= LONG_DATAGRAM {
            return outcome;
        }
        // Pages are larger here. What is left of the dump goes with the old socket.
        let longer = self.channel.sibling(LONG_DATAGRAM)?;
        dump_servers(self.servers.insert(longer), self.family, key, figures, servers)
    }

    /// The timeouts of connections.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn timeouts(&mut self) -> Result<Timeouts, KernelError> {
        get(&mut self.channel, self.family, IPVS_CMD_GET_CONFIG, |_| (), decode_state::timeouts)
    }

    /// The sync daemons that run, the master first.
    ///
    /// # Errors
    /// See [`KernelError`].
    pub fn daemons(&mut self) -> Result<Vec<SyncDaemon>, KernelError> {
        let mut daemons = Vec::new();
        self.channel.exchange(
            self.family,
            NLM_F_DUMP,
            IPVS_CMD_GET_DAEMON,
            |_| (),
            |reply| {
                daemons.push(decode_state::daemon(reply)?);
                Ok(())
            },
        )?;
        Ok(daemons)
    }

    /// Makes one change.
    ///
    /// # Errors
    /// [`KernelError::Refused`] when the kernel did not make it.
    pub fn apply(&mut self, change: &Change) -> Result<(), KernelError> {
        let attributes = |buffer: &mut _| encode::attributes(buffer, change);
        self.channel.exchange(self.family, NLM_F_ACK, encode::command(change), attributes, |_| Ok(()))
    }

    /// Makes many changes, with a `C` for each that comes back when the kernel refuses it.
    pub fn pipeline<C>(&mut self) -> Pipeline<'_, C, T> {
        Pipeline::new(self)
    }
}

fn dump_servers<T: Transport>(
    channel: &mut Channel<T>,
    family: u16,
    key: &ServiceKey,
    figures: Figures,
    servers: &mut Vec<ListedServer>,
) -> Result<(), KernelError> {
    servers.clear();
    let service = |buffer: &mut _| encode::service_key(buffer, key);
    channel.exchange(family, NLM_F_DUMP, IPVS_CMD_GET_DEST, service, |reply| {
        servers.push(decode::server(reply, key.family(), figures)?);
        Ok(())
    })
}

/// A request that has one reply.
fn get<T: Transport, R>(
    channel: &mut Channel<T>,
    family: u16,
    command: u8,
    fill: impl FnOnce(&mut Vec<u8>),
    decode: impl Fn(&[u8]) -> Result<R, KernelError>,
) -> Result<R, KernelError> {
    let mut found = None;
    channel.exchange(family, 0, command, fill, |reply| {
        found = Some(decode(reply)?);
        Ok(())
    })?;
    found.ok_or(KernelError::NoReply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipvs::client::scripted::{FAMILY, INFO, Message, Peer};
    use crate::ipvs::fixtures::hex;
    use crate::ipvs::model::{Errno, Protocol};
    use netlink_packet_core::NLM_F_MULTIPART;

    // ipvsadm -A -f 7 -s lc; ipvsadm -L
    const SERVICE: &str = "4000010006000100020000000800050007000000070006006c6300000c00070002000000ffffffff080008000000000008000900ffffffff";
    // ipvsadm -a -f 7 -r 10.1.0.1 -m; ipvsadm -L (without its counters)
    const SERVER: &str = "78000200140001000a01000100000000000000000000000006000200000000000800030000000000080004000100000005000d000000000006000e000000000006000f00000000000800050000000000080006000000000008000700000000000800080000000000080009000000000006000b0002000000";

    /// A client of a kernel that answers like the function.
    fn client(mut script: impl FnMut(&Message) -> Vec<Vec<u8>> + 'static) -> Client<Peer> {
        let peer = Peer::new(move |messages| {
            let [message] = &messages[..] else { panic!("{messages:?}") };
            match (message.family, message.command) {
                (GENL_ID_CTRL, CTRL_CMD_GETFAMILY) => vec![message.reply(0, &hex(FAMILY))],
                (0x28, IPVS_CMD_GET_INFO) => vec![message.reply(0, &hex(INFO))],
                (0x28, _) => script(message),
                _ => panic!("{message:?}"),
            }
        });
        Client::new(peer).unwrap()
    }

    fn service() -> Vec<u8> {
        let mut bytes = hex(SERVICE);
        bytes[0] = bytes.len() as u8;
        bytes
    }

    const KEY: ServiceKey = ServiceKey::Address {
        protocol: Protocol::Tcp,
        address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        port: 80,
    };

    #[test]
    fn connects_once() {
        let client = client(|_| panic!());
        assert_eq!(client.family, 0x28);
        assert_eq!(client.info(), Info { version: 0x10201, connection_table_size: 4096 });
    }

    #[test]
    fn no_family() {
        let peer = Peer::new(|messages| vec![messages[0].answer(libc::ENOENT)]);
        assert_eq!(Client::new(peer).err().and_then(|error| error.errno()), Some(Errno::ENOENT));
    }

    #[test]
    fn lists_services_from_many_datagrams() {
        let mut client = client(|message| {
            assert_eq!((message.command, message.flags), (IPVS_CMD_GET_SERVICE, 0x301));
            let reply = message.reply(NLM_F_MULTIPART, &service());
            let mut datagrams = vec![reply.repeat(20); 9];
            datagrams.push(message.done());
            datagrams
        });
        assert_eq!(client.services(Figures::Wanted).unwrap().len(), 180);
        assert_eq!(client.channel.size(), LONG_DATAGRAM);
        // The second time begins with large datagrams.
        assert_eq!(client.services(Figures::Wanted).unwrap().len(), 180);
    }

    #[test]
    fn servers_get_a_channel_of_their_own_after_a_long_dump() {
        let mut client = client(|message| match message.command {
            IPVS_CMD_GET_SERVICE => {
                [vec![message.reply(NLM_F_MULTIPART, &service()); 6], vec![message.done()]].concat()
            }
            _ => vec![message.done()],
        });
        let mut servers = Vec::new();
        client.servers(&KEY, Figures::Wanted, &mut servers).unwrap();
        assert!(client.servers.is_none());
        client.services(Figures::Wanted).unwrap();
        client.servers(&KEY, Figures::Wanted, &mut servers).unwrap();
        assert_eq!(client.servers.as_ref().map(Channel::size), Some(SHORT_DATAGRAM));
    }

    #[test]
    fn servers_of_few_services_share_a_channel() {
        for (count, own) in [(FEW_SERVICES, false), (FEW_SERVICES + 1, true)] {
            let mut client = client(move |message| match message.command {
                IPVS_CMD_GET_SERVICE => {
                    vec![message.reply(NLM_F_MULTIPART, &service()).repeat(count), message.done()]
                }
                _ => vec![message.done()],
            });
            assert_eq!(client.services(Figures::Wanted).unwrap().len(), count);
            client.servers(&KEY, Figures::Wanted, &mut Vec::new()).unwrap();
            assert_eq!((client.channel.size(), client.servers.is_some()), (DATAGRAM, own));
        }
    }

    #[test]
    fn many_servers_come_in_long_datagrams() {
        let mut many = 0;
        let mut client = client(move |message| match message.command {
            IPVS_CMD_GET_SERVICE => {
                [vec![message.reply(NLM_F_MULTIPART, &service()); 6], vec![message.done()]].concat()
            }
            _ => {
                // The service in the middle has many, and 20 of those do not fit into a short datagram.
                many += 1;
                let server = message.reply(NLM_F_MULTIPART, &hex(SERVER));
                let datagrams = if many == 2 { vec![server.repeat(20); 2] } else { vec![server] };
                [datagrams, vec![message.done()]].concat()
            }
        });
        client.services(Figures::Wanted).unwrap();
        let mut servers = Vec::new();
        for (expected, many) in [(1, false), (40, true), (1, false)] {
            client.servers(&KEY, Figures::Wanted, &mut servers).unwrap();
            assert_eq!((servers.len(), client.many), (expected, many));
        }
        assert_eq!(client.servers.as_ref().map(Channel::size), Some(SHORT_DATAGRAM));
    }

    #[test]
    fn servers_in_longer_datagrams_than_expected_are_asked_for_again() {
        let mut client = client(|message| {
            // Longer than the buffers of both channels, but for the longest.
            let server = message.reply(NLM_F_MULTIPART, &hex(SERVER));
            vec![server.repeat(DATAGRAM / server.len() + 1), server, message.done()]
        });
        let mut servers = Vec::new();
        client.servers(&KEY, Figures::Wanted, &mut servers).unwrap();
        let expected = servers.len();
        assert!(expected > 50);
        assert_eq!(client.servers.as_ref().map(Channel::size), Some(LONG_DATAGRAM));
        client.servers(&KEY, Figures::Wanted, &mut servers).unwrap();
        assert_eq!(servers.len(), expected);
    }

    #[test]
    fn an_answer_to_an_older_request_is_passed_over() {
        let mut client = client(|message| {
            let older = Message { sequence: message.sequence.wrapping_sub(1), ..message.clone() };
            vec![older.answer(libc::EEXIST), older.done(), message.answer(0)]
        });
        client.apply(&Change::Flush).unwrap();
    }

    #[test]
    fn refusals() {
        let mut client = client(|message| vec![message.answer(libc::EBUSY)]);
        let busy = Some(Errno::EBUSY);
        assert_eq!(client.apply(&Change::Flush).unwrap_err().errno(), busy);
        assert_eq!(client.services(Figures::Wanted).unwrap_err().errno(), busy);
        assert_eq!(client.service(&KEY, Figures::Wanted).unwrap_err().errno(), busy);
        assert_eq!(client.timeouts().unwrap_err().errno(), busy);
    }

    #[test]
    fn an_acknowledgement_is_not_a_reply() {
        let mut client = client(|message| vec![message.answer(0)]);
        assert!(matches!(client.service(&KEY, Figures::Wanted), Err(KernelError::NoReply)));
    }

    #[test]
    fn a_reply_that_was_cut_is_an_error() {
        let mut client = client(|message| vec![message.reply(NLM_F_MULTIPART, &vec![0; DATAGRAM])]);
        assert!(matches!(client.services(Figures::Wanted), Err(KernelError::Truncated)));
    }

    #[test]
    fn a_malformed_reply_does_not_disturb_the_next_request() {
        let mut malformed = true;
        let mut client = client(move |message| {
            let whole = message.reply(NLM_F_MULTIPART, &service());
            let first = if malformed { message.reply(NLM_F_MULTIPART, &[4, 0, 1, 0]) } else { whole.clone() };
            malformed = false;
            vec![first, whole.repeat(3), message.done()]
        });
        assert!(matches!(client.services(Figures::Wanted), Err(KernelError::Missing("IPVS_SVC_ATTR_AF"))));
        assert_eq!(client.services(Figures::Wanted).unwrap().len(), 4);
    }
}
