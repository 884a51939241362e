//! What makes the types and the table of the rows in `table.rs`.

/// Rows to [`Command`](super::Command), [`Opt`](super::Opt) and [`OPTIONS`](super::OPTIONS), whose order is the rows'.
macro_rules! declare {
    (
        commands { $($command:ident: $long:literal $short:literal $value:expr, $sets:expr, $help:expr;)* }
        options { $($opt:ident: $o_long:literal $o_short:literal $o_value:expr,
                    $o_sets:expr, $used:expr, $heading:expr, $o_help:expr;)* }
    ) => {
        /// A command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command {
            $(#[doc = concat!("`--", $long, "`.")] $command,)*
        }

        impl Command {
            /// All, in the order of the table.
            pub const ALL: [Self; [$($long),*].len()] = [$(Self::$command),*];

            /// Its declaration.
            pub const fn spec(self) -> &'static OptionSpec {
                &OPTIONS[self as usize]
            }
        }

        /// An option of commands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Opt {
            $(#[doc = concat!("`--", $o_long, "`.")] $opt,)*
        }

        impl Opt {
            /// All, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$opt),*];

            /// Its declaration.
            pub const fn spec(self) -> &'static OptionSpec {
                &OPTIONS[Command::ALL.len() + self as usize]
            }
        }

        /// The table.
        pub static OPTIONS: [OptionSpec; Command::ALL.len() + Opt::ALL.len()] = [
            $(OptionSpec {
                kind: Kind::Command(Command::$command),
                long: $long, short: $short, value: $value, sets: $sets,
                used: NO_COMMAND, heading: Heading::Commands, help: $help,
            },)*
            $(OptionSpec {
                kind: Kind::Option(Opt::$opt),
                long: $o_long, short: $o_short, value: $o_value, sets: $o_sets,
                used: $used, heading: $heading, help: $o_help,
            },)*
        ];
    };
}
