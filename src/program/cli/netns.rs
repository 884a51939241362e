//! `--netns` of a command line: it says where and not what, may stand anywhere, before the command too, and acts before
//! anything else is read, since names are looked up over the network that it names. So it is taken out first.

use super::UsageError;
use super::options::{Command, Kind, Opt};
use super::popt::Walk;
use std::borrow::Cow;

/// The namespace that a command line names, if any, and its other words. Help and version need none.
///
/// # Errors
/// When it names two.
pub fn without_namespace<'a, 'w>(words: &'a [&'w str]) -> Result<(Option<&'w str>, Cow<'a, [&'w str]>), UsageError> {
    // Nearly all command lines have none, and need not be read twice.
    if !words.iter().any(|word| word.starts_with("--netns")) {
        return Ok((None, words.into()));
    }
    let (mut walk, mut rest) = (Walk::new(words), words.to_vec());
    let (mut namespace, mut needed) = (None, true);
    while let Some(Ok(option)) = walk.next() {
        match (option.spec.kind, option.value) {
            (Kind::Command(Command::Help | Command::Version), _) => needed = false,
            (Kind::Option(Opt::Netns), Some(value)) => {
                if namespace.replace(value).is_some() {
                    return Err(UsageError::Multiple(Opt::Netns));
                }
                let end = rest.len() - walk.left();
                // Behind a `=`, or a word of its own.
                let length = if option.word == value { 2 } else { 1 };
                rest.drain(end - length..end);
            }
            _ => {}
        }
    }
    Ok((namespace.filter(|_| needed), rest.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_may_stand_anywhere() {
        for (words, namespace, rest) in [
            ("-Ln --netns blue", Some("blue"), "-Ln"),
            ("--netns blue -Ln", Some("blue"), "-Ln"),
            ("--netns=/proc/7/ns/net", Some("/proc/7/ns/net"), ""),
            ("--netns= -C", Some(""), "-C"),
            ("-A --netns 12 -t 10.0.0.1:80", Some("12"), "-A -t 10.0.0.1:80"),
            ("--set 1 --netns blue 2 3", Some("blue"), "--set 1 2 3"),
            ("a -L b --netns blue -- c", Some("blue"), "a -L b -- c"),
            ("-L --netns --netns=x", Some("--netns=x"), "-L"),
            // What is not the option.
            ("-Ln", None, "-Ln"),
            ("-L -- --netns blue", None, "-L -- --netns blue"),
            ("-A -t --netns", None, "-A -t --netns"),
            ("-L --netns", None, "-L --netns"),
            ("-L -Q --netns blue", None, "-L -Q --netns blue"),
            // What needs no namespace.
            ("-h --netns blue", None, "-h"),
            ("--netns blue --version", None, "--version"),
        ] {
            let words: Vec<_> = words.split(' ').collect();
            let (found, other) = without_namespace(&words).unwrap();
            assert_eq!((found, other.join(" ").as_str()), (namespace, rest), "{words:?}");
        }
        let twice = without_namespace(&["-L", "--netns", "blue", "--netns=red"]);
        assert_eq!(twice.unwrap_err().to_string(), "multiple 'netns' options specified");
    }
}
