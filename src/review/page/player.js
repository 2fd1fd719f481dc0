// Plays mix, master and reference at once and lets one of them be heard: switching is a change of gains, so the position
// goes on. Loudness is matched by turning the louder ones down.

const SWITCH_S = 0.005;
const EARS = {
  mono: { mono: true, filters: [] },
  phone: { mono: true, filters: [['highpass', 450], ['highpass', 450], ['lowpass', 9000], ['peaking', 2500, 4]] },
  laptop: { mono: false, filters: [['highpass', 180], ['highpass', 180], ['peaking', 1200, 3], ['highshelf', 9000, -4]] },
  car: { mono: false, filters: [['peaking', 70, 7], ['peaking', 300, -4], ['highshelf', 6000, -3]] },
  'club low end': { mono: true, filters: [['lowpass', 140], ['lowpass', 140]] },
};

/** Loudness of a sound as it is heard: one channel comes from both speakers, and BS.1770 adds them up. */
export const heardLufs = (sound) => sound.loudness_lufs + (sound.channels === 1 ? 10 * Math.log10(2) : 0);

export class Player {
  constructor() {
    this.context = new AudioContext({ latencyHint: 'interactive' });
    this.output = this.context.createGain();
    this.sounds = {};
    this.voices = {};
    this.heard = 'master';
    this.matched = true;
    this.loop = true;
    this.playing = false;
    this.offset = 0;
    this.setEars('as it is');
  }

  /** Where the output goes through before the loudspeaker; it never touches what is rendered. */
  setEars(name) {
    this.output.disconnect();
    this.ears = name;
    const { mono, filters } = EARS[name] ?? { mono: false, filters: [] };
    let last = this.output;
    if (mono) {
      const sum = this.context.createGain();
      Object.assign(sum, { channelCount: 1, channelCountMode: 'explicit', channelInterpretation: 'speakers' });
      last = last.connect(sum);
    }
    for (const [type, frequency, gain = 0] of filters) {
      const filter = this.context.createBiquadFilter();
      filter.type = type;
      filter.frequency.value = frequency;
      filter.gain.value = gain;
      last = last.connect(filter);
    }
    last.connect(this.context.destination);
  }

  get duration() {
    return this.sounds.mix?.buffer.duration ?? 0;
  }

  get position() {
    if (!this.playing) return this.offset;
    const at = this.context.currentTime - this.began + this.offset;
    return this.loop ? ((at % this.duration) + this.duration) % this.duration : Math.min(at, this.duration);
  }

  /** A new sound for a version; while music plays it takes over where the old one is. */
  set(name, sound) {
    const buffer = this.context.createBuffer(sound.channels, sound.frames, sound.sample_rate_hz);
    sound.samples.forEach((samples, c) => buffer.copyToChannel(samples, c));
    this.sounds[name] = { buffer, lufs: heardLufs(sound) };
    if (this.playing) this.start(name, 0.02);
    this.levels();
  }

  drop(name) {
    delete this.sounds[name];
    this.stop(name);
    this.levels();
  }

  async play() {
    if (this.playing || !this.duration) return;
    await this.context.resume();
    if (this.offset >= this.duration) this.offset = 0;
    this.playing = true;
    this.began = this.context.currentTime + 0.03;
    for (const name of Object.keys(this.sounds)) this.start(name, 0.03);
    this.levels();
  }

  pause() {
    this.offset = this.position;
    this.playing = false;
    for (const name of Object.keys(this.voices)) this.stop(name);
  }

  seek(seconds) {
    const was = this.playing;
    this.pause();
    this.offset = Math.min(Math.max(0, seconds), this.duration);
    return was ? this.play() : undefined;
  }

  /** Whether it begins anew at the end; it goes on where it is. */
  setLoop(on) {
    const { position } = this;
    this.loop = on;
    return this.seek(position);
  }

  start(name, delay) {
    const { buffer } = this.sounds[name];
    const when = this.context.currentTime + delay;
    const at = when - this.began + this.offset;
    const source = new AudioBufferSourceNode(this.context, { buffer, loop: this.loop });
    const gain = new GainNode(this.context, { gain: 0 });
    source.connect(gain).connect(this.output);
    source.start(when, this.loop ? Math.max(0, at) % buffer.duration : Math.max(0, at));
    if (name === 'mix') source.onended = () => this.voices.mix?.source === source && this.playing && this.pause();
    this.stop(name, when);
    this.voices[name] = { source, gain, since: when };
  }

  stop(name, when = this.context.currentTime) {
    const voice = this.voices[name];
    if (!voice) return;
    voice.gain.gain.cancelScheduledValues(when);
    voice.gain.gain.setTargetAtTime(0, when, SWITCH_S);
    voice.source.stop(when + 10 * SWITCH_S);
    delete this.voices[name];
  }

  /** Gain that brings a version to the loudness of the quietest. */
  matchGain(name) {
    const all = Object.entries(this.sounds).filter(([version]) => version !== 'coded').map(([, sound]) => sound.lufs);
    return this.matched ? 10 ** ((Math.min(...all) - this.sounds[name].lufs) / 20) : 1;
  }

  levels() {
    for (const [name, { gain, since }] of Object.entries(this.voices)) {
      // What a codec made of the master is heard in its place.
      const heard = this.heard === 'master' && this.sounds.coded ? 'coded' : this.heard;
      const share = heard === 'difference' ? { master: 1, mix: -1 }[name] ?? 0 : Number(name === heard);
      const when = Math.max(since, this.context.currentTime);
      gain.gain.cancelScheduledValues(when);
      gain.gain.setTargetAtTime(share * this.matchGain(name), when, SWITCH_S);
    }
  }

  hear(name) {
    this.heard = name;
    this.levels();
  }
}
