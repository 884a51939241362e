//! Tunnels: packets are wrapped, and become longer.

use super::super::facts::Facts;
use super::super::finding::Findings;
use crate::ipvs::model::{Family, Forwarding, Tunnel, TunnelFlags, TunnelType};

/// The least that a link of IPv6 carries (RFC 8200). Where less is left inside a tunnel of IPv6 packets, the kernel sends
/// nothing (`__ip_vs_get_out_rt_v6` of its ip_vs_xmit.c).
const IPV6_LEAST: u32 = 1280;
/// Less than this is left by no ordinary network.
const LITTLE: u32 = 1200;

/// What is left for a packet is enough.
pub fn mtu(facts: &Facts, findings: &mut Findings) {
    let icmp = !matches!(facts.settings.ip_vs("pmtu_disc"), Some(Ok(0)));
    for way in facts.ways().filter(|way| way.listed.server.forwarding == Forwarding::Tunnel) {
        let server = &way.listed.server;
        let path = way.mtu.filter(|mtu| *mtu > 0).unwrap_or(way.link.mtu);
        let left = path.saturating_sub(wrapping(server.key.family(), &server.tunnel));
        let (outer, inner) = (server.key.family(), way.entry.service.service.key.family());
        let seen = format!("{left} of the {path} bytes of a packet are left inside the tunnel");
        let raise = format!("Raise the MTU of {} and of the path behind it.", way.link.name);
        if outer == Family::Inet6 && left < IPV6_LEAST {
            let why = format!("less than the {IPV6_LEAST} that a tunnel of IPv6 needs: nothing is sent");
            findings.fault(way.about(), format!("{seen}, {why}"), raise);
        } else if inner == Family::Inet6 && left < IPV6_LEAST {
            let why = format!("less than the {IPV6_LEAST} that IPv6 needs: long packets are lost");
            findings.warning(way.about(), format!("{seen}, {why}"), raise);
        } else if left < LITTLE {
            findings.warning(way.about(), format!("{seen}, which is little"), raise);
        } else if icmp {
            findings.good(
                way.about(),
                format!("{seen}; clients who send longer ones are told by ICMP, which must reach them"),
            );
        } else {
            findings.good(way.about(), format!("{seen}; longer ones are sent in fragments"));
        }
    }
}

/// The bytes of all headers around a packet.
fn wrapping(outer: Family, tunnel: &Tunnel) -> u32 {
    let outer = match outer {
        Family::Inet => 20,
        Family::Inet6 => 40,
    };
    outer
        + match tunnel.kind {
            TunnelType::Gue if tunnel.flags.contains(TunnelFlags::REMCSUM) => 8 + 4 + 8,
            TunnelType::Gue => 8 + 4,
            TunnelType::Gre if tunnel.flags.contains(TunnelFlags::CSUM) => 8,
            TunnelType::Gre => 4,
            _ => 0,
        }
}
