// Pictures of the section and of the whole mix, on canvas, in the colours of the style sheet.

function begin(canvas) {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '12px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  const style = getComputedStyle(document.documentElement);
  return { pen, width, height, colour: (name) => style.getPropertyValue(`--${name}`).trim() };
}

/** What does not move of the wave picture, and for what it was drawn. */
const still = { picture: document.createElement('canvas'), key: '', position: -1 };

/** The mix over time, the section in it, and where it plays. It is drawn with every frame of the screen, so only what moves is. */
export function wave(canvas, trace, marks, seconds, start, length, position) {
  // Nothing can be drawn on a canvas without a size: before the first layout, and in a window without room.
  if (!canvas.clientWidth || !canvas.clientHeight) return;
  const ink = getComputedStyle(document.documentElement).getPropertyValue('--master').trim();
  const key = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio, start, length, ink].join();
  if (key === still.key && position === still.position) return;
  const { pen, width, height, colour } = begin(canvas);
  if (key !== still.key) {
    drawStill(pen, width, height, colour, trace, marks, seconds, start, length);
    Object.assign(still.picture, { width: canvas.width, height: canvas.height });
    still.picture.getContext('2d').drawImage(canvas, 0, 0);
  } else {
    pen.drawImage(still.picture, 0, 0, width, height);
  }
  Object.assign(still, { key, position });
  pen.fillStyle = ink;
  pen.fillRect(((start + position) / seconds) * width - 1, 0, 2, height);
}

function drawStill(pen, width, height, colour, trace, marks, seconds, start, length) {
  const x = (s) => (s / seconds) * width;
  pen.fillStyle = colour('grid');
  pen.fillRect(x(start), 0, Math.max(3, x(length)), height);
  const bars = (levels, alpha) => {
    pen.globalAlpha = alpha;
    pen.fillStyle = colour('mix');
    levels.forEach((db, i) => {
      const half = Math.min(1, 10 ** (db / 20)) * height * 0.46;
      pen.fillRect(x(i * trace.step_s), height / 2 - half, Math.max(1, x(trace.step_s)), 2 * half);
    });
  };
  bars(trace.peak_dbfs, 0.45);
  bars(trace.rms_dbfs, 1);
  pen.globalAlpha = 1;
  for (const { what, start_s, end_s } of marks) {
    pen.fillStyle = colour(what === 'clipped' ? 'bad' : what === 'silence' ? 'soft' : 'warn');
    pen.fillRect(x(start_s), 0, Math.max(2, x(end_s - start_s)), what === 'silence' ? 3 : 7);
  }
}

const tick = (hz) => (hz < 1000 ? `${hz}` : `${hz / 1000}k`);

/** Spectra at one loudness: [{levels, lufs, colour, dashed}]. */
export function spectrum(canvas, frequencies, lines) {
  const { pen, width, height, colour } = begin(canvas);
  const [left, bottom] = [34, 20];
  const all = lines.flatMap(({ levels, lufs }) => levels.map((db) => db - lufs));
  const top = Math.ceil(Math.max(...all) / 5) * 5 + 2;
  const range = 60;
  const x = (hz) => left + (Math.log(hz / 20) / Math.log(1000)) * (width - left - 10);
  const y = (db) => ((top - Math.max(top - range, db)) / range) * (height - bottom);
  pen.strokeStyle = colour('grid');
  pen.fillStyle = colour('soft');
  pen.lineWidth = 1;
  for (const hz of [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000]) {
    pen.strokeRect(x(hz), 0, 0, height - bottom);
    pen.textAlign = 'center';
    if (width > 500 || [50, 200, 1000, 5000].includes(hz)) pen.fillText(tick(hz), x(hz), height - bottom / 2);
  }
  for (let db = Math.floor(top / 10) * 10; db > top - range; db -= 10) {
    pen.strokeRect(left, y(db), width - left, 0);
    pen.textAlign = 'right';
    pen.fillText(db, left - 6, Math.max(8, y(db)));
  }
  for (const { levels, lufs, name, dashed, thick } of lines) {
    pen.strokeStyle = colour(name);
    pen.lineWidth = thick ? 2.5 : 1.5;
    pen.setLineDash(dashed ? [6, 4] : []);
    pen.beginPath();
    levels.forEach((db, i) => pen.lineTo(x(frequencies[i]), y(db - lufs)));
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** A gain over the section, hanging down from 0 dB. */
export function gain(canvas, values) {
  const { pen, width, height, colour } = begin(canvas);
  const low = Math.min(-3, ...values) * 1.1;
  const left = 34;
  const y = (db) => (db / low) * (height - 6) + 3;
  pen.fillStyle = colour('soft');
  pen.strokeStyle = colour('grid');
  pen.textAlign = 'right';
  for (const db of [0, Math.round(low / 2), Math.round(low)]) {
    pen.strokeRect(left, y(db), width - left, 0);
    pen.fillText(db, left - 6, Math.min(height - 8, Math.max(8, y(db))));
  }
  pen.fillStyle = colour('reduction');
  const step = (width - left) / Math.max(1, values.length);
  values.forEach((db, i) => pen.fillRect(left + i * step, y(0), Math.max(1, step), Math.max(0, y(Math.min(0, db)) - y(0))));
}
