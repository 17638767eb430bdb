import { type Logger, pino } from "pino";

export type { Logger };

/** Never written, wherever they stand in a logged object. */
const REDACTED = [
  "authorization",
  "cookie",
  "password",
  "secret",
  "token",
  "apiKey",
  "api_key",
  "key",
  "kek",
  "connectionString",
  "messages",
  "prompt",
  "content",
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `req.headers["${name}"]`]);

/** Structured JSON logs, one line each; `name` is the process. Prompt and answer content is never logged. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
  });
}
