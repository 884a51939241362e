//! Makes connections: a datagram from each of many clients to each of some services. All of 10.0.0.0/8 must be local
//! addresses (`ip addr add 10.0.0.1/8 dev lo`).

use std::net::{Ipv4Addr, UdpSocket};

/// Clients for one address.
const PORTS: u32 = 50_000;
const FIRST_PORT: u32 = 10_000;
const FIRST_CLIENT: u32 = Ipv4Addr::new(10, 200, 0, 1).to_bits();

/// Sends a datagram from each of `count` clients to each service, given as `ADDRESS:PORT`.
pub fn send(count: u32, services: &[&str]) {
    for client in 0..count {
        let address = Ipv4Addr::from_bits(FIRST_CLIENT + client / PORTS);
        let port = (FIRST_PORT + client % PORTS) as u16;
        let socket = UdpSocket::bind((address, port)).unwrap();
        for service in services {
            socket.send_to(&[0; 100], service).unwrap();
        }
    }
}
