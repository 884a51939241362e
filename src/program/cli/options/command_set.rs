//! Sets of commands, made when the program is compiled.

use super::Command;

/// A set of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandSet(u32);

impl CommandSet {
    /// The set of none.
    pub const NONE: Self = Self(0);

    /// The set of these.
    pub const fn of(commands: &[Command]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < commands.len() {
            bits |= 1 << commands[i] as u16;
            i += 1;
        }
        Self(bits)
    }

    /// Whether a command is in it.
    pub const fn has(self, command: Command) -> bool {
        self.0 & (1 << command as u16) != 0
    }
}
