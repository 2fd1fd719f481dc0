//! The server: loopback alone, each request guarded before its body is read, every answer with a strict policy.

use super::desk::Desk;
use super::guard::{Head, Refusal, check_place, check_token, largest_body_bytes, new_token};
use super::wire::{Wanted, WantedCodec, WantedFigures, WantedPlan, WantedPreview, WantedSection, WantedWords};
use super::work::No;
use super::{Review, ReviewError};
use crate::plan::Plan;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Requests that are worked on at once; previews wait for each other anyway.
const WORKERS: usize = 8;
/// How often the server looks whether it should end.
const TICK: Duration = Duration::from_millis(200);
/// How long the server stays where the work has failed, so that a page can tell why; a page that waits asks four times a second.
const TELL_FOR: Duration = Duration::from_secs(5);
/// Scripts, styles and connections of this page alone; nothing inline, nothing framed, nothing sent away.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The report has its styles in the file, and no script.
const REPORT_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files of the page: path, kind, text.
const ASSETS: [(&str, &str, &str); 13] = [
    ("/", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("/favicon.ico", "image/svg+xml", include_str!("page/icon.svg")),
    ("/review.css", "text/css; charset=utf-8", include_str!("page/review.css")),
    ("/review.js", "text/javascript; charset=utf-8", include_str!("page/review.js")),
    ("/cards.js", "text/javascript; charset=utf-8", include_str!("page/cards.js")),
    ("/codec.js", "text/javascript; charset=utf-8", include_str!("page/codec.js")),
    ("/delta.js", "text/javascript; charset=utf-8", include_str!("page/delta.js")),
    ("/history.js", "text/javascript; charset=utf-8", include_str!("page/history.js")),
    ("/pictures.js", "text/javascript; charset=utf-8", include_str!("page/pictures.js")),
    ("/plans.js", "text/javascript; charset=utf-8", include_str!("page/plans.js")),
    ("/player.js", "text/javascript; charset=utf-8", include_str!("page/player.js")),
    ("/server.js", "text/javascript; charset=utf-8", include_str!("page/server.js")),
    ("/scale.js", "text/javascript; charset=utf-8", include_str!("page/scale.js")),
];

/// A page being served.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    address: String,
}

/// What every request sees.
struct Shared {
    desk: Desk,
    token: String,
    port: u16,
}

/// An answer before it gets its headers.
struct Answer {
    status: u16,
    kind: &'static str,
    body: Vec<u8>,
    policy: &'static str,
}

impl Server {
    /// Opens a port of its own choice on loopback. Errors: no port, no randomness.
    pub fn start(review: Review) -> Result<Self, ReviewError> {
        let port_error = |e: std::io::Error| ReviewError::Port(e.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(port_error)?;
        listener.set_nonblocking(true).map_err(port_error)?;
        let port = listener.local_addr().map_err(port_error)?.port();
        let token = new_token().map_err(|e| ReviewError::Token(e.to_string()))?;
        // Behind '#', so that it is in no request line, no log and no Referer.
        let address = format!("http://127.0.0.1:{port}/#{token}");
        Ok(Self { listener, shared: Arc::new(Shared { desk: Desk::new(review), token, port }), address })
    }

    /// What to open in a browser.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Serves until `stop` is set, the work fails, or the last page is closed. Errors: mix or references cannot be read.
    pub fn run(self, stop: &AtomicBool) -> Result<(), ReviewError> {
        let Self { listener, shared, .. } = self;
        let port_error = |e: std::io::Error| ReviewError::Port(e.to_string());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(WORKERS)
            .enable_all()
            .build()
            .map_err(port_error)?;
        let outcome = std::thread::scope(|scope| {
            let mut prepared = Some(scope.spawn(|| shared.desk.prepare()));
            let outcome = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).map_err(port_error)?;
                let with = Arc::clone(&shared);
                let pages = axum::Router::new().fallback(move |request| answer(Arc::clone(&with), request));
                tokio::spawn(axum::serve(listener, pages).into_future());
                let mut failed = None;
                while !stop.load(Ordering::Relaxed) && !shared.desk.abandoned() {
                    if prepared.as_ref().is_some_and(|p| p.is_finished())
                        && let Some(handle) = prepared.take()
                        && let Err(error) = handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                    {
                        shared.desk.fail(&error);
                        failed = Some((error, Instant::now()));
                    }
                    let told = shared.desk.told.load(Ordering::Relaxed);
                    if failed.as_ref().is_some_and(|(_, at)| told || at.elapsed() > TELL_FOR) {
                        break;
                    }
                    tokio::time::sleep(TICK).await;
                }
                let Some((error, _)) = failed else { return Ok(()) };
                // The answer is on its way, and a second page may ask.
                tokio::time::sleep(2 * TICK).await;
                Err(ReviewError::Job(error))
            });
            shared.desk.stop.store(true, Ordering::Relaxed);
            shared.desk.stop_render.store(true, Ordering::Relaxed);
            outcome
        });
        // A render that was told to stop takes its half-written file away first.
        while shared.desk.state().render.running {
            std::thread::sleep(TICK);
        }
        runtime.shutdown_background();
        outcome
    }
}

