//! `--output FILE`: the file holds what standard output would, and an old one stays when anything fails.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use anyhow::{Result, ensure};

use crate::Test;
use crate::namespace::Namespace;
use crate::network::shell;
use crate::programs::{NOBODY, Programs, Role};

pub const TESTS: &[Test] = &[("output file/what is printed", what_is_printed), ("output file/full disk", full_disk)];

fn fill(programs: &Programs, services: usize) -> Result<()> {
    let rules: String = (1..=services).map(|port| format!("-A -t 192.0.2.1:{port} -s rr\n")).collect();
    let loaded = programs.run_with_input(Role::Reference, "ipvsadm -R", &rules)?;
    ensure!(loaded.status == 0, "{loaded}");
    Ok(())
}

fn what_is_printed(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs, 20)?;
    let path = "/run/output-file";
    for line in [
        "ipvsadm -L -n",
        "ipvsadm -L -n --stats",
        "ipvsadm -L -n -c",
        "ipvsadm -L --timeout",
        "ipvsadm -L --daemon",
        "ipvsadm -L -n -t 192.0.2.1:7",
        "ipvsadm -S -n",
        "ipvsadm -S --full",
        "ipvsadm-save -n",
        "ipvsadm-save --full",
    ] {
        fs::write(path, "old")?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        chown(path, Some(NOBODY), None)?;
        let printed = programs.run_with_input(Role::Ours, line, "")?;
        let written = programs.run_with_input(Role::Ours, &format!("{line} --output {path}"), "")?;
        ensure!(written.status == 0 && written.stdout.is_empty() && written.stderr.is_empty(), "{line}: {written}");
        let (found, file) = (fs::read_to_string(path)?, fs::metadata(path)?);
        ensure!(found == printed.stdout, "{line}: {printed}in the file:\n{found}");
        ensure!((file.mode() & 0o777, file.uid()) == (0o600, NOBODY), "{line}: mode or owner is not the old file's");
    }
    // Without a meaning, the reference's words for what does not belong.
    let refused = programs.run(Role::Ours, "-C --output /run/output-file")?;
    let expected = "Illegal 'output' option with the 'flush' command\n";
    ensure!((refused.status, refused.stderr.as_str()) == (2, expected), "{refused}");
    // A listing that fails leaves the file alone.
    fs::write(path, "old")?;
    let failed = programs.run(Role::Ours, "-L -t 192.0.2.9:9 --output /run/output-file")?;
    ensure!((failed.status, failed.stderr.as_str()) == (1, "No such service\n"), "{failed}");
    ensure!(fs::read_to_string(path)? == "old", "a failed listing has written the file");
    Ok(())
}

fn full_disk(programs: &Programs) -> Result<()> {
    let _namespace = Namespace::new()?;
    fill(programs, 4000)?;
    shell("mkdir -p /run/small; mount -t tmpfs -o size=64k small /run/small; echo old >/run/small/rules")?;
    for line in ["ipvsadm -S -n", "ipvsadm -L -n", "ipvsadm-save --full"] {
        let failed = programs.run_with_input(Role::Ours, &format!("{line} --output /run/small/rules"), "")?;
        let expected = "cannot write /run/small/rules: No space left on device\n";
        ensure!((failed.status, failed.stderr.as_str()) == (1, expected), "{line}: {failed}");
        ensure!(fs::read_to_string("/run/small/rules")? == "old\n", "{line}: the old file is gone");
        ensure!(fs::read_dir("/run/small")?.count() == 1, "{line}: something is left beside it");
    }
    shell("umount /run/small")
}
