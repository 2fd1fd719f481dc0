//! A page that is served, and what its answers are made of.

use automaster::job::{Aims, Wishes};
use automaster::review::{Review, Server};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// A served page, and the folder that it may write to.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u16,
    pub(crate) token: String,
    pub(crate) stop: Arc<AtomicBool>,
    /// Ends with what the server ended with, in words.
    pub(crate) thread: Option<JoinHandle<Result<(), String>>>,
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::of(&example("mix.flac"))
    }

    pub(crate) fn of(mix: &Path) -> Self {
        Self::with(mix, |_| {})
    }

    /// With what `change` makes of the review of a mix.
    pub(crate) fn with(mix: &Path, change: impl FnOnce(&mut Review)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut review = Review {
            mix: mix.to_owned(),
            aims: Aims { references: vec![(example("reference.flac"), 1.0)], ..Aims::default() },
            wishes: Wishes::default(),
            instructions: None,
            plan: None,
            output: folder.path().join("master.wav"),
            plan_file: folder.path().join("plan.toml"),
            overwrite: false,
            threads: 2,
            warn: Box::new(|_| {}),
            write: Box::new(|path, text| std::fs::write(path, text).map_err(|e| e.to_string())),
            write_reports: Box::new(|_| Ok(())),
        };
        change(&mut review);
        let server = Server::start(review).unwrap();
        let (place, token) = server.address().split_once("/#").unwrap();
        let (port, token) = (place.rsplit(':').next().unwrap().parse().unwrap(), token.to_owned());
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let thread = std::thread::spawn(move || server.run(&asked).map_err(|error| error.to_string()));
        Self { folder, port, token, stop, thread: Some(thread) }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Sends a request as it is written; gives status, head and body.
    pub(crate) fn raw(&self, request: &[u8]) -> (u16, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A refused body may close the connection while it is still being sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, head, answer.get(end + 4..).unwrap_or_default().to_vec())
    }

    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String, Vec<u8>) {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
        self.raw(format!("{request}\r\n{body}").as_bytes())
    }

    /// Asks as the page does.
    pub(crate) fn page(&self, method: &str, path: &str, body: &str) -> (u16, String, Vec<u8>) {
        self.ask(method, path, &[("Host", &self.host()), ("X-Automaster-Token", &self.token)], body)
    }

    pub(crate) fn state(&self) -> serde_json::Value {
        serde_json::from_slice(&self.page("GET", "/api/state", "").2).unwrap()
    }

    pub(crate) fn wait(&self, what: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let until = Instant::now() + Duration::from_secs(240);
        loop {
            let state = self.state();
            if what(&state) {
                return state;
            }
            assert!(Instant::now() < until, "{state}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
    }
}

pub(crate) const PREVIEW: &str = r#"{"client":"a","sequence":1,"start_s":2.0,"wanted":{"settings":{},"loudness_lufs":null}}"#;

/// JSON before the samples of an answer.
pub(crate) fn head(answer: &[u8]) -> serde_json::Value {
    let length = u32::from_le_bytes(answer[..4].try_into().unwrap()) as usize;
    serde_json::from_slice(&answer[4..4 + length]).unwrap()
}

/// The samples of an answer as they lie.
pub(crate) fn samples(answer: &[u8]) -> &[u8] {
    let length = u32::from_le_bytes(answer[..4].try_into().unwrap()) as usize;
    &answer[4 + length..]
}
