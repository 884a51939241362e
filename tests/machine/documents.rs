//! Real output of every view is what docs/schema.json says, by a validator that is not ours: Debian's python3-jsonschema.

use crate::program::{Programs, shell};
use crate::tables::Random;
use crate::{document, elements, traffic};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema.json");

/// Documents, and the schema that they are to have.
pub struct Validator {
    folder: PathBuf,
    documents: usize,
}

impl Validator {
    /// With the documented schema, but strict: a key that it does not name is an error.
    pub fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let mut schema: Value = serde_json::from_str(&fs::read_to_string(SCHEMA)?).context("docs/schema.json")?;
        strict(&mut schema);
        fs::write(folder.join("schema"), schema.to_string())?;
        Ok(Self { folder, documents: 0 })
    }

    /// Adds a document.
    pub fn add(&mut self, document: &Value) -> Result<()> {
        self.documents += 1;
        fs::write(self.folder.join(self.documents.to_string()), document.to_string())?;
        Ok(())
    }

    /// Validates all of them, and returns how many they are.
    pub fn validate(self) -> Result<usize> {
        for schema in [Path::new(SCHEMA), &self.folder.join("schema")] {
            let mut command = Command::new("/usr/bin/python3");
            command.args(["-W", "ignore", "-m", "jsonschema"]).arg(schema);
            for number in 1..=self.documents {
                command.arg("-i").arg(self.folder.join(number.to_string()));
            }
            let output = command.output().context("starting python3")?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(output.status.success() && said.is_empty(), "{}: {said}", schema.display());
        }
        Ok(self.documents)
    }
}

/// Forbids keys that the schema does not name.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(strict);
            if object.get("required").is_some() {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(array) => array.iter_mut().for_each(strict),
        _ => {}
    }
}

pub fn have_the_schema(programs: &Programs) -> Result<String> {
    let mut validator = Validator::new("documents")?;
    let views = ["-L", "-Ln", "-Lc", "-Lnc", "-Lc --count", "-Ln --timeout", "-L --daemon"];
    let add_findings = |validator: &mut Validator| {
        let outcome = programs.ipvsadm(&["--diagnose", "--json"])?;
        let document: Value = serde_json::from_str(&outcome.stdout).with_context(|| format!("{outcome:?}"))?;
        ensure!(document["exit_status"] == outcome.status && outcome.stderr.is_empty(), "{outcome:?}");
        validator.add(&document)
    };
    let add_views = |validator: &mut Validator| {
        views.iter().try_for_each(|view| validator.add(&document(programs, &format!("{view} --json"))?))
    };
    add_views(&mut validator)?;
    for number in 0..40 {
        let mut random = Random(number);
        programs.reference_restore(&random.table())?;
        validator.add(&document(programs, "-L --json")?)?;
        add_findings(&mut validator)?;
        validator.add(&document(programs, "-Ln --json --nosort")?)?;
    }
    programs.reference(&["-C"], "")?;
    traffic::make(programs, 20)?;
    for daemon in ["master --mcast-interface lo --syncid 3", "backup --mcast-interface lo --mcast-ttl 9"] {
        let started = programs.reference(&format!("--start-daemon {daemon}").split(' ').collect::<Vec<_>>(), "")?;
        ensure!(started.status == 0, "{started:?}");
    }
    add_views(&mut validator)?;
    add_drains(programs, &mut validator)?;
    validator.add(&document(programs, "-L --json -u 10.0.0.1:53 -r 127.0.0.3 -w 2 -s rr")?)?;
    shell("echo 0 >/proc/sys/net/ipv4/vs/run_estimation 2>/dev/null || true")?;
    validator.add(&document(programs, "-Ln --json")?)?;
    Ok(format!("{} documents", validator.validate()?))
}

