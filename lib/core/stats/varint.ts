import { StatsError } from "./errors";

const CONTINUE = 0x80;
const MAX_BYTES = 8;

/** Appends whole numbers and float64 to a growing byte array. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** A whole number of 0..2^53 − 1, seven bits a byte, low bits first (LEB128). */
  writeVarint(value: number): void {
    let rest = value;
    while (rest >= CONTINUE) {
      this.writeByte((rest % CONTINUE) | CONTINUE);
      rest = Math.floor(rest / CONTINUE);
    }
    this.writeByte(rest);
  }

  /** A signed whole number as a varint, zigzag: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
  writeSignedVarint(value: number): void {
    this.writeVarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** A float64, little-endian. */
  writeFloat(value: number): void {
    this.#reserve(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  writeByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const grown = new Uint8Array(2 * (this.#length + size));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what ByteWriter wrote; throws StatsError `invalid_bytes` where the bytes end early or a number is out of range. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset === this.#bytes.length;
  }

  readVarint(): number {
    let value = 0;
    let weight = 1;
    for (let i = 0; i < MAX_BYTES; i++) {
      const byte = this.readByte();
      value += (byte % CONTINUE) * weight;
      if (byte < CONTINUE) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      weight *= CONTINUE;
    }
    throw new StatsError("invalid_bytes", "a count is larger than 2^53 − 1");
  }

  readSignedVarint(): number {
    const value = this.readVarint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  readFloat(): number {
    if (this.#offset + 8 > this.#bytes.length) throw endedEarly();
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getFloat64(this.#offset, true);
    this.#offset += 8;
    return value;
  }

  readByte(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw endedEarly();
    return byte;
  }
}

function endedEarly(): StatsError {
  return new StatsError("invalid_bytes", "the bytes end early");
}