/// Answers one request: its body is read as far as it may be long, the work is done where it may take its time.
async fn answer(shared: Arc<Shared>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let url = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    if let Err(refusal) = shared.check(&head.method, &url, &head.headers) {
        return response(refused(refusal));
    }
    let Ok(body) = to_bytes(body, largest_body_bytes(head.uri.path())).await else { return response(refused(Refusal::Size)) };
    let work = tokio::task::spawn_blocking(move || shared.answer(&head.method, &url, &head.headers, &body));
    response(work.await.unwrap_or_else(|_| plain(500, "something went wrong here")))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // What is no text equals nothing that is asked for.
    headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"))
}

fn asset(method: &Method, path: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    ASSETS.iter().find(|a| method == Method::GET && a.0 == path)
}

impl Shared {
    /// Checks where a request comes from, and the token of all but the page's own files, which hold no secret.
    fn check(&self, method: &Method, url: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let length = header(headers, "content-length").map(|text| text.parse().unwrap_or(usize::MAX));
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let head = Head {
            path,
            host: header(headers, "host"),
            origin: header(headers, "origin"),
            fetch_site: header(headers, "sec-fetch-site"),
            body_bytes: length,
        };
        check_place(&head, self.port)?;
        if asset(method, path).is_some() {
            return Ok(());
        }
        // A link to the report carries no header; its token is in the query, and it is never sent on (Referrer-Policy).
        let in_query = query.strip_prefix("token=").filter(|_| path == "/report");
        check_token(header(headers, "x-automaster-token").or(in_query), &self.token)
    }

    fn answer(self: &Arc<Self>, method: &Method, url: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        let path = url.split('?').next().unwrap_or_default();
        if let Some((_, kind, text)) = asset(method, path) {
            return Answer { status: 200, kind, body: text.as_bytes().to_vec(), policy: PAGE_POLICY };
        }
        let answered = match path {
            "/api/state" if method == Method::GET => self.state(header(headers, "x-automaster-page")),
            "/api/desk" if method == Method::GET => self.desk.ready().and_then(|r| json(&r.desk(&self.desk.review))),
            "/report" if method == Method::GET => return self.report(),
            _ if method == Method::POST => self.post(path, body),
            _ => return plain(404, "not found"),
        };
        answered.unwrap_or_else(|no| match no {
            No::NotNow(why) => plain(409, why),
            No::Unavailable(why) => plain(409, &why),
            No::Superseded => plain(204, ""),
            No::Wrong(why) => plain(400, &why),
            No::Failed(why) => plain(500, &why),
        })
    }

    fn state(&self, page: Option<&str>) -> Result<Answer, No> {
        if let Some(page) = page {
            self.desk.seen(page);
        }
        let state = self.desk.state();
        if state.error.is_some() {
            self.desk.told.store(true, Ordering::Relaxed);
        }
        json(&state)
    }

    fn report(&self) -> Answer {
        match super::desk::lock(&self.desk.report).clone() {
            Some(html) => {
                Answer { status: 200, kind: "text/html; charset=utf-8", body: html.into_bytes(), policy: REPORT_POLICY }
            }
            None => plain(404, "nothing is rendered yet"),
        }
    }

