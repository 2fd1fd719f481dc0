//! Whom the server refuses, and what it survives.

use crate::served::{PREVIEW, Served};
use std::io::Write;
use std::net::TcpStream;

#[test]
fn who_is_not_the_page_is_refused() {
    let served = Served::start();
    let (host, token) = (served.host(), served.token.clone());
    let status = |headers: &[(&str, &str)], method: &str, path: &str| served.ask(method, path, headers, "").0;
    for path in
        ["/api/state", "/api/desk", "/report", "/report?token=", "/report?token=0", "/api/preview", "/api/render", "/api/save"]
    {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
            assert_eq!(status(&[("Host", &host)], method, path), 403, "no token: {method} {path}");
        }
        assert_eq!(status(&[("Host", &host), ("X-Automaster-Token", &token[1..])], "GET", path), 403, "wrong token: {path}");
    }
    for foreign in ["evil.example", "127.0.0.1", "evil.example:80", "127.0.0.1.evil.example", "[::1]:80", ""] {
        for path in ["/", "/review.js", "/api/state"] {
            assert_eq!(status(&[("Host", foreign), ("X-Automaster-Token", &token)], "GET", path), 421, "host {foreign}: {path}");
        }
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        let headers = [("Host", host.as_str()), ("X-Automaster-Token", token.as_str()), ("Origin", origin)];
        assert_eq!(status(&headers, "POST", "/api/render"), 403, "origin {origin}");
    }
    let cross = [("Host", host.as_str()), ("X-Automaster-Token", token.as_str()), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(status(&cross, "GET", "/api/state"), 403);
    assert_eq!(served.page("GET", "/api/state", "").0, 200);
}

#[test]
fn every_answer_carries_a_strict_policy_and_the_page_holds_no_secret() {
    let served = Served::start();
    for path in ["/", "/review.js", "/review.css", "/api/state", "/nowhere"] {
        let (_, head, body) = served.page("GET", path, "");
        let head = head.to_lowercase();
        for line in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(head.contains(line), "{path}: {head}");
        }
        assert!(!head.contains("access-control-allow"), "{path}: {head}");
        assert!(!String::from_utf8_lossy(&body).contains(&served.token), "{path}");
    }
    let page = String::from_utf8(served.page("GET", "/", "").2).unwrap();
    assert!(
        !page.contains("style=") && !page.contains("onclick") && !page.contains("<script>"),
        "the policy allows nothing inline"
    );
}

#[test]
fn no_path_leads_out_and_no_body_is_too_much() {
    let served = Served::start();
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/page/review.js",
        "/review.js/../../x",
        "/api/../etc",
        "/%00",
    ] {
        let (status, _, body) = served.page("GET", path, "");
        assert!(matches!(status, 404 | 400), "{path}: {status}");
        assert!(body.len() < 100, "{path}");
    }
    let long = "x".repeat(70_000);
    let (status, _, why) = served.page("POST", "/api/preview", &long);
    assert_eq!(status, 413);
    assert!(String::from_utf8_lossy(&why).contains("too long"), "{}", String::from_utf8_lossy(&why));
    let mut chunked = format!("POST /api/save HTTP/1.1\r\nConnection: close\r\nHost: {}\r\nX-Automaster-Token: {}\r\nTransfer-Encoding: chunked\r\n\r\n", served.host(), served.token).into_bytes();
    (0..20).for_each(|_| chunked.extend(format!("{:x}\r\n{}\r\n", 8192, "y".repeat(8192)).bytes()));
    chunked.extend(b"0\r\n\r\n");
    assert!(matches!(served.raw(&chunked).0, 413 | 0), "a long body without a length");
    served.wait(|s| s["ready"] == true);
    for body in [
        "",
        "{",
        "[]",
        r#"{"settings":{},"loudness_lufs":null,"output":"/tmp/x"}"#,
        r#"{"settings":{"limiter.nonsense":1},"loudness_lufs":null}"#,
        r#"{"settings":{"limiter.ceiling_dbtp":40},"loudness_lufs":null}"#,
        r#"{"settings":{},"loudness_lufs":90}"#,
    ] {
        for path in ["/api/save", "/api/render"] {
            assert_eq!(served.page("POST", path, body).0, 400, "{path} {body}");
        }
    }
    assert!(served.names().is_empty(), "{:?}", served.names());
    assert_eq!(served.raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n").0 / 100, 4);
}

#[test]
fn many_at_once_and_browsers_that_die_are_survived() {
    let served = Served::start();
    served.wait(|s| s["ready"] == true);
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..200u32)
            .map(|i| {
                let served = &served;
                scope.spawn(move || match i % 4 {
                    0 => served.page("POST", "/api/preview", &PREVIEW.replace(":1,", &format!(":{},", i + 1))).0,
                    1 => served.page("GET", "/", "").0,
                    2 => served.page("GET", "/api/desk", "").0,
                    _ => served.page("GET", "/api/state", "").0,
                })
            })
            .collect();
        for (i, answer) in asked.into_iter().enumerate() {
            let status = answer.join().unwrap();
            assert!(status == 200 || (i % 4 == 0 && status == 204), "{i}: {status}");
        }
    });
    for _ in 0..20 {
        // Asks and is gone before the answer.
        let mut stream = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
        let head = format!(
            "POST /api/mix HTTP/1.1\r\nHost: {}\r\nX-Automaster-Token: {}\r\nContent-Length: 15\r\n\r\n",
            served.host(),
            served.token
        );
        stream.write_all(format!("{head}{{\"start_s\":2.0}}").as_bytes()).unwrap();
    }
    assert_eq!(served.page("GET", "/api/state", "").0, 200);
}
