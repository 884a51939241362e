//! What programs that scrape columns get wrong is told plainly in a document.

use crate::program::Programs;
use crate::{document, elements};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const TABLE: &str = "\
-A -u 10.0.0.1:53 -s rr
-A -t 10.0.0.2:80 -s wlc
-a -t 10.0.0.2:80 -r 172.16.0.1:80 -g
-A -f 8 -s rr
-a -f 8 -r 172.16.0.8:0 -g
-A -f 8 -6 -s sh
-a -f 8 -6 -r [2001:db8::8]:0 -g
-A -t 10.9.9.9:443 -s lc
-a -t 10.9.9.9:443 -r 10.9.9.9:443 -m
";

pub fn mistakes(programs: &Programs) -> Result<String> {
    let loaded = programs.reference(&["-R"], TABLE)?;
    ensure!(loaded.status == 0 && loaded.stderr.is_empty(), "{loaded:?}");
    let table = document(programs, "-L --json")?;
    let services = elements(&table, "services")?;
    let found = |wanted: Value| -> Result<&Value> {
        let wanted = wanted.as_object().context("an object")?;
        let is = |service: &&Value| wanted.iter().all(|(key, value)| service[key] == *value);
        services.iter().find(is).with_context(|| format!("{wanted:?} is not in {table}"))
    };
    ensure!(services.len() == 5, "{table}");

    // A listener without servers does not get those of the service behind it.
    let listener = found(json!({"protocol": "udp", "address": "10.0.0.1", "port": 53}))?;
    ensure!(listener["servers"] == json!([]), "{listener}");
    let behind = found(json!({"protocol": "tcp", "address": "10.0.0.2", "port": 80}))?;
    ensure!(elements(behind, "servers")?.len() == 1, "{behind}");

    // A mark is a service of its own, and the family of its packets is no scheduler.
    for (family, scheduler, server) in [("ipv4", "rr", "172.16.0.8"), ("ipv6", "sh", "2001:db8::8")] {
        let mark = found(json!({"fwmark": 8, "family": family, "protocol": null, "address": null, "port": null}))?;
        ensure!(mark["scheduler"] == scheduler, "{mark}");
        let servers = elements(mark, "servers")?;
        ensure!(servers.len() == 1 && servers[0]["address"] == server, "{mark}");
    }

    // A name may hold what JSON has a meaning for: /etc/hosts calls this address a"b\c.
    let odd = found(json!({"address": "10.9.9.9"}))?;
    ensure!(odd["names"] == json!({"host": "a\"b\\c", "port": "https"}), "{odd}");
    ensure!(odd["servers"][0]["names"]["host"] == "a\"b\\c", "{odd}");

    // A service that is not there is a message and a status, and no half document.
    let missing = programs.ipvsadm(&["-L", "--json", "-t", "10.0.0.7:7"])?;
    let expected = (1, "", "No such service\n");
    ensure!((missing.status, &*missing.stdout, &*missing.stderr) == expected, "{missing:?}");
    Ok("three mistakes, a name with quotation marks, a service that is not there".to_owned())
}
