//! What a file seems to be that holds no rules.

/// A guess, for a file with lines that do not parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guess {
    /// What it seems to be, and what to do.
    pub what: &'static str,
    /// Whether its lines are worth a look one by one.
    pub has_rules: bool,
}

/// How listings begin.
const LISTINGS: [&[u8]; 4] = [
    b"IP Virtual Server version ",
    b"Prot LocalAddress:Port ",
    b"IPVS connection entries",
    b"Timeout (tcp tcpfin udp):",
];

/// Guesses from how a file begins, and whether a line that does not parse has a `$`.
pub fn guess(input: &[u8], has_variables: bool) -> Option<Guess> {
    let other = |what| Some(Guess { what, has_rules: false });
    let begin = &input[..input.len().min(512)];
    match begin {
        [0x1f, 0x8b, ..] => other("is compressed: use zcat FILE | ipvsadm-restore"),
        [0xfd, b'7', b'z', b'X', b'Z', ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'B', b'Z', b'h', ..] => {
            other("is compressed: unpack it first")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => other("is UTF-16 text: save it as UTF-8"),
        [0xef, 0xbb, 0xbf, ..] => {
            Some(Guess { what: "begins with a byte order mark: save it as UTF-8 without one", has_rules: true })
        }
        _ if LISTINGS.iter().any(|listing| begin.starts_with(listing)) => {
            other("is a listing (ipvsadm -L): rules are what ipvsadm-save prints")
        }
        _ if begin.contains(&0) => other("is no text"),
        _ if begin.trim_ascii_start().starts_with(b"{") => {
            other("seems to be JSON: --json restores what `ipvsadm -L --json` prints")
        }
        _ if begin.trim_ascii_start().starts_with(b"[") => {
            other("seems to be JSON: rules are what ipvsadm-save prints")
        }
        _ if begin.starts_with(b"#!") || has_variables => {
            let what = "is a shell script: run it with sh, for rules have no variables";
            Some(Guess { what, has_rules: true })
        }
        _ => None,
    }
}

/// Guesses from how an input begins that is no JSON.
pub fn guess_without_json(input: &[u8]) -> Option<&'static str> {
    match input.trim_ascii_start() {
        [b'-' | b'#', ..] | [b'i', b'p', b'v', b's', ..] => Some("seems to be rules: leave --json out"),
        [b'{' | b'[', ..] => None,
        _ => guess(input, false).map(|guess| guess.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_kinds() {
        let listing = b"IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n";
        for (input, what) in [
            (&b"\x1f\x8b\x08\0\0"[..], "is compressed: use zcat"),
            (b"BZh91AY&SY", "is compressed: unpack"),
            (b"\xff\xfe-\0A\0", "is UTF-16"),
            (b"-\0A\0 \0", "is no text"),
            (listing, "is a listing"),
            (b"IPVS connection entries\n", "is a listing"),
            (b"\xef\xbb\xbf-C\n", "begins with a byte order mark"),
            (b"\n{\n  \"services\": []\n}\n", "seems to be JSON: --json"),
            (b"[1]", "seems to be JSON: rules"),
            (b"#!/bin/sh\nipvsadm -A -t 10.0.0.1:80\nexit\n", "is a shell script"),
        ] {
            assert!(guess(input, false).is_some_and(|guess| guess.what.starts_with(what)), "{what}");
        }
        assert!(guess(b"VIP=1\nipvsadm -A -t $VIP:80\n", true).is_some_and(|guess| guess.has_rules));
        assert_eq!(guess(b"-A -t nonsense\n", false), None);
        assert_eq!(guess(b"", false), None);
        for (input, what) in [
            (&b"-A -f 1\n"[..], Some("seems to be rules: leave --json out")),
            (b" ipvsadm -A -f 1\n", Some("seems to be rules: leave --json out")),
            (b"{\"services\": [", None),
            (b"", None),
        ] {
            assert_eq!(guess_without_json(input), what);
        }
    }
}
