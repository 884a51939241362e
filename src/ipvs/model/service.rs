//! Virtual services: what a client connects to, and how its connections are spread.

use super::{Name, Netmask, ServiceFlags, ServiceKey, Stats};

/// A virtual service as an administrator defines it.
///
/// ```
/// use ipvsadm::ipvs::model::{ServiceFlags, ServiceKey, VirtualService};
///
/// let mut service = VirtualService::new(ServiceKey::tcp([192, 0, 2, 1], 443), "wlc".parse()?);
/// service.flags |= ServiceFlags::PERSISTENT;
/// service.timeout = 300;
/// # Ok::<_, ipvsadm::ipvs::model::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualService {
    /// What identifies it.
    pub key: ServiceKey,
    /// The scheduler's name, of at most [`Name::SCHEDULER`] bytes.
    pub scheduler: Name,
    /// Persistence, one-packet scheduling, scheduler flags; `HASHED` is never set here.
    pub flags: ServiceFlags,
    /// The persistence timeout in seconds; 0 when the service is not persistent.
    pub timeout: u32,
    /// The persistence granularity; of the service's family.
    pub netmask: Netmask,
    /// The persistence engine's name.
    pub persistence_engine: Option<Name>,
}

impl VirtualService {
    /// A service that is not persistent and has no flags.
    pub fn new(key: ServiceKey, scheduler: Name) -> Self {
        Self {
            key,
            scheduler,
            flags: ServiceFlags::empty(),
            timeout: 0,
            netmask: Netmask::single(key.family()),
            persistence_engine: None,
        }
    }
}

/// A virtual service as the kernel lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListedService {
    /// The service.
    pub service: VirtualService,
    /// What it has carried.
    pub stats: Stats,
}

impl From<VirtualService> for ListedService {
    /// A service that has carried nothing.
    fn from(service: VirtualService) -> Self {
        Self { service, stats: Stats::default() }
    }
}
