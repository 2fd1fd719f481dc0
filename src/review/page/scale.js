// From a value to the place of a slider and back, and values as a person reads them; ranges are the registry's.

export const place = (param, value) =>
  param.scale === 'log'
    ? Math.log(value / param.min) / Math.log(param.max / param.min)
    : (value - param.min) / (param.max - param.min);

export function value(param, at) {
  const raw =
    param.scale === 'log' ? param.min * (param.max / param.min) ** at : param.min + at * (param.max - param.min);
  return clamp(param, rounded(param, raw));
}

export const clamp = (param, raw) => Math.min(param.max, Math.max(param.min, raw));

/** Three figures are what a hand on a slider means. */
export function rounded(param, raw) {
  const step = param.scale === 'log' ? 10 ** (Math.floor(Math.log10(Math.abs(raw) || 1)) - 2) : (param.max - param.min) / 1000;
  const fine = 10 ** Math.floor(Math.log10(step) + 1e-9);
  return Number((Math.round(raw / fine) * fine).toPrecision(6));
}

export function text(param, number) {
  if (param.kind === 'switch') return number >= 0.5 ? 'on' : 'off';
  if (param.kind === 'choice') return param.choices[number].replaceAll('_', ' ');
  return `${Number(number.toFixed(2))} ${param.unit}`.trim();
}

export const time = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
