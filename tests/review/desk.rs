//! What the page can do: change, say, note, load, save, render, cancel, listen through a codec, close.

use crate::served::{PREVIEW, Served, head, samples};
use automaster::plan::Author;
use std::time::{Duration, Instant};

#[test]
fn a_change_is_measured_saved_rendered_and_cancelled() {
    let served = Served::start();
    served.wait(|s| s["ready"] == true);
    let desk: serde_json::Value = serde_json::from_slice(&served.page("GET", "/api/desk", "").2).unwrap();
    assert_eq!(desk["stages"].as_array().unwrap().len(), automaster::chain::Stage::ALL.len());
    let wanted = |ceiling: f64| {
        let mut settings = desk["proposed"].clone();
        settings["limiter.ceiling_dbtp"] = ceiling.into();
        serde_json::json!({ "settings": settings, "loudness_lufs": desk["loudness_lufs"] })
    };
    let preview = |sequence: u64, ceiling: f64| {
        let asked = serde_json::json!({ "client": "b", "sequence": sequence, "start_s": 2.0, "wanted": wanted(ceiling) });
        let (status, _, body) = served.page("POST", "/api/preview", &asked.to_string());
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let asked = serde_json::json!({ "client": "b", "sequence": sequence }).to_string();
        let (status, _, figures) = served.page("POST", "/api/figures", &asked);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&figures));
        let mut head = head(&body);
        assert!(head["figures"].is_null(), "the sound does not wait for what it measures");
        let measured: serde_json::Value = serde_json::from_slice(&figures).unwrap();
        assert_eq!(measured["sequence"], head["sequence"]);
        head["figures"] = measured["figures"].clone();
        head
    };
    let low = preview(1, -6.0);
    assert!(low["figures"]["true_peak_dbtp"].as_f64().unwrap() <= -5.95, "{}", low["figures"]);
    let high = preview(2, -1.5);
    assert_eq!(high["took"]["stages"], 1, "only the limiter is rendered anew");
    assert!(high["figures"]["true_peak_dbtp"].as_f64().unwrap() > -2.5);
    let stale = serde_json::json!({ "client": "b", "sequence": 1, "start_s": 2.0, "wanted": wanted(-6.0) });
    assert_eq!(served.page("POST", "/api/preview", &stale.to_string()).0, 204, "older than what was asked for last");
    for (client, sequence) in [("b", 1), ("b", 3), ("c", 2)] {
        let asked = serde_json::json!({ "client": client, "sequence": sequence }).to_string();
        assert_eq!(served.page("POST", "/api/figures", &asked).0, 204, "figures of another sound: {client} {sequence}");
    }

    let (status, _, file) = served.page("POST", "/api/save", &wanted(-1.5).to_string());
    assert_eq!((status, String::from_utf8_lossy(&file).contains("plan.toml")), (200, true));
    let plan =
        automaster::plan::Plan::from_toml(&std::fs::read_to_string(served.folder.path().join("plan.toml")).unwrap()).unwrap();
    assert_eq!(plan.chain.limiter.ceiling_dbtp, -1.5);

    assert_eq!(served.page("POST", "/api/render", &wanted(-1.5).to_string()).0, 200);
    assert_eq!(served.page("POST", "/api/cancel", "{}").0, 200);
    let state = served.wait(|s| s["render"]["running"] == false);
    assert!(state["render"]["error"].as_str().unwrap_or_default().contains("interrupted"), "{state}");
    assert_eq!(served.names(), ["plan.toml"]);
    assert_eq!(served.page("POST", "/api/render", &wanted(-1.5).to_string()).0, 200);
    assert!(matches!(served.page("POST", "/api/render", &wanted(-1.5).to_string()).0, 409), "one at a time");
    let state = served.wait(|s| s["render"]["running"] == false);
    assert!(state["render"]["headline"].as_str().unwrap_or_default().contains("louder"), "{state}");
    let (status, report_head, report) =
        served.ask("GET", &format!("/report?token={}", served.token), &[("Host", &served.host())], "");
    assert_eq!(status, 200);
    assert!(report_head.contains("style-src 'unsafe-inline'") && !report_head.contains("script-src"), "{report_head}");
    assert!(String::from_utf8(report).unwrap().contains("Promises kept"));
}

