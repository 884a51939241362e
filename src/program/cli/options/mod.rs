//! Every option, declared once: names, value, what it sets, which commands take it, help.
//!
//! All that knows options reads this: the walk over the words, the legality check, clap (help, completions) and the
//! check of the manual. A new option is a row in `table.rs`, and its meaning in `builder.rs`.

mod command_set;
#[macro_use]
mod declare;
mod table;

pub use command_set::CommandSet;
pub use table::{Command, OPTIONS, Opt};

/// One option's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionSpec {
    /// A command, or an option of commands.
    pub kind: Kind,
    /// The long name, without dashes.
    pub long: &'static str,
    /// The short names, one letter each.
    pub short: &'static str,
    /// Whether it takes a value.
    pub value: Value,
    /// What it sets.
    pub sets: Sets,
    /// The commands that it goes with; none for a command.
    pub used: Use,
    /// The part of the help that it stands in.
    pub heading: Heading,
    /// Its help; a newline where a line would be longer than the terminal.
    pub help: &'static str,
}

/// The two kinds of options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Says what to do; a command line has one.
    Command(Command),
    /// Says how.
    Option(Opt),
}

/// Whether an option takes a value, and what the help calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// It takes none.
    None,
    /// It needs one.
    Required(&'static str),
    /// It takes the next word unless that begins with `-`.
    Optional(&'static str),
    /// It takes none itself, but its command needs three words that belong to no option.
    Operands([&'static str; 3]),
}

/// What an option sets, as the reference's messages name it. An option that sets something may be given once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sets {
    /// Something with the option's long name.
    Itself,
    /// Something with another name.
    As(&'static str),
    /// The same as an option above it in the table.
    SameAs(Opt),
    /// Nothing that messages speak of.
    Nothing,
}

/// Which commands an option goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// They cannot do without it.
    pub needed: CommandSet,
    /// They take it.
    pub allowed: CommandSet,
    /// They take it, or another option like it, but not both.
    pub alone: CommandSet,
    /// They take it more than once.
    pub often: CommandSet,
}

/// The parts of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// Commands.
    Commands,
    /// What identifies a virtual service.
    VirtualService,
    /// Settings of a virtual service.
    ServiceOptions,
    /// A real server and its settings.
    RealServer,
    /// Of listings and saves.
    Listing,
    /// What makes a command one that may be repeated.
    Repeatable,
    /// How a server is drained.
    Draining,
    /// Settings of a sync daemon.
    SyncDaemon,
    /// Of all commands.
    EveryCommand,
}

impl Heading {
    /// All, in the order of the help.
    pub const ALL: [Self; 9] = [
        Self::Commands,
        Self::VirtualService,
        Self::ServiceOptions,
        Self::RealServer,
        Self::Repeatable,
        Self::Draining,
        Self::Listing,
        Self::SyncDaemon,
        Self::EveryCommand,
    ];

    /// As the help prints it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Commands => "Commands",
            Self::VirtualService => "Virtual service",
            Self::ServiceOptions => "Options of a service",
            Self::RealServer => "Options of a real server",
            Self::Repeatable => "Whatever is there",
            Self::Draining => "Draining",
            Self::Listing => "Options of a listing",
            Self::SyncDaemon => "Options of a sync daemon",
            Self::EveryCommand => "With every command",
        }
    }
}

impl OptionSpec {
    /// The option of a long name.
    pub fn by_long(name: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|spec| spec.long == name)
    }

    /// The option of a short name.
    pub fn by_short(name: u8) -> Option<&'static Self> {
        OPTIONS.get(usize::from(*BY_SHORT.get(usize::from(name))?))
    }

    /// Whether the reference does not have it. Such rows stand behind those that it has.
    pub fn is_ours(&self) -> bool {
        match self.kind {
            Kind::Command(command) => command as usize > Command::Version as usize,
            Kind::Option(opt) => opt as usize >= Opt::Full as usize,
        }
    }

    /// What the reference's messages call it, or what it sets.
    pub fn name(&self) -> &'static str {
        match self.sets {
            Sets::Itself | Sets::Nothing => self.long,
            Sets::As(name) => name,
            Sets::SameAs(first) => first.spec().name(),
        }
    }
}

impl Opt {
    /// The first of the options that set the same.
    pub const fn first(self) -> Self {
        match self.spec().sets {
            Sets::SameAs(first) => first,
            _ => self,
        }
    }

    /// What the reference's messages call what it sets.
    pub fn name(self) -> &'static str {
        self.spec().name()
    }
}

impl Command {
    /// What the reference's messages call it.
    pub fn name(self) -> &'static str {
        self.spec().name()
    }
}

/// The place in the table of each short name, or one beyond the table.
static BY_SHORT: [u8; 128] = {
    let mut places = [u8::MAX; 128];
    let mut place = 0;
    while place < OPTIONS.len() {
        let names = OPTIONS[place].short.as_bytes();
        let mut i = 0;
        while i < names.len() {
            places[names[i] as usize] = place as u8;
            i += 1;
        }
        place += 1;
    }
    places
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_leads_to_its_option() {
        let mut names = BTreeSet::new();
        for spec in &OPTIONS {
            assert!(names.insert(spec.long.to_owned()), "--{} twice", spec.long);
            assert_eq!(OptionSpec::by_long(spec.long), Some(spec));
            for short in spec.short.bytes() {
                assert!(names.insert(char::from(short).to_string()), "-{} twice", char::from(short));
                assert_eq!(OptionSpec::by_short(short), Some(spec));
            }
        }
        assert_eq!(OptionSpec::by_short(b'Q'), None);
        assert_eq!(OptionSpec::by_short(0xff), None);
    }

    /// The names that the reference's messages have, in the order of its checks; `full` and those behind it are ours.
    #[test]
    fn what_options_set_has_the_references_names_and_order() {
        let firsts = Opt::ALL.iter().filter(|opt| opt.first() == **opt && opt.spec().sets != Sets::Nothing);
        let names: Vec<_> = firsts.map(|opt| opt.name()).collect();
        let expected = "numeric connection service-address scheduler persistent netmask real-server forwarding-method \
                        weight u-threshold l-threshold mcast-interface timeout daemon stats rate thresholds \
                        persistent-conn nosort syncid exact ops pe sched-flags mcast-group mcast-port mcast-ttl \
                        sync-maxlen tun-info tun-type tun-port tun-nocsum tun-csum tun-remcsum full output json drain force \
                        restore-weight ignore-persistent client state count quiet \
                        watch prometheus ensure keep";
        assert_eq!(names.join(" "), expected);
        assert_eq!(Command::ALL.map(Command::name)[..4], ["add-service", "edit-service", "delete-service", "flush"]);
    }

    #[test]
    fn an_option_stands_where_its_variant_says() {
        for opt in Opt::ALL {
            assert_eq!(opt.spec().kind, Kind::Option(*opt));
        }
        for command in Command::ALL {
            assert_eq!(command.spec().kind, Kind::Command(command));
        }
    }
}
