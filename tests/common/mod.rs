//! What the tests through the real binary share: a folder to run it in, small corpora, processes that are watched and
//! interrupted. Nothing here waits for a fixed time: everything waits for a sign, with a patience that a busy machine
//! does not exhaust.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

use poetgan::random;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything here takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub const CHARACTERS: &str =
    "春花秋月何时了往事知多少小楼昨夜又东风故国不堪回首明中雕栏玉砌应犹在只是朱颜改问君能有几愁恰似一江水向流";

/// Quatrains of 5 and of 7 characters in turn, `n` in all, of few different characters.
pub fn quatrains(n: usize) -> String {
    let characters: Vec<char> = CHARACTERS.chars().collect();
    let mut rng = random::stream(1, "poems of a test", 0);
    let mut line = |width: usize| -> String {
        (0..width).map(|_| characters[random::below(&mut rng, characters.len())]).collect()
    };
    let mut poem = |width| (0..4).map(|_| line(width) + "\n").collect::<String>();
    (0..n).map(|i| poem(if i % 2 == 0 { 5 } else { 7 })).collect::<Vec<_>>().join("\n")
}

/// Characters that tell the topic of a poem, and others.
pub const TOPICS: [&str; 2] = ["月星夜云霜秋江烟", "王战剑兵军马旗鼓"];
const OTHERS: &str = "不人一有无来自何时此相上下中见知";

/// `n` quatrains of seven characters about two topics; every second character tells the topic.
pub fn topics(n: usize) -> String {
    let rng = &mut random::stream(1, "poems of a test", 0);
    let [topics, others] =
        [TOPICS.map(|topic| topic.chars().collect::<Vec<_>>()).to_vec(), vec![OTHERS.chars().collect()]];
    let poem = |_| {
        let topic = &topics[random::below(rng, 2)];
        let mut pick = |place: usize| {
            let from: &Vec<char> = if place.is_multiple_of(2) { topic } else { &others[0] };
            from[random::below(rng, from.len())]
        };
        (0..4).map(|_| (0..7).map(&mut pick).collect::<String>() + "\n").collect::<String>()
    };
    (0..n).map(poem).collect::<Vec<_>>().join("\n")
}

/// What a finished process has left.
pub struct Ended {
    /// `None`: a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A folder of its own to run the program in, with `poems.txt` and `quick.toml` (60 small steps, a checkpoint every
/// ten) in it.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("poems.txt", quatrains(60));
        folder.write("quick.toml", quick("checkpoint_every = 10"));
        folder
    }

    /// A folder with a run of some steps in it: `runs/poems`.
    pub fn trained() -> Folder {
        let folder = Folder::new();
        folder.done("train poems.txt --config quick.toml --steps 20 --plain");
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The program with these words. It computes on one thread unless set otherwise, since tests run side by side.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("poetgan"));
        command.args(words.split_whitespace()).current_dir(self.0.path()).env("RAYON_NUM_THREADS", "1");
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, words: &str) -> Ended {
        let mut command = assert_cmd::Command::from_std(self.command(words));
        let output = command.timeout(PATIENCE).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let mut err = text(output.stderr);
        if cfg!(windows) {
            // Messages name paths; the tests write them as on other systems.
            err = err.replace('\\', "/");
        }
        Ended { code: output.status.code(), out: text(output.stdout), err }
    }

    /// Runs the program, which must succeed without a complaint; returns its output. That it tells which model writes is
    /// no complaint.
    pub fn done(&self, words: &str) -> String {
        let Ended { code, out, err } = self.run(words);
        let is_told =
            |line: &&str| ["model: ", "font: ", "模型：", "字体："].iter().any(|start| line.starts_with(start));
        let complaints: Vec<&str> = err.lines().filter(|line| !is_told(line)).collect();
        assert_eq!((code, complaints), (Some(0), vec![]), "poetgan {words}\n{out}");
        out
    }

    /// Runs the program, which must find a mistake of the user: code 2 and one line, which is returned.
    pub fn mistake(&self, words: &str) -> String {
        let Ended { code, out, err } = self.run(words);
        assert_eq!(code, Some(2), "poetgan {words}\n{out}{err}");
        assert!(err.starts_with("poetgan: ") && err.ends_with('\n') && err.lines().count() == 1, "{words}: {err}");
        err.trim_end().to_string()
    }

    /// Starts the program; its output goes to `out.txt` and `err.txt`.
    pub fn start(&self, words: &str) -> Running {
        let file = |name| Stdio::from(File::create(self.path(name)).unwrap());
        let mut command = self.command(words);
        Running(command.stdin(Stdio::null()).stdout(file("out.txt")).stderr(file("err.txt")).spawn().unwrap())
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn journal(&self, run: &str) -> Journal {
        Journal(self.path(&format!("runs/{run}")))
    }
}

