//! Takes real servers out of service that do not answer, and puts them back when they do.
//!
//!     health-checker 'TCP 192.0.2.1:80' ...
//!
//! A server that takes no TCP connection within a second gets the weight 0: it keeps the connections that it has and
//! gets no new ones. Once it answers again it has the weight of before.

#![allow(clippy::print_stdout)]

use ipvsadm::ipvs::client::{Client, Query};
use ipvsadm::ipvs::filter::TableFilter;
use ipvsadm::ipvs::model::{Change, ListedServer, ServerKey, ServiceKey};
use std::collections::HashMap;
use std::error::Error;
use std::net::{SocketAddr, TcpStream};
use std::{env, thread, time::Duration};

fn main() -> Result<(), Box<dyn Error>> {
    let services: Vec<ServiceKey> = env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let mut client = Client::connect()?;
    let mut weights = HashMap::new();
    loop {
        for service in &services {
            check(&mut client, *service, &mut weights)?;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Looks at each server of a service. `weights` has those of servers that are out of service.
fn check(
    client: &mut Client,
    service: ServiceKey,
    weights: &mut HashMap<(ServiceKey, ServerKey), i32>,
) -> Result<(), Box<dyn Error>> {
    let filter = TableFilter::of(service);
    let mut entries = client.entries(Query { filter: Some(&filter), ..Query::default() })?;
    let servers: Vec<ListedServer> = entries.next_entry()?.map_or_else(Vec::new, |(_, servers)| servers.to_vec());
    for mut server in servers.into_iter().map(|listed| listed.server) {
        let place = (service, server.key);
        match (answers(server.key), server.weight, weights.get(&place).copied()) {
            (false, 1.., _) => {
                println!("{service}: {} does not answer", server.key);
                weights.insert(place, server.weight);
                server.weight = 0;
            }
            (true, 0, Some(weight)) => {
                println!("{service}: {} answers again", server.key);
                weights.remove(&place);
                server.weight = weight;
            }
            _ => continue,
        }
        if let Err(error) = client.apply(&Change::EditServer(service, server)) {
            println!("{error}");
        }
    }
    Ok(())
}

fn answers(server: ServerKey) -> bool {
    TcpStream::connect_timeout(&SocketAddr::new(server.address, server.port), Duration::from_secs(1)).is_ok()
}
