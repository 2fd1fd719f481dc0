//! Sound in and out: frames a second of decoding, encoding, resampling, dither and the spill file, on a minute of noise.
//!
//! `cargo bench --bench sound`. Files named in `SOUND_BENCH_FILES` (separated like PATH) are decoded as well.

use automaster::audio::AudioBuffer;
use automaster::audio::decode::Decoder;
use automaster::audio::dither::Quantiser;
use automaster::audio::encode::{EncodeFormat, Encoder, WrittenFile};
use automaster::audio::format::{Container, Dither, SampleFormat};
use automaster::audio::resample::Resampler;
use automaster::audio::spill::SpillWriter;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use std::path::Path;

const RATE_HZ: u32 = 44_100;
const FRAMES: usize = RATE_HZ as usize * 60;
const BLOCK_FRAMES: usize = 8_192;

fn main() {
    divan::main();
}

/// Low-passed noise, so that FLAC has something to predict.
fn noise() -> Vec<Vec<f32>> {
    let mut state = 1_u64;
    let mut channel = || {
        let mut level = 0.0;
        (0..FRAMES)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                level += ((state >> 40) as f32 / 16_777_216.0 - 0.5 - level) * 0.1;
                level
            })
            .collect()
    };
    vec![channel(), channel()]
}

fn blocks(audio: &[Vec<f32>]) -> Vec<Vec<Vec<f32>>> {
    let block = |start: usize| audio.iter().map(|channel| channel[start..FRAMES.min(start + BLOCK_FRAMES)].to_vec()).collect();
    (0..FRAMES).step_by(BLOCK_FRAMES).map(block).collect()
}

fn written(container: Container, sample_format: SampleFormat, dither: Dither, blocks: &[Vec<Vec<f32>>]) -> WrittenFile {
    let format = EncodeFormat { container, sample_format, dither, sample_rate_hz: RATE_HZ, channels: 2 };
    let mut encoder = Encoder::create(&std::env::temp_dir().join("bench"), format, true).expect("created");
    for block in blocks {
        encoder.push(block).expect("pushed");
    }
    encoder.finish().expect("finished")
}

fn decode(path: &Path) -> u64 {
    let mut decoder = Decoder::open(path).expect("opened");
    let mut block = AudioBuffer::default();
    let mut frames = 0;
    loop {
        match decoder.read(&mut block, BLOCK_FRAMES).expect("decoded") {
            0 => return frames,
            read => frames += black_box(read) as u64,
        }
    }
}

const FORMATS: [(Container, SampleFormat); 5] = [
    (Container::Wav, SampleFormat::Int16),
    (Container::Wav, SampleFormat::Int24),
    (Container::Wav, SampleFormat::Float32),
    (Container::Flac, SampleFormat::Int16),
    (Container::Flac, SampleFormat::Int24),
];

#[divan::bench(args = FORMATS, sample_count = 10)]
fn decode_stereo(bencher: Bencher, (container, sample_format): (Container, SampleFormat)) {
    let file = written(container, sample_format, Dither::None, &blocks(&noise()));
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| decode(file.path()));
}

#[divan::bench(args = FORMATS, sample_count = 5)]
fn encode_stereo_tpdf(bencher: Bencher, (container, sample_format): (Container, SampleFormat)) {
    let blocks = blocks(&noise());
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| written(container, sample_format, Dither::Tpdf, &blocks));
}

#[divan::bench(args = named_files(), sample_count = 10)]
fn decode_named(bencher: Bencher, path: &str) {
    let path = Path::new(path);
    bencher.counter(ItemsCount::new(decode(path))).bench(|| decode(path));
}

fn named_files() -> Vec<String> {
    let files = std::env::var_os("SOUND_BENCH_FILES").unwrap_or_default();
    std::env::split_paths(&files).map(|file| file.to_string_lossy().into_owned()).filter(|file| !file.is_empty()).collect()
}

#[divan::bench(args = [Dither::None, Dither::Tpdf, Dither::Shaped], sample_count = 10)]
fn quantise_mono(bencher: Bencher, dither: Dither) {
    let audio = noise();
    let mut words = Vec::with_capacity(FRAMES);
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        words.clear();
        Quantiser::new(24, dither, RATE_HZ, 1).quantise(0, &audio[0], &mut words);
        black_box(&words);
    });
}

#[divan::bench(args = [48_000, 96_000], sample_count = 10)]
fn resample_stereo_from_44_1(bencher: Bencher, to_hz: u32) {
    let blocks = blocks(&noise());
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let mut resampler = Resampler::new(RATE_HZ, to_hz, 2);
        let mut output = vec![Vec::new(), Vec::new()];
        for block in &blocks {
            output.iter_mut().for_each(Vec::clear);
            resampler.push(block, &mut output);
        }
        resampler.finish(&mut output);
        black_box(output)
    });
}

#[divan::bench(sample_count = 10)]
fn spill_write_and_read_stereo(bencher: Bencher) {
    let blocks = blocks(&noise());
    bencher.counter(ItemsCount::new(FRAMES)).bench(|| {
        let mut writer = SpillWriter::create(RATE_HZ, 2).expect("created");
        for block in &blocks {
            writer.push(block).expect("pushed");
        }
        let spill = writer.finish().expect("finished");
        let mut block = AudioBuffer::default();
        for start in (0..FRAMES).step_by(BLOCK_FRAMES) {
            spill.read(start as u64, &mut block, BLOCK_FRAMES).expect("read");
            black_box(&block);
        }
    });
}
