import { crc32 } from "node:zlib";

/**
 * Records of a spool segment, little-endian: payload length (u32), CRC-32 of everything after it (u32), kind (u8), sequence (u48),
 * ticket (u48), payload (UTF-8). A record whose checksum does not hold was being written when the process or the machine died.
 */
export const RECORD_KINDS = {
  /** First record of a segment: the next sequence and ticket at its start; the payload names the gateway. */
  opened: 0,
  /** A request goes to a backend: its ticket, no sequence; payload = UsageEvent as if cut. */
  admitted: 1,
  /** A request is over: its sequence, the ticket that it closes (0: none); payload = SpooledEvent. */
  finished: 2,
} as const;
export type RecordKind = keyof typeof RECORD_KINDS;

const KIND_OF_BYTE: readonly (RecordKind | undefined)[] = ["opened", "admitted", "finished"];

export const HEADER_BYTES = 21;
/** Larger than any event can be: a length beyond it is damage. */
export const MAX_PAYLOAD_BYTES = 1_048_576;

export interface SpoolRecord {
  readonly kind: RecordKind;
  readonly sequence: number;
  readonly ticket: number;
  readonly payload: Buffer;
  /** Offset of the first byte after the record. */
  readonly end: number;
}

/** One JSON text, cut anywhere: pieces that are written one behind the other are never joined in memory. */
export type JsonPieces = readonly string[];

export interface RecordFields {
  readonly kind: RecordKind;
  readonly sequence: number;
  readonly ticket: number;
  readonly payload: JsonPieces;
}

/** Encodes into one buffer that is used again and again: the result is valid until the next call. */
export class RecordEncoder {
  #buffer = Buffer.allocUnsafe(16_384);

  encode({ kind, sequence, ticket, payload }: RecordFields): Buffer {
    // Three bytes per UTF-16 unit is the most that UTF-8 takes.
    const most = HEADER_BYTES + payload.reduce((sum, piece) => sum + piece.length, 0) * 3;
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most * 2);
    const buffer = this.#buffer;
    let end = HEADER_BYTES;
    for (const piece of payload) end += buffer.write(piece, end, "utf8");
    const length = end - HEADER_BYTES;
    if (length > MAX_PAYLOAD_BYTES) throw new RangeError(`a spool record may have ${MAX_PAYLOAD_BYTES} bytes, this one has ${length}`);
    buffer.writeUInt32LE(length, 0);
    buffer.writeUInt8(RECORD_KINDS[kind], 8);
    buffer.writeUIntLE(sequence, 9, 6);
    buffer.writeUIntLE(ticket, 15, 6);
    buffer.writeUInt32LE(crc32(buffer.subarray(8, end)), 4);
    return buffer.subarray(0, end);
  }
}

/** The record at `offset`; "short" when more bytes are needed, "damaged" when what is there is no record. */
export function decodeRecord(bytes: Buffer, offset: number): SpoolRecord | "short" | "damaged" {
  if (bytes.length - offset < HEADER_BYTES) return "short";
  const length = bytes.readUInt32LE(offset);
  const kind = KIND_OF_BYTE[bytes.readUInt8(offset + 8)];
  if (length > MAX_PAYLOAD_BYTES || kind === undefined) return "damaged";
  const end = offset + HEADER_BYTES + length;
  if (bytes.length < end) return "short";
  if (crc32(bytes.subarray(offset + 8, end)) !== bytes.readUInt32LE(offset + 4)) return "damaged";
  return {
    kind,
    sequence: bytes.readUIntLE(offset + 9, 6),
    ticket: bytes.readUIntLE(offset + 15, 6),
    payload: bytes.subarray(offset + HEADER_BYTES, end),
    end,
  };
}

/** A SpooledEvent as JSON. */
export function toPayload(sequence: number, eventJson: JsonPieces): JsonPieces {
  return [`{"sequence":${sequence},"event":`, ...eventJson, "}"];
}
