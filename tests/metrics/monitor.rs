//! What watches the director: a writer of the file, node_exporter with the folder of it, and a Prometheus that asks node_exporter.

use crate::program::Programs;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const NODE_EXPORTER: &str = "127.0.0.1:9100";
const PROMETHEUS: &str = "127.0.0.1:9090";
const CONFIGURATION: &str = "\
global: {scrape_interval: 2s, scrape_timeout: 2s}
scrape_configs:
- job_name: node
  static_configs: [{targets: ['127.0.0.1:9100'], labels: {instance: director}}]
";
/// Far more than any machine is slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// All of them, until it is dropped.
pub struct Monitor {
    programs: Vec<Child>,
    stop: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
    folder: PathBuf,
}

impl Monitor {
    /// Starts them in the network namespace of the calling thread.
    pub fn start(programs: &Programs, prometheus: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join("metrics");
        let text = folder.join("text");
        fs::create_dir_all(&text)?;
        fs::write(folder.join("prometheus.yml"), CONFIGURATION)?;
        let stop = Arc::<AtomicBool>::default();
        let mut monitor = Self { programs: Vec::new(), stop: Arc::clone(&stop), writer: None, folder };
        let (ours, file) = (programs.ours.clone(), text.join("ipvs.prom"));
        monitor.writer = Some(thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let _ = Command::new(&ours).args(["-L", "--prometheus", "--output"]).arg(&file).status();
                thread::sleep(Duration::from_millis(500));
            }
        }));
        monitor.run(
            &prometheus.join("prometheus-node-exporter"),
            &[
                "--collector.disable-defaults",
                "--collector.textfile",
                &format!("--collector.textfile.directory={}", text.display()),
                &format!("--web.listen-address={NODE_EXPORTER}"),
            ],
        )?;
        let web = format!("--web.listen-address={PROMETHEUS}");
        let program = prometheus.join("prometheus");
        monitor.run(&program, &["--config.file=prometheus.yml", "--storage.tsdb.path=data", &web])?;
        Ok(monitor)
    }

    fn run(&mut self, program: &Path, words: &[&str]) -> Result<()> {
        let log = File::create(self.folder.join("log"))?;
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.folder).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.programs.push(command.spawn().with_context(|| format!("starting {}", program.display()))?);
        Ok(())
    }

    /// Asks Prometheus a question, at a time or now, until the answer will do.
    pub fn wait_for<T>(&self, what: &str, mut answered: impl FnMut(&Self) -> Result<Option<T>>) -> Result<T> {
        let end = Instant::now() + PATIENCE;
        loop {
            // It may not be up yet.
            let last = match answered(self) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => String::new(),
                Err(error) => format!(": {error:#}"),
            };
            if Instant::now() > end {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("{what} does not come{last}\n{log}");
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// The samples of an expression at a time, in seconds.
    pub fn query(&self, expression: &str, time: Option<f64>) -> Result<Vec<Value>> {
        let time = time.map_or(String::new(), |time| time.to_string());
        let parameters = [("query", expression), ("time", &time)];
        let data = ask("query", &parameters[..if time.is_empty() { 1 } else { 2 }])?;
        data["result"].as_array().cloned().with_context(|| format!("{expression}: {data}"))
    }

    /// What `label_values(METRIC, LABEL)` of Grafana is.
    pub fn label_values(&self, metric: &str, label: &str) -> Result<Value> {
        ask(&format!("label/{label}/values"), &[("match[]", metric)])
    }
}

/// Asks Prometheus's interface for programs.
fn ask(path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-G", &format!("http://{PROMETHEUS}/api/v1/{path}")]);
    for (name, value) in parameters {
        curl.args(["--data-urlencode", &format!("{name}={value}")]);
    }
    let output = curl.stdin(Stdio::null()).output().context("starting curl")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(answer["status"] == "success", "{parameters:?}: {answer}");
    Ok(answer["data"].clone())
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        for program in &mut self.programs {
            let _ = program.kill();
            let _ = program.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}
