import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { decodeRecord, HEADER_BYTES, RecordEncoder } from "./record-codec";

const encoder = new RecordEncoder();
const record = fc.record({
  kind: fc.constantFrom("opened" as const, "admitted" as const, "finished" as const),
  sequence: fc.nat(2 ** 31),
  ticket: fc.integer({ min: 0, max: 2 ** 47 }),
  payload: fc.array(fc.string({ unit: "grapheme", maxLength: 200 }), { maxLength: 5 }),
});

describe("a spool record", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(record, (fields) => {
        const bytes = Buffer.from(encoder.encode(fields));
        const read = decodeRecord(Buffer.concat([Buffer.from("xyz"), bytes]), 3);
        if (typeof read === "string") return false;
        return (
          read.kind === fields.kind &&
          read.sequence === fields.sequence &&
          read.ticket === fields.ticket &&
          read.payload.toString() === fields.payload.join("") &&
          read.end === bytes.length + 3
        );
      }),
    );
  });

  it("is never read when any bit of it changed, or when its end is missing", () => {
    const bytes = Buffer.from(encoder.encode({ kind: "finished", sequence: 7, ticket: 3, payload: ["pay", "load"] }));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(typeof decodeRecord(damaged, 0)).toBe("string");
    }
    for (let length = 0; length < bytes.length; length++) expect(decodeRecord(bytes.subarray(0, length), 0)).toBe("short");
    expect(bytes.length).toBe(HEADER_BYTES + 7);
  });
});