/// Drains of servers with connections, with a last server among them, and of one without.
fn add_drains(programs: &Programs, validator: &mut Validator) -> Result<()> {
    let mut events = BTreeSet::new();
    for (drain, status) in [
        ("-e -r 127.0.0.3 --drain=1 --restore-weight --force --json", 3),
        ("-e -r 127.0.0.3 --drain=1 --force --json", 3),
        ("-d -t 192.0.2.200:80 -r 10.0.0.1 --drain --json", 5),
        ("-d -t 192.0.2.200:80 -r 10.0.0.1 --drain=0 --force --json", 0),
    ] {
        programs.reference(&["-A", "-t", "192.0.2.200:80"], "")?;
        programs.reference(&["-a", "-t", "192.0.2.200:80", "-r", "10.0.0.1"], "")?;
        let outcome = programs.ipvsadm(&drain.split(' ').collect::<Vec<_>>())?;
        ensure!(outcome.status == status && outcome.stderr.is_empty(), "{drain}: {outcome:?}");
        for line in outcome.stdout.lines() {
            let document: Value = serde_json::from_str(line).with_context(|| format!("{outcome:?}"))?;
            events.extend(document["event"].as_str().map(str::to_owned));
            validator.add(&document)?;
        }
    }
    programs.reference(&["-D", "-t", "192.0.2.200:80"], "")?;
    ensure!(events.iter().eq(["begun", "drained", "progress", "refused", "time_limit"]), "{events:?}");
    Ok(())
}

/// What a restore would change, of rules and of documents, whatever the command.
pub fn differences_have_the_schema(programs: &Programs) -> Result<String> {
    let mut validator = Validator::new("differences")?;
    let mut commands = BTreeSet::new();
    let mut differ = |input: &str, options: &[&str]| -> Result<()> {
        let outcome = programs.restore(&[&["--diff", "--json", "--allow-empty"], options].concat(), input)?;
        let document: Value = serde_json::from_str(&outcome.stdout).with_context(|| format!("{outcome:?}"))?;
        let (changes, failed) = (elements(&document, "changes")?, elements(&document, "failed")?);
        let status = if failed.is_empty() { i32::from(!changes.is_empty()) } else { 2 };
        ensure!(outcome.status == status, "{outcome:?}");
        for change in changes {
            let of_document = input.starts_with('{');
            ensure!(change["line"].is_null() || !of_document, "a line of a document: {change}");
            ensure!(change["path"].is_null() || of_document, "a path of rules: {change}");
            // The text has the same rule, and the document the line that asked for it.
            if let Some(line) = change["line"].as_u64() {
                ensure!(input.lines().count() as u64 >= line, "{change}");
            }
            commands.extend(change["command"].as_str().map(str::to_owned));
        }
        // In the same order as the text has them.
        if !input.starts_with('{') {
            let text = programs.restore(&[&["--diff", "--allow-empty"], options].concat(), input)?;
            ensure!(text.stdout.lines().count() == changes.len(), "{text:?}, and {document}");
            ensure!((text.status, &text.stderr) == (outcome.status, &outcome.stderr), "{text:?}, and {outcome:?}");
        }
        validator.add(&document)
    };
    for number in 0..40 {
        let mut random = Random(number);
        programs.reference_restore(&random.table())?;
        differ(&random.file(), &[])?;
        differ(&random.file(), &["--noflush"])?;
        let document = document(programs, "-Ln --json")?;
        programs.reference_restore(&random.table())?;
        differ(&document.to_string(), &[])?;
    }
    differ("", &[])?;
    // A daemon and servers of another family than their services' exclude one another.
    let started = programs.reference(&["-R"], "-C\n--start-daemon master --mcast-interface lo --syncid 3\n")?;
    ensure!(started.status == 0 && started.stderr.is_empty(), "{started:?}");
    let other = "--stop-daemon master\n--start-daemon backup --mcast-interface lo --syncid 4 --mcast-ttl 5\n--set 901 0 0\n-Z\n";
    differ(other, &[])?;
    differ("-A -t nosuch.example:80\n", &[])?;
    let expected = [
        "add-server",
        "add-service",
        "clear",
        "delete-server",
        "delete-service",
        "edit-server",
        "edit-service",
        "set",
        "start-daemon",
        "stop-daemon",
        "zero",
    ];
    ensure!(commands.iter().eq(&expected), "other commands were met: {commands:?}");
    Ok(format!("{} documents with all of the commands", validator.validate()?))
}
