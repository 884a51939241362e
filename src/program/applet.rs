//! Which program we are called as: one binary takes the place of three.

/// A program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applet {
    /// `ipvsadm`.
    Ipvsadm,
    /// `ipvsadm-save`.
    Save,
    /// `ipvsadm-restore`.
    Restore,
}

impl Applet {
    /// The program of `argv[0]`: the last part of its path decides, and any other name is `ipvsadm`.
    pub fn of(program: &str) -> Self {
        match program.rsplit('/').next() {
            Some("ipvsadm-save") => Self::Save,
            Some("ipvsadm-restore") => Self::Restore,
            _ => Self::Ipvsadm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides() {
        assert_eq!(Applet::of("ipvsadm"), Applet::Ipvsadm);
        assert_eq!(Applet::of("/sbin/ipvsadm-save"), Applet::Save);
        assert_eq!(Applet::of("./ipvsadm-restore"), Applet::Restore);
        assert_eq!(Applet::of(""), Applet::Ipvsadm);
        assert_eq!(Applet::of("ipvsadm-save/x"), Applet::Ipvsadm);
    }
}
