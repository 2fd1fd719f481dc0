// Listening through a lossy codec: the master of this section, encoded and decoded by the program, with its overshoot.

import { make } from './cards.js';
import * as server from './server.js';

const signed = (db) => `${db < 0 ? '−' : '+'}${Math.abs(db).toFixed(2)}`;

export class CodecEars {
  constructor(codecs, select, output, player, current) {
    Object.assign(this, { codecs, select, output, player, current });
    const group = make('optgroup', { label: 'lossy codec' });
    for (const { name, missing } of codecs) group.append(make('option', { textContent: name, disabled: Boolean(missing), title: missing ?? '' }));
    select.append(group);
  }

  get chosen() {
    return this.codecs.find((codec) => codec.name === this.select.value);
  }

  /** Codes what is heard now; nothing where no codec is chosen, or where it is no longer what is heard. */
  async listen() {
    const { chosen } = this;
    this.player.drop('coded');
    this.output.textContent = chosen ? `${chosen.name}: encoding and decoding; until then it is heard without` : '';
    if (!chosen) return;
    const sequence = this.current();
    if (sequence === undefined) return;
    try {
      const sound = await server.codec(sequence, chosen.coding);
      if (!sound || chosen !== this.chosen || sequence !== this.current()) return;
      this.player.set('coded', sound);
      const overshoot = `the codec raises the true peak by ${signed(sound.overshoot_db)} dB, to ${signed(sound.true_peak_dbtp)} dBTP`;
      const over = sound.true_peak_dbtp > 0 ? '; it would clip: lower the ceiling' : '';
      this.output.textContent = `${chosen.name}: ${overshoot}${over} (${sound.mean_kbps.toFixed(0)} kbit/s)`;
    } catch (error) {
      if (chosen === this.chosen) this.output.textContent = `${chosen.name}: ${error.message}`;
    }
  }
}
