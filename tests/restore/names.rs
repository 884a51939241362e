//! An interface may be called `ipvsadm`, a word that both programs drop from each line that they restore, or begin with `#`.

use crate::program::{Programs, shell};
use anyhow::{Result, ensure};

pub fn a_save_restores(programs: &Programs) -> Result<String> {
    for name in ["ipvsadm", "#d0"] {
        shell(&format!("ip link add '{name}' type dummy; ip link set '{name}' up"))?;
        let rule = format!("--start-daemon master --mcast-interface={name} --syncid 7");
        let started = programs.ipvsadm(&rule.split(' ').collect::<Vec<_>>())?;
        ensure!(started.status == 0, "{name}: {started:?}");
        let saved = programs.full()?;
        ensure!(saved.contains(&rule), "{name}: {saved}");
        let again = programs.restore(&["--diff"], &saved)?;
        ensure!(again.status == 0, "{name}: ours does not know its own save: {again:?}");
        let stop = || programs.ipvsadm(&["--stop-daemon", "master"]);
        ensure!(stop()?.status == 0);
        let restored = programs.restore(&[], &saved)?;
        ensure!(restored.status == 0 && programs.full()? == saved, "{name}: {restored:?}");
        ensure!(stop()?.status == 0);
        let restored = programs.reference(&["-R"], &saved)?;
        ensure!(restored.status == 0 && programs.full()? == saved, "{name}: by the reference: {restored:?}");
        ensure!(stop()?.status == 0);
    }
    Ok("interfaces ipvsadm and #d0, by both programs".to_owned())
}
