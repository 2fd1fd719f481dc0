// A WAV file of 24 bits, mono in both channels, from a function of the frame.

export function wav(rate, seconds, sample) {
  const frames = rate * seconds;
  const file = Buffer.alloc(44 + 6 * frames);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 6 * frames, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(6 * rate, 28);
  file.writeUInt16LE(6, 32);
  file.writeUInt16LE(24, 34);
  file.write('data', 36);
  file.writeUInt32LE(6 * frames, 40);
  for (let n = 0; n < frames; n += 1) {
    const value = Math.round(sample(n) * 8_388_607);
    file.writeIntLE(value, 44 + 6 * n, 3);
    file.writeIntLE(value, 47 + 6 * n, 3);
  }
  return file;
}
