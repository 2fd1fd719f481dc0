// Keeps what passes for some seconds, in the audio thread, where no sample is lost; then hands it over.

registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    constructor({ processorOptions: { seconds } }) {
      super();
      this.channels = [0, 1].map(() => new Float32Array(Math.round(seconds * sampleRate)));
      this.frames = 0;
    }

    process([input]) {
      if (!input.length) return true;
      this.at ??= currentTime;
      const part = Math.min(input[0].length, this.channels[0].length - this.frames);
      this.channels.forEach((channel, c) => channel.set(input[c].subarray(0, part), this.frames));
      this.frames += part;
      if (this.frames < this.channels[0].length) return true;
      this.port.postMessage({ channels: this.channels, at: this.at });
      return false;
    }
  },
);
