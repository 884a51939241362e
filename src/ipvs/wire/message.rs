//! A message of the IPVS family, of which every attribute has a type.

use super::attributes::{CommandAttribute, InfoAttribute};
use super::command::Command;
use super::form::read_all;
use netlink_packet_core::{DecodeError, Emitable, ParseableParametrized};
use netlink_packet_generic::{GenlFamily, GenlHeader};

/// The name of the family (`IPVS_GENL_NAME`).
pub(crate) const IPVS_GENL_NAME: &str = "IPVS";
/// The version of the family (`IPVS_GENL_VERSION`).
pub(super) const IPVS_GENL_VERSION: u8 = 1;

/// A request to the kernel's ip_vs, or one of its replies: the payload of a
/// [`GenlMessage`](netlink_packet_generic::GenlMessage).
///
/// The other modules of this library read and write the model's values, and need none of this; it is for those who have
/// a socket of their own, or look into traffic.
///
/// ```
/// use ipvsadm::ipvs::model::{Change, RealServer, ServiceKey};
/// use ipvsadm::ipvs::wire::IpvsMessage;
/// use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkMessage};
/// use netlink_packet_generic::GenlMessage;
///
/// let change = Change::AddServer(ServiceKey::tcp([192, 0, 2, 1], 80), RealServer::new([198, 51, 100, 7], 80));
/// let mut message = GenlMessage::from_payload(IpvsMessage::from(&change));
/// message.set_resolved_family_id(28); // as the kernel says
/// let mut message = NetlinkMessage::from(message);
/// message.header.flags = NLM_F_REQUEST | NLM_F_ACK;
/// message.finalize();
/// let mut bytes = vec![0; message.buffer_len()];
/// message.serialize(&mut bytes);
/// assert_eq!(NetlinkMessage::<GenlMessage<IpvsMessage>>::deserialize(&bytes)?, message);
/// # Ok::<_, netlink_packet_core::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IpvsMessage {
    /// All messages but one.
    Command(Command, Vec<CommandAttribute>),
    /// The reply to [`Command::GetInfo`], whose command is [`Command::SetInfo`].
    Info(Vec<InfoAttribute>),
}

impl IpvsMessage {
    /// The reply of which these are the attributes.
    pub(super) fn reply(command: u8, attributes: &[u8]) -> Result<Self, DecodeError> {
        Self::parse_with_param(attributes, GenlHeader { cmd: command, version: IPVS_GENL_VERSION })
    }
}

impl GenlFamily for IpvsMessage {
    fn family_name() -> &'static str {
        IPVS_GENL_NAME
    }

    fn command(&self) -> u8 {
        match self {
            Self::Command(command, _) => *command,
            Self::Info(_) => Command::SetInfo,
        }
        .number()
    }

    fn version(&self) -> u8 {
        IPVS_GENL_VERSION
    }
}

impl Emitable for IpvsMessage {
    fn buffer_len(&self) -> usize {
        match self {
            Self::Command(_, attributes) => attributes.as_slice().buffer_len(),
            Self::Info(attributes) => attributes.as_slice().buffer_len(),
        }
    }

    fn emit(&self, buffer: &mut [u8]) {
        match self {
            Self::Command(_, attributes) => attributes.as_slice().emit(buffer),
            Self::Info(attributes) => attributes.as_slice().emit(buffer),
        }
    }
}

impl ParseableParametrized<[u8], GenlHeader> for IpvsMessage {
    /// Reads the attributes of a message.
    ///
    /// # Errors
    /// When they do not follow one another as netlink's do. An attribute that is not known, or not as it should be, is
    /// kept as it came.
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        Ok(match Command::from_number(header.cmd) {
            Command::SetInfo => Self::Info(read_all(bytes)?),
            command => Self::Command(command, read_all(bytes)?),
        })
    }
}
