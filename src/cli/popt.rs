//! The grammar of popt, the reference's option parser: words in, options in order out, nothing of their meaning.
//!
//! Clusters (`-Ln`), values in five forms (`-tX`, `-t=X`, `-t X`, `--opt=X`, `--opt X`), an optional value that may be
//! the next word, operands anywhere, `--`. The first syntax error ends the walk and is carried along, because errors
//! of the options before it come first.

use super::UsageError;
use super::options::{Spec, Value};
use std::borrow::Cow;

/// One option as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<'w> {
    /// Which option.
    pub spec: &'static Spec,
    /// Its value.
    pub value: Option<Cow<'w, str>>,
    /// The last word that it took, which popt names in errors.
    pub word: &'w str,
}

/// Room for the options of most command lines.
const TYPICAL: usize = 8;

/// A command line, split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words<'w> {
    /// The options, in order.
    pub options: Vec<Given<'w>>,
    /// The words that belong to no option.
    pub operands: Vec<&'w str>,
    /// Whether `--` stood among them.
    pub dashes: bool,
    /// What ended the walk.
    pub error: Option<UsageError>,
}

/// Splits words (without `argv[0]`) as popt does.
pub fn split<'w>(mut rest: impl Iterator<Item = &'w str> + Clone) -> Words<'w> {
    let mut split = Words { options: Vec::with_capacity(TYPICAL), ..Words::default() };
    while let Some(word) = rest.next() {
        let step = match word.strip_prefix('-') {
            Some("-") => {
                split.dashes = true;
                split.operands.extend(rest.by_ref());
                Ok(())
            }
            None | Some("") => {
                split.operands.push(word);
                Ok(())
            }
            Some(name) => match name.strip_prefix('-') {
                Some(long) => long_option(word, long, &mut rest, &mut split.options),
                None => cluster(word, name, &mut rest, &mut split.options),
            },
        };
        if let Err(error) = step {
            split.error = Some(error);
            break;
        }
    }
    split
}

fn long_option<'w>(
    word: &'w str,
    long: &'w str,
    rest: &mut (impl Iterator<Item = &'w str> + Clone),
    options: &mut Vec<Given<'w>>,
) -> Result<(), UsageError> {
    let (name, attached) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let spec = Spec::by_long(name).ok_or_else(|| UsageError::UnknownOption(word.to_owned()))?;
    if spec.value == Value::None && attached.is_some() {
        return Err(UsageError::UnwantedArgument(word.to_owned()));
    }
    options.push(with_value(spec, word, attached, rest)?);
    Ok(())
}

fn cluster<'w>(
    word: &'w str,
    mut letters: &'w str,
    rest: &mut (impl Iterator<Item = &'w str> + Clone),
    options: &mut Vec<Given<'w>>,
) -> Result<(), UsageError> {
    while let Some(&letter) = letters.as_bytes().first() {
        let spec = Spec::by_short(letter).ok_or_else(|| UsageError::UnknownOption(word.to_owned()))?;
        // A known letter is one byte long, so this cannot split a character.
        let after = &letters[1..];
        let attached = after.strip_prefix('=');
        if spec.value == Value::None {
            if attached.is_some() {
                return Err(UsageError::UnwantedArgument(word.to_owned()));
            }
            options.push(Given { spec, value: None, word });
            letters = after;
        } else {
            let attached = attached.or((!after.is_empty()).then_some(after));
            options.push(with_value(spec, word, attached, rest)?);
            return Ok(());
        }
    }
    Ok(())
}

/// Finds the value of an option: attached to it, or the next word.
fn with_value<'w>(
    spec: &'static Spec,
    word: &'w str,
    attached: Option<&'w str>,
    rest: &mut (impl Iterator<Item = &'w str> + Clone),
) -> Result<Given<'w>, UsageError> {
    if attached.is_some() || spec.value == Value::None {
        return Ok(Given { spec, value: attached.map(Cow::Borrowed), word });
    }
    let takes_next = match spec.value {
        Value::Optional(_) => rest.clone().next().is_some_and(|next| !next.starts_with('-')),
        _ => true,
    };
    if !takes_next {
        return Ok(Given { spec, value: None, word });
    }
    match rest.next() {
        Some(next) => Ok(Given { spec, value: Some(Cow::Borrowed(next)), word: next }),
        None => Err(UsageError::MissingArgument(word.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The options as `long` or `long=value`, then operands, then the error.
    fn shown(words: &[&str]) -> String {
        let split = split(words.iter().copied());
        let options = split.options.iter().map(|given| match &given.value {
            Some(value) => format!("{}={value}", given.spec.long),
            None => given.spec.long.to_owned(),
        });
        let error = split.error.iter().map(|error| format!("! {error}"));
        options.chain(split.operands.iter().map(|word| format!("[{word}]"))).chain(error).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_form_of_the_grammar() {
        for (words, expected) in [
            (&["-Ln"][..], "list numeric"),
            (&["-ln"], "list numeric"),
            (&["-At", "X"], "add-service tcp-service=X"),
            (&["-AtX"], "add-service tcp-service=X"),
            (&["-At=X"], "add-service tcp-service=X"),
            (&["-At==X"], "add-service tcp-service==X"),
            (&["-A", "--tcp-service=X"], "add-service tcp-service=X"),
            (&["-A", "--tcp-service", "X"], "add-service tcp-service=X"),
            (&["-A", "--tcp-service="], "add-service tcp-service="),
            (&["-A", "-t", "-n"], "add-service tcp-service=-n"),
            (&["-A", "-s", "=rr"], "add-service scheduler==rr"),
            (&["-A", "-p", "5"], "add-service persistent=5"),
            (&["-A", "-p", "-s", "rr"], "add-service persistent scheduler=rr"),
            (&["-A", "-ps"], "add-service persistent=s"),
            (&["-A", "-p="], "add-service persistent="),
            (&["-A", "-p", ""], "add-service persistent="),
            (&["-A", "-p"], "add-service persistent"),
            (&["a", "-L", "b", "-", "", "--", "-n"], "list [a] [b] [-] [] [-n]"),
            (&["-L", "-nQ", "-c"], "list numeric ! -nQ: unknown option"),
            (&["-L", "--bogus=3"], "list ! --bogus=3: unknown option"),
            (&["-L", "---stats"], "list ! ---stats: unknown option"),
            (&["-L", "--stat"], "list ! --stat: unknown option"),
            (&["-Ln="], "list numeric ! -Ln=: option does not take an argument"),
            (&["-L", "--stats=1"], "list ! --stats=1: option does not take an argument"),
            (&["-A", "-t"], "add-service ! -t: missing argument"),
            (&["-L\u{fc}"], "list ! -L\u{fc}: unknown option"),
        ] {
            // "numeric" is not pushed when its own word is the error.
            let expected = expected.replace("list numeric ! -Ln=", "list ! -Ln=");
            assert_eq!(shown(words), expected, "{words:?}");
        }
    }
}
