//! Settings of ip_vs.

use std::path::Path;

use anyhow::Result;

use crate::Test;
use crate::case::{Diagnosis, MASQUERADED, ask_some, breaks, breaks_and_mends, expect, left_out, set};
use crate::director::Director;
use crate::programs::Programs;

/// Those that this kernel has the settings for.
pub fn tests() -> Vec<Test> {
    let mut tests: Vec<Test> = vec![("kernel/drop modes", drop_modes), ("kernel/estimation", estimation)];
    let limited: &[Test] = &[("kernel/connection table", connection_table)];
    if Path::new("/proc/sys/net/ipv4/vs/conn_max").exists() {
        tests.extend(limited);
    } else {
        left_out(limited, "before Linux 7.1 there is no limit, net.ipv4.vs.conn_max");
    }
    tests
}

fn drop_modes(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    for setting in ["drop_packet", "drop_entry", "secure_tcp"] {
        let path = format!("ipv4/vs/{setting}");
        set(&path, "1")?;
        breaks_and_mends(&director, || set(&path, "3"), &["warning drop-modes"])?;
    }
    Ok(())
}

fn estimation(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    breaks(&director, || set("ipv4/vs/run_estimation", "0"), &["warning estimation"])?;
    set("ipv4/vs/run_estimation", "1")?;
    Diagnosis::of(programs, "")?.expect_good()
}

fn connection_table(programs: &Programs) -> Result<()> {
    let director = Director::new(programs, MASQUERADED)?;
    ask_some(&director, "192.0.2.100", "192.0.2.5:80")?;
    breaks(&director, || set("ipv4/vs/conn_max", "4"), &["fault connection-table"])?;
    set("ipv4/vs/conn_max", "5")?;
    expect(programs, "", &[]).map(drop)?;
    set("ipv4/vs/conn_max", "40")?;
    Diagnosis::of(programs, "")?.expect_good()
}
