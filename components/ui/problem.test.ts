import { describe, expect, it } from "vitest";
import { getWords } from "@/lib/core/words";
import { isProblemBody, toFormProblem } from "./problem";

const words = getWords("en");
const body = { title: "The request is not valid", code: "VALIDATION_FAILED", requestId: "req_1", detail: "2 mistakes." };

describe("a refused form", () => {
  it("shows each mistake at its field and counts the fields in the title", () => {
    const problem = toFormProblem(
      {
        ...body,
        errors: [
          { pointer: "/name", detail: "is taken" },
          { pointer: "/weights/0", detail: "Try 20." },
        ],
      },
      { pointers: ["/name", "/weights/0"], words, locale: "en" },
    );
    expect(problem).toMatchObject({
      title: "Not saved: 2 fields need a change.",
      fields: { "/name": "Is taken.", "/weights/0": "Try 20." },
      rest: [],
    });
  });

  it("puts a mistake inside a value on the nearest field above it", () => {
    const problem = toFormProblem(
      { ...body, errors: [{ pointer: "/plan/steps/2/weight", detail: "is 0" }] },
      { pointers: ["/plan/steps"], words, locale: "en" },
    );
    expect(problem.fields).toEqual({ "/plan/steps": "Is 0." });
  });

  it("keeps in the note what no field has, with the server's own title", () => {
    const problem = toFormProblem(
      { ...body, errors: [{ pointer: "?environment", detail: "is unknown" }] },
      { pointers: ["/name"], words, locale: "en" },
    );
    expect(problem).toMatchObject({ title: body.title, detail: body.detail, fields: {}, rest: ["?environment: is unknown"] });
  });

  it("is told from any other body", () => {
    expect([isProblemBody(body), isProblemBody({ error: "no" }), isProblemBody(null), isProblemBody("text")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