#[test]
fn words_notes_and_hand_are_in_the_saved_plan_and_a_plan_is_loaded_by_its_text() {
    let served = Served::start();
    served.wait(|s| s["ready"] == true);
    let desk: serde_json::Value = serde_json::from_slice(&served.page("GET", "/api/desk", "").2).unwrap();
    let wanted = serde_json::json!({ "settings": desk["proposed"], "loudness_lufs": desk["loudness_lufs"] });
    let asked = serde_json::json!({ "text": "much brighter", "wanted": wanted }).to_string();
    let (status, _, said) = served.page("POST", "/api/words", &asked);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
    let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
    let mut settings = said["settings"].clone();
    settings["limiter.release_ms"] = 77.0.into();
    let mut wanted = serde_json::json!({
        "settings": settings, "loudness_lufs": said["loudness_lufs"], "words": ["much brighter"],
        "notes": { "limiter.release_ms": "shorter: the snare" }, "when": "2026-11-25T12:00:00Z",
    });
    assert_eq!(served.page("POST", "/api/save", &wanted.to_string()).0, 200);
    let text = std::fs::read_to_string(served.folder.path().join("plan.toml")).unwrap();
    let plan = automaster::plan::Plan::from_toml(&text).unwrap();
    assert_eq!(plan.notes["limiter.release_ms"], "shorter: the snare");
    assert_eq!(plan.history.iter().map(|e| e.by).collect::<Vec<_>>(), [Author::Proposed, Author::Words, Author::Hand]);
    assert_eq!(plan.history[1].said.as_deref(), Some("much brighter"));
    let hand: Vec<_> = plan.history[2].changes.iter().map(|c| (c.setting.as_str(), c.to)).collect();
    assert_eq!(hand, [("limiter.release_ms", Some(77.0))], "the hand's alone");
    assert!(plan.history.iter().all(|e| e.when.as_deref() == Some("2026-11-25T12:00:00Z")));

    let load = |text: &str| served.page("POST", "/api/plan", &serde_json::json!({ "text": text }).to_string());
    let (status, _, loaded) = load(&text);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&loaded));
    let loaded: serde_json::Value = serde_json::from_slice(&loaded).unwrap();
    assert_eq!((&loaded["settings"], &loaded["notes"]), (&wanted["settings"], &wanted["notes"]));
    assert!(loaded["changed"].to_string().contains("Limiter, release: ") && loaded["other_mix"].is_null(), "{loaded}");
    // Who goes on with it has its history before their own.
    let mut onward = wanted.clone();
    (onward["loaded"], onward["words"], onward["when"]) = (loaded["loaded"].clone(), serde_json::json!([]), "2026-11-26".into());
    onward["settings"]["limiter.release_ms"] = 66.0.into();
    assert_eq!(served.page("POST", "/api/save", &onward.to_string()).0, 200);
    let again = std::fs::read_to_string(served.folder.path().join("plan.toml")).unwrap();
    let again = automaster::plan::Plan::from_toml(&again).unwrap();
    assert_eq!(again.history[..3], plan.history[..], "what it was before");
    let hand: Vec<_> = again.history[3..].iter().map(|e| (e.by, e.when.as_deref(), e.changes.len())).collect();
    assert_eq!(hand, [(Author::Hand, Some("2026-11-26"), 1)]);
    onward["loaded"] = 7.into();
    assert_eq!(served.page("POST", "/api/save", &onward.to_string()).0, 400, "a plan that was never loaded");
    assert_eq!(served.page("POST", "/api/save", &wanted.to_string()).0, 200);
    let other = load(&text.replace("frames = ", "frames = 9"));
    assert!(String::from_utf8_lossy(&other.2).contains("\"other_mix\":\"mix.flac\""));
    for wrong in ["", "/etc/passwd", "version = 1", &text.replace("release_ms", "relief_ms")] {
        assert_eq!(load(wrong).0, 400, "{wrong}");
    }
    // A path is no text of a plan, whatever it is called.
    for body in [r#"{"path":"plan.toml"}"#, r#"{"text":"x","path":"plan.toml"}"#] {
        assert_eq!(served.page("POST", "/api/plan", body).0, 400);
    }
    wanted["notes"] = serde_json::json!({ "limiter.nonsense": "x" });
    assert_eq!(served.page("POST", "/api/save", &wanted.to_string()).0, 400, "a note about nothing");
    wanted["notes"] = serde_json::json!({ "limiter.release_ms": "x".repeat(501) });
    assert_eq!(served.page("POST", "/api/save", &wanted.to_string()).0, 400, "a note that is too long");
    assert_eq!(std::fs::read_to_string(served.folder.path().join("plan.toml")).unwrap(), text, "what is refused changes nothing");
}

