//! What of the documents another test plays or reads: each with the file of that test, and a text in it that shows it.

/// A document, how a block of it begins, and who has all of it.
pub const BLOCKS: &[(&str, &str, &str, &str)] = &[
    ("README.md", "  -> RemoteAddress:Port", "tests/machine/shown.rs", "README.md"),
    ("docs/diagnose.md", "fault    TCP", "tests/machine/shown.rs", "docs/diagnose.md"),
    ("docs/high-availability.md", "# /etc/ipvsadm.rules", "tests/failover/pair.rs", "/etc/ipvsadm.rules"),
    ("docs/high-availability.md", "# /etc/sysctl.d/60-director.conf", "tests/failover/network.rs", "60-director.conf"),
    ("docs/high-availability.md", "# /etc/sysctl.d/60-server.conf", "tests/failover/network.rs", "60-server.conf"),
    ("docs/high-availability.md", "# /etc/keepalived/keepalived.conf", "tests/failover/director.rs", "keepalived.conf"),
    ("docs/high-availability.md", "#!/bin/sh\n# /etc/keepalived/sync-daemons", "tests/failover/director.rs", "SCRIPT"),
    ("docs/high-availability.md", "# more of /etc/ipvsadm.rules", "tests/failover/pair.rs", "more of"),
    (
        "docs/high-availability.md",
        "#!/bin/sh\n# /usr/local/sbin/failover-check",
        "tests/failover/director.rs",
        "-check",
    ),
    ("docs/high-availability.md", "# /etc/sysctl.d/61-partition.conf", "tests/failover/scenarios.rs", "61-partition"),
    ("docs/ipvsadm.8", "ipvsadm -e -t", "tests/drain/recipes.rs", "recipe(\"ipvsadm -e -t\")"),
    ("docs/ipvsadm.8", "ipvsadm-save --full > before", "tests/drain/recipes.rs", "recipe(\"ipvsadm-save\")"),
    ("docs/json.md", "services[0].servers[2].weight:", "tests/machine/shown.rs", "docs/json.md"),
    ("docs/metrics.md", "rate(", "tests/metrics/dashboard.rs", "docs/metrics.md"),
    ("docs/metrics.md", "sum by (", "tests/metrics/dashboard.rs", "docs/metrics.md"),
    ("docs/metrics.md", "ipvs_estimation_enabled ==", "tests/metrics/dashboard.rs", "docs/metrics.md"),
    ("docs/testing.md", "# A weight is changed", "tests/documents/commands.rs", "# A weight is changed"),
    ("docs/testing.md", "fn weights(", "tests/documents/commands.rs", "fn weights("),
    ("docs/testing.md", "FAILED servers/changed-weight", "tests/differential/main.rs", "reproduce with:"),
];

/// A command that is not ours, and who runs it.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    ("tests/lab/quickstart", "tests/run", "tests/lab/demo"),
    ("tests/run", ".ci/run", "tests/run"),
    ("tests/run quick", "tests/run", "tests/run quick"),
    (
        "tests/run suite differential -k all --self-test --curated --count 300",
        ".github/workflows/ci.yml",
        "suite differential -k all",
    ),
    ("tests/processors", ".github/workflows/ci.yml", "- tests/processors"),
    ("tests/processors s390x", "tests/processors", "s390x) units s390x"),
    ("tests/processors kernel", "tests/processors", "kernel) tests/lab/s390x"),
    ("tests/lab/s390x --curated servers/", "tests/processors", "tests/lab/s390x"),
    ("tests/package deb", "tests/run", "tests/package deb"),
    ("tests/package rpm", "tests/packaging/test", "tests/packaging/rpm"),
    ("tests/package static", "tests/packaging/test", "tests/packaging/static"),
    ("apt install ./target/package/ipvsadm_*~deb12_*.deb", "tests/packaging/apt", "install"),
    ("apt install --allow-downgrades ipvsadm=1:1.31-1+b1", "tests/packaging/apt", "install --allow-downgrades"),
    ("cargo build --release", "tests/run", "cargo build --release"),
    ("docs/install.sh", "tests/packaging/check", "docs/install.sh"),
    (
        "install -D -m 644 -t /etc/systemd/system/ipvsadm.service.d /usr/share/doc/ipvsadm/examples/10-save-at-stop.conf",
        "tests/packaging/boot",
        "/usr/share/doc/ipvsadm/examples/10-save-at-stop.conf",
    ),
    (
        "install -D -m 644 -t /etc/systemd/system/ipvsadm.service.d /usr/share/doc/ipvsadm/examples/20-clear-at-stop.conf",
        "tests/packaging/boot",
        "/usr/share/doc/ipvsadm/examples/20-clear-at-stop.conf",
    ),
    ("systemctl daemon-reload", "tests/packaging/boot", "systemctl daemon-reload"),
    // Nobody: an image needs podman and a registry. The recipe has the same two lines, and calls `tests/package static`.
    (
        "podman build -f docs/packaging/Containerfile -t ipvsadm .",
        "docs/packaging/Containerfile",
        "podman build -f docs/packaging/Containerfile -t ipvsadm .",
    ),
    (
        "podman run --rm --network host --cap-add NET_ADMIN ipvsadm -Ln",
        "docs/packaging/Containerfile",
        "podman run --rm --network host --cap-add NET_ADMIN ipvsadm -Ln",
    ),
];
