// Measuring what was recorded: loudness after ITU-R BS.1770-5, and where in a buffer a recording lies.

/** The K-weighting of BS.1770 at any rate: the analogue prototypes through the bilinear transform. */
function kWeighting(rate) {
  const shelf = (() => {
    const [f0, gain, q] = [1681.974450955533, 3.999843853973347, 0.7071752369554196];
    const k = Math.tan((Math.PI * f0) / rate);
    const vh = 10 ** (gain / 20);
    const vb = vh ** 0.4996667741545416;
    const a0 = 1 + k / q + k * k;
    return [(vh + (vb * k) / q + k * k) / a0, (2 * (k * k - vh)) / a0, (vh - (vb * k) / q + k * k) / a0, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
  })();
  const pass = (() => {
    const [f0, q] = [38.13547087602444, 0.5003270373238773];
    const k = Math.tan((Math.PI * f0) / rate);
    const a0 = 1 + k / q + k * k;
    return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
  })();
  return [shelf, pass];
}

function filter(samples, [b0, b1, b2, a1, a2]) {
  let [s1, s2] = [0, 0];
  return samples.map((x) => {
    const y = b0 * x + s1;
    s1 = b1 * x - a1 * y + s2;
    s2 = b2 * x - a2 * y;
    return y;
  });
}

/** Integrated loudness with both gates. */
export function integratedLufs(channels, rate) {
  const weighted = channels.map((c) => kWeighting(rate).reduce(filter, c));
  const [length, hop] = [Math.round(0.4 * rate), Math.round(0.1 * rate)];
  const powers = [];
  for (let start = 0; start + length <= weighted[0].length; start += hop) {
    powers.push(weighted.reduce((sum, c) => sum + c.slice(start, start + length).reduce((s, x) => s + x * x, 0) / length, 0));
  }
  const lufs = (power) => -0.691 + 10 * Math.log10(power);
  const mean = (list) => list.reduce((s, p) => s + p, 0) / list.length;
  const loud = powers.filter((p) => lufs(p) > -70);
  const gate = lufs(mean(loud)) - 10;
  return lufs(mean(loud.filter((p) => lufs(p) > gate)));
}

/** How far, in ms, the recording from `at` seconds on lies from where the player said it would be in `buffer`. */
export function lagMs({ rate, channels, told }, buffer, at, length) {
  const from = Math.round(at * rate);
  const frames = Math.round(length * rate);
  const recorded = channels[0].subarray(from, from + frames);
  const samples = buffer.getChannelData(0);
  let best = { lag: 0, score: -Infinity };
  for (let lag = -0.1; lag <= 0.1; lag += 0.00025) {
    let [dot, energy] = [0, 1e-12];
    for (let i = 0; i < frames; i += 2) {
      const y = samples[Math.round((told + at + lag + i / rate) * buffer.sampleRate)] ?? 0;
      dot += recorded[i] * y;
      energy += y * y;
    }
    const score = dot / Math.sqrt(energy);
    if (score > best.score) best = { lag, score };
  }
  return 1000 * best.lag;
}