#[test]
fn what_is_heard_goes_through_a_real_codec_and_its_overshoot_is_told() {
    let served = Served::start();
    served.wait(|s| s["ready"] == true);
    let desk: serde_json::Value = serde_json::from_slice(&served.page("GET", "/api/desk", "").2).unwrap();
    assert!(desk["codecs"].as_array().unwrap().iter().any(|c| c["name"] == "Opus 128 kbit/s" && c["missing"].is_null()));
    let wanted = serde_json::json!({ "settings": desk["proposed"], "loudness_lufs": desk["loudness_lufs"] });
    let asked = serde_json::json!({ "client": "k", "sequence": 4, "start_s": 2.0, "wanted": wanted }).to_string();
    let (_, _, plain) = served.page("POST", "/api/preview", &asked);
    let coded = |sequence: u32, codec: &str, kbps: u32| {
        let asked =
            serde_json::json!({ "client": "k", "sequence": sequence, "coding": { "codec": codec, "bitrate_kbps": kbps } });
        served.page("POST", "/api/codec", &asked.to_string())
    };
    let (status, _, body) = coded(4, "opus", 128);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let (before, after) = (head(&plain), head(&body));
    for same in ["frames", "channels", "sample_rate_hz", "sequence"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(plain.len() % 4, body.len() % 4);
    let quieter = before["loudness_lufs"].as_f64().unwrap() - after["loudness_lufs"].as_f64().unwrap();
    assert!(quieter.abs() < 0.5, "{quieter} LU");
    let overshoot = after["overshoot_db"].as_f64().unwrap();
    assert!(overshoot > 0.05 && overshoot < 6.0, "a limited master overshoots: {overshoot} dB");
    assert!(samples(&plain) != samples(&body), "something was lost");
    assert_eq!(coded(3, "opus", 128).0, 204, "of a sound that is not heard any more");
    assert_eq!(coded(4, "opus", 129).0, 400, "none of the codecs to choose from");
    assert_eq!(coded(4, "midi", 128).0, 400);
}

#[test]
fn a_96_khz_24_bit_file_is_heard_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mix.wav");
    let spec = hound::WavSpec { channels: 2, sample_rate: 96_000, bits_per_sample: 24, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(&file, spec).unwrap();
    let sample =
        |n: u32| (0.4 * f64::from(1 << 23) * (f64::from(n) * 0.03).sin() * (1.0 - f64::from(n % 48_000) / 48_000.0)) as i32;
    for n in 0..6 * 96_000 {
        wav.write_sample(sample(n)).unwrap();
        wav.write_sample(sample(n + 500)).unwrap();
    }
    wav.finalize().unwrap();
    let served = Served::of(&file);
    served.wait(|s| s["ready"] == true);
    let (status, _, body) = served.page("POST", "/api/mix", r#"{"start_s":0}"#);
    assert_eq!((status, head(&body)["sample_rate_hz"].as_u64()), (200, Some(96_000)));
    let heard: Vec<f32> = samples(&body).chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    assert_eq!(heard.len(), 2 * 6 * 96_000);
    let exact = |n: usize| sample(n as u32) as f32 / (1 << 23) as f32;
    assert!((0..6 * 96_000).all(|n| heard[n] == exact(n)), "24 bits are 24 bits");
    let (status, _, body) = served.page("POST", "/api/preview", PREVIEW);
    assert_eq!(
        (status, head(&body)["sample_rate_hz"].as_u64(), head(&body)["frames"].as_u64()),
        (200, Some(96_000), Some(576_000))
    );
}

#[test]
fn when_the_last_page_is_closed_the_server_ends() {
    let served = Served::start();
    let host = served.host();
    let page = |name: &str| {
        let headers = [("Host", host.as_str()), ("X-Automaster-Token", served.token.as_str()), ("X-Automaster-Page", name)];
        served.ask("GET", "/api/state", &headers, "").0
    };
    assert_eq!((page("one"), page("two")), (200, 200));
    assert_eq!(served.page("POST", "/api/goodbye", r#"{"client":"one"}"#).0, 200);
    // An answer that the closed page had still asked for does not bring it back.
    assert_eq!(page("one"), 200);
    std::thread::sleep(Duration::from_secs(7));
    assert!(!served.thread.as_ref().unwrap().is_finished(), "the second page is still open");
    assert_eq!(served.page("POST", "/api/goodbye", r#"{"client":"two"}"#).0, 200);
    let until = Instant::now() + Duration::from_secs(40);
    while !served.thread.as_ref().unwrap().is_finished() {
        assert!(Instant::now() < until, "nobody is there and the server still is");
        std::thread::sleep(Duration::from_millis(100));
    }
}
