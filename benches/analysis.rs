//! Speed of listening: a song of four minutes, and what it is made of. `cargo bench --bench analysis`

use automaster::analysis::{Analyzer, Timeline};

const RATE: u32 = 44_100;

fn main() {
    divan::main();
}

/// Noise with beats and a squashed top, stereo: what a loud master gives an analyzer to do.
fn music(seconds: usize) -> Vec<Vec<f32>> {
    let mut state = 1u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    };
    let (mut low, mut left, mut right) = (0.0f32, Vec::new(), Vec::new());
    for n in 0..seconds * RATE as usize {
        let beat = (-((n % 22_050) as f32) / 4000.0).exp();
        low += 0.02 * (noise() - low);
        let middle = 6.0 * low * (0.4 + beat) + 0.3 * noise() * beat;
        let wide = 0.1 * noise();
        left.push((middle + wide).tanh() * 0.98);
        right.push((middle - wide).tanh() * 0.98);
    }
    vec![left, right]
}

fn listen(audio: &[Vec<f32>], blocks: usize) -> Timeline {
    let mut analyzer = Analyzer::new(RATE, audio.len());
    let mut block: Vec<Vec<f32>> = vec![Vec::with_capacity(blocks); audio.len()];
    let frames = audio[0].len();
    for start in (0..frames).step_by(blocks) {
        for (part, channel) in block.iter_mut().zip(audio) {
            part.clear();
            part.extend_from_slice(&channel[start..(start + blocks).min(frames)]);
        }
        analyzer.push(&block);
    }
    analyzer.finish()
}

/// Four minutes in, a timeline out.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn four_minutes_stereo(bencher: divan::Bencher) {
    let audio = music(240);
    bencher.bench_local(|| listen(&audio, 4096));
}

/// Four minutes of one channel.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn four_minutes_mono(bencher: divan::Bencher) {
    let audio = music(240)[..1].to_vec();
    bencher.bench_local(|| listen(&audio, 4096));
}

/// Every figure of a timeline of four minutes.
#[divan::bench(sample_count = 20)]
fn figures_of_four_minutes(bencher: divan::Bencher) {
    let timeline = listen(&music(240), 4096);
    bencher.bench_local(|| timeline.analysis());
}
