//! Chromium without a window, driven by its DevTools protocol over a pair of pipes: JSON messages that end with a zero byte
//! (<https://chromedevtools.github.io/devtools-protocol/>).

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any answer takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The program that `POETGAN_BROWSER` names, or else the first one of `PATH`.
pub fn find() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("POETGAN_BROWSER") {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = PROGRAMS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// A running browser with one page.
pub struct Browser {
    process: Child,
    to: File,
    from: Receiver<Value>,
    last_id: u64,
    /// The page; empty before it is open.
    session: String,
    /// What the page has told without being asked.
    pub events: Vec<Value>,
}

impl Browser {
    /// Starts `program`; its files are in `folder`.
    pub fn start(program: &Path, folder: &Path) -> Browser {
        let pipes = ["to", "from"].map(|name| folder.join(name));
        assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
        let process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<"$TO" 4>"$FROM""#])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .envs(["TO", "FROM"].into_iter().zip(&pipes))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = File::options().write(true).open(&pipes[0]).unwrap();
        let answers = BufReader::new(File::open(&pipes[1]).unwrap());
        let (sender, from) = channel();
        thread::spawn(move || {
            let messages = answers.split(0).map_while(Result::ok);
            messages.map_while(|bytes| serde_json::from_slice(&bytes).ok()).try_for_each(|one| sender.send(one).ok())
        });
        let mut browser = Browser { process, to, from, last_id: 0, session: String::new(), events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().unwrap().to_string();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command and waits for its result.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        let bytes = [serde_json::to_vec(&message).unwrap(), vec![0]].concat();
        self.to.write_all(&bytes).unwrap();
        loop {
            let answer = self.from.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{method}: {error}"));
            if answer["id"] == self.last_id {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Opens a file in a window of this size, and waits until it is loaded.
    pub fn open(&mut self, file: &Path, (width, height): (u32, u32)) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", size);
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        let is_loaded = |event: &Value| event["method"] == "Page.loadEventFired";
        while !self.events.iter().any(is_loaded) {
            let event = self.from.recv_timeout(PATIENCE).unwrap();
            self.events.push(event);
        }
    }

    /// `screen` or `print`, and the colour scheme that the user prefers.
    pub fn set_media(&mut self, medium: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"media": medium, "features": features}));
    }

    /// The value of an expression of JavaScript in the page, whatever scripts the page itself allows.
    pub fn value(&mut self, expression: &str) -> Value {
        let answer = self.call("Runtime.evaluate", json!({"expression": expression, "returnByValue": true}));
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// What the page has written to the console, and what the browser has complained of, since `open`.
    pub fn complaints(&self) -> Vec<&Value> {
        let methods = ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"];
        self.events.iter().filter(|event| methods.iter().any(|method| event["method"] == *method)).collect()
    }

    /// The addresses that have been asked for since `open`.
    pub fn requests(&self) -> Vec<&str> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
