//! Links the unwinder of the C compiler into the program. The standard library asks for it as a shared library, and
//! loading that one takes a tenth of the instructions of a whole `ipvsadm -e`. Programs that use the library are linked as
//! their builders like.

use std::{env, fs, path::Path};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=src/build.rs");
    if env::var_os("CARGO_FEATURE_PROGRAM").is_none() {
        return Ok(());
    }
    let is = |variable, value| env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        let folder = env::var("OUT_DIR").map_err(std::io::Error::other)?;
        // The linker looks here first: a library may be a script that names others.
        fs::write(Path::new(&folder).join("libgcc_s.so"), "INPUT(-l:libgcc_eh.a -l:libgcc.a)\n")?;
        println!("cargo::rustc-link-search=native={folder}");
    }
    Ok(())
}