    fn post(self: &Arc<Self>, path: &str, body: &[u8]) -> Result<Answer, No> {
        let bytes = |body: Vec<u8>| Answer { status: 200, kind: "application/octet-stream", body, policy: PAGE_POLICY };
        match path {
            "/api/preview" => self.desk.preview(&read(body)?).map(bytes),
            "/api/figures" => self.desk.figures(&read(body)?).and_then(|measured| json(&measured)),
            "/api/mix" => self.desk.original(false, read(body)?).map(bytes),
            "/api/reference" => self.desk.original(true, read(body)?).map(bytes),
            "/api/codec" => self.desk.coded(&read(body)?).map(bytes),
            "/api/plan" => self.desk.load(&read(body)?).and_then(|loaded| json(&loaded)),
            "/api/words" => self.desk.reword(&read(body)?).and_then(|reworded| json(&reworded)),
            "/api/save" => self.desk.save(&read(body)?).and_then(|file| json(&file)),
            "/api/render" => {
                let plan = self.desk.begin_render(&read(body)?)?;
                let shared = Arc::clone(self);
                std::thread::spawn(move || shared.desk.render(&plan));
                json(&true)
            }
            "/api/cancel" => {
                self.desk.stop_render.store(true, Ordering::Relaxed);
                json(&true)
            }
            "/api/goodbye" => {
                self.desk.goodbye(&read::<Goodbye>(body)?.client);
                json(&true)
            }
            _ => Ok(plain(404, "not found")),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Goodbye {
    client: String,
}

/// Reads a JSON body. Errors: it is not what the page sends.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, No> {
    serde_json::from_slice(body).map_err(|e| No::Wrong(e.to_string()))
}

/// Reads the body of a request as the server does before it works on it. Errors: in words, what is wrong with it.
pub(super) fn understand(path: &str, body: &[u8]) -> Result<(), String> {
    let chain = |wanted: Wanted| wanted.chain().map(drop).map_err(|error| No::Wrong(error.to_string()));
    let understood = match path {
        "/api/preview" => read::<WantedPreview>(body).and_then(|asked| chain(asked.wanted)),
        "/api/figures" => read::<WantedFigures>(body).map(drop),
        "/api/mix" | "/api/reference" => read::<WantedSection>(body).map(drop),
        "/api/codec" => read::<WantedCodec>(body).map(drop),
        "/api/plan" => read::<WantedPlan>(body)
            .and_then(|asked| Plan::from_toml(&asked.text).map(drop).map_err(|error| No::Wrong(error.to_string()))),
        "/api/words" => read::<WantedWords>(body).and_then(|asked| chain(asked.wanted)),
        "/api/save" | "/api/render" => read(body).and_then(chain),
        "/api/goodbye" => read::<Goodbye>(body).map(drop),
        _ => Err(No::Wrong("not found".into())),
    };
    understood.map_err(|no| match no {
        No::Wrong(why) | No::Failed(why) | No::Unavailable(why) => why,
        No::NotNow(why) => why.to_owned(),
        No::Superseded => "superseded".to_owned(),
    })
}

fn json(value: &impl serde::Serialize) -> Result<Answer, No> {
    Ok(Answer { status: 200, kind: "application/json", body: serde_json::to_vec(value)?, policy: PAGE_POLICY })
}

fn plain(status: u16, text: &str) -> Answer {
    Answer { status, kind: "text/plain; charset=utf-8", body: text.as_bytes().to_vec(), policy: PAGE_POLICY }
}

fn refused(refusal: Refusal) -> Answer {
    plain(refusal.status(), refusal.words())
}

fn response(answer: Answer) -> Response<Body> {
    let headers = [
        ("Content-Type", answer.kind),
        ("Content-Security-Policy", answer.policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cache-Control", "no-store"),
    ];
    let with_headers = headers.into_iter().fold(Response::builder().status(answer.status), |r, (n, v)| r.header(n, v));
    with_headers.body(Body::from(answer.body)).unwrap_or_default()
}
