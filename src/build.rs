//! Links the program so that it starts fast: the unwinder of the C compiler is linked in, which the standard library asks for as
//! a shared library, and what short commands run stands side by side (`order.ld`). Programs that use the library are linked as
//! their builders like.

use std::{env, fs, path::Path};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/order.ld");
    if env::var_os("CARGO_FEATURE_PROGRAM").is_none() {
        return Ok(());
    }
    let is = |variable, value| env::var(variable).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        let folder = env::var("OUT_DIR").map_err(std::io::Error::other)?;
        // The linker looks here first: a library may be a script that names others.
        fs::write(Path::new(&folder).join("libgcc_s.so"), "INPUT(-l:libgcc_eh.a -l:libgcc.a)\n")?;
        println!("cargo::rustc-link-search=native={folder}");
        if understands_scripts() {
            // Beside what is built: where several checkouts share a target folder, each finds it there.
            let order = Path::new(&folder).join("order.ld");
            fs::copy("src/order.ld", &order)?;
            // Not by -Wl, which ends a word at a comma of the path.
            for word in ["-Xlinker", "-T", "-Xlinker", &order.display().to_string()] {
                println!("cargo::rustc-link-arg-bins={word}");
            }
        }
    }
    Ok(())
}

/// Those of GNU and LLVM do, one of which a C compiler starts; gold and mold do not. Whoever has chosen a linker is left alone.
fn understands_scripts() -> bool {
    let variable = |name| env::var(name).unwrap_or_default();
    let (linker, flags) = (variable("RUSTC_LINKER"), variable("CARGO_ENCODED_RUSTFLAGS"));
    let is_compiler = ["cc", "clang"].iter().any(|name| linker.ends_with(name));
    (linker.is_empty() || is_compiler) && !flags.contains("fuse-ld") && !flags.contains("linker")
}