/// The text of a configuration for quick tests, with these lines in its section `[training]`.
pub fn quick(training: &str) -> String {
    format!(
        "preset = 'tiny'\n[training]\nbatch_tokens = 256\npretrain_steps = 40\nadversarial_steps = 20\n{training}\n"
    )
}

/// A process that is killed, should a test fail before it ends.
pub struct Running(Child);

impl Running {
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Sends a signal by its name without SIG.
    pub fn send(&self, signal: &str) {
        send(self.id(), signal);
    }

    pub fn wait(&mut self) -> ExitStatus {
        until("the process ends", || self.0.try_wait().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn send(process: u32, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until `find` finds something.
pub fn until<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Lets a run that does not exist yet hang when it has written its first checkpoint, as on a disk that does not answer:
/// to open a pipe that nobody reads takes for ever.
pub fn hang_while_saving(folder: &Folder, run: &str) {
    let run = folder.path(&format!("runs/{run}"));
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("run.lock"), "").unwrap();
    assert!(Command::new("mkfifo").arg(run.join("best.new")).status().unwrap().success());
}

/// What a run has written so far.
pub struct Journal(pub PathBuf);

impl Journal {
    /// The events of `metrics.jsonl`; a line that is being written does not count.
    pub fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.0.join("metrics.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The numbers of the steps that it tells of.
    pub fn steps(&self) -> Vec<u64> {
        let events = self.events().into_iter().filter(|event| event["event"] == "step");
        events.map(|event| event["step"].as_u64().unwrap()).collect()
    }

    /// The newest step that it tells of; 0 before the first. Quick, since it is asked all the time.
    pub fn last_step(&self) -> u64 {
        let text = fs::read_to_string(self.0.join("metrics.jsonl")).unwrap_or_default();
        let step = |line| serde_json::from_str(line).ok().filter(|event: &Value| event["event"] == "step");
        text.lines().rev().find_map(step).map_or(0, |event| event["step"].as_u64().unwrap())
    }

    /// Waits for step `step`.
    pub fn until_step(&self, step: u64) {
        until(&format!("step {step} is done"), || (self.last_step() >= step).then_some(()));
    }

    /// The steps of its checkpoints.
    pub fn checkpoints(&self) -> Vec<u64> {
        let entries = fs::read_dir(self.0.join("checkpoints")).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut steps: Vec<u64> = names.filter_map(|name| name.strip_prefix("step-")?.parse().ok()).collect();
        steps.sort();
        steps
    }

    pub fn checkpoint(&self, step: u64) -> PathBuf {
        self.0.join(format!("checkpoints/step-{step:08}"))
    }

    /// The bytes of every file of tensors of a checkpoint.
    pub fn tensors(&self, step: u64) -> BTreeMap<String, Vec<u8>> {
        let names = ["average", "discriminator", "generator", "optimizer"].map(|name| format!("{name}.safetensors"));
        let folder = self.checkpoint(step);
        names.into_iter().map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap())).collect()
    }

    /// `state.json` of a checkpoint, but for the id of the run and what depends on the speed of the machine.
    pub fn state(&self, step: u64) -> Value {
        let mut json: Value = json(&self.checkpoint(step).join("state.json"));
        let state = json["state"].as_object_mut().unwrap();
        ["elapsed_s", "run_id"].iter().for_each(|name| drop(state.remove(*name).unwrap()));
        json
    }
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Fails with the names alone; the bytes would fill the screen.
pub fn assert_equal(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    let different: Vec<_> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert!(different.is_empty() && one.len() == other.len(), "not the same bytes: {different:?}");
}
