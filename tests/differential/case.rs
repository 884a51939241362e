//! One case: a sequence of steps for both programs, in a small text format that people read and write.
//!
//! ```text
//! # what it shows (one line, required)
//! views all                      how the tables are looked at in the end: none, default or all
//! + ip link add d0 type dummy    a shell line, run in both namespaces
//! $ ipvsadm -A -t 1.2.3.4:80     a command; its first word is its argv[0]
//! $ ipvsadm -R <<END             with input: the lines up to END,
//! -A -t 1.2.3.4:81
//! END
//! $ ipvsadm -R <<<$'a\r\nb'      or one quoted word, as it is
//! nobody$ ipvsadm -Ln            the command as a user without rights
//! ? -Ln --stats                  a look at both tables by both programs
//! ```

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::words::{self, Word};

/// A sequence and how its outcome is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Topic and file name, or seed and number.
    pub name: String,
    /// One line: what the case shows.
    pub shows: String,
    pub views: Views,
    pub steps: Vec<Step>,
}

/// The views taken of both tables when all steps are done.
#[derive(Clone, Debug, PartialEq)]
pub enum Views {
    None,
    Default,
    All,
    /// Words after the program's name, of each view. Written as `?` steps at the end.
    These(Vec<Vec<Word>>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A shell line that prepares both namespaces.
    Setup(String),
    /// A command of the program.
    Run(Command),
    /// A view by both programs on both tables: the words after the program's name.
    Look(Vec<Word>),
}

/// One start of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// argv; the base name of the first word is `ipvsadm`, `ipvsadm-save` or `ipvsadm-restore`.
    pub words: Vec<Word>,
    /// Standard input; none: an empty one.
    pub input: Option<Vec<u8>>,
    /// Start it as the user nobody, without capabilities.
    pub as_nobody: bool,
}

impl Command {
    /// `ipvsadm` with these arguments.
    pub fn ipvsadm(arguments: &[Word]) -> Self {
        let words = [&[b"ipvsadm".to_vec()], arguments].concat();
        Command { words, input: None, as_nobody: false }
    }
}

impl Case {
    /// Reads a file; its name is its folder's, which is the topic in `cases/`, and its own.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let topic = path.parent().and_then(Path::file_name).unwrap_or_default();
        let name = Path::new(topic).join(path.file_stem().unwrap_or_default());
        Self::parse(&name.to_string_lossy(), &text).with_context(|| format!("in {}", path.display()))
    }

    /// Reads the text of a case.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let mut case = Case { name: name.to_owned(), shows: String::new(), views: Views::Default, steps: Vec::new() };
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(shows) = line.strip_prefix("# ") {
                case.shows = shows.to_owned();
            } else if let Some(views) = line.strip_prefix("views ") {
                case.views = match views {
                    "none" => Views::None,
                    "default" => Views::Default,
                    "all" => Views::All,
                    other => bail!("views are none, default or all, not '{other}'"),
                };
            } else if let Some(shell) = line.strip_prefix("+ ") {
                case.steps.push(Step::Setup(shell.to_owned()));
            } else if let Some(view) = line.strip_prefix('?') {
                case.steps.push(Step::Look(words::split(view)?));
            } else if let Some(command) = line.strip_prefix("$ ") {
                case.steps.push(Step::Run(parse_command(command, &mut lines, false)?));
            } else if let Some(command) = line.strip_prefix("nobody$ ") {
                case.steps.push(Step::Run(parse_command(command, &mut lines, true)?));
            } else if !line.is_empty() {
                bail!("a line begins with '# ', 'views ', '+ ', '$ ', 'nobody$ ' or '?', not: {line}");
            }
        }
        if case.shows.is_empty() || case.steps.is_empty() {
            bail!("a case has a '# ' line that says what it shows, and at least one step");
        }
        Ok(case)
    }
}

fn parse_command<'a>(line: &str, lines: &mut impl Iterator<Item = &'a str>, as_nobody: bool) -> Result<Command> {
    let (line, input) = match line.split_once(" <<") {
        None => (line, None),
        Some((line, word)) => match word.strip_prefix('<') {
            Some(word) => (line, Some(words::split(word)?.concat())),
            None => (line, Some(read_until(word, lines)?)),
        },
    };
    Ok(Command { words: words::split(line)?, input, as_nobody })
}

fn read_until<'a>(end: &str, lines: &mut impl Iterator<Item = &'a str>) -> Result<Vec<u8>> {
    let mut input = Vec::new();
    for line in lines {
        if line == end {
            return Ok(input);
        }
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    bail!("input without its closing '{end}'")
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.shows)?;
        let views = match &self.views {
            Views::Default => &[],
            Views::None => {
                writeln!(f, "views none")?;
                &[][..]
            }
            Views::All => {
                writeln!(f, "views all")?;
                &[][..]
            }
            Views::These(views) => {
                writeln!(f, "views none")?;
                views
            }
        };
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))?;
        views.iter().try_for_each(|view| writeln!(f, "{}", Step::Look(view.clone())))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Setup(shell) => write!(f, "+ {shell}"),
            Step::Run(command) => write!(f, "{command}"),
            Step::Look(view) if view.is_empty() => write!(f, "?"),
            Step::Look(view) => write!(f, "? {}", words::join(view)),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prompt = if self.as_nobody { "nobody$" } else { "$" };
        write!(f, "{prompt} {}", words::join(&self.words))?;
        match self.input.as_deref().map(|input| (input, std::str::from_utf8(input))) {
            None => Ok(()),
            // Only what `lines()` gives back unchanged may stand between the markers.
            Some((_, Ok(text)))
                if (text.is_empty() || text.ends_with('\n'))
                    && !text.contains('\r')
                    && text.lines().all(|line| line != "END") =>
            {
                write!(f, " <<END\n{text}END")
            }
            Some((input, _)) => write!(f, " <<<$'{}'", words::escape(input)),
        }
    }
}
