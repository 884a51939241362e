//! On machines of a few files.

use super::*;
use crate::ipvs::client::Client;
use crate::ipvs::error::KernelError;
use crate::ipvs::model::{DaemonState, Errno, ServiceKey, SyncDaemon, VirtualService};
use crate::ipvs::text;
use crate::program::context::Stream;
use crate::program::kernel::ConnectError;
use crate::program::network_namespace::NamespaceError;
use crate::program::output_file::Replacement;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Paths and what the files hold.
struct Files<'f>(&'f [(&'f str, &'f str)]);

impl Host for Files<'_> {
    fn connect(&self) -> Result<Client, ConnectError> {
        Err(ConnectError(KernelError::Refused(Errno::ENOPROTOOPT)))
    }

    fn is_terminal(&self, _: Stream) -> bool {
        true
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        let file = self.0.iter().find(|(name, _)| Path::new(name) == path);
        let text = file.ok_or(io::ErrorKind::NotFound)?.1.to_owned();
        Ok(Box::new(io::Cursor::new(text.into_bytes())))
    }

    fn replace(&self, _: &Path) -> io::Result<Box<dyn Replacement>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn folder(&self, path: &Path) -> io::Result<Vec<String>> {
        let names = self.0.iter().filter_map(|(name, _)| Path::new(name).strip_prefix(path).ok());
        Ok(names.map(|name| name.to_string_lossy().into_owned()).collect())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wait(&self, _: Duration) {}

    fn interruption(&self) -> io::Result<Arc<AtomicBool>> {
        Ok(Arc::default())
    }

    fn signal(&self) -> Option<i32> {
        None
    }
}

const ROOT: (&str, &str) = ("/proc/self/status", "Name:\tipvsadm\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");
const EVERYBODY: (&str, &str) = ("/proc/self/uid_map", "         0          0 4294967295\n");
const RELEASE: (&str, &str) = ("/proc/sys/kernel/osrelease", "6.12.0-x\n");
const MODPROBE: (&str, &str) = ("/sbin/modprobe", "\x7fELF");
const DEPMOD: (&str, &str) = (
    "/lib/modules/6.12.0-x/modules.dep",
    "kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\n\
     kernel/net/netfilter/ipvs/ip_vs_rr.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz\n\
     kernel/net/netfilter/ipvs/ip_vs_wrr.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz\n\
     kernel/net/netfilter/ipvs/ip_vs_ftp.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz\n\
     kernel/net/netfilter/ipvs/ip_vs_pe_sip.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz\n",
);

#[test]
fn what_a_connection_lacks() {
    let hint = |files: &[(&str, &str)], errno| connect::hint(&Files(files), Some(errno)).unwrap_or_default();
    let none = Errno::ENOPROTOOPT;
    let nobody = ("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
    assert_eq!(
        without_rights(&Files(&[nobody])).unwrap(),
        "only root may administer IPVS: put sudo before the command"
    );
    assert_eq!(hint(&[nobody], Errno::EPERM), "");
    let weak_root = ("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n");
    assert!(without_rights(&Files(&[weak_root])).unwrap().contains("needs CAP_NET_ADMIN"));
    let mapped = ("/proc/self/uid_map", "         0       1000          1\n");
    assert!(without_rights(&Files(&[ROOT, mapped])).unwrap().contains("a user namespace"));
    assert_eq!(without_rights(&Files(&[ROOT, EVERYBODY])), None);
    assert_eq!(without_rights(&Files(&[])), None);
    let docker = ("/.dockerenv", "");
    assert!(hint(&[ROOT, EVERYBODY, docker], Errno::EPERM).contains("may not administer IPVS"));
    assert!(hint(&[ROOT, EVERYBODY, docker], none).ends_with("run `modprobe ip_vs' on its host"));
    assert!(hint(&[ROOT, EVERYBODY, RELEASE, DEPMOD], none).contains("no /sbin/modprobe"));
    assert_eq!(
        hint(&[ROOT, EVERYBODY, RELEASE, MODPROBE], none),
        "the modules of the running kernel, 6.12.0-x, are gone, as after an upgrade: reboot"
    );
    let without = ("/lib/modules/6.12.0-x/modules.dep", "kernel/fs/ext4/ext4.ko:\n");
    assert!(
        hint(&[ROOT, EVERYBODY, RELEASE, MODPROBE, without], none)
            .starts_with("the running kernel, 6.12.0-x, comes without the module ip_vs")
    );
    assert!(hint(&[ROOT, EVERYBODY, RELEASE, MODPROBE, DEPMOD], none).contains("dmesg"));
}

#[test]
fn namespaces_that_there_are() {
    let missing = NamespaceError::NoName("blu".to_owned());
    let hint =
        |files: &[(&str, &str)], error: &NamespaceError| namespace::hint(&Files(files), error).unwrap_or_default();
    let (blue, red) = (("/run/netns/blue", ""), ("/var/run/netns/red", ""));
    assert_eq!(hint(&[blue, red], &missing), "is blue meant? There are blue red");
    assert_eq!(hint(&[red], &missing), "there are red");
    assert!(hint(&[], &missing).starts_with("there are none with names: "));
    let nobody = ("/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
    assert!(hint(&[nobody], &NamespaceError::Forbidden("blue".to_owned())).contains("sudo"));
    assert!(hint(&[], &NamespaceError::NoNamespace("/etc/passwd".to_owned())).contains("/proc/PID/ns/net"));
}

#[test]
fn interfaces_that_there_are_not() {
    let daemon = SyncDaemon::new(DaemonState::Master, text::decode(b"\x1b[31m").parse().unwrap());
    let hint = refusal::hint(&Files(&[]), &Change::StartDaemon(daemon), Errno::ENODEV);
    assert_eq!(hint.as_deref(), Some("there is no interface \\x1b[31m: name one with --mcast-interface"));
}

#[test]
fn schedulers_and_engines_that_there_are() {
    let service = |scheduler: &str, engine: Option<&str>| VirtualService {
        persistence_engine: engine.map(|engine| engine.parse().unwrap()),
        ..VirtualService::new("TCP 192.0.2.1:80".parse::<ServiceKey>().unwrap(), scheduler.parse().unwrap())
    };
    let files = [RELEASE, DEPMOD, ("/proc/modules", "ip_vs_own 12288 1 - Live 0x0\nip_vs 1 2 ip_vs_own, Live\n")];
    let hint = |service| schedulers::hint(&Files(&files), &service).unwrap_or_default();
    assert_eq!(hint(service("wwr", None)), "this kernel has no scheduler wwr, is wrr meant? It has own rr wrr");
    assert_eq!(hint(service("bogus", Some("sip"))), "this kernel has no scheduler bogus. It has own rr wrr");
    assert_eq!(
        hint(service("rr", Some("sipp"))),
        "this kernel has no persistence engine sipp, is sip meant? It has sip"
    );
    assert_eq!(hint(service("rr", Some("sip"))), "");
    assert_eq!(schedulers::hint(&Files(&[RELEASE]), &service("bogus", None)), None);
}
