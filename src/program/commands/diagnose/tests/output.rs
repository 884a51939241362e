//! How findings are printed.

use super::super::finding::{About, Finding, Findings};
use super::super::{json, status, text};
use super::key;
use crate::ipvs::model::{Info, ServerKey};
use crate::program::render::json::write;

fn findings() -> Vec<Finding> {
    let mut findings = Findings::of("a-check");
    findings.good(About::Host, "all is well");
    findings.fault(About::Service(key()), "it is broken", "Mend it: ipvsadm -C");
    findings.unknown(About::Server(key(), ServerKey::new([10, 0, 1, 2], 8080)), "cannot read x\x1b[2J");
    findings.into_vec()
}

#[test]
fn lines_are_aligned_and_the_worst_comes_first() {
    let expected = "\
fault    TCP 192.0.2.1:80                   a-check  it is broken. Mend it: ipvsadm -C
unknown  TCP 192.0.2.1:80 -> 10.0.1.2:8080  a-check  cannot read x\\x1b[2J
good     this host                          a-check  all is well
1 fault, 0 warnings, 1 unknown, 1 good
";
    assert_eq!(text::lines(&findings()), expected);
}

#[test]
fn a_fault_or_a_warning_is_status_1() {
    let mut findings = findings();
    assert_eq!(status(&findings), 1);
    findings.remove(1);
    assert_eq!(status(&findings), 0);
    let mut warning = Findings::of("a-check");
    warning.warning(About::Host, "so so", "See to it.");
    findings.extend(warning.into_vec());
    assert_eq!(status(&findings), 1);
}

#[test]
fn a_document() {
    let info = Info { version: 0x01_02_01, connection_table_size: 4096 };
    let mut out = Vec::new();
    write(&mut out, &json::document(info, true, &findings()[1..2], 1)).unwrap();
    let expected = concat!(
        r#"{"schema_version":1,"tool_version":""#,
        env!("CARGO_PKG_VERSION"),
        r#"","ipvs_version":"1.2.1","connection_table_size":4096,"estimation":true,"exit_status":1,"findings":["#,
        r#"{"status":"fault","check":"a-check","service":{"protocol":"tcp","address":"192.0.2.1","port":80,"names":null,"#,
        r#""fwmark":null,"family":"ipv4"},"server":null,"seen":"it is broken","advice":"Mend it: ipvsadm -C"}]}"#,
        "\n"
    );
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}
