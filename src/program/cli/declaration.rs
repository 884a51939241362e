//! The table as a clap command: the help, completions and the manual's check come from it.

use super::options::{Heading, OPTIONS, OptionSpec, Value};
use clap::{Arg, ArgAction, Command};

/// `ipvsadm` with all its options. It is not what reads a command line: see [`super::parse`].
pub fn ipvsadm() -> Command {
    let by_heading = Heading::ALL.iter().flat_map(|heading| OPTIONS.iter().filter(|spec| spec.heading == *heading));
    Command::new("ipvsadm").disable_help_flag(true).disable_version_flag(true).args(by_heading.map(arg))
}

fn arg(spec: &'static OptionSpec) -> Arg {
    let arg = Arg::new(spec.long).long(spec.long).help(spec.help).help_heading(spec.heading.text());
    let arg = match spec.value {
        Value::None => arg.action(ArgAction::SetTrue),
        Value::Required(name) => arg.num_args(1).value_name(name),
        Value::Optional(name) => arg.num_args(0..=1).value_name(name),
        Value::Operands(names) => arg.num_args(names.len()).value_names(names),
    };
    let mut shorts = spec.short.chars();
    match shorts.next() {
        Some(first) => arg.short(first).short_aliases(shorts.collect::<Vec<_>>()),
        None => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_sound() {
        ipvsadm().debug_assert();
        assert_eq!(ipvsadm().get_arguments().count(), OPTIONS.len());
    }
}
